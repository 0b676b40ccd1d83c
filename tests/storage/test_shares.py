"""Shares: counted once a week for each account and link, taken back, forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import UnknownGroup
from core.model import CLICKS_COUNTED_FOR, Brought, GroupId, LinkId, Week
from core.ports import Storage
from tests.fakes.clock import Clock
from tests.storage.stories import ALICE, BOB, GROUP, WEEK, a_group, a_kept_link, a_share, kept

A, B = LinkId("link-a"), LinkId("link-b")


@pytest.fixture(autouse=True)
async def group(storage: Storage, clock: Clock) -> None:
    await kept(storage, a_group(clock))
    for page in "ab":
        await a_kept_link(storage, clock, page)


async def test_a_second_post_in_the_week_adds_nothing(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        assert await records.shares.add(a_share(clock()))
        assert not await records.shares.add(a_share(clock(), message="m2"))
        assert await records.shares.add(a_share(clock(), account=BOB))
        assert await records.shares.add(a_share(clock(), page="b"))
        assert await records.shares.add(a_share(clock(), week=Week("2026-W48")))
    async with storage.transaction() as records:
        assert [each.shares for each in await records.shares.week(GROUP, WEEK)] == [2, 1]


async def test_a_week_is_told_first_shared_first(storage: Storage, clock: Clock) -> None:
    first, second, third = (clock() + timedelta(hours=hours) for hours in range(3))
    async with storage.transaction() as records:
        await records.shares.add(a_share(third, "a", BOB, message="m3"))
        await records.shares.add(a_share(second, "a", ALICE, message="m2"))
        await records.shares.add(a_share(first, "b", BOB, message="m1"))
    async with storage.transaction() as records:
        week = await records.shares.week(GROUP, WEEK)
        assert await records.shares.by_day(GROUP, WEEK) == [first, second, third]
    told = [(each.link.id, each.shares, each.first_shared_at, each.message) for each in week]
    assert told == [(B, 1, first, "m1"), (A, 2, second, "m2")]


async def test_a_week_without_shares_is_empty(storage: Storage) -> None:
    async with storage.transaction() as records:
        assert await records.shares.week(GROUP, WEEK) == []
        assert await records.shares.by_day(GROUP, WEEK) == []
        assert await records.shares.week(GroupId("never-kept"), WEEK) == []


async def test_what_a_message_holds_is_as_it_was_last_written(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        assert await records.shares.of_message(GROUP, "m1") == frozenset()
        assert await records.shares.message_version(GROUP, "m1") is None
        await records.shares.set_message(GROUP, "m1", frozenset({A}), clock())
        await records.shares.set_message(GROUP, "m1", frozenset({A, B}), clock() + timedelta(minutes=2))
        await records.shares.set_message(GROUP, "m1", frozenset(), clock() + timedelta(minutes=1))
    async with storage.transaction() as records:
        assert await records.shares.of_message(GROUP, "m1") == {A, B}
        assert await records.shares.message_version(GROUP, "m1") == clock() + timedelta(minutes=2)
        assert await records.shares.of_message(GroupId("never-kept"), "m1") == frozenset()


async def test_an_undo_takes_back_what_this_account_shared_by_this_message(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.shares.add(a_share(clock(), "a"))
        await records.shares.add(a_share(clock(), "b", message="m2"))
        await records.shares.add(a_share(clock(), "a", BOB))
    async with storage.transaction() as records:
        take_back = records.shares.take_back
        assert await take_back(GROUP, ALICE, "m1", frozenset()) == frozenset()
        assert await take_back(GroupId("never-kept"), ALICE, "m1", frozenset({A})) == frozenset()
        assert await take_back(GROUP, ALICE, "m1", frozenset({A, B})) == {A}
        assert await take_back(GROUP, ALICE, "m1", frozenset({A, B})) == frozenset()
        assert await records.shares.add(a_share(clock(), "a"))


async def test_forgetting_finds_every_share_of_an_account_and_no_other(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        for page in "ab":
            await records.shares.add(a_share(clock(), page))
            await records.shares.add(a_share(clock(), page, BOB))
    async with storage.transaction() as records:
        assert await records.shares.forget(GROUP, ALICE) == {A, B}
        assert await records.shares.forget(GROUP, ALICE) == frozenset()
        assert await records.shares.forget(GroupId("never-kept"), ALICE) == frozenset()
        assert [each.shares for each in await records.shares.week(GROUP, WEEK)] == [1, 1]


async def test_clicks_count_for_two_weeks_after_the_latest_share_whose_sharer_agreed(
    storage: Storage, clock: Clock
) -> None:
    async with storage.transaction() as records:
        assert await records.shares.counted_until(GROUP, A) is None
        await records.shares.add(a_share(clock()))
        await records.shares.add(a_share(clock() + timedelta(days=1), account=BOB, counts=False))
        assert await records.shares.counted_until(GROUP, A) == clock() + CLICKS_COUNTED_FOR


async def test_who_takes_back_click_counting_keeps_the_shares(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.shares.add(a_share(clock()))
        await records.shares.add(a_share(clock() - timedelta(days=1), account=BOB))
    async with storage.transaction() as records:
        assert await records.shares.stop_counting(GROUP, ALICE) == {A}
        assert await records.shares.stop_counting(GroupId("never-kept"), ALICE) == frozenset()
        assert await records.shares.stop_counting(GroupId("never-kept"), None) == frozenset()
        assert await records.shares.counted_until(GROUP, A) == clock() - timedelta(days=1) + CLICKS_COUNTED_FOR
        assert [each.shares for each in await records.shares.week(GROUP, WEEK)] == [2]
    async with storage.transaction() as records:
        assert await records.shares.stop_counting(GROUP, None) == {A}
        assert await records.shares.counted_until(GROUP, A) is None
        assert [each.shares for each in await records.shares.week(GROUP, WEEK)] == [2]


async def test_no_share_in_a_group_that_is_not_kept(storage: Storage, clock: Clock) -> None:
    with pytest.raises(UnknownGroup):
        async with storage.transaction() as records:
            await records.shares.add(replace(a_share(clock()), group=GroupId("never-kept")))


async def test_what_a_message_brought_is_known_without_whose_it_was(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.shares.add(a_share(clock(), "a"))
        await records.shares.add(a_share(clock(), "b", BOB, message="m2"))
        assert await records.shares.brought(GROUP, "m1") == [Brought(LinkId("link-a"), WEEK, clock())]
        assert await records.shares.brought(GroupId("never-kept"), "m1") == []


async def test_one_share_of_ones_own_is_taken_back_and_nobody_elses(storage: Storage, clock: Clock) -> None:
    a, never = LinkId("link-a"), GroupId("never-kept")
    async with storage.transaction() as records:
        await records.shares.add(a_share(clock(), "a"))
        await records.shares.add(a_share(clock(), "a", BOB, message="m2"))
        assert await records.shares.shared_by(GROUP, ALICE, WEEK) == {a}
        assert await records.shares.take_one(GROUP, ALICE, a, WEEK) == Brought(a, WEEK, clock())
        assert await records.shares.take_one(GROUP, ALICE, a, WEEK) is None
        assert await records.shares.take_one(never, ALICE, a, WEEK) is None
        assert await records.shares.shared_by(GROUP, ALICE, WEEK) == frozenset()
        assert [each.shares for each in await records.shares.week(GROUP, WEEK)] == [1]


async def test_the_last_thing_an_account_shared_is_found_and_nobody_elses(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        assert await records.shares.last_message(GROUP, ALICE) is None
        await records.shares.add(a_share(clock() + timedelta(minutes=1), "b", message="m2"))
        await records.shares.add(a_share(clock(), "a"))
        await records.shares.add(a_share(clock() + timedelta(minutes=2), "a", BOB, message="m3"))
        assert await records.shares.last_message(GROUP, ALICE) == "m2"
        assert await records.shares.last_message(GroupId("never-kept"), ALICE) is None
