"""Getting in touch with Telegram: who we are, which commands we show, whether the server knows ephemeral messages."""

from collections.abc import Awaitable, Callable

from telegram import BotCommand, BotCommandScope
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError

from bots.telegram.asides import Asides
from bots.telegram.client import Client, TelegramApplication
from bots.telegram.errors import TokenRefused
from bots.telegram.intake import log
from bots.telegram.menu import Menu
from bots.telegram.patience import Patience

LONGEST_PAUSE = 30.0

Sleep = Callable[[float], Awaitable[object]]


def pause(attempt: int) -> float:
    """Seconds to wait after the n-th failure in a row, the first being 0: 1, 2, 4 … 30."""
    return min(2.0 ** min(attempt, 10), LONGEST_PAUSE)


class Connection:
    """Opens and closes our side of Telegram.

    Args:
        application: the client with its handlers.
        menus: the commands to show, by scope and language.
        asides: learns whether the server knows ephemeral messages.
        patience: what it keeps is given up at the end.
        sleep: waits some seconds.
    """

    def __init__(
        self,
        application: TelegramApplication,
        menus: tuple[Menu, ...],
        asides: Asides,
        patience: Patience,
        sleep: Sleep,
    ) -> None:
        self._application = application
        self._menus = menus
        self._asides = asides
        self._patience = patience
        self._sleep = sleep

    async def open(self) -> None:
        """Ask Telegram who we are, for as long as it takes, and show our commands.

        Raises:
            TokenRefused: Telegram does not know the token.
        """
        attempt = 0
        while not await self._introduced():
            await self._sleep(pause(attempt))
            attempt += 1
        await self._show_commands()

    async def close(self) -> None:
        """Close the client's connections."""
        await self._patience.close()
        await self._application.shutdown()
        await self._application.bot.shutdown()  # for a client that never got an answer to its first question

    async def _introduced(self) -> bool:
        try:
            await self._application.initialize()
        except (NetworkError, RetryAfter) as error:
            log("telegram.unreachable", error=type(error).__name__)
            return False
        except InvalidToken:
            pass  # raised below: the library's own words hold the token, and must not come along
        else:
            return True
        raise TokenRefused

    async def _show_commands(self) -> None:
        """A menu that could not be shown is no reason to stay away: the commands work without it."""
        client = self._application.bot
        try:
            for menu in self._menus:
                await client.set_my_commands(menu.commands, scope=menu.scope, language_code=menu.language)
            self._asides.ephemerals = await knows_ephemerals(client, self._menus)
        except TelegramError as error:
            log("telegram.commands.failed", error=type(error).__name__)


async def knows_ephemerals(client: Client, menus: tuple[Menu, ...]) -> bool:
    """Whether the server remembers that a command is ephemeral: an older one drops a word it does not know."""
    for menu in menus:
        if any(command.api_kwargs.get("is_ephemeral") for command in menu.commands):
            return await _remembers(client, menu.scope, menu.language)
    return False


async def _remembers(client: Client, scope: BotCommandScope, language: str | None) -> bool:
    known: tuple[BotCommand, ...] = await client.get_my_commands(scope=scope, language_code=language)
    return any(command.api_kwargs.get("is_ephemeral") for command in known)
