"""Weeks and wall clocks, right through changes of the clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.model import Schedule, Week
from core.schedules import finished_week, last_day_of, monday_of, next_digest, week_of, weekday_of

ZONES = ["UTC", "Europe/Paris", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu"]
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zone beside it
schedules = st.builds(Schedule, st.sampled_from(ZONES), st.integers(0, 6), st.integers(0, 23))


@given(schedules, moments)
def test_the_next_digest_is_ahead_within_eight_days_and_at_the_local_hour(schedule, moment):
    due = next_digest(schedule, moment)
    local = due.astimezone(ZoneInfo(schedule.zone))
    assert moment < due <= moment + timedelta(days=8)
    assert local.weekday() == schedule.weekday
    assert local.hour == schedule.hour or local.hour == schedule.hour + 1  # an hour that a spring night skipped


@given(schedules, moments)
def test_one_digest_follows_another_a_week_later_on_the_wall_clock(schedule, moment):
    first = next_digest(schedule, moment)
    second = next_digest(schedule, first)
    zone = ZoneInfo(schedule.zone)
    assert second.astimezone(zone).date() - first.astimezone(zone).date() == timedelta(days=7)


@given(moments, st.sampled_from(ZONES))
def test_the_finished_week_ended_before_the_moment(moment, zone):
    week = finished_week(moment, zone)
    assert last_day_of(week) < moment.astimezone(ZoneInfo(zone)).date()
    assert monday_of(week) + timedelta(days=6) == last_day_of(week)
    assert week != week_of(moment, zone)


def test_a_week_belongs_to_the_year_of_its_thursday():
    assert week_of(datetime(2027, 1, 1, 12, tzinfo=UTC), "UTC") == "2026-W53"
    assert monday_of(Week("2026-W53")) == date(2026, 12, 28)


def test_the_wall_clock_decides_the_day():
    sunday_night = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert weekday_of(sunday_night, "UTC") == 6
    assert weekday_of(sunday_night, "Europe/Paris") == 0


def test_an_hour_that_spring_skips_is_read_an_hour_later():
    saturday = datetime(2026, 3, 28, 12, tzinfo=UTC)
    due = next_digest(Schedule("Europe/Paris", 6, 2), saturday)
    assert due == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_of_an_hour_that_autumn_repeats_the_first_counts():
    saturday = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert next_digest(Schedule("Europe/Paris", 6, 2), saturday) == datetime(2026, 10, 25, 0, tzinfo=UTC)
