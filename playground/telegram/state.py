"""What the stand-in remembers: people, chats, members, messages, queries and files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from playground.people import Person
from playground.telegram.entities import Entity

ChatKind = Literal["private", "group", "supergroup"]
Status = Literal["creator", "administrator", "member", "left", "kicked"]

ANONYMOUS_ADMIN_ID = 1087968824
"""GroupAnonymousBot, who signs for administrators that hide [https://core.telegram.org/bots/api#message]."""

PRESENT = frozenset({"creator", "administrator", "member"})
ADMINS = frozenset({"creator", "administrator"})


@dataclass(slots=True)
class Member:
    """Somebody's standing in a chat.

    Attributes:
        status: As in ChatMember.
        anonymous: Whether an administrator signs as the group.
        rights: What an administrator may do, as in ChatMemberAdministrator.
        hears_all: For the bot: what its privacy mode was when it joined; a change counts from the next joining on.
    """

    status: Status
    anonymous: bool = False
    rights: frozenset[str] = frozenset()
    hears_all: bool = False


@dataclass(slots=True)
class Topic:
    """A topic of a forum."""

    name: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """An image or a document in a message, by the id of its file."""

    file_id: str
    kind: Literal["photo", "document"]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that somebody uploaded."""

    file_id: str
    name: str
    mime: str
    content: bytes
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Body:
    """What a message says, all that an edit may change.

    Attributes:
        text: The text, or the caption when there is a picture.
        entities: Its entities.
        picture: The image or document, if any.
        markup: The inline keyboard as JSON, if any.
        preview: The LinkPreviewOptions as JSON, if any.
        caption_above: Whether the caption stands above the picture.
    """

    text: str = ""
    entities: tuple[Entity, ...] = ()
    picture: Picture | None = None
    markup: dict[str, Any] | None = None
    preview: dict[str, Any] | None = None
    caption_above: bool = False


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """What makes a message visible to one person (and the bot) only."""

    id: int
    receiver_id: int
    in_place_of: int | None = None


@dataclass(slots=True)
class Message:
    """One message of a chat.

    Attributes:
        id: 0 for an ephemeral message, as on the platform.
        sender_id: Who wrote it, truly; an anonymous administrator is unmasked nowhere outside.
        anonymous: Whether it is signed by the group.
        service: The one field of a service message, such as `new_chat_members`.
    """

    chat_id: int
    id: int
    sender_id: int
    date: datetime
    body: Body
    anonymous: bool = False
    reply_to: int | None = None
    thread_id: int | None = None
    edited: datetime | None = None
    album_id: str | None = None
    origin: dict[str, Any] | None = None
    via_bot: bool = False
    inline_message_id: str | None = None
    protected: bool = False
    ephemeral: Ephemeral | None = None
    service: dict[str, Any] | None = None
    reactions: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Chat:
    """A private chat with the bot, a basic group or a supergroup."""

    id: int
    kind: ChatKind
    title: str
    members: dict[int, Member] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    ephemerals: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    protected: bool = False
    migrated_to: int | None = None
    last_message_id: int = 0

    @property
    def is_forum(self) -> bool:
        """Whether the group has topics."""
        return bool(self.topics)

    def member(self, user_id: int) -> Member:
        """Somebody's standing; who never was here has left."""
        return self.members.get(user_id, Member("left"))

    def present(self) -> list[int]:
        """The ids of those who are in the chat now."""
        return [user_id for user_id, member in self.members.items() if member.status in PRESENT]

    def in_order(self) -> Iterator[Message]:
        """All messages, ephemeral ones among the others, by time."""
        everything = [*self.messages.values(), *self.ephemerals.values()]
        return iter(sorted(everything, key=lambda message: message.date))


@dataclass(slots=True)
class Query:
    """A callback or inline query that waits for the bot's answer.

    Attributes:
        message: For callbacks: the message whose button was pressed.
        text: For inline queries: what was typed.
        results: For inline queries: what the bot offered.
        advice: For inline queries: what stands on the button above the results.
        answered: Whether the bot answered.
    """

    id: str
    user_id: int
    asked: datetime
    message: Message | None = None
    text: str = ""
    results: list[dict[str, Any]] | None = None
    advice: dict[str, Any] | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Toast:
    """The answer to a pressed button, as the presser sees it."""

    id: str
    user_id: int
    text: str
    alert: bool
    url: str = ""
    """What the presser's client opens: the private chat with the bot."""


@dataclass(slots=True)
class BotProfile:
    """What BotFather and the `setMy…` methods say of the bot; texts and command lists by language and scope."""

    id: int
    username: str
    name: str
    can_read_all: bool = False
    inline: bool = True
    inline_feedback: bool = True
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    menu_buttons: dict[int, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """Everything the stand-in knows."""

    bot: BotProfile
    people: dict[int, Person]
    chats: dict[int, Chat] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    toasts: list[Toast] = field(default_factory=list)
    serial: int = 0

    def next_serial(self) -> int:
        """A number that was not used before in this world."""
        self.serial += 1
        return self.serial

    def bot_in(self, chat: Chat) -> Member:
        """The bot's standing in a chat."""
        return chat.member(self.bot.id)

    def person(self, key: str) -> Person:
        """Somebody by key.

        Raises:
            KeyError: Nobody has this key.
        """
        for person in self.people.values():
            if person.key == key:
                return person
        raise KeyError(f"nobody in the playground is called {key!r}")
