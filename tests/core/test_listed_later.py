"""A destination that comes onto the list after it was tracked: visitors are warned, nothing more is posted of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from core.clicks import Visitor
from core.drafts import Kind
from core.errors import StorageUnavailable, Tampered
from core.feeds import FeedOutside, FeedService
from core.listed import names_of
from core.listed_later import posting_to_send
from core.model import (
    Aside,
    Card,
    Code,
    Destination,
    Digest,
    DropReason,
    Edition,
    Group,
    GroupId,
    OutboxState,
    Preview,
    Revision,
    Week,
)
from tests.fakes.feed import FakeFeed
from tests.fakes.house import GROUP, MEMBER, RULES, House
from tests.fakes.memory_keepers import MemoryDigests

PAGE = "https://news.example/a"
OTHER_PAGE = "https://blog.example/b"
TITLES = ("One", "Two", "Three", "Four", "Five", "Six")
MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
VISITOR = Visitor("203.0.113.9", "Mozilla/5.0 Firefox/140.0")


async def ready(*, has_list: bool = True) -> tuple[House, Code]:
    house = House(has_list=has_list)
    await house.switch_on()
    await house.opt_in()
    await house.post(PAGE)
    await house.work()
    (link,) = house.storage.state.links.values()
    return house, link.code


async def list_now(house: House, *entries: str) -> None:
    house.later(minutes=5)
    async with house.storage.transaction() as records:
        await records.listed.replace(set(entries))


async def led(house: House, code: Code) -> Destination:
    found = await house.services.clicks.follow(code, VISITOR)
    assert isinstance(found, Destination)
    return found


async def test_a_page_is_told_to_nobody_once_an_address_on_the_way_to_it_is_listed() -> None:
    house, code = await ready()
    (link,) = house.storage.state.links.values()
    way = Preview("https://far.example/c", "news.example", "A story", passed=(PAGE, "https://between.example/b"))
    async with house.storage.transaction() as records:
        await records.previews.put(link.clean.key, way, house.now() + timedelta(hours=1))
    links = house.services.links
    assert await links.page_behind(link.group, code) is not None
    await list_now(house, "between.example")
    assert await links.page_behind(link.group, code) is None
    await list_now(house, "far.example")
    assert await links.page_behind(link.group, code) is None


@pytest.mark.parametrize("entry", [PAGE, "news.example"])
async def test_a_destination_listed_after_it_was_tracked_is_told_so_and_not_counted(entry: str) -> None:
    house, code = await ready()
    assert not (await led(house, code)).listed
    await list_now(house, entry)
    await house.services.links.refresh()
    assert (await led(house, code)).listed
    assert house.services.clicks.follow_at_once(code, VISITOR) is None
    assert house.drops[DropReason.LISTED] == 1
    await list_now(house, "worse.example")
    await house.services.links.refresh()
    assert not (await led(house, code)).listed


async def test_what_is_renewed_in_memory_stays_listed() -> None:
    house, code = await ready()
    await list_now(house, PAGE)
    await house.services.links.refresh()
    assert (await led(house, code)).listed
    house.later(seconds=25)
    await house.services.links.refresh()
    house.later(seconds=25)
    assert (await led(house, code)).listed


async def test_the_list_is_asked_once_for_many_clicks(monkeypatch: pytest.MonkeyPatch) -> None:
    house, code = await ready()
    await house.services.links.refresh()
    await led(house, code)

    def away(*_: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(house.storage, "reading", away)
    monkeypatch.setattr(house.storage, "transaction", away)
    for _ in range(3):
        assert not (await led(house, code)).listed


async def test_a_house_without_a_list_warns_of_nothing() -> None:
    house, code = await ready(has_list=False)
    await list_now(house, PAGE)
    await house.services.links.refresh()
    assert not (await led(house, code)).listed


async def test_with_a_list_a_code_nobody_minted_is_unknown_as_ever() -> None:
    house, _ = await ready()
    assert await house.services.clicks.follow("0" * 15 + "9", VISITOR) is None


# What waits to be posted, and what is read later --------------------------------------------------------------------


def cards(house: House) -> list[Card]:
    return [posting for _, posting, _ in house.messenger.posted if isinstance(posting, Card)]


def asides(house: House) -> list[Aside]:
    return [posting for _, posting, _ in house.messenger.posted if isinstance(posting, Aside)]


async def waiting_card(*urls: str, preview: Preview | None = None) -> House:
    house = House(has_list=True)
    await house.switch_on()
    await house.opt_in()
    if preview is not None:
        house.unfurler.pages[urls[0]] = preview
    await house.post(*urls)
    await house.services.shares.work_off()
    return house


async def test_a_card_that_waits_is_not_posted_for_a_link_listed_meanwhile_and_its_poster_is_told() -> None:
    house = await waiting_card(PAGE)
    await list_now(house, PAGE)
    await house.work()
    await house.work()
    assert cards(house) == []
    assert asides(house) == [Aside(MEMBER, "m1", "listed_later.aside", "en")]
    ((_, row),) = [each for each in house.storage.state.outbox.items() if each[0][1] == "card:m1"]
    assert row.state is OutboxState.REFUSED


async def test_the_other_link_of_a_card_that_waits_is_posted_and_the_message_stays() -> None:
    house = await waiting_card(PAGE, OTHER_PAGE)
    await list_now(house, "news.example")
    await house.work()
    await house.work()
    (card,) = cards(house)
    assert [link.url for link in card.links] == [OTHER_PAGE]
    assert len(asides(house)) == 1


async def test_a_card_whose_page_was_found_at_an_address_listed_meanwhile_is_not_posted() -> None:
    house = await waiting_card(PAGE, preview=Preview("https://bad.example/a.exe", "bad.example", "Free money"))
    await list_now(house, "https://bad.example/a.exe")
    await house.work()
    assert cards(house) == []


async def test_a_card_whose_page_was_found_over_an_address_listed_meanwhile_is_not_posted() -> None:
    found = Preview("https://shop.example/a", "shop.example", "A", passed=(PAGE, "https://hop.example/a"))
    house = await waiting_card(PAGE, preview=found)
    await list_now(house, "hop.example")
    await house.work()
    assert cards(house) == []


async def test_a_card_that_would_take_a_message_s_place_does_not_when_a_link_was_left_out() -> None:
    house = await waiting_card(PAGE, OTHER_PAGE)
    (item,) = [row for key, row in house.storage.state.outbox.items() if key[1] == "card:m1"]
    card = replace(item.posting, replaces=True)
    async with house.storage.reading() as records:
        whole = await posting_to_send(records, card, partial(names_of, rules=RULES.urls))
        assert whole == card
    await list_now(house, PAGE)
    async with house.storage.reading() as records:
        left = await posting_to_send(records, card, partial(names_of, rules=RULES.urls))
    assert isinstance(left, Card)
    assert not left.replaces


async def a_week_of(*urls: str) -> House:
    house = House(has_list=True)
    house.messenger.size = 20
    await house.switch_on()
    await house.opt_in()
    for number, url in enumerate(urls):
        await house.post(url, message=f"m{number}")
    await house.work()
    house.messenger.posted.clear()
    return house


async def group_of(house: House) -> Group:
    group = await house.services.consent.group(GROUP)
    assert group is not None
    return group


def digests(house: House) -> list[Digest]:
    return [posting for _, posting, _ in house.messenger.posted if isinstance(posting, Digest)]


async def test_a_digest_is_frozen_without_what_was_listed_during_the_week() -> None:
    house = await a_week_of(PAGE, OTHER_PAGE)
    await list_now(house, PAGE)
    draft = await house.services.digests.preview((await group_of(house)).id, TITLES)
    assert draft is not None
    foreseen = draft.edition
    house.moment = MONDAY
    await house.services.digests.tick()
    await house.work()
    (digest,) = digests(house)
    for edition in (foreseen, digest.edition):
        assert [each.url for each in edition.entries] == [OTHER_PAGE]
        assert edition.shares == 1


async def test_a_week_of_nothing_but_listed_links_has_no_digest() -> None:
    house = await a_week_of(PAGE)
    await list_now(house, PAGE)
    draft = await house.services.digests.preview((await group_of(house)).id, TITLES)
    assert draft is not None
    assert draft.kind is Kind.SAMPLE
    assert await house.services.digests.preview(GroupId("nobody"), TITLES) is None
    house.moment = MONDAY
    await house.services.digests.tick()
    assert not [key for _, key in house.storage.state.outbox if key.startswith("digest:")]


async def test_a_digest_that_waits_is_posted_without_what_was_listed_meanwhile() -> None:
    house = await a_week_of(PAGE, OTHER_PAGE, "https://third.example/c")
    house.moment = MONDAY
    await house.services.digests.tick()
    await list_now(house, PAGE)
    await house.work()
    (digest,) = digests(house)
    assert PAGE not in {each.url for each in digest.edition.entries}
    assert len(digest.edition.entries) == 2
    assert digest.edition.shares == 3, "what was frozen stays as it was"


async def test_a_digest_that_waits_with_nothing_left_to_name_is_not_posted() -> None:
    house = await a_week_of(PAGE)
    house.moment = MONDAY
    await house.services.digests.tick()
    await list_now(house, PAGE)
    await house.work()
    assert digests(house) == []


async def test_editions_read_later_leave_out_what_is_listed_by_then_and_name_it_again_afterwards() -> None:
    house = await a_week_of(PAGE, OTHER_PAGE)
    house.moment = MONDAY
    await house.services.digests.tick()
    group = (await group_of(house)).id
    frozen = await house.services.digests.latest(GROUP)
    assert frozen is not None
    await list_now(house, PAGE)
    latest, of_week = (
        await house.services.digests.latest(GROUP),
        await house.services.digests.of_week(GROUP, frozen.week),
    )
    (past,) = await house.services.digests.past(group)
    for edition in (latest, of_week, past):
        assert edition is not None
        assert [each.url for each in edition.entries] == [OTHER_PAGE]
    await list_now(house, "worse.example")
    assert await house.services.digests.latest(GROUP) == frozen


async def test_an_edited_digest_leaves_it_out_too() -> None:
    house = await a_week_of(PAGE, OTHER_PAGE, "https://third.example/c")
    house.moment = MONDAY
    await house.services.digests.tick()
    await house.work()
    await list_now(house, PAGE)
    await house.services.shares.undo(GROUP, MEMBER, "m1")
    await house.work()
    (revision,) = [posting for _, posting, _ in house.messenger.posted if isinstance(posting, Revision)]
    assert [each.url for each in revision.edition.entries] == ["https://third.example/c"]


# A digest that is posted ----------------------------------------------------------------------------------------------


async def a_posted_digest() -> tuple[House, FakeFeed, FeedService]:
    house = await a_week_of(PAGE, OTHER_PAGE, "https://third.example/c")
    house.moment = MONDAY
    await house.services.digests.tick()
    await house.work()
    house.messenger.posted.clear()
    feed = FakeFeed(frozenset({"worse.example"}))
    return house, feed, FeedService(FeedOutside(house.storage, feed, house.now, partial(names_of, rules=RULES.urls)))


def named_in_edits(house: House) -> list[set[str]]:
    edits = [posting for _, posting, _ in house.messenger.posted if isinstance(posting, Revision)]
    assert all(edit.posted for edit in edits)
    return [{each.url for each in (*edit.edition.entries, *edit.edition.others)} for edit in edits]


async def test_a_posted_digest_is_edited_once_a_page_of_it_is_listed_and_once_for_each_list() -> None:
    house, feed, service = await a_posted_digest()
    await service.update()
    await house.work()
    assert named_in_edits(house) == [], "nothing of it is listed"
    feed.answer = frozenset({PAGE, "worse.example"})
    for _ in range(2):
        await service.update()
        await house.work()
    assert named_in_edits(house) == [{OTHER_PAGE, "https://third.example/c"}]
    feed.answer = frozenset({PAGE, "blog.example"})
    await service.update()
    await house.work()
    assert named_in_edits(house)[1:] == [{"https://third.example/c"}]


async def test_a_digest_of_which_every_page_is_listed_is_edited_down_to_its_figures() -> None:
    house, feed, service = await a_posted_digest()
    feed.answer = frozenset({"news.example", "blog.example", "third.example"})
    await service.update()
    await house.work()
    assert named_in_edits(house) == [set()]


async def test_a_digest_that_was_never_posted_or_is_too_old_to_be_found_is_not_edited() -> None:
    house, feed, service = await a_posted_digest()
    feed.answer = frozenset({PAGE})
    house.later(days=9)
    await service.update()
    assert not [key for _, key in house.storage.state.outbox if "listed" in key]
    house = await a_week_of(PAGE, OTHER_PAGE)
    house.moment = MONDAY
    await house.services.digests.tick()
    await FeedService(FeedOutside(house.storage, feed, house.now, partial(names_of, rules=RULES.urls))).update()
    await house.work()
    assert named_in_edits(house) == []
    assert [each.url for digest in digests(house) for each in digest.edition.entries] == [OTHER_PAGE]


async def test_an_edition_that_cannot_be_read_or_whose_group_is_gone_keeps_nobody_else_s_digest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house, feed, service = await a_posted_digest()
    (edition,) = house.storage.state.editions.values()
    kept = MemoryDigests.get
    house.storage.state.editions = {
        (GroupId("gone"), edition.week): replace(edition, group=GroupId("gone")),
        (GroupId("broken"), edition.week): replace(edition, group=GroupId("broken")),
        (edition.group, edition.week): edition,
    }

    async def some_are_broken(self: MemoryDigests, group: GroupId, week: Week) -> Edition | None:
        if group == "broken":
            raise Tampered
        return await kept(self, group, week)

    monkeypatch.setattr(MemoryDigests, "get", some_are_broken)
    feed.answer = frozenset({PAGE})
    await service.update()
    await house.work()
    assert named_in_edits(house) == [{OTHER_PAGE, "https://third.example/c"}]
