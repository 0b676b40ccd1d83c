"""`chat.*`: posting, editing, deleting, permalinks."""

from datetime import UTC, datetime

from playground.slack import events
from playground.slack.blocks import completed
from playground.slack.errors import SlackError
from playground.slack.grants import Grant
from playground.slack.markup import autolink, compose, literal_links
from playground.slack.methods.spec import Method
from playground.slack.platform import Platform, needs
from playground.slack.posting import LONGEST_UPDATE, Draft, check_content, draft_of, post, whisper
from playground.slack.state import Channel, Json, Message
from playground.slack.wire import message_json


def post_message(platform: Platform, grant: Grant, args: Json) -> Json:
    """`chat.postMessage`: one message a second into a channel; a user id as channel opens the direct conversation."""
    _no_disguise(grant, args)
    channel = _target(platform, grant, args["channel"])
    _open_to(grant, channel)
    draft = draft_of(grant.user, args)
    draft.by_app = grant.kind == "bot"
    if draft.metadata and not draft.by_app:
        raise SlackError("metadata_must_be_sent_from_app")
    check_content(platform, draft)
    platform.limits.post(channel.id, platform.now())
    message = post(platform, channel, draft)
    body = message_json(message, platform.workspace, platform.manifest, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": body}


def post_ephemeral(platform: Platform, grant: Grant, args: Json) -> Json:
    """`chat.postEphemeral`: seen by one member of the channel, until they reload."""
    _no_disguise(grant, args)
    channel = _target(platform, grant, args["channel"])
    _open_to(grant, channel)
    if args["user"] not in channel.members:
        raise SlackError("user_not_in_channel")
    draft = draft_of(grant.user, args)
    check_content(platform, draft)
    return {"message_ts": whisper(platform, channel, draft, args["user"]).ts}


def _no_disguise(grant: Grant, args: Json) -> None:
    if args.keys() & {"username", "icon_url", "icon_emoji"}:
        needs(grant, "chat:write.customize")
    if args.get("markdown_text"):
        raise SlackError("invalid_arguments", messages=["markdown_text is not known to the playground"])


def _target(platform: Platform, grant: Grant, word: str) -> Channel:
    if word in platform.workspace.accounts:
        return platform.workspace.direct_channel(word, platform.now())
    named = platform.workspace.channel(word)
    return platform.seen(grant, named.id if named is not None else word)


def _open_to(grant: Grant, channel: Channel) -> None:
    if channel.is_archived:
        raise SlackError("is_archived")
    if grant.user not in channel.members:
        raise SlackError("not_in_channel")


def update(platform: Platform, grant: Grant, args: Json) -> Json:
    """`chat.update`: only one's own message, inside the workspace's edit window for people (platforms.md 1.1)."""
    channel = platform.seen(grant, args["channel"])
    message = _own(grant, channel, args["ts"], "cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    _in_window(platform, grant, message)
    draft = draft_of(grant.user, args)
    if draft.metadata and grant.kind == "user":
        raise SlackError("metadata_must_be_sent_from_app")
    check_content(platform, draft, LONGEST_UPDATE)
    _same_kind_of_blocks(message, draft)
    before = message_json(message, platform.workspace, platform.manifest)
    _rewrite(platform, grant, message, draft, parse=args.get("parse", "client"))
    if "metadata" in args:
        message.metadata = args["metadata"] or None
    events.message_changed(platform, channel, message, before)
    body = message_json(message, platform.workspace, platform.manifest, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": body}


def _own(grant: Grant, channel: Channel, ts: str, refusal: str) -> Message:
    message = channel.messages.get(ts)
    if message is None:
        raise SlackError(refusal if ts in channel.whispers else "message_not_found")
    if message.author != grant.user:
        raise SlackError(refusal)
    return message


def _in_window(platform: Platform, grant: Grant, message: Message) -> None:
    posted = datetime.fromtimestamp(float(message.ts), UTC)
    if grant.kind == "user" and platform.edit_window is not None and platform.now() - posted > platform.edit_window:
        raise SlackError("edit_window_closed")


def _same_kind_of_blocks(message: Message, draft: Draft) -> None:
    was_rich = any(block["type"] == "rich_text" for block in message.blocks)
    if was_rich and draft.blocks and not any(block["type"] == "rich_text" for block in draft.blocks):
        raise SlackError("block_mismatch")


def _rewrite(platform: Platform, grant: Grant, message: Message, draft: Draft, *, parse: str) -> None:
    as_typed = grant.kind == "user" and parse != "none"
    message.text = literal_links(draft.text) if as_typed else autolink(draft.text)
    platform.workspace.serial += 1
    message.blocks = completed(draft.blocks, platform.workspace.serial)
    message.attachments = draft.attachments
    if not draft.blocks:
        message.edited = {"user": grant.user, "ts": platform.tick()}


def delete(platform: Platform, grant: Grant, args: Json) -> Json:
    """`chat.delete`: only one's own message."""
    channel = platform.seen(grant, args["channel"])
    message = _own(grant, channel, args["ts"], "cant_delete_message")
    before = message_json(message, platform.workspace, platform.manifest)
    del channel.messages[message.ts]
    events.message_deleted(platform, channel, before)
    return {"channel": channel.id, "ts": message.ts}


def permalink(platform: Platform, grant: Grant, args: Json) -> Json:
    """`chat.getPermalink`."""
    channel = platform.seen(grant, args["channel"])
    message = channel.messages.get(args["message_ts"])
    if message is None:
        raise SlackError("message_not_found")
    address = f"https://{platform.workspace.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        address += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": address}


_PROMPT = "to show more of this link, connect your account."


def auth_prompt(platform: Platform, args: Json) -> Draft:
    """Return the ephemeral invitation of `chat.unfurl(user_auth_required=true)`."""
    blocks = args.get("user_auth_blocks") or []
    text, _ = compose(args.get("user_auth_message") or f"{platform.manifest.name}: {_PROMPT}", {})
    if args.get("user_auth_url") and not blocks:
        text += f" <{args['user_auth_url']}|Connect>"
    return Draft(author=platform.workspace.bot_user, text=text, blocks=blocks)


_CONTENT = "text blocks:json attachments:json thread_ts link_names:bool parse username icon_url icon_emoji as_user:bool"
METHODS = {
    "chat.postMessage": Method(
        post_message,
        0,
        f"channel! {_CONTENT} reply_broadcast:bool unfurl_links:bool unfurl_media:bool mrkdwn:bool metadata:json"
        " markdown_text",
        ("chat:write",),
    ),
    "chat.postEphemeral": Method(post_ephemeral, 4, f"channel! user! {_CONTENT} markdown_text", ("chat:write",)),
    "chat.update": Method(
        update,
        3,
        "channel! ts! text blocks:json attachments:json parse link_names:bool as_user:bool reply_broadcast:bool"
        " metadata:json file_ids:list",
        ("chat:write",),
    ),
    "chat.delete": Method(delete, 3, "channel! ts! as_user:bool", ("chat:write",)),
    "chat.getPermalink": Method(permalink, 4, "channel! message_ts!"),
}
