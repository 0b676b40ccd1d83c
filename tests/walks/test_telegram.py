"""Telegram from end to end: each way to share, a group that moves, rights that go, a flood, and the webhook."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from playground.telegram.errors import too_many_requests
from tests.playground.telegram_contract import check_traffic
from tests.walks.theatre import Theatre, open_theatre

PAGES = ("news", "french", "recipe", "docs", "old")


@pytest.fixture
async def club(theatre: Theatre) -> AsyncIterator[Theatre]:
    """The Book club alone, switched on, with Dev's yes; every request and update is held against the Bot API."""
    await switched_on(theatre)
    yield theatre
    check_traffic(theatre.stage.traffic)


async def switched_on(theatre: Theatre) -> None:
    telegram = theatre.stage.telegram
    await telegram.invite_bot("ada", theatre.club)
    await telegram.promote_bot("ada", theatre.club, ("can_manage_chat", "can_delete_messages"))
    await theatre.work()
    await theatre.tap("telegram", "ada", "Switch on (admins)")
    await theatre.tap("telegram", "dev", "Count my links")


def page(theatre: Theatre, key: str = "tracked") -> str:
    return next(each.url for each in theatre.stage.sites.suggestions if each.key == key)


def cards(theatre: Theatre) -> list[dict]:
    return [each for each in theatre.messages("telegram") if "Counted link" in each["html"]]


async def test_a_message_gets_its_card_as_a_reply(club: Theatre) -> None:
    message = await club.say("telegram", "dev", page(club))
    await club.work()
    assert [card["reply_to"] for card in cards(club)] == [message]


async def test_a_link_handed_over_by_command_stands_there_as_a_card_alone(club: Theatre) -> None:
    await club.stage.telegram.command("dev", club.club, "share", page(club))
    await club.work()
    assert [card["reply_to"] for card in cards(club)] == [None]
    assert not any(each["author_key"] == "dev" for each in club.messages("telegram"))


async def test_a_link_sent_through_the_bot_is_the_member_s_own_and_counted(club: Theatre) -> None:
    telegram = club.stage.telegram
    await telegram.inline("dev", club.club, page(club))
    await club.work()
    assert [each["id"] for each in telegram.inline_results("dev")] == ["counted", "clean"]
    message = await telegram.choose("dev", club.club, "counted")
    await club.work()
    own = next(each for each in club.messages("telegram") if each["id"] == message)
    assert (own["author_key"], "utm_source" in own["html"]) == ("dev", False)
    assert [card["reply_to"] for card in cards(club)] == [message]


async def test_a_bare_link_gives_way_to_its_card_where_both_want_it(club: Theatre) -> None:
    await replacing(club)
    message = await club.say("telegram", "dev", page(club))
    await club.work()
    assert cards(club)[0]["html"].startswith("From Dev:")
    club.stage.clock.advance(timedelta(seconds=15))
    await club.work()
    assert all(each["id"] != message for each in club.messages("telegram"))
    assert len(cards(club)) == 1


async def replacing(club: Theatre) -> None:
    """An admin allows it, and Dev wants it."""
    await club.stage.telegram.command("ada", club.club, "settings", "taking replace")
    await club.tap("telegram", "dev", "My choices, one by one")
    await club.tap("telegram", "dev", "○ My bare links give way to cards")


async def test_a_group_that_becomes_a_supergroup_goes_on_under_its_new_id(theatre: Theatre) -> None:
    telegram = theatre.stage.telegram
    small = await telegram.create_group("ada", "Book lovers", ["dev"])
    await telegram.invite_bot("ada", small, ("can_manage_chat",))
    await theatre.work()
    await press(theatre, "ada", small, "Switch on (admins)")
    await press(theatre, "dev", small, "Count my links")
    large = await telegram.migrate("ada", small)
    await theatre.work()
    await telegram.say("dev", large, page(theatre))
    await theatre.work()
    assert any("Counted link" in each["html"] for each in seen(theatre, "dev", large))
    check_traffic(theatre.stage.traffic)


def seen(theatre: Theatre, person: str, conversation: str) -> list[dict]:
    talks = theatre.stage.telegram.snapshot(person)["conversations"]
    return next(talk["messages"] for talk in talks if talk["id"] == conversation)


async def press(theatre: Theatre, person: str, conversation: str, label: str) -> None:
    """Press the newest button of that name in a conversation."""
    for message in reversed(seen(theatre, person, conversation)):
        for button in (each for row in message["buttons"] for each in row if each["label"] == label):
            await theatre.stage.telegram.press(person, conversation, message["id"], button["id"])
            return await theatre.work()
    raise AssertionError(f"{person} sees no {label!r}")


async def test_without_its_right_messages_stay_beside_their_cards_and_who_took_it_is_told(club: Theatre) -> None:
    telegram = club.stage.telegram
    await replacing(club)
    await telegram.start("ada")
    public = club.messages("telegram", "hana")
    await telegram.demote_bot("ada", club.club)
    await club.work()
    assert "I lack the right to delete" in seen(club, "ada", telegram.private("ada"))[-1]["html"]
    assert club.messages("telegram", "hana") == public
    message = await club.say("telegram", "dev", page(club))
    await club.work()
    club.stage.clock.advance(timedelta(seconds=15))
    await club.work()
    assert len(cards(club)) == 1
    assert any(each["id"] == message for each in club.messages("telegram"))


async def test_in_a_flood_of_refusals_every_card_comes_in_the_end_and_once(club: Theatre) -> None:
    messages = [await club.say("telegram", "dev", page(club, key)) for key in PAGES]
    for _ in PAGES:
        club.stage.telegram.fail_next("sendMessage", too_many_requests(3))
    for _ in range(3 * len(PAGES)):
        await club.work()
    assert sorted(card["reply_to"] for card in cards(club)) == messages
    refused = [call for call in club.stage.traffic.calls(method="sendMessage") if not call.ok]
    assert len(refused) == len(PAGES)


async def test_by_webhook_the_same_story_comes_to_the_same_end(sqlite_url: str, tmp_path: Path) -> None:
    chosen = {"telegram_mode": "webhook", "telegram_webhook_secret": SecretStr("s3cret-of_the_webhook")}
    async with open_theatre(tmp_path, sqlite_url, chosen) as theatre:
        await switched_on(theatre)
        message = await theatre.say("telegram", "dev", page(theatre))
        await theatre.work()
        assert [card["reply_to"] for card in cards(theatre)] == [message]
        assert not theatre.stage.traffic.calls(method="getUpdates")
        forged = await theatre.browser.post("/telegram/webhook", json={"update_id": 1})
        assert forged.status_code in {401, 403}
        check_traffic(theatre.stage.traffic)
