"""Telegram's words into ours. Pure.

`sender` touches nothing but who a message is from: it is asked, and consent after it, before `message` may read.
"""

from dataclasses import replace
from enum import Enum
from typing import Any

from telegram import Chat, ChatMember, ChatMemberAdministrator, ChatMemberUpdated, MessageEntity, Update, User
from telegram import Message as TelegramMessage
from telegram.constants import ChatType

from core.model import Account, Actor, GroupAddress, Message, Platform

GROUP_TYPES = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})

TELEGRAM_ITSELF = frozenset({777000, 1087968824, 136817688})
"""Accounts that stand for no person: service notifications, anonymous admins, channels
[https://core.telegram.org/bots/api#message, `from`]."""

_LINKS = (MessageEntity.URL, MessageEntity.TEXT_LINK)
_QUOTED_CODE = frozenset({MessageEntity.CODE, MessageEntity.PRE})
_PRESENT = frozenset({ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER})


class Presence(Enum):
    """What a change of standing means for somebody's being in a group."""

    CAME = "came"
    LEFT = "left"
    SAME = "same"


def address(chat: Chat) -> GroupAddress:
    """The group that a chat is."""
    return address_of(chat.id)


def address_of(chat_id: int | str) -> GroupAddress:
    """The group at a chat id."""
    return GroupAddress(Platform.TELEGRAM, "", str(chat_id))


def is_group(chat: Chat | None) -> bool:
    """Whether a chat is one that we serve: channels and private chats are not."""
    return chat is not None and chat.type in GROUP_TYPES


def account(user: User) -> Account:
    """A person's account."""
    return Account(str(user.id))


def sender(message: TelegramMessage) -> Account | None:
    """The person who posted a message; None for channels, anonymous admins, bots, Telegram itself, other bots' words.

    Reads neither text nor entities.
    """
    if message.sender_chat is not None or message.is_automatic_forward or message.via_bot is not None:
        return None
    user = message.from_user
    return None if user is None or user.is_bot or user.id in TELEGRAM_ITSELF else account(user)


def sent_through(message: TelegramMessage, bot: int) -> Account | None:
    """The person who sent a message through our inline mode, written by us and theirs; None for any other message."""
    if message.via_bot is None or message.via_bot.id != bot or message.sender_chat is not None:
        return None
    user = message.from_user
    return None if user is None or user.is_bot or user.id in TELEGRAM_ITSELF else account(user)


def actor(message: TelegramMessage) -> Actor:
    """Who sent a command: a person, or an admin who posts as the group itself, vouched for by Telegram."""
    if message.sender_chat is not None:
        return Actor(None, speaks_as_group=message.sender_chat.id == message.chat.id)
    return Actor(sender(message))


def message(posted: TelegramMessage, poster: Account) -> Message:
    """What a consenting member posted or edited, reduced to what counting needs."""
    return Message(
        address=address(posted.chat),
        account=poster,
        id=str(posted.message_id),
        urls=links(posted),
        posted_at=posted.date,
        edited_at=posted.edit_date,
        topic=topic(posted),
        bare=is_bare(posted),
    )


def shared_by_command(command: TelegramMessage, poster: Account, update: Update) -> Message:
    """What a member hands over with `/share`; an ephemeral command has no id of its own, so the update lends one."""
    given = message(command, poster)
    return given if command.message_id else replace(given, id=f"s{update.update_id}")


def topic(posted: TelegramMessage) -> str | None:
    """The topic of a forum that a message stands in; a plain reply's thread is none."""
    return str(posted.message_thread_id) if posted.is_topic_message and posted.message_thread_id else None


def is_bare(posted: TelegramMessage) -> bool:
    """Whether a message is nothing but addresses, so that a card could stand in its place.

    An album, a reply, a forward and protected content would lose more than their words; so would a word with an
    address behind it.
    """
    circumstances = (
        posted.media_group_id,
        posted.reply_to_message,
        posted.external_reply,
        posted.quote,
        posted.forward_origin,
        posted.has_protected_content,
        posted.edit_date,
        posted.via_bot,
    )
    if not posted.text or any(circumstances):
        return False
    left = posted.text
    for address in posted.parse_entities([MessageEntity.URL]).values():
        left = left.replace(address, "", 1)
    return left != posted.text and not left.strip()


def links(posted: TelegramMessage) -> tuple[str, ...]:
    """The addresses in a message or a caption, in their order, as written; what stands in code is none.

    A bare domain has no scheme; the address behind a word (`text_link`) is as good as one that is spelled out.
    """
    found: dict[MessageEntity, str] = {}
    if posted.text:
        found = posted.parse_entities(list(_LINKS))
    elif posted.caption:
        found = posted.parse_caption_entities(list(_LINKS))
    code = [each for each in (*posted.entities, *posted.caption_entities) if each.type in _QUOTED_CODE]
    in_order = sorted(found, key=lambda entity: entity.offset)
    return tuple(each.url or found[each] for each in in_order if not any(_overlap(each, other) for other in code))


def _overlap(one: MessageEntity, other: MessageEntity) -> bool:
    return one.offset < other.offset + other.length and other.offset < one.offset + one.length


def event_id(update: Update, posted: TelegramMessage) -> str:
    """One delivery, however often it comes.

    An update keeps its number when it is delivered again; alone it would not do, since Telegram starts over with a
    random one after a quiet week, so the message stands beside it.
    """
    edited = int(posted.edit_date.timestamp()) if posted.edit_date else 0
    return f"telegram:{update.update_id}:{posted.chat.id}:{posted.message_id}:{edited}"


def event_of(posted: TelegramMessage) -> str:
    """The same for a message that can't be edited by its sender, as one sent through us."""
    return f"telegram:via:{posted.chat.id}:{posted.message_id}"


def lost_rights(change: ChatMemberUpdated) -> bool:
    """Whether the bot was an administrator, and stays in the group as less, or with fewer rights."""
    before, after = change.old_chat_member, change.new_chat_member
    if not (isinstance(before, ChatMemberAdministrator) and _is_present(after)):
        return False
    deleted = before.can_delete_messages and not (
        isinstance(after, ChatMemberAdministrator) and after.can_delete_messages
    )
    return deleted or after.status not in {ChatMember.ADMINISTRATOR, ChatMember.OWNER}


def presence(change: ChatMemberUpdated) -> Presence:
    """Whether somebody came into a chat, left it, or was there before and after."""
    before, after = _is_present(change.old_chat_member), _is_present(change.new_chat_member)
    if before == after:
        return Presence.SAME
    return Presence.CAME if after else Presence.LEFT


def _is_present(member: ChatMember) -> bool:
    return member.status in _PRESENT or (member.status == ChatMember.RESTRICTED and bool(_field(member, "is_member")))


def _field(member: ChatMember, name: str) -> Any:  # noqa: ANN401 - a field that only some kinds of member have
    return getattr(member, name, None)


def arguments(command: TelegramMessage) -> str:
    """What stands behind a command. The message is addressed to us: it may be read."""
    return (command.text or "").partition(" ")[2].strip()


def ephemeral_id(posted: TelegramMessage) -> int | None:
    """The id of an ephemeral message (Bot API 10.2), a field that the library does not know yet."""
    found = posted.api_kwargs.get("ephemeral_message_id")
    return found if isinstance(found, int) else None
