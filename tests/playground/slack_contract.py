"""Whether a call is one that Slack takes, and whether what the stand-in delivers and answers has Slack's shapes.

slack_sdk's own methods and models judge the calls, and our table of shapes what comes back. Slack's typings and samples
are no part of the repository; where somebody has put them beside it, they judge as well, the table of shapes included.
"""

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.api import METHODS
from playground.traffic import Call, Traffic
from tests.playground.slack_shapes import ANSWERS, DELIVERIES, EVENTS, OBJECTS, faults, fields

SPECS = next(
    (each / "shared" / "specs" for each in Path(__file__).parents if (each / "shared" / "specs").is_dir()), None
)
SCHEMA = SPECS / "slack-requests.schema.json" if SPECS else None
SAMPLES = SPECS / "slack-samples" if SPECS else None
UNKNOWN = frozenset({"unknown_method", "invalid_arguments", "invalid_arg_name", "no_text"})
"""Refusals that are the bot's own mistake, whatever has happened: a story that meets one has failed."""
NOT_IN_THE_SDK: Mapping[str, frozenset[str]] = {
    "conversations.open": frozenset({"prevent_creation"}),
    "files.completeUploadExternal": frozenset({"blocks"}),
    "files.getUploadURLExternal": frozenset({"alt_text"}),
}
"""Parameters that Slack's typings have, and slack_sdk 3.47 lacks or spells as the API once did."""
NOT_IN_TYPINGS = frozenset({"data_visualization"})
"""Blocks of Slack that are younger than the typings; the stand-in judges them by the documentation."""
_SDK_NAMES = {"files.getUploadURLExternal": {"alt_txt": "alt_text"}}
SAMPLES_BY_EVENT = {
    "app_home_opened": "AppHomeOpened",
    "app_uninstalled": "AppUninstalled",
    "channel_left": "ChannelLeft",
    "group_left": "GroupLeft",
    "link_shared": "LinkShared",
    "member_joined_channel": "MemberJoinedChannel",
    "member_left_channel": "MemberLeftChannel",
    "tokens_revoked": "TokensRevoked",
    "block_actions": "BlockAction",
    "message_action": "MessageShortcut",
    "view_submission": "ViewSubmission",
    "view_closed": "ViewClosed",
}
_OPAQUE = frozenset({"blocks", "values", "metadata", "title", "submit", "close", "actions", "reactions", "attachments"})
"""Fields whose inside the samples show as a union, or not at all."""
_NEWER = frozenset({"context_team_id", "context_enterprise_id", "event_context", "response_urls", "bot_profile"})
_NEWER_INSIDE = frozenset({"app_id", "alt_txt", "files", "reactions"})


def sdk_parameters(method: str) -> Mapping[str, bool]:
    """What slack_sdk's method of that name takes: each parameter, and whether it is required."""
    called = getattr(AsyncWebClient, method.replace(".", "_"))
    taken = [each for each in inspect.signature(called).parameters.values() if each.name not in {"self", "kwargs"}]
    return {each.name: each.default is inspect.Parameter.empty for each in taken}


def check_call(method: str, params: Mapping[str, Any]) -> None:
    """Accept a recorded call, or raise AssertionError with what is wrong."""
    assert method in METHODS, f"{method} is played by nobody"
    strange = set(params) - set(sdk_parameters(method)) - NOT_IN_THE_SDK.get(method, frozenset()) - {"token"}
    assert not strange, f"{method} has no parameters {sorted(strange)}"
    if params.get("view"):
        _by_models(View(**params["view"]).validate_json)
    for block in params.get("blocks") or []:
        if block["type"] not in NOT_IN_TYPINGS:
            parsed = Block.parse(block)
            assert parsed is not None, f"{method}: slack_sdk knows no block {block['type']}"
            _by_models(parsed.validate_json)
    schema = _validator(method)
    if schema is not None:
        faults = [fault.message for fault in schema.iter_errors(_as_typed(method, params))]
        assert not faults, f"{method}: {faults[0][:500]}"


def _by_models(validate: Callable[[], None]) -> None:
    try:
        validate()
    except SlackObjectFormationError as wrong:
        raise AssertionError(str(wrong)) from wrong


@cache
def _schema() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(SCHEMA.read_text()) if SCHEMA else {"methods": {}}
    return parsed


@cache
def _validator(method: str) -> Draft7Validator | None:
    if method not in _schema()["methods"]:
        return None
    return Draft7Validator({**_schema()["methods"][method], "definitions": _schema()["definitions"]})


