"""The hand-written tables against aiogram's models: nothing is made up, and what is left out is left out knowingly."""

from collections.abc import Mapping
from typing import Any

import pytest
from aiogram import types
from aiogram.types import InputFile
from pydantic import BaseModel

from playground.telegram.methods import HANDLERS
from playground.telegram.parameters import METHODS, OBJECTS, REPLY_MARKUPS, UPDATE_KINDS, Parameter
from tests.playground import telegram_contract as contract

NOT_PLAYED = {
    "allow_paid_broadcast",
    "business_connection_id",
    "callback_game",
    "certificate",
    "checklist_task_id",
    "custom_emoji_id",
    "date_time_format",
    "direct_messages_topic_id",
    "disabled",
    "ephemeral_message_parameters",  # of photos and documents; sendMessage plays it
    "login_url",
    "message_effect_id",
    "pay",
    "poll_option_id",
    "request_chat",
    "request_managed_bot",
    "request_poll",
    "request_users",
    "rich_message",
    "suggested_post_parameters",
    "thumbnail",
    "unix_time",
    "user",
}
VARIANTS: Mapping[str, tuple[type[BaseModel], ...]] = {
    "BotCommandScope": (types.BotCommandScopeChatMember, types.BotCommandScopeDefault),
    "MenuButton": (types.MenuButtonWebApp, types.MenuButtonDefault),
}


def _models(name: str) -> tuple[type[BaseModel], ...]:
    return VARIANTS.get(name) or (getattr(types, name),)


def _check_row(models: tuple[type[BaseModel], ...], row: Mapping[str, Parameter], where: str) -> None:
    known: dict[str, Any] = {}
    for model in reversed(models):
        known |= model.model_fields
    assert set(row) <= set(known), f"{where} invents {set(row) - set(known)}"
    fresh = {
        name for name in known if not any(name in m.model_fields and contract.is_deprecated(m, name) for m in models)
    }
    if where == "InlineKeyboardMarkup":
        fresh.discard("force_reply")
    assert fresh - set(row) - NOT_PLAYED <= ({"force_reply"} if "keyboard" in row else set()), (
        f"{where} forgets {fresh - set(row) - NOT_PLAYED}"
    )
    for name, parameter in row.items():
        required = all(name in m.model_fields and m.model_fields[name].is_required() for m in models)
        literal = name in {"type", "remove_keyboard", "force_reply"}
        assert parameter.required == required or literal, f"{where}.{name}: required?"
        _check_kind(parameter, known[name].annotation, f"{where}.{name}")


def _check_kind(parameter: Parameter, annotation: object, where: str) -> None:
    admitted = contract.choices(annotation)
    expected: dict[str, set[Any]] = {
        "int": {int},
        "bool": {bool},
        "str": {str},
        "chat": {int, str},
        "file": {str, InputFile},
    }
    if parameter.kind in expected:
        literal = parameter.name in {"type", "remove_keyboard", "force_reply"}
        assert expected[parameter.kind] <= admitted or literal, where
    elif parameter.kind.startswith("["):
        assert list in admitted, where
    else:
        assert not admitted & {int, str, bool, list}, where


@pytest.mark.parametrize("method", METHODS)
def test_a_methods_parameters_are_the_platforms(method: str) -> None:
    _check_row((contract.METHODS[method],), METHODS[method], method)


@pytest.mark.parametrize("name", OBJECTS)
def test_an_objects_fields_are_the_platforms(name: str) -> None:
    _check_row(_models(name), OBJECTS[name], name)


def test_every_method_in_the_tables_is_played_and_every_kind_of_object_described() -> None:
    assert set(HANDLERS) == set(METHODS)
    assert set(REPLY_MARKUPS.values()) <= set(OBJECTS)
    kinds = {
        parameter.kind.strip("[]")
        for table in (METHODS, OBJECTS)
        for row in table.values()
        for parameter in row.values()
    }
    assert kinds - {"int", "str", "bool", "chat", "file", "ReplyMarkup"} <= set(OBJECTS)


def test_the_updates_are_the_platforms() -> None:
    assert set(UPDATE_KINDS) <= set(types.Update.model_fields)


def test_the_contract_itself_refuses_what_is_not_in_it() -> None:
    contract.check_request(
        "sendMessage", {"chat_id": "1", "text": "5", "link_preview_options": '{"is_disabled": true}'}
    )
    for params in (
        {"chat_id": 1},
        {"chat_id": 1, "text": "x", "colour": "red"},
        {"chat_id": 1, "text": "x", "link_preview_options": {"colour": 1}},
        {"chat_id": 1, "text": "x", "link_preview_options": "{"},
        {"chat_id": 1, "text": "x", "reply_to_message_id": 4},
    ):
        with pytest.raises(AssertionError):
            contract.check_request("sendMessage", params)
    with pytest.raises(AssertionError):
        contract.check_request("flyToTheMoon", {})
    with pytest.raises(AssertionError):
        contract.check_response("getMe", {"ok": True, "result": {"id": 1, "is_bot": True}})
    with pytest.raises(AssertionError):
        contract.check_update(
            {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "hue": 1}}
        )
