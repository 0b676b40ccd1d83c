"""Whose token somebody is about to give us: asked once, before anything is built on it."""

from pydantic import SecretStr
from telegram.error import InvalidToken, TelegramError

from bots.telegram.client import open_application
from bots.telegram.errors import TokenRefused
from core.errors import PlatformUnavailable


async def bot_of(token: SecretStr, api_url: str) -> tuple[str, bool]:
    """The username of the bot that a token is for, and whether it sees every message of its groups.

    The second is BotFather's privacy mode turned off [https://core.telegram.org/bots/features#privacy-mode].

    Raises:
        TokenRefused: Telegram does not know the token.
        PlatformUnavailable: Telegram does not answer.
    """
    refused = TokenRefused()
    try:
        async with open_application(token, api_url).bot as bot:
            return bot.username, bool(bot.can_read_all_group_messages)
    except InvalidToken:
        pass  # raised below: the library's own words hold the token, and must not come along
    except TelegramError:
        raise PlatformUnavailable from None
    raise refused
