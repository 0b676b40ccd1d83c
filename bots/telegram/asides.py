"""A word to one person, which in a group nobody else is to read.

In this order: an alert on the tapped button, an ephemeral message (Bot API 10.2 on
[https://core.telegram.org/bots/api#ephemeral-messages-and-commands]), the private chat, and at last a line in the group
that says nothing but where to read on.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, ReplyParameters, Update, User
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, RetryAfter

from bots.telegram import illustrated, parse
from bots.telegram.client import Client
from bots.telegram.illustrated import Illustrated
from bots.telegram.keyboards import to_private_chat
from bots.telegram.patience import Patience
from bots.telegram.seals import Errand
from texts.catalogue import Texts, Words

ALERT_AT_MOST = 200
"""Characters [https://core.telegram.org/bots/api#answercallbackquery]."""


_UNCHANGED = "is not modified"
"""What a 400 says to an edit that changes nothing, as after a second tap on the same button."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one person is told.

    Attributes:
        html: the words, escaped.
        alert: the same without markup, if it is short enough for an alert.
        keyboard: buttons below it.
        errand: the start payload that brings the person to the same words in the private chat.
        picture: a PNG to see beside them; the words are complete without it.
    """

    html: str
    alert: str | None = None
    keyboard: InlineKeyboardMarkup | None = None
    errand: str = Errand.HELP.value
    picture: bytes | None = None


def plainly(text: str, errand: str = Errand.HELP.value) -> Said:
    """Say a text without markup."""
    return Said(escape(text), text if len(text) <= ALERT_AT_MOST else None, errand=errand)


class Asides:
    """Tells people things in private.

    Args:
        client: the Bot API.
        texts: for the line that points to the private chat.
        patience: keeps what Telegram puts off.

    Attributes:
        ephemerals: whether the server has shown that it knows ephemeral messages. One that does not would ignore the
            parameter and post for all to read, so that none are tried before.
    """

    def __init__(self, client: Client, texts: Texts, patience: Patience) -> None:
        self._client = client
        self._texts = texts
        self._patience = patience
        self.ephemerals = False

    async def tell(self, update: Update, said: Said) -> None:
        """Tell the person who tapped or commanded; what Telegram puts off follows.

        Raises:
            TelegramError: none of the ways was open.
        """
        if update.callback_query is not None:
            await self._tell_tapper(update.callback_query, said)
        elif update.message is not None:
            await self._patience.say(partial(self._tell_commander, update.message, said))

    async def hand(self, person: User, content: bytes, name: str, caption: str) -> bool:
        """Give a file to one person in the private chat; False when that person never opened it, or blocked us.

        Args:
            person: whom to.
            content: the file.
            name: what it is called.
            caption: HTML, escaped.
        """
        return await self._privately(
            partial(self._client.send_document, person.id, content, caption=caption, filename=name)
        )

    async def tell_patiently(self, person: int, said: Said) -> bool:
        """As `tell_privately`, for somebody who just asked: what Telegram puts off follows, and counts as told."""
        return await self._privately(partial(self._show, said, {"chat_id": person}))

    async def _privately(self, words: Callable[[], Awaitable[object]]) -> bool:
        try:
            await self._patience.say(words)
        except (BadRequest, Forbidden):  # never started us, or blocked us
            return False
        return True

    async def tell_member(self, group: int, member: int, said: Said, topic: int | None = None) -> bool:
        """Tell a member who is not waiting for it; False when there is no private way, and then it stays unsaid.

        Args:
            group: chat id of the group it is about.
            member: user id of who is to hear it.
            said: the words.
            topic: where in the group the member would look for it.
        """
        receiver = {"receiver_user_id": member}
        may_whisper = await self._is_admin(group)
        if may_whisper and await self._whisper(group, said, receiver, thread=topic):
            return True
        return await self.tell_privately(member, said)

    async def redraw(self, update: Update, said: Said) -> None:
        """Change what a person was told, in place of telling it again: the message whose button they tapped.

        Raises:
            TelegramError: it could not be changed.
        """
        query = update.callback_query
        message = query.message if query else None
        if query is None or not isinstance(message, Message):
            return
        try:
            await self._rewrite(query, message, said)
        except RetryAfter:  # edits count as messages
            words = self._texts.speak(query.from_user.language_code)
            await query.answer(words.say("telegram.slow_down"))
            return
        except BadRequest as error:
            if _UNCHANGED not in error.message:
                raise
        await query.answer()

    async def _rewrite(self, query: CallbackQuery, message: Message, said: Said) -> None:
        whispered = parse.ephemeral_id(message)
        if whispered is None:
            await query.edit_message_text(said.html, reply_markup=said.keyboard)
            return
        place = {"chat_id": message.chat.id, "receiver_user_id": query.from_user.id, "ephemeral_message_id": whispered}
        words: dict[str, Any] = {"text": said.html, "parse_mode": ParseMode.HTML, "reply_markup": said.keyboard}
        await self._client.do_api_request("editEphemeralMessageText", api_kwargs=place | words)

    # A tapped button --------------------------------------------------------------------------------------------

    async def _tell_tapper(self, query: CallbackQuery, said: Said) -> None:
        if said.alert is not None and said.keyboard is None:
            await query.answer(said.alert, show_alert=True)
            return
        words = self._texts.speak(query.from_user.language_code)
        try:
            told = await self._tell_near(query, said)
        except RetryAfter as put_off:
            self._patience.later(put_off, partial(self._tell_near, query, said))
            await query.answer(words.say("telegram.soon"))
            return
        await query.answer(None if told else words.say("telegram.start_first"), show_alert=not told)

    async def _tell_near(self, query: CallbackQuery, said: Said) -> bool:
        return await self._tell_under_button(query, said) or await self.tell_privately(query.from_user.id, said)

    async def _tell_under_button(self, query: CallbackQuery, said: Said) -> bool:
        message = query.message
        if message is None:
            return False
        if not parse.is_group(message.chat):
            await self._show(said, {"chat_id": message.chat.id})
            return True
        receiver = {"receiver_user_id": query.from_user.id, "callback_query_id": query.id}
        thread = message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
        return await self._whisper(message.chat.id, said, receiver, thread=thread)

    # A command --------------------------------------------------------------------------------------------------

    async def _tell_commander(self, command: Message, said: Said) -> None:
        person = parse.sender(command)
        if not parse.is_group(command.chat):
            await self._show(said, {"chat_id": command.chat.id})
        elif person is None and parse.actor(command).speaks_as_group:
            await self._reply(command, said)  # the group itself asked: the group is told
        elif person is None or command.from_user is None:
            await self._point(command, said, self._texts.speak(None))
        elif not (
            await self._whisper_back(command, command.from_user, said)
            or await self.tell_privately(command.from_user.id, said)
        ):
            await self._point(command, said, self._texts.speak(command.from_user.language_code))

    async def _whisper_back(self, command: Message, person: User, said: Said) -> bool:
        heard = parse.ephemeral_id(command)
        if heard is not None:
            self.ephemerals = True
        elif not await self._is_admin(command.chat.id):
            return False
        thread = command.message_thread_id if command.is_topic_message else None
        return await self._whisper(
            command.chat.id, said, {"receiver_user_id": person.id}, thread=thread, in_reply_to=heard
        )

    async def _is_admin(self, group: int) -> bool:
        """Only an administrator may whisper without having been whispered to."""
        if not self.ephemerals:
            return False
        me = await self._client.get_chat_member(group, self._client.id)
        return me.status == me.ADMINISTRATOR

    async def _point(self, command: Message, said: Said, words: Words) -> None:
        keyboard = to_private_chat(self._client.username, said.errand, words)
        await self._reply(command, Said(escape(words.say("telegram.in_private")), keyboard=keyboard))

    async def _reply(self, command: Message, said: Said) -> None:
        thread = command.message_thread_id if command.is_topic_message else None
        # an ephemeral command has the id 0, and a reply to it would fail
        reply = ReplyParameters(command.message_id, allow_sending_without_reply=True) if command.message_id else None
        await self._client.send_message(
            command.chat.id,
            said.html,
            reply_markup=said.keyboard,
            reply_parameters=reply,
            message_thread_id=thread,
            disable_notification=True,
        )

    # The ways ---------------------------------------------------------------------------------------------------

    async def _whisper(
        self, chat_id: int, said: Said, receiver: dict[str, Any], *, thread: int | None, in_reply_to: int | None = None
    ) -> bool:
        if not self.ephemerals:
            return False
        extra: dict[str, Any] = {"ephemeral_message_parameters": receiver}
        if in_reply_to is not None:
            extra["reply_parameters"] = {"ephemeral_message_id": in_reply_to}
        shown = Illustrated(said.html, said.picture, said.keyboard)
        where = {"chat_id": chat_id, "message_thread_id": thread, "api_kwargs": extra}
        try:
            sent = await illustrated.post(self._client, shown, where)
        except (BadRequest, Forbidden):
            return False
        if parse.ephemeral_id(sent) is None:  # the server did not understand: take back what all can read
            self.ephemerals = False
            await self._client.delete_message(chat_id, sent.message_id)
            return False
        await illustrated.follow(self._client, shown, sent, where)
        return True

    async def _show(self, said: Said, where: dict[str, Any]) -> None:
        shown = Illustrated(said.html, said.picture, said.keyboard)
        posted = await illustrated.post(self._client, shown, where)
        await illustrated.follow(self._client, shown, posted, where)

    async def tell_privately(self, person: int, said: Said) -> bool:
        """Tell somebody in the private chat; False when they never opened it, or blocked us."""
        try:
            await self._show(said, {"chat_id": person})
        except (BadRequest, Forbidden):  # never started us, or blocked us
            return False
        return True
