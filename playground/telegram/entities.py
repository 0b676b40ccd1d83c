"""What Telegram sees in a text: links, mentions, commands and the like, at offsets counted in UTF-16 code units.

The rules follow td's `MessageEntity.cpp` (find_urls, find_mentions, find_bot_commands, find_hashtags); phone and bank
card numbers are left out: nothing here needs them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from playground.telegram.tlds import COMMON_TLDS

SOLID = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji"})
"""Entities inside which Telegram looks for nothing else."""

_PORTS = range(1, 65536)
_LABELS = r"(?:[^\W_][\w-]{0,62}\.)+"
_TOP = r"(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,63})"
_IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_REST = r"(?::(?P<port>\d{1,5}))?(?P<path>[/?#][^\s<>\"«»\u2000-\u200b\u200e\u200f\u2016-\u206f]*)?"
_WITH_SCHEME = re.compile(
    rf"(?<!\w)(?:https?|ftp)://(?:[^\s/?#@<>\"']{{1,128}}@)?(?P<host>{_IPV4}(?![\w.-])|{_LABELS}{_TOP}(?![\w-])){_REST}",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?<![\w@.-])(?<!://)(?P<host>{_IPV4}(?![\w.-])|{_LABELS}{_TOP}(?![\w@-])){_REST}", re.IGNORECASE)
_EMAIL = re.compile(
    r"(?<![\w.+-])[a-z0-9_+-][a-z0-9_.+-]{0,63}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,10}(?![\w-])", re.IGNORECASE
)
_MENTION = re.compile(r"(?<![\w@])@[a-zA-Z0-9_]{4,32}(?!\w)")
_COMMAND = re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>])")
_HASHTAG = re.compile(r"(?<!\w)#(?=\w*[^\W\d_])\w{1,256}(?![\w#])")
_CASHTAG = re.compile(r"(?<!\w)\$[A-Z]{1,8}(?![\w$])")
_PATTERNS = (
    ("email", _EMAIL),
    ("mention", _MENTION),
    ("bot_command", _COMMAND),
    ("hashtag", _HASHTAG),
    ("cashtag", _CASHTAG),
)
_CLOSERS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Entity:
    """One span of a text that means something.

    Attributes:
        type: Telegram's name for it.
        offset: Where it begins, in UTF-16 code units.
        length: How long it is, in UTF-16 code units.
        url: The target of a `text_link`.
        language: The language of a `pre`.
    """

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None

    @property
    def end(self) -> int:
        """The offset just behind the entity."""
        return self.offset + self.length

    def as_json(self) -> dict[str, Any]:
        """Say it as a MessageEntity."""
        known: dict[str, Any] = {"type": self.type, "offset": self.offset, "length": self.length}
        return known | {k: v for k, v in (("url", self.url), ("language", self.language)) if v is not None}


def utf16_length(text: str) -> int:
    """Count the UTF-16 code units of a text."""
    return len(text) + sum(char > "\uffff" for char in text)


def utf16_slice(text: str, offset: int, length: int) -> str:
    """Cut a span, given in UTF-16 code units, out of a text."""
    encoded = text.encode("utf-16-le")
    return encoded[offset * 2 : (offset + length) * 2].decode("utf-16-le", errors="replace")


def find_entities(text: str) -> tuple[Entity, ...]:
    """Find what Telegram would mark by itself; where two finds overlap, the one that begins first stays."""
    spans = [(start, end, "url") for start, end in _urls(text)]
    spans += [(match.start(), match.end(), kind) for kind, pattern in _PATTERNS for match in pattern.finditer(text)]
    kept: list[tuple[int, int, str]] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return tuple(Entity(kind, utf16_length(text[:start]), utf16_length(text[start:end])) for start, end, kind in kept)


def with_found(text: str, explicit: Iterable[Entity]) -> tuple[Entity, ...]:
    """Add what Telegram finds by itself to the entities that somebody gave, outermost first."""
    given = tuple(explicit)
    found = [entity for entity in find_entities(text) if not any(_in_the_way(entity, other) for other in given)]
    return tuple(sorted((*given, *found), key=lambda entity: (entity.offset, -entity.length)))


def stripped(text: str, entities: Iterable[Entity]) -> tuple[str, tuple[Entity, ...]]:
    """Trim a text as Telegram does when it is sent, and its entities with it; an entity left empty is dropped."""
    start = utf16_length(text) - utf16_length(text.lstrip())
    end = start + utf16_length(text.strip())
    return text.strip(), tuple(_clipped(entities, start, end))


def _clipped(entities: Iterable[Entity], start: int, end: int) -> Iterator[Entity]:
    for entity in entities:
        begin, stop = max(entity.offset, start), min(entity.end, end)
        if begin < stop:
            yield Entity(entity.type, begin - start, stop - begin, entity.url, entity.language)


def _in_the_way(found: Entity, given: Entity) -> bool:
    apart = found.end <= given.offset or given.end <= found.offset
    nested = (given.offset <= found.offset and found.end <= given.end) or (
        found.offset <= given.offset and given.end <= found.end
    )
    return not apart and (given.type in SOLID or not nested)


def _urls(text: str) -> Iterator[tuple[int, int]]:
    for pattern, needs_common_tld in ((_WITH_SCHEME, False), (_BARE, True)):
        for match in pattern.finditer(text):
            if _is_host(match["host"], needs_common_tld=needs_common_tld):
                yield match.start(), _end_of_url(match)


def _is_host(host: str, *, needs_common_tld: bool) -> bool:
    parts = host.lower().split(".")
    if parts[-1].isdigit():
        return all(int(part) < 256 for part in parts)
    return not needs_common_tld or parts[-1] in COMMON_TLDS


def _end_of_url(match: re.Match[str]) -> int:
    if match["port"] is not None and int(match["port"]) not in _PORTS:
        return match.end("host")
    if match["path"] is None:
        return match.end("host") if match["port"] is None else match.end("port")
    return match.start("path") + len(_path(match["path"]))


def _path(path: str) -> str:
    open_ones: list[str] = []
    end = len(path)
    for index, char in enumerate(path):
        if char in _CLOSERS.values():
            open_ones.append(char)
        elif char in _CLOSERS and (not open_ones or open_ones.pop() != _CLOSERS[char]):
            end = index
            break
    return path[:end].rstrip(".:;,('?!`")
