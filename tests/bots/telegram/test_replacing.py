"""Cards in the place of messages: send first, delete fifteen seconds later, never what would lose more than words."""

from datetime import timedelta

import pytest

from core.model import Removal, Taking
from tests.bots.telegram.staging import ARTICLE, Stage

RIGHTS = ("can_manage_chat", "can_delete_messages")


async def replacing(stage: Stage, rights: tuple[str, ...] = RIGHTS) -> None:
    """Ada allows it, Dev wants it."""
    await stage.switched_on("dev", rights=rights)
    await stage.configured(taking=Taking.REPLACE)
    await stage.tap("dev", "My choices, one by one")
    await stage.tap("dev", "○ My bare links give way to cards")


async def fifteen_seconds(stage: Stage) -> None:
    stage.house.clock.advance(timedelta(seconds=15))
    await stage.house.work()


def stands(stage: Stage, message: str) -> bool:
    return any(each["id"] == message for each in stage.seen("ada"))


async def test_a_bare_link_gives_way_to_its_card_which_says_whose_it_was(stage: Stage) -> None:
    await replacing(stage)
    message = await stage.share("dev")
    card = stage.said("ada")[-1]
    assert card.startswith("From Dev:")
    assert stands(stage, message)
    await fifteen_seconds(stage)
    assert not stands(stage, message)
    assert stage.said("ada")[-1] == card


async def test_undo_within_fifteen_seconds_keeps_the_message(stage: Stage) -> None:
    await replacing(stage)
    message = await stage.share("dev")
    await stage.tap("dev", "Undo")
    await fifteen_seconds(stage)
    assert stands(stage, message)


async def test_nothing_is_deleted_that_would_lose_more_than_its_words(stage: Stage) -> None:
    await replacing(stage)
    first = await stage.telegram.say("bruno", stage.club, "What do you read?")
    kept = [
        await stage.telegram.say("dev", stage.club, "https://a.example/1", reply_to=first),
        await stage.telegram.say_photo("dev", stage.club, "https://b.example/1", album="holiday"),
        await stage.telegram.forward("dev", stage.club, await forwarded(stage), stage.club),
        await stage.telegram.say("dev", stage.club, "Look: https://d.example/1"),
        await stage.telegram.say("dev", stage.club, '<a href="https://e.example/1">here</a>', formatted=True),
        await stage.telegram.say("bruno", stage.club, "https://f.example/1"),
    ]
    stage.telegram.set_protected("ada", stage.club, on=True)
    kept.append(await stage.telegram.say("dev", stage.club, "https://g.example/1"))
    await stage.house.work()
    for _ in range(3):
        await fifteen_seconds(stage)
    assert all(stands(stage, message) for message in kept)
    assert not any(isinstance(row.posting, Removal) for row in stage.house.storage.state.outbox.values())


async def forwarded(stage: Stage) -> str:
    return await stage.telegram.say("farah", stage.club, "https://c.example/1")


async def test_without_the_right_to_delete_the_message_stays_beside_its_card(stage: Stage) -> None:
    await replacing(stage, rights=("can_manage_chat",))
    message = await stage.share("dev")
    await fifteen_seconds(stage)
    assert stands(stage, message)
    [row] = [row for row in stage.house.storage.state.outbox.values() if isinstance(row.posting, Removal)]
    assert row.why == "no right to delete"


async def test_a_message_that_its_member_deleted_meanwhile_is_as_good_as_removed(stage: Stage) -> None:
    await replacing(stage)
    message = await stage.share("dev")
    await stage.telegram.remove("dev", stage.club, message)
    await fifteen_seconds(stage)
    [row] = [row for row in stage.house.storage.state.outbox.values() if isinstance(row.posting, Removal)]
    assert row.why is None


@pytest.mark.parametrize("on", [True, False], ids=["member alone", "admin alone"])
async def test_one_of_the_two_alone_replaces_nothing(stage: Stage, on: bool) -> None:  # noqa: FBT001 - a case
    await replacing(stage)
    if on:
        await stage.configured(taking=Taking.CARD)
    else:
        await stage.tap("dev", "✓ My bare links give way to cards")
    message = await stage.share("dev", f"{ARTICLE}/2")
    await fifteen_seconds(stage)
    assert stands(stage, message)


async def test_a_link_that_is_not_its_member_s_to_count_keeps_its_card_uncounted(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.share("dev", f"{ARTICLE}?utm_source=x")
    await stage.tap("ada", "Not mine to count")
    assert stage.toasts("ada")[-1] == stage.texts.speak("en").say("error.not_yours")
    await stage.tap("dev", "Not mine to count")
    card = stage.seen("ada")[-1]
    assert "A &lt;b&gt;bold&lt;/b&gt; claim" in card["html"]
    assert "//s.example" not in card["html"]
    assert [button["label"] for row in card["buttons"] for button in row] == ["Open", "Why?"]
    assert not stage.house.storage.state.shares


async def test_why_is_told_to_whoever_asks(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.share("dev")
    await stage.tap("bruno", "Why?")
    assert stage.toasts("bruno") == [stage.texts.speak("fr").say("card.about")]
