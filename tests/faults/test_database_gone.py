"""The database restarts twice at once, and is then gone for twenty seconds, under load."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.clicks import Visitor
from core.errors import PenumbraError
from core.model import Account, Code, Destination
from core.schedules import week_of
from core.shares import LEASE
from storage.inbox import WorkState
from storage.segments import SegmentClickLog
from storage.sql import SqlStorage
from tests.fakes.clock import Clock
from tests.fakes.house import GROUP
from tests.faults.own_postgres import OwnPostgres, own_postgres
from tests.faults.replicas import Replica, replicas, work_by_state

pytestmark = [pytest.mark.timeout(180), pytest.mark.postgres]
GONE_SECONDS = 20
ANSWERED_WITHIN = 3.0
LINKS = 5
MEMBERS = [Account(f"member-{number}") for number in range(3)]


class RunningClock(Clock):
    """The machine's, which can be moved ahead so that no lease need be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Load:
    """What was sent, what was acknowledged, and how long that took."""

    house: Replica
    codes: list[Code]
    acknowledged: set[str] = field(default_factory=set)
    refused: int = 0
    redirects: Counter[bool] = field(default_factory=Counter)
    slowest: float = 0.0
    over: bool = False

    def goes_on(self, _: int) -> bool:
        return not self.over

    async def post(self) -> None:
        for number in itertools.takewhile(self.goes_on, itertools.count()):
            page = f"https://news.example/load/{number}"
            began = time.monotonic()
            try:
                if await self.house.post(page, account=MEMBERS[number % 3], message=f"m{number}", event=f"e{number}"):
                    self.acknowledged.add(page)
            except PenumbraError:
                self.refused += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            await asyncio.sleep(0.05)

    async def takes_in(self, more: int) -> None:
        """Until so many more messages were acknowledged, however slow the machine is."""
        wanted = len(self.acknowledged) + more
        for _ in range(1000):
            if len(self.acknowledged) >= wanted:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{len(self.acknowledged)} of {wanted} messages were acknowledged")

    async def click(self) -> None:
        for number in itertools.takewhile(self.goes_on, itertools.count()):
            began = time.monotonic()
            found = await self.house.services.clicks.follow(
                self.codes[number % LINKS], Visitor("198.51.100.7", f"Browser/{number}")
            )
            self.redirects[isinstance(found, Destination)] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            await asyncio.sleep(0.02)

    async def work(self) -> None:
        while not self.over:
            services = self.house.services
            for step in (services.shares.work_off, services.clicks.flush, services.links.refresh):
                try:
                    await step()
                except PenumbraError:
                    await asyncio.sleep(0.2)
            await asyncio.sleep(0.1)


@asynccontextmanager
async def under_load(server: OwnPostgres, folder: Path) -> AsyncIterator[Load]:
    async with replicas(server.url, 1, RunningClock()) as (house,):
        with SegmentClickLog.open(folder) as log:
            house.click_log = log  # type: ignore[assignment] # the real one
            house.services = house.build()
            house.now()
            await house.switch_on()
            for member in MEMBERS:
                await house.opt_in(member)
            pages = [f"https://news.example/{number}" for number in range(LINKS)]
            for page in pages:
                await house.post(page, account=MEMBERS[0], message=page)
            await house.services.shares.work_off(100)
            load = Load(house, await codes(house))
            for code in load.codes:
                await house.services.clicks.look_up(code)
            yield load


async def codes(house: Replica) -> list[Code]:
    async with house.storage.transaction() as records:
        group = await records.groups.at(GROUP)
        assert group is not None
        return [each.link.code for each in await records.shares.week(group.id, week_of(house.now(), "UTC"))]


async def kept(house: Replica) -> tuple[set[str], int]:
    """Addresses that were shared, and clicks."""
    assert isinstance(house.storage, SqlStorage)
    async with house.storage.transaction() as records:
        group = await records.groups.at(GROUP)
        assert group is not None
        shared = await records.shares.week(group.id, week_of(house.now(), "UTC"))
        counts = await records.clicks.counts(group.id, date(2100, 1, 1))
    return {each.link.clean.display for each in shared}, sum(each.browsers for each in counts)


async def drained(house: Replica) -> None:
    """All that waits is done, also what was under way when the database went."""
    assert isinstance(house.clock, RunningClock)
    house.clock.ahead = LEASE + timedelta(seconds=1)
    await house.services.clicks.flush()
    while await house.services.shares.work_off(100):
        pass
    assert (await work_by_state(house))[WorkState.WAITING] == 0


async def test_restarted_twice_and_gone_for_twenty_seconds_it_loses_nothing_acknowledged(tmp_path: Path) -> None:
    async with own_postgres() as server, under_load(server, tmp_path) as load:
        tasks = [asyncio.create_task(each) for each in (load.post(), load.click(), load.work())]
        await load.takes_in(15)
        await server.restart()
        await server.restart()
        await load.takes_in(20)
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(GONE_SECONDS)
        await asyncio.to_thread(server.start)
        await load.takes_in(20)
        load.over = True
        await asyncio.gather(*tasks)
        await drained(load.house)
        shared, clicks = await kept(load.house)
    assert load.acknowledged - shared == set()
    assert load.slowest < ANSWERED_WITHIN
    assert load.redirects[False] == 0
    assert clicks == load.redirects[True]
