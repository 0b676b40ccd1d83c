"""The manifest asks for exactly what is used, and hears exactly what is handled."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bots.slack import calls, oauth
from bots.slack.app import COMMAND, GLOBAL_SHORTCUT, SHORTCUT, events
from bots.slack.connecting import USER_SCOPE
from bots.slack.installs import BOT_SCOPES, OPTIONAL_SCOPES
from tests.bots.slack.stage import Stage

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT.parent / "shared" / "specs" / "slack-manifest.schema.2.0.0.json"
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "slack-manifest.yaml").read_text())

BY_METHOD = {
    "auth_revoke": set[str](),
    "chat_update": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_getPermalink": set[str](),
    "chat_unfurl": {"links:write"},
    "files_completeUploadExternal": {"files:write"},
    "files_getUploadURLExternal": {"files:write"},
    "conversations_history": {"channels:history", "groups:history"},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_replies": {"channels:history", "groups:history"},
    "users_conversations": {"channels:read", "groups:read"},
    "users_info": {"users:read"},
    "views_open": set[str](),
    "views_publish": set[str](),
    "views_update": set[str](),
}
"""Scopes of each Web API method [https://docs.slack.dev/reference/methods]."""
BY_EVENT = {
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "link_shared": {"links:read"},
    "reaction_added": {"reactions:read"},
    "reaction_removed": {"reactions:read"},
    "channel_left": {"channels:read"},
    "group_left": {"groups:read"},
    "channel_deleted": {"channels:read"},
    "group_deleted": {"groups:read"},
    "channel_id_changed": {"channels:read"},
    "channel_shared": {"channels:read", "groups:read"},
    "channel_unshared": {"channels:read", "groups:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "app_home_opened": set[str](),
    "app_uninstalled": set[str](),
    "tokens_revoked": set[str](),
}


def methods_used() -> set[str]:
    """Every method called on the client in `calls`."""
    tree = ast.parse(Path(calls.__file__).read_text())
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) == "self._client"
    }


def test_it_asks_for_the_scopes_of_what_is_used_and_for_no_more() -> None:
    assert methods_used() == set(BY_METHOD)
    heard = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    needed = {"commands"}.union(*BY_METHOD.values(), *(BY_EVENT[event] for event in heard))
    scopes = MANIFEST["oauth_config"]["scopes"]
    asked = (*scopes["bot"], *scopes["bot_optional"])
    assert set(asked) == needed
    assert set(scopes["bot"]) == set(BOT_SCOPES)
    assert tuple(scopes["bot_optional"]) == OPTIONAL_SCOPES
    assert len(asked) == len(set(asked))


async def test_it_hears_exactly_what_is_handled(stage: Stage) -> None:
    heard = {event.partition(".")[0] for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]}
    assert heard == set(events(stage.desk))


def test_its_command_and_shortcut_are_the_ones_we_answer() -> None:
    features = MANIFEST["features"]
    assert [command["command"] for command in features["slash_commands"]] == [COMMAND]
    shortcuts = {shortcut["callback_id"]: shortcut["type"] for shortcut in features["shortcuts"]}
    assert shortcuts == {SHORTCUT: "message", GLOBAL_SHORTCUT: "global"}
    assert MANIFEST["oauth_config"]["redirect_urls"] == [f"https://penumbra.example{oauth.REDIRECT_PATH}"]


def test_what_it_asks_of_a_person_is_what_they_may_hand_over() -> None:
    assert MANIFEST["oauth_config"]["scopes"]["user_optional"] == [USER_SCOPE]


def test_it_keeps_within_slacks_limits() -> None:
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert len(MANIFEST["features"]["unfurl_domains"]) <= 5
    assert not MANIFEST["settings"]["token_rotation_enabled"]


HOST = r"https://penumbra\.example/slack/(events|oauth_redirect)"
SHAPE: dict[str, Any] = {
    "_metadata": {"major_version": int},
    "display_information": {
        "name": r".{1,35}",
        "description": r".{1,140}",
        "long_description": r".{174,4000}",
        "background_color": r"#[0-9a-f]{6}",
    },
    "features": {
        "app_home": {
            "home_tab_enabled": bool,
            "messages_tab_enabled": bool,
            "messages_tab_read_only_enabled": bool,
        },
        "bot_user": {"display_name": r"[a-z0-9._-]{1,80}", "always_online": bool},
        "shortcuts": [
            {"name": r".{1,24}", "type": r"message|global", "callback_id": r".{1,255}", "description": r".{1,150}"}
        ],
        "slash_commands": [
            {
                "command": r"/[a-z0-9_-]{1,31}",
                "url": HOST,
                "description": r".{1,2000}",
                "usage_hint": r".{1,1000}",
                "should_escape": bool,
            }
        ],
        "unfurl_domains": [r"[a-z0-9.-]+"],
    },
    "oauth_config": {
        "redirect_urls": [HOST],
        "scopes": {"bot": [r"[a-z:.]+"], "bot_optional": [r"[a-z:.]+"], "user_optional": [r"[a-z:.]+"]},
    },
    "settings": {
        "event_subscriptions": {"request_url": HOST, "bot_events": [r"[a-z_.]+"]},
        "interactivity": {"is_enabled": bool, "request_url": HOST},
        "org_deploy_enabled": bool,
        "socket_mode_enabled": bool,
        "token_rotation_enabled": bool,
    },
}
"""Every field we use, with what Slack takes there [https://docs.slack.dev/reference/app-manifest]."""


def faults(value: Any, shape: Any, where: str = "") -> list[str]:
    """Where a manifest is not of this shape: fields that nobody knows, and values that Slack does not take."""
    match shape:
        case dict():
            if not isinstance(value, dict) or set(value) != set(shape):
                return [where]
            return [fault for name in shape for fault in faults(value[name], shape[name], f"{where}/{name}")]
        case [only]:
            if not isinstance(value, list) or not value:
                return [where]
            return [fault for index, each in enumerate(value) for fault in faults(each, only, f"{where}/{index}")]
        case str():
            return [] if isinstance(value, str) and re.fullmatch(shape, value, re.DOTALL) else [where]
        case kind:
            return [] if type(value) is kind else [where]


def test_it_is_one_that_slack_accepts() -> None:
    assert faults(MANIFEST, SHAPE) == []
    assert faults({**MANIFEST, "surprise": 1}, SHAPE) == [""]
    long_name = {**MANIFEST["display_information"], "name": "P" * 36}
    assert faults({**MANIFEST, "display_information": long_name}, SHAPE) == ["/display_information/name"]


@pytest.mark.skipif(not SCHEMA.exists(), reason="a second opinion, where Slack's schema is beside this repository")
def test_slacks_own_schema_accepts_it_too() -> None:
    wrong = [fault.message for fault in Draft7Validator(json.loads(SCHEMA.read_text())).iter_errors(MANIFEST)]
    assert wrong == []


def test_every_scope_gives_its_reason() -> None:
    lines = (ROOT / "slack-manifest.yaml").read_text().splitlines()
    for scope in (*BOT_SCOPES, *OPTIONAL_SCOPES):
        assert any(line.strip().startswith(f"- {scope} # ") for line in lines)
