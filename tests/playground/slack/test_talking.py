"""What people type, what the app hears of it, and what it does not."""

import hashlib
import hmac

import pytest

from playground.slack import SlackStandIn
from playground.slack.world import BOT_USER, GENERAL, READING_ROOM
from tests.playground.slack.conftest import SECRET, ListeningApp
from tests.playground.slack_contract import check_event


async def test_nothing_is_heard_where_the_bot_is_no_member(slack: SlackStandIn, listening: ListeningApp) -> None:
    await slack.say("ada", "reading-room", "see https://news.example/story")
    assert listening.events == []


async def test_a_link_is_marked_up_as_slacks_client_does(slack: SlackStandIn, listening: ListeningApp) -> None:
    await slack.invite_bot("ada", "reading-room")
    ts = await slack.say(
        "bruno", "reading-room", "A & B: https://news.example/a?x=1&y=2, `https://code.example` [x](https://l.example/)"
    )
    event = listening.inner("message")[-1]
    assert event["ts"] == ts
    assert event["channel_type"] == "group"
    assert event["text"] == (
        "A &amp; B: <https://news.example/a?x=1&amp;y=2>, `https://code.example` <https://l.example/|x>"
    )
    elements = event["blocks"][0]["elements"][0]["elements"]
    assert [one["url"] for one in elements if one["type"] == "link"] == [
        "https://news.example/a?x=1&y=2",
        "https://l.example/",
    ]
    assert {"type": "text", "text": "https://code.example", "style": {"code": True}} in elements


async def test_every_delivery_is_signed_and_shaped_like_slacks_samples(
    slack: SlackStandIn, listening: ListeningApp
) -> None:
    await slack.invite_bot("ada", "reading-room")
    first = await slack.say("bruno", "reading-room", "one", file=("a.png", b"png"))
    await slack.say("chloe", "reading-room", "two https://s.example/abc", thread=first)
    await slack.edit("bruno", "reading-room", first, "one, better")
    await slack.remove("bruno", "reading-room", first)
    await slack.open_home("bruno")
    await slack.leave("sami", "reading-room")
    await slack.join("sami", "reading-room")
    await slack.remove_bot("ada", "reading-room")
    await slack.revoke_tokens("bruno")
    await slack.uninstall("ada")
    kinds = {one["event"]["type"] for one in listening.events}
    assert {"message", "link_shared", "app_home_opened", "group_left", "app_uninstalled", "tokens_revoked"} <= kinds
    for envelope in listening.events:
        check_event(envelope)
    for headers, body in listening.requests:
        base = b"v0:" + headers["x-slack-request-timestamp"].encode() + b":" + body
        assert headers["x-slack-signature"] == "v0=" + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
    assert len({one["event_id"] for one in listening.events}) == len(listening.events)


async def test_the_bot_learns_of_its_own_arrival_and_departure(slack: SlackStandIn, listening: ListeningApp) -> None:
    await slack.invite_bot("ada", READING_ROOM)
    joined = listening.inner("member_joined_channel")
    assert [(one["user"], one["inviter"]) for one in joined] == [(BOT_USER, "U07PBADA001")]
    await slack.remove_bot("ada", READING_ROOM)
    assert listening.inner("group_left")[0]["channel"] == READING_ROOM
    with pytest.raises(PermissionError):
        await slack.remove_bot("ada", READING_ROOM)


async def test_links_of_our_domains_are_told_from_everywhere_even_while_typing(
    slack: SlackStandIn, listening: ListeningApp
) -> None:
    ts = await slack.say("dev", "general", "look https://a.s.example/x and https://other.example/", composer=True)
    typed, sent = listening.inner("link_shared")
    assert (typed["channel"], typed["source"], typed["message_ts"]) == ("COMPOSER", "composer", typed["unfurl_id"])
    assert (sent["channel"], sent["source"], sent["message_ts"]) == (GENERAL, "conversations_history", ts)
    assert sent["links"] == [{"domain": "s.example", "url": "https://a.s.example/x"}]
    assert sent["is_bot_user_member"] is False
    assert listening.inner("message") == []


async def test_threads_edits_and_deletions_are_told(slack: SlackStandIn, listening: ListeningApp) -> None:
    await slack.invite_bot("ada", "reading-room")
    first = await slack.say("bruno", "reading-room", "one")
    await slack.say("chloe", "reading-room", "two", reply_to=first, broadcast=True)
    reply = listening.inner("message")[-1]
    assert (reply["thread_ts"], reply["subtype"]) == (first, "thread_broadcast")
    await slack.edit("bruno", "reading-room", first, "uno")
    changed = listening.inner("message")[-1]
    assert changed["subtype"] == "message_changed"
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("uno", "one")
    await slack.remove("bruno", "reading-room", first)
    gone = listening.inner("message")[-1]
    assert (gone["subtype"], gone["deleted_ts"]) == ("message_deleted", first)


async def test_people_cannot_do_what_slack_would_not_let_them(slack: SlackStandIn) -> None:
    ts = await slack.say("bruno", "reading-room", "mine")
    with pytest.raises(PermissionError, match="cant_update_message"):
        await slack.edit("chloe", "reading-room", ts, "yours")
    with pytest.raises(PermissionError, match="cant_delete_message"):
        await slack.remove("chloe", "reading-room", ts)
    await slack.leave("dev", "reading-room")
    with pytest.raises(PermissionError, match="channel_not_found"):
        await slack.say("dev", "reading-room", "hello?")
    await slack.archive("ada", "reading-room")
    with pytest.raises(PermissionError, match="is_archived"):
        await slack.say("bruno", "reading-room", "too late")
    with pytest.raises(PermissionError, match="only admins"):
        await slack.uninstall("bruno")


async def test_reactions_sharing_and_new_ids_are_told(slack: SlackStandIn, listening: ListeningApp) -> None:
    await slack.invite_bot("ada", "reading-room")
    ts = await slack.say("bruno", "reading-room", "one")
    await slack.react("chloe", "reading-room", ts, "+1")
    assert listening.inner("reaction_added")[0]["item"] == {"type": "message", "channel": READING_ROOM, "ts": ts}
    await slack.share_channel("reading-room")
    assert listening.inner("channel_shared")[0]["channel"] == READING_ROOM
    new = await slack.change_channel_id("reading-room")
    event = listening.inner("channel_id_changed")[0]
    assert (event["old_channel_id"], event["new_channel_id"]) == (READING_ROOM, new)
    await slack.say("bruno", new, "still here")
    assert listening.events[-1]["is_ext_shared_channel"] is True
    await slack.announce_rate_limit()
    assert listening.events[-1]["type"] == "app_rate_limited"
