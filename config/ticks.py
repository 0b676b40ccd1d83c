"""Looks at the clock: what is done every so often, and how each of these is doing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from config.settings import Role
from core.errors import PenumbraError, StorageUnavailable
from core.ports import Now

LATE_AFTER = timedelta(minutes=2)
_log = structlog.get_logger("penumbra.ticks")


@dataclass(frozen=True, slots=True)
class Tick:
    """Something to do every so often; safe to do on every replica, and to do twice."""

    name: str
    every: timedelta
    do: Callable[[], Awaitable[object]]
    roles: frozenset[Role]
    jitter: float = 0.0
    """Seconds, so that replicas do not all look at once."""
    finish: Callable[[], Awaitable[object]] | None = None
    """Waits until nothing that `do` left to go on by itself is under way any more; cancelled, it ends that."""
    again: bool = False
    """Done again at once for as long as it finds something: what waits is not to wait for the next interval too."""


@dataclass(slots=True)
class Ticking:
    """Does each tick and remembers how it went.

    Args:
        ticks: what this process does.
        now: the real clock; lateness is about this process, not about the group's calendar.
    """

    ticks: Sequence[Tick]
    now: Now
    well_at: dict[str, datetime] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)
    well: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    under_way: set[str] = field(default_factory=set)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _ending: bool = False

    def start(self) -> AsyncIOScheduler:
        """Start looking at the clock; the scheduler is the caller's to shut down."""
        scheduler = AsyncIOScheduler(job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
        for tick in self.ticks:
            self.well_at[tick.name] = self.now()
            seconds = tick.every.total_seconds()
            scheduler.add_job(
                self.once, "interval", args=[tick], id=tick.name, seconds=seconds, jitter=tick.jitter or None
            )
        scheduler.start()
        return scheduler

    async def once(self, tick: Tick) -> None:
        """Do one tick. Trouble is kept for `/readyz` and logged by name; the next tick tries again."""
        self.under_way.add(tick.name)
        try:
            while await tick.do() and tick.again and not self._ending:
                self._went_well(tick)
        except StorageUnavailable:
            self._remember(tick, "database not reachable")
        except PenumbraError as error:
            self._remember(tick, type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the edge of the process: one failing tick must not end the others
            self._remember(tick, type(error).__name__)
            _log.error("tick_failed", tick=tick.name, exc_info=error)
        else:
            self._went_well(tick)
            if self.trouble.pop(tick.name, None):
                _log.info("tick_recovered", tick=tick.name)
        finally:
            self.under_way.discard(tick.name)
            self._ended.set()

    def _went_well(self, tick: Tick) -> None:
        self.well_at[tick.name] = self.now()
        self.well[tick.name] += 1

    async def finish(self, scheduler: AsyncIOScheduler, within: float) -> None:
        """Begin nothing more, and let what is under way end: a post cut short would be in doubt.

        Args:
            scheduler: what `start` gave.
            within: seconds; what takes longer is cancelled.
        """
        scheduler.pause()
        self._ending = True
        try:
            async with asyncio.timeout(within):
                while self.under_way:
                    self._ended.clear()
                    await self._ended.wait()
                await asyncio.gather(*(self._finished(tick) for tick in self.ticks))
        except TimeoutError:
            _log.warning("ticks_cut_short", ticks=sorted(self.under_way))
            await asyncio.gather(*(self._finished(tick, 0) for tick in self.ticks))
        scheduler.shutdown(wait=False)

    async def _finished(self, tick: Tick, within: float | None = None) -> None:
        """What a tick left to go on, ended; its trouble keeps no other from ending."""
        if tick.finish is None:
            return
        self.under_way.add(tick.name)
        try:
            async with asyncio.timeout(within):
                await tick.finish()
        except TimeoutError:
            _log.debug("tick_cut_short", tick=tick.name)
        except Exception as error:  # noqa: BLE001 - as above
            _log.warning("tick_in_trouble", tick=tick.name, why=type(error).__name__)
        self.under_way.discard(tick.name)

    async def all_once(self) -> None:
        """Do every tick once, in order, to its end: what tests and the playground use instead of waiting."""
        for tick in self.ticks:
            await tick.do()
            if tick.finish is not None:
                await tick.finish()

    def behind(self) -> dict[str, float]:
        """By how many seconds each tick is overdue; zero for one that keeps up."""
        now = self.now()
        past = {tick.name: now - self.well_at.get(tick.name, now) - tick.every for tick in self.ticks}
        return {name: max(0.0, late.total_seconds()) for name, late in past.items()}

    def late(self) -> dict[str, str]:
        """Ticks that have not gone well for long, with the reason."""
        now = self.now()
        return {
            tick.name: self.trouble.get(tick.name, "late")
            for tick in self.ticks
            if now - self.well_at.get(tick.name, now) > max(LATE_AFTER, 3 * tick.every)
        }

    def _remember(self, tick: Tick, why: str) -> None:
        if self.trouble.get(tick.name) != why:
            _log.warning("tick_in_trouble", tick=tick.name, why=why)
        self.trouble[tick.name] = why
        self.failed[tick.name] += 1
