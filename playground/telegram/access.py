"""Whether the bot may reach a chat, find a message there, and speak in a topic; refused in the platform's words."""

from typing import Any

from playground.telegram.errors import bad_request, forbidden, migrated
from playground.telegram.platform import Platform
from playground.telegram.state import ADMINS, PRESENT, Chat, Message, World


def find_chat(world: World, chat_id: int | str) -> Chat:
    """Find a chat that the bot knows.

    Raises:
        ApiError: It is unknown, has moved on, or is a person who never spoke to the bot.
    """
    chat = world.chats.get(chat_id) if isinstance(chat_id, int) else None
    if chat is None and chat_id == world.bot.id:
        raise forbidden("bots can't send messages to bots")
    if chat is None and chat_id in world.people:
        raise forbidden("bot can't initiate conversation with a user")
    if chat is None:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        raise migrated(chat.migrated_to)
    return chat


def reach(world: World, chat_id: int | str) -> Chat:
    """Find a chat that the bot is in.

    Raises:
        ApiError: As above, or the bot was kicked, blocked, or never was a member.
    """
    chat = find_chat(world, chat_id)
    status = world.bot_in(chat).status
    if status in PRESENT:
        return chat
    if chat.kind == "private":
        raise forbidden("bot was blocked by the user")
    if status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    raise forbidden(f"bot is not a member of the {chat.kind} chat")


def is_group(chat: Chat) -> bool:
    """Whether the group limits hold."""
    return chat.kind != "private"


def charge(platform: Platform, chat: Chat) -> None:
    """Count one message or edit against the limits.

    Raises:
        ApiError: 429.
    """
    platform.limits.charge(chat.id, is_group=is_group(chat))


def open_topic(world: World, chat: Chat, thread_id: int | None) -> int | None:
    """Check that the bot may write into a topic.

    Raises:
        ApiError: There is no such topic, or it is closed and the bot may not manage topics.
    """
    if thread_id is None:
        return None
    topic = chat.topics.get(thread_id)
    if topic is None:
        raise bad_request("message thread not found")
    me = world.bot_in(chat)
    if topic.closed and not (me.status in ADMINS and "can_manage_topics" in me.rights):
        raise bad_request("TOPIC_CLOSED")
    return thread_id


def replied_message(chat: Chat, parameters: dict[str, Any] | None) -> int | None:
    """Check what a message replies to.

    Raises:
        ApiError: It is not in this chat, and going without was not allowed.
    """
    if parameters is None or "message_id" not in parameters:
        return None
    if parameters.get("chat_id", chat.id) != chat.id:
        raise bad_request("the stand-in plays no replies into other chats")
    if parameters["message_id"] in chat.messages:
        return int(parameters["message_id"])
    if parameters.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def own_message(platform: Platform, args: dict[str, Any]) -> Message:
    """Find the message that an edit names, by chat and id or by its inline id.

    Raises:
        ApiError: It is gone, or somebody else's.
    """
    world = platform.world
    if "inline_message_id" in args:
        return _inline_message(world, args["inline_message_id"])
    if "chat_id" not in args:
        raise bad_request("chat_id is empty")
    if "message_id" not in args:
        raise bad_request("message identifier is not specified")
    message = reach(world, args["chat_id"]).messages.get(args["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender_id != world.bot.id or message.service is not None:
        raise bad_request("message can't be edited")
    return message


def _inline_message(world: World, inline_message_id: str) -> Message:
    for chat in world.chats.values():
        for message in chat.messages.values():
            if message.inline_message_id == inline_message_id:
                return message
    raise bad_request("MESSAGE_ID_INVALID")
