"""Ticks go on whatever one of them meets, and say when they fall behind."""

from datetime import timedelta

import pytest

from config.settings import Role
from config.ticks import LATE_AFTER, Tick, Ticking
from core.errors import LeaseLost, StorageUnavailable
from tests.fakes.clock import Clock

EVERY = frozenset(Role)


class Work:
    def __init__(self) -> None:
        self.done = 0
        self.failure: Exception | None = None

    async def __call__(self) -> None:
        if self.failure:
            raise self.failure
        self.done += 1


@pytest.fixture
def ticking():
    clock, work = Clock(), Work()
    return Ticking([Tick("work", timedelta(seconds=1), work, EVERY)], clock), work, clock


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (StorageUnavailable(), "database not reachable"),
        (LeaseLost(), "LeaseLost"),
        (RuntimeError("quotes something"), "RuntimeError"),
    ],
)
async def test_trouble_is_told_once_it_lasts_and_forgotten_when_it_is_over(ticking, failure, told):
    ticks, work, clock = ticking
    (tick,) = ticks.ticks
    await ticks.once(tick)
    work.failure = failure
    await ticks.once(tick)
    assert ticks.late() == {}
    clock.forward(LATE_AFTER + timedelta(seconds=1))
    assert ticks.late() == {"work": told}
    work.failure = None
    await ticks.once(tick)
    assert ticks.late() == {}
    assert work.done == 2


async def test_a_tick_that_never_came_is_late(ticking):
    ticks, _, clock = ticking
    scheduler = ticks.start()
    assert [job.id for job in scheduler.get_jobs()] == ["work"]
    clock.forward(hours=1)
    assert ticks.late() == {"work": "late"}
    scheduler.shutdown(wait=False)


async def test_all_once_tells_what_went_wrong(ticking):
    ticks, work, _ = ticking
    await ticks.all_once()
    work.failure = RuntimeError()
    with pytest.raises(RuntimeError):
        await ticks.all_once()
    assert work.done == 1
