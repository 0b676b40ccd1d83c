"""Very many digests due in the same second, on replicas that are processes of their own, over one PostgreSQL.

Time is virtual and shared: it moves on as the replicas work, so that minutes of the platforms' limits need not be
waited for. The platforms are one server on loopback, which answers 429 now and then, counts what stands where, and when
it came; afterwards it is asked whether anything stands twice, and whether any limit was passed.
"""

import asyncio
import json
import multiprocessing
import random
import resource
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from ctypes import c_double
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.context import SpawnProcess
from multiprocessing.sharedctypes import Synchronized
from typing import Any, Self

from core.model import (
    Code,
    GroupAddress,
    GroupId,
    InDoubt,
    Later,
    LinkId,
    OutboxState,
    Outcome,
    Platform,
    Posting,
    Schedule,
    Sent,
    Share,
)
from core.rates import buckets_of
from core.schedules import week_of
from storage.database import Database
from storage.sql import Clocks, SqlStorage, root_keys
from tests.conftest import ROOT
from tests.fakes.clock import MONDAY
from tests.fakes.messenger import RecordingMessenger
from tests.faults.replicas import SEED, Replica, states
from tests.storage.stories import ALICE, a_group, a_link

LOOPBACK = "127.0.0.1"
FROZEN_AT_A_TIME, POSTED_AT_A_TIME = 100, 8
STEP = 0.2
"""Virtual seconds that pass with each look of a replica into the outbox."""
WORKSPACES = 50
TOO_MANY = 0.02
"""Of all calls, answered by 429."""
STARTED_WITHIN = 120.0

TELEGRAM_A_SECOND, TELEGRAM_GROUP_A_MINUTE, SLACK_WORKSPACE_A_MINUTE = 30, 20, 300
"""What the platforms document (platforms.md, 1.4 and 2.6), not what we keep to; Slack's is "several hundred"."""


class SharedClock:
    """One clock for all processes; it moves on as they work."""

    def __init__(self, seconds: "Synchronized[float]") -> None:
        self._seconds = seconds

    def __call__(self) -> datetime:
        return MONDAY + timedelta(seconds=self._seconds.value)

    def forward(self, seconds: float) -> None:
        with self._seconds.get_lock():
            self._seconds.value += seconds


@dataclass
class Platforms:
    """Both platforms, as far as they take messages.

    Attributes:
        came: for each message that was taken: when, and for which key.
        too_early: calls made before a 429's time was over.
        refused: calls answered by 429.
    """

    clock: SharedClock
    came: dict[GroupAddress, list[tuple[datetime, str]]] = field(default_factory=lambda: defaultdict(list))
    too_early: int = 0
    refused: int = 0
    _opens: dict[GroupAddress, datetime] = field(default_factory=dict)
    _random: random.Random = field(default_factory=lambda: random.Random(SEED))

    def take(self, address: GroupAddress, key: str) -> dict[str, Any]:
        """One call; what is answered."""
        now = self.clock()
        if now < self._opens.get(address, now):
            self.too_early += 1
        if self._random.random() < TOO_MANY:
            self.refused += 1
            seconds = round(self._random.uniform(1, 10), 3)
            self._opens[address] = now + timedelta(seconds=seconds)
            return {"retry_after": seconds}
        self.came[address].append((now, key))
        return {"id": str(len(self.came[address]))}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A replica's connection: one line for each call, one for each answer."""
        while line := await reader.readline():
            platform, workspace, conversation, key = json.loads(line)
            answer = self.take(GroupAddress(Platform(platform), workspace, conversation), key)
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()

    def twice(self) -> int:
        """Messages that stand in a group more than once."""
        return sum(number - 1 for came in self.came.values() for number in Counter(key for _, key in came).values())

    def crowded(self) -> dict[str, int]:
        """For each limit, the most calls that came in one span of it, where that is more than the platform allows."""
        telegram = [address for address in self.came if address.platform is Platform.TELEGRAM]
        slack = defaultdict(list)
        for address in self.came:
            if address.platform is Platform.SLACK:
                slack[address.workspace].append(address)
        found = {
            "telegram": (self._most(telegram, 1), TELEGRAM_A_SECOND),
            "chat": (max((self._most([each], 1) for each in self.came), default=0), 1),
            "group": (max((self._most([each], 60) for each in telegram), default=0), TELEGRAM_GROUP_A_MINUTE),
            "workspace": (max((self._most(each, 60) for each in slack.values()), default=0), SLACK_WORKSPACE_A_MINUTE),
        }
        return {name: most for name, (most, allowed) in found.items() if most > allowed}

    def _most(self, addresses: Iterable[GroupAddress], seconds: float) -> int:
        """The most messages that came to these within a half-open span of so many seconds."""
        times = sorted(at for address in addresses for at, _ in self.came[address])
        first, most = 0, 0
        for last, at in enumerate(times):
            while at - times[first] >= timedelta(seconds=seconds):
                first += 1
            most = max(most, last - first + 1)
        return most


