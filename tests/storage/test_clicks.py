"""Exact clicks: added batch by batch, each once, until they are released."""

from datetime import date, timedelta

import pytest

from core.model import Click, ClickBatch, ClickCount, GroupId, LinkId
from core.ports import Storage
from tests.fakes.clock import Clock
from tests.storage.stories import GROUP, a_group, kept

A, B = LinkId("link-a"), LinkId("link-b")


@pytest.fixture(autouse=True)
async def group(storage: Storage, clock: Clock) -> None:
    await kept(storage, a_group(clock))


@pytest.fixture
def today(clock: Clock) -> date:
    return clock().date()


def a_click(day: date, link: LinkId = A, *, in_total: bool = True, group: GroupId = GROUP) -> Click:
    return group, link, day, in_total


async def test_a_batch_is_applied_once(storage: Storage, today: date) -> None:
    batch = ClickBatch("batch-1", ((a_click(today), 3),))
    for first in (True, False):
        async with storage.transaction() as records:
            assert await records.clicks.apply(batch) == first
    async with storage.transaction() as records:
        assert await records.clicks.counts(GROUP, today) == [ClickCount(A, today, 3, 3)]


async def test_batches_add_up(storage: Storage, today: date) -> None:
    clicks = ((a_click(today), 2), (a_click(today, in_total=False), 1), (a_click(today, B), 1))
    for batch in ("batch-1", "batch-2"):
        async with storage.transaction() as records:
            await records.clicks.apply(ClickBatch(batch, clicks))
    async with storage.transaction() as records:
        assert await records.clicks.counts(GROUP, today) == [ClickCount(A, today, 6, 4), ClickCount(B, today, 2, 2)]


async def test_an_empty_batch_is_remembered_too(storage: Storage) -> None:
    async with storage.transaction() as records:
        assert await records.clicks.apply(ClickBatch("batch-1", ()))
        assert not await records.clicks.apply(ClickBatch("batch-1", ()))


async def test_a_batch_that_was_rolled_back_can_be_applied_again(storage: Storage, today: date) -> None:
    batch = ClickBatch("batch-1", ((a_click(today), 1),))
    with pytest.raises(ZeroDivisionError):
        await applied_and_failed(storage, batch)
    async with storage.transaction() as records:
        assert await records.clicks.apply(batch)


async def applied_and_failed(storage: Storage, batch: ClickBatch) -> None:
    async with storage.transaction() as records:
        await records.clicks.apply(batch)
        raise ZeroDivisionError


async def test_released_days_are_deleted_and_later_ones_stay(storage: Storage, today: date) -> None:
    yesterday = today - timedelta(days=1)
    async with storage.transaction() as records:
        await records.clicks.apply(ClickBatch("batch-1", ((a_click(today), 1), (a_click(yesterday), 2))))
    async with storage.transaction() as records:
        assert await records.clicks.counts(GROUP, yesterday) == [ClickCount(A, yesterday, 2, 2)]
        await records.clicks.delete(GROUP, yesterday)
        assert await records.clicks.counts(GROUP, today) == [ClickCount(A, today, 1, 1)]


async def test_clicks_of_a_group_that_was_erased_are_dropped_and_the_others_are_not(
    storage: Storage, today: date
) -> None:
    gone = a_click(today, group=GroupId("erased"))
    async with storage.transaction() as records:
        assert await records.clicks.apply(ClickBatch("batch-1", ((gone, 1), (a_click(today), 1))))
    async with storage.transaction() as records:
        assert await records.clicks.counts(GroupId("erased"), today) == []
        assert await records.clicks.counts(GROUP, today) == [ClickCount(A, today, 1, 1)]


async def test_days_long_over_are_not_counted_any_more(storage: Storage, today: date) -> None:
    async with storage.transaction() as records:
        await records.clicks.apply(ClickBatch("late", ((a_click(today - timedelta(days=15)), 1),)))
        assert await records.clicks.counts(GROUP, today) == []
