"""Led on first, counted once per browser, link and day - or not at all."""

import hmac
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clicks import APPLIED_AT_A_TIME, Gone, Hmac, MemoryVisitors, Visitor, browser_of, network_of
from core.model import Actor, Code, Destination, DropReason, GroupId, LinkId, Purpose
from tests.fakes.house import ADMIN, GROUP, MEMBER, House

READER = Visitor("203.0.113.7", "Firefox")


async def shared_code(house: House, *purposes: Purpose) -> Code:
    await house.switch_on()
    await house.opt_in(MEMBER, *purposes)
    await house.post("https://news.example/a")
    await house.work()
    (link,) = house.storage.state.links.values()
    return link.code


def counted(house: House) -> int:
    return sum(row.browsers for row in house.storage.state.clicks.values())


async def test_a_browser_counts_once_per_link_and_day():
    house = House()
    code = await shared_code(house)
    for _ in range(3):
        found = await house.services.clicks.follow(code, READER)
        assert isinstance(found, Destination)
        assert found.url == "https://news.example/a"
    await house.services.clicks.follow(code, Visitor("203.0.113.8", "Firefox"))
    await house.services.clicks.flush()
    assert counted(house) == 2
    assert house.drops[DropReason.SAME_BROWSER] == 2
    house.later(days=1)
    await house.services.clicks.follow(code, READER)
    await house.services.clicks.flush()
    assert counted(house) == 3


@pytest.mark.parametrize(
    ("visitor", "reason"),
    [
        (Visitor("1.2.3.4", "Firefox", opted_out=True), DropReason.OPTED_OUT),
        (Visitor("1.2.3.4", "Firefox", method="HEAD"), DropReason.NOT_A_VISIT),
        (Visitor("1.2.3.4", "Firefox", prefetch=True), DropReason.NOT_A_VISIT),
        (Visitor("1.2.3.4", "crawler"), DropReason.CRAWLER),
    ],
)
async def test_what_is_no_visit_is_led_on_uncounted(visitor, reason):
    house = House()
    code = await shared_code(house)
    assert isinstance(await house.services.clicks.follow(code, visitor), Destination)
    await house.services.clicks.flush()
    assert counted(house) == 0
    assert house.drops[reason] == 1


async def test_without_a_yes_to_clicks_none_are_counted():
    house = House()
    code = await shared_code(house, Purpose.SHARES)
    assert isinstance(await house.services.clicks.follow(code, READER), Destination)
    assert house.drops[DropReason.UNCOUNTED_LINK] == 1


async def test_clicks_count_for_fourteen_days_after_the_latest_share():
    house = House()
    code = await shared_code(house)
    house.later(days=14)
    await house.services.clicks.follow(code, READER)
    assert house.drops[DropReason.UNCOUNTED_LINK] == 1


async def test_an_expired_link_says_so_and_an_unknown_code_is_unknown():
    house = House()
    code = await shared_code(house)
    house.later(days=90)
    assert await house.services.clicks.follow(code, READER) == Gone()
    assert await house.services.clicks.follow("0" * 15 + "x", READER) is None
    assert await house.services.clicks.follow("../etc", READER) is None
    assert house.drops[DropReason.UNKNOWN_CODE] == 2


async def test_a_full_disk_leads_on_uncounted():
    house = House()
    code = await shared_code(house)
    house.click_log.full = True
    assert isinstance(await house.services.clicks.follow(code, READER), Destination)
    assert house.drops[DropReason.LOG_FULL] == 1


async def test_a_batch_applied_but_not_discarded_is_not_counted_again():
    house = House()
    code = await shared_code(house)
    await house.services.clicks.follow(code, READER)
    house.click_log.seal()
    (batch,) = house.click_log.sealed()
    async with house.storage.transaction() as records:
        await records.clicks.apply(batch)
    assert await house.services.clicks.flush() == 1
    assert counted(house) == 1
    assert await house.services.clicks.flush() == 0


