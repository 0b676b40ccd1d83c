"""A list of reported addresses in whichever format it comes, and the links it holds back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FeedUnavailable, LeadsToListed
from core.feeds import FeedOutside, FeedService
from core.listed import names_of, read_list
from core.model import Aside, Card, DropReason, InDoubt, OutboxState, Preview
from tests.fakes.feed import FakeFeed
from tests.fakes.house import GROUP, MEMBER, RULES, House

BAD = "http://bad.example/payload/a.exe"
NEWS = "https://news.example/a"
SHORT = "https://tiny.example/x"

PLAIN = f"# URLhaus\n#\n{BAD}\r\nhttp://203.0.113.9:8080/bin,sh\n"
CSV = (
    "# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\n"
    f'"3","2026-11-23 07:00:00","{BAD}","online","2026-11-23","malware_download","elf,""x""",'
    '"https://urlhaus.abuse.ch/url/3/","somebody"\n'
)
HOSTS = "127.0.0.1\tlocalhost\n127.0.0.1\tworse.example\n0.0.0.0 www.worst.example\nbare.example\n"


def test_plain_lists_csv_and_hosts_files_are_read() -> None:
    assert read_list(PLAIN.splitlines(), RULES.urls) == {
        "https://bad.example/payload/a.exe",
        "https://203.0.113.9:8080/bin,sh",
    }
    assert read_list(CSV.splitlines(), RULES.urls) == {"https://bad.example/payload/a.exe"}
    assert read_list(HOSTS.splitlines(), RULES.urls) == {"worse.example", "worst.example", "bare.example"}


def test_what_is_no_list_has_no_entries() -> None:
    page = '<!doctype html>\n<html>\n<p class="a">Sorry, too many requests</p>\n"a","b"\n{}\nuser@mail.example\n'
    assert read_list(page.splitlines(), RULES.urls) == frozenset()


@pytest.mark.parametrize(
    "spelling",
    [
        BAD,
        "https://www.bad.example/payload/a.exe/",
        f"{BAD}?utm_source=mail",
        f"{BAD}#top",
        "BAD.example/payload/a.exe",
    ],
)
def test_any_spelling_of_a_listed_address_is_found(spelling: str) -> None:
    assert set(names_of(spelling, RULES.urls)) & read_list([BAD], RULES.urls)


def test_a_listed_host_lists_all_its_pages_and_a_listed_page_lists_no_host() -> None:
    assert set(names_of("https://www.worse.example/any/page", RULES.urls)) & read_list(["worse.example"], RULES.urls)
    assert not set(names_of("http://bad.example/", RULES.urls)) & read_list([BAD], RULES.urls)


@given(st.lists(st.text()))
def test_any_text_can_be_read(lines: list[str]) -> None:
    assert all(isinstance(entry, str) for entry in read_list(lines, RULES.urls))


@given(st.text())
def test_any_text_can_be_looked_up(text: str) -> None:
    assert len(names_of(text, RULES.urls)) in {0, 2}


# Keeping it up to date -----------------------------------------------------------------------------------------------


async def feeds(house: House, feed: FakeFeed) -> FeedService:
    return FeedService(FeedOutside(house.storage, feed, house.now))


async def test_the_list_is_fetched_once_an_hour_or_when_asked_for() -> None:
    house, feed = House(), FakeFeed(frozenset({"https://bad.example/payload/a.exe"}))
    service = await feeds(house, feed)
    assert await service.update_if_old() == 1
    assert await service.update_if_old() == 0
    assert await service.update() == 1
    house.later(minutes=60)
    assert await service.update_if_old() == 1
    assert feed.asked == 3


async def test_a_feed_that_fails_or_is_empty_leaves_the_list_as_it_was() -> None:
    house, feed = House(), FakeFeed(frozenset({"https://bad.example/payload/a.exe"}))
    service = await feeds(house, feed)
    await service.update()
    feed.answer = frozenset()
    with pytest.raises(FeedUnavailable):
        await service.update()
    feed.answer = FeedUnavailable()
    with pytest.raises(FeedUnavailable):
        await service.update()
    assert house.storage.state.listed


# A listed link in a message ------------------------------------------------------------------------------------------


async def ready() -> House:
    house = House()
    await house.switch_on()
    await house.opt_in()
    await (await feeds(house, FakeFeed(read_list([BAD], RULES.urls)))).update()
    return house


def postings(house: House, kind: type) -> list:
    return [posting for _, posting, _ in house.messenger.posted if isinstance(posting, kind)]


async def test_a_listed_link_is_not_fetched_rewritten_or_counted_and_its_poster_is_told() -> None:
    house = await ready()
    assert await house.post(BAD)
    await house.work()
    assert house.unfurler.asked == []
    assert postings(house, Card) == []
    assert postings(house, Aside) == [Aside(MEMBER, "m1", "listed.aside", "en")]
    assert not house.storage.state.links
    assert not house.storage.state.shares
    assert house.drops[DropReason.LISTED] == 1


async def test_a_link_that_leads_to_a_listed_address_is_held_back_too() -> None:
    house = await ready()
    house.unfurler.pages[SHORT] = Preview(BAD, "bad.example", "Free money")
    await house.post(SHORT)
    await house.work()
    assert postings(house, Card) == []
    assert len(postings(house, Aside)) == 1
    assert not house.storage.state.links


async def test_a_link_that_leads_over_a_listed_address_is_held_back_too() -> None:
    house = await ready()
    house.unfurler.failure = LeadsToListed()
    await house.post(SHORT)
    await house.work()
    assert postings(house, Aside) == [Aside(MEMBER, "m1", "listed.aside", "en")]
    assert not house.storage.state.links


async def test_the_other_links_of_the_message_are_counted_as_ever() -> None:
    house = await ready()
    await house.post(BAD, NEWS)
    await house.work()
    (card,) = postings(house, Card)
    assert [link.url for link in card.links] == [NEWS]
    assert len(postings(house, Aside)) == 1
    assert len(house.storage.state.shares) == 1


async def test_an_edit_that_keeps_a_listed_link_is_not_told_again() -> None:
    house = await ready()
    await house.post(BAD)
    await house.work()
    house.later(minutes=1)
    await house.post(BAD, edited_at=house.now())
    await house.work()
    assert len(postings(house, Aside)) == 1


async def test_who_said_no_meanwhile_is_told_nothing() -> None:
    house = await ready()
    await house.post(BAD)
    await house.services.shares.work_off()
    await house.services.consent.withdraw(GROUP, MEMBER)
    await house.work()
    assert postings(house, Aside) == []


async def test_a_private_word_without_an_answer_is_not_said_twice() -> None:
    house = await ready()
    await house.post(BAD)
    house.messenger.answers.append(InDoubt())
    await house.work()
    house.later(minutes=2)
    await house.work()
    _notice, row = house.storage.state.outbox.values()
    assert row.state is OutboxState.UNKNOWN
    assert postings(house, Aside) == []
