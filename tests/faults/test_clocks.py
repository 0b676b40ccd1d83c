"""Clocks that are wrong, change by the season, or move with the group: one digest a week, at the local hour."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.model import Group, GroupId, Schedule, Share
from core.schedules import next_digest, week_of
from tests.fakes.clock import Clock
from tests.faults.replicas import Replica, replicas
from tests.storage.stories import ALICE, GROUP, a_group, a_link

WRONG_BY = timedelta(minutes=10)
STEP = timedelta(minutes=20)
PARIS, NEW_YORK = "Europe/Paris", "America/New_York"


async def begin(house: Replica, schedule: Schedule) -> None:
    group = replace(a_group(house.now), schedule=schedule, next_digest=next_digest(schedule, house.clock()))
    async with house.storage.transaction() as records:
        await records.groups.add(group)
        await records.links.add(replace(a_link(house.now), expires_at=house.clock() + timedelta(days=400)))


async def the_group(house: Replica) -> Group:
    async with house.storage.transaction() as records:
        found = await records.groups.get(GROUP)
    assert found is not None
    return found


async def share_today(house: Replica) -> None:
    """Every day has its share, so that every week has its digest."""
    zone, now = (await the_group(house)).schedule.zone, house.clock()
    link = a_link(house.clock).id
    async with house.storage.transaction() as records:
        await records.shares.add(Share(GROUP, link, ALICE, week_of(now, zone), now, f"m{now:%j}", counts_clicks=False))


async def live(houses: list[Replica], clock: Clock, until: datetime) -> None:
    """Look often on Mondays by day, when digests may be due, and now and then otherwise."""
    day = clock().date()
    while clock() < until:
        if clock().date() != day:
            day = clock().date()
            await share_today(houses[0])
        await asyncio.gather(*(house.services.digests.tick() for house in houses))
        by_day = clock().weekday() == 0 and 6 <= clock().hour < 16
        clock.forward(STEP if by_day else timedelta(hours=6 - clock().hour % 6) - timedelta(minutes=clock().minute))


async def frozen(house: Replica) -> list[tuple[str, datetime]]:
    async with house.storage.transaction() as records:
        editions = await records.digests.latest(GroupId(GROUP), 100)
    return sorted((each.week, each.frozen_at) for each in editions)


def local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@pytest.mark.parametrize("change", [datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)])
async def test_replicas_ten_minutes_apart_make_one_digest_a_week_through_a_change_of_the_clocks(
    database_url: str, change: datetime
) -> None:
    clock = Clock(change - timedelta(days=15))
    async with replicas(database_url, 3, clock) as houses:
        for house, skew in zip(houses, (timedelta(), WRONG_BY, -WRONG_BY), strict=True):
            house.skew = skew
        await begin(houses[0], Schedule(PARIS, 0, 9))
        await live(houses, clock, change + timedelta(days=16))
        editions = await frozen(houses[0])
    weeks = Counter(week for week, _ in editions)
    assert len(weeks) == 5
    assert set(weeks.values()) == {1}
    for week, at in editions:
        said = local(at, PARIS)
        assert abs(said - said.replace(hour=9, minute=0)) <= WRONG_BY + STEP, (week, at)
        assert said.weekday() == 0


async def test_a_group_that_moves_to_another_zone_reads_one_digest_a_week_at_its_new_hour(database_url: str) -> None:
    clock = Clock(datetime(2026, 11, 1, tzinfo=UTC))
    async with replicas(database_url, 2, clock) as houses:
        await begin(houses[0], Schedule(PARIS, 0, 9))
        await live(houses, clock, datetime(2026, 11, 11, tzinfo=UTC))
        group = await the_group(houses[0])
        moved = Schedule(NEW_YORK, 0, 9)
        async with houses[0].storage.transaction() as records:
            await records.groups.save(replace(group, schedule=moved, next_digest=next_digest(moved, clock())))
        await live(houses, clock, datetime(2026, 11, 25, tzinfo=UTC))
        editions = await frozen(houses[0])
    assert [week for week, _ in editions] == ["2026-W45", "2026-W46", "2026-W47"]
    hours = [local(at, zone).hour for (_, at), zone in zip(editions, (PARIS, NEW_YORK, NEW_YORK), strict=True)]
    assert hours == [9, 9, 9]


async def test_a_clock_set_back_does_not_make_last_weeks_digest_again(database_url: str) -> None:
    clock = Clock(datetime(2026, 11, 1, tzinfo=UTC))
    async with replicas(database_url, 1, clock) as houses:
        await begin(houses[0], Schedule("UTC", 0, 9))
        await live(houses, clock, datetime(2026, 11, 9, 10, tzinfo=UTC))
        clock.forward(hours=-2)
        await live(houses, clock, datetime(2026, 11, 9, 10, tzinfo=UTC))
        assert [week for week, _ in await frozen(houses[0])] == ["2026-W45"]
