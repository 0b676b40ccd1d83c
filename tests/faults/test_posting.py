"""Posting on a platform's bad days: no double, none missing, and what nobody can know is said to be unknown."""

import asyncio
from datetime import timedelta

import pytest

from core.delivery import LEASE
from core.model import GroupAddress, OutboxState, Outcome, Platform, Posting
from tests.fakes.clock import Clock
from tests.faults.replicas import (
    BadDays,
    BadPlatform,
    Replica,
    groups_with_a_digest,
    replicas,
    states,
    until_settled,
)

GROUPS = 200
DAY = timedelta(days=1)


async def storm(houses: list[Replica], clock: Clock, seconds: float) -> None:
    """Every replica posts what it finds, at the same time; then time goes by."""

    async def step() -> None:
        await asyncio.gather(*(house.services.delivery.post_due(20) for house in houses))
        clock.forward(seconds=seconds)

    await until_settled(houses, step)


@pytest.mark.parametrize("lost", ["answer", "call"])
async def test_slack_is_asked_when_an_answer_is_lost_so_nothing_is_doubled_or_missing(
    database_url: str, clock: Clock, lost: str
) -> None:
    days = BadDays(answer_lost=0.05) if lost == "answer" else BadDays(call_lost=0.05)
    platform = BadPlatform(clock, days, can_find=True)
    async with replicas(database_url, 2, clock, platform) as houses:
        await groups_with_a_digest(houses[0], GROUPS, Platform.SLACK, DAY)
        await storm(houses, clock, LEASE.total_seconds() / 4)
        assert await states(houses[0]) == {OutboxState.SENT: GROUPS}
    made = platform.made()
    doubles, missing = sum(n - 1 for n in made.values()), GROUPS - len(made)
    assert (doubles, missing) == (0, 0)


@pytest.mark.parametrize("lost", ["answer", "call"])
async def test_telegram_can_not_be_asked_so_each_is_posted_once_or_marked_unknown(
    database_url: str, clock: Clock, lost: str
) -> None:
    days = BadDays(answer_lost=0.05) if lost == "answer" else BadDays(call_lost=0.05)
    platform = BadPlatform(clock, days, can_find=False)
    async with replicas(database_url, 2, clock, platform) as houses:
        await groups_with_a_digest(houses[0], GROUPS, Platform.TELEGRAM, DAY)
        await storm(houses, clock, LEASE.total_seconds() / 4)
        kept = await states(houses[0])
    made = platform.made()
    assert sum(n - 1 for n in made.values()) == 0
    assert kept[OutboxState.UNKNOWN] > 0
    assert kept[OutboxState.SENT] + kept[OutboxState.UNKNOWN] == GROUPS
    unposted = GROUPS - len(made)
    assert unposted <= kept[OutboxState.UNKNOWN]


async def test_no_replica_calls_a_group_before_the_platform_said_it_may(database_url: str, clock: Clock) -> None:
    platform = BadPlatform(clock, BadDays(too_many=0.4))
    async with replicas(database_url, 3, clock, platform) as houses:
        await groups_with_a_digest(houses[0], GROUPS, Platform.SLACK, DAY)
        await storm(houses, clock, 0.7)
        assert await states(houses[0]) == {OutboxState.SENT: GROUPS}
    assert platform.too_early == 0
    assert platform.calls > GROUPS * 1.4
    assert set(platform.made().values()) == {1}


class StoppedPlatform(BadPlatform):
    """The process that posts is stopped while it waits for the answer."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, BadDays())
        self.stopped = asyncio.Event()
        self.goes_on = asyncio.Event()

    async def post(self, address: GroupAddress, posting: Posting, key: str) -> Outcome:
        outcome = await super().post(address, posting, key)
        if not self.stopped.is_set():
            self.stopped.set()
            await self.goes_on.wait()
        return outcome


async def test_a_poster_stopped_for_longer_than_its_lease_writes_nothing(database_url: str, clock: Clock) -> None:
    platform = StoppedPlatform(clock)
    async with replicas(database_url, 2, clock, platform) as (stale, fresh):
        await groups_with_a_digest(stale, 1, Platform.SLACK, DAY)
        posting = asyncio.create_task(stale.services.delivery.post_due())
        await platform.stopped.wait()
        clock.forward(LEASE + timedelta(seconds=1))
        assert await fresh.services.delivery.post_due() == 1
        after = await states(fresh)
        platform.goes_on.set()
        await posting
        assert await states(fresh) == after == {OutboxState.SENT: 1}
    assert len(platform.posted) == 1
