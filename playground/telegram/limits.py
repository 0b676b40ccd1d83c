"""How fast a bot may speak, by the playground's clock: bursts are forgiven, streams are not."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from playground.telegram.errors import too_many_requests


@dataclass(frozen=True, slots=True)
class Pace:
    """The limits of the Bot API [https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this].

    Attributes:
        burst: Messages a chat takes at once before one a second is enforced; undocumented, a lenient guess.
        per_group: Messages and edits a group takes in a minute.
        overall: Messages a second over all chats.
    """

    burst: int = 10
    per_group: int = 20
    overall: int = 30


class SendLimits:
    """Counts what the bot sends and edits.

    Args:
        now: The clock, aware UTC.
        pace: The limits.
    """

    def __init__(self, now: Callable[[], datetime], pace: Pace) -> None:
        self._now = now
        self._pace = pace
        self._by_chat: dict[int, deque[datetime]] = {}
        self._overall: deque[datetime] = deque()

    def charge(self, chat_id: int, *, is_group: bool) -> None:
        """Count one message or edit.

        Raises:
            ApiError: 429 with `retry_after`, when it is one too many; a refused one is not counted.
        """
        now = self._now()
        sent = self._by_chat.setdefault(chat_id, deque())
        _forget(sent, now - timedelta(minutes=1))
        _forget(self._overall, now - timedelta(seconds=1))
        waits = [self._wait_for_burst(sent, now)]
        if is_group and len(sent) >= self._pace.per_group:
            waits.append(sent[-self._pace.per_group] + timedelta(minutes=1) - now)
        if len(self._overall) >= self._pace.overall:
            waits.append(self._overall[-self._pace.overall] + timedelta(seconds=1) - now)
        if max(waits) > timedelta(0):
            raise too_many_requests(max(1, ceil(max(waits).total_seconds())))
        sent.append(now)
        self._overall.append(now)

    def _wait_for_burst(self, sent: deque[datetime], now: datetime) -> timedelta:
        """A bucket of `burst` tokens, one more each second, replayed over the last minute."""
        tokens, last = float(self._pace.burst), None
        for moment in (*sent, now):
            if last is not None:
                tokens = min(self._pace.burst, tokens + (moment - last).total_seconds())
            tokens, last = tokens - 1, moment
        return timedelta(seconds=max(0.0, -tokens))


def _forget(moments: deque[datetime], before: datetime) -> None:
    while moments and moments[0] <= before:
        moments.popleft()
