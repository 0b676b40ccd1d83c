"""The picture of a week: a frozen edition as SVG, in a size that can be read on a phone. Pure.

Our own drawing, with no script, no style sheet and no address in it, so that the same text may stand inline on a page.
The words come in as plain labels. Every figure is one of the edition's, and stands in the digest's text too. What a
group is too small to be told is hatched, never left out: a gap would look like a nought.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from core.anonymity import Bucket, bucket
from core.model import Edition, Entry

WIDTH = 390
"""The width of a phone's screen in CSS pixels: at that width the smallest letters are 13 pixels high."""
SMALL, NORMAL, LARGE = 13, 15, 18
PAPER, INK = "#ffffff", "#1f2933"
SHARES, CLICKS, HATCHED = "#1f5f8b", "#9a4a00", "#59636b"
"""Each at least 4.5:1 against the paper (WCAG 2.2, success criterion 1.4.3)."""

_MARGIN = 16
_DAYS_TOP, _DAYS_HEIGHT = 84, 96
_ENTRIES_TOP = _DAYS_TOP + _DAYS_HEIGHT + 68
_ROW, _BAR = 62, 14
_LONGEST = 252
"""Of a lying bar: what is left beside it holds the longest name of a bucket."""
_LABEL_AT_MOST = 40
_FINE_SPACES = "\u00a0\u202f"
"""No-break spaces, wide and narrow, as French sets them."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The words in the picture, in the group's language.

    Attributes:
        title: the week.
        by_day: above the standing bars.
        days: the seven short names of days, Monday first.
        by_link: above the lying bars.
        shares: what the upper bar of a link means.
        clicks: what the lower one means.
        untold: beside a hatched bar.
        buckets: each bucket's name.
        told: everything that is drawn, in words: for who hears the picture.
    """

    title: str
    by_day: str
    days: tuple[str, ...]
    by_link: str
    shares: str
    clicks: str
    untold: str
    buckets: Mapping[Bucket, str]
    told: str


def draw(edition: Edition, labels: Labels) -> str:
    """Draw an edition: shares by day as standing bars, the chosen links with shares and clicks as lying ones."""
    height = _ENTRIES_TOP + 40 + _ROW * len(edition.entries)
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="DejaVu Sans, sans-serif">',
        f"<title>{_safe(labels.title)}</title><desc>{_safe(labels.told)}</desc>",
        _hatching(),
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
        _text(_MARGIN, 32, labels.title, NORMAL),
        _text(_MARGIN, 60, labels.by_day, SMALL),
        *_days(edition.shares_by_day, labels.days),
        *_legend(labels),
        *_links(edition.entries, labels),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _hatching() -> str:
    lines = f'<path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" stroke="{HATCHED}" stroke-width="1.6"/>'
    return f'<defs><pattern id="untold" width="8" height="8" patternUnits="userSpaceOnUse">{lines}</pattern></defs>'


def _days(shares: tuple[int, ...], names: tuple[str, ...]) -> Iterable[str]:
    most, step = max((*shares, 1)), (WIDTH - 2 * _MARGIN) / 7
    base = _DAYS_TOP + _DAYS_HEIGHT
    for place, (count, name) in enumerate(zip(shares, names, strict=True)):
        middle, height = _MARGIN + step * (place + 0.5), round(_DAYS_HEIGHT * count / most, 1)
        yield _bar(middle - 16, base - height, 32, height, SHARES)
        yield _text(middle, base - height - 5, str(count), SMALL, "middle")
        yield _text(middle, base + 19, name, SMALL, "middle")
    yield f'<path d="M{_MARGIN} {base}H{WIDTH - _MARGIN}" stroke="{INK}"/>'


def _legend(labels: Labels) -> Iterable[str]:
    yield _text(_MARGIN, _ENTRIES_TOP, labels.by_link, SMALL)
    for left, color, word in ((_MARGIN, SHARES, labels.shares), (WIDTH / 2, CLICKS, labels.clicks)):
        yield _bar(left, _ENTRIES_TOP + 11, 12, 12, color)
        yield _text(left + 18, _ENTRIES_TOP + 22, word, SMALL)


def _links(entries: tuple[Entry, ...], labels: Labels) -> Iterable[str]:
    most = max((*(each.shares for each in entries), 1))
    for place, each in enumerate(entries):
        top = _ENTRIES_TOP + 38 + _ROW * place
        yield _text(_MARGIN, top + 10, f"{place + 1}. {_cut(each.site)}", SMALL)
        yield from _lying(top + 16, each.shares / most, SHARES, str(each.shares))
        if each.clicks is None:
            yield from _lying(top + 34, 1 / 3, "url(#untold)", labels.untold)
        else:
            found = bucket(each.clicks)
            yield from _lying(top + 34, _step(found), CLICKS, labels.buckets[found])


def _step(found: Bucket) -> float:
    """A bucket's length: one step each, as the text says no more than the bucket either."""
    steps = list(Bucket)
    return (steps.index(found) + 1) / len(steps)


def _lying(top: float, part: float, fill: str, label: str) -> Iterable[str]:
    length = max(round(_LONGEST * part, 1), 2)
    yield _bar(_MARGIN, top, length, _BAR, fill)
    yield _text(_MARGIN + length + 7, top + _BAR - 2, label, SMALL)


def _bar(left: float, top: float, width: float, height: float, fill: str) -> str:
    edge = f' stroke="{HATCHED}"' if fill.startswith("url") else ""
    return f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" fill="{fill}"{edge}/>'


def _text(left: float, base: float, text: str, size: int, anchor: str = "start") -> str:
    place = f'x="{left:g}" y="{base:g}" font-size="{size}" text-anchor="{anchor}"'
    return f'<text {place} fill="{INK}">{_safe(text)}</text>'


def _cut(text: str) -> str:
    return text if len(text) <= _LABEL_AT_MOST else text[: _LABEL_AT_MOST - 1] + "…"


def _safe(text: str) -> str:
    """Without what XML has no place for [https://www.w3.org/TR/xml/#charsets], and escaped."""
    return escape("".join(each if each.isprintable() or each in _FINE_SPACES else " " for each in text))
