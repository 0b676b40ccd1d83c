"""Slack's words into ours."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.slack import parse, parse_acts
from core.model import Account, GroupAddress, Platform

GROUP = GroupAddress(Platform.SLACK, "T1", "C1")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
KEYS = st.sampled_from(
    [
        "type",
        "event",
        "team_id",
        "team",
        "authorizations",
        "channel",
        "user",
        "ts",
        "subtype",
        "message",
        "previous_message",
        "event_id",
        "channel_type",
        "actions",
        "container",
        "blocks",
        "text",
        "tokens",
        "edited",
    ]
)


def body(**event: Any) -> dict[str, Any]:
    said = {"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": "1700000000.000100"}
    return {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": said | event}


def rich(*elements: Any) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def link(url: str, **more: Any) -> dict[str, Any]:
    return {"type": "link", "url": url, **more}


def test_a_heading_says_who_and_where_and_when() -> None:
    said = parse.heading(body(thread_ts="1699999999.000001"))
    assert said == parse.Heading(
        parse.Kind.POSTED,
        GROUP,
        Account("U1"),
        "1700000000.000100",
        "slack:Ev1",
        datetime(2023, 11, 14, 22, 13, 20, 100, UTC),
        None,
        "1699999999.000001",
    )


@pytest.mark.parametrize(
    "event",
    [
        {"channel_type": "im"},
        {"channel_type": "mpim"},
        {"bot_id": "B1"},
        {"subtype": "bot_message"},
        {"subtype": "channel_join"},
        {"subtype": "me_message"},
        {"subtype": "message_replied"},
        {"user": None},
        {"ts": "yesterday"},
        {"subtype": "message_changed", "message": {"user": "U1", "ts": "1.000001", "bot_id": "B1"}},
        {"subtype": "message_changed", "message": {"user": "U1", "ts": "1.000001", "subtype": "bot_message"}},
        {"subtype": "message_deleted"},
    ],
)
def test_whatever_is_not_a_persons_own_post_is_dropped(event: dict[str, Any]) -> None:
    assert parse.heading(body(**event)) is None
    assert not parse.concerns_us(body(**event))


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_files_and_broadcasts_are_shares_too(subtype: str) -> None:
    assert parse.heading(body(subtype=subtype)) is not None


def test_a_channel_shared_with_another_workspace_is_dropped() -> None:
    assert parse.heading(body() | {"is_ext_shared_channel": True}) is None


def test_the_workspace_is_the_one_that_installed_us() -> None:
    installed = [{"team_id": "T2", "user_id": "U0", "is_bot": True}]
    assert parse.workspace({"team_id": "T1", "authorizations": installed}) == "T2"
    assert parse.workspace({"team": {"id": "T3"}}) == "T3"
    assert parse.workspace({}) is None


def test_an_edit_is_a_correction_of_the_message_it_changed() -> None:
    inner = {"user": "U1", "ts": "1700000000.000100", "edited": {"user": "U1", "ts": "1700000009.000000"}}
    said = parse.heading(body(subtype="message_changed", message=inner, ts="2.0", event_ts="1700000009.000200"))
    assert said is not None
    assert (said.kind, said.message, said.account) == (parse.Kind.CHANGED, "1700000000.000100", "U1")
    assert said.edited_at == said.posted_at + timedelta(seconds=9, microseconds=100)


def test_a_deleted_first_message_of_a_thread_is_deleted_all_the_same() -> None:
    was = {"user": "U1", "ts": "1700000000.000100", "blocks": [rich(link("https://a.example"))]}
    stone = {"user": "USLACKBOT", "subtype": "tombstone", "ts": "1700000000.000100"}
    gone = body(subtype="message_changed", message=stone, previous_message=was, event_ts="1700000009.000000")
    said = parse.heading(gone)
    assert said is not None
    assert (said.kind, said.account) == (parse.Kind.DELETED, "U1")
    assert parse.urls(gone, said.kind) == ()


def test_links_come_from_blocks_first_and_code_is_skipped() -> None:
    blocks = [
        rich(link("https://a.example"), link("mailto:a@b.example"), link("https://code.example", style={"code": True})),
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [link("https://p.example")]}],
        },
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_quote", "elements": [link("HTTP://q.example")]},
                {
                    "type": "rich_text_list",
                    "elements": [{"type": "rich_text_section", "elements": [link("https://l.example")]}],
                },
            ],
        },
    ]
    found = parse.links({"blocks": blocks, "text": "<https://text.example>"})
    assert found == ("https://a.example", "HTTP://q.example", "https://l.example")


def test_text_is_the_fallback_with_its_escapes_undone() -> None:
    text = "<https://a.example/?x=1&amp;y=2|see> `<https://code.example>` ```<https://pre.example>``` <#C1> <!channel>"
    assert parse.links({"text": text}) == ("https://a.example/?x=1&y=2",)
    assert parse.links({"text": text, "blocks": []}) == ("https://a.example/?x=1&y=2",)


def test_a_change_that_leaves_the_links_alone_is_no_change() -> None:
    was, now = {"text": "<https://a.example>"}, {"text": "<https://a.example> indeed"}
    assert parse.urls(body(previous_message=was, message=now), parse.Kind.CHANGED) is None
    assert parse.urls(body(previous_message={"text": "hi"}), parse.Kind.DELETED) is None
    assert parse.urls(body(text="hi"), parse.Kind.POSTED) is None
    assert parse.urls(body(previous_message={"text": "hi"}, message=was), parse.Kind.CHANGED) == ("https://a.example",)


@given(st.dictionaries(KEYS, JSON, max_size=12), st.sampled_from(parse.Kind))
def test_no_payload_whatever_breaks_the_parser(payload: dict[str, Any], kind: parse.Kind) -> None:
    for wrapped in (payload, {"type": "event_callback", "team_id": "T1", "event_id": "E", "event": payload}):
        parse.concerns_us(wrapped)
        parse.heading(wrapped)
        parse.urls(wrapped, kind)
        parse_acts.press(wrapped)
        parse_acts.command(wrapped)
        parse_acts.joined(wrapped)
        parse_acts.moved(wrapped)
        parse_acts.bot_revoked(wrapped)


@given(st.integers(0, 7_000_000_000), st.integers(0, 999_999))
def test_a_ts_is_a_moment_to_the_microsecond(seconds: int, microseconds: int) -> None:
    moment = parse.moment(f"{seconds}.{microseconds:06d}")
    assert moment == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=microseconds)


def test_buttons_that_merely_open_a_page_do_not_concern_us() -> None:
    assert not parse.concerns_us({"type": "block_actions", "actions": [{"action_id": "open_counted"}]})
    assert parse.concerns_us({"type": "block_actions", "actions": [{"action_id": "undo"}]})
    assert not parse.concerns_us({"type": "app_rate_limited"})


def test_a_command_has_a_first_word() -> None:
    asked = parse_acts.command(
        {"team_id": "T1", "channel_id": "C1", "user_id": "U1", "text": "  Share  https://a.example "}
    )
    assert asked == parse_acts.Command(GROUP, Account("U1"), "share", "https://a.example")
