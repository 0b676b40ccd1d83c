"""Waiting for several things at the same time, as core asks for it; how that is done comes from outside."""

from collections.abc import Awaitable, Sequence
from typing import Protocol, TypeVar

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
