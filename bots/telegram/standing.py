"""How things stand between the bot and Telegram: asked by who looks for what is wrong, never while messages come in."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr
from telegram import ChatMemberAdministrator
from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError

from bots.telegram.client import open_application
from core.errors import PlatformUnavailable

_GONE = frozenset({ChatMemberStatus.LEFT, ChatMemberStatus.BANNED})


@dataclass(frozen=True, slots=True)
class WebhookState:
    """What `getWebhookInfo` tells [https://core.telegram.org/bots/api#webhookinfo].

    Attributes:
        url: where updates are delivered; empty when they are fetched.
        waiting: how many were not delivered yet.
        failed_at: when Telegram last could not deliver.
        error: why, in Telegram's words.
    """

    url: str
    waiting: int
    failed_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the bot is in one group [https://core.telegram.org/bots/api#chatmember]."""

    is_there: bool
    is_admin: bool = False
    may_delete: bool = False


async def webhook_of(token: SecretStr, api_url: str) -> WebhookState:
    """Where Telegram delivers, and how that goes. Raises PlatformUnavailable."""
    with _silent():
        async with open_application(token, api_url).bot as bot:
            info = await bot.get_webhook_info()
            return WebhookState(
                info.url, info.pending_update_count, info.last_error_date, info.last_error_message or ""
            )
    raise PlatformUnavailable


async def standing_in(token: SecretStr, api_url: str, conversations: Iterable[str]) -> Mapping[str, Standing]:
    """What the bot is in each of these conversations. Raises PlatformUnavailable."""
    with _silent():
        async with open_application(token, api_url).bot as bot:
            found = {}
            for conversation in conversations:
                try:
                    me = await bot.get_chat_member(conversation, bot.id)
                except (BadRequest, Forbidden):
                    found[conversation] = Standing(is_there=False)
                    continue
                deletes = isinstance(me, ChatMemberAdministrator) and me.can_delete_messages
                is_admin = me.status == ChatMemberStatus.ADMINISTRATOR
                found[conversation] = Standing(me.status not in _GONE, is_admin, deletes)
            return found
    raise PlatformUnavailable


def _silent() -> suppress:
    """Telegram's errors end here: the library's own words may hold the token, and must not come along."""
    return suppress(InvalidToken, TelegramError)
