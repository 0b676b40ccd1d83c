"""Ticks go on whatever one of them meets, and say when they fall behind."""

import asyncio
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


class Waiting:
    """So many batches of work, and what happens after each."""

    def __init__(self, batches: int) -> None:
        self.left = batches
        self.rounds = 0
        self.after = lambda: None

    async def __call__(self) -> int:
        self.rounds += 1
        found = min(self.left, 1)
        self.left -= found
        self.after()
        await asyncio.sleep(0)  # as everything that asks a database
        return found


@pytest.mark.parametrize(("again", "rounds"), [(True, 4), (False, 1)])
async def test_what_waits_is_worked_off_without_waiting_for_the_next_interval(again, rounds):
    work = Waiting(3)
    ticks = Ticking([Tick("inbox", timedelta(seconds=1), work, EVERY, again=again)], Clock())
    await ticks.once(ticks.ticks[0])
    assert (work.rounds, ticks.well["inbox"]) == (rounds, rounds)


async def test_work_that_never_ends_is_not_late_and_ends_with_the_process():
    clock, work = Clock(), Waiting(1_000_000)
    ticks = Ticking([Tick("inbox", timedelta(seconds=1), work, EVERY, again=True)], clock)
    scheduler, stopping = ticks.start(), []

    def after() -> None:
        clock.forward(minutes=1)
        if work.rounds == 5:
            assert ticks.late() == {}
            stopping.append(asyncio.create_task(ticks.finish(scheduler, 5)))

    work.after = after
    await ticks.once(ticks.ticks[0])
    await asyncio.gather(*stopping)
    assert 5 <= work.rounds < 10


async def test_a_stop_begins_nothing_more_and_lets_what_is_under_way_end():
    began, may_end, ended = asyncio.Event(), asyncio.Event(), []

    async def post():
        began.set()
        await may_end.wait()
        ended.append("posted")

    ticks = Ticking([Tick("outbox", timedelta(seconds=0.01), post, EVERY)], Clock())
    scheduler = ticks.start()
    await began.wait()
    stopping = asyncio.create_task(ticks.finish(scheduler, 5))
    await asyncio.sleep(0.05)
    assert not stopping.done()
    may_end.set()
    await stopping
    await asyncio.sleep(0)
    assert ended == ["posted"]
    assert not scheduler.running


async def test_a_stop_waits_for_no_tick_for_ever():
    began = asyncio.Event()

    async def hang():
        began.set()
        await asyncio.Event().wait()

    ticks = Ticking([Tick("outbox", timedelta(seconds=0.01), hang, EVERY)], Clock())
    scheduler = ticks.start()
    await began.wait()
    await ticks.finish(scheduler, 0.05)
    await asyncio.sleep(0)
    assert not scheduler.running


class LeftToGoOn:
    """Work that a tick left behind, until it is let go or ended."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        self.ended = ""

    async def __call__(self) -> None:
        try:
            await self.goes_on.wait()
            self.ended = "done"
        except asyncio.CancelledError:
            self.ended = "cut short"
            raise


@pytest.mark.parametrize(("in_time", "ended"), [(True, "done"), (False, "cut short")])
async def test_what_a_tick_left_to_go_on_is_waited_for_when_it_all_ends(*, in_time: bool, ended: str) -> None:
    left, other = LeftToGoOn(), LeftToGoOn()
    names = {"one": left, "two": other}
    ticks = [Tick(name, timedelta(hours=1), Work(), EVERY, finish=each) for name, each in names.items()]
    ticking = Ticking([*ticks, Tick("three", timedelta(hours=1), Work(), EVERY)], Clock())
    scheduler = ticking.start()
    if in_time:
        left.goes_on.set()
        other.goes_on.set()
    await ticking.finish(scheduler, 30 if in_time else 0.01)
    assert (left.ended, other.ended) == (ended, ended)


async def test_trouble_at_the_end_keeps_nothing_else_from_ending() -> None:
    async def fails() -> None:
        raise RuntimeError

    left = LeftToGoOn()
    left.goes_on.set()
    ticks = [
        Tick("one", timedelta(hours=1), Work(), EVERY, finish=fails),
        Tick("two", timedelta(hours=1), Work(), EVERY, finish=left),
    ]
    ticking = Ticking(ticks, Clock())
    await ticking.finish(ticking.start(), 30)
    assert left.ended == "done"
    assert ticking.under_way == set()


async def test_all_once_goes_to_the_end() -> None:
    left = LeftToGoOn()
    left.goes_on.set()
    ticking = Ticking([Tick("one", timedelta(hours=1), Work(), EVERY, finish=left)], Clock())
    await ticking.all_once()
    assert left.ended == "done"
