"""What `penumbra doctor` finds on this machine: disk, files that wait, the last backup, and the process if one runs."""

import asyncio
import http.client
import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from config.backups import last_backup
from config.findings import Finding, Level
from config.metering import SEGMENTS_LATE
from config.settings import Settings
from storage.backlog import backlog
from storage.database import sqlite_path

ROOM_NOTED, ROOM_BAD = 1 << 30, 100 << 20
"""Bytes free: a gigabyte, and a tenth of it."""
BACKUP_OLD = timedelta(days=2)
"""They are made nightly."""
_ASKED_FOR = 10.0
"""Seconds: with a database that hangs, `/readyz` takes three by itself."""
_MENDS = {
    "database": "start it, or look at PENUMBRA_DATABASE_URL",
    "segments": "the database does not take them: see its line here; they are kept meanwhile",
    "journal": "make room on the disk of PENUMBRA_JOURNAL_DIR: what was erased meanwhile would come back with a backup",
}


async def look_around(settings: Settings, now: datetime) -> list[Finding]:
    """Look at everything that is not in the database; changes nothing."""
    return [*_files(settings, now), *await asyncio.to_thread(lambda: list(_process(settings)))]


def _files(settings: Settings, now: datetime) -> Iterator[Finding]:
    places = {"clicks": settings.data_dir, "journal": settings.journal_dir}
    if settings.database_url.startswith("sqlite:"):
        places["database"] = sqlite_path(settings.database_url).parent
    for name, place in places.items():
        yield _room(f"disk of {name}", place)
    yield _segments(settings.data_dir, now)
    yield _backup(settings, now)


def _room(what: str, place: Path) -> Finding:
    there = next(each for each in (place.absolute(), *place.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free
    state = f"{free / (1 << 30):.1f} GB free"
    if free < ROOM_BAD:
        return Finding(Level.RED, what, state, "make room: nothing is acknowledged that can't be kept")
    return Finding(Level.ODD if free < ROOM_NOTED else Level.FINE, what, state)


def _segments(folder: Path, now: datetime) -> Finding:
    found = backlog(folder)
    if found.oldest is None or now - found.oldest <= SEGMENTS_LATE:
        return Finding(Level.FINE, "waiting files", f"{found.segments}, none for long")
    minutes = int((now - found.oldest).total_seconds() // 60)
    mend = "start a process with the role web or redirect on this machine, with the same PENUMBRA_DATA_DIR"
    return Finding(Level.RED, "waiting files", f"{found.segments}, the oldest for {minutes} min", mend)


def _backup(settings: Settings, now: datetime) -> Finding:
    at = last_backup(settings)
    mend = "run `penumbra backup FOLDER` every night, as deploy/systemd does"
    if at is None:
        return Finding(Level.ODD, "last backup", "none was made from this machine", mend)
    level = Level.ODD if now - at > BACKUP_OLD else Level.FINE
    return Finding(level, "last backup", f"{at:%Y-%m-%d %H:%M} UTC", mend if level is Level.ODD else "")


# The process ------------------------------------------------------------------------------------------------------


def _process(settings: Settings) -> Iterator[Finding]:
    """What a process that runs here says of itself."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not listened on
    answer = _ready(host, settings.port)
    if answer is None:
        yield Finding(Level.ODD, "process", f"none answers on {host}:{settings.port}", "is it meant to run here?")
        return
    trouble = {name: why for name, why in answer.items() if why != "ok"}
    if not trouble:
        yield Finding(Level.FINE, "process", "is ready")
    jobs = [name for name in answer if name.startswith("tick.")]
    if jobs and not trouble.keys() & set(jobs):
        yield Finding(Level.FINE, "scheduler", f"{len(jobs)} job(s) on time")
    for name, why in sorted(trouble.items()):
        mend = _MENDS.get(name, "look for tick_failed in the logs; restart the process if nothing is there")
        yield Finding(Level.RED, name.replace("tick.", "job "), why, mend)


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
    return {str(name): str(why) for name, why in checks.items()} if isinstance(checks, dict) else None
