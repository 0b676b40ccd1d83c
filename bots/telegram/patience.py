"""Words to a person that Telegram puts off (429): said when it allows, while the next update is handled.

Postings to a group wait in the outbox and are not said here. These words answer what somebody just did, and who asked
for what is nothing to be written down: so they wait in memory, and end with the process.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from telegram.error import RetryAfter, TelegramError

from bots.telegram.intake import log

WAITING_AT_MOST = 100
"""Words at a time; a flood beyond that is lost aloud."""
TRIES = 3
WORTH_WAITING = 120.0
"""Seconds after which an answer would surprise more than it helps."""

Words = Callable[[], Awaitable[object]]
"""Says something; may be called again when it raised `RetryAfter`, which Telegram answers instead of posting."""


class Patience:
    """Says words now, or when Telegram allows it.

    Args:
        sleep: waits some seconds.
    """

    def __init__(self, sleep: Callable[[float], Awaitable[object]]) -> None:
        self._sleep = sleep
        self._waiting: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    async def say(self, words: Words) -> None:
        """Say it now; when Telegram asks to wait, this returns and the words follow.

        Raises:
            RetryAfter: too much waits already, or for too long; nothing will follow.
            TelegramError: it can't be said.
        """
        try:
            await words()
        except RetryAfter as put_off:
            self.later(put_off, words)

    def later(self, put_off: RetryAfter, words: Words) -> None:
        """Say it when Telegram allows. Raises what was given where that is not worth it."""
        if len(self._waiting) >= WAITING_AT_MOST or seconds(put_off) > WORTH_WAITING:
            raise put_off
        waiting = asyncio.create_task(self._after(put_off, words))
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)

    async def close(self) -> None:
        """Give up what still waits."""
        waiting = tuple(self._waiting)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _after(self, put_off: RetryAfter, words: Words) -> None:
        for _ in range(TRIES):
            await self._sleep(seconds(put_off))
            try:
                await words()
            except RetryAfter as again:
                put_off = again
            except TelegramError as error:
                return log("telegram.words.lost", error=type(error).__name__)
            else:
                return None
        return log("telegram.words.lost", error=type(put_off).__name__)


def seconds(put_off: RetryAfter) -> float:
    """How long Telegram asks to wait; the library tells it in one of two ways."""
    wait = put_off.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
