"""Telegram's HTML, parsed as the server parses it: into plain text and entities, or refused in the server's words.

After td's `parse_html` (MessageEntity.cpp): the same tags, the same complaints, positions counted in bytes of UTF-8.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playground.telegram.entities import Entity, utf16_length

_TAGS = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]{1,6})|#(?P<dec>[0-9]{1,7})|(?P<name>lt|gt|amp|quot));?")
_SPACE = " \t\n\r\v\f"


class MarkupError(ValueError):
    """The text is not the HTML that Telegram understands; the message says why in the server's words."""


@dataclass(slots=True)
class _Open:
    name: str
    argument: str
    utf16_start: int
    text_start: int


@dataclass(slots=True)
class _Reading:
    source: str
    at: int = 0
    text: list[str] = field(default_factory=list)
    utf16: int = 0
    open_tags: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def byte(self, position: int) -> int:
        return len(self.source[:position].encode("utf-8", errors="surrogatepass"))

    def emit(self, text: str) -> None:
        self.text.append(text)
        self.utf16 += utf16_length(text)

    def skip_spaces(self) -> None:
        while self.peek() and self.peek() in _SPACE:
            self.at += 1

    def take_until(self, stop: str) -> str:
        begin = self.at
        while self.peek() and self.peek() not in stop:
            self.at += 1
        return self.source[begin : self.at]


def parse_html(source: str) -> tuple[str, tuple[Entity, ...]]:
    """Parse a text written with `parse_mode=HTML`.

    Returns:
        The visible text, and its entities with offsets in UTF-16 code units, outermost first.

    Raises:
        MarkupError: A tag is unknown, unclosed, unmatched or ill-formed.
    """
    reading = _Reading(source)
    while reading.at < len(source):
        if source[reading.at] == "<":
            _read_tag(reading)
        else:
            reading.emit(_read_character(reading))
    if reading.open_tags:
        raise MarkupError(f'Can\'t find end tag corresponding to start tag "{reading.open_tags[-1].name}"')
    ordered = sorted(reading.entities, key=lambda entity: (entity.offset, -entity.length))
    return "".join(reading.text), tuple(ordered)


def valid_link(url: str) -> str | None:
    """Say a link as Telegram keeps it, or None when it is none: a host without a dot (`localhost`) is no host."""
    candidate = url.strip()
    if candidate.lower().startswith(("tg://", "ton://", "mailto:")):
        return candidate
    with_scheme = candidate if "://" in candidate else f"http://{candidate}"
    try:
        parts = urlsplit(with_scheme)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https", "ftp", "tonsite"} or re.search(r"\s", with_scheme):
        return None
    dotted = "." in host.strip(".") or ":" in host
    return None if not dotted else (with_scheme if parts.path or parts.query else f"{with_scheme}/")


def _read_character(reading: _Reading) -> str:
    match = _REFERENCE.match(reading.source, reading.at)
    char = _referenced(match) if match else None
    if match is None or char is None:
        reading.at += 1
        return reading.source[reading.at - 1]
    reading.at = match.end()
    return char


def _referenced(match: re.Match[str]) -> str | None:
    if match["name"]:
        return _NAMED[match["name"]]
    number = int(match["hex"], 16) if match["hex"] else int(match["dec"])
    return chr(number) if 0 < number < 0x10FFFF and not 0xD800 <= number < 0xE000 else None


def _read_tag(reading: _Reading) -> None:
    begin = reading.at
    reading.at += 1
    if reading.peek() == "/":
        reading.at += 1
        _read_end_tag(reading, begin)
    else:
        _read_start_tag(reading, begin)


