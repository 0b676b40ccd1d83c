"""How a method is described: its tier, its arguments and their kinds, the scopes it needs, and what answers it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playground.slack.errors import SlackError
from playground.slack.grants import Grant
from playground.slack.platform import Platform
from playground.slack.state import Json

Run = Callable[[Platform, Grant, Json], Json]
"""Answers a call: platform, the caller's token, the arguments in their types; returns the fields beside `ok`."""
_TRUE, _FALSE = frozenset({"1", "true", "True"}), frozenset({"0", "false", "False"})


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the Web API.

    Args:
        run: what answers it.
        tier: its rate limit tier; 0 has a rule of its own.
        spec: its arguments in one line: `name`, `name:kind` (`int`, `bool`, `json`, `list`), a `!` for required.
        scopes: the token needs one of them; empty needs none.
        with_token: False for the OAuth methods, which the app's id and secret open.
    """

    run: Run
    tier: int
    spec: str
    scopes: tuple[str, ...] = ()
    with_token: bool = True

    def kinds(self) -> dict[str, str]:
        """Return each argument's kind by its name."""
        words = (word.rstrip("!").partition(":") for word in self.spec.split())
        return {name: kind or "str" for name, _, kind in words}

    def required(self) -> set[str]:
        """Return the names of the arguments that must be there."""
        return {word.rstrip("!").partition(":")[0] for word in self.spec.split() if word.endswith("!")}


def read(method: Method, raw: Mapping[str, object]) -> Json:
    """Return the arguments of a call in their types; a null is as good as absent.

    Raises:
        SlackError: `invalid_arguments`, naming what is unknown, missing or of the wrong kind.
    """
    kinds = method.kinds()
    given = {name: value for name, value in raw.items() if value is not None}
    faults = [f"[ERROR] unknown argument: {name}" for name in given.keys() - kinds.keys()]
    faults += [f"[ERROR] missing required field: {name}" for name in method.required() - given.keys()]
    args: Json = {}
    for name in given.keys() & kinds.keys():
        try:
            args[name] = _cast(given[name], kinds[name])
        except (TypeError, ValueError):
            faults.append(f"[ERROR] failed to match a {kinds[name]} [json-pointer:/{name}]")
    if faults:
        raise SlackError("invalid_arguments", messages=sorted(faults))
    return args


def _cast(value: object, kind: str) -> object:
    match kind:
        case "int":
            if isinstance(value, bool) or not isinstance(value, int | str):
                raise TypeError(value)
            return int(value)
        case "bool":
            return _boolean(value)
        case "json":
            return json.loads(value) if isinstance(value, str) else value
        case "list":
            return value if isinstance(value, list) else [one for one in str(value).split(",") if one]
        case _:
            if not isinstance(value, str | int | float) or isinstance(value, bool):
                raise TypeError(value)
            return str(value)


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if str(value) in _TRUE:
        return True
    if str(value) in _FALSE:
        return False
    raise ValueError(value)


def page(items: list[Json], args: Json, default: int) -> tuple[list[Json], Json]:
    """Return one page of a list and the `response_metadata` that leads to the next.

    Raises:
        SlackError: `invalid_cursor` or `invalid_limit`.
    """
    limit = args.get("limit", default)
    if not 1 <= limit <= 1000:
        raise SlackError("invalid_limit")
    start = _start(args.get("cursor") or "")
    after = start + limit
    cursor = f"dXNlcjo{after}" if after < len(items) else ""
    return items[start:after], {"next_cursor": cursor}


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    number = cursor.removeprefix("dXNlcjo")
    if number == cursor or not number.isdigit():
        raise SlackError("invalid_cursor")
    return int(number)
