"""What an admin sees before there is a digest."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.anonymity import Gate, bucket
from core.drafts import SITES, Draft, Kind, sample
from core.editions import is_full, sources_of
from core.errors import PlatformUnavailable
from core.model import Actor, Group, GroupAddress, Week
from core.schedules import monday_of
from tests.core.test_digests import a_week
from tests.fakes.editions import FROZEN_AT
from tests.fakes.house import ADMIN, GROUP, House
from tests.storage.stories import a_group as a_group_of

TITLES = tuple(f"page {number}" for number, _ in enumerate(SITES, start=1))
WEEK = Week("2026-W47")


async def a_group(members: int = 20) -> tuple[House, Group]:
    house = House()
    house.messenger.size = members
    await house.switch_on()
    group = await house.services.consent.group(GROUP)
    assert group is not None
    return house, group


async def preview(house: House, group: Group) -> Draft:
    draft = await house.services.digests.preview(group.id, TITLES)
    assert draft is not None
    return draft


async def test_before_anything_was_shared_there_is_a_sample_of_a_full_digest():
    house, group = await a_group()
    draft = await preview(house, group)
    assert draft.kind is Kind.SAMPLE
    assert is_full(draft.edition)
    assert sources_of(draft.edition) is not None
    assert draft.edition.language == group.language
    assert sum(draft.edition.shares_by_day) == draft.edition.shares
    assert await house.services.digests.latest(GROUP) is None


async def test_its_links_lead_nowhere_through_us():
    house, group = await a_group()
    edition = (await preview(house, group)).edition
    assert all(each.short_url == each.url for each in (*edition.entries, *edition.others))
    assert {each.site for each in (*edition.entries, *edition.others)} == set(SITES)


@pytest.mark.parametrize(("members", "gate"), [(7, Gate.NOTHING), (8, Gate.TOTAL), (15, Gate.PER_LINK)])
async def test_it_tells_of_clicks_what_a_group_of_this_size_would_be_told(members, gate):
    house, group = await a_group(members)
    edition = (await preview(house, group)).edition
    assert (edition.clicks is None) == (gate is Gate.NOTHING)
    assert all((each.clicks is None) == (gate is not Gate.PER_LINK) for each in edition.entries)


async def gone(_: GroupAddress) -> int:
    raise PlatformUnavailable


async def test_a_group_whose_size_nobody_tells_is_told_no_clicks():
    house, group = await a_group()
    house.messenger.members = gone  # type: ignore[method-assign] # the platform is away
    assert (await preview(house, group)).edition.clicks is None


async def test_it_follows_the_group_s_settings():
    house, group = await a_group()
    group = await house.services.groups.configure(GROUP, Actor(ADMIN), replace(group, digest_size=3))
    edition = (await preview(house, group)).edition
    assert (len(edition.entries), len(edition.others)) == (3, 3)


def test_every_range_but_the_highest_is_seen():
    edition = sample(a_group_of(lambda: FROZEN_AT), WEEK, 20, TITLES).edition
    told = {bucket(each.clicks or 0) for each in (*edition.entries, *edition.others)}
    assert len(told) == 5
    assert edition.frozen_at.date() == monday_of(WEEK) + timedelta(days=7)


async def test_what_was_shared_takes_its_place():
    house = await a_week()
    group = await house.services.consent.group(GROUP)
    assert group is not None
    assert (await preview(house, group)).kind is Kind.BY_NOW
