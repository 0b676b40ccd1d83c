"""The Web API through plain HTTP: what it grants and, above all, what it refuses."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx

from playground.clock import PlaygroundClock
from playground.slack import Manifest, SlackStandIn
from playground.slack.grants import Grant
from playground.slack.world import BOT_USER, GENERAL, READING_ROOM
from playground.traffic import Traffic
from tests.playground.slack.conftest import ListeningApp
from tests.playground.slack_contract import check_call, check_event

Caller = Callable[..., Awaitable[dict[str, Any]]]
DEV = "U07PBDEV004"


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def test_unknown_methods_arguments_and_tokens_are_refused(call: Caller, web: httpx.AsyncClient) -> None:
    assert (await call("chat.shout"))["error"] == "unknown_method"
    refused = await call("users.info", user=DEV, colour="red")
    assert refused["error"] == "invalid_arguments"
    assert "unknown argument: colour" in refused["response_metadata"]["messages"][0]
    assert (await call("users.info"))["error"] == "invalid_arguments"
    stranger = {"Authorization": "Bearer xoxb-stranger"}
    assert (await web.post("/api/auth.test", headers=stranger)).json()["error"] == "invalid_auth"
    assert (await web.post("/api/auth.test", headers={"Authorization": ""})).json()["error"] == "not_authed"


async def test_each_method_asks_for_its_own_scope(clock: PlaygroundClock, traffic: Traffic) -> None:
    slack = SlackStandIn(
        clock=clock,
        traffic=traffic,
        signing_secret="s",
        client_id="i",
        client_secret="c",
        manifest=Manifest(bot_scopes=("channels:read",)),
    )
    transport = httpx.ASGITransport(app=slack.app)
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://slack.test", headers=headers) as web:
        for method, form, needed in (
            ("chat.postMessage", {"channel": GENERAL, "text": "x"}, "chat:write"),
            ("users.info", {"user": DEV}, "users:read"),
            ("chat.unfurl", {}, "links:write"),
            ("conversations.history", {"channel": GENERAL}, "channels:history"),
            ("conversations.list", {"types": "private_channel"}, "groups:read"),
            ("conversations.open", {"users": DEV}, "im:write"),
            ("team.info", {}, "team:read"),
            ("files.getUploadURLExternal", {"filename": "a", "length": "1"}, "files:write"),
        ):
            answer = (await web.post(f"/api/{method}", data=form)).json()
            assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", needed, "channels:read")
    await slack.aclose()


async def test_posting_needs_membership_words_and_a_living_channel(
    slack: SlackStandIn, call: Caller, clock: PlaygroundClock
) -> None:
    assert (await call("chat.postMessage", channel=GENERAL, text="hi"))["error"] == "not_in_channel"
    assert (await call("chat.postMessage", channel=READING_ROOM, text="hi"))["error"] == "channel_not_found"
    await slack.invite_bot("ada", "reading-room")
    assert (await call("chat.postMessage", channel=READING_ROOM))["error"] == "no_text"
    assert (await call("chat.postMessage", channel=READING_ROOM, text="x" * 40_001))["error"] == "msg_too_long"
    posted = await call("chat.postMessage", channel=READING_ROOM, text="hi https://x.example/ <@U07PBDEV004>")
    assert posted["message"]["text"] == "hi <https://x.example/> <@U07PBDEV004>"
    clock.advance(timedelta(seconds=1))
    direct = await call("chat.postMessage", channel=DEV, text="in private")
    assert direct["channel"].startswith("D")
    await slack.archive("ada", "reading-room")
    assert (await call("chat.postMessage", channel=READING_ROOM, text="x"))["error"] == "is_archived"


async def test_one_message_a_second_into_a_channel(
    slack: SlackStandIn, web: httpx.AsyncClient, call: Caller, clock: PlaygroundClock
) -> None:
    await slack.invite_bot("ada", "reading-room")
    assert (await call("chat.postMessage", channel=READING_ROOM, text="1"))["ok"]
    refused = await web.post("/api/chat.postMessage", json={"channel": READING_ROOM, "text": "2"})
    assert (refused.status_code, refused.headers["retry-after"], refused.json()["error"]) == (429, "1", "ratelimited")
    assert (await call("chat.postMessage", channel=DEV, text="elsewhere"))["ok"]
    clock.advance(timedelta(seconds=1))
    assert (await call("chat.postMessage", channel=READING_ROOM, text="2"))["ok"]


async def test_a_tier_is_spent_within_a_minute(call: Caller, web: httpx.AsyncClient, clock: PlaygroundClock) -> None:
    for _ in range(20):
        assert (await call("conversations.list"))["ok"]
    clock.advance(timedelta(seconds=20))
    refused = await web.post("/api/conversations.list")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "40")
    assert (await call("users.conversations", types="public_channel"))["ok"]


async def test_only_ones_own_message_can_be_changed_or_deleted(
    slack: SlackStandIn, call: Caller, listening: ListeningApp
) -> None:
    await slack.invite_bot("ada", "reading-room")
    theirs = await slack.say("bruno", "reading-room", "mine")
    update = {"channel": READING_ROOM, "ts": theirs, "text": "yours"}
    assert (await call("chat.update", **update))["error"] == "cant_update_message"
    assert (await call("chat.delete", channel=READING_ROOM, ts=theirs))["error"] == "cant_delete_message"
    assert (await call("chat.update", **update | {"ts": "1.0"}))["error"] == "message_not_found"
    ours = (await call("chat.postMessage", channel=READING_ROOM, text="v1"))["ts"]
    assert (await call("chat.update", channel=READING_ROOM, ts=ours, text="x" * 4001))["error"] == "msg_too_long"
    assert (await call("chat.update", channel=READING_ROOM, ts=ours, text="v2"))["message"]["edited"]
    assert (await call("chat.getPermalink", channel=READING_ROOM, message_ts=ours))["permalink"].endswith(
        f"/archives/{READING_ROOM}/p{ours.replace('.', '')}"
    )
    assert (await call("chat.delete", channel=READING_ROOM, ts=ours))["ok"]
    await slack.settled()
    assert listening.inner("message")[-1]["subtype"] == "message_deleted"


async def test_a_person_edits_in_place_by_their_own_token_within_the_window(
    slack: SlackStandIn, web: httpx.AsyncClient, clock: PlaygroundClock
) -> None:
    slack._platform.edit_window = timedelta(minutes=1)
    slack._platform.grants.add(Grant("xoxp-bruno", "user", "U07PBBRU002", ("chat:write",)))
    theirs = {"Authorization": "Bearer xoxp-bruno"}
    ts = await slack.say("bruno", "reading-room", "see https://long.example/")
    edit = {"channel": READING_ROOM, "ts": ts, "text": "see <https://s.example/a|x>"}
    literal = (await web.post("/api/chat.update", json=edit, headers=theirs)).json()
    assert literal["text"] == "see &lt;https://s.example/a|x&gt;"
    ts = await slack.say("bruno", "reading-room", "see https://long.example/")
    edit["ts"] = ts
    mismatch = edit | {"blocks": [section("x")]}
    assert (await web.post("/api/chat.update", json=mismatch, headers=theirs)).json()["error"] == "block_mismatch"
    marked = edit | {"metadata": {"event_type": "x", "event_payload": {}}}
    answer = (await web.post("/api/chat.update", json=marked, headers=theirs)).json()
    assert answer["error"] == "metadata_must_be_sent_from_app"
    parsed = (await web.post("/api/chat.update", json=edit | {"parse": "none"}, headers=theirs)).json()
    assert parsed["text"] == "see <https://s.example/a|x>"
    clock.advance(timedelta(minutes=2))
    assert (await web.post("/api/chat.update", json=edit, headers=theirs)).json()["error"] == "edit_window_closed"


async def test_an_ephemeral_is_for_one_member_until_they_reload(slack: SlackStandIn, call: Caller) -> None:
    await slack.invite_bot("ada", "reading-room")
    ask = {"channel": READING_ROOM, "text": "only you"}
    assert (await call("chat.postEphemeral", **ask, user="U0NOBODY"))["error"] == "user_not_in_channel"
    ts = (await call("chat.postEphemeral", **ask, user=DEV))["message_ts"]
    seen = [m["id"] for m in room(slack, "dev")["messages"]]
    assert ts in seen
    assert ts not in [m["id"] for m in room(slack, "ada")["messages"]]
    assert (await call("chat.update", channel=READING_ROOM, ts=ts, text="x"))["error"] == "cant_update_message"
    await slack.reload("dev")
    assert ts not in [m["id"] for m in room(slack, "dev")["messages"]]


def room(slack: SlackStandIn, viewer: str, title: str = "#reading-room") -> dict[str, Any]:
    conversations = slack.snapshot(viewer)["conversations"]
    return next(one for one in conversations if one["title"] == title)


async def test_history_shows_metadata_only_when_asked(
    slack: SlackStandIn, call: Caller, clock: PlaygroundClock
) -> None:
    await slack.invite_bot("ada", "reading-room")
    mark = {"event_type": "digest", "event_payload": {"id": "opaque"}}
    bad = await call("chat.postMessage", channel=READING_ROOM, text="x", metadata={"event_type": "digest"})
    assert bad["error"] == "invalid_metadata_format"
    ts = (await call("chat.postMessage", channel=READING_ROOM, text="digest", metadata=mark))["ts"]
    plain = await call("conversations.history", channel=READING_ROOM, limit=1)
    assert (plain["messages"][0]["ts"], "metadata" in plain["messages"][0], plain["has_more"]) == (ts, False, True)
    full = await call("conversations.history", channel=READING_ROOM, include_all_metadata=True)
    assert full["messages"][0]["metadata"] == mark
    assert (await call("conversations.history", channel=GENERAL))["error"] == "not_in_channel"
    later = await call("conversations.history", channel=READING_ROOM, oldest=ts, inclusive=True)
    assert [one["ts"] for one in later["messages"]] == [ts]


async def test_members_are_counted_only_when_asked_and_paged(slack: SlackStandIn, call: Caller) -> None:
    await slack.invite_bot("ada", "reading-room")
    assert "num_members" not in (await call("conversations.info", channel=READING_ROOM))["channel"]
    shown = await call("conversations.info", channel=READING_ROOM, include_num_members=True)
    assert shown["channel"]["num_members"] == 19
    assert shown["channel"]["creator"] == "U07PBADA001"
    first = await call("conversations.members", channel=READING_ROOM, limit=15)
    rest = await call(
        "conversations.members", channel=READING_ROOM, limit=15, cursor=first["response_metadata"]["next_cursor"]
    )
    assert (len(first["members"]), len(rest["members"]), rest["response_metadata"]["next_cursor"]) == (15, 4, "")
    mine = await call("users.conversations", types="public_channel,private_channel")
    assert [one["id"] for one in mine["channels"]] == [READING_ROOM]


async def test_people_and_workspace_say_who_they_are(call: Caller) -> None:
    ada = (await call("users.info", user="U07PBADA001", include_locale=True))["user"]
    assert (ada["is_admin"], ada["is_owner"], ada["locale"]) == (True, True, "en-US")
    bruno = (await call("users.info", user="U07PBBRU002", include_locale=True))["user"]
    assert (bruno["is_admin"], bruno["locale"], bruno["tz"], bruno["tz_offset"]) == (
        False,
        "fr-FR",
        "Europe/Paris",
        3600,
    )
    assert "locale" not in (await call("users.info", user="U07PBBRU002"))["user"]
    assert (await call("users.info", user="U0NOBODY"))["error"] == "user_not_found"
    me = await call("auth.test")
    assert (me["user_id"], me["team"]) == (BOT_USER, "Gazette")
    assert (await call("bots.info", bot=me["bot_id"]))["bot"]["user_id"] == BOT_USER
    assert (await call("team.info"))["team"]["domain"] == "gazette"


async def test_an_unfurl_answers_a_link_it_was_told_of(
    slack: SlackStandIn, call: Caller, listening: ListeningApp
) -> None:
    url = "https://s.example/abc?a=1&b=2"
    ts = await slack.say("bruno", "general", f"{url} and https://else.example/")
    card = {url: {"blocks": [section("*A story*")]}}
    assert (await call("chat.unfurl", channel=GENERAL, ts=ts, unfurls={"https://else.example/": {}}))["error"] == (
        "cannot_unfurl_url"
    )
    rich = {url: {"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}]}}
    assert (await call("chat.unfurl", channel=GENERAL, ts=ts, unfurls=rich))["error"] == "invalid_blocks"
    assert (await call("chat.unfurl", channel=GENERAL, ts="1.1", unfurls=card))["error"] == "cannot_find_message"
    assert (await call("chat.unfurl", channel=GENERAL, ts=ts, unfurls=card))["ok"]
    assert (await call("chat.unfurl", channel=GENERAL, ts=ts, unfurls=card))["ok"]
    message = room(slack, "dev", "#general")["messages"][-1]
    assert message["html"].count("<strong>A story</strong>") == 1
    assert listening.inner("message") == []
    await slack.invite_bot("ada", "reading-room")
    ts = await slack.say("bruno", "reading-room", url)
    await call("chat.unfurl", channel=READING_ROOM, ts=ts, unfurls=card)
    await slack.settled()
    changed = listening.inner("message")[-1]
    assert (changed["subtype"], changed["message"]["attachments"][0]["is_app_unfurl"]) == ("message_changed", True)
    prompt = {"channel": READING_ROOM, "ts": ts, "user_auth_required": True, "user_auth_message": "May we?"}
    assert (await call("chat.unfurl", **prompt))["ok"]
    assert room(slack, "bruno")["messages"][-1]["ephemeral"]
    for envelope in listening.events:
        check_event(envelope)


async def test_a_file_is_announced_filled_and_shared(slack: SlackStandIn, call: Caller, web: httpx.AsyncClient) -> None:
    await slack.invite_bot("ada", "reading-room")
    ticket = await call("files.getUploadURLExternal", filename="chart.png", length=4, alt_txt="shares by day")
    files = [{"id": ticket["file_id"], "title": "Chart"}]
    share = {"files": files, "channel_id": READING_ROOM, "initial_comment": "week 47"}
    assert (await call("files.completeUploadExternal", **share))["error"] == "file_update_failed"
    assert (await web.post(ticket["upload_url"], content=b"toolong")).status_code == 400
    assert (await web.post(ticket["upload_url"], content=b"\x89PNG")).status_code == 200
    assert (await call("files.completeUploadExternal", **share))["ok"]
    shown = room(slack, "dev")["messages"][-1]
    assert shown["image"]["alt"] == "shares by day"
    assert (await web.get(shown["image"]["src"])).content == b"\x89PNG"


async def test_faults_can_be_arranged(slack: SlackStandIn, web: httpx.AsyncClient, call: Caller) -> None:
    slack.fail_next("auth.test", "ratelimited", retry_after=7)
    slack.fail_next("auth.test", "http_500")
    slack.fail_next("auth.test", "internal_error")
    limited = await web.post("/api/auth.test")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    assert (await web.post("/api/auth.test")).status_code == 500
    assert (await call("auth.test"))["error"] == "internal_error"
    assert (await call("auth.test"))["ok"]


async def test_a_call_is_recorded_without_its_token_and_fits_slacks_typings(
    slack: SlackStandIn, call: Caller, traffic: Traffic
) -> None:
    await slack.invite_bot("ada", "reading-room")
    await call("chat.postMessage", channel=READING_ROOM, text="xoxb-12-34", blocks=[section("x")], unfurl_links=False)
    await call("conversations.info", channel=READING_ROOM, include_num_members="1")
    await call("users.conversations", types="private_channel")
    calls = traffic.calls(platform="slack", direction="to_platform")
    assert len(calls) == 3
    for one in calls:
        check_call(one.method, one.request)
    assert "xoxb" not in repr(calls)


async def test_a_revoked_token_opens_nothing(slack: SlackStandIn, call: Caller, listening: ListeningApp) -> None:
    assert (await call("auth.revoke", test=True))["revoked"] is False
    assert (await call("auth.revoke"))["revoked"] is True
    assert (await call("auth.test"))["error"] == "account_inactive"
    await slack.settled()
    assert listening.inner("tokens_revoked")[0]["tokens"] == {"oauth": [], "bot": [BOT_USER]}
