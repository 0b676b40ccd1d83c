"""Slack's words into ours: buttons, commands, comings and goings. Pure; whatever is malformed is None."""

from dataclasses import dataclass

from bots.slack.fields import Json, mapping, mappings, text
from bots.slack.parse import address, workspace
from core.model import Account, GroupAddress


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button."""

    address: GroupAddress
    account: Account
    button: str
    value: str
    response_url: str
    thread: str = ""
    """The first message of the thread it stands in."""


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command."""

    address: GroupAddress
    account: Account
    word: str
    argument: str
    act: str = ""
    """Slack's id of this command."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody came into a channel."""

    address: GroupAddress
    account: Account
    inviter: Account | None


def press(body: Json) -> Press | None:
    """A pressed button in a channel, or what was chosen from a menu."""
    container = mapping(body, "container")
    channel = text(mapping(body, "channel"), "id") or text(container, "channel_id")
    where, account = address(body, channel), text(mapping(body, "user"), "id")
    pressed = next(iter(mappings(body.get("actions"))), {})
    button = text(pressed, "action_id")
    if where is None or account is None or button is None:
        return None
    chosen = text(mapping(pressed, "selected_option"), "value")
    value, response_url = text(pressed, "value") or chosen or "", text(body, "response_url") or ""
    return Press(where, Account(account), button, value, response_url, text(container, "thread_ts") or "")


def home_press(body: Json) -> Press | None:
    """A pressed button in App Home, whose value names the channel it is about."""
    if mapping(body, "container").get("type") != "view":
        return None
    pressed = next(iter(mappings(body.get("actions"))), {})
    account, button = text(mapping(body, "user"), "id"), text(pressed, "action_id")
    chosen = text(mapping(pressed, "selected_option"), "value")
    channel, _, value = (text(pressed, "value") or chosen or "").partition(" ")
    where = address(body, channel)
    return Press(where, Account(account), button, value, "") if where and account and button else None


def at_home(body: Json) -> tuple[str, Account] | None:
    """Who opened App Home, in which workspace; None for its other tab."""
    event = mapping(body, "event")
    team, account = workspace(body), text(event, "user")
    return (team, Account(account)) if team and account and event.get("tab") == "home" else None


def command(body: Json) -> Command | None:
    """A slash command; its first word in lower case, the rest as typed."""
    where, account = address(body, text(body, "channel_id")), text(body, "user_id")
    if where is None or account is None:
        return None
    word, _, argument = (text(body, "text") or "").strip().partition(" ")
    return Command(where, Account(account), word.lower(), argument.strip(), text(body, "trigger_id") or "")


def joined(body: Json) -> Joined | None:
    """Who came into which channel, and who asked them in."""
    event = mapping(body, "event")
    where, account, inviter = address(body, text(event, "channel")), text(event, "user"), text(event, "inviter")
    if where is None or account is None:
        return None
    return Joined(where, Account(account), Account(inviter) if inviter else None)


def channel_of(body: Json) -> GroupAddress | None:
    """The channel that an event is about."""
    return address(body, text(mapping(body, "event"), "channel"))


def moved(body: Json) -> tuple[GroupAddress, GroupAddress] | None:
    """A channel's old and new address."""
    event = mapping(body, "event")
    old = address(body, text(event, "old_channel_id"))
    new = address(body, text(event, "new_channel_id"))
    return (old, new) if old and new else None


def people_revoked(body: Json) -> tuple[Account, ...]:
    """Whose own tokens were revoked."""
    accounts = mapping(mapping(body, "event"), "tokens").get("oauth")
    return tuple(Account(each) for each in accounts if isinstance(each, str)) if isinstance(accounts, list) else ()


def bot_revoked(body: Json) -> bool:
    """Whether the bot's own token is among those revoked, and not just people's."""
    return bool(mapping(mapping(body, "event"), "tokens").get("bot"))
