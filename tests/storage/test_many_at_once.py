"""What many messages came to, kept in one go: the same as one after the other, and each group's own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import LeaseLost, UnknownGroup
from core.model import (
    CLICKS_COUNTED_FOR,
    Aside,
    Code,
    GroupAddress,
    GroupId,
    LinkId,
    MessageState,
    Platform,
    Share,
    ToPost,
    TrackedLink,
)
from core.ports import Storage
from tests.fakes.clock import Clock
from tests.storage.stories import (
    ALICE,
    BOB,
    GROUP,
    LEASE,
    WEEK,
    a_clean_url,
    a_consent,
    a_group,
    a_link,
    a_share,
    an_intake,
    kept,
)

ELSEWHERE = GroupId("g2")
NOWHERE = GroupId("g9")
KEY = a_clean_url().key


def elsewhere(clock: Clock) -> TrackedLink:
    """The same page in the other group."""
    return replace(a_link(clock, "a", ELSEWHERE), id=LinkId("link-e"), code=Code("e" * 16))


@pytest.fixture(autouse=True)
async def groups(storage: Storage, clock: Clock) -> None:
    await kept(storage, a_group(clock))
    await kept(storage, replace(a_group(clock, ELSEWHERE), address=GroupAddress(Platform.SLACK, "T1", "C1")))


async def test_links_are_found_by_group_and_page(storage: Storage, clock: Clock) -> None:
    here, there = a_link(clock), elsewhere(clock)
    async with storage.transaction() as records:
        await records.links.add_all([here, there])
        await records.links.add_all([])
    async with storage.transaction() as records:
        found = await records.links.find_all([(GROUP, KEY), (ELSEWHERE, KEY), (GROUP, "other"), (NOWHERE, KEY)])
        assert await records.links.find_all([]) == {}
    assert found == {(GROUP, KEY): here, (ELSEWHERE, KEY): there}


async def test_links_are_saved_and_only_what_replicas_must_hear_of_is_told(storage: Storage, clock: Clock) -> None:
    here, there = a_link(clock), elsewhere(clock)
    async with storage.transaction() as records:
        await records.links.add_all([here, there])
    began = clock()
    clock.forward(hours=1)
    until = clock() + timedelta(days=14)
    counted, titled = replace(here, counted_until=until), replace(there, title="new", shown_at=clock())
    async with storage.transaction() as records:
        await records.links.save_all([counted, titled, replace(a_link(clock, "z"), title="never kept")])
        await records.links.save_all([])
    async with storage.transaction() as records:
        assert await records.links.find_all([(GROUP, KEY), (ELSEWHERE, KEY)]) == {
            (GROUP, KEY): counted,
            (ELSEWHERE, KEY): titled,
        }
        changes = await records.links.changes(began + timedelta(minutes=30), timedelta())
    assert set(changes.links) == {here.id}


async def test_shares_of_several_groups_are_added_and_counted_each_in_its_own(storage: Storage, clock: Clock) -> None:
    later = clock() + timedelta(hours=1)
    here = a_share(clock())
    there = Share(ELSEWHERE, LinkId("link-e"), BOB, WEEK, later, "m1", counts_clicks=True)
    uncounted = replace(here, link=LinkId("link-b"), counts_clicks=False)
    async with storage.transaction() as records:
        await records.links.add_all([a_link(clock), a_link(clock, "b"), elsewhere(clock)])
        await records.shares.add_all([here, there, uncounted, replace(here, message="second", at=later)])
        await records.shares.add_all([])
    async with storage.transaction() as records:
        places = [(each.group, each.link) for each in (here, there, uncounted)]
        until = await records.shares.counted_until_all([*places, (NOWHERE, here.link)])
        assert await records.shares.counted_until_all([]) == {}
        assert [share.week for share in await records.shares.brought(GROUP, "m1")] == [WEEK, WEEK]
        assert await records.shares.brought(GROUP, "second") == []
    assert until == {
        (GROUP, here.link): here.at + CLICKS_COUNTED_FOR,
        (ELSEWHERE, there.link): later + CLICKS_COUNTED_FOR,
    }


async def test_messages_are_told_as_last_written_and_never_go_back(storage: Storage, clock: Clock) -> None:
    first = MessageState(frozenset({LinkId("a"), LinkId("b")}), clock())
    second = MessageState(frozenset(), clock() + timedelta(minutes=1))
    async with storage.transaction() as records:
        await records.shares.set_messages({(GROUP, "m1"): second, (ELSEWHERE, "m1"): first})
        await records.shares.set_messages({(GROUP, "m1"): first})
        await records.shares.set_messages({})
    async with storage.transaction() as records:
        asked = [(GROUP, "m1"), (ELSEWHERE, "m1"), (GROUP, "m2"), (NOWHERE, "m1")]
        assert await records.shares.messages(asked) == {(GROUP, "m1"): second, (ELSEWHERE, "m1"): first}
        assert await records.shares.messages([]) == {}


async def test_each_yes_is_told_to_its_own_group(storage: Storage, clock: Clock) -> None:
    here, there = a_consent(clock), a_consent(clock, receipt="r2")
    async with storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, here)
        await records.consents.put(ELSEWHERE, BOB, there)
    async with storage.transaction() as records:
        asked = [(GROUP, ALICE), (GROUP, BOB), (ELSEWHERE, ALICE), (ELSEWHERE, BOB)]
        assert await records.consents.some(asked) == {(GROUP, ALICE): here, (ELSEWHERE, BOB): there}
        assert await records.consents.some([]) == {}
        assert set(await records.groups.some([GROUP, ELSEWHERE, NOWHERE])) == {GROUP, ELSEWHERE}
        assert await records.groups.some([]) == {}


async def test_postings_are_asked_for_once_each(storage: Storage, clock: Clock) -> None:
    aside, cutoff = Aside(ALICE, "m1", "listed.aside", "en"), clock() + timedelta(minutes=5)
    here, there = ToPost(GROUP, "aside:m1", aside, cutoff), ToPost(ELSEWHERE, "aside:m1", aside, cutoff)
    async with storage.transaction() as records:
        assert await records.outbox.put_all([here]) == [True]
        assert await records.outbox.put_all([here, there]) == [False, True]
        assert await records.outbox.put_all([]) == []
    async with storage.transaction() as records:
        assert {item.group for item in await records.outbox.claim(LEASE, 9)} == {GROUP, ELSEWHERE}


async def test_work_is_finished_together_or_not_at_all(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        for number in range(3):
            await records.inbox.put(f"e{number}", an_intake(clock))
    async with storage.transaction() as records:
        stale, *mine = await records.inbox.claim(LEASE, 3)
    clock.forward(LEASE)
    async with storage.transaction() as records:
        [*_] = await records.inbox.claim(LEASE, 1)
    with pytest.raises(LeaseLost):
        async with storage.transaction() as records:
            await records.inbox.done(*mine, stale)
    async with storage.transaction() as records:
        await records.inbox.done(*mine)
    clock.forward(LEASE)
    async with storage.transaction() as records:
        assert [item.id for item in await records.inbox.claim(LEASE, 9)] == [stale.id]


async def test_nothing_is_written_for_a_group_that_is_not_kept(storage: Storage, clock: Clock) -> None:
    lost = replace(a_share(clock()), group=NOWHERE)
    with pytest.raises(UnknownGroup):
        async with storage.transaction() as records:
            await records.shares.add_all([a_share(clock()), lost])
    async with storage.transaction() as records:
        assert await records.shares.by_day(GROUP, WEEK) == []
