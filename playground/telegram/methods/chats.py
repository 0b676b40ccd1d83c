"""Asking about chats and their members; leaving."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from playground.telegram.access import find_chat, reach
from playground.telegram.errors import bad_request
from playground.telegram.methods.calls import Handler
from playground.telegram.platform import Platform
from playground.telegram.shapes import chat_full_json, member_json
from playground.telegram.state import ADMINS, Member


def get_chat(platform: Platform, args: dict[str, Any]) -> dict[str, Any]:
    """GetChat."""
    if args["chat_id"] in platform.world.people and args["chat_id"] not in platform.world.chats:
        raise bad_request("chat not found")
    chat = find_chat(platform.world, args["chat_id"])
    return chat_full_json(chat if chat.kind == "private" else reach(platform.world, chat.id))


def get_chat_member(platform: Platform, args: dict[str, Any]) -> dict[str, Any]:
    """getChatMember: who never was in the chat has `left`, who does not exist is invalid."""
    chat = reach(platform.world, args["chat_id"])
    user_id = args["user_id"]
    if user_id not in platform.world.people and user_id != platform.world.bot.id:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return member_json(platform.world, user_id, chat.member(user_id))


def get_chat_member_count(platform: Platform, args: dict[str, Any]) -> int:
    """getChatMemberCount, the bot included."""
    return len(reach(platform.world, args["chat_id"]).present())


def get_chat_administrators(platform: Platform, args: dict[str, Any]) -> list[dict[str, Any]]:
    """getChatAdministrators, without bots unless they are asked for."""
    chat = reach(platform.world, args["chat_id"])
    if chat.kind == "private":
        raise bad_request("there are no administrators in the private chat")
    return [
        member_json(platform.world, user_id, member)
        for user_id, member in chat.members.items()
        if member.status in ADMINS and (user_id != platform.world.bot.id or args.get("return_bots"))
    ]


def leave_chat(platform: Platform, args: dict[str, Any]) -> bool:
    """LeaveChat."""
    chat = reach(platform.world, args["chat_id"])
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    platform.change_member(chat, platform.world.bot.id, Member("left"), by=platform.world.bot.id)
    return True


METHODS: Mapping[str, Handler] = MappingProxyType(
    {
        "getChat": get_chat,
        "getChatMember": get_chat_member,
        "getChatMemberCount": get_chat_member_count,
        "getChatAdministrators": get_chat_administrators,
        "leaveChat": leave_chat,
    }
)
