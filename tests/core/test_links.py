"""Codes, the cache of destinations, and how fast a change reaches it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.links import ALPHABET, LinkCache, mint_code, read_code, short_url
from core.model import Code, Destination, GroupId, LinkId
from tests.fakes.house import GROUP, MEMBER, House

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def destination(number: int) -> Destination:
    return Destination(LinkId(f"l{number}"), GroupId("g"), "https://news.example/", NOW + timedelta(days=90), None)


def code(number: int) -> Code:
    return Code(f"{number:016d}")


def test_a_minted_code_reads_back_and_no_two_are_alike():
    minted = {mint_code() for _ in range(500)}
    assert len(minted) == 500
    assert all(read_code(each) == each and set(each) <= set(ALPHABET) for each in minted)


@given(st.text())
def test_only_sixteen_base62_characters_are_a_code(text):
    well_formed = len(text) == 16 and set(text) <= set(ALPHABET)
    assert (read_code(text) is not None) == well_formed


def test_a_short_url_is_our_address_and_the_code():
    assert short_url("https://s.example/", code(1)) == "https://s.example/0000000000000001"


def test_the_cache_forgets_with_age_and_unknown_codes_sooner():
    moment = [NOW]
    cache = LinkCache(lambda: moment[0])
    cache.put(code(1), destination(1))
    cache.put(code(2), None)
    assert cache.get(code(1)) == (destination(1),)
    assert cache.get(code(2)) == (None,)
    assert cache.get(code(3)) is None
    moment[0] += timedelta(seconds=6)
    assert cache.get(code(2)) is None
    assert cache.get(code(1)) is not None
    moment[0] += timedelta(seconds=30)
    assert cache.get(code(1)) is None


def test_the_cache_is_bounded_and_what_is_asked_for_stays():
    cache = LinkCache(lambda: NOW, capacity=2)
    cache.put(code(1), destination(1))
    cache.put(code(2), None)
    cache.get(code(1))
    cache.put(code(3), destination(3))
    assert len(cache) == 2
    assert cache.get(code(2)) is None
    cache.put(code(4), destination(4))
    assert cache.get(code(1)) is None
    cache.forget([LinkId("l1"), LinkId("l4")])
    assert cache.get(code(4)) is None
    assert cache.get(code(3)) is not None


async def test_a_link_shared_again_keeps_its_code_and_gets_another_ninety_days():
    house = House()
    await house.switch_on()
    await house.opt_in()
    await house.post("https://news.example/a?utm_source=x", message="m1")
    await house.work()
    (before,) = house.storage.state.links.values()
    house.later(days=8)
    await house.post("http://www.news.example/a/", message="m2")
    await house.work()
    (after,) = house.storage.state.links.values()
    assert after.code == before.code
    assert after.expires_at == before.expires_at + timedelta(days=8)


async def test_a_withdrawal_reaches_the_cache_with_the_next_look():
    house = House()
    await house.switch_on()
    await house.opt_in()
    await house.post("https://news.example/a")
    await house.work()
    (link,) = house.storage.state.links.values()
    links = house.services.links
    counted = await links.resolve(link.code)
    assert counted is not None
    assert counted.counted_until is not None
    house.later(seconds=1)
    await house.services.consent.withdraw(GROUP, MEMBER)
    house.later(seconds=1)
    await links.refresh()
    uncounted = await links.resolve(link.code)
    assert uncounted is not None
    assert uncounted.counted_until is None
