"""Signed messages of a busy workspace: nine in ten by members who never said yes."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator

TEAM, CHANNEL, BOT, BOT_ID = "T0BENCH01", "C0BENCH01", "U0BENCHBOT", "B0BENCHBOT"
SECRET = "bench-signing-secret"
MEMBERS, CONSENTING = 200, 20
"""Every tenth member said yes."""
WORDS = "the council met on tuesday and again on thursday to talk about the bridge " * 4


def member(number: int) -> str:
    return f"U0BENCH{number:03d}"


def deliveries(number: int, start: int = 0) -> Iterator[tuple[bytes, dict[str, str]]]:
    """So many signed requests, each with an event of its own; a link in every second message."""
    now = int(time.time())
    for serial in range(start, start + number):
        body = json.dumps(_envelope(serial, now)).encode()
        digest = hmac.new(SECRET.encode(), f"v0:{now}:".encode() + body, hashlib.sha256).hexdigest()
        yield (
            body,
            {
                "content-type": "application/json",
                "x-slack-request-timestamp": str(now),
                "x-slack-signature": f"v0={digest}",
            },
        )


def _envelope(serial: int, now: int) -> dict[str, object]:
    url = f"https://news-{serial % 50}.example/2026/11/{serial}"
    text, elements = WORDS, [{"type": "text", "text": WORDS}]
    if serial // MEMBERS % 2:
        text, elements = f"{WORDS} <{url}>", [{"type": "text", "text": WORDS}, {"type": "link", "url": url}]
    event = {
        "type": "message",
        "channel": CHANNEL,
        "channel_type": "channel",
        "user": member(serial % MEMBERS),
        "ts": f"{now - 1_000_000 + serial}.{serial % 1_000_000:06d}",
        "event_ts": f"{now}.000000",
        "text": text,
        "blocks": [
            {
                "type": "rich_text",
                "block_id": "b",
                "elements": [{"type": "rich_text_section", "elements": elements}],
            }
        ],
    }
    return {
        "token": "bench",
        "team_id": TEAM,
        "api_app_id": "A0BENCH",
        "type": "event_callback",
        "event_id": f"Ev{now}{serial}",
        "event_time": now,
        "event": event,
        "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True}],
        "is_ext_shared_channel": False,
    }
