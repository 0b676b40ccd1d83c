"""Interactions and commands as Slack writes them (pure but for new trigger ids and response URLs)."""

import json

from playground.slack.elements_acted import standing
from playground.slack.exchange import Reply
from playground.slack.platform import Platform
from playground.slack.state import Account, Channel, Json, Message, View
from playground.slack.wire import VERIFICATION, message_json, view_json


def form(payload: Json) -> dict[str, str]:
    """Return the form an interaction travels in."""
    return {"payload": json.dumps(payload)}


def frame(platform: Platform, kind: str, who: Account) -> Json:
    """Return what every interaction carries: who, where in the world, for which app."""
    workspace = platform.workspace
    return {
        "type": kind,
        "team": {"id": workspace.id, "domain": workspace.domain},
        "user": {"id": who.id, "username": who.handle, "name": who.handle, "team_id": workspace.id},
        "api_app_id": platform.manifest.app_id,
        "token": VERIFICATION,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def place(channel: Channel) -> Json:
    """Return a channel as interactions name it; a private one keeps its name to itself."""
    shown = {"private": "privategroup", "public": channel.name, "im": "directmessage"}[channel.kind]
    return {"id": channel.id, "name": shown}


def response_url(platform: Platform, reply: Reply) -> str:
    """Return a new response URL."""
    return f"{platform.base_url}/response/{platform.exchange.reply(reply)}"


def trigger(platform: Platform, who: Account) -> str:
    """Return a new trigger id."""
    return platform.exchange.trigger(who.id, platform.now())


def message_press(platform: Platform, who: Account, channel: Channel, message: Message, action: Json) -> Json:
    """Return `block_actions` for an element in a message; an ephemeral one is not sent along."""
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    container["is_ephemeral"] = message.viewer is not None
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    body = frame(platform, "block_actions", who) | {
        "container": container,
        "trigger_id": trigger(platform, who),
        "channel": place(channel),
        "state": {"values": standing(message.blocks) | _just_now(action)},
        "response_url": response_url(platform, _reply(platform, who, channel, message)),
        "actions": [action],
    }
    if message.viewer is None:
        body["message"] = message_json(message, platform.workspace, platform.manifest)
    return body


def _just_now(action: Json) -> Json:
    if action["type"] in {"button", "overflow"}:
        return {}
    value = {key: item for key, item in action.items() if key not in {"action_id", "block_id", "action_ts"}}
    return {action["block_id"]: {action["action_id"]: value}}


def unfurl_press(
    platform: Platform, who: Account, channel: Channel, message: Message, attachment: Json, action: Json
) -> Json:
    """Return `block_actions` for an element in the app's unfurl: `app_unfurl` in place of `message`."""
    body = message_press(platform, who, channel, message, action)
    body.pop("message", None)
    body["container"] |= {
        "type": "message_attachment",
        "attachment_id": attachment["id"],
        "is_app_unfurl": True,
        "app_unfurl_url": attachment["app_unfurl_url"],
    }
    return body | {"app_unfurl": attachment}


def view_press(platform: Platform, who: Account, view: View, action: Json) -> Json:
    """Return `block_actions` for an element in a modal or the App Home."""
    return frame(platform, "block_actions", who) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger(platform, who),
        "view": view_json(view, platform.workspace, platform.manifest),
        "actions": [action],
    }


def submission(platform: Platform, who: Account, view: View, response_urls: list[Json]) -> Json:
    """Return `view_submission`."""
    return frame(platform, "view_submission", who) | {
        "trigger_id": trigger(platform, who),
        "view": view_json(view, platform.workspace, platform.manifest),
        "response_urls": response_urls,
    }


def closing(platform: Platform, who: Account, view: View, *, cleared: bool) -> Json:
    """Return `view_closed`."""
    shown = view_json(view, platform.workspace, platform.manifest)
    return frame(platform, "view_closed", who) | {"view": shown, "is_cleared": cleared}


def message_shortcut(platform: Platform, who: Account, channel: Channel, message: Message, callback_id: str) -> Json:
    """Return `message_action`."""
    reply = _reply(platform, who, channel, message)
    return _shortcut(platform, "message_action", who) | {
        "action_ts": platform.tick(),
        "callback_id": callback_id,
        "trigger_id": trigger(platform, who),
        "response_url": response_url(platform, reply),
        "channel": place(channel),
        "message_ts": message.ts,
        "message": message_json(message, platform.workspace, platform.manifest),
    }


def global_shortcut(platform: Platform, who: Account, callback_id: str) -> Json:
    """Return `shortcut`."""
    facts = {"action_ts": platform.tick(), "callback_id": callback_id, "trigger_id": trigger(platform, who)}
    body = _shortcut(platform, "shortcut", who) | facts
    body["user"] = {"id": who.id, "username": who.handle, "team_id": platform.workspace.id}
    return body


def _shortcut(platform: Platform, kind: str, who: Account) -> Json:
    """Return the frame of shortcuts, which name neither the app nor the user twice."""
    body = frame(platform, kind, who)
    del body["api_app_id"], body["user"]["username"]
    return body


def command(platform: Platform, who: Account, channel: Channel, words: tuple[str, str], reply: Reply) -> dict[str, str]:
    """Return a slash command's form; `words` are the command and its text."""
    workspace, shown = platform.workspace, place(channel)
    return {
        "token": VERIFICATION,
        "team_id": workspace.id,
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": shown["name"],
        "user_id": who.id,
        "user_name": who.handle,
        "command": words[0],
        "text": words[1],
        "api_app_id": platform.manifest.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url(platform, reply),
        "trigger_id": trigger(platform, who),
    }


def _reply(platform: Platform, who: Account, channel: Channel, message: Message) -> Reply:
    return Reply(
        channel=channel.id,
        user=who.id,
        issued=platform.now(),
        message_ts=message.ts,
        ephemeral=message.viewer is not None,
        thread_ts=message.thread_ts,
    )
