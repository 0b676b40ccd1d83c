"""Sending and deleting messages."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from playground.telegram.access import charge, open_topic, reach, replied_message
from playground.telegram.contents import picture_body, store_picture, text_body
from playground.telegram.ephemerals import new_ephemeral
from playground.telegram.errors import bad_request
from playground.telegram.methods.calls import Handler
from playground.telegram.platform import Platform
from playground.telegram.shapes import message_json
from playground.telegram.state import ADMINS, Body, Chat, Ephemeral, Message

DELETABLE_FOR = timedelta(hours=48)
"""Older messages stay [https://core.telegram.org/bots/api#deletemessage]."""

_CHAT_ACTIONS = frozenset({"typing", "upload_photo", "upload_document", "choose_sticker", "find_location"})


def send_message(platform: Platform, args: dict[str, Any]) -> dict[str, Any]:
    """sendMessage, ephemeral or for everybody."""
    chat = reach(platform.world, args["chat_id"])
    body = text_body(args)
    return _send(platform, chat, args, body, new_ephemeral(platform, chat, args))


def send_photo(platform: Platform, args: dict[str, Any]) -> dict[str, Any]:
    """sendPhoto, ephemeral or for everybody."""
    return _send_picture(platform, args, "photo")


def send_document(platform: Platform, args: dict[str, Any]) -> dict[str, Any]:
    """SendDocument."""
    return _send_picture(platform, args, "document")


def send_chat_action(platform: Platform, args: dict[str, Any]) -> bool:
    """sendChatAction: nobody here looks, but the chat and the action must be real."""
    chat = reach(platform.world, args["chat_id"])
    open_topic(platform.world, chat, args.get("message_thread_id"))
    if args["action"] not in _CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


def delete_message(platform: Platform, args: dict[str, Any]) -> bool:
    """DeleteMessage."""
    chat = reach(platform.world, args["chat_id"])
    message = chat.messages.get(args["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    if not _may_delete(platform, chat, message):
        raise bad_request("message can't be deleted for everyone")
    del chat.messages[message.id]
    return True


def delete_messages(platform: Platform, args: dict[str, Any]) -> bool:
    """deleteMessages: ids that are not found are skipped, one that may not be deleted refuses all."""
    chat = reach(platform.world, args["chat_id"])
    if not 1 <= len(args["message_ids"]) <= 100:
        raise bad_request("there must be 1-100 message identifiers")
    found = [chat.messages[message_id] for message_id in args["message_ids"] if message_id in chat.messages]
    if not all(_may_delete(platform, chat, message) for message in found):
        raise bad_request("message can't be deleted for everyone")
    for message in found:
        chat.messages.pop(message.id, None)
    return True


def _send_picture(platform: Platform, args: dict[str, Any], kind: str) -> dict[str, Any]:
    chat = reach(platform.world, args["chat_id"])
    picture = store_picture(platform.world, args[kind], kind)
    return _send(platform, chat, args, picture_body(args, picture), new_ephemeral(platform, chat, args))


def _send(
    platform: Platform, chat: Chat, args: dict[str, Any], body: Body, ephemeral: Ephemeral | None
) -> dict[str, Any]:
    thread = open_topic(platform.world, chat, args.get("message_thread_id"))
    replied = replied_message(chat, args.get("reply_parameters"))
    charge(platform, chat)
    message = Message(chat.id, 0, platform.world.bot.id, platform.now(), body, ephemeral=ephemeral)
    message.reply_to, message.thread_id = replied, _thread(chat, thread, replied)
    message.protected = bool(args.get("protect_content"))
    return message_json(platform.world, platform.post(chat, message))


def _thread(chat: Chat, thread: int | None, replied: int | None) -> int | None:
    if thread is not None or replied is None:
        return thread
    return chat.messages[replied].thread_id


def _may_delete(platform: Platform, chat: Chat, message: Message) -> bool:
    if platform.now() - message.date >= DELETABLE_FOR:
        return False
    me = platform.world.bot_in(chat)
    is_admin = me.status in ADMINS and "can_delete_messages" in me.rights
    return chat.kind == "private" or message.sender_id == platform.world.bot.id or is_admin


METHODS: Mapping[str, Handler] = MappingProxyType(
    {
        "sendMessage": send_message,
        "sendPhoto": send_photo,
        "sendDocument": send_document,
        "sendChatAction": send_chat_action,
        "deleteMessage": delete_message,
        "deleteMessages": delete_messages,
    }
)
