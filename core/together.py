"""Several things at the same time, as core asks for it; how that is done comes from outside."""

from collections import deque
from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Together(Protocol):
    """Waits for several things at the same time; answers in the order of the questions.

    All of them have ended when it answers; the first failure is raised then.
    """

    async def __call__(self, asked: Sequence[Awaitable[T]], /) -> Sequence[T]:
        """Wait for all of `asked`."""


async def in_turn(asked: Sequence[Awaitable[T]]) -> Sequence[T]:
    """One after the other."""
    return [await each for each in asked]


class Beside(Protocol):
    """Lets things go on beside the caller."""

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let this go on."""

    def raise_failure(self) -> None:
        """Raise what one of them failed by, if one did and nobody was told."""

    async def one_done(self) -> bool:
        """Wait until one of them has ended, and raise its failure; False when none is under way."""

    async def all_done(self) -> None:
        """Wait until all of them have ended, then raise the first failure; cancelled, all of them are."""


class InTurn:
    """One after the other, when somebody waits for them."""

    def __init__(self) -> None:
        self._begun: deque[Coroutine[Any, Any, None]] = deque()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """See `Beside`."""
        self._begun.append(work)

    def raise_failure(self) -> None:
        """See `Beside`. Whoever waits is told at once."""

    async def one_done(self) -> bool:
        """See `Beside`."""
        if not self._begun:
            return False
        await self._begun.popleft()
        return True

    async def all_done(self) -> None:
        """See `Beside`."""
        try:
            while await self.one_done():
                pass
        finally:
            for each in self._begun:
                each.close()
            self._begun.clear()
