"""Whose token somebody is about to give us: asked once, before anything is built on it."""

from dataclasses import dataclass

from pydantic import SecretStr
from telegram.error import InvalidToken, TelegramError

from bots.telegram.client import open_application
from bots.telegram.errors import TokenRefused
from core.errors import PlatformUnavailable


@dataclass(frozen=True, slots=True)
class BotSettings:
    """What `getMe` tells of a bot's settings [https://core.telegram.org/bots/api#user].

    Attributes:
        username: its name behind the @.
        joins_groups: whether it may be added to groups.
        sees_all: whether it sees every message of its groups: BotFather's privacy mode turned off
            [https://core.telegram.org/bots/features#privacy-mode].
        inline: whether it has an inline mode.
    """

    username: str
    joins_groups: bool
    sees_all: bool
    inline: bool


async def bot_of(token: SecretStr, api_url: str) -> BotSettings:
    """Whose token it is, and how that bot was set up with @BotFather.

    Raises:
        TokenRefused: Telegram does not know the token.
        PlatformUnavailable: Telegram does not answer.
    """
    refused = TokenRefused()
    try:
        async with open_application(token, api_url).bot as bot:
            joins, sees_all = bool(bot.can_join_groups), bool(bot.can_read_all_group_messages)
            return BotSettings(bot.username, joins, sees_all, bool(bot.supports_inline_queries))
    except InvalidToken:
        pass  # raised below: the library's own words hold the token, and must not come along
    except TelegramError:
        raise PlatformUnavailable from None
    raise refused
