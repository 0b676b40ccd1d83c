"""Several things at the same time on the running loop."""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


async def together(asked: Sequence[Awaitable[T]]) -> Sequence[T]:
    """See `core.together.Together`: nothing is left running behind, also when one fails; cancelled, all are."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    done: list[T] = []
    for each in answers:
        if isinstance(each, BaseException):
            raise each
        done.append(each)
    return done


class AsTasks:
    """See `core.together.Beside`: each is a task of the running loop."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """See `core.together.Beside`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def raise_failure(self) -> None:
        """See `core.together.Beside`."""
        if self._failures:
            first, *_ = self._failures
            self._failures.clear()
            raise first

    async def one_done(self) -> bool:
        """See `core.together.Beside`."""
        if not self._tasks:
            return False
        await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        self.raise_failure()
        return True

    async def all_done(self) -> None:
        """See `core.together.Beside`."""
        try:
            while self._tasks:
                await asyncio.wait(self._tasks)
        except asyncio.CancelledError:
            ended = list(self._tasks)
            for task in ended:
                task.cancel()
            await asyncio.gather(*ended, return_exceptions=True)
            raise
        self.raise_failure()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failures.append(failure)
