"""People who use the bot inline: they type its name and a query anywhere, and send one of the results as their own."""

from dataclasses import replace
from typing import Any

from playground.telegram.acting import Acting, public_id
from playground.telegram.contents import text_body
from playground.telegram.shapes import user_json
from playground.telegram.state import Message, Query

QUERY_LIMIT = 256
"""Characters of a query; clients send no more [https://core.telegram.org/bots/api#inlinequery]."""


class Inlining(Acting):
    """What people do with the bot's inline mode."""

    async def inline(self, person: str, conversation: str, query: str) -> str:
        """Type `@bot query` in a conversation.

        Returns:
            The id of the inline query.

        Raises:
            PermissionError: The bot has no inline mode.
        """
        world, actor = self._platform.world, self._person(person)
        chat = self._place(actor, conversation)
        if not world.bot.inline:
            raise PermissionError("BOT_INLINE_DISABLED")
        asked = Query(
            f"{actor.telegram_id}{world.next_serial():08d}", actor.telegram_id, self._platform.now(), text=query
        )
        world.queries[asked.id] = replace(asked, text=query[:QUERY_LIMIT])
        payload: dict[str, Any] = {"id": asked.id, "from": user_json(world, actor.telegram_id), "offset": ""}
        payload |= {"query": query[:QUERY_LIMIT], "chat_type": "sender" if chat.kind == "private" else chat.kind}
        await self._heard([self._platform.delivery.emit("inline_query", payload, actor.telegram_id)])
        return asked.id

    def inline_results(self, person: str) -> list[dict[str, str]]:
        """What the bot offers somebody now: id, title and description of each result of the last answered query."""
        query = self._last_answered(person)
        offered = [] if query is None else query.results or []
        keys = ("id", "title", "description")
        return [{key: str(result.get(key, "")) for key in keys} for result in offered]

    def inline_advice(self, person: str) -> dict[str, str] | None:
        """The button above the last answered query's results: its text, and what it starts the private chat with."""
        query = self._last_answered(person)
        button = query.advice if query else None
        return None if button is None else {"text": button["text"], "payload": button["start_parameter"]}

    async def choose(self, person: str, conversation: str, result_id: str) -> str:
        """Send one of the offered results.

        Returns:
            The id of the message, which is the person's own, marked as sent through the bot.

        Raises:
            PermissionError: There is no such result.
        """
        actor, query = self._person(person), self._last_answered(person)
        chat = self._place(actor, conversation)
        result = next((one for one in (query and query.results) or [] if one["id"] == result_id), None)
        if query is None or result is None:
            raise PermissionError("RESULT_ID_INVALID")
        body = text_body(result["input_message_content"] | {"reply_markup": result.get("reply_markup")}, "message_text")
        message = self._written(actor, chat, body, None, None)
        message.via_bot = True
        if body.markup is not None:
            message.inline_message_id = f"BAAAA{self._platform.world.next_serial():011d}"
        self._platform.post(chat, message)
        await self._heard([self._tell_chosen(query, result_id, message), self._platform.tell_message(message)])
        return public_id(message)

    def _tell_chosen(self, query: Query, result_id: str, message: Message) -> int | None:
        world = self._platform.world
        if not world.bot.inline_feedback:
            return None
        payload = {"result_id": result_id, "from": user_json(world, query.user_id), "query": query.text}
        if message.inline_message_id is not None:
            payload["inline_message_id"] = message.inline_message_id
        return self._platform.delivery.emit("chosen_inline_result", payload, query.user_id)

    def _last_answered(self, person: str) -> Query | None:
        user_id = self._person(person).telegram_id
        queries = [query for query in self._platform.world.queries.values() if query.user_id == user_id]
        return next((query for query in reversed(queries) if query.results is not None), None)
