"""What the Events API tells the app, and whether it is told at all: subscribed, scoped, installed, a member."""

from playground.slack.manifest import EVENT_SCOPES
from playground.slack.markup import links
from playground.slack.platform import Platform
from playground.slack.state import Channel, Json, Message
from playground.slack.wire import VERIFICATION, message_json, view_json


def announce(platform: Platform, subscription: str, event: Json, channel: Channel | None = None) -> bool:
    """Send an event if the app is installed, subscribed and scoped for it; say whether it was sent.

    Args:
        platform: the platform.
        subscription: the name in the manifest, such as `message.groups`.
        event: the inner event.
        channel: where it happened, for the envelope.
    """
    bot = platform.grants.bot()
    scopes = EVENT_SCOPES.get(subscription)
    if bot is None or subscription not in platform.manifest.events:
        return False
    if scopes is not None and not set(scopes) & set(bot.scopes):
        return False
    platform.courier.send_event(str(event["type"]), envelope(platform, event, channel))
    return True


def envelope(platform: Platform, event: Json, channel: Channel | None) -> Json:
    """Return the `event_callback` around an event."""
    workspace, manifest = platform.workspace, platform.manifest
    return {
        "token": VERIFICATION,
        "team_id": workspace.id,
        "context_team_id": workspace.id,
        "context_enterprise_id": None,
        "api_app_id": manifest.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(platform.now().timestamp()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.id,
                "user_id": workspace.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
        "event_context": f"4-{workspace.new_id('E')}",
    }


def message_posted(platform: Platform, channel: Channel, message: Message) -> None:
    """Tell the app of a new message, if it is a member there, and of the links its domains own, member or not."""
    body = message_json(message, platform.workspace, platform.manifest)
    event = body | {"channel": channel.id, "event_ts": message.ts, "channel_type": channel.channel_type}
    _if_member(platform, channel, event)
    if not message.by_app:
        _links_shared(platform, channel, message)


def message_changed(platform: Platform, channel: Channel, message: Message, before: Json) -> None:
    """Tell the app that a message changed: an edit, or an unfurl."""
    after = message_json(message, platform.workspace, platform.manifest)
    _if_member(platform, channel, _hidden(platform, channel, "message_changed", message=after, previous_message=before))


def message_deleted(platform: Platform, channel: Channel, before: Json) -> None:
    """Tell the app that a message is gone."""
    event = _hidden(platform, channel, "message_deleted", deleted_ts=before["ts"], previous_message=before)
    _if_member(platform, channel, event)


def _hidden(platform: Platform, channel: Channel, subtype: str, **facts: object) -> Json:
    ts = platform.tick()
    frame = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel.id, "ts": ts, "event_ts": ts}
    return frame | {"channel_type": channel.channel_type} | facts


def _if_member(platform: Platform, channel: Channel, event: Json) -> None:
    if platform.workspace.bot_user in channel.members:
        name = {"private": "message.groups", "public": "message.channels", "im": "message.im"}[channel.kind]
        announce(platform, name, event, channel)


def owned_links(platform: Platform, text: str) -> list[Json]:
    """Return the links in mrkdwn text that the app's unfurl domains own, as `link_shared` lists them."""
    found = []
    for url in links(text):
        host = url.partition("://")[2].partition("/")[0].partition("?")[0].lower()
        name = host.rpartition("@")[2]
        for domain in platform.manifest.unfurl_domains:
            if name in {domain, domain.partition(":")[0]} or name.partition(":")[0].endswith("." + domain):
                found.append({"domain": domain, "url": url})
                break
    return found


def _links_shared(platform: Platform, channel: Channel, message: Message) -> None:
    found = owned_links(platform, message.text)
    if not found:
        return
    message.shared_links = [link["url"] for link in found]
    facts = _link_event(platform, channel, message.author, found)
    facts |= {"channel": channel.id, "message_ts": message.ts, "source": "conversations_history"}
    if message.thread_ts:
        facts["thread_ts"] = message.thread_ts
    announce(platform, "link_shared", facts, channel)


def link_typed(platform: Platform, channel: Channel, author: str, text: str) -> bool:
    """Tell the app of its links while a person still types: the event of the composer (platforms.md 1.2)."""
    found = owned_links(platform, text)
    if not found:
        return False
    facts = _link_event(platform, channel, author, found)
    facts |= {"channel": "COMPOSER", "message_ts": facts["unfurl_id"], "source": "composer"}
    return announce(platform, "link_shared", facts, channel)


def _link_event(platform: Platform, channel: Channel, author: str, found: list[Json]) -> Json:
    ts = platform.tick()
    return {
        "type": "link_shared",
        "user": author,
        "is_bot_user_member": platform.workspace.bot_user in channel.members,
        "unfurl_id": f"{platform.workspace.new_id('X')}-{ts}",
        "links": found,
        "event_ts": ts,
    }


def member_joined(platform: Platform, channel: Channel, account: str, inviter: str | None) -> None:
    """Tell the app that somebody, or itself, joined a channel it is in."""
    kind = "G" if channel.kind == "private" else "C"
    event: Json = {
        "type": "member_joined_channel",
        "user": account,
        "channel": channel.id,
        "channel_type": kind,
        "team": platform.workspace.id,
        "event_ts": platform.tick(),
    }
    if inviter is not None:
        event["inviter"] = inviter
    if platform.workspace.bot_user in channel.members:
        announce(platform, "member_joined_channel", event, channel)


def member_left(platform: Platform, channel: Channel, account: str) -> None:
    """Tell the app that somebody left a channel it is in."""
    if platform.workspace.bot_user in channel.members:
        kind = "G" if channel.kind == "private" else "C"
        event = {"type": "member_left_channel", "user": account, "channel": channel.id, "channel_type": kind}
        facts = {"team": platform.workspace.id, "event_ts": platform.tick()}
        announce(platform, "member_left_channel", event | facts, channel)


def bot_left(platform: Platform, channel: Channel, actor: str) -> None:
    """Tell the app that it was removed from a channel."""
    name = "group_left" if channel.kind == "private" else "channel_left"
    event = {"type": name, "channel": channel.id, "actor_id": actor, "event_ts": platform.tick()}
    announce(platform, name, event, channel)


def home_opened(platform: Platform, account: str) -> None:
    """Tell the app that a person opened its App Home."""
    channel = platform.workspace.direct_channel(account, platform.now())
    event: Json = {
        "type": "app_home_opened",
        "user": account,
        "channel": channel.id,
        "tab": "home",
        "event_ts": platform.tick(),
    }
    view = platform.workspace.homes.get(account)
    if view is not None:
        event["view"] = view_json(view, platform.workspace, platform.manifest)
    announce(platform, "app_home_opened", event, channel)
