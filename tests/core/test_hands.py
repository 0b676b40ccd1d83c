"""Hands do what they are given, so much at a time; who claims waits for room, and hears of what went wrong."""

import asyncio

import pytest

from config.at_once import AsTasks
from core.hands import Hands
from core.together import Beside, InTurn


class Work:
    """Does things that end when they are let go; some fail."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        self.begun: list[int] = []
        self.hands: Hands[int] | None = None

    async def __call__(self, number: int) -> None:
        self.begun.append(number)
        assert self.hands is not None
        try:
            if number < 0:
                raise ValueError(number)
            await self.goes_on.wait()
        finally:
            self.hands.put_down()


def hands_over(beside: Beside, at_once: int = 2) -> tuple[Hands[int], Work]:
    work = Work()
    work.hands = Hands(beside, work, at_once)
    return work.hands, work


async def turns(number: int = 100) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_as_many_at_a_time_as_there_are_hands_and_the_rest_in_order() -> None:
    hands, work = hands_over(AsTasks())
    assert await hands.room(8) == 8
    hands.take([1, 2, 3], 3)
    await turns()
    assert work.begun == [1, 2]
    work.goes_on.set()
    await hands.finish()
    assert work.begun == [1, 2, 3]
    assert await hands.room(8) == 8


async def test_room_is_waited_for_until_half_is_free() -> None:
    hands, work = hands_over(AsTasks())
    hands.take([1, 2, 3], 3)
    assert await hands.room(6) == 3
    asking = asyncio.create_task(hands.room(4))
    await turns()
    assert not asking.done()
    work.goes_on.set()
    assert await asking == 4


async def test_what_went_wrong_is_told_to_who_claims_next_or_waits_and_once() -> None:
    hands, work = hands_over(AsTasks())
    hands.take([-1], 1)
    await turns()
    with pytest.raises(ValueError, match="-1"):
        await hands.room(4)
    assert await hands.room(4) == 4
    work.goes_on.set()
    hands.take([-2, 3], 2)
    with pytest.raises(ValueError, match="-2"):
        await hands.finish()
    assert work.begun == [-1, -2, 3]
    await hands.finish()


async def test_who_stops_waiting_for_the_end_ends_everything() -> None:
    hands, work = hands_over(AsTasks())
    hands.take([1, 2], 2)
    ending = asyncio.create_task(hands.finish())
    await turns()
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert await hands.room(2) == 2  # both were put down
    assert work.begun == [1, 2]


async def test_without_anything_beside_them_hands_work_when_waited_for() -> None:
    hands, work = hands_over(InTurn())
    work.goes_on.set()
    hands.take([1, 2, 3], 3)
    assert work.begun == []
    assert await hands.room(2) == 2
    hands.take([4, -5, 6], 3)
    with pytest.raises(ValueError, match="-5"):
        await hands.finish()
    assert work.begun == [1, 2, 3, 4, -5]
    await hands.finish()


async def test_no_room_is_invented_when_nothing_is_under_way() -> None:
    hands, _ = hands_over(InTurn())
    hands.take([], 4)
    assert await hands.room(4) == 0
