"""What `penumbra doctor` finds on this machine: disk, files that wait, the last backup, and the process if one runs."""

import asyncio
import http.client
import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from config.backups import last_backup
from config.findings import Finding, Level, about, name
from config.metering import SEGMENTS_LATE
from config.settings import Settings
from storage.backlog import backlog
from storage.database import sqlite_path
from texts.phrases import Phrase

ROOM_NOTED, ROOM_BAD = 1 << 30, 100 << 20
"""Bytes free: a gigabyte, and a tenth of it."""
BACKUP_OLD = timedelta(days=2)
"""They are made nightly."""
_ASKED_FOR = 10.0
"""Seconds: with a database that hangs, `/readyz` takes three by itself."""
_MENDED = frozenset({"database", "segments", "journal"})
"""The checks of `/readyz` that are no jobs."""
_SAID = (
    (re.compile("late"), "ready.late"),
    (re.compile("not reachable"), "ready.unreachable"),
    (re.compile(r"the oldest waits for (?P<seconds>\d+) s"), "ready.waits"),
    (re.compile(r"(?P<n>\d+) erasure\(s\) not written.*"), "ready.erasures"),
)
"""What `/readyz` says is wrong, which is for machines and English; anything else is the name of an error."""


async def look_around(settings: Settings, now: datetime) -> list[Finding]:
    """Look at everything that is not in the database; changes nothing."""
    return [*_files(settings, now), *await asyncio.to_thread(lambda: list(_process(settings)))]


def _files(settings: Settings, now: datetime) -> Iterator[Finding]:
    places = {"clicks": settings.data_dir, "journal": settings.journal_dir}
    if settings.database_url.startswith("sqlite:"):
        places["database"] = sqlite_path(settings.database_url).parent
    for which, place in places.items():
        yield _room(name(f"disk.{which}"), place)
    yield _segments(settings.data_dir, now)
    yield _backup(settings, now)


def _room(what: Phrase, place: Path) -> Finding:
    there = next(each for each in (place.absolute(), *place.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free
    state = about("disk.free", size=round(free / (1 << 30), 1))
    if free < ROOM_BAD:
        return Finding(Level.RED, what, state, about("disk.mend"))
    return Finding(Level.ODD if free < ROOM_NOTED else Level.FINE, what, state)


def _segments(folder: Path, now: datetime) -> Finding:
    found = backlog(folder)
    if found.oldest is None or now - found.oldest <= SEGMENTS_LATE:
        return Finding(Level.FINE, name("waiting_files"), about("files.fine", n=found.segments))
    minutes = int((now - found.oldest).total_seconds() // 60)
    state = about("files.late", n=found.segments, minutes=minutes)
    return Finding(Level.RED, name("waiting_files"), state, about("files.mend"))


def _backup(settings: Settings, now: datetime) -> Finding:
    at = last_backup(settings)
    if at is None:
        return Finding(Level.ODD, name("last_backup"), about("backup.none"), about("backup.mend"))
    if now - at > BACKUP_OLD:
        return Finding(Level.ODD, name("last_backup"), about("backup.at", at=at), about("backup.mend"))
    return Finding(Level.FINE, name("last_backup"), about("backup.at", at=at))


# The process ------------------------------------------------------------------------------------------------------


def _process(settings: Settings) -> Iterator[Finding]:
    """What a process that runs here says of itself."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not listened on
    answer = _ready(host, settings.port)
    if answer is None:
        state = about("process.none", address=f"{host}:{settings.port}")
        yield Finding(Level.ODD, name("process"), state, about("process.none.mend"))
        return
    trouble = {check: why for check, why in answer.items() if why != "ok"}
    if not trouble:
        yield Finding(Level.FINE, name("process"), about("process.ready"))
    jobs = [check for check in answer if check.startswith("tick.")]
    if jobs and not trouble.keys() & set(jobs):
        yield Finding(Level.FINE, name("scheduler"), about("process.jobs", n=len(jobs)))
    for check, why in sorted(trouble.items()):
        what = name(check) if check in _MENDED else name("job", name=check.removeprefix("tick."))
        mend = about(f"process.mend.{check if check in _MENDED else 'job'}")
        yield Finding(Level.RED, what, _said(why), mend)


def _said(why: str) -> Phrase:
    """A word of `/readyz` for an operator."""
    for pattern, text_id in _SAID:
        if found := pattern.fullmatch(why):
            return about(text_id, **{part: int(number) for part, number in found.groupdict().items()})
    return about("ready.other", word=why)


def _ready(host: str, port: int) -> dict[str, str] | None:
    """The checks of `/readyz`; None when nobody answers, or somebody else."""
    connection = http.client.HTTPConnection(host, port, timeout=_ASKED_FOR)
    try:
        connection.request("GET", "/readyz")
        checks = json.loads(connection.getresponse().read(100_000))["checks"]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()
    return {str(check): str(why) for check, why in checks.items()} if isinstance(checks, dict) else None
