"""The stand-in's works: what the methods and the people act upon, and how the bot hears of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from playground.telegram.delivery import Delivery
from playground.telegram.limits import SendLimits
from playground.telegram.shapes import chat_json, member_json, message_json, unix, user_json
from playground.telegram.state import ADMINS, ANONYMOUS_ADMIN_ID, PRESENT, Chat, Member, Message, World

_COMMAND = re.compile(r"/[a-zA-Z0-9_]{1,64}(?:@(?P<bot>[a-zA-Z0-9_]+))?")


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything behind the API.

    Attributes:
        world: What there is.
        delivery: The way to the bot.
        limits: How fast the bot may speak.
        now: The playground's clock.
    """

    world: World
    delivery: Delivery
    limits: SendLimits
    now: Callable[[], datetime]

    def post(self, chat: Chat, message: Message) -> Message:
        """Put a message into a chat under the chat's next id; an ephemeral one keeps its id 0."""
        if message.ephemeral is not None:
            chat.ephemerals[message.ephemeral.id] = message
            return message
        chat.last_message_id += 1
        message.id = chat.last_message_id
        chat.messages[message.id] = message
        return message

    def tell_message(self, message: Message, kind: str = "message") -> int | None:
        """Tell the bot of a message, if it may hear it."""
        chat = self.world.chats[message.chat_id]
        if not hears(self.world, chat, message):
            return None
        return self.delivery.emit(kind, message_json(self.world, message), chat.id)

    def change_member(self, chat: Chat, user_id: int, new: Member, by: int) -> list[int | None]:
        """Change somebody's standing; the bot hears of its own changes, and of others' when it is an administrator."""
        old = chat.member(user_id)
        watches = self.world.bot_in(chat).status in ADMINS
        chat.members[user_id] = new
        kind = "my_chat_member" if user_id == self.world.bot.id else "chat_member"
        if kind == "chat_member" and not watches:
            return []
        return [self.delivery.emit(kind, self._change_json(chat, user_id, (old, new), by), chat.id)]

    def _change_json(self, chat: Chat, user_id: int, change: tuple[Member, Member], by: int) -> dict[str, Any]:
        actor = ANONYMOUS_ADMIN_ID if chat.member(by).anonymous else by
        old, new = change
        return {
            "chat": chat_json(chat),
            "from": user_json(self.world, actor),
            "date": unix(self.now()),
            "old_chat_member": member_json(self.world, user_id, old),
            "new_chat_member": member_json(self.world, user_id, new),
        }


def hears(world: World, chat: Chat, message: Message) -> bool:
    """Whether the bot gets a message [https://core.telegram.org/bots/features#privacy-mode].

    With privacy mode on, a bot that is no administrator gets commands that are not meant for another bot, replies to
    itself, what was sent through it, and service messages. Its own messages it never gets.
    """
    me = world.bot_in(chat)
    if me.status not in PRESENT or message.sender_id == world.bot.id:
        return False
    if message.ephemeral is not None:
        return True
    if chat.kind == "private" or me.hears_all or me.status in ADMINS:
        return True
    return message.via_bot or message.service is not None or _addressed(world, chat, message)


def _addressed(world: World, chat: Chat, message: Message) -> bool:
    replied = chat.messages.get(message.reply_to or 0)
    if replied is not None and replied.sender_id == world.bot.id:
        return True
    command = _COMMAND.match(message.body.text)
    return command is not None and command["bot"] in {None, world.bot.username}
