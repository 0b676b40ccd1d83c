"""Putting an app's messages into channels, whichever door they came through (pure but for the workspace)."""

from dataclasses import dataclass, field

from playground.slack import events
from playground.slack.blocks import check_blocks, completed
from playground.slack.errors import SlackError
from playground.slack.markup import autolink, previews
from playground.slack.platform import Platform
from playground.slack.state import Channel, Json, Message

LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000
_MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".mp4")


@dataclass(slots=True)
class Draft:
    """A message an app wants posted."""

    author: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    unfurl_links: bool = False
    unfurl_media: bool = True
    files: list[Json] = field(default_factory=list)
    by_app: bool = True


def draft_of(author: str, args: Json) -> Draft:
    """Return the draft in the arguments of `chat.postMessage`, `chat.postEphemeral` or a response URL."""
    return Draft(
        author=author,
        text=args.get("text") or "",
        blocks=args.get("blocks") or [],
        attachments=args.get("attachments") or [],
        thread_ts=args.get("thread_ts"),
        broadcast=bool(args.get("reply_broadcast")),
        metadata=args.get("metadata"),
        unfurl_links=bool(args.get("unfurl_links")),
        unfurl_media=args.get("unfurl_media") is not False,
    )


def check_content(platform: Platform, draft: Draft, longest: int = LONGEST_POST) -> None:
    """Accept a draft's content.

    Raises:
        SlackError: `no_text`, `msg_too_long`, `invalid_blocks`, `invalid_attachments` or `invalid_metadata_format`.
    """
    if not (draft.text.strip() or draft.blocks or draft.attachments or draft.files):
        raise SlackError("no_text")
    if len(draft.text) > longest:
        raise SlackError("msg_too_long")
    check_blocks(draft.blocks, charts=platform.charts)
    for attachment in draft.attachments:
        if not isinstance(attachment, dict):
            raise SlackError("invalid_attachments")
        check_blocks(attachment.get("blocks") or [], charts=platform.charts)
    if draft.metadata:
        _check_metadata(draft.metadata)


def _check_metadata(metadata: Json) -> None:
    event_type, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(event_type, str) or not event_type or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_format")


def post(platform: Platform, channel: Channel, draft: Draft) -> Message:
    """Post an accepted draft, tell the app, and return the message."""
    message = _message(platform, channel, draft)
    channel.messages[message.ts] = message
    events.message_posted(platform, channel, message)
    return message


def whisper(platform: Platform, channel: Channel, draft: Draft, viewer: str) -> Message:
    """Show an accepted draft to one person only; nobody is told, and it is gone when they reload."""
    message = _message(platform, channel, draft)
    message.viewer = viewer
    channel.whispers[message.ts] = message
    return message


def _message(platform: Platform, channel: Channel, draft: Draft) -> Message:
    thread = draft.thread_ts
    if thread is not None:
        thread = _parent(channel, thread)
    workspace = platform.workspace
    workspace.serial += 1
    message = Message(
        ts=platform.tick(),
        author=draft.author,
        text=autolink(draft.text),
        blocks=completed(draft.blocks, workspace.serial),
        thread_ts=thread,
        by_app=draft.by_app,
        subtype="thread_broadcast" if thread and draft.broadcast else None,
        metadata=draft.metadata,
        attachments=draft.attachments,
        files=draft.files,
    )
    message.preview = _crawled(message, links=draft.unfurl_links, media=draft.unfurl_media)
    return message


def _parent(channel: Channel, ts: str) -> str:
    message = channel.messages.get(ts)
    if message is None:
        raise SlackError("cannot_reply_to_message")
    return message.thread_ts or message.ts


def _crawled(message: Message, *, links: bool, media: bool) -> bool:
    texts = [message.text] if not message.blocks else list(_marked(message.blocks))
    found = [url for text in texts for url in previews(autolink(text))]
    return any(links or (media and url.lower().partition("?")[0].endswith(_MEDIA)) for url in found)


def _marked(thing: object) -> list[str]:
    if isinstance(thing, list):
        return [text for item in thing for text in _marked(item)]
    if not isinstance(thing, dict):
        return []
    if thing.get("type") == "mrkdwn":
        return [str(thing.get("text", ""))]
    if thing.get("type") == "link":
        return [f"<{thing.get('url', '')}>"]
    return [text for item in thing.values() for text in _marked(item)]
