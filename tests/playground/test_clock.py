from datetime import UTC, datetime, timedelta, timezone

import pytest

from playground.clock import PlaygroundClock
from playground.people import CAST, OWNER, SECOND_ADMIN

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_frozen_clock_stands_until_it_is_moved() -> None:
    clock = PlaygroundClock(frozen=MONDAY.astimezone(timezone(timedelta(hours=1))))
    assert clock.now() == MONDAY
    assert clock.now().tzinfo is UTC
    clock.advance(timedelta(hours=2))
    clock.jump_to(MONDAY + timedelta(days=7))
    assert clock.now() == MONDAY + timedelta(days=7)


def test_a_running_clock_is_real_time_plus_what_was_skipped() -> None:
    clock = PlaygroundClock()
    before = clock.now()
    clock.advance(timedelta(days=7))
    assert timedelta(days=7) <= clock.now() - before < timedelta(days=7, minutes=5)


def test_time_never_runs_back() -> None:
    clock = PlaygroundClock(frozen=MONDAY)
    with pytest.raises(ValueError, match="forwards"):
        clock.jump_to(MONDAY - timedelta(seconds=1))
    with pytest.raises(ValueError, match="forwards"):
        clock.advance(timedelta(seconds=-1))


def test_a_naive_time_is_no_time() -> None:
    naive = MONDAY.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"):
        PlaygroundClock(frozen=naive)
    with pytest.raises(ValueError, match="aware"):
        PlaygroundClock(frozen=MONDAY).jump_to(naive)


def test_the_cast_is_large_enough_for_a_digest_and_nobody_is_twice() -> None:
    assert len(CAST) >= 18
    assert {OWNER, SECOND_ADMIN, "bruno", "chloe", "dev"} <= set(CAST)
    assert len({person.telegram_id for person in CAST.values()}) == len(CAST)
    assert len({person.slack_id for person in CAST.values()}) == len(CAST)
