"""Small rules over JSON, put together into Block Kit's: each yields what is wrong and where (pure)."""

import json
import re
from collections.abc import Callable, Iterator, Mapping

Rule = Callable[[object, str], Iterator[str]]
"""A rule looks at a value and its JSON pointer and yields complaints in Slack's manner."""


def complaint(words: str, pointer: str) -> str:
    """Return a complaint as it stands in `response_metadata.messages`."""
    return f"[ERROR] {words} [json-pointer:{pointer}]"


def string(most: int, *, least: int = 1, pattern: str | None = None) -> Rule:
    """A string of `least` to `most` characters, fully matching `pattern` when given."""

    def rule(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield complaint("must provide a string", pointer)
        elif len(value) > most:
            yield complaint(f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            yield complaint(f"must be more than {least - 1} characters", pointer)
        elif pattern is not None and not re.fullmatch(pattern, value, re.DOTALL):
            yield complaint("does not match the expected format", pointer)

    return rule


def number(*, above: float | None = None) -> Rule:
    """A number, greater than `above` when given."""

    def rule(value: object, pointer: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield complaint("must provide a number", pointer)
        elif above is not None and value <= above:
            yield complaint(f"must be greater than {above:g}", pointer)

    return rule


def boolean(value: object, pointer: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield complaint("must be a boolean", pointer)


def anything(value: object, pointer: str) -> Iterator[str]:
    """Whatever it is."""
    del value, pointer
    yield from ()


def one_of(*words: object) -> Rule:
    """One of the given values."""

    def rule(value: object, pointer: str) -> Iterator[str]:
        if value not in words:
            yield complaint(f"must be one of {json.dumps(words)}", pointer)

    return rule


def listing(item: Rule, least: int, most: int) -> Rule:
    """A list of `least` to `most` items, each passing `item`."""

    def rule(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield complaint("must provide an array", pointer)
            return
        if len(value) > most:
            yield complaint(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            yield complaint(f"no fewer than {least} items allowed", pointer)
        for index, entry in enumerate(value):
            yield from item(entry, f"{pointer}/{index}")

    return rule


def record(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """An object with these fields and no others."""
    known = {**required, **(optional or {})}

    def rule(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield complaint("must provide an object", pointer)
            return
        for name in required.keys() - value.keys():
            yield complaint(f"missing required field: {name}", pointer)
        for name, entry in value.items():
            if name in known:
                yield from known[name](entry, f"{pointer}/{name}")
            else:
                yield complaint(f"invalid additional property: {name}", pointer)

    return rule


def typed(kinds: Mapping[str, Rule]) -> Rule:
    """An object whose `type` chooses its rule."""

    def rule(value: object, pointer: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            yield complaint(f"unsupported type: {kind}", f"{pointer}/type")
            return
        yield from kinds[kind](value, pointer)

    return rule


def also(rule: Rule, extra: Callable[[dict[str, object]], str | None]) -> Rule:
    """`rule`, and then `extra`, which looks at the whole object and returns a complaint's words or None."""

    def both(value: object, pointer: str) -> Iterator[str]:
        faults = list(rule(value, pointer))
        yield from faults
        if not faults and isinstance(value, dict):
            words = extra(value)
            if words is not None:
                yield complaint(words, pointer)

    return both
