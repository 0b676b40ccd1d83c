"""What a digest would say before its week is over, or before anything was shared: for admins alone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from core.anonymity import Figure, Gate, GroupWeek, gate
from core.editions import WeekInGroup, edit
from core.model import Code, Edition, Entry, Group, LinkId, TrackedLink, Week, WeekOfLink
from core.schedules import monday_of
from core.urls import CleanUrl

SITES = ("gazette.example", "atlas.example", "kitchen.example", "gazette.example", "radio.example", "forum.example")
"""Of a name that is nobody's (RFC 2606); one stands there twice, to show what a second link of a site loses."""
SHARES = (8, 5, 4, 2, 1, 1)
"""Enough of them, and by enough people, that the line about sources is told too."""
REACTIONS = (4, 1, 0, 2, 0, 0)
CLICKS = (64, 23, 12, 7, 3, 0)
"""As if noise were in them: one for each range but the highest."""
TOTAL = 41
"""Of a group that is told one figure for the whole week."""


class Kind(StrEnum):
    """How far a digest has come."""

    FROZEN = "frozen"
    BY_NOW = "by_now"
    """Of what was shared so far; no click is told, for noise is drawn once, when it is frozen."""
    SAMPLE = "sample"
    """Of links that nobody shared."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A digest as an admin may look at it."""

    edition: Edition
    kind: Kind


def sample(group: Group, week: Week, members: int, titles: Sequence[str]) -> Draft:
    """The digest of a made-up week, edited like a real one, with the group's own settings and gate.

    Args:
        group: whose digest it would be: language, size and zone are its own.
        week: the one that the next digest is about.
        members: how many people the gate is told of: they say whether clicks are told.
        titles: of the made-up pages, in the group's language; one for each of `SITES`.
    """
    monday = datetime.combine(monday_of(week), time(12), UTC)
    links = tuple(_link(group, place, title, monday) for place, title in enumerate(titles))
    reactions = {each.link.id: number for each, number in zip(links, REACTIONS, strict=True)}
    days = tuple(monday + timedelta(days=(place + each) % 6) for place, each in _shares())
    made_up = WeekInGroup(group, week, links, _clicks(links, members), days, monday + timedelta(days=7), "", reactions)
    edition = edit(made_up)
    return Draft(replace(edition, entries=_as_found(edition.entries), others=_as_found(edition.others)), Kind.SAMPLE)


def _shares() -> list[tuple[int, int]]:
    return [(place, each) for place, number in enumerate(SHARES) for each in range(number)]


def _link(group: Group, place: int, title: str, monday: datetime) -> WeekOfLink:
    site, number, shared = SITES[place], place + 1, monday + timedelta(days=place)
    clean = CleanUrl(f"https://{site}/{number}", f"{site}/{number}", site, ())
    link = TrackedLink(LinkId(f"sample-{number}"), group.id, Code(""), clean, title, shared, shared)
    return WeekOfLink(link, SHARES[place], shared, None)


def _clicks(links: Sequence[WeekOfLink], members: int) -> GroupWeek:
    allowed = gate(members)
    if allowed is Gate.PER_LINK:
        figures = (Figure(str(each.link.id), noisy) for each, noisy in zip(links, CLICKS, strict=True))
        return GroupWeek(allowed, links=tuple(figures))
    return GroupWeek(allowed, total=TOTAL if allowed is Gate.TOTAL else None)


def _as_found(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Nobody shared them, so that there is no short URL that could lead to them."""
    return tuple(replace(each, short_url=each.url) for each in entries)
