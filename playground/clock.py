"""A clock that people and tests may set, so that next Monday can be now."""

import threading
from datetime import UTC, datetime, timedelta


class PlaygroundClock:
    """The time of the playground: real time plus an offset, or a frozen instant.

    Args:
        frozen: An aware instant; when given, the clock stands there until it is advanced.

    Raises:
        ValueError: `frozen` carries no time zone.
    """

    def __init__(self, frozen: datetime | None = None) -> None:
        if frozen is not None and frozen.tzinfo is None:
            raise ValueError("a frozen clock needs an aware datetime")
        self._lock = threading.Lock()
        self._frozen = None if frozen is None else frozen.astimezone(UTC)
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """Say what time it is, aware and in UTC."""
        with self._lock:
            return self._read()

    def advance(self, by: timedelta) -> None:
        """Move the clock forwards by a span.

        Raises:
            ValueError: The span is negative: time never runs back.
        """
        with self._lock:
            self._move(by)

    def jump_to(self, instant: datetime) -> None:
        """Move the clock forwards to an instant.

        Raises:
            ValueError: The instant has passed, or carries no time zone.
        """
        if instant.tzinfo is None:
            raise ValueError("a jump needs an aware datetime")
        with self._lock:
            self._move(instant - self._read())

    def _read(self) -> datetime:
        return self._frozen if self._frozen is not None else datetime.now(UTC) + self._offset

    def _move(self, by: timedelta) -> None:
        if by < timedelta(0):
            raise ValueError("the playground's clock only runs forwards")
        if self._frozen is not None:
            self._frozen += by
        else:
            self._offset += by
