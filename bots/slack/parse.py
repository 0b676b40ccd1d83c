"""Slack's words into ours: messages and what stands in them. Pure; what people press and type is in `parse_acts`.

`heading` reads the envelope alone: who, where, which kind. `urls` is the only place where text and blocks are touched,
and it is called after consent. Whatever is malformed, or not for us, is None.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bots.slack.fields import Json, mapping, mappings, text
from core.model import Account, GroupAddress, Message, Platform

SHARING_SUBTYPES = frozenset({None, "file_share", "thread_broadcast"})
"""Kinds of message that are a person's own post [https://docs.slack.dev/reference/events/message]."""
GROUP_KINDS = frozenset({"channel", "group"})
"""`channel_type` of conversations we serve: never direct ones."""
JUST_OPENS = frozenset({"open", "open_counted"})
"""Buttons that only lead to a page: Slack tells us who pressed them, and we do not want to know."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TS = re.compile(r"(\d{1,11})\.(\d{6})")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>", re.IGNORECASE)
_TYPED = re.compile(r"https?://[^\s<>|]+", re.IGNORECASE)
_UNESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


class Kind(StrEnum):
    """What happened to a message."""

    POSTED = "posted"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands on the envelope of a message."""

    kind: Kind
    address: GroupAddress
    account: Account
    message: str
    """Slack's `ts`: with the channel, a message's identity."""
    event: str
    """Slack's id of this delivery, the same in every retry."""
    posted_at: datetime
    edited_at: datetime | None
    thread: str


@dataclass(frozen=True, slots=True)
class OwnLinks:
    """Short URLs of ours, posted by somebody."""

    address: GroupAddress
    account: Account
    message: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A message that somebody used a shortcut on."""

    said: Heading
    own: bool
    """Whether it is that person's own."""
    response_url: str


# What is worth authorizing at all ----------------------------------------------------------------------------------


def concerns_us(body: Json) -> bool:
    """Whether a delivery is worth another look, told from its envelope alone.

    No: messages of bots and in direct conversations, subtypes that share nothing, channels shared with another
    workspace (its consent is not ours to ask), and buttons that merely open a page.
    """
    match body.get("type"):
        case "event_callback":
            return _event_concerns_us(body, mapping(body, "event"))
        case "block_actions":
            buttons = [each.get("action_id") for each in mappings(body.get("actions"))]
            return not JUST_OPENS.issuperset(buttons)
        case "app_rate_limited":
            return False
        case None:
            return "command" in body
        case _:
            return True


def is_about_a_message(body: Json) -> bool:
    """Whether a delivery says that a message was posted, changed or deleted."""
    return body.get("type") == "event_callback" and mapping(body, "event").get("type") == "message"


def is_whole(body: Json) -> bool:
    """Whether a delivery has what Bolt reads without asking whether it is there."""
    if body.get("type") not in {"view_submission", "view_closed"}:
        return True
    view = mapping(body, "view")
    return all(text(view, name) for name in ("type", "callback_id", "id"))


def _event_concerns_us(body: Json, event: Json) -> bool:
    match event.get("type"):
        case "message":
            return heading(body) is not None
        case "link_shared":
            return own_links(body) is not None
        case _:
            return bool(event)


def workspace(body: Json) -> str | None:
    """The workspace that installed us, in events, interactions and commands alike.

    In a channel shared with others, `team_id` may be another's; `authorizations` names the one we act for
    [https://docs.slack.dev/apis/events-api#authorizations].
    """
    for each in mappings(body.get("authorizations")):
        return text(each, "team_id")
    return text(mapping(body, "team"), "id") or text(body, "team_id")


def address(body: Json, channel: str | None) -> GroupAddress | None:
    """A group as Slack names it."""
    team = workspace(body)
    return GroupAddress(Platform.SLACK, team, channel) if team and channel else None


# Messages ----------------------------------------------------------------------------------------------------------


def heading(body: Json) -> Heading | None:
    """Who posted, changed or lost a message, and where; None for everything that is not a person's own in a channel."""
    event = mapping(body, "event")
    where, delivery = address(body, text(event, "channel")), text(body, "event_id")
    if where is None or delivery is None or body.get("is_ext_shared_channel") is True:
        return None
    if text(event, "channel_type") not in GROUP_KINDS:
        return None
    kind, message = _subject(event)
    account, ts = text(message, "user"), text(message, "ts")
    posted_at = moment(ts)
    if account is None or ts is None or posted_at is None or not _by_a_person(message):
        return None
    edited_at = None if kind is Kind.POSTED else moment(text(event, "event_ts"))
    thread = text(message, "thread_ts") or ts
    return Heading(kind, where, Account(account), ts, f"slack:{delivery}", posted_at, edited_at, thread)


