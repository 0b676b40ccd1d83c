"""Several things at the same time."""

import asyncio

import pytest

from config.at_once import together


async def test_answers_come_in_the_order_of_the_questions() -> None:
    second_done = asyncio.Event()

    async def first() -> str:
        await second_done.wait()
        return "first"

    async def second() -> str:
        second_done.set()
        return "second"

    assert await together([first(), second()]) == ["first", "second"]


async def test_a_failure_is_told_when_the_others_have_ended() -> None:
    ended: list[str] = []

    async def fails() -> None:
        raise ValueError("no")

    async def goes_on() -> None:
        await asyncio.sleep(0)
        ended.append("other")

    with pytest.raises(ValueError, match="no"):
        await together([fails(), goes_on()])
    assert ended == ["other"]
