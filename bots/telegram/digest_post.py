"""How a digest is posted: the words under the chart, the words with the chart as a reply, or the words alone."""

from typing import Any

from telegram import InputMediaPhoto, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bots.telegram import editions
from bots.telegram.client import Client
from bots.telegram.keyboards import Keyboards
from core.editions import is_full
from core.model import Digest, GroupAddress, Revision
from texts.catalogue import Texts
from texts.pictures import chart, png

NO_TEXT = "no text in the message"
"""What a 400 says to an edit of words that stand under a picture."""
UNCHANGED = "is not modified"


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

    async def post(self, address: GroupAddress, digest: Digest) -> Message:
        """Post once; the message that holds the words.

        Raises:
            TelegramError: they were not posted, or nobody knows.
        """
        edition, group = digest.edition, address.conversation
        words = self._texts.speak(edition.language)
        html = editions.digest(edition, words, editions.talks_in(group, digest.messages))
        keyboard = self._keyboards.edition(group, edition.week, words)
        where = _where(address, digest)
        if not is_full(edition):
            return await self._client.send_message(text=html, reply_markup=keyboard, **where)
        picture = png(chart(edition, words))
        if editions.fits_under_a_photo(html):
            try:
                return await self._client.send_photo(photo=picture, caption=html, reply_markup=keyboard, **where)
            except BadRequest:  # a definite no, as where photos are not allowed: the words say it all
                return await self._client.send_message(text=html, reply_markup=keyboard, **where)
        posted = await self._client.send_message(text=html, reply_markup=keyboard, **where)
        await self._add_chart(picture, posted, where)
        return posted

    async def revise(self, address: GroupAddress, revision: Revision) -> str:
        """Edit a posted digest, and the chart that it stands under; the id of its message.

        Raises:
            TelegramError: it was not edited, or nobody knows.
        """
        group, words = address.conversation, self._texts.speak(revision.edition.language)
        html = editions.digest(revision.edition, words, editions.talks_in(group, revision.messages))
        keyboard = self._keyboards.edition(group, revision.edition.week, words)
        message: dict[str, Any] = {"chat_id": int(group), "message_id": int(revision.posted), "reply_markup": keyboard}
        try:
            await self._client.edit_message_text(html, **message)
        except BadRequest as error:
            if NO_TEXT in error.message:
                await self._redraw(chart(revision.edition, words), html, message)
            elif UNCHANGED not in error.message:
                raise
        return revision.posted

    async def _redraw(self, drawn: str, html: str, message: dict[str, Any]) -> None:
        """The words stand under a chart, which tells the same figures."""
        try:
            picture = InputMediaPhoto(png(drawn), html, ParseMode.HTML)
            # the library adds a `parse_mode` of its own to this call, which has none: the picture brings it
            await self._client.edit_message_media(picture, api_kwargs={"parse_mode": None}, **message)
        except BadRequest as error:
            if UNCHANGED not in error.message:
                raise

    async def _add_chart(self, picture: bytes, posted: Message, where: dict[str, Any]) -> None:
        below = ReplyParameters(posted.message_id)
        try:
            await self._client.send_photo(photo=picture, reply_parameters=below, **where)
        except TelegramError:
            return  # the digest is posted and complete: one without its picture is better than two


def _where(address: GroupAddress, digest: Digest) -> dict[str, Any]:
    return {
        "chat_id": int(address.conversation),
        "message_thread_id": int(digest.topic) if digest.topic else None,
        "disable_notification": True,
    }
