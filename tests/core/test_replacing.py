"""A message that is nothing but links gives way to its card: only where admin and member both said so."""

from dataclasses import replace

import pytest

from core.errors import NotOffered, NotOnItsOwn, NotYours
from core.model import Actor, Card, DropReason, Message, OutboxState, Refused, Removal, Taking
from tests.fakes.house import ADMIN, GROUP, MEMBER, House

PAGE = "https://news.example/1"
OTHER_PAGE = "https://news.example/2"


async def taking(house: House, how: Taking) -> None:
    group = await house.services.consent.group(GROUP)
    assert group is not None
    await house.services.groups.configure(GROUP, Actor(ADMIN), replace(group, taking=how))


async def hand_in(house: House, *urls: str, bare: bool = True, message: str = "m1") -> None:
    standing = await house.services.consent.may_count(GROUP, MEMBER)
    assert standing is not None
    posted = Message(GROUP, MEMBER, message, urls, house.moment, bare=bare)
    await house.services.shares.take_in(standing, posted, f"event {message}")
    await house.work()


def cards(house: House) -> list[Card]:
    return [posting for _, posting, _ in house.messenger.posted if isinstance(posting, Card)]


def removals(house: House) -> list[Removal]:
    return [posting for _, posting, _ in house.messenger.posted if isinstance(posting, Removal)]


@pytest.fixture
async def house() -> House:
    house = House()
    await house.switch_on()
    await house.opt_in()
    return house


async def replacing(house: House) -> None:
    await taking(house, Taking.REPLACE)
    await house.services.consent.let_replace(GROUP, MEMBER, on=True)


async def test_the_card_comes_first_and_the_message_goes_fifteen_seconds_later(house: House) -> None:
    await replacing(house)
    await hand_in(house, PAGE)
    assert [card.replaces for card in cards(house)] == [True]
    assert not removals(house)
    house.later(seconds=15)
    await house.work()
    assert removals(house) == [Removal(MEMBER, "m1")]


async def test_within_fifteen_seconds_the_member_keeps_the_message(house: House) -> None:
    await replacing(house)
    await hand_in(house, PAGE)
    house.later(seconds=14)
    await house.services.shares.undo(GROUP, MEMBER, "m1")
    house.later(seconds=60)
    await house.work()
    assert not removals(house)


@pytest.mark.parametrize("change", ["admin", "member", "withdrawn", "forgotten"])
async def test_whoever_changes_their_mind_meanwhile_keeps_the_message(house: House, change: str) -> None:
    await replacing(house)
    await hand_in(house, PAGE)
    match change:
        case "admin":
            await taking(house, Taking.CARD)
        case "member":
            await house.services.consent.let_replace(GROUP, MEMBER, on=False)
        case "withdrawn":
            await house.services.consent.withdraw(GROUP, MEMBER)
        case _:
            await house.services.subjects.forget(GROUP, MEMBER)
    house.later(seconds=60)
    await house.work()
    assert not removals(house)


async def test_a_card_that_could_not_be_posted_replaces_nothing(house: House) -> None:
    await replacing(house)
    house.messenger.answers.append(Refused("no right to write"))
    await hand_in(house, PAGE)
    house.later(seconds=60)
    await house.work()
    assert not house.messenger.posted


@pytest.mark.parametrize(
    "urls", [(PAGE, "http://192.168.1.1/"), (PAGE, OTHER_PAGE, "https://news.example/3")], ids=["untouched", "many"]
)
async def test_a_message_of_which_anything_would_be_lost_stays(house: House, urls: tuple[str, ...]) -> None:
    await replacing(house)
    await hand_in(house, *urls)
    assert not any(card.replaces for card in cards(house))


async def test_a_message_with_a_link_shown_lately_stays(house: House) -> None:
    await replacing(house)
    await hand_in(house, PAGE)
    await hand_in(house, PAGE, OTHER_PAGE, message="m2")
    assert [card.replaces for card in cards(house)] == [True, False]


async def test_a_message_with_words_in_it_stays(house: House) -> None:
    await replacing(house)
    await hand_in(house, PAGE, bare=False)
    assert not cards(house)[0].replaces


async def test_the_admin_s_switch_alone_replaces_nobody_s_message(house: House) -> None:
    await taking(house, Taking.REPLACE)
    await hand_in(house, PAGE)
    assert not cards(house)[0].replaces


async def test_a_member_can_t_choose_what_no_admin_allows_nor_without_counting_shares(house: House) -> None:
    with pytest.raises(NotOffered):
        await house.services.consent.let_replace(GROUP, MEMBER, on=True)
    await taking(house, Taking.REPLACE)
    await house.services.consent.withdraw(GROUP, MEMBER)
    with pytest.raises(NotOnItsOwn):
        await house.services.consent.let_replace(GROUP, MEMBER, on=True)


async def test_choosing_other_purposes_leaves_the_choice_to_replace_as_it_is(house: House) -> None:
    await replacing(house)
    await house.opt_in()
    standing = await house.services.consent.may_count(GROUP, MEMBER)
    assert standing is not None
    assert standing.consent.replaces


async def test_where_links_are_handed_over_no_message_is_read(house: House) -> None:
    await taking(house, Taking.ASKED)
    assert await house.services.consent.may_count(GROUP, MEMBER) is None
    assert house.drops[DropReason.NOT_HANDED_OVER] == 1
    assert await house.services.consent.may_count(GROUP, MEMBER, handed_over=True) is not None


async def test_a_removal_that_is_refused_is_over(house: House) -> None:
    await replacing(house)
    await hand_in(house, PAGE)
    house.later(seconds=15)
    house.messenger.answers.append(Refused("no right to delete"))
    await house.work()
    [row] = [row for row in house.storage.state.outbox.values() if isinstance(row.posting, Removal)]
    assert (row.state, row.why) == (OutboxState.REFUSED, "no right to delete")


async def test_a_disowned_link_is_given_back_whole_once(house: House) -> None:
    await hand_in(house, PAGE)
    [link] = await house.services.shares.disown(GROUP, MEMBER, "m1")
    assert link.clean.display == PAGE
    with pytest.raises(NotYours):
        await house.services.shares.disown(GROUP, MEMBER, "m1")


async def test_an_admin_can_ask_for_a_larger_group_and_never_for_a_smaller_one(house: House) -> None:
    group = await house.services.consent.group(GROUP)
    assert group is not None
    changed = await house.services.groups.configure(GROUP, Actor(ADMIN), replace(group, clicks_from=3, locked=True))
    assert (changed.clicks_from, changed.locked) == (8, True)
