"""Accepted work on bad days: poison, doubles, disorder, a worker that stands still; the others are unharmed."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.model import Account, GroupId, Preview
from core.schedules import week_of
from core.shares import LEASE
from storage.inbox import WorkState
from tests.fakes.clock import Clock
from tests.fakes.house import GROUP
from tests.faults.replicas import SEED, Replica, replicas, work_by_state

MEMBERS = [Account(f"member-{number}") for number in range(6)]
POISONED = 0.002


@pytest.fixture
async def house(database_url: str, clock: Clock) -> AsyncIterator[Replica]:
    async with replicas(database_url, 1, clock) as (house,):
        house.now()
        await house.switch_on()
        for member in MEMBERS:
            await house.opt_in(member)
        yield house


async def group_id(house: Replica) -> GroupId:
    async with house.storage.transaction() as records:
        group = await records.groups.at(GROUP)
    assert group is not None
    return group.id


async def shared(house: Replica) -> dict[str, int]:
    """Shares of the week by address."""
    group = await group_id(house)
    async with house.storage.transaction() as records:
        links = await records.shares.week(group, week_of(house.now(), "UTC"))
    return {each.link.clean.key: each.shares for each in links}


async def work(house: Replica) -> None:
    """Everything that is or becomes due, pauses after failures included."""
    for _ in range(8):
        while await house.services.shares.work_off(100):
            pass
        house.clock.forward(minutes=3)
        house.now()


# Poison -----------------------------------------------------------------------------------------------------------


class PoisonedUnfurler:
    """Breaks on some addresses."""

    def __init__(self) -> None:
        self.tries = 0
        self.cured = False

    async def unfurl(self, url: str, group: GroupId) -> Preview | None:
        if "poison" in url and not self.cured:
            self.tries += 1
            raise ValueError("it breaks whoever touches it")
        return None


async def test_poison_is_dead_after_five_tries_and_harms_nobody_else(house: Replica) -> None:
    number = 500
    poisoned = max(1, round(number * POISONED))
    house.unfurler = unfurler = PoisonedUnfurler()  # type: ignore[assignment] # the same port
    house.services = house.build()
    for each in range(number):
        name = "poison" if each < poisoned else "fine"
        await house.post(f"https://news.example/{name}/{each}", account=MEMBERS[each % 6], message=f"m{each}")
    await work(house)
    assert unfurler.tries == 5 * poisoned
    kept = await work_by_state(house)
    assert (kept[WorkState.DONE], kept[WorkState.DEAD]) == (number - poisoned, poisoned)
    assert len(await shared(house)) == number - poisoned

    unfurler.cured = True
    async with house.storage.transaction() as records:
        dead = await records.inbox.dead(10)
        assert [await records.inbox.replay(group, item) for group, item, _ in dead] == [True] * poisoned
    await work(house)
    assert (await work_by_state(house))[WorkState.DEAD] == 0
    assert len(await shared(house)) == number


# Doubles and disorder ----------------------------------------------------------------------------------------------


def a_story(dice: random.Random) -> list[tuple[str, str, tuple[str, ...], int]]:
    """What six members post and edit, a message each: event, message, links, version."""
    events = []
    for number in range(6):
        pages = [f"https://news.example/{dice.randrange(5)}" for _ in range(dice.randrange(1, 4))]
        versions = [tuple(pages), *(tuple(pages[: dice.randrange(3)]) for _ in range(dice.randrange(3)))]
        events += [(f"e{number}.{v}", f"m{number}", links, v) for v, links in enumerate(versions)]
    return events


async def deliver(house: Replica, events: list[tuple[str, str, tuple[str, ...], int]], prefix: str) -> None:
    start = house.now()
    for event, message, links, version in events:
        edited = start + timedelta(seconds=version) if version else None
        account = MEMBERS[int(message[1:])]
        await house.post(*links, account=account, message=prefix + message, edited_at=edited, event=f"{prefix}{event}")
        if version % 2:
            await house.services.shares.work_off(1)
    while await house.services.shares.work_off():
        pass


@pytest.mark.parametrize("seed", range(SEED, SEED + 4))
async def test_doubled_and_disordered_deliveries_end_in_the_state_of_the_clean_run(
    database_url: str, clock: Clock, seed: int
) -> None:
    dice = random.Random(seed)
    clean = a_story(dice)
    messy = [event for event in clean for _ in range(3)]
    dice.shuffle(messy)
    ends = []
    for prefix, events in (("clean", clean), ("messy", messy)):
        clock.forward(weeks=1)
        async with replicas(database_url, 1, clock) as (house,):
            house.now()
            await house.switch_on()
            for member in MEMBERS:
                await house.opt_in(member)
            await deliver(house, events, prefix)
            group = await group_id(house)
            by_message = {}
            async with house.storage.transaction() as records:
                for message in {message for _, message, _, _ in clean}:
                    ids = await records.shares.of_message(group, prefix + message)
                    links = [await records.links.get(group, link) for link in ids]
                    by_message[message] = {link.clean.key for link in links if link}
            ends.append((await shared(house), by_message))
    assert ends[0] == ends[1]


# A worker that stands still ----------------------------------------------------------------------------------------


class StoppedUnfurler:
    """The process is stopped in the middle of a piece of work."""

    def __init__(self) -> None:
        self.stopped, self.goes_on = asyncio.Event(), asyncio.Event()

    async def unfurl(self, url: str, group: GroupId) -> Preview | None:
        if not self.stopped.is_set():
            self.stopped.set()
            await self.goes_on.wait()
            return Preview(url, "news.example", title="stale")
        return Preview(url, "news.example", title="fresh")


async def test_a_worker_stopped_for_longer_than_its_lease_writes_nothing(database_url: str, clock: Clock) -> None:
    async with replicas(database_url, 2, clock) as (stale, fresh):
        unfurler = StoppedUnfurler()
        for house in (stale, fresh):
            house.now()
            house.unfurler = unfurler  # type: ignore[assignment] # the same port
            house.services = house.build(house.storage)
        await stale.switch_on()
        await stale.opt_in(MEMBERS[0])
        await stale.post("https://news.example/page", account=MEMBERS[0])
        working = asyncio.create_task(stale.services.shares.work_off())
        await unfurler.stopped.wait()
        clock.forward(LEASE + timedelta(seconds=1))
        assert await fresh.services.shares.work_off() == 1
        unfurler.goes_on.set()
        await working
        assert list((await shared(fresh)).values()) == [1]
        group = await group_id(fresh)
        async with fresh.storage.transaction() as records:
            [link] = await records.shares.week(group, week_of(fresh.now(), "UTC"))
        assert link.link.title == "fresh"
        assert (await work_by_state(fresh))[WorkState.DONE] == 1
