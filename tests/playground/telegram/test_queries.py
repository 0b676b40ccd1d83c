"""Buttons, toasts, ephemeral messages and the inline mode, with the real library on the other side."""

from datetime import timedelta
from typing import Any

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResultArticle, InputTextMessageContent
from telegram.error import BadRequest

from playground.clock import PlaygroundClock
from playground.telegram import TelegramStandIn

ROWS = [[InlineKeyboardButton("Yes", callback_data="yes"), InlineKeyboardButton("Site", url="https://example.org/")]]
KEYBOARD = InlineKeyboardMarkup(ROWS)


@pytest.fixture
async def club(standin: TelegramStandIn) -> int:
    await standin.invite_bot("ada", standin.book_club)
    return int(standin.book_club)


async def pressed(bot: telegram.Bot, standin: TelegramStandIn, person: str) -> tuple[str, str]:
    """Send a message with a keyboard and let somebody press its first button: the query's and the message's id."""
    sent = await bot.send_message(standin.book_club, "May we count?", reply_markup=KEYBOARD)
    query = await standin.press(person, standin.book_club, str(sent.message_id), "0-0")
    assert query is not None
    return query, str(sent.message_id)


def shown(standin: TelegramStandIn, person: str) -> list[dict[str, Any]]:
    """What stands in the book club for somebody, without service messages."""
    messages = standin.snapshot(person)["conversations"][0]["messages"]
    return [message for message in messages if not message["service"]]


async def test_a_pressed_button_asks_and_the_answer_is_a_toast(
    bot: telegram.Bot, standin: TelegramStandIn, club: int
) -> None:
    query, message = await pressed(bot, standin, "bruno")
    body = list(standin.deliveries())[-1]["callback_query"]
    assert (body["id"], body["data"], body["from"]["first_name"]) == (query, "yes", "Bruno")
    assert body["message"]["chat"]["id"] == club
    assert await bot.answer_callback_query(query, "Counted.", show_alert=True)
    assert standin.snapshot("bruno")["toasts"] == [{"id": query, "text": "Counted.", "alert": True, "url": None}]
    assert standin.snapshot("dev")["toasts"] == []
    standin.dismiss("bruno", query)
    assert standin.snapshot("bruno")["toasts"] == []
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query)
    assert await standin.press("bruno", standin.book_club, message, "0-1") is None
    with pytest.raises(PermissionError, match="BUTTON_INVALID"):
        await standin.press("bruno", standin.book_club, message, "7-7")


async def test_an_answer_may_open_the_private_chat_of_who_pressed_and_nothing_else(
    bot: telegram.Bot, standin: TelegramStandIn, club: int
) -> None:
    query, _ = await pressed(bot, standin, "bruno")
    itself = f"https://t.me/{standin.bot_username}?start="
    for elsewhere in (
        "https://example.org/",
        "https://t.me/other_bot?start=a",
        itself,
        f"{itself}a b",
        itself + 65 * "a",
    ):
        with pytest.raises(BadRequest, match="Url_invalid"):
            await bot.answer_callback_query(query, url=elsewhere)
    assert await bot.answer_callback_query(query, url=f"{itself}all-1_2")
    assert standin.snapshot("bruno")["toasts"] == [{"id": query, "text": "", "alert": False, "url": f"{itself}all-1_2"}]
    assert standin.snapshot("dev")["toasts"] == []


async def test_an_answer_that_comes_too_late_or_too_long(
    bot: telegram.Bot, standin: TelegramStandIn, club: int, clock: PlaygroundClock
) -> None:
    query, _ = await pressed(bot, standin, "bruno")
    with pytest.raises(BadRequest, match="Message_too_long"):
        await bot.answer_callback_query(query, "x" * 201)
    clock.advance(timedelta(seconds=16))
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query)


