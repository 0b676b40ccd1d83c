"""`conversations.*` and `users.conversations`."""

from playground.slack.errors import SlackError
from playground.slack.grants import Grant
from playground.slack.methods.spec import Method, page
from playground.slack.platform import Platform, needs
from playground.slack.state import Channel, Json
from playground.slack.wire import channel_json, message_json

FEW = 15
"""The most messages a call of `conversations.history` brings a commercially distributed app (platforms.md 1.4)."""
_TYPES = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
_NOUNS = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def info(platform: Platform, grant: Grant, args: Json) -> Json:
    """`conversations.info`; the number of members only when asked for."""
    channel = platform.seen(grant, args["channel"])
    needs(grant, f"{channel.scope_noun}:read")
    counted = bool(args.get("include_num_members"))
    return {"channel": channel_json(channel, platform.workspace, member=grant.user, num_members=counted)}


def members(platform: Platform, grant: Grant, args: Json) -> Json:
    """`conversations.members`, page by page."""
    channel = platform.seen(grant, args["channel"])
    needs(grant, f"{channel.scope_noun}:read")
    shown, more = page([{"id": account} for account in channel.members], args, 100)
    return {"members": [one["id"] for one in shown], "response_metadata": more}


def history(platform: Platform, grant: Grant, args: Json) -> Json:
    """`conversations.history`: newest first; metadata only with `include_all_metadata`."""
    channel = platform.seen(grant, args["channel"])
    needs(grant, f"{channel.scope_noun}:history")
    if grant.user not in channel.members:
        raise SlackError("not_in_channel")
    within = _within(channel, args)
    shown = bool(args.get("include_all_metadata"))
    bodies = [
        message_json(channel.messages[ts], platform.workspace, platform.manifest, with_metadata=shown) for ts in within
    ]
    if platform.limits.tier_one_history:
        args = args | {"limit": min(args.get("limit", FEW), FEW)}
    found, more = page(bodies, args, 100)
    answer: Json = {"messages": found, "has_more": bool(more["next_cursor"]), "pin_count": 0}
    return answer | ({"response_metadata": more} if more["next_cursor"] else {})


def _within(channel: Channel, args: Json) -> list[str]:
    try:
        oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
    except ValueError as wrong:
        raise SlackError("invalid_ts_oldest") from wrong
    edges = {oldest, latest} if args.get("inclusive") else set()
    tops = [m for m in channel.messages.values() if m.thread_ts is None or m.subtype == "thread_broadcast"]
    return [m.ts for m in reversed(tops) if oldest < float(m.ts) < latest or float(m.ts) in edges]


def replies(platform: Platform, grant: Grant, args: Json) -> Json:
    """`conversations.replies`: a thread, oldest first, named by its first message or by any other of it."""
    channel = platform.seen(grant, args["channel"])
    needs(grant, f"{channel.scope_noun}:history")
    if grant.user not in channel.members:
        raise SlackError("not_in_channel")
    named = channel.messages.get(args["ts"])
    if named is None:
        raise SlackError("thread_not_found")
    root = named.thread_ts or named.ts
    thread = sorted((m for m in channel.messages.values() if root in {m.ts, m.thread_ts}), key=lambda m: float(m.ts))
    shown = bool(args.get("include_all_metadata"))
    bodies = [message_json(m, platform.workspace, platform.manifest, with_metadata=shown) for m in thread]
    found, more = page(bodies, args, 100)
    answer: Json = {"messages": found, "has_more": bool(more["next_cursor"])}
    return answer | ({"response_metadata": more} if more["next_cursor"] else {})


def listed(platform: Platform, grant: Grant, args: Json) -> Json:
    """`conversations.list`: what the token's holder can see."""
    return _listing(platform, grant, args, member=None)


def users_conversations(platform: Platform, grant: Grant, args: Json) -> Json:
    """`users.conversations`: where a user, or the token's holder, is a member."""
    return _listing(platform, grant, args, member=args.get("user") or grant.user)


def _listing(platform: Platform, grant: Grant, args: Json, member: str | None) -> Json:
    types = args.get("types") or ["public_channel"]
    if not set(types) <= _TYPES.keys():
        raise SlackError("invalid_types")
    for kind in types:
        needs(grant, f"{_NOUNS[kind]}:read")
    wanted = {_TYPES[kind] for kind in types}
    found = [
        channel_json(channel, platform.workspace, member=grant.user, num_members=member is None)
        for channel in platform.workspace.channels.values()
        if channel.kind in wanted
        and (channel.kind == "public" or grant.user in channel.members)
        and (member is None or member in channel.members)
        and not (args.get("exclude_archived") and channel.is_archived)
    ]
    shown, more = page(found, args, 100)
    return {"channels": shown, "response_metadata": more}


def open_direct(platform: Platform, grant: Grant, args: Json) -> Json:
    """`conversations.open`: the direct conversation with one person."""
    needs(grant, "im:write")
    if args.get("channel"):
        return {"channel": {"id": platform.seen(grant, args["channel"]).id}}
    users = args.get("users") or []
    if len(users) != 1:
        raise SlackError("users_list_not_supplied" if not users else "too_many_users")
    if users[0] not in platform.workspace.accounts:
        raise SlackError("user_not_found")
    channel = platform.workspace.direct_channel(users[0], platform.now())
    if args.get("return_im"):
        return {"channel": channel_json(channel, platform.workspace, member=grant.user)}
    return {"channel": {"id": channel.id}}


METHODS = {
    "conversations.info": Method(info, 3, "channel! include_num_members:bool include_locale:bool"),
    "conversations.members": Method(members, 4, "channel! cursor limit:int"),
    "conversations.history": Method(
        history, 3, "channel! cursor limit:int oldest latest inclusive:bool include_all_metadata:bool"
    ),
    "conversations.replies": Method(
        replies, 3, "channel! ts! cursor limit:int oldest latest inclusive:bool include_all_metadata:bool"
    ),
    "conversations.list": Method(listed, 2, "types:list exclude_archived:bool cursor limit:int team_id"),
    "conversations.open": Method(open_direct, 3, "users:list channel return_im:bool prevent_creation:bool"),
    "users.conversations": Method(
        users_conversations, 3, "user types:list exclude_archived:bool cursor limit:int team_id"
    ),
}