def _read_start_tag(reading: _Reading, begin: int) -> None:
    name = reading.take_until(_SPACE + ">").lower()
    if not reading.peek():
        raise MarkupError(f"Unclosed start tag at byte offset {reading.byte(begin)}")
    if name not in _TAGS:
        raise MarkupError(f'Unsupported start tag "{name}" at byte offset {reading.byte(begin)}')
    argument = ""
    while True:
        reading.skip_spaces()
        if reading.peek() == ">":
            break
        argument = _read_attribute(reading, name, begin) or argument
    if name == "span" and argument != "spoiler":
        raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {reading.byte(begin)}')
    reading.at += 1
    reading.open_tags.append(_Open(name, argument, reading.utf16, len("".join(reading.text))))


def _read_attribute(reading: _Reading, tag: str, begin: int) -> str | None:
    where = f"at byte offset {reading.byte(begin)}"
    attribute = reading.take_until(_SPACE + "=>/\"'")
    if not attribute:
        if reading.peek():
            raise MarkupError(f'Empty attribute name in the tag "{tag}" {where}')
        raise MarkupError(f'Unclosed start tag "{tag}" {where}')
    reading.skip_spaces()
    if reading.peek() != "=":
        if tag == "blockquote" and attribute == "expandable":
            return "expandable"
        raise MarkupError(f'Expected equal sign in declaration of an attribute of the tag "{tag}" {where}')
    reading.at += 1
    reading.skip_spaces()
    value = _read_value(reading)
    if not reading.peek():
        raise MarkupError(f"Unclosed start tag {where}")
    return _argument(tag, attribute, value)


def _read_value(reading: _Reading) -> str:
    quote = reading.peek()
    if quote not in {"'", '"'}:
        begin = reading.at
        while reading.peek().isalnum() or (reading.peek() and reading.peek() in ".-"):
            reading.at += 1
        if reading.peek() and reading.peek() not in _SPACE + ">":
            raise MarkupError(f"Unexpected end of name token at byte offset {reading.byte(begin)}")
        return reading.source[begin : reading.at].lower()
    reading.at += 1
    value = []
    while reading.peek() and reading.peek() != quote:
        value.append(_read_character(reading))
    reading.at += bool(reading.peek())
    return "".join(value)


def _argument(tag: str, attribute: str, value: str) -> str | None:
    if tag == "a" and attribute == "href":
        return value
    if tag == "code" and attribute == "class" and value.startswith("language-"):
        return value.removeprefix("language-")
    if tag == "span" and attribute == "class" and value.startswith("tg-"):
        return value.removeprefix("tg-")
    return None


def _read_end_tag(reading: _Reading, begin: int) -> None:
    where = f"at byte offset {reading.byte(begin)}"
    if not reading.open_tags:
        raise MarkupError(f"Unexpected end tag {where}")
    found = reading.take_until(_SPACE + ">").lower()
    reading.skip_spaces()
    if reading.peek() != ">":
        raise MarkupError(f"Unclosed end tag {where}")
    expected = reading.open_tags[-1].name
    if found not in {"", expected}:
        raise MarkupError(f'Unmatched end tag {where}, expected "</{expected}>", found "</{found}>"')
    reading.at += 1
    _close(reading, reading.open_tags.pop())


def _close(reading: _Reading, tag: _Open) -> None:
    length = reading.utf16 - tag.utf16_start
    if length == 0:
        return
    if tag.name == "a":
        link = valid_link(tag.argument or "".join(reading.text)[tag.text_start :])
        if link is not None:
            reading.entities.append(Entity("text_link", tag.utf16_start, length, url=link))
        return
    if tag.name == "pre" and reading.entities and _same_span(reading.entities[-1], tag.utf16_start, length):
        inner = reading.entities.pop()
        reading.entities.append(Entity("pre", inner.offset, inner.length, language=inner.language))
        return
    kind = "expandable_blockquote" if tag.argument == "expandable" else _TAGS[tag.name]
    language = tag.argument or None if tag.name == "code" else None
    reading.entities.append(Entity(kind, tag.utf16_start, length, language=language))


def _same_span(entity: Entity, offset: int, length: int) -> bool:
    return entity.type == "code" and entity.language is not None and (entity.offset, entity.length) == (offset, length)