async def test_an_ephemeral_answer_is_seen_by_the_presser_alone(
    bot: telegram.Bot, standin: TelegramStandIn, club: int
) -> None:
    query, public = await pressed(bot, standin, "bruno")
    receiver = int(standin.private("bruno"))
    wanted = {"receiver_user_id": receiver, "callback_query_id": query, "replace_callback_query_message": True}
    sent = await bot.send_message(
        club, "Only you see this", reply_markup=KEYBOARD, api_kwargs={"ephemeral_message_parameters": wanted}
    )
    assert sent.message_id == 0
    ephemeral = sent.api_kwargs["ephemeral_message_id"]
    assert [message["id"] for message in shown(standin, "bruno")] == [f"e{ephemeral}"]
    assert [message["id"] for message in shown(standin, "dev")] == [public]
    with pytest.raises(PermissionError, match="MESSAGE_ID_INVALID"):
        await standin.press("dev", standin.book_club, f"e{ephemeral}", "0-0")
    again = await standin.press("bruno", standin.book_club, f"e{ephemeral}", "0-0")
    assert list(standin.deliveries())[-1]["callback_query"]["message"]["message_id"] == 0
    nested = {"receiver_user_id": receiver, "callback_query_id": again, "replace_callback_query_message": True}
    with pytest.raises(BadRequest, match="Message_id_invalid"):
        await bot.send_message(club, "x", api_kwargs={"ephemeral_message_parameters": nested})
    at = {"chat_id": club, "receiver_user_id": receiver, "ephemeral_message_id": ephemeral}
    assert await bot.do_api_request("editEphemeralMessageText", api_kwargs=at | {"text": "Changed"}, return_type=None)
    assert shown(standin, "bruno")[0]["html"] == "Changed"
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.do_api_request("editEphemeralMessageText", api_kwargs=at | {"text": "Changed"})
    with pytest.raises(BadRequest, match="Media_caption_too_long"):
        await bot.do_api_request("editEphemeralMessageText", api_kwargs=at | {"text": "x" * 1025})
    assert await bot.do_api_request(
        "editEphemeralMessageReplyMarkup", api_kwargs=at | {"reply_markup": KEYBOARD.to_dict()}
    )
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(club, 0)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.do_api_request("deleteEphemeralMessage", api_kwargs=at | {"receiver_user_id": 1})
    assert await bot.do_api_request("deleteEphemeralMessage", api_kwargs=at)
    assert [message["id"] for message in shown(standin, "bruno")] == [public]


async def test_fifteen_seconds_after_a_press_only_an_administrator_may_whisper(
    bot: telegram.Bot, standin: TelegramStandIn, club: int, clock: PlaygroundClock
) -> None:
    query, _ = await pressed(bot, standin, "bruno")
    receiver = int(standin.private("bruno"))
    clock.advance(timedelta(seconds=16))

    async def whisper(**wanted: Any) -> telegram.Message:
        parameters = {"receiver_user_id": receiver} | wanted
        return await bot.send_message(club, "psst", api_kwargs={"ephemeral_message_parameters": parameters})

    with pytest.raises(BadRequest, match="Query_id_invalid"):
        await whisper(callback_query_id=query)
    with pytest.raises(BadRequest, match="Message_not_command"):
        await whisper()
    await standin.promote_bot("ada", standin.book_club)
    assert (await whisper()).message_id == 0
    with pytest.raises(BadRequest, match="Participant_id_invalid"):
        await whisper(receiver_user_id=bot.id)
    await standin.start("bruno")
    whispered = {"ephemeral_message_parameters": {"receiver_user_id": receiver}}
    with pytest.raises(BadRequest, match="Peer_id_invalid"):
        await bot.send_message(receiver, "psst", api_kwargs=whispered)


async def test_an_ephemeral_command_wants_an_ephemeral_answer(
    bot: telegram.Bot, standin: TelegramStandIn, club: int, clock: PlaygroundClock
) -> None:
    command = telegram.BotCommand("mydata", "What we keep of you", api_kwargs={"is_ephemeral": True})
    await bot.set_my_commands([command], scope=telegram.BotCommandScopeAllGroupChats())
    asked = await standin.command("bruno", standin.book_club, "mydata")
    assert asked.startswith("e")
    assert shown(standin, "dev") == []
    body = list(standin.deliveries())[-1]["message"]
    assert body["message_id"] == 0
    reply = {"ephemeral_message_id": body["ephemeral_message_id"]}
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(club, "public!", reply_parameters=telegram.ReplyParameters(0))
    with pytest.raises(BadRequest, match="must be an ephemeral message"):
        await bot.send_message(club, "public!", api_kwargs={"reply_parameters": reply})
    wanted = {"ephemeral_message_parameters": {"receiver_user_id": int(standin.private("bruno"))}}
    await bot.send_message(club, "Nothing", api_kwargs=wanted | {"reply_parameters": reply})
    assert [message["html"] for message in shown(standin, "bruno")][-1] == "Nothing"
    clock.advance(timedelta(seconds=16))
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(club, "Late", api_kwargs=wanted | {"reply_parameters": reply})


async def test_an_inline_result_is_the_members_own_message(
    bot: telegram.Bot, standin: TelegramStandIn, club: int
) -> None:
    query = await standin.inline("bruno", standin.book_club, "https://example.org/a " + "x" * 300)
    asked = list(standin.deliveries())[-1]["inline_query"]
    assert (asked["id"], len(asked["query"]), asked["chat_type"]) == (query, 256, "supergroup")
    content = InputTextMessageContent("<b>A page</b> https://s.example/x", parse_mode="HTML")
    card = InlineQueryResultArticle("1", "A page", content, reply_markup=KEYBOARD)
    assert await bot.answer_inline_query(query, [card], cache_time=0, is_personal=True)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_inline_query(query, [])
    assert standin.inline_results("bruno") == [{"id": "1", "title": "A page", "description": ""}]
    message = await standin.choose("bruno", standin.book_club, "1")
    chosen, sent = (list(standin.deliveries())[-2]["chosen_inline_result"], list(standin.deliveries())[-1]["message"])
    assert sent["via_bot"]["username"] == "penumbra_bot"
    assert sent["from"]["first_name"] == "Bruno"
    assert await bot.edit_message_text("Changed", inline_message_id=chosen["inline_message_id"]) is True
    assert shown(standin, "dev")[-1]["html"].endswith("Changed")
    with pytest.raises(PermissionError, match="RESULT_ID_INVALID"):
        await standin.choose("bruno", standin.book_club, "2")
    await bot.edit_message_reply_markup(inline_message_id=chosen["inline_message_id"], reply_markup=KEYBOARD)
    await standin.press("dev", standin.book_club, message, "0-0")
    assert list(standin.deliveries())[-1]["callback_query"]["inline_message_id"] == chosen["inline_message_id"]
    with pytest.raises(BadRequest, match="Message_id_invalid"):
        await bot.edit_message_text("x", inline_message_id="nothing")


