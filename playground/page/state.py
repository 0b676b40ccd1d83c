"""What the page shows to one person, as plain JSON data (pure, but for looking at the clock)."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from playground.page import faults
from playground.page.scene import Scene
from playground.people import CAST
from playground.traffic import Call

Json = dict[str, Any]
FOREGROUND = {"en": ("ada", "goran", "bruno", "dev"), "fr": ("farah", "bruno", "chloe", "dev")}
"""Who has a button of their own on the page in a language: an admin and a member who read it, and two others."""

MONDAY_AT = timedelta(hours=9, minutes=1)
"""A minute after the hour at which groups get their digest by default, in UTC."""

_QUIET = frozenset({"getUpdates"})
_CALLS_SHOWN = 40
_CALL_CHARACTERS = 3_000


def state(scene: Scene, viewer: str) -> Json:
    """Say what a person sees; `version` changes when anything but the time did.

    Raises:
        KeyError: nobody has this key.
    """
    now = scene.clock.now()
    shown: Json = {
        "viewer": viewer,
        "language": CAST[viewer].language,
        "telegram": _platform(scene, scene.telegram.snapshot(viewer)),
        "slack": _platform(scene, scene.slack.snapshot(viewer)),
        "inline": scene.telegram.inline_results(viewer),
        "inline_advice": scene.telegram.inline_advice(viewer),
        "guide": scene.guide.as_json(),
        "faults": faults.armed(scene),
        "heard": _last_heard(scene),
        "offers": {"stored": scene.hooks.stored is not None, "reset": scene.hooks.reset is not None},
    }
    version = sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]
    return shown | {"version": version, "now": now.isoformat(), "monday": next_monday(now).isoformat()}


def scenery(scene: Scene) -> Json:
    """Say what does not change: people, links worth sharing, the Telegram bot's name behind the @, what can fail."""
    people = [{"key": one.key, "name": one.name, "language": one.language} for one in CAST.values()]
    links = [{"key": one.key, "url": one.url} for one in scene.suggestions]
    fallible = {"methods": faults.methods(), "faults": faults.FAULTS}
    return {
        "people": people,
        "foreground": FOREGROUND,
        "links": links,
        "telegram_bot": scene.telegram.bot_username,
    } | fallible


def next_monday(now: datetime) -> datetime:
    """The first Monday, one minute past nine in UTC, that lies ahead."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=now.weekday()) + MONDAY_AT
    return monday if monday > now else monday + timedelta(days=7)


def traffic(scene: Scene) -> list[Json]:
    """Say what went over the wire lately, the newest first; polls for updates are left out."""
    calls = [call for call in scene.traffic if call.method not in _QUIET]
    return [_call(call) for call in reversed(calls[-_CALLS_SHOWN:])]


def _platform(scene: Scene, snapshot: Json) -> Json:
    return snapshot | {"toasts": [toast for toast in snapshot["toasts"] if toast["id"] not in scene.dismissed]}


def _last_heard(scene: Scene) -> str:
    return max((call.at.isoformat() for call in scene.traffic if call.method not in _QUIET), default="")


def _call(call: Call) -> Json:
    return {
        "at": call.at.isoformat(),
        "platform": call.platform,
        "direction": call.direction,
        "method": call.method,
        "ok": call.ok,
        "request": _pretty(call.request),
        "response": _pretty(call.response),
    }


def _pretty(data: Json | str) -> str:
    text = data if isinstance(data, str) else json.dumps(data, indent=2, ensure_ascii=False, default=str)
    return text if len(text) <= _CALL_CHARACTERS else text[:_CALL_CHARACTERS] + "\n…"
