"""`chat.unfurl`: an app's own previews of its links in people's messages."""

from playground.slack import events
from playground.slack.blocks import check_blocks, completed
from playground.slack.errors import SlackError
from playground.slack.grants import Grant
from playground.slack.methods.chat import auth_prompt
from playground.slack.methods.spec import Method
from playground.slack.platform import Platform
from playground.slack.posting import whisper
from playground.slack.state import Channel, Json, Message
from playground.slack.wire import message_json


def unfurl(platform: Platform, grant: Grant, args: Json) -> Json:
    """`chat.unfurl`: works in every conversation, member or not; a repeated call replaces (platforms.md 1.2)."""
    del grant
    unfurls = args.get("unfurls") or {}
    if not unfurls and not args.get("user_auth_required"):
        raise SlackError("missing_unfurls")
    if not isinstance(unfurls, dict) or not all(isinstance(one, dict) for one in unfurls.values()):
        raise SlackError("invalid_unfurls_format")
    for one in unfurls.values():
        check_blocks(one.get("blocks") or [], charts=platform.charts, unfurl=True)
    if args.get("source") == "composer":
        return {}
    channel, message = _place(platform, args)
    if args.get("user_auth_required"):
        whisper(platform, channel, auth_prompt(platform, args), message.author)
    if unfurls:
        _attach(platform, channel, message, unfurls)
    return {}


def _place(platform: Platform, args: Json) -> tuple[Channel, Message]:
    if "channel" not in args or "ts" not in args:
        raise SlackError("missing_channel" if "channel" not in args else "missing_ts")
    channel = platform.workspace.channels.get(args["channel"])
    if channel is None:
        raise SlackError("cannot_find_channel")
    message = channel.messages.get(args["ts"])
    if message is None:
        raise SlackError("cannot_find_message")
    return channel, message


def _attach(platform: Platform, channel: Channel, message: Message, unfurls: dict[str, Json]) -> None:
    for url in unfurls:
        if url not in message.shared_links:
            raise SlackError("cannot_unfurl_url")
    before = message_json(message, platform.workspace, platform.manifest)
    kept = [one for one in message.attachments if one.get("app_unfurl_url") not in unfurls]
    message.attachments = kept + [_attachment(platform, url, one) for url, one in unfurls.items()]
    for number, attachment in enumerate(message.attachments, 1):
        attachment["id"] = number
    events.message_changed(platform, channel, message, before)


def _attachment(platform: Platform, url: str, one: Json) -> Json:
    platform.workspace.serial += 1
    facts = {
        "app_unfurl_url": url,
        "from_url": url,
        "is_app_unfurl": True,
        "app_id": platform.manifest.app_id,
        "bot_id": platform.workspace.bot_id,
        "fallback": one.get("fallback") or "[no preview available]",
    }
    blocks = completed(one.get("blocks") or [], platform.workspace.serial)
    return one | facts | ({"blocks": blocks} if blocks else {})


METHODS = {
    "chat.unfurl": Method(
        unfurl,
        3,
        "channel ts unfurl_id source unfurls:json metadata:json user_auth_required:bool user_auth_url"
        " user_auth_message user_auth_blocks:json",
        ("links:write",),
    ),
}