def _as_typed(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    renamed = _SDK_NAMES.get(method, {})
    typed = {renamed.get(key, key): value for key, value in params.items()}
    if isinstance(typed.get("blocks"), list):
        typed["blocks"] = [block for block in typed["blocks"] if block["type"] not in NOT_IN_TYPINGS]
    for name in ("types", "users"):
        if isinstance(typed.get(name), list):
            typed[name] = ",".join(typed[name])
    return typed


def check_answer(method: str, answer: Mapping[str, Any]) -> None:
    """Accept what a successful call was answered, or raise AssertionError."""
    wrong = list(faults(answer, ANSWERS[method], method))
    assert not wrong, wrong


def check_traffic(traffic: Traffic) -> None:
    """Assert that every call the stand-in took, every answer it gave and every delivery it made is in the contract."""
    for call in traffic.calls(platform="slack"):
        if call.direction == "to_bot":
            check_event(call.request)
        elif call.method != "response_url":
            _check_answered(call)


def _check_answered(call: Call) -> None:
    assert isinstance(call.response, dict)
    assert call.response.get("error") not in UNKNOWN, f"{call.method}: {call.response}"
    if call.ok:
        check_call(call.method, call.request)
        check_answer(call.method, call.response)


def check_event(payload: Mapping[str, Any]) -> None:
    """Accept a delivered payload (event envelope, interaction or command), or raise AssertionError."""
    kind = "command" if "command" in payload else str(payload["type"])
    wrong = list(faults(payload, DELIVERIES[kind], kind))
    if kind == "event_callback":
        event = payload["event"]
        name = f"{event['type']}/{event['subtype']}" if event.get("subtype") else event["type"]
        assert name in EVENTS, f"{name} is no event of the table"
        wrong += faults(event, EVENTS[name], name)
    assert not wrong, wrong
    compared = _sample_of(payload)
    unknown = sorted(set(_strangers(payload, compared, ""))) if compared else []
    assert not unknown, f"fields no sample of Slack's has: {unknown}"


def strangers_of_row(row: str, sample: Mapping[str, Any], where: str) -> Iterator[str]:
    """The names in a row of the table of shapes, its objects' included, that a sample of Slack's lacks."""
    for name, kind, _ in fields(row):
        inside = sample.get(name)
        item = inside[0] if isinstance(inside, list) and inside else inside
        if name not in sample:
            yield name
        elif kind.strip("[]?") in OBJECTS and isinstance(item, Mapping):
            yield from strangers_of_row(OBJECTS[kind.strip("[]?")], item, f"{where}.{name}")


def sample(name: str) -> dict[str, Any] | None:
    """One of Slack's samples by its file's name; None where it is not beside the repository."""
    path = SAMPLES / name if SAMPLES else None
    if path is None or not path.exists():
        return None
    parsed: dict[str, Any] = json.loads(path.read_text())
    return parsed


def _sample_of(payload: Mapping[str, Any]) -> dict[str, Any] | None:
    if "command" in payload:
        name = "SlashCommand"
    elif payload.get("type") == "event_callback":
        event = payload["event"]
        name = SAMPLES_BY_EVENT.get(event["type"], "")
        if event["type"] == "message":
            kinds = {"message_changed": "MessageChanged", "message_deleted": "MessageDeleted"}
            name = kinds.get(event.get("subtype", ""), "Message")
    else:
        name = SAMPLES_BY_EVENT.get(str(payload.get("type")), "")
    return sample(f"{name}Payload.json") if name else None


def _strangers(value: object, sample: object, where: str) -> Iterator[str]:
    if isinstance(value, Mapping) and isinstance(sample, Mapping):
        for key, item in value.items():
            if key in sample:
                if key not in _OPAQUE:
                    yield from _strangers(item, sample[key], f"{where}/{key}")
            elif key not in _NEWER and key not in _NEWER_INSIDE and not _left_out(where, key):
                yield f"{where}/{key}"
    elif isinstance(value, list) and isinstance(sample, list) and sample:
        for item in value:
            yield from _strangers(item, sample[0], f"{where}/0")


def _left_out(where: str, key: str) -> bool:
    """What the samples leave out: a plain message's subtype and time stamp, the inside of a view."""
    in_message = where == "/event" and key in {"subtype", "hidden", "ts"}
    in_view = (where.endswith("/view") and key == "blocks") or where.endswith("/state")
    return in_message or in_view
