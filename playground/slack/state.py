"""The workspace as Slack remembers it: accounts, channels, messages, views, files."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]
ChannelKind = Literal["private", "public", "im"]


@dataclass(slots=True)
class Account:
    """A person or the bot user; `key` names the person who acts through it, None for the bot."""

    id: str
    handle: str
    name: str
    key: str | None
    language: str = "en"
    tz: str = "Europe/Paris"
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False


@dataclass(slots=True)
class Message:
    """One message; `viewer` is set for an ephemeral one, which only that account sees."""

    ts: str
    author: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    by_app: bool = False
    subtype: str | None = None
    client_msg_id: str | None = None
    edited: Json | None = None
    metadata: Json | None = None
    attachments: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    viewer: str | None = None
    preview: bool = False
    shared_links: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Channel:
    """A conversation; `whispers` holds the ephemeral messages that nobody has reloaded away yet."""

    id: str
    name: str
    kind: ChannelKind
    creator: str
    created: int
    members: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    whispers: dict[str, Message] = field(default_factory=dict)
    is_archived: bool = False
    is_ext_shared: bool = False
    previous_ids: list[str] = field(default_factory=list)

    @property
    def channel_type(self) -> str:
        """The word of `channel_type` in message events."""
        return {"private": "group", "public": "channel", "im": "im"}[self.kind]

    @property
    def scope_noun(self) -> str:
        """The noun of the scopes that open this conversation: `groups`, `channels` or `im`."""
        return {"private": "groups", "public": "channels", "im": "im"}[self.kind]


@dataclass(slots=True)
class View:
    """A modal or an App Home; `hash` changes with every update."""

    id: str
    user: str
    payload: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class StoredFile:
    """An upload: announced, then filled, then completed."""

    id: str
    name: str
    length: int
    owner: str
    title: str = ""
    alt_text: str = ""
    data: bytes | None = None
    completed: bool = False


@dataclass(slots=True)
class Workspace:
    """One Slack workspace."""

    id: str
    name: str
    domain: str
    bot_user: str
    bot_id: str
    accounts: dict[str, Account] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    modals: dict[str, list[View]] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    toasts: dict[str, list[Json]] = field(default_factory=dict)
    last_tick: int = 0
    serial: int = 0

    def tick(self, now: datetime) -> str:
        """Return a new `ts`: the time in seconds with six decimals, never the same twice."""
        self.last_tick = max(int(now.timestamp() * 1_000_000), self.last_tick + 1)
        return f"{self.last_tick // 1_000_000}.{self.last_tick % 1_000_000:06d}"

    def new_id(self, letter: str) -> str:
        """Return a new id of Slack's looks, such as `V0PG00002A`."""
        self.serial += 1
        return f"{letter}0PG{self.serial:07X}"

    def account_of(self, key: str) -> Account:
        """Return the account a person acts through.

        Raises:
            KeyError: nobody of that key is in the workspace.
        """
        for account in self.accounts.values():
            if account.key == key:
                return account
        raise KeyError(key)

    def channel(self, word: str) -> Channel | None:
        """Return the channel with this id or name (with or without `#`), None when there is none."""
        name = word.removeprefix("#")
        if word in self.channels:
            return self.channels[word]
        return next((c for c in self.channels.values() if c.kind != "im" and c.name == name), None)

    def direct_channel(self, account: str, now: datetime) -> Channel:
        """Return the direct conversation between the app and an account, opened when it was not."""
        for channel in self.channels.values():
            if channel.kind == "im" and account in channel.members:
                return channel
        opened = Channel(
            id=self.new_id("D"),
            name="",
            kind="im",
            creator=self.bot_user,
            created=int(now.timestamp()),
            members=[account, self.bot_user],
        )
        self.channels[opened.id] = opened
        return opened
