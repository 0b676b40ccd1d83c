"""One process of Penumbra from start to stop: migrate, open, listen, take in, tick, and close in order."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

import structlog

from config.process import Line, Process, Surroundings
from config.run import DRAIN_SECONDS, Listen, serving, until_stopped
from config.settings import Role, Settings, SettingsError
from core.errors import PenumbraError
from storage.schema import lacking, newer, pending
from texts.catalogue import Texts
from texts.phrases import phrase

_log = structlog.get_logger("penumbra.service")
COLLECTED_AFTER = (10_000, 20, 20)
"""Things made since the last look through the young, and how often that before the older ones are looked through."""
STOPPED_WITHIN = 4 * DRAIN_SECONDS
"""Seconds at most for platforms, jobs under way, answers under way, and what is counted, one after the other."""


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def real_surroundings(settings: Settings) -> Surroundings:
    """The machine's clock and real waiting."""
    return Surroundings(settings, Texts.load(), utc_now, asyncio.sleep)


async def prepare_database(settings: Settings) -> None:
    """Bring SQLite up to date, after a copy; refuse to run on a PostgreSQL that is not.

    Raises:
        SettingsError: PostgreSQL waits for `penumbra migrate`, or what a newer Penumbra made of it does not fit.
        StorageUnavailable: no connection.
        DatabaseInUse: another process has this SQLite database open.
    """
    missing = await pending(settings.database_url)
    if not missing:
        await _check_newer(settings)
        return
    if settings.database_url.startswith("postgresql://"):
        raise SettingsError(phrase("settings.waits", n=len(missing)))
    from storage.migrate import backup_sqlite, upgrade  # noqa: PLC0415 - Alembic, 14 MB that nothing else needs

    copy = backup_sqlite(settings.database_url, utc_now())
    await upgrade(settings.database_url)
    _log.info("database_migrated", migrations=len(missing), copied=copy is not None)


async def _check_newer(settings: Settings) -> None:
    """Migrations only add, so an older Penumbra runs on a newer schema; where one does not fit, it does not start."""
    applied = await newer(settings.database_url)
    if applied is None:
        return
    if missing := await lacking(settings.database_url):
        raise SettingsError(phrase("settings.newer", applied=applied, missing=missing))
    _log.warning("database_is_newer", applied=applied)


async def serve(settings: Settings) -> None:
    """Run until a stop signal. Raises what an operator must mend: see `prepare_database`, `Line.run`."""
    await prepare_database(settings)
    async with opened(settings) as process, at_work(process) as work:
        set_aside()
        _log.info("started", roles=sorted(settings.roles), platforms=[line.platform for line in process.lines])
        stop = asyncio.create_task(until_stopped())
        await asyncio.wait({stop, *work}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
    _log.info("stopped")


def opened(settings: Settings) -> AbstractAsyncContextManager[Process]:
    """What the roles ask for: who only redirects loads no bots, no readers of pages and no figures, some 80 MB."""
    around = real_surroundings(settings)
    if settings.roles == {Role.REDIRECT}:
        from config.redirecting import open_redirects  # noqa: PLC0415 - see above

        return open_redirects(settings, around, utc_now)
    from config.wiring import open_house  # noqa: PLC0415 - see above

    return open_house(settings, around, utc_now)


def set_aside() -> None:
    """Take what stays until the end out of the collector's sight.

    It would look through some 800,000 imported things again and again, and nobody is answered meanwhile.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


@asynccontextmanager
async def at_work(process: Process) -> AsyncIterator[Sequence[asyncio.Task[None]]]:
    """Everything that runs beside each other, for as long as the block; ends with intake first, then what is in hand.

    Yields the tasks of the platforms, which end early only by an error that an operator must mend; it is raised at the
    end of the block.
    """
    settings = process.settings
    tasks: list[asyncio.Task[None]] = []
    async with serving(process.server, Listen(settings.host, settings.port, settings.trusted_proxies)):
        scheduler = process.ticking.start()
        takes_in = Role.WEB in settings.roles
        work = [(line.platform, line.run() if takes_in else line.stand_by()) for line in process.lines]
        tasks = [asyncio.create_task(doing, name=platform) for platform, doing in work]
        try:
            yield tasks
        finally:
            await _stop(process.lines, tasks)
            await process.ticking.finish(scheduler, DRAIN_SECONDS)
    await drain(process)
    for task in tasks:
        raise_if_failed(task)


async def _stop(lines: Sequence[Line], tasks: Sequence[asyncio.Task[None]]) -> None:
    for line in lines:
        line.stop()
    if tasks:
        _, slow = await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
        for task in slow:
            task.cancel()


async def drain(process: Process) -> None:
    """Bring what is counted into the database; what can't be brought waits in its segments for the next start."""
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await process.clicks.flush()
    except (PenumbraError, TimeoutError) as error:
        _log.warning("not_drained", why=type(error).__name__)


def raise_if_failed(task: asyncio.Task[None]) -> None:
    """Raise what ended a task, unless it was stopped."""
    if task.done() and not task.cancelled() and (error := task.exception()) is not None:
        raise error
