"""Work that became ready at about the same moment, done together."""

from collections.abc import Awaitable, Callable, Sequence

from core.counting import Ready

AT_MOST = 50
"""Pieces in one transaction: their groups are held until it is through."""


class ReadyWork:
    """Gathers what becomes ready while something is being written down; that is written down next, as one.

    Whoever brings the first piece does the writing; the others go on with their own work meanwhile.

    Args:
        write_down: writes some pieces down, at most one about each message; what it can't write is its own to settle.
    """

    def __init__(self, write_down: Callable[[Sequence[Ready]], Awaitable[None]]) -> None:
        self._write_down = write_down
        self._waiting: list[Ready] = []
        self._is_writing = False

    async def add(self, ready: Ready) -> None:
        """Have a piece written down: at once, or by whoever is writing."""
        self._waiting.append(ready)
        if self._is_writing:
            return
        self._is_writing = True
        try:
            while self._waiting:
                await self._write_down(self._taken())
        finally:
            self._is_writing = False

    def _taken(self) -> list[Ready]:
        """The next pieces in their order; a later version of a message waits until the one before it is through."""
        taken: dict[tuple[str, str], Ready] = {}
        left: list[Ready] = []
        for each in self._waiting:
            message = each.item.intake.group, each.item.intake.message
            if message in taken or len(taken) == AT_MOST:
                left.append(each)
            else:
                taken[message] = each
        self._waiting = left
        return list(taken.values())
