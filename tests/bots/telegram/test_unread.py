"""Consent comes before reading: for who has not said yes, text and entities are never touched."""

from typing import Any

import pytest
from telegram import Chat, Message, MessageEntity, Update, User
from telegram.ext import MessageHandler

from bots.telegram import parse
from bots.telegram.keyboards import Keyboards
from core.model import Account, DropReason
from tests.bots.telegram.staging import MONDAY, Stage

UNTOUCHABLE = frozenset(
    {
        *("text", "entities", "caption", "caption_entities", "text_html", "text_markdown_v2", "caption_html"),
        *("parse_entity", "parse_entities", "parse_caption_entities", "photo", "document", "quote", "api_kwargs"),
        *("reply_to_message", "link_preview_options", "to_dict", "to_json"),
    }
)


class Unreadable(Message):
    """A message whose words must not be touched."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name in UNTOUCHABLE:
            raise AssertionError(f"{name} was read")
        return super().__getattribute__(name)


class Mark:
    """The mark that Telegram sets at a message's start: its kind is all there is to see."""

    type = MessageEntity.URL


class OnlyMarked(Unreadable):
    """A message of which one may see the kind of its first mark, and nothing else: that is how a command is told."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        return (Mark(),) if name == "entities" else super().__getattribute__(name)


def posted_by_dev(stage: Stage, kind: type[Unreadable]) -> Unreadable:
    dev = User(835_127_406, "Dev", is_bot=False)
    message = kind(7, MONDAY, Chat(int(stage.club), "supergroup"), from_user=dev)
    message.set_bot(stage.bot.application.bot)
    return message


def test_the_sender_is_known_without_reading() -> None:
    message = Unreadable(7, MONDAY, Chat(-1001, "supergroup"), from_user=User(5, "Dev", is_bot=False))
    assert parse.sender(message) == Account("5")


async def test_the_handler_leaves_everything_of_a_silent_member_alone(stage: Stage) -> None:
    await stage.switched_on("bruno")
    update = Update(1, message=posted_by_dev(stage, Unreadable))
    [listener] = [each for each in stage.bot.application.handlers[0] if isinstance(each, MessageHandler)][-1:]
    await listener.callback(update, None)
    assert stage.house.drops[DropReason.NO_CONSENT] == 1


async def test_the_whole_application_leaves_the_words_of_a_silent_member_alone(stage: Stage) -> None:
    await stage.switched_on("bruno")
    for update in (
        Update(1, message=posted_by_dev(stage, OnlyMarked)),
        Update(2, edited_message=posted_by_dev(stage, OnlyMarked)),
    ):
        await stage.bot.application.process_update(update)
    assert not stage.house.storage.state.inbox


async def test_what_was_sent_through_us_by_who_has_not_said_yes_is_known_by_its_button_alone(stage: Stage) -> None:
    await stage.switched_on("bruno")
    us = stage.bot.application.bot.bot
    marked = Keyboards(stage.bot.seal).inline("https://news.example/1", stage.texts.speak("en"))
    dev = User(835_127_406, "Dev", is_bot=False)
    chat = Chat(int(stage.club), "supergroup")
    message = OnlyMarked(7, MONDAY, chat, from_user=dev, via_bot=us, reply_markup=marked)
    message.set_bot(stage.bot.application.bot)
    await stage.bot.application.process_update(Update(1, message=message))
    assert stage.house.drops[DropReason.NO_CONSENT] == 1
    assert not stage.house.storage.state.inbox


async def test_of_a_member_who_said_yes_they_are_read_so_that_the_proof_proves_something(stage: Stage) -> None:
    await stage.switched_on("dev")
    with pytest.raises(AssertionError, match="text was read"):
        await stage.bot.application.process_update(Update(1, message=posted_by_dev(stage, OnlyMarked)))
