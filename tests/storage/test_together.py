"""What many ask for at the same time is done in one go."""

import asyncio
from collections.abc import Sequence

import pytest

from storage.together import Together


class Counter:
    """Doubles numbers; each go waits for its turn to be let through."""

    def __init__(self) -> None:
        self.goes: list[list[int]] = []
        self.gate = asyncio.Event()

    async def __call__(self, asks: Sequence[int]) -> list[int]:
        self.goes.append(list(asks))
        await self.gate.wait()
        if 13 in asks:
            raise ZeroDivisionError
        return [2 * each for each in asks]


async def test_whoever_asks_while_it_is_busy_goes_together_and_hears_their_own_answer() -> None:
    count = Counter()
    together: Together[int, int] = Together(count, 3)
    asking = [asyncio.create_task(together.ask(1))]
    await asyncio.sleep(0.01)
    asking += [asyncio.create_task(together.ask(number)) for number in range(2, 7)]
    await asyncio.sleep(0.01)
    assert together.waiting == 6
    count.gate.set()
    assert await asyncio.gather(*asking) == [2, 4, 6, 8, 10, 12]
    assert count.goes == [[1], [2, 3, 4], [5, 6]]
    assert together.waiting == 0


async def test_who_stops_waiting_takes_nothing_from_the_others() -> None:
    count = Counter()
    together: Together[int, int] = Together(count, 10)
    first, second = asyncio.create_task(together.ask(1)), asyncio.create_task(together.ask(2))
    await asyncio.sleep(0.01)
    first.cancel()
    count.gate.set()
    assert await second == 4
    assert first.cancelled()


async def test_what_goes_wrong_is_heard_by_all_who_asked_and_by_nobody_else() -> None:
    count = Counter()
    count.gate.set()
    together: Together[int, int] = Together(count, 10)
    unlucky = await asyncio.gather(together.ask(13), together.ask(1), return_exceptions=True)
    assert [type(each) for each in unlucky] == [ZeroDivisionError, ZeroDivisionError]
    assert await together.ask(1) == 2
    with pytest.raises(ZeroDivisionError):
        await together.ask(13)
