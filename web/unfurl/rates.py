"""How often pages are asked for: by host, to be no burden, and by group, so that nobody fetches through us at will."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from core.ports import Now

REMEMBERED = 4_096
"""Hosts or groups; the one longest unused is forgotten first, and by then is allowed a burst again anyway."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, then so many a minute."""

    burst: int
    per_minute: float


HOST = Rate(burst=10, per_minute=30)
GROUP = Rate(burst=20, per_minute=20)


class Buckets:
    """Token buckets by name.

    Args:
        rate: of each bucket.
        now: the time.
    """

    def __init__(self, rate: Rate, now: Now) -> None:
        self._rate = rate
        self._now = now
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, name: str) -> bool:
        """Take one from a bucket; False when it is empty."""
        now = self._now()
        left, since = self._left.pop(name, (float(self._rate.burst), now))
        minutes = max(0.0, (now - since).total_seconds()) / 60
        left = min(float(self._rate.burst), left + minutes * self._rate.per_minute)
        enough = left >= 1
        self._left[name] = (left - enough, now)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return enough
