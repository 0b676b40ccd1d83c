"""Several things at the same time on the running loop."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

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
