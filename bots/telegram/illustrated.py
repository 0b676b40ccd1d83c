"""Words with a picture: under it where they are short enough, else with the picture as a reply to them."""

from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardMarkup, Message, ReplyParameters
from telegram.error import BadRequest, TelegramError

from bots.telegram.client import Client
from bots.telegram.editions import fits_under_a_photo


@dataclass(frozen=True, slots=True)
class Illustrated:
    """What is posted.

    Attributes:
        html: the words, escaped; complete without the picture.
        picture: a PNG; None for words alone.
        keyboard: buttons below the words.
    """

    html: str
    picture: bytes | None = None
    keyboard: InlineKeyboardMarkup | None = None


async def post(client: Client, shown: Illustrated, where: dict[str, Any]) -> Message:
    """Post the words once, under their picture where they fit; the message that holds them.

    Args:
        client: the Bot API.
        shown: what to post.
        where: chat, topic and the like, as each method that sends takes them.

    Raises:
        TelegramError: they were not posted, or nobody knows.
    """
    if shown.picture is not None and fits_under_a_photo(shown.html):
        try:
            caption: dict[str, Any] = {"caption": shown.html, "reply_markup": shown.keyboard}
            return await client.send_photo(photo=shown.picture, **caption, **where)
        except BadRequest:  # a definite no, as where photos are not allowed: the words say it all
            pass
    return await client.send_message(text=shown.html, reply_markup=shown.keyboard, **where)


async def follow(client: Client, shown: Illustrated, posted: Message, where: dict[str, Any]) -> Message | None:
    """Add the picture where the words were too long to stand under it; the message that holds it.

    The words are posted and complete without it: one that does not get through is done without.
    """
    if shown.picture is None or fits_under_a_photo(shown.html):
        return None
    # an ephemeral message has the id 0, to which nothing can reply
    below = {"reply_parameters": ReplyParameters(posted.message_id)} if posted.message_id else {}
    try:
        return await client.send_photo(photo=shown.picture, **(where | below))
    except TelegramError:
        return None
