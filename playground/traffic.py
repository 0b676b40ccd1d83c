"""What went over the wire between the stand-ins and the bots, kept in a small ring for pages and tests."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Direction = Literal["to_platform", "to_bot"]
"""`to_platform`: the bot called the platform's API. `to_bot`: the platform delivered something to the bot."""

MASK = "***"
_SECRET_KEYS = frozenset({"token", "client_secret", "access_token", "refresh_token", "secret_token", "code"})
_TOKENS = re.compile(r"xox[a-z](?:\.xox[a-z])?-[\w.-]+|(?<!\d)\d{6,}:[\w-]{20,}")


@dataclass(frozen=True, slots=True)
class Call:
    """One call or one delivery, tokens masked.

    Args:
        at: when, aware UTC, by the playground's clock.
        platform: `telegram` or `slack`.
        method: the API method, or the kind of delivery (`event:message`, `update`, `block_actions`).
        request: what was sent, as data.
        response: what came back, as data or as text.
        ok: whether the other side took it.
        direction: who spoke first.
    """

    at: datetime
    platform: str
    method: str
    request: dict[str, Any]
    response: dict[str, Any] | str
    ok: bool
    direction: Direction


class Traffic:
    """A bounded ring of calls, the oldest forgotten first.

    Args:
        size: how many calls are remembered.
    """

    def __init__(self, size: int = 500) -> None:
        self._calls: deque[Call] = deque(maxlen=size)

    def record(
        self,
        *,
        at: datetime,
        platform: str,
        method: str,
        request: Mapping[str, Any],
        response: Mapping[str, Any] | str,
        ok: bool,
        direction: Direction = "to_platform",
    ) -> None:
        """Remember one call; every token in it is masked before it is kept."""
        answer = _TOKENS.sub(MASK, response) if isinstance(response, str) else masked(response)
        call = Call(at, platform, method, masked(request), answer, ok, direction)
        self._calls.append(call)

    def calls(
        self, *, platform: str | None = None, method: str | None = None, direction: Direction | None = None
    ) -> list[Call]:
        """Return the remembered calls in order, narrowed to a platform, a method or a direction when given."""
        return [
            call
            for call in self._calls
            if platform in {None, call.platform}
            and method in {None, call.method}
            and direction in {None, call.direction}
        ]

    def clear(self) -> None:
        """Forget everything."""
        self._calls.clear()

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)


def masked(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object with every token and secret in it replaced by `***`."""
    return {key: MASK if _is_secret(key, item) else _masked(item) for key, item in data.items()}


def _masked(value: object) -> object:
    if isinstance(value, str):
        return _TOKENS.sub(MASK, value)
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    if isinstance(value, Mapping):
        return masked(value)
    return value


def _is_secret(key: str, item: object) -> bool:
    return key in _SECRET_KEYS and isinstance(item, str) and bool(item)
