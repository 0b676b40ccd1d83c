"""How a digest is posted: the words under the chart, the words with the chart as a reply, or the words alone."""

from typing import Any

from telegram import InputMediaPhoto, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bots.telegram import editions, illustrated
from bots.telegram.client import Client
from bots.telegram.keyboards import Keyboards
from core.editions import is_full
from core.model import Digest, Edition, GroupAddress, Revision
from texts.catalogue import Texts, Words
from texts.pictures import chart, png

NO_TEXT = "no text in the message"
"""What a 400 says to an edit of words that stand under a picture."""
UNCHANGED = "is not modified"
BESIDE = "+"
"""Between the ids of the words and of the chart that is a reply to them."""


class DigestPost:
    """Posts editions, silently, into their topic.

    Args:
        client: the Bot API.
        texts: every language's words.
        keyboards: the buttons below.
    """

    def __init__(self, client: Client, texts: Texts, keyboards: Keyboards) -> None:
        self._client = client
        self._texts = texts
        self._keyboards = keyboards

    async def post(self, address: GroupAddress, digest: Digest) -> str:
        """Post once; the id of the message that holds the words, and of the one below it that holds the chart.

        Raises:
            TelegramError: they were not posted, or nobody knows.
        """
        edition, group = digest.edition, address.conversation
        words = self._texts.speak(edition.language)
        html = editions.digest(edition, words, editions.talks_in(group, digest.messages))
        keyboard = self._keyboards.edition(group, edition.week, words)
        where = _where(address, digest)
        picture = png(chart(edition, words)) if is_full(edition) else None
        shown = illustrated.Illustrated(html, picture, keyboard)
        posted = await illustrated.post(self._client, shown, where)
        beside = await illustrated.follow(self._client, shown, posted, where)
        return _ids(posted, beside)

    async def revise(self, address: GroupAddress, revision: Revision) -> str:
        """Edit a posted digest, and the chart that it stands under; the id of its message.

        Raises:
            TelegramError: it was not edited, or nobody knows.
        """
        group, words = address.conversation, self._texts.speak(revision.edition.language)
        html = editions.digest(revision.edition, words, editions.talks_in(group, revision.messages))
        keyboard = self._keyboards.edition(group, revision.edition.week, words)
        posted, _, beside = revision.posted.partition(BESIDE)
        message = _message(group, posted)
        try:
            await self._client.edit_message_text(html, reply_markup=keyboard, **message)
        except BadRequest as error:
            if NO_TEXT in error.message:
                await self._redraw(revision.edition, words, html, message | {"reply_markup": keyboard})
            elif UNCHANGED not in error.message:
                raise
        if beside:
            await self._redraw(revision.edition, words, "", _message(group, beside))
        return revision.posted

    async def _redraw(self, edition: Edition, words: Words, html: str, message: dict[str, Any]) -> None:
        """The chart tells the same figures as the words that stand under it, or above."""
        try:
            picture = InputMediaPhoto(png(chart(edition, words)), html, ParseMode.HTML)
            # the library adds a `parse_mode` of its own to this call, which has none: the picture brings it
            await self._client.edit_message_media(picture, api_kwargs={"parse_mode": None}, **message)
        except BadRequest as error:
            if UNCHANGED not in error.message:
                raise


def _ids(posted: Message, beside: Message | None) -> str:
    return str(posted.message_id) if beside is None else f"{posted.message_id}{BESIDE}{beside.message_id}"


def _message(group: str, message: str) -> dict[str, Any]:
    return {"chat_id": int(group), "message_id": int(message)}


def _where(address: GroupAddress, digest: Digest) -> dict[str, Any]:
    return {
        "chat_id": int(address.conversation),
        "message_thread_id": int(digest.topic) if digest.topic else None,
        "disable_notification": True,
    }
