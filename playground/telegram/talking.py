"""People who write, edit, delete, react, forward and press buttons."""

import re
from dataclasses import replace
from typing import Any

from playground.people import Person
from playground.telegram.acting import Acting, public_id, typed
from playground.telegram.arguments import Upload
from playground.telegram.contents import store_picture
from playground.telegram.ephemerals import next_id
from playground.telegram.images import blank_png
from playground.telegram.shapes import chat_json, message_json, unix, user_json
from playground.telegram.state import ADMINS, Body, Chat, Ephemeral, Member, Message, Query

_COMMAND = re.compile(r"/([a-z0-9_]{1,32})(?:@\w+)?(?:\s|$)")


class Talking(Acting):
    """What people do with messages. A refused act raises PermissionError with the platform's words."""

    async def say(
        self,
        person: str,
        conversation: str,
        text: str,
        *,
        reply_to: str | None = None,
        thread: str | None = None,
        formatted: bool = False,
    ) -> str:
        """Write a message; `formatted` reads the text as HTML, the way a client formats it.

        Returns:
            The message's id.
        """
        actor = self._person(person)
        chat = self._place(actor, conversation)
        message = self._written(actor, chat, typed(text, formatted=formatted), reply_to, thread)
        message.ephemeral = self._ephemeral_command(actor, chat, text)
        self._platform.post(chat, message)
        await self._heard([self._platform.tell_message(message)])
        return public_id(message)

    async def command(self, person: str, conversation: str, command: str, arguments: str = "") -> str:
        """Send a command, in groups addressed to the bot as clients do; an ephemeral one is seen by nobody else."""
        private = int(conversation) == self._person(person).telegram_id
        at = "" if private else f"@{self._platform.world.bot.username}"
        return await self.say(person, conversation, f"/{command}{at} {arguments}".rstrip())

    async def start(self, person: str, payload: str = "") -> str:
        """Press Start in the private chat, or follow a deep link with a payload; unblocks the bot first."""
        actor = self._person(person)
        bot_id = self._platform.world.bot.id
        chat = self._platform.world.chats.get(actor.telegram_id)
        if chat is not None and chat.member(bot_id).status == "kicked":
            await self._heard(self._platform.change_member(chat, bot_id, Member("member"), by=actor.telegram_id))
        return await self.say(person, self.private(person), f"/start {payload}".rstrip())

    async def block_bot(self, person: str) -> None:
        """Block the bot in the private chat."""
        actor = self._person(person)
        chat = self._private_chat(actor)
        updates = self._platform.change_member(
            chat, self._platform.world.bot.id, Member("kicked"), by=actor.telegram_id
        )
        await self._heard(updates)

    async def say_photo(
        self, person: str, conversation: str, caption: str = "", *, image: bytes | None = None, album: str | None = None
    ) -> str:
        """Post a photo; photos with one album id make an album, each a message of its own."""
        actor = self._person(person)
        chat = self._place(actor, conversation)
        upload = Upload("photo.png", "image/png", blank_png() if image is None else image)
        words = typed(caption, formatted=False) if caption else Body()
        body = replace(words, picture=store_picture(self._platform.world, upload, "photo"))
        message = self._written(actor, chat, body, None, None)
        message.album_id = album
        self._platform.post(chat, message)
        await self._heard([self._platform.tell_message(message)])
        return public_id(message)

    async def forward(self, person: str, source: str, message_id: str, target: str) -> str:
        """Forward a message into another conversation."""
        actor = self._person(person)
        origin_chat, chat = self._place(actor, source), self._place(actor, target)
        original = self._message(actor, origin_chat, message_id)
        if original.protected or origin_chat.protected:
            raise PermissionError("CHAT_FORWARDS_RESTRICTED")
        message = self._written(actor, chat, replace(original.body, markup=None), None, None)
        message.origin, message.via_bot = self._origin(original), original.via_bot
        self._platform.post(chat, message)
        await self._heard([self._platform.tell_message(message)])
        return public_id(message)

    async def edit(
        self, person: str, conversation: str, message_id: str, text: str, *, formatted: bool = False
    ) -> None:
        """Change one's own message; the caption, if it is a photo."""
        actor = self._person(person)
        chat = self._place(actor, conversation)
        message = self._message(actor, chat, message_id)
        if message.sender_id != actor.telegram_id or message.service is not None or message.ephemeral is not None:
            raise PermissionError("MESSAGE_AUTHOR_REQUIRED")
        words = typed(text, formatted=formatted)
        body = replace(message.body, text=words.text, entities=words.entities)
        if body == message.body:
            raise PermissionError("MESSAGE_NOT_MODIFIED")
        message.body, message.edited = body, self._platform.now()
        await self._heard([self._platform.tell_message(message, "edited_message")])

    async def remove(self, person: str, conversation: str, message_id: str) -> None:
        """Delete a message, one's own or as an administrator; bots are not told [tdlib/telegram-bot-api issue 286]."""
        actor = self._person(person)
        chat = self._place(actor, conversation)
        message = self._message(actor, chat, message_id)
        is_admin = chat.member(actor.telegram_id).status in ADMINS
        if not (chat.kind == "private" or is_admin or message.sender_id == actor.telegram_id or message.ephemeral):
            raise PermissionError("MESSAGE_DELETE_FORBIDDEN")
        if message.ephemeral is not None:
            del chat.ephemerals[message.ephemeral.id]
        else:
            del chat.messages[message.id]

    async def react(self, person: str, conversation: str, message_id: str, emoji: str | None) -> None:
        """Set one's reaction on a message, or take it back with None."""
        actor = self._person(person)
        chat = self._place(actor, conversation)
        message = self._message(actor, chat, message_id)
        old = message.reactions.pop(actor.telegram_id, None)
        if emoji is not None:
            message.reactions[actor.telegram_id] = emoji
        await self._heard([self._tell_reaction(actor, chat, message, (old, emoji))])

    async def press(self, person: str, conversation: str, message_id: str, button_id: str) -> str | None:
        """Press an inline button, named `row-column`.

        Returns:
            The id of the callback query; None when the button is the client's own business (a link, an inline prompt).
        """
        actor = self._person(person)
        message = self._message(actor, self._place(actor, conversation), message_id)
        data = _button(message, button_id).get("callback_data")
        if data is None:
            return None
        query = Query(self._new_query_id(actor), actor.telegram_id, self._platform.now(), message)
        self._platform.world.queries[query.id] = query
        payload = self._callback_json(query, message, data)
        await self._heard([self._platform.delivery.emit("callback_query", payload, actor.telegram_id)])
        return query.id

    def dismiss(self, person: str, toast_id: str) -> None:
        """Take a toast off somebody's screen."""
        world, user_id = self._platform.world, self._person(person).telegram_id
        world.toasts = [toast for toast in world.toasts if (toast.id, toast.user_id) != (toast_id, user_id)]

    def _new_query_id(self, actor: Person) -> str:
        return str(actor.telegram_id * 2**32 + self._platform.world.next_serial())

    def _callback_json(self, query: Query, message: Message, data: str) -> dict[str, Any]:
        world = self._platform.world
        payload = {
            "id": query.id,
            "from": user_json(world, query.user_id),
            "chat_instance": str(message.chat_id * 7919),
        }
        if message.inline_message_id is not None:
            return payload | {"inline_message_id": message.inline_message_id, "data": data}
        return payload | {"message": message_json(world, message), "data": data}

    def _tell_reaction(
        self, actor: Person, chat: Chat, message: Message, change: tuple[str | None, str | None]
    ) -> int | None:
        world = self._platform.world
        if chat.kind != "private" and world.bot_in(chat).status not in ADMINS:
            return None
        old, new = ([{"type": "emoji", "emoji": emoji}] if emoji else [] for emoji in change)
        payload = {"chat": chat_json(chat), "message_id": message.id, "date": unix(self._platform.now())}
        who = (
            {"actor_chat": chat_json(chat)}
            if chat.member(actor.telegram_id).anonymous
            else {"user": user_json(world, actor.telegram_id)}
        )
        return self._platform.delivery.emit(
            "message_reaction", payload | who | {"old_reaction": old, "new_reaction": new}, chat.id
        )

    def _origin(self, original: Message) -> dict[str, Any]:
        world = self._platform.world
        if original.origin is not None:
            return original.origin
        if original.anonymous:
            chat = chat_json(world.chats[original.chat_id])
            return {"type": "chat", "date": unix(original.date), "sender_chat": chat}
        return {"type": "user", "date": unix(original.date), "sender_user": user_json(world, original.sender_id)}

    def _ephemeral_command(self, actor: Person, chat: Chat, text: str) -> Ephemeral | None:
        """A command that the bot's list for groups calls ephemeral is seen by its sender and the bot alone."""
        name = _COMMAND.match(text)
        if name is None or chat.kind == "private":
            return None
        scopes = {f"chat:{chat.id}", "all_group_chats", "default"}
        scopes |= {"all_chat_administrators"} if chat.member(actor.telegram_id).status in ADMINS else set()
        lists = [commands for (scope, _), commands in self._platform.world.bot.commands.items() if scope in scopes]
        if any(command["command"] == name[1] and command.get("is_ephemeral") for known in lists for command in known):
            return Ephemeral(next_id(self._platform), self._platform.world.bot.id)
        return None


def _button(message: Message, button_id: str) -> dict[str, Any]:
    rows = (message.body.markup or {"inline_keyboard": []})["inline_keyboard"]
    buttons = {f"{row}-{column}": button for row, line in enumerate(rows) for column, button in enumerate(line)}
    if button_id not in buttons:
        raise PermissionError("BUTTON_INVALID")
    found: dict[str, Any] = buttons[button_id]
    return found
