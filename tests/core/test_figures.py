"""Figures across groups: who enters them, how they are left again, and how a week is released."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.anonymity import PAGE_SCALE, UNKNOWN_PAGES, UNKNOWN_SITES, Figure
from core.errors import BudgetSpent, SitemapUnreadable
from core.figures import AT_MOST_LATE, RELEASED_AFTER, ends_at, is_due, next_release, over
from core.ledger import Spending
from core.model import Account, Actor, Group, GroupAddress, Message, Person, Platform, Preview, Purpose, Sitemap, Week
from tests.fakes.house import ADMIN, GROUP, MEMBER, OTHER, TUESDAY, House

NEWS, BLOG = "https://news.example/a", "https://blog.example/b"
ALL = (Purpose.SHARES, Purpose.CLICKS, Purpose.STATISTICS)
WITHOUT = (Purpose.SHARES, Purpose.CLICKS)
SECOND = GroupAddress(Platform.TELEGRAM, "", "-1002")
WEEK, NEXT = Week("2026-W48"), Week("2026-W49")
RELEASE = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)


async def ready(*groups: GroupAddress) -> House:
    house = House()
    for url in (NEWS, BLOG):
        house.unfurler.pages[url] = Preview(url, url.split("/")[2], title="A page")
    for address in groups or (GROUP,):
        await house.switch_on(address)
        await house.opt_in(MEMBER, *ALL, address=address)
    return house


async def shared(house: House, *urls: str, **how) -> None:
    await house.post(*urls, **how)
    await house.work()


def waiting(house: House) -> list[tuple[str, str]]:
    """Who contributed which page, without its scheme."""
    rows = house.storage.state.contributions.values()
    return sorted((each.person.account, each.page.removeprefix("https://")) for each in rows)


def configured(group: Group, *purposes: Purpose) -> Group:
    return replace(group, offered=frozenset(purposes))


# Who enters --------------------------------------------------------------------------------------------------------


async def test_only_who_said_yes_to_statistics_enters_them():
    house = await ready()
    await house.opt_in(OTHER, *WITHOUT)
    await shared(house, NEWS)
    await shared(house, BLOG, account=OTHER, message="m2")
    assert waiting(house) == [(MEMBER, "news.example/a")]


async def test_pages_that_are_not_for_everybody_stay_out():
    house = await ready()
    unread, hidden, unlisted, opaque = (
        "https://x.example/wall",
        "https://x.example/hidden",
        "https://x.example/watch",
        "https://x.example/d/Xk29dkfjW93kdkfj2Qm7",
    )
    house.unfurler.pages[hidden] = Preview(hidden, "x.example", noindex=True)
    house.unfurler.pages[unlisted] = Preview(unlisted, "x.example", "A film for friends", by_provider=True)
    house.unfurler.pages[opaque] = Preview(opaque, "x.example")
    await shared(house, unread, hidden, unlisted)
    standing = await house.services.consent.may_count(GROUP, MEMBER)
    assert standing is not None
    await house.services.shares.take_in(standing, a_message(house, opaque), "by hand", deliberate=True)
    await house.work()
    assert len(house.storage.state.shares) == 4
    assert waiting(house) == []


def a_message(house: House, *urls: str) -> Message:
    return Message(GROUP, MEMBER, "m9", urls, house.now())


async def test_the_same_page_counts_once_a_week_whoever_posts_it_where():
    house = await ready(GROUP, SECOND)
    await shared(house, NEWS)
    await shared(house, NEWS, message="m2")
    await shared(house, NEWS, message="m3", address=SECOND)
    async with house.storage.transaction() as records:
        [account] = await records.contributions.take(WEEK)
    assert list(account.pages) == [NEWS]
    assert list(account.sites) == ["news.example"]


async def test_a_yes_given_later_counts_from_then_on():
    house = await ready()
    await house.opt_in(MEMBER, *WITHOUT)
    await shared(house, NEWS)
    await house.opt_in(MEMBER, *ALL)
    assert waiting(house) == []
    await shared(house, NEWS, message="m2")
    assert waiting(house) == [(MEMBER, "news.example/a")]


async def test_what_is_worked_off_when_its_week_is_released_is_in_no_week():
    house = await ready()
    house.moment = ends_at(WEEK) - timedelta(minutes=1)
    await house.post(NEWS)
    house.moment = RELEASE
    await house.work()
    assert len(house.storage.state.shares) == 1
    assert waiting(house) == []


# Leaving -----------------------------------------------------------------------------------------------------------


async def test_undo_takes_the_page_out_at_once():
    house = await ready()
    await shared(house, NEWS, BLOG)
    await house.services.shares.undo(GROUP, MEMBER, "m1")
    assert waiting(house) == []


async def test_a_link_edited_out_of_its_message_is_taken_out():
    house = await ready()
    await shared(house, NEWS, BLOG)
    house.later(minutes=1)
    await shared(house, BLOG, edited_at=house.now())
    assert waiting(house) == [(MEMBER, "blog.example/b")]


async def test_withdrawing_in_one_group_leaves_what_another_group_still_allows():
    house = await ready(GROUP, SECOND)
    await shared(house, NEWS)
    await shared(house, NEWS, BLOG, message="m2", address=SECOND)
    assert await house.services.consent.withdraw(GROUP, MEMBER)
    assert waiting(house) == [(MEMBER, "blog.example/b"), (MEMBER, "news.example/a")]
    assert await house.services.consent.withdraw(SECOND, MEMBER)
    assert waiting(house) == []


async def test_taking_back_the_yes_to_statistics_takes_out_what_waits_and_keeps_the_rest():
    house = await ready()
    await shared(house, NEWS)
    await house.opt_in(MEMBER, *WITHOUT)
    assert waiting(house) == []
    assert len(house.storage.state.shares) == 1


async def test_who_is_forgotten_is_not_counted_across_groups():
    house = await ready()
    await shared(house, NEWS)
    assert '"https://news.example/a"' in await house.services.subjects.mydata(Person(Platform.TELEGRAM, "", MEMBER))
    assert await house.services.subjects.forget(GROUP, MEMBER)
    assert waiting(house) == []


async def test_an_admin_who_narrows_statistics_away_takes_out_the_whole_group():
    house = await ready()
    await shared(house, NEWS)
    group = await house.services.consent.group(GROUP)
    assert group is not None
    await house.services.groups.configure(GROUP, Actor(ADMIN), configured(group, Purpose.SHARES, Purpose.STATISTICS))
    assert waiting(house) == [(MEMBER, "news.example/a")]
    await house.services.groups.configure(GROUP, Actor(ADMIN), configured(group, *WITHOUT))
    assert waiting(house) == []
    await shared(house, BLOG, message="m2")
    assert waiting(house) == []


async def test_a_group_that_stops_is_out_of_the_figures_at_once():
    house = await ready()
    await shared(house, NEWS)
    await house.services.groups.bot_removed(GROUP)
    assert waiting(house) == []


# Release -----------------------------------------------------------------------------------------------------------


async def released(house: House, at: datetime = RELEASE) -> bool:
    house.moment = at
    return await house.services.figures.tick()


async def test_a_week_is_released_once_an_hour_after_it_ends():
    house = await ready()
    await shared(house, NEWS)
    assert not await released(house, RELEASE - timedelta(seconds=1))
    assert waiting(house)
    assert await released(house)
    assert not await released(house, RELEASE + timedelta(hours=1))
    assert waiting(house) == []
    [week] = await house.services.figures.latest()
    assert week == await house.services.figures.of_week(WEEK)
    assert (week.week, week.released_at) == (WEEK, RELEASE)
    assert (week.epsilon, week.epsilon_of_year) == (1.5, 1.5)
    assert await house.services.figures.of_week(NEXT) is None


async def test_many_accounts_make_a_figure_and_one_does_not():
    house = await ready()
    for number in range(56):
        account = Account(str(100 + number))
        await house.opt_in(account, *ALL)
        await shared(house, NEWS, account=account, message=f"m{number}")
    await shared(house, BLOG, message="alone")
    await released(house)
    [week] = await house.services.figures.latest()
    assert (week.pages, week.sites) == ((Figure(NEWS, 56),), (Figure("news.example", 56),))


async def test_a_sitemap_counts_from_the_week_after_it_was_taken():
    house = await ready()
    house.sitemaps.listed = [Sitemap("news.example", (NEWS, "https://news.example/unread"))]
    assert await house.services.figures.take_sitemaps() == 1
    house.noise.__init__([17])
    await released(house)
    await released(house, RELEASE + timedelta(days=7))
    newest, first = await house.services.figures.latest(2)
    assert (first.domains, [each.domain for each in newest.domains]) == ((), ["news.example"])
    assert [each.noisy for each in newest.domains[0].pages] == [17, 17]
    assert newest.epsilon_of_year == 3.0


async def test_what_is_listed_in_the_week_itself_does_not_change_its_figures():
    house = await ready()
    await shared(house, NEWS)
    house.sitemaps.listed = [Sitemap("news.example", (NEWS,))]
    await house.services.figures.take_sitemaps()
    await released(house)
    assert house.noise.scales == [UNKNOWN_PAGES.scale, UNKNOWN_SITES.scale]
    await released(house, RELEASE + timedelta(days=7))
    assert house.noise.scales[2:] == [PAGE_SCALE, UNKNOWN_PAGES.scale, UNKNOWN_SITES.scale]


async def test_a_sitemap_that_cannot_be_read_leaves_the_one_before():
    house = await ready()
    house.sitemaps.listed = [Sitemap("news.example", (NEWS,))]
    await house.services.figures.take_sitemaps()
    house.sitemaps.trouble = SitemapUnreadable()
    with pytest.raises(SitemapUnreadable):
        await house.services.figures.take_sitemaps()
    assert list(house.storage.state.sitemaps.values()) == [Sitemap("news.example", (NEWS,))]


async def test_a_week_in_which_nobody_shared_is_released_all_the_same():
    """Whether there is an edition tells nothing."""
    house = House()
    assert await released(house)
    [week] = await house.services.figures.latest()
    assert (week.domains, week.pages, week.sites) == ((), (), ())


async def test_a_week_that_comes_too_late_is_destroyed_unread():
    house = await ready()
    await shared(house, NEWS)
    assert not await released(house, ends_at(WEEK) + AT_MOST_LATE)
    assert waiting(house) == []
    assert await house.services.figures.latest() == []
    assert house.noise.scales == []


async def test_a_release_that_the_ledger_has_no_room_for_is_refused_by_name_and_nothing_is_drawn():
    house = await ready()
    await shared(house, NEWS)
    async with house.storage.transaction() as records:
        await records.figures.spend(Spending(WEEK, "something else", 0.6))
    with pytest.raises(BudgetSpent, match=WEEK):
        await released(house)
    assert (house.noise.scales, await house.services.figures.latest()) == ([], [])
    assert [each.release for each in house.storage.state.ledger.values()] == ["something else"]
    assert not await released(house, ends_at(WEEK) + AT_MOST_LATE)
    assert waiting(house) == []


async def test_two_replicas_that_release_at_once_publish_one_edition():
    house = await ready()
    async with house.storage.transaction() as records:
        await records.figures.spend(Spending(WEEK, "sites", 0.0))
    assert not await released(house)


# When --------------------------------------------------------------------------------------------------------------


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - given a zone
def test_the_calendar_of_releases(now: datetime) -> None:
    due = next_release(now)
    assert now < due <= now + timedelta(days=7)
    assert (due.weekday(), due.hour, due.minute) == (0, 1, 0)
    gone = over(now)
    assert ends_at(gone) + RELEASED_AFTER <= now
    assert is_due(gone, now) == (now - ends_at(gone) < AT_MOST_LATE)
    assert over(due) > gone


def test_a_week_ends_at_midnight_between_sunday_and_monday() -> None:
    assert ends_at(WEEK) == datetime(2026, 11, 30, tzinfo=UTC) > TUESDAY
