"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


class Clock:
    """Call it for the moment; move it with `forward` or by setting `moment`."""

    def __init__(self, moment: datetime = MONDAY) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, delta: timedelta | None = None, **parts: float) -> None:
        self.moment += delta or timedelta(**parts)
