"""Picks from a page, going forward once, the few tags a preview is made of (pure).

A full HTML parser can be made to take seconds and a gigabyte by forty kilobytes of hostile markup; this looks at each
byte a bounded number of times, and caps how much of what it hands on. Everything is UTF-8 bytes: in UTF-8 no part of a
longer character looks like markup.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from heapq import merge
from itertools import islice

OPENINGS = 8_000
"""Tags of interest looked at; a page of half a megabyte has a few hundred."""
TAG_BYTES = 8_192
SCANNED = 1024 * 1024
"""Bytes looked at for the ends of tags, all together; quotes that never close would have us look again and again."""
ATTRIBUTES = 48
METAS = 300
SCRIPTS = 24
SCRIPT_BYTES = 192 * 1024
"""Of all JSON-LD together."""
HEADINGS = 6
TIMES = 16
HEADLINES = 12
"""Places where the words of the headline stand."""
ELEMENTS = 24
"""Elements found by one word of theirs, as `itemprop`."""

YEARS_WITHIN = 64 * 1024
"""Bytes after the headline; what is further down is about something else."""
YEARS = 1_000
"""Places that look like a year, at most; a page with more is a table or an archive."""
_LINE_BYTES = 90
PICTURES = 8
PICTURES_WITHIN = 48 * 1024
"""Bytes after the headline, among them the article's own pictures."""
_BEFORE_PICTURE = 400
_WORTH_CUTTING = 200
"""Bytes of what is hidden; to look through fewer costs less than to cut them out."""
_CENTURIES = (re.compile(rb"199\d(?!\d)"), re.compile(rb"20[0-4]\d(?!\d)"))
"""Years, of each by itself: its first figures are looked for as such, where one for both looked at every figure."""

_TAG = re.compile(rb"""<[^>"']*+(?:"[^"]*+"[^>"']*+|'[^']*+'[^>"']*+)*+>""")
_ATTRIBUTE = re.compile(rb"""[^\s"'>/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'>]++))?+""")
_SUSPICIOUS = 200
_HEADING = re.compile(rb"<h[1-3][\s>](?:(?!</h[1-3]).)*\Z", re.DOTALL)
_HEADING_BYTES = 300
_A_WORD = 12
"""Bytes; a shorter headline, as a site's name, stands anywhere on its pages."""
_LINKS = re.compile(rb"canonical|image_src")
_SKIPPED = frozenset({b"style", b"svg", b"template", b"textarea"})
_CONTENT_BYTES = {b"title": 4_096, b"h1": 3_072, b"time": 512}
_CAPS = {b"meta": METAS, b"link": METAS, b"base": 1, b"html": 1, b"title": 1, b"h1": HEADINGS, b"time": TIMES}

_WANTED = _SKIPPED | {b"script", *_CAPS}


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
    scanned: int = 0
    """How many bytes were looked at for the ends of tags."""
    _shown: bytes | None = None

    @property
    def shown(self) -> bytes:
        """The page in small letters without what is hidden, to see quickly that a word stands in no tag of it."""
        if self._shown is None:
            pieces, last = [], 0
            for start, stop in self.hidden:
                # The end of a start tag belongs to what it hides: only from the next one on nothing is a tag.
                if stop - start > _WORTH_CUTTING and (inside := self.lower.find(b"<", start, stop)) >= 0:
                    pieces.append(self.lower[last:inside])
                    last = stop
            self._shown = b"".join([*pieces, self.lower[last:]])
        return self._shown

    def tag_at(self, start: int) -> bytes:
        """The start tag that stands there, quotes respected; cut at the first `>` where its quotes are broken."""
        if self.scanned > SCANNED:
            return b""
        limit = start + TAG_BYTES
        found = _TAG.match(self.body, start, limit)
        end = found.end() if found else self.body.find(b">", start, limit) + 1
        self.scanned += (end or limit) - start if found else 2 * TAG_BYTES
        return self.body[start:end]

    def around(self, place: int, before: int, after: int) -> bytes:
        """The part of the page round a place, from the beginning of a tag on."""
        start = self.body.find(b"<", max(0, place - before))
        return self.body[max(0, start) : place + after]

    def heading(self, title: bytes) -> int:
        """Where the headline stands, or else where the page begins in earnest."""
        if (place := self._heading(title)) >= 0:
            return place
        names = (b"<h1", b"<article", b"<body")
        return next((found for name in names if (found := self.lower.find(name)) >= 0), 0)

    def _heading(self, title: bytes) -> int:
        """Where the headline stands, rather in a heading than in a menu; -1 when it is nowhere."""
        first, position = -1, max(0, self.lower.find(b"<body"))
        for _ in range(HEADLINES if title else 0):
            if (position := self.body.find(title, position)) < 0:
                break
            if _HEADING.search(self.lower, max(0, position - _HEADING_BYTES), position):
                return position
            first = position if first < 0 else first
            position += len(title)
        return first if len(title) > _A_WORD else -1

    def flat(self) -> bytes:
        """The kept tags one after the other, as a small flat page for an HTML parser."""
        order = (b"html", b"base", b"title", b"meta", b"link", b"time")
        return b"\n".join(tag for name in order for tag in self.kept.get(name, ()))


@cache
def _opening_of(names: frozenset[bytes]) -> re.Pattern[bytes]:
    # The first letters together, then the second ones: most tags of a page are told apart from ours by two looks,
    # and only then which first letter it was.
    firsts = b"".join(sorted({name[:1] for name in names}))
    rests = (rb"%b(?<=<%b)(?=[\s/>])" % (name[1:], name) for name in sorted(names))
    return re.compile(rb"<[!%b](?:--(?<=<!--)|%b)" % (firsts, b"|".join(rests)))


