"""A click log in memory."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence

from core.errors import ClickLogFull
from core.model import Click, ClickBatch


class MemoryClickLog:
    """`ClickLog` without a disk; `full` makes it refuse as a full disk does."""

    def __init__(self) -> None:
        self.open: list[Click] = []
        self.closed: list[ClickBatch] = []
        self.full = False

    def append(self, *clicks: Click) -> None:
        if self.full:
            raise ClickLogFull
        self.open.extend(clicks)

    def seal(self) -> None:
        if self.open:
            batch = ClickBatch(f"batch-{len(self.closed)}-{id(self.open)}", tuple(Counter(self.open).items()))
            self.closed.append(batch)
            self.open = []

    def sealed(self) -> Sequence[ClickBatch]:
        return tuple(self.closed)

    async def batches(self) -> AsyncIterator[ClickBatch]:
        self.seal()
        for batch in self.sealed():
            yield batch

    async def discard(self, batches: Collection[str]) -> None:
        self.closed = [each for each in self.closed if each.id not in batches]
