"""How a digest is posted: the words under the chart, the words with the chart as a reply, or the words alone."""

from typing import Any

from telegram import Message, ReplyParameters
from telegram.error import BadRequest, TelegramError

from bots.telegram import editions
from bots.telegram.client import Client
from bots.telegram.keyboards import Keyboards
from core.digests import is_full
from core.model import Digest, GroupAddress
from texts.catalogue import Texts
from texts.pictures import chart, png


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
        html, keyboard = editions.digest(edition, words), self._keyboards.edition(group, edition.week, words)
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
