from datetime import timedelta

import httpx
import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, LinkPreviewOptions, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, EndPointNotFound, Forbidden, NetworkError, RetryAfter

from playground.clock import PlaygroundClock
from playground.telegram import TelegramStandIn
from playground.telegram.errors import DroppedResponseError, server_error, too_many_requests
from playground.telegram.images import blank_png

KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])


@pytest.fixture
async def club(standin: TelegramStandIn) -> int:
    await standin.invite_bot("ada", standin.book_club)
    return int(standin.book_club)


async def test_a_sent_message_comes_back_as_telegram_says_it(bot: telegram.Bot, club: int) -> None:
    sent = await bot.send_message(
        club,
        '<b>Card</b>: <a href="https://example.org/a">a page</a> at example.com &amp; 👩‍🚀 <code>x.com</code>',
        parse_mode="HTML",
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_markup=KEYBOARD,
    )
    assert sent.text == "Card: a page at example.com & 👩‍🚀 x.com"
    assert [entity.type for entity in sent.entities] == ["bold", "text_link", "url", "code"]
    assert list(sent.parse_entities().values()) == ["Card", "a page", "example.com", "x.com"]
    assert sent.from_user is not None
    assert sent.from_user.username == "penumbra_bot"
    assert sent.reply_markup == KEYBOARD
    assert sent.link_preview_options == LinkPreviewOptions(is_disabled=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" ", "Message text is empty"),
        ("x" * 4097, "Message is too long"),
        ("<b>x", "Can't parse entities: can't find end tag"),
        ("<p>x</p>", 'Can\'t parse entities: unsupported start tag "p"'),
    ],
)
async def test_text_that_telegram_refuses(bot: telegram.Bot, club: int, text: str, words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        await bot.send_message(club, text, parse_mode="HTML")
    assert words.lower() in refused.value.message.lower()


async def test_markup_does_not_count_for_the_length(bot: telegram.Bot, club: int) -> None:
    sent = await bot.send_message(club, "<b>" + "x" * 4096 + "</b>", parse_mode="HTML")
    assert len(sent.text or "") == 4096


@pytest.mark.parametrize(
    ("button", "words"),
    [
        (InlineKeyboardButton("a", callback_data="é" * 33), "Button_data_invalid"),
        (InlineKeyboardButton("a", url="http://localhost/x"), "Wrong HTTP URL specified"),
        (InlineKeyboardButton("a"), "Text buttons are unallowed"),
        (InlineKeyboardButton(" ", callback_data="x"), 'Field "text" must be non-empty'),
        (InlineKeyboardButton("a", callback_data="x", style="loud"), "invalid button style"),
    ],
)
async def test_buttons_that_telegram_refuses(
    bot: telegram.Bot, club: int, button: InlineKeyboardButton, words: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        await bot.send_message(club, "x", reply_markup=InlineKeyboardMarkup([[button]]))
    assert words.lower() in refused.value.message.lower()


async def test_unknown_and_ill_typed_parameters_are_refused_loudly(address: str, bot: telegram.Bot, club: int) -> None:
    with pytest.raises(BadRequest, match="nknown parameter"):
        await bot.send_message(club, "x", api_kwargs={"colour": "red"})
    with pytest.raises(BadRequest, match="nknown parameter"):
        await bot.send_message(club, "x", reply_markup=KEYBOARD, api_kwargs={"link_preview_options": {"colour": 1}})
    with pytest.raises(BadRequest, match="nsupported parse_mode"):
        await bot.send_message(club, "x", parse_mode="MarkdownV2")
    async with httpx.AsyncClient(base_url=f"{address}/bot{bot.token}/") as client:
        answer = await client.post("sendMessage", json={"chat_id": club, "text": 7})
        first = await client.post("deleteMessage", data={"chat_id": club, "message_id": "first"})
    assert first.json()["description"] == 'Bad Request: parameter "message_id" must be an integer'
    assert answer.status_code == 400
    assert answer.json()["description"] == 'Bad Request: parameter "text" must be a string'


async def test_get_json_and_form_say_the_same(address: str, bot: telegram.Bot, club: int) -> None:
    said = {"chat_id": club, "text": "hello"}
    async with httpx.AsyncClient(base_url=f"{address}/bot{bot.token}/") as client:
        answers = [
            await client.get("sendmessage", params=said),
            await client.post("SENDMESSAGE", data=said),
            await client.post("sendMessage", json=said),
        ]
    assert [answer.json()["result"]["text"] for answer in answers] == ["hello"] * 3


async def test_a_wrong_token_and_an_unknown_method(address: str, bot: telegram.Bot) -> None:
    async with httpx.AsyncClient(base_url=address) as client:
        wrong = await client.post("/bot1:wrong/getMe")
        unknown = await client.post(f"/bot{bot.token}/flyToTheMoon")
    assert wrong.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert (unknown.status_code, unknown.json()["description"]) == (404, "Not Found: method not found")
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("flyToTheMoon")


async def test_an_edit_that_changes_nothing_and_one_of_a_strangers_message(
    bot: telegram.Bot, standin: TelegramStandIn, club: int
) -> None:
    sent = await bot.send_message(club, "one", reply_markup=KEYBOARD)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_text("one", reply_markup=KEYBOARD)
    edited = await sent.edit_text("two")
    assert isinstance(edited, telegram.Message)
    assert edited.edit_date is not None
    assert edited.reply_markup is None
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await sent.edit_caption("x")
    theirs = await standin.say("bruno", standin.book_club, "mine")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("taken", club, int(theirs))
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", club, 4711)


async def test_a_photo_with_its_caption_and_file(bot: telegram.Bot, club: int) -> None:
    sent = await bot.send_photo(club, blank_png(40, 20), caption="<b>chart</b>", parse_mode="HTML")
    assert (sent.photo[-1].width, sent.photo[-1].height) == (40, 20)
    assert sent.caption == "chart"
    assert bytes(await (await sent.photo[-1].get_file()).download_as_bytearray()) == blank_png(40, 20)
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await sent.edit_caption("x" * 1025)
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await sent.edit_text("x")
    again = await bot.send_photo(club, sent.photo[-1].file_id)
    changed = await again.edit_media(InputMediaPhoto(blank_png(10, 10), caption="smaller"))
    assert isinstance(changed, telegram.Message)
    assert (changed.photo[-1].width, changed.caption) == (10, "smaller")
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(club, b"no image at all")
    document = await bot.send_document(club, b"a,b\n1,2\n", filename="links.csv")
    assert document.document is not None
    assert document.document.file_name == "links.csv"


async def test_deleting_within_the_rights_and_the_time(
    bot: telegram.Bot, standin: TelegramStandIn, club: int, clock: PlaygroundClock
) -> None:
    own = await bot.send_message(club, "mine")
    old = await bot.send_message(club, "old")
    theirs = await standin.say("bruno", standin.book_club, "theirs")
    assert await own.delete()
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await own.delete()
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(club, int(theirs))
    await standin.promote_bot("ada", standin.book_club, ["can_delete_messages"])
    assert await bot.delete_messages(club, [int(theirs), 4711])
    clock.advance(timedelta(hours=48))
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await old.delete()


async def test_replies_and_what_is_gone(bot: telegram.Bot, standin: TelegramStandIn, club: int) -> None:
    theirs = int(await standin.say("bruno", standin.book_club, "look"))
    reply = await bot.send_message(club, "seen", reply_parameters=ReplyParameters(theirs))
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.text == "look"
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(club, "x", reply_parameters=ReplyParameters(4711))
    free = await bot.send_message(club, "x", reply_parameters=ReplyParameters(4711, allow_sending_without_reply=True))
    assert free.reply_to_message is None


async def test_whom_the_bot_cannot_reach(bot: telegram.Bot, standin: TelegramStandIn, club: int) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(42, "x")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(int(standin.private("dev")), "x")
    await standin.start("dev")
    await bot.send_message(int(standin.private("dev")), "x")
    await standin.block_bot("dev")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(int(standin.private("dev")), "x")
    await standin.remove_bot("ada", standin.book_club)
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(club, "x")
    other = await standin.create_group("ada", "Others")
    with pytest.raises(Forbidden, match="bot is not a member of the group chat"):
        await bot.get_chat(int(other))


async def test_a_group_that_moved_on(bot: telegram.Bot, standin: TelegramStandIn) -> None:
    group = await standin.create_group("ada", "Little club", ["bruno"])
    await standin.invite_bot("ada", group)
    moved = await standin.migrate("ada", group)
    with pytest.raises(ChatMigrated) as refused:
        await bot.send_message(int(group), "x")
    assert refused.value.new_chat_id == int(moved)
    assert (await bot.send_message(int(moved), "x")).chat.type == "supergroup"


async def test_topics_open_and_closed(bot: telegram.Bot, standin: TelegramStandIn, club: int) -> None:
    topic = int(await standin.open_topic("ada", standin.book_club, "Links"))
    sent = await bot.send_message(club, "x", message_thread_id=topic)
    assert sent.is_topic_message
    assert sent.message_thread_id == topic
    await standin.close_topic("ada", standin.book_club, str(topic))
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(club, "x", message_thread_id=topic)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(club, "x", message_thread_id=4711)


async def test_bursts_are_forgiven_but_not_streams(bot: telegram.Bot, club: int, clock: PlaygroundClock) -> None:
    for number in range(10):
        await bot.send_message(club, f"burst {number}")
    with pytest.raises(RetryAfter, match="Retry in 0:00:01"):
        await bot.send_message(club, "one too many")
    for number in range(10):
        clock.advance(timedelta(seconds=1))
        await bot.send_message(club, f"steady {number}")
    clock.advance(timedelta(seconds=5))
    with pytest.raises(RetryAfter, match="Retry in 0:00:45"):
        await bot.send_message(club, "the 21st in a minute")
    clock.advance(timedelta(seconds=45))
    await bot.send_message(club, "patience")


async def test_faults_come_when_asked_for(bot: telegram.Bot, standin: TelegramStandIn, club: int) -> None:
    standin.fail_next("sendMessage", too_many_requests(7))
    standin.fail_next("sendMessage", server_error())
    with pytest.raises(RetryAfter):
        await bot.send_message(club, "x")
    with pytest.raises(NetworkError):
        await bot.send_message(club, "x")
    standin.fail_next("sendMessage", DroppedResponseError())
    with pytest.raises(NetworkError):
        await bot.send_message(club, "this one arrived")
    shown = standin.snapshot("ada")["conversations"][0]["messages"]
    assert [message["html"] for message in shown if not message["service"]] == ["this one arrived"]


async def test_what_the_bot_says_of_itself(bot: telegram.Bot, club: int) -> None:
    await bot.set_my_commands(
        [("help", "What I do")], scope=telegram.BotCommandScopeAllGroupChats(), language_code="fr"
    )
    found = await bot.get_my_commands(scope=telegram.BotCommandScopeAllGroupChats(), language_code="fr")
    assert [command.command for command in found] == ["help"]
    assert await bot.get_my_commands() == ()
    assert await bot.delete_my_commands(scope=telegram.BotCommandScopeAllGroupChats(), language_code="fr")
    assert await bot.set_my_name("Penumbra")
    assert await bot.set_my_description("d" * 512)
    assert await bot.set_my_short_description("s" * 120)
    assert await bot.set_chat_menu_button(menu_button=telegram.MenuButtonCommands())
    assert await bot.send_chat_action(club, "typing")
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([("Help!", "x")])
    with pytest.raises(BadRequest, match="Description_invalid"):
        await bot.set_my_short_description("s" * 121)


async def test_who_is_in_a_group(bot: telegram.Bot, standin: TelegramStandIn, club: int) -> None:
    assert (await bot.get_chat(club)).title == "Book club"
    assert await bot.get_chat_member_count(club) == 19
    assert [admin.user.first_name for admin in await bot.get_chat_administrators(club)] == ["Ada", "Farah"]
    assert (await bot.get_chat_member(club, int(standin.private("dev")))).status == "member"
    await standin.leave("dev", standin.book_club)
    assert (await bot.get_chat_member(club, int(standin.private("dev")))).status == "left"
    assert (await bot.get_chat_member(club, bot.id)).status == "member"
    with pytest.raises(BadRequest, match="Participant_id_invalid"):
        await bot.get_chat_member(club, 1)
    assert await bot.leave_chat(club)
    with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
        await bot.get_chat_member_count(club)
