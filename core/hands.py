"""Work that was claimed, some of it under way at the same time, with room for more while a slow piece goes on."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from core.together import Beside

T = TypeVar("T")


class Hands(Generic[T]):
    """Does what it is given; who claims asks for room first, so that no claim waits long for a hand.

    Args:
        beside: lets things go on beside the caller.
        do: does one thing, and sees to it that its pieces are put down.
        at_once: things under way at the same time.
    """

    def __init__(self, beside: Beside, do: Callable[[T], Awaitable[None]], at_once: int) -> None:
        self._beside = beside
        self._do = do
        self._at_once = at_once
        self._waiting: deque[T] = deque()
        self._busy = 0
        self._held = 0

    async def room(self, most: int) -> int:
        """Wait until more than half of `most` pieces may be taken, so that claims stay large; how many may be."""
        self._beside.raise_failure()
        while self._held > most // 2 and await self._beside.one_done():
            pass
        return most - self._held

    def take(self, things: Sequence[T], pieces: int) -> None:
        """Do these as hands become free.

        Args:
            things: what `do` is given.
            pieces: how many pieces of work are in them, until they are put down.
        """
        self._held += pieces
        self._waiting.extend(things)
        for _ in range(min(self._at_once - self._busy, len(self._waiting))):
            self._busy += 1
            self._beside.begin(self._work())

    def put_down(self, pieces: int = 1) -> None:
        """So many pieces are done with, however that went."""
        self._held -= pieces

    async def finish(self) -> None:
        """Wait until nothing is under way any more; cancelled, all of it is."""
        await self._beside.all_done()

    async def _work(self) -> None:
        """Do whichever is next until nothing waits."""
        try:
            while self._waiting:
                await self._do(self._waiting.popleft())
        finally:
            self._busy -= 1
