"""Slack's limits on how often a method may be called (platforms.md 1.4)."""

import math
from collections import defaultdict, deque
from datetime import datetime, timedelta

from playground.slack.errors import RateLimited

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute per method and workspace; Slack promises at least these, the stand-in grants exactly these."""
POSTS_PER_MINUTE = 300
"""`chat.postMessage` in a whole workspace: "several hundred"."""
SPECIAL = 0
"""The tier of methods with a rule of their own: only `chat.postMessage`."""


class Limits:
    """Remembers when each key was used.

    Args:
        tier_one_history: conversations.history once a minute, as for commercially distributed apps outside the
            Marketplace since May 2025; off means tier 3.
    """

    def __init__(self, *, tier_one_history: bool = False) -> None:
        self._uses: dict[str, deque[datetime]] = defaultdict(deque)
        self.tier_one_history = tier_one_history

    def method(self, name: str, tier: int, now: datetime) -> None:
        """Count one call of a method.

        Raises:
            RateLimited: the minute is used up.
        """
        if name == "conversations.history" and self.tier_one_history:
            tier = 1
        most = POSTS_PER_MINUTE if tier == SPECIAL else TIERS[tier]
        self._take(f"method {name}", most, timedelta(minutes=1), now)

    def post(self, channel: str, now: datetime) -> None:
        """Count one post into a channel: one a second.

        Raises:
            RateLimited: this second has its post.
        """
        self._take(f"channel {channel}", 1, timedelta(seconds=1), now)

    def _take(self, key: str, most: int, window: timedelta, now: datetime) -> None:
        uses = self._uses[key]
        while uses and now - uses[0] >= window:
            uses.popleft()
        if len(uses) >= most:
            raise RateLimited(max(1, math.ceil((uses[0] + window - now).total_seconds())))
        uses.append(now)
