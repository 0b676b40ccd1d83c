"""The Bot API as aiogram and python-telegram-bot write it down, asked whether what we say and hear is in it."""

import json
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

import telegram
from aiogram import methods
from aiogram import types as aiogram_types
from pydantic import BaseModel, TypeAdapter, ValidationError

from playground.traffic import Traffic

NEWER_THAN_PTB = frozenset({"ephemeral_message_id", "receiver_user", "can_send_welcome_messages"})
"""Fields of Bot API 10.1 to 10.3, which aiogram knows; python-telegram-bot 22.8 speaks 10.0."""

METHODS: Mapping[str, type[methods.TelegramMethod[Any]]] = {
    model.__api_method__: model
    for model in vars(methods).values()
    if isinstance(model, type) and issubclass(model, methods.TelegramMethod) and model is not methods.TelegramMethod
}


def check_request(method: str, params: Mapping[str, Any]) -> None:
    """Assert that a call, recorded from a form or as JSON, is in the contract, nothing in it unknown or deprecated."""
    assert method in METHODS, f"{method} is no method of the Bot API"
    model = METHODS[method]
    unknown = set(params) - set(model.model_fields)
    assert not unknown, f"{method} has no parameters {sorted(unknown)}"
    old = [name for name in params if is_deprecated(model, name)]
    assert not old, f"{method} calls deprecated parameters {old}"
    decoded = {name: _decoded(value, model.model_fields[name].annotation) for name, value in params.items()}
    try:
        made = model.model_validate(decoded)
    except ValidationError as error:
        raise AssertionError(f"{method}: {error}") from error
    _assert_nothing_unknown(made, method)


def check_response(method: str, body: Mapping[str, Any]) -> None:
    """Assert that a successful answer is what the method returns, with no unknown field."""
    if not body.get("ok"):
        assert isinstance(body["error_code"], int)
        assert isinstance(body["description"], str)
        return
    returning = METHODS[method].__returning__
    try:
        made = TypeAdapter(returning).validate_python(body["result"])
    except ValidationError as error:
        raise AssertionError(f"{method} answered: {error}") from error
    _assert_nothing_unknown(made, method)


def check_update(update: Mapping[str, Any]) -> None:
    """Assert that both libraries read an update and find no unknown field in it."""
    read = telegram.Update.de_json(json.loads(json.dumps(update)), None)
    kinds = set(update) - {"update_id"}
    assert len(kinds) == 1
    assert getattr(read, next(iter(kinds))) is not None
    for found in _telegram_objects(read):
        unknown = set(found.api_kwargs) - NEWER_THAN_PTB
        assert not unknown, f"{type(found).__name__} does not know {sorted(unknown)}"
    try:
        made = aiogram_types.Update.model_validate(update)
    except ValidationError as error:
        raise AssertionError(f"update: {error}") from error
    _assert_nothing_unknown(made, "update")


def check_traffic(traffic: Traffic, *, of_a_bot: bool = True) -> None:
    """Assert that every call the stand-in took, every answer it gave and every update it sent is in the contract.

    Args:
        traffic: what went over the wire.
        of_a_bot: a bot of ours called, and not a test that asks for what there is not.
    """
    for call in traffic.calls(platform="telegram"):
        if call.direction == "to_bot":
            check_update(call.request)
        elif isinstance(call.response, dict):
            assert not of_a_bot or call.response.get("error_code") != 404, f"{call.method}: {call.response}"
            if not call.ok:
                continue
            check_request(call.method, call.request)
            check_response(call.method, call.response)


def is_deprecated(model: type[BaseModel], name: str) -> bool:
    extra = model.model_fields[name].json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("deprecated"))


def choices(annotation: object) -> set[Any]:
    """The plain types that an annotation admits."""
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType}:
        return {choice for arg in get_args(annotation) for choice in choices(arg)}
    if origin is Annotated:
        return choices(get_args(annotation)[0])
    return {origin or annotation}


def _decoded(value: object, annotation: object) -> object:
    if not isinstance(value, str) or str in choices(annotation):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise AssertionError(f"{value!r} is no JSON") from error


def _assert_nothing_unknown(value: object, where: str) -> None:
    if isinstance(value, BaseModel):
        assert not value.model_extra, f"{where} has unknown {sorted(value.model_extra or ())}"
        for name in type(value).model_fields:
            _assert_nothing_unknown(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, list | tuple):
        for item in value:
            _assert_nothing_unknown(item, where)


def _telegram_objects(value: object) -> Iterator[telegram.TelegramObject]:
    if isinstance(value, telegram.TelegramObject):
        yield value
        for item in value._get_attrs(include_private=False, recursive=False).values():
            yield from _telegram_objects(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _telegram_objects(item)
