"""What the doctor finds on the machine: disk, files that wait, the last backup, the process; each with its mend."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from config import machine
from config.backups import _remember
from config.demo import LOOPBACK, free_port
from config.findings import Level, Told
from config.machine import look_around
from config.run import Listen, serving
from config.settings import Settings
from tests.config.english import by_name
from tests.storage.stories import ALICE

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        database_url=f"sqlite:///{tmp_path / 'penumbra.db'}",
        data_dir=tmp_path / "clicks",
        journal_dir=tmp_path / "journal",
        port=free_port(),
    )


async def found(settings: Settings) -> dict[str, Told]:
    return by_name(await look_around(settings, NOW))


@pytest.mark.parametrize(("free", "level"), [(5 << 30, Level.FINE), (500 << 20, Level.ODD), (50 << 20, Level.RED)])
async def test_room_on_the_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: Usage(9 << 30, 0, free))
    lines = await found(settings)
    assert {lines[name].level for name in ("disk of database", "disk of clicks", "disk of journal")} == {level}
    assert ("make room" in lines["disk of clicks"].mend) == (level is Level.RED)


async def test_files_that_wait_for_long(settings: Settings) -> None:
    assert (await found(settings))["waiting files"].level is Level.FINE
    segment = settings.data_dir / "dead-process" / "a.sealed"
    segment.parent.mkdir(parents=True)
    segment.write_bytes(b"x")
    written = (NOW - timedelta(minutes=7)).timestamp()
    os.utime(segment, (written, written))
    line = (await found(settings))["waiting files"]
    assert (line.level, "oldest for 7 min" in line.state, "PENUMBRA_DATA_DIR" in line.mend) == (Level.RED, True, True)


async def test_the_last_backup(settings: Settings) -> None:
    assert "none was made" in (await found(settings))["last backup"].state
    _remember(settings.journal_dir, NOW - timedelta(days=1))
    assert (await found(settings))["last backup"].level is Level.FINE
    _remember(settings.journal_dir, NOW - timedelta(days=3))
    line = (await found(settings))["last backup"]
    assert (line.level, "penumbra backup" in line.mend) == (Level.ODD, True)
    (settings.journal_dir / "last-backup").write_text("yesterday")
    assert "none was made" in (await found(settings))["last backup"].state


async def asked(settings: Settings, answer: Response) -> dict[str, Told]:
    app = Starlette(routes=[Route("/readyz", lambda _: answer)])
    async with serving(app, Listen(LOOPBACK, settings.port)):
        return await found(settings)


async def test_a_process_that_is_ready(settings: Settings) -> None:
    lines = await asked(settings, JSONResponse({"checks": {"database": "ok", "tick.digests": "ok"}}))
    assert lines["process"].level is Level.FINE
    assert lines["scheduler"].state == "1 job on time"


async def test_a_late_job_old_segments_and_a_full_journal_are_told_with_the_mend(settings: Settings) -> None:
    checks = {"database": "ok", "tick.digests": "late", "segments": "the oldest waits for 80 s", "journal": "1 erasure"}
    lines = await asked(settings, JSONResponse({"checks": checks}, 503))
    assert {name for name, line in lines.items() if line.is_red} == {"job digests", "segments", "journal"}
    assert "restart the process" in lines["job digests"].mend
    assert "PENUMBRA_JOURNAL_DIR" in lines["journal"].mend
    assert ALICE not in str(lines)


@pytest.mark.parametrize("answer", [PlainTextResponse("hello"), JSONResponse([1]), JSONResponse({"checks": 1})])
async def test_somebody_else_on_our_port_is_not_our_process(settings: Settings, answer: Response) -> None:
    assert (await asked(settings, answer))["process"].level is Level.ODD


async def test_nobody_on_our_port_is_no_fault_by_itself(settings: Settings) -> None:
    line = (await found(settings))["process"]
    assert (line.level, line.mend) == (Level.ODD, "is it meant to run here?")
