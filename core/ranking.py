"""Which links a digest shows, in which order, and why; where a group's links came from.

Pure and deterministic: the same frozen candidates at the same time give the same edition, forever. Clicks enter as
frozen noisy figures only, so an edition tells no more about a click than those figures do (post-processing).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MOST_ENTRIES = 5
SHARES_FOR_SOURCES = 20
SHARERS_FOR_SOURCES = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A canonical URL shared in the week by at least one consenting member.

    Attributes:
        url_hash: keyed hash of the canonical URL; says which candidate this is and breaks the last ties.
        site: registrable domain.
        sharers: S, distinct consenting members who shared it.
        reactors: R, distinct people who reacted; 0 for the whole group where the platform does not tell.
        clicks: the frozen noisy figure; None where the group is too small for figures per link.
        first_shared: in UTC.
    """

    url_hash: str
    site: str
    sharers: int
    reactors: int
    clicks: int | None
    first_shared: datetime


@dataclass(frozen=True, slots=True)
class Weights:
    """The numbers in the score, as in digest.md.

    Attributes:
        shares: factor of log2(1+S).
        reactions: factor of log2(1+R).
        clicks: factor of log2(1 + y⁺/F).
        exposure_hours: after this many hours a link has had 1 − 1/e of its exposure.
        least_exposure: F is never taken as smaller, so that a minute-old link can't win by division.
        same_site: factor for each earlier entry of the same site, 0 to 1.
    """

    shares: float = 3.0
    reactions: float = 2.0
    clicks: float = 1.0
    exposure_hours: float = 10.0
    least_exposure: float = 0.5
    same_site: float = 0.65


STANDARD = Weights()


@dataclass(frozen=True, slots=True)
class Terms:
    """Why an entry is here: what each kind of attention added, and what an earlier entry of its site took away."""

    shares: float
    reactions: float
    clicks: float
    same_site: float

    @property
    def score(self) -> float:
        """The number that decided."""
        return (self.shares + self.reactions + self.clicks) * self.same_site


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate that was chosen, and why."""

    candidate: Candidate
    terms: Terms


def explain(candidate: Candidate, at: datetime, weights: Weights = STANDARD, *, earlier_of_site: int = 0) -> Terms:
    """Compute the terms of `3·log2(1+S) + 2·log2(1+R) + log2(1 + y⁺/F)`, F = max(1 − exp(−a/10), 0.5).

    Args:
        candidate: the link.
        at: when the edition was frozen, in UTC; a is the hours since the first share.
        weights: the numbers in the formula.
        earlier_of_site: entries of the same site chosen before; each multiplies the score by 0.65.
    """
    clicks = max(candidate.clicks or 0, 0)
    exposure = _exposure(at - candidate.first_shared, weights)
    return Terms(
        shares=weights.shares * math.log2(1 + candidate.sharers),
        reactions=weights.reactions * math.log2(1 + candidate.reactors),
        clicks=weights.clicks * math.log2(1 + clicks / exposure),
        same_site=weights.same_site**earlier_of_site,
    )


def _exposure(age: timedelta, weights: Weights) -> float:
    """F: how much of its attention a link of this age has had; a clock that runs ahead counts as no age."""
    hours = max(age / timedelta(hours=1), 0.0)
    return max(1 - math.exp(-hours / weights.exposure_hours), weights.least_exposure)


def choose(
    candidates: Iterable[Candidate], at: datetime, most: int = MOST_ENTRIES, weights: Weights = STANDARD
) -> tuple[Entry, ...]:
    """Choose the entries of an edition, best first, each step taking the best of what is left.

    Every entry already chosen of a site lowers the score of its other links by the factor 0.65 (so the third has
    0.65²). Within a site the better link always comes first, so its place there gives its factor, and sorting by the
    lowered scores makes the same choice as step by step, in n log n. Ties go to the link shared first, then to the
    smaller URL hash; the order given plays no part.

    Args:
        candidates: the week's links.
        at: when the edition was frozen, in UTC.
        most: entries wanted; an admin may set 3 to 10.
        weights: the numbers in the score.
    """
    sites: defaultdict[str, list[Entry]] = defaultdict(list)
    for each in candidates:
        sites[each.site].append(Entry(each, explain(each, at, weights)))
    lowered = (
        replace(entry, terms=replace(entry.terms, same_site=weights.same_site**earlier))
        for entries in sites.values()
        for earlier, entry in enumerate(sorted(entries, key=_order))
    )
    return tuple(sorted(lowered, key=_order)[:most])


def _order(entry: Entry) -> tuple[float, datetime, str]:
    return -entry.terms.score, entry.candidate.first_shared, entry.candidate.url_hash


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a group's links came from, without a judgement.

    Attributes:
        sites: distinct registrable domains.
        largest: share of the most shared site, 0 to 1.
        effective: exp(−Σ p ln p), the number of equally shared sites that would be as varied (Hill 1973, "Diversity
            and evenness", number of order 1).
    """

    sites: int
    largest: float
    effective: float


def sources(shares_by_site: Mapping[str, int], sharers: int) -> Sources | None:
    """Say how concentrated a week's sources were; None below 20 shares or 5 distinct sharers."""
    shares = sorted(each for each in shares_by_site.values() if each > 0)
    total = sum(shares)
    if total < SHARES_FOR_SOURCES or sharers < SHARERS_FOR_SOURCES:
        return None
    entropy = math.fsum(-each / total * math.log(each / total) for each in shares)
    return Sources(len(shares), shares[-1] / total, math.exp(entropy))
