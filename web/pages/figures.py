"""A frozen edition as a page shows it: a chart, and beside it every number in a table. Nothing is counted. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from core.anonymity import bucket
from core.model import LINK_LIFETIME, Edition, Entry, Week
from core.schedules import last_day_of, monday_of
from texts.catalogue import Words
from texts.pictures import chart

TITLE_AT_MOST = 160


@dataclass(frozen=True, slots=True)
class Line:
    """One link of an edition, in words."""

    place: str
    title: str
    url: str
    site: str
    shares: str
    clicks: str
    short_url: str | None
    """None once the tracked link has surely expired."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One edition, in words."""

    week: Week
    span: str
    picture: Markup
    days: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    others: Sequence[Line]
    links: str
    shares: str
    clicks: str
    frozen: str


def figures(edition: Edition, words: Words, zone: str, now: datetime) -> Figures:
    """Everything a page says of an edition.

    Args:
        edition: as it was frozen.
        words: the reader's.
        zone: the group's, for the moment it was frozen.
        now: whether its tracked links may still lead on.
    """
    lead_on = edition.frozen_at + LINK_LIFETIME > now
    everything = (*edition.entries, *edition.others)
    lines = [_line(place, each, words, lead_on=lead_on) for place, each in enumerate(everything, start=1)]
    return Figures(
        week=edition.week,
        span=span(edition, words),
        picture=Markup(chart(edition, words)),  # noqa: S704 - our own drawing, which escapes what it is given
        days=[(day, words.number(each)) for day, each in zip(words.weekdays(), edition.shares_by_day, strict=True)],
        lines=lines[: len(edition.entries)],
        others=lines[len(edition.entries) :],
        links=words.number(len(lines)),
        shares=words.number(edition.shares),
        clicks=clicks(edition.clicks, words),
        frozen=words.say("editions.frozen", moment=words.moment(edition.frozen_at, zone)),
    )


def span(edition: Edition, words: Words) -> str:
    """The days of an edition's week."""
    return words.span(monday_of(edition.week), last_day_of(edition.week))


def clicks(noisy: int | None, words: Words) -> str:
    """A noisy number as its bucket's name; it is told nowhere more exactly."""
    return words.say("figures.untold") if noisy is None else words.say(f"bucket.{bucket(noisy).value}")


def _readable(title: str) -> str:
    """A page's own title on one line, without marks that turn the reading around, no longer than one cares to read."""
    plain = " ".join("".join(each if each.isprintable() else " " for each in title).split())
    return plain if len(plain) <= TITLE_AT_MOST else f"{plain[: TITLE_AT_MOST - 1]}…"


def _line(place: int, each: Entry, words: Words, *, lead_on: bool) -> Line:
    return Line(
        place=words.number(place),
        title=_readable(each.title) or each.site,
        url=each.url,
        site=each.site,
        shares=words.number(each.shares),
        clicks=clicks(each.clicks, words),
        short_url=each.short_url if lead_on else None,
    )
