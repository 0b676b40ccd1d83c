"""A group's week: due, frozen once, handed over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.clicks import Visitor
from core.digests import upcoming
from core.drafts import Draft, Kind
from core.errors import PlatformUnavailable
from core.model import Account, Actor, Digest, Platform, Schedule, Week
from tests.fakes.house import ADMIN, GROUP, MEMBER, OTHER, House
from tests.fakes.noise import ForbiddenNoise

NEWS = "https://news.example/a"
BLOG = "https://blog.example/b"
MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)


async def a_week(members: int = 20) -> House:
    house = House()
    house.messenger.size = members
    await house.switch_on()
    await house.opt_in(MEMBER)
    await house.opt_in(OTHER)
    await house.post(NEWS, message="m1")
    await house.post(NEWS, message="m2", account=OTHER)
    house.later(days=1)
    await house.post(BLOG, message="m3")
    await house.work()
    for link in house.storage.state.links.values():
        for reader in range(6):
            await house.services.clicks.follow(link.code, Visitor(f"203.0.113.{reader}", "Firefox"))
    await house.services.clicks.flush()
    house.messenger.posted.clear()
    return house


async def test_the_week_is_read_on_monday_at_nine_and_only_once():
    house = await a_week()
    house.moment = MONDAY - timedelta(seconds=1)
    assert await house.services.digests.tick() == 0
    house.moment = MONDAY
    assert await house.services.digests.tick() == 1
    assert await house.services.digests.tick() == 0
    await house.work()
    ((address, posting, key),) = house.messenger.posted
    assert (address, key) == (GROUP, "digest:2026-W48")
    assert isinstance(posting, Digest)
    edition = posting.edition
    assert [(entry.url, entry.shares, entry.clicks) for entry in edition.entries] == [(NEWS, 2, 6), (BLOG, 1, 6)]
    assert (edition.shares, edition.clicks) == (3, 12)
    assert edition.shares_by_day == (0, 2, 1, 0, 0, 0, 0)
    assert await house.services.digests.latest(GROUP) == edition


async def test_exact_counts_are_gone_with_the_release():
    house = await a_week()
    house.moment = MONDAY
    await house.services.digests.tick()
    assert not house.storage.state.clicks


async def test_a_group_of_fourteen_reads_one_total():
    house = await a_week(members=14)
    house.moment = MONDAY
    await house.services.digests.tick()
    edition = await house.services.digests.latest(GROUP)
    assert edition is not None
    assert edition.clicks == 12
    assert all(entry.clicks is None for entry in edition.entries)


async def test_a_group_of_seven_reads_no_click_and_no_noise_is_drawn():
    house = await a_week(members=7)
    house.noise = ForbiddenNoise()
    house.services = house.build()
    house.moment = MONDAY
    await house.services.digests.tick()
    edition = await house.services.digests.latest(GROUP)
    assert edition is not None
    assert edition.clicks is None
    assert edition.shares == 3


async def test_where_an_admin_wants_a_larger_group_no_click_is_told_before_it_has_grown():
    house = await a_week(members=14)
    group = await house.services.consent.group(GROUP)
    assert group is not None
    await house.services.groups.configure(GROUP, Actor(ADMIN), replace(group, clicks_from=15))
    house.moment = MONDAY
    await house.services.digests.tick()
    edition = await house.services.digests.latest(GROUP)
    assert edition is not None
    assert edition.clicks is None


async def test_a_week_without_links_is_silent():
    house = House()
    await house.switch_on()
    house.moment = MONDAY
    assert await house.services.digests.tick() == 1
    await house.work()
    assert house.messenger.posted == []
    assert await house.services.digests.latest(GROUP) is None
    group = await house.services.consent.group(GROUP)
    assert group is not None
    assert group.next_digest == MONDAY + timedelta(days=7)


async def test_more_than_a_day_late_is_skipped_and_the_next_week_comes():
    house = await a_week()
    house.moment = MONDAY + timedelta(hours=25)
    await house.services.digests.tick()
    await house.work()
    assert house.messenger.posted == []
    assert not house.storage.state.clicks
    group = await house.services.consent.group(GROUP)
    assert group is not None
    assert group.next_digest == MONDAY + timedelta(days=7)


async def test_the_size_of_the_digest_is_the_admins_choice_and_the_rest_is_kept():
    house = await a_week()
    group = await house.services.consent.group(GROUP)
    assert group is not None
    await house.services.groups.configure(GROUP, Actor(ADMIN), replace(group, digest_size=1))
    house.moment = MONDAY
    await house.services.digests.tick()
    edition = await house.services.digests.latest(GROUP)
    assert edition is not None
    assert (len(edition.entries), len(edition.others)) == (1, 1)


async def test_changing_the_hour_after_monday_does_not_make_a_second_digest_of_the_week():
    house = await a_week()
    house.moment = MONDAY
    await house.services.digests.tick()
    group = await house.services.consent.group(GROUP)
    assert group is not None
    await house.services.groups.configure(GROUP, Actor(ADMIN), replace(group, schedule=Schedule(hour=18)))
    house.moment = MONDAY.replace(hour=18)
    assert await house.services.digests.tick() == 1
    await house.work()
    assert len(house.messenger.posted) == 1


async def test_a_group_that_was_paused_meanwhile_is_left_alone():
    house = await a_week()
    house.moment = MONDAY
    async with house.storage.transaction() as records:
        (due,) = await records.groups.claim_due(house.now(), timedelta(0), 10)
    await house.services.groups.pause(GROUP, Actor(ADMIN))
    async with house.storage.transaction() as records:
        await house.services.digests._freeze(records, due.id, 20)
        assert await records.digests.latest(due.id, 1) == []


async def test_where_no_platform_tells_the_size_no_number_is_given():
    house = await a_week()
    digests = house.services.digests
    digests._outside = replace(digests._outside, roles={Platform.SLACK: house.messenger})
    house.moment = MONDAY
    await digests.tick()
    edition = await digests.latest(GROUP)
    assert edition is not None
    assert edition.clicks is None


async def away(_: object) -> int:
    raise PlatformUnavailable


async def test_a_platform_that_is_away_is_asked_again_and_in_the_end_done_without():
    house = await a_week()
    house.messenger.members = away
    house.moment = MONDAY
    assert await house.services.digests.tick() == 1
    assert await house.services.digests.latest(GROUP) is None
    house.moment = MONDAY + timedelta(minutes=3)
    assert await house.services.digests.tick() == 1
    house.moment = MONDAY + timedelta(hours=25)
    await house.services.digests.tick()
    assert await house.services.digests.tick() == 0
    assert await house.services.digests.latest(GROUP) is None


async def test_there_is_no_digest_where_there_is_no_group():
    assert await House().services.digests.latest(GROUP) is None
    assert Account("1") == ADMIN


async def test_what_comes_up_is_told_without_clicks_and_freezes_nothing():
    house = await a_week()
    house.noise = ForbiddenNoise()
    house.services = house.build()
    async with house.storage.transaction() as records:
        group = await records.groups.at(GROUP)
        assert group is not None
        draft = await upcoming(records, group, house.moment, "https://s.example")
        assert draft is not None
        assert draft.kind is Kind.BY_NOW
        told = draft.edition
        assert [(each.url, each.shares, each.clicks) for each in told.entries] == [(NEWS, 2, None), (BLOG, 1, None)]
        assert await records.digests.get(group.id, told.week) is None
    assert house.storage.state.clicks


async def test_a_frozen_week_comes_up_as_it_was_frozen():
    house = await a_week()
    async with house.storage.transaction() as records:
        before = await records.groups.at(GROUP)
    assert before is not None
    house.moment = MONDAY
    await house.services.digests.tick()
    posted = await house.services.digests.latest(GROUP)
    async with house.storage.transaction() as records:
        assert posted is not None
        assert await upcoming(records, before, MONDAY, "https://s.example") == Draft(posted, Kind.FROZEN)


async def test_the_edition_of_a_week_is_found_by_its_week_alone():
    house = await a_week()
    house.moment = MONDAY
    await house.services.digests.tick()
    edition = await house.services.digests.latest(GROUP)
    assert edition is not None
    assert await house.services.digests.of_week(GROUP, edition.week) == edition
    assert await house.services.digests.of_week(GROUP, Week("2020-W01")) is None
    assert await house.services.digests.of_week(replace(GROUP, conversation="-9"), edition.week) is None


async def test_past_digests_are_kept_newest_first_and_it_is_known_which_arrived():
    house = await a_week()
    group = await house.services.consent.group(GROUP)
    assert await house.services.digests.past(group.id) == []
    house.moment = MONDAY
    await house.services.digests.tick()
    await house.post(NEWS, message="m9")
    (first,) = await house.services.digests.past(group.id)
    assert not await house.services.digests.arrived(first)
    await house.work()
    assert await house.services.digests.arrived(first)
    house.later(days=7)
    await house.services.digests.tick()
    assert [each.week for each in await house.services.digests.past(group.id)] == ["2026-W49", "2026-W48"]
