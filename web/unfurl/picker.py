"""Picks from a page, going forward once, the few tags a preview is made of (pure).

A full HTML parser can be made to take seconds and a gigabyte by forty kilobytes of hostile markup; this looks at each
byte a bounded number of times, and caps how much of what it hands on. Everything is UTF-8 bytes: in UTF-8 no part of a
longer character looks like markup.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

OPENINGS = 8_000
"""Tags of interest looked at; a page of half a megabyte has a few hundred."""
TAG_BYTES = 8_192
ATTRIBUTES = 48
METAS = 300
SCRIPTS = 24
SCRIPT_BYTES = 192 * 1024
"""Of all JSON-LD together."""
HEADINGS = 6
TIMES = 16
ELEMENTS = 24
"""Elements found by one word of theirs, as `itemprop`."""

_OPENING = re.compile(
    rb"<(?:!--|(script|style|svg|template|textarea|title|meta|link|base|html|time|h1)(?=[\s/>]))",
)
_TAG = re.compile(rb"""<[^>"']*+(?:"[^"]*+"[^>"']*+|'[^']*+'[^>"']*+)*+>""")
_ATTRIBUTE = re.compile(rb"""[^\s"'>/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'>]++))?+""")
_SUSPICIOUS = 200
_LINKS = (b"canonical", b"image_src", b"author", b"apple-touch-icon")
_SKIPPED = frozenset({b"style", b"svg", b"template", b"textarea"})
_CONTENT_BYTES = {b"title": 4_096, b"h1": 3_072, b"time": 512}
_CAPS = {b"meta": METAS, b"link": METAS, b"base": 1, b"html": 1, b"title": 1, b"h1": HEADINGS, b"time": TIMES}


@dataclass(slots=True)
class Picked:
    """What the picker kept of a page.

    Args:
        body: the page, UTF-8.
    """

    body: bytes
    lower: bytes = b""
    """The page in small letters, as far as ASCII goes: the same places, easier to search."""
    kept: dict[bytes, list[bytes]] = field(default_factory=dict)
    """Tag name to what was kept of it: start tags, and for title, h1 and time their content too."""
    scripts: list[bytes] = field(default_factory=list)
    """JSON-LD, as it stands between its tags."""
    hidden: list[tuple[int, int]] = field(default_factory=list)
    """Where comments, scripts and the like stand: nothing in them is markup."""
    openings: int = 0
    """How many tags of interest were looked at."""

    def flat(self) -> bytes:
        """The kept tags one after the other, as a small flat page for an HTML parser."""
        order = (b"html", b"base", b"title", b"meta", b"link", b"time")
        return b"\n".join(tag for name in order for tag in self.kept.get(name, ()))


def pick(body: bytes) -> Picked:
    """Pick the tags of interest from a page, in time linear in its length."""
    picked = Picked(body, body.lower())
    missing: set[bytes] = set()
    position = 0
    while picked.openings < OPENINGS and (found := _OPENING.search(picked.lower, position)):
        picked.openings += 1
        name = found[1]
        if name is None:
            position = _hide(picked, found.start(), b"-->", 4)
        elif name == b"script":
            position = _script(picked, found.start())
        elif name in _SKIPPED:
            position = _skip(picked, found.end(), name, missing)
        else:
            position = _keep(picked, found.start(), name)
    return picked


def _hide(picked: Picked, start: int, end: bytes, offset: int) -> int:
    stop = picked.lower.find(end, start + offset - 2 if end == b"-->" else start + offset)
    stop = len(picked.lower) if stop < 0 else stop
    picked.hidden.append((start, stop))
    return stop + 1


def _script(picked: Picked, start: int) -> int:
    inside = start + len(tag_at(picked.body, start))
    after = _hide(picked, start, b"</script", inside - start)
    if b"ld+json" in picked.lower[start:inside] and len(picked.scripts) < SCRIPTS:
        room = SCRIPT_BYTES - sum(map(len, picked.scripts))
        content = picked.body[inside : after - 1]
        if len(content) <= room:
            picked.scripts.append(content)
    return after


def _skip(picked: Picked, position: int, name: bytes, missing: set[bytes]) -> int:
    # An element that is never closed is looked for once, not once per opening.
    if name in missing:
        return position
    stop = picked.lower.find(b"</" + name, position)
    if stop < 0:
        missing.add(name)
        return position
    picked.hidden.append((position, stop))
    return stop + 1


def _keep(picked: Picked, start: int, name: bytes) -> int:
    kept = picked.kept.setdefault(name, [])
    if len(kept) >= _CAPS[name]:
        return start + 1
    tag = tag_at(picked.body, start)
    end = start + len(tag)
    if not tag or too_many_attributes(tag):
        return start + 1
    if name in _CONTENT_BYTES:
        stop = picked.lower.find(b"</" + name, end, end + _CONTENT_BYTES[name])
        stop = end + _CONTENT_BYTES[name] if stop < 0 and name == b"title" else max(stop, end)
        kept.append(tag + picked.body[end:stop] + b"</" + name + b">")
        return stop
    if name != b"link" or any(word in picked.lower[start:end] for word in _LINKS):
        kept.append(tag)
    return end


def tag_at(body: bytes, start: int) -> bytes:
    """The start tag that stands there, quotes respected; cut short at the first `>` where its quotes are broken."""
    limit = start + TAG_BYTES
    if found := _TAG.match(body, start, limit):
        return found[0]
    end = body.find(b">", start, limit)
    return body[start : end + 1] if end >= 0 else b""


def too_many_attributes(tag: bytes) -> bool:
    """Whether a tag holds more attributes than any honest one; parsers compare each with all others."""
    return len(tag) > _SUSPICIOUS and sum(1 for _ in _ATTRIBUTE.finditer(tag)) > ATTRIBUTES


def elements_with(picked: Picked, word: bytes, size: int) -> Iterator[bytes]:
    """Elements with a word in their start tag, each as a piece of at most `size` bytes of the page from there on.

    Args:
        picked: the page.
        word: in small letters, as `itemprop` or `byline`.
        size: bytes of content wanted after the tag.
    """
    position = found = 0
    while found < ELEMENTS and (position := picked.lower.find(word, position)) >= 0:
        start = picked.lower.rfind(b"<", max(0, position - 600), position)
        position += len(word)
        found += 1
        if start < 0 or not picked.lower[start + 1 : start + 2].isalpha() or _is_hidden(picked, start):
            continue
        tag = tag_at(picked.body, start)
        if start + len(tag) > position and not too_many_attributes(tag):
            position = start + len(tag)
            yield picked.body[start : position + size]


def _is_hidden(picked: Picked, position: int) -> bool:
    return any(start <= position < stop for start, stop in picked.hidden)
