"""What waits to be counted across groups: one row per account and page, gone when taken back and when released."""

from dataclasses import replace

import pytest

from core.errors import UnknownGroup
from core.model import Account, AccountWeek, Contribution, GroupAddress, GroupId, Person, Platform, Week
from core.ports import Storage
from tests.fakes.clock import Clock
from tests.storage.stories import ALICE, BOB, GROUP, WEEK, a_contribution, a_group, a_published_week, kept

OTHER_GROUP = GroupId("g2")
NEXT_WEEK = Week("2026-W48")


@pytest.fixture(autouse=True)
async def groups(storage: Storage, clock: Clock) -> None:
    await kept(storage, a_group(clock))
    await kept(storage, replace(a_group(clock, OTHER_GROUP), address=GroupAddress(Platform.TELEGRAM, "", "-1002")))


async def keep(storage: Storage, *contributions: Contribution) -> list[bool]:
    async with storage.transaction() as records:
        return [await records.contributions.add(each) for each in contributions]


async def taken(storage: Storage, week: Week = WEEK) -> list[AccountWeek]:
    async with storage.transaction() as records:
        return await records.contributions.take(week)


def shape(accounts: list[AccountWeek]) -> list[tuple[list[str], list[str]]]:
    return sorted((sorted(each.pages), sorted(each.sites)) for each in accounts)


def page(name: str, site: str = "news.example") -> str:
    return f"https://{site}/{name}"


async def test_a_page_is_kept_once_for_an_account_group_and_week(storage: Storage) -> None:
    assert await keep(storage, a_contribution(), a_contribution()) == [True, False]
    assert await keep(storage, a_contribution(), a_contribution(week=NEXT_WEEK)) == [False, True]
    assert shape(await taken(storage)) == [([page("a")], ["news.example"])]
    assert shape(await taken(storage, NEXT_WEEK)) == [([page("a")], ["news.example"])]


async def test_one_account_is_one_unit_in_all_groups_of_its_workspace(storage: Storage) -> None:
    await keep(
        storage,
        a_contribution("a"),
        a_contribution("a", group=OTHER_GROUP),
        a_contribution("b", group=OTHER_GROUP, site="blog.example"),
        a_contribution("a", BOB),
    )
    assert shape(await taken(storage)) == [
        ([page("b", "blog.example"), page("a")], ["blog.example", "news.example"]),
        ([page("a")], ["news.example"]),
    ]


async def test_the_same_id_in_another_workspace_is_somebody_else(storage: Storage) -> None:
    elsewhere = Person(Platform.SLACK, "T1", ALICE)
    await keep(storage, a_contribution(), replace(a_contribution(group=OTHER_GROUP), person=elsewhere))
    assert len(await taken(storage)) == 2


async def test_the_choice_among_pages_is_another_for_each_account(storage: Storage) -> None:
    """Or the same pages would be left out for everybody."""
    for number in range(12):
        await keep(storage, *(a_contribution(name, Account(f"account-{number}")) for name in "abcde"))
    orders = {tuple(sorted(each.pages, key=each.pages.__getitem__)) for each in await taken(storage)}
    assert len(orders) > 6


async def test_a_week_is_taken_once(storage: Storage) -> None:
    await keep(storage, a_contribution(), a_contribution("b", BOB))
    assert len(await taken(storage)) == 2
    assert await taken(storage) == []


async def test_after_its_release_nothing_is_added_to_a_week(storage: Storage, clock: Clock) -> None:
    await keep(storage, a_contribution())
    async with storage.transaction() as records:
        await records.contributions.take(WEEK)
        await records.figures.add(a_published_week(clock))
    assert await keep(storage, a_contribution("late")) == [False]
    assert await taken(storage) == []


async def test_a_page_taken_back_leaves_every_week_of_that_group_alone(storage: Storage) -> None:
    await keep(
        storage,
        a_contribution("a"),
        a_contribution("a", week=NEXT_WEEK),
        a_contribution("b"),
        a_contribution("a", BOB),
        a_contribution("a", group=OTHER_GROUP),
    )
    async with storage.transaction() as records:
        assert await records.contributions.take_back(GROUP, ALICE, (page("a"), page("never"))) == 2
        assert await records.contributions.take_back(GROUP, ALICE, ()) == 0
        assert await records.contributions.of_account(GROUP, ALICE) == (page("b"),)
        assert await records.contributions.of_account(OTHER_GROUP, ALICE) == (page("a"),)
    assert await taken(storage, NEXT_WEEK) == []


async def test_an_account_is_forgotten_in_one_group_with_its_true_id_alone(storage: Storage) -> None:
    await keep(storage, a_contribution("a"), a_contribution("b", week=NEXT_WEEK), a_contribution("a", BOB))
    async with storage.transaction() as records:
        assert await records.contributions.of_account(GROUP, ALICE) == (page("a"), page("b"))
        assert await records.contributions.forget(OTHER_GROUP, ALICE) == 0
        assert await records.contributions.forget(GROUP, ALICE) == 2
        assert await records.contributions.of_account(GROUP, ALICE) == ()
        assert await records.contributions.of_account(GROUP, BOB) == (page("a"),)


async def test_a_group_that_narrows_or_goes_takes_its_contributions_with_it(storage: Storage) -> None:
    await keep(storage, a_contribution("a"), a_contribution("b", BOB), a_contribution("c", group=OTHER_GROUP))
    async with storage.transaction() as records:
        assert await records.contributions.forget_group(GROUP) == 2
    await keep(storage, a_contribution("d"))
    async with storage.transaction() as records:
        await records.groups.shred(GROUP)
    assert shape(await taken(storage)) == [([page("c")], ["news.example"])]


async def test_what_is_over_is_destroyed_unread(storage: Storage) -> None:
    await keep(storage, a_contribution(), a_contribution(week=NEXT_WEEK))
    async with storage.transaction() as records:
        await records.contributions.destroy(WEEK)
    assert await taken(storage) == []
    assert len(await taken(storage, NEXT_WEEK)) == 1


async def test_a_group_never_kept_can_contribute_nothing(storage: Storage) -> None:
    with pytest.raises(UnknownGroup):
        await keep(storage, a_contribution(group=GroupId("never-kept")))
