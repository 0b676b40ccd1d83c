"""The Messenger port: one attempt, and every answer in core's words."""

from datetime import timedelta

import pytest
from pydantic import SecretStr
from telegram.error import NetworkError, TelegramError, TimedOut

from bots.telegram.app import open_bot
from bots.telegram.messenger import outcome_of
from bots.telegram.parse import address_of
from core.errors import PlatformUnavailable
from core.model import Account, Aside, Card, CardLink, InDoubt, Later, LinkId, Outcome, Refused, Sent
from playground.people import CAST
from playground.telegram.errors import (
    ApiError,
    DroppedResponseError,
    bad_request,
    forbidden,
    server_error,
    too_many_requests,
    unauthorized,
)
from tests.bots.telegram.staging import TOKEN, Stage, TelegramHouse
from texts.catalogue import Texts

ADA, BRUNO, FARAH = (Account(str(CAST[key].telegram_id)) for key in ("ada", "bruno", "farah"))


def card(message: str = "1") -> Card:
    link = CardLink(LinkId("l"), "https://a.example/1", "https://s.example/0000000000000001", "a.example")
    return Card(BRUNO, message, (link,), "en")


async def post(stage: Stage, posting: Card | None = None) -> Outcome:
    return await stage.bot.messenger.post(address_of(stage.club), posting or card(), "card:1")


@pytest.fixture
async def present(stage: Stage) -> Stage:
    await stage.telegram.invite_bot("ada", stage.club)
    return stage


async def test_a_card_is_posted_and_named(present: Stage) -> None:
    message = await present.telegram.say("bruno", present.club, "look")
    outcome = await post(present, card(message))
    assert outcome == Sent(present.seen("ada")[-1]["id"])
    assert not present.bot.messenger.can_find
    assert await present.bot.messenger.find(address_of(present.club), "card:1") is None


async def test_a_message_that_is_gone_gets_no_card(present: Stage) -> None:
    message = await present.telegram.say("bruno", present.club, "look")
    await present.telegram.remove("bruno", present.club, message)
    assert await post(present, card(message)) == Refused("message gone")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (too_many_requests(7), Later(7.0)),
        (forbidden("bot was kicked from the supergroup chat"), Refused("bot is out of the group", group_gone=True)),
        (forbidden("bot is not a member of the group chat"), Refused("bot is out of the group", group_gone=True)),
        (forbidden("the group chat was deleted"), Refused("bot is out of the group", group_gone=True)),
        (forbidden("something new"), Refused("forbidden")),
        (bad_request("TOPIC_CLOSED"), Refused("topic closed")),
        (bad_request("message thread not found"), Refused("topic gone")),
        (bad_request("not enough rights to send text messages to the chat"), Refused("no right to write")),
        (bad_request("chat not found"), Refused("group not found")),
        (bad_request("can't parse entities near 'secret words'"), Refused("bad request")),
        (unauthorized(), Refused("token refused", try_again=True)),
        (server_error(), InDoubt()),
        (ApiError(502, "Bad Gateway"), InDoubt()),
        (DroppedResponseError(), InDoubt()),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, DroppedResponseError) else str(value),
)
async def test_what_telegram_answers_is_told_in_core_s_words(
    present: Stage, error: Exception, outcome: Outcome
) -> None:
    message = await present.telegram.say("bruno", present.club, "look")
    present.telegram.fail_next("sendMessage", error)
    assert await post(present, card(message)) == outcome


async def test_nothing_was_posted_where_nobody_listens(house: TelegramHouse, texts: Texts) -> None:
    bot = open_bot(SecretStr(TOKEN), texts, house.now, "http://127.0.0.1:1/bot")
    await bot.application.bot._request[1].initialize()
    outcome = await bot.messenger.post(address_of("-1001"), card(), "card:1")
    with pytest.raises(PlatformUnavailable):
        await bot.messenger.is_admin(address_of("-1001"), ADA)
    await bot.application.bot._request[1].shutdown()
    assert outcome == Refused("not reachable", try_again=True)


def test_a_time_out_on_the_way_may_have_been_posted() -> None:
    assert outcome_of(TimedOut()) == InDoubt()
    assert outcome_of(NetworkError("httpx.ReadError")) == InDoubt()
    assert outcome_of(TelegramError("Invalid server response")) == InDoubt()


async def test_a_group_that_moved_is_found_again(stage: Stage) -> None:
    small = await stage.telegram.create_group("ada", "Book lovers", ["bruno"])
    await stage.telegram.invite_bot("ada", small)
    stage.webhook._open = False  # the service messages of the move are late
    large = await stage.telegram.migrate("ada", small)
    assert await stage.bot.messenger.post(address_of(small), card(), "card:1") == Refused("group moved", try_again=True)
    assert await stage.group(small) is None
    assert await stage.group(large) is not None
    with pytest.raises(PlatformUnavailable):
        await stage.bot.messenger.members(address_of(small))


async def test_admins_are_asked_for_live_and_remembered_for_half_a_minute(present: Stage) -> None:
    club, messenger = address_of(present.club), present.bot.messenger
    assert await messenger.is_admin(club, ADA)
    assert await messenger.is_admin(club, FARAH)
    assert not await messenger.is_admin(club, BRUNO)
    await present.telegram.promote("ada", present.club, "bruno")
    assert not await messenger.is_admin(club, BRUNO)
    present.house.clock.advance(timedelta(seconds=31))
    assert await messenger.is_admin(club, BRUNO)


async def test_a_stranger_is_no_admin(present: Stage) -> None:
    assert not await present.bot.messenger.is_admin(address_of(present.club), Account("99"))


async def test_the_memory_of_admins_is_bounded(present: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.telegram.messenger.ADMINS_REMEMBERED", 2)
    for account in (ADA, FARAH, BRUNO):
        await present.bot.messenger.is_admin(address_of(present.club), account)
    assert len(present.bot.messenger._admins) == 1


async def test_the_bot_itself_is_no_member(present: Stage) -> None:
    assert await present.bot.messenger.members(address_of(present.club)) == len(CAST)


async def test_a_group_that_will_not_say_has_no_members(present: Stage) -> None:
    await present.telegram.remove_bot("ada", present.club)
    assert await present.bot.messenger.members(address_of(present.club)) == 0


async def test_telegram_in_trouble_is_asked_again_later(present: Stage) -> None:
    present.telegram.fail_next("getChatMemberCount", too_many_requests(3))
    with pytest.raises(PlatformUnavailable):
        await present.bot.messenger.members(address_of(present.club))


async def test_a_word_to_one_member_is_whispered_sent_in_private_or_left_unsaid(present: Stage) -> None:
    club, messenger = address_of(present.club), present.bot.messenger
    aside = Aside(BRUNO, "1", "member.was_not", "fr")
    words = present.texts.speak("fr").say("member.was_not")
    before = present.said("ada")
    assert await messenger.post(club, aside, "aside:1") == Refused("no private way")
    await present.telegram.start("bruno")
    assert await messenger.post(club, aside, "aside:1") == Sent("")
    assert present.said("bruno", present.telegram.private("bruno"))[-1] == words
    await present.telegram.promote_bot("ada", present.club)
    assert await messenger.post(club, aside, "aside:1") == Sent("")
    assert present.seen("bruno")[-1]["ephemeral"]
    assert present.said("bruno")[-1] == words
    assert present.said("ada") == before
    present.telegram.fail_next("sendMessage", too_many_requests(5))
    assert await messenger.post(club, aside, "aside:1") == Later(5.0)
