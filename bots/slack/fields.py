"""Looks into JSON of which nothing is known: what is absent or of another kind is as good as empty. Pure."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def mapping(parent: Json, key: str) -> Json:
    """The object under a key; an empty one where there is none."""
    value = parent.get(key)
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> list[Json]:
    """The objects in a list; none where it is no list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def text(parent: Json, key: str) -> str | None:
    """The text under a key; None where there is none, or an empty one."""
    value = parent.get(key)
    return value if isinstance(value, str) and value else None
