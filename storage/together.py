"""Doing in one go what many ask for at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


class Together(Generic[Ask, Answer]):
    """Gathers what is asked while it is busy, and does it as one.

    A lone question is done at once, so nobody waits for company.

    Args:
        do: answers some questions, in their order; what it raises is raised to everybody who asked.
        at_most: questions done at a time.
        waiting_at_most: questions that may wait; None: any number.
    """

    def __init__(
        self,
        do: Callable[[Sequence[Ask]], Awaitable[Sequence[Answer]]],
        at_most: int,
        waiting_at_most: int | None = None,
    ) -> None:
        self._do = do
        self._at_most = at_most
        self._waiting_at_most = waiting_at_most
        self._turn = asyncio.Lock()
        self._open: _Batch[Ask, Answer] | None = None
        self.waiting = 0
        """Questions without an answer yet."""

    @property
    def is_full(self) -> bool:
        """Whether no more may be asked for now."""
        return self._waiting_at_most is not None and self.waiting >= self._waiting_at_most

    async def ask(self, one: Ask) -> Answer:
        """Ask, and wait for the answer; whoever stops waiting takes nothing away from the others."""
        batch = self._open
        if batch is None or len(batch.asks) >= self._at_most:
            batch = self._open = _Batch(self)
        place = len(batch.asks)
        batch.asks.append(one)
        self.waiting += 1
        return (await asyncio.shield(batch.answers))[place]

    async def answer(self, batch: "_Batch[Ask, Answer]") -> Sequence[Answer]:
        """Do a batch when it is its turn; nobody joins it from then on."""
        async with self._turn:
            if self._open is batch:
                self._open = None
            try:
                return await self._do(batch.asks)
            finally:
                self.waiting -= len(batch.asks)


class _Batch(Generic[Ask, Answer]):
    def __init__(self, together: Together[Ask, Answer]) -> None:
        self.asks: list[Ask] = []
        self.answers = asyncio.create_task(together.answer(self))
