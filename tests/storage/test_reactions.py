"""Reactions: at least how many people, never who, gone with the release."""

from dataclasses import replace

import pytest

from core.model import GroupId, LinkId, Reaction, Week
from core.ports import Storage
from tests.fakes.clock import Clock
from tests.storage.stories import GROUP, WEEK, a_group, kept

A, B = LinkId("link-a"), LinkId("link-b")


def a_reaction(event: str, message: str = "m1", kind: str = "", change: int = 1, week: Week = WEEK) -> Reaction:
    return Reaction(GROUP, week, message, kind, change, event)


@pytest.fixture(autouse=True)
async def group(storage: Storage, clock: Clock) -> None:
    await kept(storage, a_group(clock))
    async with storage.transaction() as records:
        await records.shares.set_message(GROUP, "m1", frozenset({A}), clock())
        await records.shares.set_message(GROUP, "m2", frozenset({A, B}), clock())


async def noted(storage: Storage, *reactions: Reaction) -> list[bool]:
    async with storage.transaction() as records:
        return [await records.reactions.note(each) for each in reactions]


async def people(storage: Storage, week: Week = WEEK) -> dict[LinkId, int]:
    async with storage.transaction() as records:
        return dict(await records.reactions.people(GROUP, week))


async def test_a_delivery_that_comes_twice_counts_once(storage: Storage) -> None:
    assert await noted(storage, a_reaction("e1"), a_reaction("e1"), a_reaction("e2")) == [True, False, True]
    assert await people(storage) == {A: 2}


async def test_whoever_reacts_to_two_messages_with_one_link_may_be_one_person(storage: Storage) -> None:
    await noted(storage, a_reaction("e1"), a_reaction("e2", "m2"), a_reaction("e3", "m2"))
    assert await people(storage) == {A: 2, B: 2}


async def test_whoever_sets_two_kinds_may_be_one_person(storage: Storage) -> None:
    await noted(storage, a_reaction("e1", kind="tada"), a_reaction("e2", kind="eyes"), a_reaction("e3", kind="eyes"))
    assert await people(storage) == {A: 2}


async def test_what_is_taken_off_again_leaves_nothing_to_tell_in_whatever_order_it_comes(storage: Storage) -> None:
    await noted(storage, a_reaction("e2", change=-1), a_reaction("e1"))
    assert await people(storage) == {}


async def test_a_message_that_we_hold_nothing_of_is_not_counted(storage: Storage) -> None:
    elsewhere = replace(a_reaction("e2"), group=GroupId("never-kept"))
    assert await noted(storage, a_reaction("e1", "unknown"), elsewhere) == [False, False]


async def test_a_released_week_keeps_none_and_the_running_one_stays(storage: Storage) -> None:
    later = Week("2026-W48")
    await noted(storage, a_reaction("e1"), a_reaction("e2", week=later))
    async with storage.transaction() as records:
        await records.reactions.destroy(GROUP, WEEK)
    assert await people(storage) == {}
    assert await people(storage, later) == {A: 1}


async def test_a_group_that_is_erased_takes_them_along(storage: Storage) -> None:
    await noted(storage, a_reaction("e1"))
    async with storage.transaction() as records:
        await records.groups.shred(GROUP)
    assert await people(storage) == {}
