"""What the bot says of itself: command lists, name, descriptions, menu button."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from playground.telegram.access import reach
from playground.telegram.errors import bad_request
from playground.telegram.methods.calls import Handler
from playground.telegram.platform import Platform

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}|")
_MOST_COMMANDS = 100
_SCOPES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "default": frozenset(),
        "all_private_chats": frozenset(),
        "all_group_chats": frozenset(),
        "all_chat_administrators": frozenset(),
        "chat": frozenset({"chat_id"}),
        "chat_administrators": frozenset({"chat_id"}),
        "chat_member": frozenset({"chat_id", "user_id"}),
    }
)
_MENU_BUTTONS = frozenset({"default", "commands", "web_app"})


def set_my_commands(platform: Platform, args: dict[str, Any]) -> bool:
    """SetMyCommands."""
    commands = args["commands"]
    if len(commands) > _MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    platform.world.bot.commands[_list_of(platform, args)] = commands
    return True


def get_my_commands(platform: Platform, args: dict[str, Any]) -> list[dict[str, Any]]:
    """getMyCommands: exactly this scope and language, empty when none was set."""
    return platform.world.bot.commands.get(_list_of(platform, args), [])


def delete_my_commands(platform: Platform, args: dict[str, Any]) -> bool:
    """DeleteMyCommands."""
    platform.world.bot.commands.pop(_list_of(platform, args), None)
    return True


def set_chat_menu_button(platform: Platform, args: dict[str, Any]) -> bool:
    """setChatMenuButton, for one private chat or for all."""
    button = args.get("menu_button", {"type": "default"})
    if button["type"] not in _MENU_BUTTONS or (button["type"] == "web_app" and not {"text", "web_app"} <= set(button)):
        raise bad_request("can't parse menu button: invalid menu button type specified")
    chat_id = args.get("chat_id", 0)
    if chat_id and reach(platform.world, chat_id).kind != "private":
        raise bad_request("chat not found")
    platform.world.bot.menu_buttons[chat_id] = button
    return True


def _text_setter(field: str, limit: int, refusal: str) -> Handler:
    def set_text(platform: Platform, args: dict[str, Any]) -> bool:
        text = args.get(field, "")
        if len(text) > limit:
            raise bad_request(refusal)
        platform.world.bot.texts[field, _language(args)] = text
        return True

    return set_text


def _list_of(platform: Platform, args: dict[str, Any]) -> tuple[str, str]:
    scope = args.get("scope", {"type": "default"})
    if scope["type"] not in _SCOPES or set(scope) - {"type"} != _SCOPES[scope["type"]]:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    if "chat_id" in scope:
        reach(platform.world, scope["chat_id"])
    words = [scope["type"], *(str(scope[key]) for key in ("chat_id", "user_id") if key in scope)]
    return ":".join(words), _language(args)


def _language(args: dict[str, Any]) -> str:
    language = str(args.get("language_code", ""))
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("BOT_LANG_CODE_INVALID" if language else "invalid language code specified")
    return language


METHODS: Mapping[str, Handler] = MappingProxyType(
    {
        "setMyCommands": set_my_commands,
        "getMyCommands": get_my_commands,
        "deleteMyCommands": delete_my_commands,
        "setMyName": _text_setter("name", 64, "BOT_TITLE_INVALID"),
        "setMyDescription": _text_setter("description", 512, "DESCRIPTION_INVALID"),
        "setMyShortDescription": _text_setter("short_description", 120, "DESCRIPTION_INVALID"),
        "setChatMenuButton": set_chat_menu_button,
    }
)
