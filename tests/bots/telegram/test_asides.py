"""What one person is told, nobody else in the group reads."""

from datetime import timedelta
from typing import Any

import pytest
from telegram import CallbackQuery, Chat, Message, Update, User

from bots.telegram.asides import Asides, Said
from bots.telegram.client import Client
from bots.telegram.patience import Patience
from core.model import GroupState
from playground.telegram.errors import bad_request
from tests.bots.telegram.staging import ARTICLE, MONDAY, TOKEN, Naps, Stage
from texts.catalogue import Texts


def private(stage: Stage, person: str) -> str:
    return stage.telegram.private(person)


async def weekly(stage: Stage) -> None:
    """A week with one link in it, and its digest posted."""
    await stage.switched_on("dev")
    await stage.share("dev")
    stage.house.clock.advance(timedelta(days=7))
    await stage.house.services.digests.tick()
    await stage.house.work()


async def test_an_ephemeral_command_is_answered_to_its_sender_alone(stage: Stage) -> None:
    await stage.switched_on(rights=())
    before = stage.said("bruno")
    for command in ("help", "privacy", "digest", "join", "stop"):
        await stage.telegram.command("dev", stage.club, command)
    assert stage.said("bruno") == before
    answers = [message for message in stage.seen("dev") if message["is_bot"] and message["ephemeral"]]
    assert len(answers) == 5
    assert "Ana &amp; Co" in answers[1]["html"]


async def test_a_command_typed_by_hand_is_whispered_back_by_an_admin_bot(stage: Stage) -> None:
    await stage.switched_on()
    before = stage.said("bruno")
    await say_openly(stage, "dev", "/privacy")
    assert stage.said("bruno") == before
    assert stage.seen("dev")[-1]["ephemeral"]


async def test_a_bot_that_may_not_whisper_answers_in_the_private_chat(stage: Stage) -> None:
    await stage.switched_on(rights=())
    await stage.telegram.start("dev")
    before = stage.said("bruno")
    await say_openly(stage, "dev", "/digest")
    assert stage.said("bruno") == before
    assert "There is no digest yet" in stage.said("dev", private(stage, "dev"))[-1]


async def test_who_never_started_the_bot_is_pointed_to_the_private_chat(stage: Stage) -> None:
    await weekly(stage)
    await stage.telegram.demote_bot("ada", stage.club)
    await say_openly(stage, "dev", "/digest")
    pointer = stage.seen("bruno")[-1]
    assert ARTICLE not in pointer["html"]
    [[button]] = pointer["buttons"]
    payload = button["url"].partition("?start=")[2]

    await stage.telegram.start("dev", payload)
    assert "The links of the week" in stage.said("dev", private(stage, "dev"))[-1]

    await stage.telegram.start("bruno", payload)
    assert stage.said("bruno", private(stage, "bruno"))[-1].startswith("Ce lien a été fait pour quelqu’un d’autre")

    stage.house.clock.advance(timedelta(hours=2))
    await stage.telegram.start("dev", payload)
    assert stage.said("dev", private(stage, "dev"))[-1].startswith("That link was made for somebody else")


async def test_a_server_that_knows_no_ephemeral_messages_is_never_asked_for_one(stage: Stage) -> None:
    await stage.switched_on()
    stage.connection._asides.ephemerals = False
    await say_openly(stage, "dev", "/help")
    assert not any(message["ephemeral"] for message in stage.seen("dev"))
    assert stage.seen("bruno")[-1]["html"].startswith("The answer is for you alone")


async def test_the_digest_is_posted_to_the_group_and_its_button_shows_the_notice_first(stage: Stage) -> None:
    await weekly(stage)
    digest = stage.seen("hana")[-1]
    assert "The links of the week" in digest["html"]
    assert "1 share" in digest["html"]
    await stage.tap("hana", "Count my links")
    notice = stage.seen("hana")[-1]
    assert notice["ephemeral"]
    assert "Read before you choose" in notice["html"]
    await stage.tap("hana", "Count my links")
    [thanks] = stage.toasts("hana")
    assert thanks.startswith(stage.texts.speak("en").say("member.thanks"))
    assert len(stage.house.storage.state.consents) == 2


async def test_the_digest_on_request_comes_in_the_asker_s_language(stage: Stage) -> None:
    await weekly(stage)
    await stage.telegram.command("chloe", stage.club, "digest")
    answer = stage.seen("chloe")[-1]
    assert answer["ephemeral"]
    assert "Les liens de la semaine" in answer["html"]


async def test_what_is_kept_is_told_under_the_button_to_the_one_who_asks(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club)
    before = stage.said("ada")
    await stage.tap("chloe", "What is kept?")
    assert stage.said("ada") == before
    assert "ana@operator.example" in stage.seen("chloe")[-1]["html"]


async def test_what_is_kept_is_told_in_private_when_the_whisper_fails(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club)
    stage.telegram.fail_next("sendMessage", bad_request("MESSAGE_NOT_COMMAND"))
    await stage.telegram.start("chloe")
    stage.telegram.fail_next("sendMessage", bad_request("MESSAGE_NOT_COMMAND"))
    await stage.tap("chloe", "What is kept?")
    assert "ana@operator.example" in stage.said("chloe", private(stage, "chloe"))[-1]
    stage.telegram.fail_next("sendMessage", bad_request("MESSAGE_NOT_COMMAND"))
    await stage.tap("dev", "What is kept?")
    assert stage.toasts("dev") == [stage.texts.speak("en").say("telegram.start_first")]


