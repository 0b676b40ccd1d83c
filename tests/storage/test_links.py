"""Tracked links: one for each canonical URL of a group, and where their codes lead."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import AlreadyKept, UnknownGroup
from core.model import Code, Destination, GroupAddress, GroupId, GroupState, LinkId, LinkState, Platform
from core.ports import Storage
from tests.fakes.clock import Clock
from tests.storage.stories import GROUP, a_group, a_kept_link, a_link, kept

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def group(storage: Storage, clock: Clock) -> None:
    await kept(storage, a_group(clock))


async def test_a_link_comes_back_as_it_was_kept(storage: Storage, clock: Clock) -> None:
    link = await a_kept_link(storage, clock)
    async with storage.transaction() as records:
        assert await records.links.get(GROUP, link.id) == link
        assert await records.links.find(GROUP, link.clean.key) == link
        assert await records.links.find(GROUP, "news.example/other") is None
        assert await records.links.get(GROUP, LinkId("never-kept")) is None


async def test_two_groups_know_nothing_of_each_others_links(storage: Storage, clock: Clock) -> None:
    link = await a_kept_link(storage, clock)
    other = replace(a_group(clock, "g2"), address=GroupAddress(Platform.SLACK, "T1", "C1"))
    await kept(storage, other)
    async with storage.transaction() as records:
        assert await records.links.find(other.id, link.clean.key) is None
        assert await records.links.get(other.id, link.id) is None
        twin = replace(a_link(clock, group=other.id), id=LinkId("twin"), code=Code("twin".zfill(16)))
        await records.links.add(twin)
        assert await records.links.find(other.id, link.clean.key) == twin


async def test_a_canonical_url_has_one_link(storage: Storage, clock: Clock) -> None:
    link = await a_kept_link(storage, clock)
    again = replace(link, id=LinkId("again"), code=Code("again".zfill(16)))
    with pytest.raises(AlreadyKept):
        async with storage.transaction() as records:
            await records.links.add(again)


async def test_what_may_change_of_a_link_is_saved(storage: Storage, clock: Clock) -> None:
    link = await a_kept_link(storage, clock)
    moment = clock() + timedelta(days=9)
    changed = replace(link, title="Näher", expires_at=moment, counted_until=moment, shown_at=clock())
    async with storage.transaction() as records:
        await records.links.save(changed)
    async with storage.transaction() as records:
        assert await records.links.get(GROUP, link.id) == changed


async def test_no_link_for_a_group_that_is_not_kept(storage: Storage, clock: Clock) -> None:
    with pytest.raises(UnknownGroup):
        async with storage.transaction() as records:
            await records.links.add(a_link(clock, group=GroupId("never-kept")))


async def test_a_code_leads_to_its_page(storage: Storage, clock: Clock) -> None:
    link = await a_kept_link(storage, clock)
    async with storage.transaction() as records:
        found = await records.links.destination(link.code)
        assert await records.links.destination(Code("never0minted0000")) is None
    assert found == Destination(link.id, GROUP, link.clean.display, link.expires_at, None)


async def test_a_code_leads_on_when_its_link_expired_so_that_the_page_can_say_so(
    storage: Storage, clock: Clock
) -> None:
    link = await a_kept_link(storage, clock)
    clock.moment = link.expires_at + timedelta(days=1)
    async with storage.transaction() as records:
        found = await records.links.destination(link.code)
    assert found is not None
    assert found.expires_at < clock()


@pytest.mark.parametrize("state", GroupState)
async def test_clicks_count_only_while_the_group_is_switched_on(
    storage: Storage, clock: Clock, state: GroupState
) -> None:
    link = replace(a_link(clock), counted_until=clock() + timedelta(days=14))
    async with storage.transaction() as records:
        await records.links.add(link)
        await records.groups.save(replace(a_group(clock), state=state))
    async with storage.transaction() as records:
        found = await records.links.destination(link.code)
    assert found is not None
    assert (found.counted_until is not None) == (state is GroupState.ENABLED)


async def test_after_its_group_was_erased_a_link_leads_on_uncounted_and_says_nothing_else(
    storage: Storage, clock: Clock
) -> None:
    link = replace(a_link(clock), counted_until=clock() + timedelta(days=14))
    async with storage.transaction() as records:
        await records.links.add(link)
    async with storage.transaction() as records:
        await records.groups.shred(GROUP)
    async with storage.transaction() as records:
        found = await records.links.destination(link.code)
        assert await records.links.find(GROUP, link.clean.key) is None
        assert await records.links.get(GROUP, link.id) is None
    assert found == Destination(link.id, GROUP, link.clean.display, link.expires_at, None)


async def test_what_changed_is_told_to_those_who_remember_it(storage: Storage, clock: Clock) -> None:
    link, other = await a_kept_link(storage, clock), await a_kept_link(storage, clock, "b")
    clock.forward(minutes=2)
    async with storage.transaction() as records:
        first = await records.links.changes(None, MINUTE)
        assert first.links == {}
        clock.forward(seconds=1)
        await records.links.save(replace(link, counted_until=clock()))
        await records.links.save(replace(other, title="only its title"))
    async with storage.transaction() as records:
        assert (await records.links.changes(first.looked_at, MINUTE)).links == {
            link.id: LinkState(link.expires_at, clock())
        }
        assert (await records.links.changes(first.looked_at, 3 * MINUTE)).links.keys() == {link.id, other.id}


async def test_a_change_is_told_also_after_the_clock_was_put_back(storage: Storage, clock: Clock) -> None:
    link = await a_kept_link(storage, clock)
    async with storage.transaction() as records:
        before = await records.links.changes(None, MINUTE)
    clock.forward(minutes=-10)
    async with storage.transaction() as records:
        await records.links.save(replace(link, counted_until=clock()))
    async with storage.transaction() as records:
        assert (await records.links.changes(before.looked_at, MINUTE)).links.keys() == {link.id}


@pytest.mark.parametrize("how", ["pause", "shred"])
async def test_a_group_that_stops_changes_all_its_links(storage: Storage, clock: Clock, how: str) -> None:
    link = await a_kept_link(storage, clock)
    clock.forward(minutes=2)
    async with storage.transaction() as records:
        first = await records.links.changes(None, MINUTE)
        assert first.links == {}
        if how == "pause":
            await records.groups.save(replace(a_group(clock), state=GroupState.PAUSED))
        else:
            await records.groups.shred(GROUP)
    async with storage.transaction() as records:
        assert (await records.links.changes(first.looked_at, MINUTE)).links == {
            link.id: LinkState(link.expires_at, None)
        }
