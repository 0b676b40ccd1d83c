"""What a person sees."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from playground.clock import PlaygroundClock
from playground.slack import SlackStandIn
from playground.slack.world import READING_ROOM

KEYS = {
    "id",
    "author",
    "author_key",
    "is_bot",
    "at",
    "html",
    "buttons",
    "pieces",
    "reply_to",
    "thread_of",
    "edited",
    "ephemeral",
    "image",
    "preview",
    "service",
    "mine",
}


async def test_a_room_is_plain_data_with_everything_a_page_needs(slack: SlackStandIn) -> None:
    await slack.invite_bot("ada", "reading-room")
    ts = await slack.say("chloe", "reading-room", "<b>bold?</b> https://x.example/")
    await slack.edit("chloe", "reading-room", ts, "<b>bold?</b> https://x.example/2")
    await slack.react("ada", "reading-room", ts, "+1")
    seen = json.loads(json.dumps(slack.snapshot("chloe")))
    room, general, home = seen["conversations"]
    assert (seen["platform"], room["title"], room["kind"], room["members"]) == ("slack", "#reading-room", "group", 19)
    assert (general["title"], home["kind"], home["messages"]) == ("#general", "home", [])
    joined, message = room["messages"]
    assert joined["service"]
    assert set(message) == KEYS
    assert message["html"] == (
        "<div>&lt;b&gt;bold?&lt;/b&gt; "
        '<a href="https://x.example/2" rel="noopener noreferrer" target="_blank">https://x.example/2</a></div>'
        '<p class="reactions">:+1: 1</p>'
    )
    assert (message["author"], message["author_key"], message["mine"], message["edited"]) == (
        "Chloé",
        "chloe",
        True,
        True,
    )
    assert slack.snapshot("ada")["conversations"][0]["messages"][1]["mine"] is False


async def test_slacks_crawler_comes_only_where_previews_are_on(
    slack: SlackStandIn, call: Callable[..., Awaitable[dict[str, Any]]], clock: PlaygroundClock
) -> None:
    await slack.invite_bot("ada", "reading-room")
    await slack.say("chloe", "reading-room", "https://x.example/")
    for choice in ({}, {"unfurl_links": True}, {"unfurl_links": False, "unfurl_media": False}):
        text = "https://x.example/"
        assert (await call("chat.postMessage", channel=READING_ROOM, text=text, **choice))["ok"]
        clock.advance(timedelta(seconds=1))
    messages = slack.snapshot("ada")["conversations"][0]["messages"][1:]
    assert [message["preview"] for message in messages] == [True, False, True, False]
