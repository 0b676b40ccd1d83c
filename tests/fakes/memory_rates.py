"""The rate buckets of `MemoryStorage`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.errors import TooSoon
from core.ports import Now
from core.rates import Bucket

if TYPE_CHECKING:
    from tests.fakes.memory_storage import State


class MemoryRates:
    def __init__(self, state: State, now: Now) -> None:
        self._state = state
        self._now = now

    async def take(self, buckets: Sequence[Bucket]) -> None:
        now = self._now().timestamp()
        for bucket in buckets:
            time = max(self._state.rates.get((bucket.kind, bucket.owner), now), now)
            if time > now + bucket.rate.ahead:
                raise TooSoon(time - bucket.rate.ahead - now, bucket.kind)
            self._state.rates[bucket.kind, bucket.owner] = time + bucket.rate.interval

    async def push(self, buckets: Sequence[Bucket], seconds: float) -> None:
        now = self._now().timestamp()
        for bucket in buckets:
            time = self._state.rates.get((bucket.kind, bucket.owner), now)
            self._state.rates[bucket.kind, bucket.owner] = max(time, now + seconds + bucket.rate.ahead)