async def test_many_batches_are_applied_some_at_a_time_and_each_once():
    house = House()
    code = await shared_code(house)
    for number in range(APPLIED_AT_A_TIME + 1):
        await house.services.clicks.follow(code, Visitor(f"203.0.113.{number}", "Firefox"))
        house.click_log.seal()
    assert await house.services.clicks.flush() == APPLIED_AT_A_TIME + 1
    assert counted(house) == APPLIED_AT_A_TIME + 1
    assert await house.services.clicks.flush() == 0


async def test_a_stopped_groups_links_lead_on_uncounted():
    house = House()
    code = await shared_code(house)
    await house.services.groups.bot_removed(GROUP)
    await house.services.groups.erase_due()
    assert isinstance(await house.services.clicks.follow(code, READER), Destination)
    assert house.drops[DropReason.UNCOUNTED_LINK] == 1


def test_an_ipv6_subscriber_is_one_address():
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9%eth0") == "2001:db8:1:2::"
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("not an address") == "not an address"
    assert network_of("not:an:address") == "not:an:address"


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_two_different_visitors_never_look_the_same(one, other):
    same = (network_of(one[0]), one[1]) == (network_of(other[0]), other[1])
    assert (browser_of(*one) == browser_of(*other)) == same


def test_at_most_three_links_of_a_browser_enter_the_groups_total():
    visitors = MemoryVisitors(lambda: b"k" * 32)
    today = date(2026, 11, 24)
    visits = [visitors.first_visit(LinkId(f"l{n}"), GroupId("g"), b"browser", today) for n in range(5)]
    assert [visit is not None and visit.in_total for visit in visits] == [True, True, True, False, False]
    assert visitors.first_visit(LinkId("l0"), GroupId("g"), b"browser", today) is None


def test_a_days_sets_and_key_die_ten_minutes_after_midnight():
    asked = []
    visitors = MemoryVisitors(lambda: asked.append(1) or b"k" * 32)
    today = date(2026, 11, 24)
    visitors.first_visit(LinkId("l"), GroupId("g"), b"browser", today)
    midnight = datetime(2026, 11, 25, tzinfo=UTC)
    visitors.forget_before(midnight + timedelta(minutes=9))
    assert visitors.first_visit(LinkId("l"), GroupId("g"), b"browser", today) is None
    visitors.forget_before(midnight + timedelta(minutes=10))
    assert visitors.first_visit(LinkId("l"), GroupId("g"), b"browser", today) is not None
    assert len(asked) == 2


async def test_what_a_group_no_longer_offers_is_over_for_links_already_posted():
    house = House()
    code = await shared_code(house)
    group = await house.services.consent.group(GROUP)
    await house.services.clicks.follow(code, READER)
    narrowed = replace(group, offered=frozenset({Purpose.SHARES}))
    await house.services.groups.configure(GROUP, Actor(ADMIN), narrowed)
    await house.services.links.refresh()
    await house.services.clicks.follow(code, Visitor("203.0.113.9", "Firefox"))
    await house.services.groups.configure(GROUP, Actor(ADMIN), group)
    await house.services.links.refresh()
    await house.services.clicks.follow(code, Visitor("203.0.113.10", "Firefox"))
    await house.services.clicks.flush()
    assert counted(house) == 1
    assert house.drops[DropReason.UNCOUNTED_LINK] == 2


async def test_a_code_in_memory_is_followed_at_once_and_any_other_is_asked_for():
    house = House()
    code = await shared_code(house)
    clicks = house.services.clicks
    assert clicks.follow_at_once(code, READER) is None
    found = await clicks.follow(code, Visitor("203.0.113.8", "Firefox"))
    assert isinstance(found, Destination)
    assert clicks.follow_at_once(code, READER) == found.url
    assert clicks.follow_at_once(code, READER) == found.url
    assert len(house.click_log.open) == 1
    clicks.write_down()
    await clicks.flush()
    assert counted(house) == 2
    assert clicks.follow_at_once(Code("0" * 15 + "x"), READER) is None
    house.later(days=90)
    assert clicks.follow_at_once(code, READER) is None


@given(st.binary(min_size=32, max_size=32), st.binary())
def test_the_quick_hmac_is_the_hmac(key, message):
    assert Hmac(key)(message) == hmac.digest(key, message, "sha256")
