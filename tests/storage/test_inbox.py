"""The inbox: accepted once, worked off once, never lost."""

from datetime import timedelta

import pytest

from core.errors import LeaseLost, UnknownGroup
from core.model import GroupId, InboxItem
from core.ports import Storage
from tests.fakes.clock import Clock
from tests.storage.stories import LEASE, a_group, an_intake, kept


@pytest.fixture(autouse=True)
async def group(storage: Storage, clock: Clock) -> None:
    await kept(storage, a_group(clock))


async def put(storage: Storage, clock: Clock, event: str = "e1") -> bool:
    async with storage.transaction() as records:
        return await records.inbox.put(event, an_intake(clock))


async def claim(storage: Storage, limit: int = 10) -> list[InboxItem]:
    async with storage.transaction() as records:
        return await records.inbox.claim(LEASE, limit)


async def fail(storage: Storage, item: InboxItem) -> None:
    async with storage.transaction() as records:
        await records.inbox.failed(item, "ValueError")


async def done(storage: Storage, item: InboxItem) -> None:
    async with storage.transaction() as records:
        await records.inbox.done(item)


async def test_a_platforms_redelivery_is_accepted_once(storage: Storage, clock: Clock) -> None:
    assert await put(storage, clock)
    assert not await put(storage, clock)
    [item] = await claim(storage)
    assert item.intake == an_intake(clock)
    assert item.attempts == 0
    await done(storage, item)
    assert not await put(storage, clock)
    assert await claim(storage) == []


async def test_nothing_is_accepted_for_a_group_that_is_not_kept(storage: Storage, clock: Clock) -> None:
    with pytest.raises(UnknownGroup):
        async with storage.transaction() as records:
            await records.inbox.put("e1", an_intake(clock, GroupId("never-kept")))


async def test_claimed_work_is_nobody_elses_until_its_lease_runs_out(storage: Storage, clock: Clock) -> None:
    await put(storage, clock)
    [first] = await claim(storage)
    assert await claim(storage) == []
    clock.forward(LEASE)
    [second] = await claim(storage)
    assert second.id == first.id
    for late in (done, fail):
        with pytest.raises(LeaseLost):
            await late(storage, first)
    await done(storage, second)
    with pytest.raises(LeaseLost):
        await done(storage, second)


async def test_the_oldest_comes_first(storage: Storage, clock: Clock) -> None:
    for event in ("e1", "e2", "e3"):
        await put(storage, clock, event)
        clock.forward(seconds=1)
    ids = [(await claim(storage, 1))[0].id for _ in range(3)]
    clock.forward(LEASE)
    assert [item.id for item in await claim(storage)] == ids


async def test_a_failure_is_tried_again_after_a_growing_pause_and_the_fifth_is_the_last(
    storage: Storage, clock: Clock
) -> None:
    await put(storage, clock)
    for tries, pause in enumerate((1, 5, 30, 120)):
        [item] = await claim(storage)
        assert item.attempts == tries
        await fail(storage, item)
        clock.forward(seconds=pause - 0.5)
        assert await claim(storage) == []
        clock.forward(seconds=0.5)
    [item] = await claim(storage)
    await fail(storage, item)
    clock.forward(days=1)
    assert await claim(storage) == []


async def test_work_rolled_back_is_not_done(storage: Storage, clock: Clock) -> None:
    await put(storage, clock)
    [item] = await claim(storage)
    with pytest.raises(ZeroDivisionError):
        await done_and_failed(storage, item)
    clock.forward(LEASE + timedelta(seconds=1))
    assert [each.id for each in await claim(storage)] == [item.id]


async def done_and_failed(storage: Storage, item: InboxItem) -> None:
    async with storage.transaction() as records:
        await records.inbox.done(item)
        raise ZeroDivisionError


async def test_an_erased_groups_work_is_gone(storage: Storage, clock: Clock) -> None:
    await put(storage, clock)
    async with storage.transaction() as records:
        await records.groups.shred(an_intake(clock).group)
    assert await claim(storage) == []
