"""Gathers what `/metrics` tells: what this process counted, and what waits in database and files."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.ticks import Ticking
from core.errors import StorageUnavailable
from core.model import DropReason
from core.ports import Now
from core.rates import KINDS as BUCKETS
from storage.backlog import Backlog, backlog
from storage.depths import Depths, measure
from storage.sql import SqlStorage
from web.metrics import Figure
from web.redirect import OUTCOMES

REMEMBERED_FOR = timedelta(seconds=15)
"""The database is not counted anew for every replica's every scrape."""
SEGMENTS_LATE = timedelta(seconds=60)
"""They are applied every second; older ones say that the database does not take them."""


@dataclass(slots=True)
class Meter:
    """What one process has counted since its start. Nothing in it names a person, a group or a link."""

    drops: Counter[DropReason] = field(default_factory=Counter)
    redirects: Counter[str] = field(default_factory=Counter)
    """What short URLs were answered with: `led_on`, or why not."""
    waits: Counter[str] = field(default_factory=Counter)
    """Posts that had to wait, by the kind of bucket."""
    retained: Counter[str] = field(default_factory=Counter)
    """Rows that retention deleted or blanked, by kind."""

    def count_drop(self, reason: DropReason) -> None:
        """See `core.ports.CountDrop`."""
        self.drops[reason] += 1

    def count_wait(self, kind: str) -> None:
        """See `core.ports.CountWait`."""
        self.waits[kind] += 1

    def retaining(
        self, run: Callable[[], Awaitable[Mapping[str, int]]], kinds: Iterable[str]
    ) -> Callable[[], Awaitable[None]]:
        """Retention's run, its rows counted by kind, from nothing."""
        self.retained.update(dict.fromkeys(kinds, 0))

        async def counted() -> None:
            self.retained.update(await run())

        return counted


class Gauges:
    """Looks at what waits, at most every quarter of a minute.

    Args:
        storage: the database.
        folder: where segments are.
        now: this process's clock.
    """

    def __init__(self, storage: SqlStorage, folder: Path, now: Now) -> None:
        self._storage = storage
        self._folder = folder
        self._now = now
        self._depths: Depths | None = None
        self._looked_at: datetime | None = None

    async def depths(self) -> Depths | None:
        """What the database holds; None while it can't be reached."""
        now = self._now()
        if self._looked_at is None or now - self._looked_at >= REMEMBERED_FOR:
            try:
                self._depths = await measure(self._storage)
            except StorageUnavailable:
                self._depths = None
            self._looked_at = now
        return self._depths

    def backlog(self) -> Backlog:
        """What waits in files."""
        return backlog(self._folder)

    def segments_trouble(self) -> str | None:
        """What is wrong with the segments, for `/readyz`; None when nothing is."""
        age = _age(self.backlog().oldest, self._now())
        return f"the oldest waits for {age:.0f} s" if age > SEGMENTS_LATE.total_seconds() else None


async def figures(meter: Meter, ticking: Ticking, gauges: Gauges) -> list[Figure]:
    """Everything that `/metrics` tells."""
    depths = await gauges.depths()
    return [
        *_counted(meter),
        *_ticks(ticking),
        *_segments(gauges.backlog(), ticking.now()),
        Figure("database_up", "Whether the database answers.", {"": float(depths is not None)}),
        *(_waiting(depths) if depths else ()),
    ]


def _counted(meter: Meter) -> Iterator[Figure]:
    drops = _from_zero(DropReason, meter.drops)
    yield Figure(
        "drops", "Messages, links and visits of which nothing was kept, by reason.", drops, "reason", "counter"
    )
    redirects = _from_zero(OUTCOMES, meter.redirects)
    yield Figure("redirects", "Answers to short links.", redirects, "outcome", "counter")
    waits = _from_zero(BUCKETS, meter.waits)
    yield Figure("rate_waits", "Posts put off since their platform may not be called yet.", waits, "bucket", "counter")
    retained = _from_zero((), meter.retained)
    yield Figure("retention_rows", "Rows deleted or blanked because their time was over.", retained, "kind", "counter")


def _from_zero(words: Iterable[str], counts: Mapping[Any, int]) -> dict[str, float]:
    """Told before anything is counted too: what first appears as a one has not grown, as Prometheus sees it."""
    return {str(word): 0.0 for word in words} | {str(word): float(number) for word, number in counts.items()}


def _ticks(ticking: Ticking) -> Iterator[Figure]:
    for name, meaning, counts in (
        ("tick_runs", "Regular jobs that went well.", ticking.well),
        ("tick_failures", "Regular jobs that failed.", ticking.failed),
    ):
        yield Figure(name, meaning, {t.name: float(counts[t.name]) for t in ticking.ticks}, "tick", "counter")
    behind = ticking.behind()
    yield Figure("tick_lateness_seconds", "By how long each regular job is overdue.", behind, "tick")


def _segments(found: Backlog, now: datetime) -> Iterator[Figure]:
    yield Figure("segments", "Files of clicks and messages that the database does not have yet.", {"": found.segments})
    age = {"": _age(found.oldest, now)}
    yield Figure("segments_oldest_seconds", "How long the oldest of these files waits.", age)


def _waiting(depths: Depths) -> Iterator[Figure]:
    yield Figure("inbox", "Accepted work by state.", _floats(depths.inbox), "state")
    lag = {"": _age(depths.accepted, depths.clock)}
    yield Figure("inbox_lag_seconds", "How long the oldest accepted work waits.", lag)
    yield Figure("outbox", "Postings by state; closed ones for eight days.", _floats(depths.outbox), "state")
    lag = {"": _age(depths.asked, depths.clock)}
    yield Figure("outbox_lag_seconds", "How long the oldest posting waits.", lag)
    lag = {"": _age(depths.due, depths.clock)}
    yield Figure("digests_lag_seconds", "How long the digest waits that was due first and is not written.", lag)
    yield Figure("groups_held", "Groups that a platform asked us to wait for.", {"": float(depths.held)})
    yield Figure("groups", "Groups by state.", _floats(depths.groups), "state")


def _floats(counts: Mapping[str, int]) -> dict[str, float]:
    return {name: float(number) for name, number in counts.items()}


def _age(moment: datetime | None, now: datetime) -> float:
    """Seconds since a moment; zero without one."""
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
