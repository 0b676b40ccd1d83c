"""Response URLs: what an app may say to a command, a button or a shortcut, five times in thirty minutes."""

from playground.slack import events
from playground.slack.blocks import completed
from playground.slack.errors import SlackError
from playground.slack.exchange import Reply
from playground.slack.markup import autolink
from playground.slack.platform import Platform
from playground.slack.posting import check_content, draft_of, post, whisper
from playground.slack.state import Channel, Json, Message
from playground.slack.wire import message_json

_KNOWN = frozenset(
    {
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "mrkdwn",
        "metadata",
        "unfurl_links",
        "unfurl_media",
    }
)


def respond(platform: Platform, reply: Reply, body: Json) -> None:
    """Carry out one answer: delete or replace the original, else a new message, ephemeral unless said otherwise.

    Raises:
        SlackError: `invalid_payload`, `message_not_found`, or what posting refuses.
    """
    unknown = body.keys() - _KNOWN
    if unknown or body.get("response_type", "ephemeral") not in {"ephemeral", "in_channel"}:
        raise SlackError("invalid_payload", status=400, messages=sorted(unknown))
    channel = platform.workspace.channels[reply.channel]
    if body.get("delete_original"):
        _delete(platform, channel, _original(channel, reply))
        return
    draft = draft_of(platform.workspace.bot_user, body)
    check_content(platform, draft)
    if body.get("replace_original"):
        _replace(platform, channel, _original(channel, reply), body)
    elif body.get("response_type") == "in_channel":
        post(platform, channel, draft)
    else:
        draft.thread_ts = draft.thread_ts or reply.thread_ts
        whisper(platform, channel, draft, reply.user)


def _original(channel: Channel, reply: Reply) -> Message:
    place = channel.whispers if reply.ephemeral else channel.messages
    message = place.get(reply.message_ts or "")
    if message is None or not message.by_app:
        raise SlackError("message_not_found", status=404)
    return message


def _delete(platform: Platform, channel: Channel, message: Message) -> None:
    if message.viewer is not None:
        del channel.whispers[message.ts]
        return
    before = message_json(message, platform.workspace, platform.manifest)
    del channel.messages[message.ts]
    events.message_deleted(platform, channel, before)


def _replace(platform: Platform, channel: Channel, message: Message, body: Json) -> None:
    before = message_json(message, platform.workspace, platform.manifest)
    platform.workspace.serial += 1
    message.text = autolink(body.get("text") or "")
    message.blocks = completed(body.get("blocks") or [], platform.workspace.serial)
    message.attachments = body.get("attachments") or []
    if message.viewer is None:
        events.message_changed(platform, channel, message, before)
