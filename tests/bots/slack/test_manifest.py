"""The manifest asks for exactly what is used, and hears exactly what is handled."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bots.slack import calls, oauth
from bots.slack.app import COMMAND, SHORTCUT, events
from bots.slack.installs import BOT_SCOPES
from tests.bots.slack.stage import Stage

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT.parent / "shared" / "specs" / "slack-manifest.schema.2.0.0.json"
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "slack-manifest.yaml").read_text())

BY_METHOD = {
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_unfurl": {"links:write"},
    "conversations_history": {"channels:history", "groups:history"},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_replies": {"channels:history", "groups:history"},
    "users_conversations": {"channels:read", "groups:read"},
    "users_info": {"users:read"},
    "views_publish": set[str](),
}
"""Scopes of each Web API method [https://docs.slack.dev/reference/methods]."""
BY_EVENT = {
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "link_shared": {"links:read"},
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
    asked = MANIFEST["oauth_config"]["scopes"]["bot"]
    assert set(asked) == needed
    assert set(asked) == set(BOT_SCOPES)
    assert len(asked) == len(set(asked))


async def test_it_hears_exactly_what_is_handled(stage: Stage) -> None:
    heard = {event.partition(".")[0] for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]}
    assert heard == set(events(stage.desk))


def test_its_command_and_shortcut_are_the_ones_we_answer() -> None:
    features = MANIFEST["features"]
    assert [command["command"] for command in features["slash_commands"]] == [COMMAND]
    assert [shortcut["callback_id"] for shortcut in features["shortcuts"]] == [SHORTCUT]
    assert MANIFEST["oauth_config"]["redirect_urls"] == [f"https://penumbra.example{oauth.REDIRECT_PATH}"]


def test_it_keeps_within_slacks_limits() -> None:
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert len(MANIFEST["features"]["unfurl_domains"]) <= 5
    assert not MANIFEST["settings"]["token_rotation_enabled"]


def test_it_is_one_that_slack_accepts() -> None:
    if not SCHEMA.exists():
        pytest.skip("Slack's schema is not beside this repository")
    faults = [fault.message for fault in Draft7Validator(json.loads(SCHEMA.read_text())).iter_errors(MANIFEST)]
    assert faults == []


def test_every_scope_gives_its_reason() -> None:
    lines = (ROOT / "slack-manifest.yaml").read_text().splitlines()
    for scope in BOT_SCOPES:
        assert any(line.strip().startswith(f"- {scope} # ") for line in lines)
