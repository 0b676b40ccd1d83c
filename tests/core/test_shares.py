"""A member posts links: taken in, worked off, corrected, undone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import NotYours, StorageUnavailable
from core.model import Card, DropReason, Preview, Purpose
from tests.fakes.house import GROUP, MEMBER, OTHER, PUBLIC_URL, House

NEWS = "https://news.example/a"
BLOG = "https://blog.example/b"


async def ready() -> House:
    house = House()
    await house.switch_on()
    await house.opt_in()
    return house


def cards(house: House) -> list[Card]:
    return [posting for _, posting, _ in house.messenger.posted if isinstance(posting, Card)]


def shares(house: House) -> int:
    return len(house.storage.state.shares)


async def test_a_shared_link_is_answered_with_a_card_that_offers_both_addresses():
    house = await ready()
    house.unfurler.pages[NEWS] = Preview(NEWS, "news.example", title="The bridge reopens")
    assert await house.post(NEWS + "?utm_source=mail")
    await house.work()
    (card,) = cards(house)
    (link,) = card.links
    assert link.url == NEWS
    assert link.short_url.startswith(PUBLIC_URL + "/")
    assert link.removed == ("utm_source",)
    assert link.preview == house.unfurler.pages[NEWS]
    assert shares(house) == 1
    (kept,) = house.storage.state.links.values()
    assert kept.title == "The bridge reopens"


async def test_a_page_that_tells_nothing_is_tracked_all_the_same():
    house = await ready()
    await house.post(NEWS)
    await house.work()
    assert cards(house)[0].links[0].preview is None
    assert shares(house) == 1


async def test_the_same_link_by_the_same_member_counts_once_a_week():
    house = await ready()
    await house.post(NEWS, message="m1")
    await house.post(NEWS, message="m2")
    await house.work()
    assert shares(house) == 1
    await house.opt_in(OTHER)
    await house.post(NEWS, account=OTHER, message="m3")
    await house.work()
    assert shares(house) == 2
    house.later(days=7)
    await house.post(NEWS, message="m4")
    await house.work()
    assert shares(house) == 3


async def test_a_delivery_repeated_adds_nothing():
    house = await ready()
    assert await house.post(NEWS, event="e1")
    assert not await house.post(NEWS, event="e1")
    assert house.drops[DropReason.ALREADY_SEEN] == 1
    assert await house.post(NEWS, event="e2")
    await house.work()
    assert shares(house) == 1
    assert len(cards(house)) == 1


async def test_links_never_to_be_touched_leave_only_a_count():
    house = await ready()
    assert not await house.post("https://shop.example/reset-password?token=4f1c9d2e8b7a6c5d4e3f")
    assert not await house.post("mailto:someone@example.org", "not a link at all")
    assert not await house.post()
    assert house.drops[DropReason.SENSITIVE] == 3
    assert house.drops[DropReason.NO_LINK] == 1
    assert house.unfurler.asked == []
    assert not house.storage.state.inbox


async def test_a_short_url_of_ours_is_not_tracked_again():
    house = await ready()
    for url in (f"{PUBLIC_URL}/0000000000000001", f"{PUBLIC_URL}/0000000000000001+"):
        assert not await house.post(url)
    assert house.drops[DropReason.OWN_LINK] == 2
    assert await house.post(f"{PUBLIC_URL}/privacy-and-more")


async def test_three_links_get_no_card_but_count():
    house = await ready()
    await house.post(NEWS, BLOG, "https://third.example/c")
    await house.work()
    assert cards(house) == []
    assert shares(house) == 3


async def test_a_long_list_is_counted_whole_but_only_its_first_pages_are_fetched():
    house = await ready()
    await house.post(*(f"https://news.example/{number}" for number in range(12)))
    await house.work()
    assert shares(house) == 12
    assert len(house.unfurler.asked) == 5


async def test_a_link_shown_in_the_last_half_hour_is_not_shown_again():
    house = await ready()
    await house.opt_in(OTHER)
    await house.post(NEWS, message="m1")
    await house.work()
    await house.post(NEWS, BLOG, account=OTHER, message="m2")
    await house.work()
    _, second = cards(house)
    assert [link.url for link in second.links] == [BLOG]
    house.later(minutes=30)
    await house.post(NEWS, account=OTHER, message="m3")
    await house.work()
    assert [link.url for link in cards(house)[2].links] == [NEWS]


async def test_consent_is_asked_again_before_counting():
    house = await ready()
    await house.post(NEWS)
    await house.services.consent.withdraw(GROUP, MEMBER)
    await house.work()
    assert shares(house) == 0
    assert cards(house) == []


async def test_an_edit_moves_the_share_and_posts_no_second_card():
    house = await ready()
    await house.post(NEWS, message="m1")
    await house.work()
    house.later(minutes=1)
    await house.post(BLOG, message="m1", edited_at=house.now())
    await house.work()
    assert [link.clean.display for link in links_shared(house)] == [BLOG]
    assert len(cards(house)) == 1


def links_shared(house: House):
    held = {share.link for share in house.storage.state.shares.values()}
    return [link for link in house.storage.state.links.values() if link.id in held]


async def test_an_edit_that_leaves_no_link_takes_everything_back():
    house = await ready()
    await house.post(NEWS, message="m1")
    await house.work()
    house.later(minutes=1)
    assert await house.post(message="m1", edited_at=house.now())
    await house.work()
    assert shares(house) == 0
    assert next(iter(house.storage.state.links.values())).counted_until is None


async def test_an_edit_that_overtakes_its_message_wins():
    house = await ready()
    await house.post(BLOG, message="m1", edited_at=house.now() + timedelta(minutes=1), event="edit")
    await house.work()
    await house.post(NEWS, message="m1", event="message")
    await house.work()
    assert [link.clean.display for link in links_shared(house)] == [BLOG]


async def test_undo_gives_the_plain_address_back_and_counts_no_more():
    house = await ready()
    await house.post(NEWS, BLOG, message="m1")
    await house.work()
    assert set(await house.services.shares.undo(GROUP, MEMBER, "m1")) == {NEWS, BLOG}
    assert shares(house) == 0
    assert all(link.counted_until is None for link in house.storage.state.links.values())
    with pytest.raises(NotYours):
        await house.services.shares.undo(GROUP, MEMBER, "m1")


async def test_the_last_share_is_taken_back_then_the_one_before_then_nothing():
    house = await ready()
    undo_last = house.services.own_shares.undo_last
    assert await undo_last(GROUP, MEMBER) is None
    await house.post(NEWS, message="m1")
    await house.work()
    house.later(minutes=40)
    await house.post(BLOG, message="m2")
    await house.work()
    last = await undo_last(GROUP, MEMBER)
    assert last is not None
    assert (last.message, last.urls) == ("m2", (BLOG,))
    assert set(last.cards) == {"card:m2"}
    before = await undo_last(GROUP, MEMBER)
    assert before is not None
    assert before.urls == (NEWS,)
    assert await undo_last(GROUP, MEMBER) is None
    assert shares(house) == 0


async def test_what_is_too_old_to_be_undone_is_nothing_to_undo():
    house = await ready()
    await house.post(NEWS, message="m1")
    await house.work()
    house.storage.state.messages.clear()  # after 48 hours nobody knows any more what a message held
    assert await house.services.own_shares.undo_last(GROUP, MEMBER) is None
    assert await house.services.own_shares.undo_last(replace(GROUP, conversation="-9"), MEMBER) is None
    assert shares(house) == 1


async def test_what_was_undone_stays_undone_when_the_message_is_edited():
    house = await ready()
    await house.post(NEWS, message="m1")
    await house.work()
    await house.services.shares.undo(GROUP, MEMBER, "m1")
    house.later(minutes=1)
    await house.post(NEWS, message="m1", edited_at=house.now())
    await house.work()
    assert shares(house) == 0


async def test_only_who_shared_it_can_undo():
    house = await ready()
    await house.post(NEWS, message="m1")
    await house.work()
    with pytest.raises(NotYours):
        await house.services.shares.undo(GROUP, OTHER, "m1")
    await house.services.groups.bot_removed(GROUP)
    await house.services.groups.erase_due()
    with pytest.raises(NotYours):
        await house.services.shares.undo(GROUP, MEMBER, "m1")


async def test_undo_leaves_anothers_share_of_the_same_link():
    house = await ready()
    await house.opt_in(OTHER)
    await house.post(NEWS, message="m1")
    await house.post(NEWS, message="m2", account=OTHER)
    await house.work()
    assert await house.services.shares.undo(GROUP, MEMBER, "m1") == (NEWS,)
    assert shares(house) == 1
    assert next(iter(house.storage.state.links.values())).counted_until is not None


async def test_a_poisoned_message_does_not_hold_up_the_others_and_dies_after_five_tries():
    house = await ready()
    house.unfurler.failure = RuntimeError("a page that breaks us")
    await house.post(NEWS, message="m1")
    await house.services.shares.work_off()
    house.unfurler.failure = None
    await house.post(BLOG, message="m2")
    await house.services.shares.work_off()
    assert shares(house) == 1
    house.unfurler.failure = RuntimeError("a page that breaks us")
    for _ in range(8):
        house.later(minutes=5)
        await house.services.shares.work_off()
    house.unfurler.failure = None
    house.later(days=1)
    assert await house.services.shares.work_off() == 0
    assert shares(house) == 1


async def test_a_database_that_goes_away_keeps_the_work():
    house = await ready()
    house.unfurler.failure = StorageUnavailable()
    await house.post(NEWS)
    assert await house.services.shares.work_off() == 1
    assert await house.services.shares.work_off() == 0
    house.unfurler.failure = None
    house.later(minutes=2)
    assert await house.services.shares.work_off() == 1
    assert shares(house) == 1


async def test_shares_alone_do_not_count_clicks():
    house = House()
    await house.switch_on()
    await house.opt_in(MEMBER, Purpose.SHARES)
    await house.post(NEWS)
    await house.work()
    assert next(iter(house.storage.state.links.values())).counted_until is None


async def test_links_that_retention_took_are_no_obstacle_to_edits_and_undo():
    house = await ready()
    await house.post(NEWS, message="m1")
    await house.post(BLOG, message="m2")
    await house.work()
    house.storage.state.links.clear()
    house.later(minutes=1)
    await house.post(message="m1", edited_at=house.now())
    await house.work()
    assert await house.services.shares.undo(GROUP, MEMBER, "m2") == ()