def pick(body: bytes) -> Picked:
    """Pick the tags of interest from a page, in time linear in its length."""
    picked = Picked(body, body.lower())
    wanted = _WANTED
    position = 0
    while picked.openings < OPENINGS and (found := _opening_of(wanted).search(picked.lower, position)):
        picked.openings += 1
        name = found[0][1:]
        if name == b"!--":
            position = _hide(picked, found.start(), b"-->", 2)
        elif name == b"script":
            position = _script(picked, found.start())
        elif name in _SKIPPED:
            position, closed = _skip(picked, found.end(), name)
            # An element that is never closed is looked for once, not once per opening.
            wanted = wanted if closed else wanted - {name}
        else:
            position = _keep(picked, found.start(), name)
            if len(picked.kept[name]) >= _CAPS[name]:
                # Pictures are looked into for their titles' sake alone.
                wanted -= {name, b"svg"} if name == b"title" else {name}
    return picked


def _hide(picked: Picked, start: int, end: bytes, offset: int) -> int:
    stop = picked.lower.find(end, start + offset)
    stop = len(picked.lower) if stop < 0 else stop
    picked.hidden.append((start, stop))
    return stop + 1


def _script(picked: Picked, start: int) -> int:
    inside = picked.lower.find(b">", start, start + TAG_BYTES) + 1 or start + TAG_BYTES
    after = _hide(picked, start, b"</script", inside - start)
    if picked.lower.find(b"ld+json", start, inside) > 0 and len(picked.scripts) < SCRIPTS:
        content = picked.body[inside : after - 1]
        if sum(map(len, picked.scripts), len(content)) <= SCRIPT_BYTES:
            picked.scripts.append(content)
    return after


def _skip(picked: Picked, position: int, name: bytes) -> tuple[int, bool]:
    stop = picked.lower.find(b"</" + name, position)
    if stop < 0:
        return position, False
    picked.hidden.append((position, stop))
    return stop + 1, True


def _keep(picked: Picked, start: int, name: bytes) -> int:
    kept = picked.kept.setdefault(name, [])
    if name == b"link" and not _LINKS.search(picked.lower, start, picked.lower.find(b">", start, start + TAG_BYTES)):
        return start + 1
    tag = picked.tag_at(start)
    end = start + len(tag)
    if not tag or too_many_attributes(tag):
        return start + 1
    if name in _CONTENT_BYTES:
        stop = picked.lower.find(b"</" + name, end, end + _CONTENT_BYTES[name])
        stop = end + _CONTENT_BYTES[name] if stop < 0 and name == b"title" else max(stop, end)
        kept.append(tag + picked.body[end:stop] + b"</" + name + b">")
        return stop
    kept.append(tag)
    return end


def too_many_attributes(tag: bytes) -> bool:
    """Whether a tag holds more attributes than any honest one; parsers compare each with all others."""
    return len(tag) > _SUSPICIOUS and sum(1 for _ in islice(_ATTRIBUTE.finditer(tag), ATTRIBUTES + 1)) > ATTRIBUTES


def elements_with(picked: Picked, word: bytes, size: int, span: tuple[int, int] | None = None) -> Iterator[bytes]:
    """Elements with a word in their start tag, each as a piece of at most `size` bytes of the page from there on.

    Args:
        picked: the page.
        word: in small letters, as `itemprop` or `byline`.
        size: bytes of content wanted after the tag.
        span: where to look; by default everywhere.
    """
    if span is None and word not in picked.shown:
        return
    position, end = span or (0, len(picked.lower))
    found = 0
    while found < ELEMENTS and (position := picked.lower.find(word, position, end)) >= 0:
        start = picked.lower.rfind(b"<", max(0, position - 600), position)
        position += len(word)
        found += 1
        if start < 0 or not picked.lower[start + 1 : start + 2].isalpha() or _is_hidden(picked, start):
            continue
        tag = picked.tag_at(start)
        if start + len(tag) > position and not too_many_attributes(tag):
            position = start + len(tag)
            yield picked.body[start : position + size]


def dated_texts(picked: Picked, place: int) -> Iterator[tuple[int, bytes]]:
    """Short texts between two tags that hold a year, and where, from a little before a place on: lines of their own."""
    span = (max(0, place - YEARS_WITHIN // 8), place + YEARS_WITHIN)
    years = merge(*(some.finditer(picked.body, *span) for some in _CENTURIES), key=re.Match.start)
    for year in islice(years, YEARS):
        start = picked.body.rfind(b">", max(0, year.start() - _LINE_BYTES), year.start()) + 1
        end = picked.body.find(b"<", year.end(), year.end() + _LINE_BYTES)
        if start > 0 and end > 0 and not _is_hidden(picked, start):
            text = picked.body[start:end]
            if b"<" not in text and b">" not in text:
                yield start, text


def pictures(picked: Picked, place: int) -> Iterator[tuple[bytes, bytes]]:
    """The tags of the first pictures after a place, each with what stands right before it."""
    position, end = place, place + PICTURES_WITHIN
    for _ in range(PICTURES):
        if (position := picked.lower.find(b"<img", position + 1, end)) < 0:
            return
        tag = picked.tag_at(position)
        if tag and not _is_hidden(picked, position) and not too_many_attributes(tag):
            yield tag, picked.lower[max(0, position - _BEFORE_PICTURE) : position]


def _is_hidden(picked: Picked, position: int) -> bool:
    before = bisect_right(picked.hidden, (position, len(picked.lower))) - 1
    return before >= 0 and position < picked.hidden[before][1]
