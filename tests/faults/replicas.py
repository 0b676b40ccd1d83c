"""Several replicas of core over one real database, with a platform that has bad days; all in one process."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from core.model import (
    Digest,
    GroupAddress,
    GroupId,
    InDoubt,
    Later,
    OutboxState,
    Outcome,
    Platform,
    Posting,
    Sent,
)
from core.ports import NewId, Storage, Subjects
from storage.database import Database
from storage.inbox import INBOX, WorkState
from storage.outbox import OUTBOX
from storage.sql import Clocks, SqlStorage, root_keys
from tests.conftest import ROOT
from tests.fakes.clock import Clock
from tests.fakes.house import House
from tests.fakes.memory_storage import MemoryStorage
from tests.fakes.messenger import RecordingMessenger
from tests.storage.stories import a_group, an_edition

SEED = 20261123


@dataclass
class Replica(House):
    """One process: its own clock runs apart from the others' by `skew`."""

    clock: Clock = field(default_factory=Clock)
    skew: timedelta = timedelta()

    def now(self) -> datetime:
        self.moment = self.clock() + self.skew
        return self.moment

    def subjects(self, kept: Storage, new_id: NewId) -> Subjects:
        """Over the storage itself, also where `kept` stands in front of it."""
        return super().subjects(kept if isinstance(kept, MemoryStorage) else self.storage, new_id)


@asynccontextmanager
async def replicas(
    url: str, number: int, clock: Clock, messenger: RecordingMessenger | None = None
) -> AsyncIterator[list[Replica]]:
    """Replicas over one database, sharing a platform. On SQLite they share the one connection of its one process."""
    houses: list[Replica] = []
    opened: list[SqlStorage] = []
    for _ in range(number):
        house = Replica(clock=clock)
        house.messenger = messenger or house.messenger
        if url.startswith("postgresql") or not opened:
            opened.append(await SqlStorage.open(Database.open(url), root_keys(ROOT), Clocks(house.now, clock)))
        house.storage = opened[-1]
        house.services = house.build(house.storage)
        houses.append(house)
    try:
        yield houses
    finally:
        for storage in opened:
            await storage.close()


async def groups_with_a_digest(house: Replica, number: int, platform: Platform, cutoff: timedelta) -> list[GroupId]:
    """Groups, each with one digest to post."""
    ids = [GroupId(f"g{each:04}") for each in range(number)]
    for group in ids:
        at = GroupAddress(platform, "T1", f"C{group}")
        async with house.storage.transaction() as records:
            await records.groups.add(replace(a_group(house.now, group), address=at))
            edition = replace(an_edition(house.now), group=group)
            await records.outbox.put(group, "digest:2026-W47", Digest(edition), house.now() + cutoff)
    return ids


async def states(house: Replica) -> Counter[str]:
    """How many postings are in which state."""
    assert isinstance(house.storage, SqlStorage)
    async with house.storage.transaction() as records:
        tx = records.transaction
        rows = await tx.all(select(OUTBOX.c.state, func.count().label("number")).group_by(OUTBOX.c.state))
    return Counter({row.state: row.number for row in rows})


async def work_by_state(house: Replica) -> dict[WorkState, int]:
    """How many pieces of accepted work are in which state."""
    assert isinstance(house.storage, SqlStorage)
    async with house.storage.transaction() as records:
        rows = await records.transaction.all(select(INBOX.c.state))
    return {state: sum(row.state == state for row in rows) for state in WorkState}


async def until_settled(houses: list[Replica], step: Callable[[], Awaitable[object]], rounds: int = 400) -> None:
    """Take steps until nothing is waiting or under way; a storm that never settles fails."""
    for _ in range(rounds):
        await step()
        left = await states(houses[0])
        if not left[OutboxState.WAITING] and not left[OutboxState.INTENDED]:
            return
    raise AssertionError(f"never settled: {left}")


@dataclass
class BadDays:
    """What goes wrong, each with its share of all calls."""

    answer_lost: float = 0.0
    call_lost: float = 0.0
    too_many: float = 0.0
    wait: tuple[float, float] = (1.0, 30.0)


class BadPlatform(RecordingMessenger):
    """Loses answers, loses calls, and asks to wait; keeps count of who did not wait."""

    def __init__(self, clock: Clock, days: BadDays, *, can_find: bool = True) -> None:
        super().__init__(can_find=can_find)
        self._clock = clock
        self._days = days
        self._random = random.Random(SEED)
        self._opens: dict[GroupAddress, datetime] = {}
        self.calls = 0
        self.too_early = 0

    def made(self) -> Counter[GroupAddress]:
        """How many posts stand in each group."""
        return Counter(address for address, _, _ in self.posted)

    async def post(self, address: GroupAddress, posting: Posting, key: str) -> Outcome:
        self.calls += 1
        if self._clock() < self._opens.get(address, self._clock()):
            self.too_early += 1
        if self._random.random() < self._days.too_many:
            seconds = round(self._random.uniform(*self._days.wait), 3)
            self._opens[address] = self._clock() + timedelta(seconds=seconds)
            return Later(seconds)
        if self._random.random() < self._days.call_lost:
            return InDoubt()
        outcome = await super().post(address, posting, key)
        lost = isinstance(outcome, Sent) and self._random.random() < self._days.answer_lost
        return InDoubt() if lost else outcome

    async def find(self, address: GroupAddress, key: str) -> str | None:
        found = [number for number, (at, _, of) in enumerate(self.posted) if (at, of) == (address, key)]
        return f"m{found[0]}" if found else None
