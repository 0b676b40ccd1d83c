"""From a frozen week to an edition, and from an edition to what is told of it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from math import log2

from core import ranking
from core.anonymity import Bucket, ExactWeek, Gate, GroupWeek, bucket
from core.links import short_url
from core.model import Brought, ClickCount, Edition, Entry, Group, LinkId, Week, WeekOfLink
from core.schedules import weekday_of

LINKS_FOR_A_FULL_DIGEST = 3
"""A week of fewer links is told in short, without chart, days and sources; one without any is not told at all."""


@dataclass(frozen=True, slots=True)
class WeekInGroup:
    """Everything that one edition is made from."""

    group: Group
    week: Week
    links: tuple[WeekOfLink, ...]
    clicks: GroupWeek
    shared_at: tuple[datetime, ...]
    frozen_at: datetime
    public_url: str
    reactions: Mapping[LinkId, int] = field(default_factory=dict)


def exact_week(links: tuple[WeekOfLink, ...], counts: list[ClickCount]) -> ExactWeek:
    """The exact counts in the words of `anonymity`, for the links of the edition alone."""
    ids = tuple(str(each.link.id) for each in links)
    clicks = {(str(each.link), each.day): each.browsers for each in counts if each.link in ids}
    return ExactWeek(ids, clicks, sum(each.in_total for each in counts))


def edit(frozen: WeekInGroup) -> Edition:
    """Make the edition of a week: choose, order, sum up. Pure: the same frozen figures give the same edition."""
    noisy = {figure.key: figure.noisy for figure in frozen.clicks.links}
    shared = {_hash(each): each for each in frozen.links}
    candidates = (_candidate(each, noisy.get(str(each.link.id)), frozen.reactions) for each in frozen.links)
    ranked = ranking.choose(candidates, frozen.frozen_at, len(frozen.links))
    entries = tuple(_entry(shared[each.candidate.url_hash], each, frozen.public_url) for each in ranked)
    size = frozen.group.digest_size
    return Edition(
        group=frozen.group.id,
        week=frozen.week,
        language=frozen.group.language,
        entries=entries[:size],
        others=entries[size:],
        shares=sum(each.shares for each in entries),
        clicks=_total(frozen.clicks, entries),
        shares_by_day=_by_day(frozen.shared_at, frozen.group.schedule.zone),
        frozen_at=frozen.frozen_at,
    )


def is_full(edition: Edition) -> bool:
    """Whether a week had enough links to be told at length."""
    return len(edition.entries) + len(edition.others) >= LINKS_FOR_A_FULL_DIGEST


def sources_of(edition: Edition) -> ranking.Sources | None:
    """How concentrated a week's sources were; None where too little was shared, or by too few, to say.

    How many people shared something can't be known: who shared a link is kept per link, so that two links can't be
    tied together. But a member counts once for a link and week, so the most shared link's sharers are that many
    different people, and the week had at least as many. This is the number the gate gets: it may keep silent
    where it could speak, and never speaks of fewer than five people. (The number of members who said yes would be a
    bound from above, and would let the line speak of one busy member among five.)
    """
    each_link = (*edition.entries, *edition.others)
    by_site: Counter[str] = Counter()
    for each in each_link:
        by_site[each.site] += each.shares
    return ranking.sources(by_site, max((each.shares for each in each_link), default=0))


def is_quiet(edition: Edition) -> bool:
    """Whether nobody followed a link of an edition or reacted to one, as far as its frozen figures tell.

    An exact count is never asked: every figure that was told is in the lowest range. A group too small to be told
    anything of clicks is never called quiet.
    """
    every = (*edition.entries, *edition.others)
    told = [each.clicks for each in every if each.clicks is not None]
    if not told and edition.clicks is not None:
        told = [edition.clicks]
    low = all(bucket(noisy) is Bucket.UNDER_5 for noisy in told)
    return bool(told) and low and not any(each.reactions for each in every)


def without(edition: Edition, gone: Brought, zone: str) -> Edition:
    """An edition after one share of it was taken back. Order, noise and all other figures stay as they were frozen.

    A link that nobody shares any more leaves, and what it added to the noisy total with it.
    """
    before = next((each for each in (*edition.entries, *edition.others) if each.link == gone.link), None)
    if before is None:
        return edition
    left = before.shares == 1
    by_day = list(edition.shares_by_day)
    by_day[weekday_of(gone.at, zone)] -= 1
    clicks = edition.clicks
    if left and clicks is not None and before.clicks is not None:
        clicks -= before.clicks
    return replace(
        edition,
        entries=tuple(_without(edition.entries, gone.link)),
        others=tuple(_without(edition.others, gone.link)),
        shares=edition.shares - 1,
        clicks=clicks,
        shares_by_day=tuple(max(each, 0) for each in by_day),
    )


def _without(entries: Iterable[Entry], link: LinkId) -> Iterable[Entry]:
    for each in entries:
        if each.link != link:
            yield each
        elif each.shares > 1:
            shares = ranking.STANDARD.shares * log2(each.shares)
            yield replace(each, shares=each.shares - 1, terms=replace(each.terms, shares=shares))


def _total(clicks: GroupWeek, entries: tuple[Entry, ...]) -> int | None:
    if clicks.gate is Gate.PER_LINK:
        return sum(each.clicks or 0 for each in entries)
    return clicks.total


def _by_day(shared_at: tuple[datetime, ...], zone: str) -> tuple[int, ...]:
    days = [weekday_of(moment, zone) for moment in shared_at]
    return tuple(days.count(day) for day in range(7))


def _hash(each: WeekOfLink) -> str:
    return sha256(each.link.clean.key.encode()).hexdigest()


def _candidate(each: WeekOfLink, noisy: int | None, reactions: Mapping[LinkId, int]) -> ranking.Candidate:
    reacted = max(reactions.get(each.link.id, 0), 0)
    return ranking.Candidate(_hash(each), each.link.clean.site, each.shares, reacted, noisy, each.first_shared_at)


def _entry(each: WeekOfLink, chosen: ranking.Entry, public_url: str) -> Entry:
    link = each.link
    return Entry(
        link=link.id,
        title=link.title or link.clean.display,
        site=link.clean.site,
        url=link.clean.display,
        short_url=short_url(public_url, link.code),
        shares=each.shares,
        clicks=chosen.candidate.clicks,
        first_shared_at=each.first_shared_at,
        terms=chosen.terms,
        reactions=chosen.candidate.reactors,
    )
