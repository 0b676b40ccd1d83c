"""Long polling: fetch, handle each update to its end, only then let Telegram forget it.

An update is confirmed by asking for the one after it [https://core.telegram.org/bots/api#getting-updates]; so a process
that dies in between gets it again, and what storage could not take in is asked for again too.
"""

import asyncio
from typing import Any

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bots.telegram.app import ALLOWED_UPDATES
from bots.telegram.client import TelegramApplication
from bots.telegram.connection import Sleep, pause
from bots.telegram.errors import PolledElsewhere, TokenRefused
from bots.telegram.intake import MUST_COME_AGAIN, MalformedUpdate, log, read_update, take

CONFLICTS_AT_MOST = 5
"""In a row. A process that was just killed may hold its poll open for a moment; another one keeps on."""


class Polling:
    """Fetches updates until it is stopped.

    Args:
        application: the client with its handlers, opened.
        sleep: waits some seconds after a failure.
    """

    def __init__(self, application: TelegramApplication, sleep: Sleep) -> None:
        self._application = application
        self._sleep = sleep
        self._stopping = asyncio.Event()
        self._next = 0
        self._failures = 0
        self._conflicts = 0

    def stop(self) -> None:
        """Fetch no more; the update in hand is handled to its end."""
        self._stopping.set()

    async def run(self) -> None:
        """Fetch and handle, until stopped.

        Raises:
            TokenRefused: Telegram no longer knows the token.
            PolledElsewhere: another process fetches the same bot's updates.
        """
        await self._take_back_from_webhook()
        while not self._stopping.is_set():
            batch = await self._fetched()
            if batch is not None and await self._handled(batch):
                self._failures = 0
            else:
                await self._rest()
        await self._confirm()

    async def _fetched(self) -> list[dict[str, Any]] | None:
        """What came, or None after a failure; an empty list also when the loop is to stop meanwhile."""
        try:
            batch = await self._unless_stopped()
        except InvalidToken as error:
            raise TokenRefused from error
        except Conflict as error:
            self._conflicts += 1
            if self._conflicts >= CONFLICTS_AT_MOST:
                raise PolledElsewhere from error
            self._failed(error)
            return None
        except TelegramError as error:
            self._failed(error)
            return None
        self._conflicts = 0
        if not batch:
            self._next = 0  # all before is confirmed; after a quiet week the numbers start over, lower perhaps
        return batch

    async def _unless_stopped(self) -> list[dict[str, Any]]:
        poll = asyncio.ensure_future(self._application.bot.fetch(self._next, ALLOWED_UPDATES))
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({poll, stop}, return_when=asyncio.FIRST_COMPLETED)
            return poll.result() if poll.done() else []
        finally:
            poll.cancel()  # nothing is lost: what it may have fetched was not confirmed
            stop.cancel()
            await asyncio.gather(poll, stop, return_exceptions=True)

    async def _handled(self, batch: list[dict[str, Any]]) -> bool:
        """Whether the batch was taken in as a whole; otherwise the rest is asked for again."""
        for sent in batch:
            if self._stopping.is_set():
                return True
            try:
                await take(self._application, read_update(self._application, sent))
            except MUST_COME_AGAIN as error:
                log("telegram.intake.waits", error=type(error).__name__)
                return False
            except MalformedUpdate:
                log("telegram.update.malformed")
            self._next = sent["update_id"] + 1
        return True

    def _failed(self, error: TelegramError) -> None:
        log("telegram.poll.failed", error=type(error).__name__)
        if isinstance(error, RetryAfter):
            self._failures = max(self._failures, 4)

    async def _rest(self) -> None:
        """Wait, but not longer than until the stop."""
        rest = asyncio.ensure_future(self._sleep(pause(self._failures)))
        stop = asyncio.ensure_future(self._stopping.wait())
        self._failures += 1
        await asyncio.wait({rest, stop}, return_when=asyncio.FIRST_COMPLETED)
        for each in (rest, stop):
            each.cancel()
        await asyncio.gather(rest, stop, return_exceptions=True)

    async def _take_back_from_webhook(self) -> None:
        """While a webhook is set Telegram answers no poll; what waits there is kept."""
        try:
            await self._application.bot.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:
            log("telegram.webhook.not_removed", error=type(error).__name__)

    async def _confirm(self) -> None:
        """Let Telegram forget what was handled last, so that nobody is answered twice after a restart."""
        if not self._next:
            return
        try:
            await self._application.bot.fetch(self._next, ALLOWED_UPDATES, wait=0)
        except TelegramError as error:
            log("telegram.poll.unconfirmed", error=type(error).__name__)
