"""What every act of a person needs: who acts, where, on what, and that the bot hears of it before the act is over."""

from collections.abc import Iterable

from playground.people import Person
from playground.telegram.contents import typed_body
from playground.telegram.errors import ApiError
from playground.telegram.platform import Platform
from playground.telegram.state import ADMINS, PRESENT, Body, Chat, Member, Message


class Acting:
    """The ground on which people act.

    Args:
        platform: What they act upon.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def private(self, person: str) -> str:
        """Say the id of somebody's private chat with the bot."""
        return str(self._platform.world.person(person).telegram_id)

    def _person(self, key: str) -> Person:
        return self._platform.world.person(key)

    def _group(self, conversation: str) -> Chat:
        chat = self._platform.world.chats.get(int(conversation))
        while chat is not None and chat.migrated_to is not None:
            chat = self._platform.world.chats[chat.migrated_to]
        if chat is None or chat.kind == "private":
            raise PermissionError("CHAT_ID_INVALID")
        return chat

    def _place(self, person: Person, conversation: str) -> Chat:
        """Where somebody may speak: a group they are in, or their own chat with the bot, opened by their first word."""
        if int(conversation) == person.telegram_id:
            return self._private_chat(person)
        chat = self._group(conversation)
        if chat.member(person.telegram_id).status not in PRESENT:
            raise PermissionError("USER_NOT_PARTICIPANT")
        return chat

    def _private_chat(self, person: Person) -> Chat:
        world = self._platform.world
        chat = world.chats.get(person.telegram_id)
        if chat is None:
            members = {person.telegram_id: Member("member"), world.bot.id: Member("member")}
            chat = world.chats[person.telegram_id] = Chat(person.telegram_id, "private", person.name, members)
        if world.bot_in(chat).status == "kicked":
            raise PermissionError("YOU_BLOCKED_USER")
        return chat

    def _message(self, person: Person, chat: Chat, message_id: str) -> Message:
        """A message that somebody can see; an ephemeral one goes by `e` and its ephemeral id."""
        number = int(message_id.removeprefix("e"))
        message = (chat.ephemerals if message_id.startswith("e") else chat.messages).get(number)
        if message is None or not visible(message, person.telegram_id):
            raise PermissionError("MESSAGE_ID_INVALID")
        return message

    def _admin(self, person: Person, chat: Chat) -> None:
        if chat.member(person.telegram_id).status not in ADMINS:
            raise PermissionError("CHAT_ADMIN_REQUIRED")

    def _written(self, person: Person, chat: Chat, body: Body, reply_to: str | None, thread: str | None) -> Message:
        member = chat.member(person.telegram_id)
        message = Message(chat.id, 0, person.telegram_id, self._platform.now(), body, anonymous=member.anonymous)
        replied = None if reply_to is None else self._message(person, chat, reply_to)
        message.reply_to = None if replied is None else replied.id or None
        message.thread_id = int(thread) if thread is not None else (replied.thread_id if replied else None)
        topic = None if message.thread_id is None else chat.topics.get(message.thread_id)
        if message.thread_id is not None and topic is None:
            raise PermissionError("MESSAGE_THREAD_INVALID")
        if topic is not None and topic.closed and member.status not in ADMINS:
            raise PermissionError("TOPIC_CLOSED")
        return message

    async def _heard(self, updates: Iterable[int | None]) -> None:
        for update in updates:
            await self._platform.delivery.delivered(update)


def typed(text: str, *, formatted: bool) -> Body:
    """Read what a person typed.

    Raises:
        PermissionError: A client would not send it.
    """
    try:
        return typed_body(text, formatted=formatted)
    except ApiError as error:
        raise PermissionError(error.description) from error


def visible(message: Message, user_id: int) -> bool:
    """Whether somebody sees a message: an ephemeral one is its sender's and its receiver's alone."""
    ephemeral = message.ephemeral
    return ephemeral is None or user_id in {ephemeral.receiver_id, message.sender_id}


def public_id(message: Message) -> str:
    """The id by which people and the page call a message."""
    return str(message.id) if message.ephemeral is None else f"e{message.ephemeral.id}"
