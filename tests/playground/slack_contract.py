"""Whether a call is one that Slack's own typings allow, and whether an event has the shape of Slack's samples.

The typings and samples are looked for beside the repository; where they are absent, slack_sdk's models still judge.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

SPECS = Path(__file__).parents[2].parent / "shared" / "specs"
SCHEMA = SPECS / "slack-requests.schema.json"
SAMPLES = SPECS / "slack-samples"
NOT_IN_TYPINGS = frozenset({"data_visualization"})
"""Blocks of Slack that are younger than the typings; the stand-in judges them by the documentation."""
_SDK_NAMES = {"files.getUploadURLExternal": {"alt_txt": "alt_text"}}
_SAMPLES_BY_EVENT = {
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
_NEWER_INSIDE = frozenset({"app_id", "alt_txt", "files"})


def check_call(method: str, params: Mapping[str, Any]) -> None:
    """Accept a recorded call, or raise AssertionError with what is wrong."""
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
    parsed: dict[str, Any] = json.loads(SCHEMA.read_text())
    return parsed


@cache
def _validator(method: str) -> Draft7Validator | None:
    if not SCHEMA.exists() or method not in _schema()["methods"]:
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


def check_event(payload: Mapping[str, Any]) -> None:
    """Accept a delivered payload (event envelope, interaction or command), or raise AssertionError."""
    sample = _sample(payload)
    if sample is None:
        return
    unknown = sorted(set(_strangers(payload, sample, "")))
    assert not unknown, f"fields no sample of Slack's has: {unknown}"


def _sample(payload: Mapping[str, Any]) -> dict[str, Any] | None:
    if "command" in payload:
        name = "SlashCommand"
    elif payload.get("type") == "event_callback":
        event = payload["event"]
        name = _SAMPLES_BY_EVENT.get(event["type"], "")
        if event["type"] == "message":
            kinds = {"message_changed": "MessageChanged", "message_deleted": "MessageDeleted"}
            name = kinds.get(event.get("subtype", ""), "Message")
    else:
        name = _SAMPLES_BY_EVENT.get(str(payload.get("type")), "")
    path = SAMPLES / f"{name}Payload.json"
    if not name or not path.exists():
        return None
    parsed: dict[str, Any] = json.loads(path.read_text())
    return parsed


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