def _subject(event: Json) -> tuple[Kind, Json]:
    """The message that an event is about. A deleted message with replies is changed into a `tombstone` instead."""
    match event.get("subtype"):
        case "message_changed":
            message = mapping(event, "message")
            if message.get("subtype") == "tombstone":
                return Kind.DELETED, mapping(event, "previous_message")
            return Kind.CHANGED, message
        case "message_deleted":
            return Kind.DELETED, mapping(event, "previous_message")
        case _:
            return Kind.POSTED, event


def _by_a_person(message: Json) -> bool:
    return message.get("subtype") in SHARING_SUBTYPES and not message.get("bot_id")


def moment(ts: str | None) -> datetime | None:
    """The moment in a `ts`, to the microsecond."""
    match = _TS.fullmatch(ts or "")
    return _EPOCH + timedelta(seconds=int(match[1]), microseconds=int(match[2])) if match else None


def urls(body: Json, kind: Kind) -> tuple[str, ...] | None:
    """The links of a message, as found: the first touch of its text, after consent.

    Returns:
        None when there is nothing to do: no link, or a change (an unfurl, a translation) that left the links alone.
    """
    event = mapping(body, "event")
    if kind is Kind.POSTED:
        return links(event) or None
    before = links(mapping(event, "previous_message"))
    after = links(mapping(event, "message")) if kind is Kind.CHANGED else ()
    return after if after != before else None


def links(message: Json) -> tuple[str, ...]:
    """The web addresses in a message, in order, each once; what is set as code is not a share.

    From `rich_text` blocks, which every Slack client sends; from mrkdwn `text` where there are none.
    """
    rich = [block for block in mappings(message.get("blocks")) if block.get("type") == "rich_text"]
    found = _in_blocks(rich) if rich else _in_text(text(message, "text") or "")
    return tuple(dict.fromkeys(found))


def _in_blocks(elements: list[Json]) -> Iterator[str]:
    for element in elements:
        kind = element.get("type")
        if kind == "link":
            url = text(element, "url")
            if url and url.lower().startswith(("http://", "https://")) and not mapping(element, "style").get("code"):
                yield url
        elif kind != "rich_text_preformatted":
            yield from _in_blocks(mappings(element.get("elements")))


def _in_text(text: str) -> Iterator[str]:
    for match in _LINK.finditer(_CODE.sub(" ", text)):
        url = match[1]
        for escaped, plain in _UNESCAPED:
            url = url.replace(escaped, plain)
        yield url


def own_links(body: Json) -> OwnLinks | None:
    """Links of ours in a posted message.

    Slack tells of them from every conversation of the workspace, direct ones too, and while somebody is still typing
    [https://docs.slack.dev/messaging/unfurling-links-in-messages]: None unless the bot is there and it was sent.
    """
    event = mapping(body, "event")
    where, account, ts = address(body, text(event, "channel")), text(event, "user"), text(event, "message_ts")
    sent = event.get("source") == "conversations_history" and event.get("is_bot_user_member") is True
    if where is None or account is None or ts is None or not sent or body.get("is_ext_shared_channel") is True:
        return None
    found = [text(each, "url") for each in mappings(event.get("links"))]
    return OwnLinks(where, Account(account), ts, tuple(url for url in found if url))


def typed_links(text: str) -> tuple[str, ...]:
    """The web addresses in what somebody typed behind a command, in order, each once."""
    return tuple(dict.fromkeys(match[0] for match in _TYPED.finditer(text)))


def code_in(url: str) -> str:
    """What may be the code of a short URL: the last piece of its path."""
    return url.partition("#")[0].partition("?")[0].rpartition("/")[2]


def chosen(body: Json) -> Chosen | None:
    """The message that somebody used a shortcut on."""
    message = mapping(body, "message")
    where, account = address(body, text(mapping(body, "channel"), "id")), text(mapping(body, "user"), "id")
    ts, event = text(message, "ts"), text(body, "action_ts")
    posted_at = moment(ts)
    if where is None or account is None or ts is None or event is None or posted_at is None:
        return None
    own = text(message, "user") == account and _by_a_person(message)
    thread = text(message, "thread_ts") or ts
    said = Heading(Kind.POSTED, where, Account(account), ts, f"slack:shortcut:{event}", posted_at, None, thread)
    return Chosen(said, own, text(body, "response_url") or "")


def message_of(said: Heading, found: tuple[str, ...]) -> Message:
    """A message, reduced to what counting needs."""
    return Message(said.address, said.account, said.message, found, said.posted_at, said.edited_at, said.thread)
