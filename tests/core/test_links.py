"""Codes, the cache of destinations, and how fast a change reaches it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StorageUnavailable
from core.links import ALPHABET, LinkCache, PageBehind, mint_code, read_code, short_url
from core.model import Code, Destination, GroupId, LinkId, LinkState, Preview
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
    assert cache.get(code(1), moment[0]) == (destination(1),)
    assert cache.get(code(2), moment[0]) == (None,)
    assert cache.get(code(3), moment[0]) is None
    moment[0] += timedelta(seconds=6)
    assert cache.get(code(2), moment[0]) is None
    assert cache.get(code(1), moment[0]) is not None
    moment[0] += timedelta(seconds=30)
    assert cache.get(code(1), moment[0]) is None


def test_the_cache_is_bounded_and_what_is_asked_for_stays():
    cache = LinkCache(lambda: NOW, capacity=2)
    for number in range(1, 8):
        cache.put(code(number), destination(number))
        assert cache.get(code(1), NOW) == (destination(1),)
    assert len(cache) <= 4
    assert cache.get(code(7), NOW) is not None
    assert cache.get(code(3), NOW) is None


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


def test_what_changed_is_known_without_asking_and_nothing_else_is_touched():
    cache = LinkCache(lambda: NOW)
    counted = destination(1)._replace(counted_until=NOW + timedelta(days=1))
    cache.put(code(1), counted)
    cache.put(code(2), destination(2))
    cache.put(code(3), None)
    for _ in cache.learn({LinkId("l1"): LinkState(NOW, None), LinkId("l9"): LinkState(NOW, None)}):
        pass
    assert cache.get(code(1), NOW) == (counted._replace(expires_at=NOW, counted_until=None),)
    assert cache.get(code(2), NOW) == (destination(2),)
    assert cache.get(code(3), NOW) == (None,)


def test_many_are_gone_through_in_lots_between_which_visitors_have_their_turn():
    cache = LinkCache(lambda: NOW, capacity=10_000)
    for number in range(2_500):
        cache.put(code(number), destination(number))
    learning = cache.learn({LinkId("l2499"): LinkState(NOW, NOW)})
    assert [cache.get(code(2_499), NOW) == (destination(2_499),) for _ in learning] == [True, True, False]
    assert list(cache.learn({})) == []


async def test_a_link_minted_just_before_the_database_went_is_counted(monkeypatch: pytest.MonkeyPatch):
    house = House()
    code = await a_counted_code(house)
    links = house.services.links
    await links.resolve(code)
    await house.post("https://news.example/b")
    await house.work()
    (young,) = [each.code for each in house.storage.state.links.values() if each.code != code]
    await links.resolve(young)
    await links.refresh()
    without_storage(house, monkeypatch)
    house.later(seconds=20)
    found = await links.resolve(young)
    assert found is not None
    assert found.counted_until is not None


async def a_counted_code(house: House) -> Code:
    await house.switch_on()
    await house.opt_in()
    await house.post("https://news.example/a")
    await house.work()
    (link,) = house.storage.state.links.values()
    house.later(minutes=2)
    await house.services.links.refresh()
    return link.code


def without_storage(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone():
        raise StorageUnavailable

    monkeypatch.setattr(house.storage, "reading", gone)


async def test_what_is_remembered_is_believed_as_long_as_storage_tells_what_changes():
    house = House()
    code = await a_counted_code(house)
    links = house.services.links
    before = await links.resolve(code)
    for _ in range(5):
        house.later(seconds=29)
        await links.refresh()
        assert house.cache.get(code, house.now()) == (before,)
    house.later(seconds=30)
    assert house.cache.get(code, house.now()) is None


async def test_a_change_reaches_what_looks_have_kept():
    house = House()
    code = await a_counted_code(house)
    links = house.services.links
    await links.resolve(code)
    for _ in range(8):
        house.later(seconds=29)
        await links.refresh()
    await house.services.consent.withdraw(GROUP, MEMBER)
    house.later(seconds=1)
    await links.refresh()
    (known,) = house.cache.get(code, house.now()) or (None,)
    assert known is not None
    assert known.counted_until is None


async def test_however_well_looks_go_storage_is_asked_anew_after_a_quarter_of_an_hour():
    house = House()
    code = await a_counted_code(house)
    links = house.services.links
    await links.resolve(code)
    for _ in range(15):
        house.later(minutes=1)
        await links.refresh()
    assert house.cache.get(code, house.now()) is not None
    house.later(seconds=29)
    await links.refresh()
    house.later(seconds=2)
    assert house.cache.get(code, house.now()) is None


async def test_a_code_nobody_minted_is_asked_for_again_whatever_looks_say():
    house = House()
    links = house.services.links
    assert await links.resolve(code(7)) is None
    house.later(seconds=4)
    await links.refresh()
    assert house.cache.get(code(7), house.now()) == (None,)
    house.later(seconds=1)
    assert house.cache.get(code(7), house.now()) is None


async def test_without_storage_a_known_link_leads_on_and_counts_as_long_as_no_withdrawal_can_be_missed(monkeypatch):
    house = House()
    code = await a_counted_code(house)
    links = house.services.links
    known = await links.resolve(code)
    assert known is not None
    house.later(seconds=29)
    await links.refresh()
    without_storage(house, monkeypatch)
    house.later(seconds=29)
    assert await links.resolve(code) == known
    house.later(seconds=6)
    assert await links.resolve(code) == known._replace(counted_until=None)
    with pytest.raises(StorageUnavailable):
        await links.resolve(Code("0" * 15 + "x"))


async def test_what_is_known_of_a_page_is_told_to_the_group_that_shared_it_alone():
    house = House()
    await house.switch_on()
    await house.opt_in()
    page = "https://news.example/a"
    house.unfurler.pages[page] = Preview(page, "news.example", "A story", "About something")
    await house.post(page)
    await house.work()
    (link,) = house.storage.state.links.values()
    links = house.services.links
    bare = PageBehind(page, "news.example", None)
    titled = replace(bare, preview=Preview(page, "news.example", "A story"))
    assert await links.page_behind(link.group, link.code) == titled
    async with house.storage.transaction() as records:
        await records.previews.put(link.clean.key, house.unfurler.pages[page], house.now() + timedelta(hours=1))
    assert await links.page_behind(link.group, link.code) == replace(bare, preview=house.unfurler.pages[page])
    assert await links.page_behind(GroupId("another"), link.code) == bare
    assert await links.page_behind(link.group, code(7)) is None
    house.later(days=91)
    assert await links.page_behind(link.group, link.code) is None


async def test_a_page_without_a_title_is_told_by_its_address():
    house = House()
    code = await a_counted_code(house)
    (link,) = house.storage.state.links.values()
    found = await house.services.links.page_behind(link.group, code)
    assert found is not None
    assert found.preview is None
    leads = await house.services.links.resolve(code)
    assert leads is not None
    house.cache.put(code, leads._replace(listed=True))
    assert await house.services.links.page_behind(link.group, code) is None