async def test_start_in_private_says_who_we_are_and_offers_to_come_to_a_group(stage: Stage) -> None:
    await stage.telegram.start("chloe")
    greeting = stage.seen("chloe", private(stage, "chloe"))[-1]
    assert "Ana &amp; Co" in greeting["html"]
    [[button]] = greeting["buttons"]
    assert button["label"] == "Ajouter à un groupe"
    assert button["url"] == "https://t.me/penumbra_bot?startgroup=hello"


@pytest.mark.parametrize(
    ("payload", "words"), [("p", "Penumbra reads only"), ("h", "/privacy"), ("d0000", "made for somebody else")]
)
async def test_start_runs_an_errand(stage: Stage, payload: str, words: str) -> None:
    await stage.telegram.start("dev", payload)
    assert words in stage.said("dev", private(stage, "dev"))[-1]


async def test_anything_else_in_private_is_answered_with_help(stage: Stage) -> None:
    await stage.telegram.say("dev", private(stage, "dev"), "hello?")
    assert "/join" in stage.said("dev", private(stage, "dev"))[-1]
    for command in ("on", "pause", "off", "stop"):
        await stage.telegram.command("dev", private(stage, "dev"), command)
        assert stage.said("dev", private(stage, "dev"))[-1] == "Please send that in the group it is about."


async def test_the_startgroup_link_brings_one_welcome_not_two(stage: Stage) -> None:
    await stage.telegram.start_group("ada", stage.club, "hello")
    assert len(stage.said("ada")) == 1


async def test_an_admin_gets_the_notice_again_and_a_member_gets_help(stage: Stage) -> None:
    await stage.switched_on()
    await stage.telegram.command("ada", stage.club, "start")
    assert len([html for html in stage.said("bruno") if "Read before you choose" in html]) == 2
    await stage.telegram.command("dev", stage.club, "start")
    assert "/join" in stage.seen("dev")[-1]["html"]
    assert stage.seen("dev")[-1]["ephemeral"]


async def test_an_admin_who_lost_the_welcome_gets_it_again(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club)
    await stage.telegram.command("ada", stage.club, "start")
    assert len(stage.said("bruno")) == 2


async def test_an_admin_pauses_resumes_and_ends(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.telegram.command("ada", stage.club, "pause")
    await stage.share("dev")
    assert not stage.house.storage.state.shares
    notices = len(stage.said("bruno"))
    await stage.telegram.command("ada", stage.club, "on")
    assert len(stage.said("bruno")) == notices
    await stage.share("dev")
    assert stage.house.storage.state.shares
    await stage.telegram.command("ada", stage.club, "off")
    group = await stage.group()
    assert group is not None
    assert group.state is GroupState.ERASING
    assert [message["ephemeral"] for message in stage.seen("ada") if "Penumbra is" in message["html"]][-3:] == [
        True
    ] * 3


async def test_a_member_pauses_nothing(stage: Stage) -> None:
    await stage.switched_on()
    await stage.telegram.command("bruno", stage.club, "off")
    assert stage.texts.speak("fr").say("error.not_an_admin") in stage.seen("bruno")[-1]["html"]
    group = await stage.group()
    assert group is not None
    assert group.state is GroupState.ENABLED


async def test_join_in_a_group_that_is_off_says_what_to_do(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club, ("can_manage_chat",))
    await stage.telegram.command("dev", stage.club, "join")
    assert "not switched on yet" in stage.seen("dev")[-1]["html"]


async def test_the_menu_stands_in_both_languages_for_members_admins_and_in_private(stage: Stage) -> None:
    commands = stage.telegram._platform.world.bot.commands
    assert {scope for scope, _ in commands} == {"all_private_chats", "all_group_chats", "all_chat_administrators"}
    assert {language for _, language in commands} == {"", "fr"}


async def say_openly(stage: Stage, person: str, command: str) -> None:
    """A client too old for ephemeral commands sends them as ordinary messages."""
    commands = stage.telegram._platform.world.bot.commands
    shown = dict(commands)
    commands.clear()
    await stage.telegram.say(person, stage.club, f"{command}@penumbra_bot")
    commands.update(shown)


class OldServer(Client):
    """A Bot API server from before ephemeral messages: it drops the parameter and posts for all to read."""

    calls: list[str] = []  # noqa: RUF012 - PTB's objects take no attributes of their own

    async def _post(self, endpoint: str, data: Any = None, **_: Any) -> Any:
        self.calls.append(endpoint)
        sent = {"message_id": 9, "date": 1, "chat": {"id": -1001, "type": "supergroup", "title": "x"}, "text": "x"}
        return True if endpoint in {"deleteMessage", "answerCallbackQuery"} else sent


async def test_a_server_that_posts_openly_after_all_is_never_trusted_again(texts: Texts) -> None:
    client = OldServer(TOKEN)
    asides = Asides(client, texts, Patience(Naps()))
    asides.ephemerals = True
    chat, person = Chat(-1001, "supergroup"), User(5, "Dev", is_bot=False)
    query = CallbackQuery("1", person, "x", message=Message(3, MONDAY, chat))
    query.set_bot(client)
    for _ in range(2):
        await asides.tell(Update(1, callback_query=query), Said("for one"))
    whispered = ["sendMessage", "deleteMessage"]
    in_private = ["sendMessage", "answerCallbackQuery"]
    assert client.calls == [*whispered, *in_private, *in_private]
    assert not asides.ephemerals
