"""Figures across groups: how much one account counts, which noise is added, what is shown (privacy.md, "Publishing").

One account and week is the unit. It adds 1 to at most three pages and to at most two sites, whatever it shared in
however many groups, so that the noise of `core.anonymity` covers all of it. Pure: what is kept, and when it is
released, is `core.figures`'s.
"""

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.anonymity import (
    PAGE_EPSILON,
    PAGE_SCALE,
    PAGES_PER_ACCOUNT,
    SITES_PER_ACCOUNT,
    UNKNOWN_PAGES,
    UNKNOWN_SITES,
    Figure,
    Noise,
    Threshold,
    noisy_figures,
)
from core.errors import TooManyPages
from core.ledger import Spending
from core.model import AccountWeek, DomainFigures, Sitemap, Week

SITEMAP_SIZES = (200, 1_000, 10_000)
"""Thresholds are those of the next larger size, so that a page more or less does not move them."""
STRAYS = 0.5
"""Pages nobody shared that a domain's week may be expected to show, at most."""


def contribution(
    keys: Iterable[str], keyed_hash: Callable[[str], bytes], bound: int = PAGES_PER_ACCOUNT
) -> tuple[str, ...]:
    """Choose what one account adds to the week's figures: the `bound` keys with the smallest keyed hashes.

    The choice depends on nobody else, each key counts once, and it may be made as shares come in: the choice among an
    earlier choice and a new key equals the choice among all keys. Pages use `PAGES_PER_ACCOUNT`, over all verified
    domains and unknown pages together; sites use `SITES_PER_ACCOUNT`. Hash account and key together under the week's
    key, or the same pages are left out for everybody.
    """
    return tuple(heapq.nsmallest(bound, set(keys), key=lambda each: (keyed_hash(each), each)))


def release_domain(sitemap: Sitemap, counts: Mapping[str, int], noise: Noise) -> DomainFigures:
    """Draw the figures of a domain whose pages were listed before the week: DiscreteLaplace(3) on each, zeros too.

    Counts are accounts after `contribution`. Weeks that differ by one account differ by at most 1 in at most 3 counts:
    ε = 3/3 = 1, δ = 0. The same 1 covers unknown pages, because an account has three pages over all of them.

    Raises:
        TooManyPages: the sitemap has more than 10,000 pages.
    """
    listed = tuple(dict.fromkeys(sitemap.pages))
    shown_from = shown_threshold(len(listed))
    drawn = noisy_figures(listed, counts, PAGE_SCALE, noise)
    shown = _largest_first(each for each in drawn if each.noisy >= shown_from)
    return DomainFigures(sitemap.domain, len(listed), shown_from, shown)


def shown_threshold(pages: int) -> int:
    """Say from which noisy figure on the pages of a sitemap of this size are shown: 17, 22 or 29.

    It is the smallest t with `strays(N, t) < 1/2`, N the sitemap's size class: P(noise ≥ t) = r^t / (1 + r) with
    r = e^(−1/scale) for discrete Laplace noise, so t is the first whole number above −scale · ln((1 + r) / 2N).

    Raises:
        TooManyPages: more than 10,000 pages.
    """
    for most in SITEMAP_SIZES:
        if pages <= most:
            odds = (1 + math.exp(-1 / PAGE_SCALE)) * STRAYS / most
            return math.floor(-PAGE_SCALE * math.log(odds)) + 1
    raise TooManyPages


def strays(pages: int, shown_from: int) -> float:
    """How many of so many pages that nobody shared are shown, as the expected number, when noise alone decides."""
    ratio = math.exp(-1 / PAGE_SCALE)
    return float(pages * ratio**shown_from / (1 + ratio))


def release_unlisted(counts: Mapping[str, int], threshold: Threshold, noise: Noise) -> tuple[Figure, ...]:
    """Draw the figures of pages (`UNKNOWN_PAGES`) or sites (`UNKNOWN_SITES`) that nobody listed before the week.

    Counts are accounts after `contribution` with the threshold's bound. Weeks that differ by one account give each
    outcome within a factor e^ε, but for a chance δ that a key only this account shared comes through (Rogers 2023,
    "A Unifying Privacy Analysis Framework for Unknown Domain Algorithms"). The order tells nothing beyond the figures.
    """
    noisy = noise.over_threshold(counts, threshold)
    return _largest_first(Figure(key, figure) for key, figure in noisy.items())


@dataclass(frozen=True, slots=True)
class Counts:
    """Exact numbers of accounts; they never leave."""

    pages: Mapping[str, int]
    sites: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one week shows across groups."""

    domains: tuple[DomainFigures, ...]
    pages: tuple[Figure, ...]
    sites: tuple[Figure, ...]


def release_across(accounts: Iterable[AccountWeek], sitemaps: Sequence[Sitemap], noise: Noise) -> Drawn:
    """Count and draw one week. Call it once, where the contributions and the week's key are destroyed."""
    return draw(count(accounts), sitemaps, noise)


def count(accounts: Iterable[AccountWeek]) -> Counts:
    """Count accounts by page and by site, each account within its bounds."""
    pages: Counter[str] = Counter()
    sites: Counter[str] = Counter()
    for account in accounts:
        pages.update(contribution(account.pages, account.pages.__getitem__))
        sites.update(contribution(account.sites, account.sites.__getitem__, SITES_PER_ACCOUNT))
    return Counts(pages, sites)


def draw(counts: Counts, sitemaps: Sequence[Sitemap], noise: Noise) -> Drawn:
    """Draw all figures of one week.

    An account's at most three pages lie in sitemaps or outside; k of them cost k/3 of ε = 1 wherever they lie, since
    no page is counted in two places. Its at most two sites cost ε = 0.5 more (basic composition). Sitemaps and their
    order must not depend on what was shared.
    """
    apart = _apart(sitemaps)
    listed = {page for sitemap in apart for page in sitemap.pages}
    unlisted = {page: number for page, number in counts.pages.items() if page not in listed}
    return Drawn(
        tuple(release_domain(sitemap, counts.pages, noise) for sitemap in apart),
        release_unlisted(unlisted, UNKNOWN_PAGES, noise),
        release_unlisted(counts.sites, UNKNOWN_SITES, noise),
    )


def costs(week: Week) -> tuple[Spending, ...]:
    """What a week's release costs each account at most, whether it contributed or not."""
    return (
        Spending(week, "pages", max(PAGE_EPSILON, UNKNOWN_PAGES.epsilon), UNKNOWN_PAGES.delta),
        Spending(week, "sites", UNKNOWN_SITES.epsilon, UNKNOWN_SITES.delta),
    )


def _apart(sitemaps: Sequence[Sitemap]) -> list[Sitemap]:
    """Each page in one sitemap alone: the first that lists it."""
    taken: set[str] = set()
    apart = []
    for sitemap in sitemaps:
        apart.append(Sitemap(sitemap.domain, tuple(page for page in sitemap.pages if page not in taken)))
        taken.update(sitemap.pages)
    return apart


def _largest_first(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    return tuple(sorted(figures, key=lambda each: (-each.noisy, each.key)))
