"""Nobody calls a platform more often than it allows, on whatever replica."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TooSoon
from core.ports import Storage
from core.rates import Bucket, Rate
from storage.database import Database
from storage.sql import Clocks, SqlStorage, root_keys
from tests.conftest import ROOT
from tests.fakes.clock import Clock
from tests.fakes.memory_storage import MemoryStorage

ONE = Bucket("chat", ("telegram", "-1"), Rate(1, timedelta(seconds=1)))
TEN = Bucket("token", ("telegram",), Rate(10, timedelta(seconds=1), at_once=4))


async def take(storage: Storage, *buckets: Bucket) -> float:
    """Take one call from each: 0, or the seconds to wait."""
    try:
        async with storage.transaction() as records:
            await records.rates.take(buckets)
    except TooSoon as soon:
        return soon.seconds
    return 0.0


async def test_a_bucket_of_one_opens_each_second(storage: Storage, clock: Clock) -> None:
    assert await take(storage, ONE) == 0
    assert await take(storage, ONE) == pytest.approx(1)
    clock.forward(seconds=0.75)
    assert await take(storage, ONE) == pytest.approx(0.25)
    clock.forward(seconds=0.25)
    assert await take(storage, ONE) == 0


async def test_buckets_of_others_are_their_own(storage: Storage) -> None:
    assert await take(storage, ONE) == 0
    assert await take(storage, replace(ONE, owner=("telegram", "-2"))) == 0
    assert await take(storage, replace(ONE, kind="group")) == 0


async def test_who_is_refused_by_one_bucket_takes_nothing_from_the_others(storage: Storage) -> None:
    assert await take(storage, TEN, ONE) == 0
    for _ in range(9):
        assert await take(storage, TEN, ONE) == pytest.approx(1)
    assert [await take(storage, TEN) for _ in range(3)] == [0, 0, 0]
    assert await take(storage, TEN) > 0


async def test_a_platform_that_asks_to_wait_is_not_called_before(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.rates.push((TEN, ONE), 30)
        await records.rates.push((TEN,), 2)
    for bucket in (TEN, ONE):
        assert await take(storage, bucket) == pytest.approx(30)
    clock.forward(seconds=29.9)
    assert await take(storage, TEN, ONE) == pytest.approx(0.1, abs=0.01)
    clock.forward(seconds=0.2)
    assert await take(storage, TEN, ONE) == 0


@pytest.mark.postgres
async def test_two_replicas_share_a_bucket(postgres_url: str, clock: Clock) -> None:
    replicas = [
        await SqlStorage.open(Database.open(postgres_url), root_keys(ROOT), Clocks(clock, clock)) for _ in range(2)
    ]
    waits = await asyncio.gather(*(take(replicas[number % 2], TEN) for number in range(20)))
    assert waits.count(0.0) == 4
    for each in replicas:
        await each.close()


@pytest.mark.postgres
async def test_without_a_clock_of_the_tests_the_databases_own_is_asked(postgres_url: str, clock: Clock) -> None:
    storage = await SqlStorage.open(Database.open(postgres_url), root_keys(ROOT), Clocks(clock))
    slow = replace(ONE, rate=Rate(1, timedelta(hours=1)))
    assert await take(storage, slow) == 0
    clock.forward(days=1)
    assert 3500 < await take(storage, slow) <= 3600
    await storage.close()


@given(
    st.integers(1, 30),
    st.integers(1, 6),
    st.lists(st.floats(0, 0.4, allow_nan=False), min_size=1, max_size=80),
)
def test_no_span_holds_more_calls_than_allowed(calls: int, at_once: int, pauses: list[float]) -> None:
    async def call() -> None:
        clock = Clock()
        storage = MemoryStorage(clock)
        bucket = Bucket("x", (), Rate(calls, timedelta(seconds=1), min(at_once, calls)))
        made = []
        for pause in pauses:
            clock.forward(seconds=pause)
            if await take(storage, bucket) == 0:
                made.append(clock())
        for begin in made:
            assert sum(begin <= each < begin + timedelta(seconds=0.999) for each in made) <= calls

    asyncio.run(call())
