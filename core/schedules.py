"""Weeks and wall clocks: the only place where local time is computed. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from core.model import Schedule, Week

POSTS_A_SECOND = 25
"""Of one Telegram token (scale.md); what else it must post fits between."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How the groups of one hour are spread, so that they do not all post in its first second (scale.md).

    Attributes:
        least: the window has at least this length.
        tokens: bot tokens that share the posting.
    """

    least: timedelta = timedelta()
    tokens: int = 1

    def turn(self, group: str, groups: int) -> timedelta:
        """How long after the hour it is a group's turn: a fixed part of `max(least, groups / (25 × tokens))`.

        Args:
            group: our own id of it.
            groups: how many read at that moment.
        """
        window = max(self.least.total_seconds(), groups / (POSTS_A_SECOND * self.tokens))
        part = int.from_bytes(sha256(group.encode()).digest()[:8]) / 2**64
        return timedelta(seconds=int(part * window))


AT_ONCE = Rhythm()
"""A few groups all read in the first second of their hour."""


def week_of(moment: datetime, zone: str) -> Week:
    """The ISO week (ISO 8601: Monday first, week 1 holds the first Thursday) a moment falls in, in a zone."""
    year, number, _ = moment.astimezone(ZoneInfo(zone)).isocalendar()
    return Week(f"{year}-W{number:02d}")


def weekday_of(moment: datetime, zone: str) -> int:
    """The weekday of a moment in a zone; 0 is Monday."""
    return moment.astimezone(ZoneInfo(zone)).weekday()


def monday_of(week: Week) -> date:
    """The Monday a week starts with."""
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1)


def last_day_of(week: Week) -> date:
    """The Sunday a week ends with."""
    return monday_of(week) + timedelta(days=6)


def finished_week(moment: datetime, zone: str) -> Week:
    """The latest ISO week that is over at a moment, in a zone."""
    return week_of(moment.astimezone(ZoneInfo(zone)) - timedelta(days=7), zone)


def next_digest(schedule: Schedule, after: datetime) -> datetime:
    """When a group reads its next digest: the first chosen weekday and hour after a moment, in wall time.

    Right through changes of the clocks: an hour that a spring night skips is read an hour later; of an hour that an
    autumn night repeats, the first one counts (PEP 495, fold=0).
    """
    zone = ZoneInfo(schedule.zone)
    local = after.astimezone(zone)
    ahead = (schedule.weekday - local.weekday()) % 7
    day = local.date() + timedelta(days=ahead)
    found = _at(day, schedule.hour, zone)
    return found if found > after else _at(day + timedelta(days=7), schedule.hour, zone)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC)
