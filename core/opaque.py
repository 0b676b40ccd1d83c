"""Addresses that tell nothing of what they lead to: perhaps a page, perhaps a key. Their poster is asked. Pure.

Judged by structure, never by entropy, which flags most articles: the address is a short way and one long made-up token,
no words stand beside it, and nothing on the way says that something was published there.
"""

import re
from dataclasses import dataclass
from functools import cache

from core.address import Address, parse
from core.hosts import HostTable
from core.urls import table

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,}")
_HEX = re.compile(r"[0-9a-fA-F-]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MIXED = (re.compile(r"[0-9]"), re.compile(r"[A-Za-z]"))
_SHORTEST_HEX = 32
"""Shorter ones are the row numbers of many publishing systems."""
_BETWEEN_WORDS = re.compile(r"[-_+.,~]|%20")
_WORD = re.compile(r"(?:[a-z]{3,}|[A-Z][a-z]{2,}|[A-Z]{3,})\d{0,3}|(?:19|20)\d\d")
"""One of a slug's, also as `covid19`, also a year."""
_LONG_WORD = 5
_ENDING = re.compile(r"\.(?:html?|php|aspx?|jsp|cfm)$")
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class _Rules:
    published: frozenset[str]
    open_to_all: HostTable[bool]


@cache
def _rules() -> _Rules:
    data = table("opaque")
    return _Rules(frozenset(data["published"].split()), HostTable.build([(data["open_to_all"].split(), True)]))


def is_opaque(url: str) -> bool:
    """Whether nobody can tell from an address whether it is a page or somebody's key.

    Args:
        url: an address that `sensitive.reason` has nothing against, trackers off.

    Raises:
        NotALink: it is not an http(s) address.
    """
    address, rules = parse(url), _rules()
    way = [_ENDING.sub("", segment) for segment in address.path.split("/") if segment]
    if len(way) > _DEEPEST or any(rules.open_to_all.at(address.host)):
        return False
    if any(segment.lower() in rules.published or _is_worded(segment) for segment in way):
        return False
    return _ends_in_token(way, address)


def _ends_in_token(way: list[str], address: Address) -> bool:
    values = [value for _, value in address.pairs]
    if any(" " in value or _is_worded(value) for value in values):
        return False
    return sum(map(_is_token, values or way[-1:])) == 1


def _is_worded(text: str) -> bool:
    """Whether words stand in it, as in an article's address: two of them, or a long one beside something else."""
    if _UUID.fullmatch(text):
        return False
    parts = _BETWEEN_WORDS.split(text)
    words = [part for part in parts if _WORD.fullmatch(part)]
    return len(words) > 1 or (len(parts) > 1 and any(len(word) >= _LONG_WORD for word in words))


def _is_token(text: str) -> bool:
    if not _TOKEN.fullmatch(text) or not all(kind.search(text) for kind in _MIXED):
        return False
    return bool(_UUID.fullmatch(text)) or not _HEX.fullmatch(text) or len(text) >= _SHORTEST_HEX