class FarMessenger(RecordingMessenger):
    """A replica's way to the platforms."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__()
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection(LOOPBACK, port))

    async def post(self, address: GroupAddress, posting: Posting, key: str) -> Outcome:
        call = [str(address.platform), address.workspace, address.conversation, key]
        self._writer.write(json.dumps(call).encode() + b"\n")
        await self._writer.drain()
        line = await self._reader.readline()
        if not line:
            return InDoubt()
        answer = json.loads(line)
        return Later(answer["retry_after"]) if "retry_after" in answer else Sent(answer["id"])


@dataclass(frozen=True)
class Figures:
    """How it went.

    Attributes:
        posted: groups that got their digest.
        states: the outbox in the end.
        virtual: seconds between the moment they were due and the last post, as the platforms count them.
        real: seconds from the first look of a replica to the end of the last one.
        processors: seconds of processor time of the replicas together.
        memory: megabytes of the largest replica at its peak.
    """

    platforms: Platforms
    posted: int
    states: Counter[str]
    virtual: float
    real: float
    processors: float
    memory: int


async def add_groups(storage: SqlStorage, many: int, due: datetime) -> None:
    """Every group shared one link last week, and reads its digest at the same second; half are on each platform."""
    for start in range(0, many, FROZEN_AT_A_TIME):
        async with storage.transaction() as records:
            for number in range(start, min(start + FROZEN_AT_A_TIME, many)):
                group, shared_at = GroupId(f"g{number:05}"), due - timedelta(days=1)
                known = replace(a_group(lambda: due, group), address=_place(number), schedule=Schedule())
                link = replace(a_link(lambda: due), id=LinkId(f"l{number}"), group=group, code=Code(f"{number:016}"))
                share = Share(group, link.id, ALICE, week_of(shared_at, "UTC"), shared_at, "m1", counts_clicks=False)
                await records.groups.add(replace(known, next_digest=due))
                await records.links.add(link)
                await records.shares.add(share)


def _place(number: int) -> GroupAddress:
    if number % 2:
        return GroupAddress(Platform.TELEGRAM, "", f"-100{number}")
    return GroupAddress(Platform.SLACK, f"T{number // 2 % WORKSPACES}", f"C{number}")


async def post_all(url: str, many: int, processes: int = 3) -> Figures:
    """Let so many digests be due at once, and replicas freeze and post them until nothing is left.

    Args:
        url: a migrated, empty PostgreSQL.
        many: groups.
        processes: replicas.
    """
    spawn = multiprocessing.get_context("spawn")
    seconds = spawn.Value(c_double, 0.0)
    clock = SharedClock(seconds)
    async with opened(url, clock) as storage:
        await add_groups(storage, many, MONDAY)
        platforms = Platforms(clock)
        server = await asyncio.start_server(platforms.serve, LOOPBACK, 0)
        port = server.sockets[0].getsockname()[1]
        ready = spawn.Barrier(processes)
        told: Any = spawn.Queue()
        started = [
            spawn.Process(target=replica, args=(url, port, seconds, ready, told), daemon=True) for _ in range(processes)
        ]
        for each in started:
            each.start()
        spent = [await asyncio.to_thread(told.get) for _ in started]
        await asyncio.gather(*(asyncio.to_thread(_ended, each) for each in started))
        server.close()
        left = await states(_watching(storage, clock))
    last = max(at for came in platforms.came.values() for at, _ in came)
    return Figures(
        platforms,
        len(platforms.came),
        left,
        (last - MONDAY).total_seconds(),
        max(end for _, end, _, _ in spent) - min(begin for begin, _, _, _ in spent),
        sum(processor for _, _, processor, _ in spent),
        max(memory for _, _, _, memory in spent),
    )


def _ended(process: SpawnProcess) -> None:
    process.join()
    if process.exitcode != 0:
        raise RuntimeError(f"a replica ended with {process.exitcode}")


@asynccontextmanager
async def opened(url: str, clock: SharedClock) -> AsyncIterator[SqlStorage]:
    storage = await SqlStorage.open(Database.open(url), root_keys(ROOT), Clocks(clock, clock))
    yield storage
    await storage.close()


def _watching(storage: SqlStorage, clock: SharedClock) -> Replica:
    house = Replica()
    house.storage = storage
    return house


# In a process of its own ----------------------------------------------------------------------------------------------


def replica(url: str, port: int, seconds: "Synchronized[float]", ready: Any, told: Any) -> None:
    """One replica: freezes what is due and posts what waits, a little of each in turn, until nothing is left."""
    ready.wait(STARTED_WITHIN)
    begun = datetime.now(UTC).timestamp()
    asyncio.run(_work(url, port, SharedClock(seconds)))
    used = resource.getrusage(resource.RUSAGE_SELF)
    ended = datetime.now(UTC).timestamp()
    told.put((begun, ended, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024))


async def _work(url: str, port: int, clock: SharedClock) -> None:
    house = Replica(limits=buckets_of)
    house.clock = clock  # type: ignore[assignment] # asked for the moment alone
    house.messenger = await FarMessenger.to(port)
    async with opened(url, clock) as storage:
        house.storage = storage
        house.services = house.build(storage)
        while True:
            frozen = await house.services.digests.tick(FROZEN_AT_A_TIME, rounds=1)
            posted = await house.services.delivery.post_due(POSTED_AT_A_TIME)
            clock.forward(STEP)
            if not frozen and not posted and not _is_open(await states(house)):
                return


def _is_open(found: Counter[str]) -> bool:
    return bool(found[OutboxState.WAITING] or found[OutboxState.INTENDED])