async def test_inline_answers_that_telegram_refuses(bot: telegram.Bot, standin: TelegramStandIn) -> None:
    query = await standin.inline("bruno", standin.private("bruno"), "q")
    assert list(standin.deliveries())[-1]["inline_query"]["chat_type"] == "sender"
    card = InlineQueryResultArticle("1", "T", InputTextMessageContent("x"))
    with pytest.raises(BadRequest, match="Result_id_duplicate"):
        await bot.answer_inline_query(query, [card, card])
    many = [InlineQueryResultArticle(str(n), "T", InputTextMessageContent("x")) for n in range(51)]
    with pytest.raises(BadRequest, match="Results_too_much"):
        await bot._post("answerInlineQuery", {"inline_query_id": query, "results": many})
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.answer_inline_query(query, [InlineQueryResultArticle("1", "T", InputTextMessageContent(" "))])
    with pytest.raises(BadRequest, match="Article_title_empty"):
        await bot.answer_inline_query(query, [InlineQueryResultArticle("1", " ", InputTextMessageContent("x"))])


async def test_what_people_see(bot: telegram.Bot, standin: TelegramStandIn, club: int) -> None:
    await standin.say("bruno", standin.book_club, "<script>alert(1)</script> & example.org/x")
    await bot.send_photo(club, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1", caption="A chart")
    await bot.send_message(club, "example.org", link_preview_options=telegram.LinkPreviewOptions(is_disabled=True))
    standin.set_anonymous("farah", standin.book_club, on=True)
    await standin.say("farah", standin.book_club, "hush")
    typed, chart, card, hush = shown(standin, "bruno")
    assert typed["html"] == (
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; "
        '<a href="http://example.org/x" rel="noopener noreferrer" target="_blank">example.org/x</a>'
    )
    assert (typed["mine"], typed["author_key"], typed["preview"]) == (True, "bruno", True)
    assert (chart["is_bot"], chart["image"]["alt"]) == (True, "A chart")
    assert chart["image"]["src"].startswith("data:image/png;base64,")
    assert card["preview"] is False
    assert (hush["author"], hush["author_key"]) == ("Book club", None)
    await standin.start("bruno")
    club_seen, own = standin.snapshot("bruno")["conversations"]
    assert (club_seen["title"], club_seen["members"], club_seen["kind"]) == ("Book club", 19, "group")
    assert (own["title"], own["kind"], own["messages"][0]["html"]) == (
        "Penumbra",
        "private",
        '<span class="command">/start</span>',
    )
    assert standin.snapshot("dev")["conversations"][1]["messages"] == []


async def test_a_button_above_inline_results_leads_to_the_private_chat(
    bot: telegram.Bot, standin: TelegramStandIn
) -> None:
    assert standin.inline_advice("bruno") is None
    query = await standin.inline("bruno", standin.book_club, "q")
    for text, payload in (("x" * 65, "h"), ("Read on", "not allowed!")):
        button = telegram.InlineQueryResultsButton(text, start_parameter=payload)
        with pytest.raises(BadRequest, match=r"Button_text_invalid|Start_param_invalid"):
            await bot.answer_inline_query(query, [], button=button)
    await bot.answer_inline_query(query, [], button=telegram.InlineQueryResultsButton("Read on", start_parameter="h"))
    assert standin.inline_advice("bruno") == {"text": "Read on", "payload": "h"}


async def test_a_forward_of_what_was_sent_through_the_bot_still_says_so(
    bot: telegram.Bot, standin: TelegramStandIn, club: int
) -> None:
    query = await standin.inline("bruno", standin.book_club, "q")
    card = InlineQueryResultArticle("1", "T", InputTextMessageContent("x"), reply_markup=KEYBOARD)
    await bot.answer_inline_query(query, [card])
    message = await standin.choose("bruno", standin.book_club, "1")
    await standin.forward("dev", standin.book_club, message, standin.book_club)
    forwarded = list(standin.deliveries())[-1]["message"]
    assert forwarded["via_bot"]["id"] == bot.id
    assert "reply_markup" not in forwarded
