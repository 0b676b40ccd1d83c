"""Numbers that may leave: gates, noise, buckets, bounds and thresholds.

Everything a reader sees of a click or of a figure across groups (see `core.across`) is drawn here, once, and is never
computed again from exact counts. This is the only module that calls OpenDP. Neighbouring inputs, on which each
promise rests, are named where the noise is added; "ε" always means: the chance of any published outcome changes
by at most a factor e^ε when one neighbour is exchanged for the other (Dwork et al. 2006, "Calibrating noise").
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from core.errors import PrivacyMapError
from core.marks import Marks

SMALLEST_GROUP_WITH_A_TOTAL = 8
SMALLEST_GROUP_WITH_LINKS = 15
LINK_SCALE = 1.0
LINKS_PER_BROWSER = 3
TOTAL_SCALE = 3.0
PAGES_PER_ACCOUNT = 3
SITES_PER_ACCOUNT = 2
PAGE_SCALE = 3.0
PAGE_EPSILON = PAGES_PER_ACCOUNT / PAGE_SCALE
_ROUNDING = 1e-9


class Gate(StrEnum):
    """What a group of this size may read about clicks (privacy.md, "Publishing")."""

    NOTHING = "nothing"
    TOTAL = "total"
    PER_LINK = "per_link"


def gate(members: int) -> Gate:
    """Say what a group may read, from its number of members alone, which every member can see anyway."""
    if members < SMALLEST_GROUP_WITH_A_TOTAL:
        return Gate.NOTHING
    if members < SMALLEST_GROUP_WITH_LINKS:
        return Gate.TOTAL
    return Gate.PER_LINK


class Bucket(StrEnum):
    """How a noisy figure is shown; the words for each live in `texts`."""

    UNDER_5 = "under_5"
    FROM_5 = "from_5"
    FROM_10 = "from_10"
    FROM_20 = "from_20"
    FROM_50 = "from_50"
    FROM_100 = "from_100"

    @property
    def bounds(self) -> tuple[int, int | None]:
        """The smallest and largest figure shown so; None where there is no largest."""
        return _BOUNDS[self]


_BOUNDS: Mapping[Bucket, tuple[int, int | None]] = {
    Bucket.UNDER_5: (0, 4),
    Bucket.FROM_5: (5, 9),
    Bucket.FROM_10: (10, 19),
    Bucket.FROM_20: (20, 49),
    Bucket.FROM_50: (50, 99),
    Bucket.FROM_100: (100, None),
}


def bucket(noisy: int) -> Bucket:
    """Choose the bucket of a frozen noisy figure; noise below zero is shown like zero."""
    return [each for each in Bucket if max(noisy, 0) >= each.bounds[0]][-1]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A release of keys nobody listed beforehand: noise, then only what reaches the threshold.

    Attributes:
        scale: of the discrete Laplace noise added to every count.
        smallest: noisy counts below it are left out, with their key.
        contributions: keys that one account may add 1 to; the caller bounds them with `core.across.contribution`.
        epsilon: promised for one account and week.
        delta: promised for one account and week.
    """

    scale: float
    smallest: int
    contributions: int
    epsilon: float
    delta: float


UNKNOWN_PAGES = Threshold(3.0, 44, PAGES_PER_ACCOUNT, 1.0, 7.5e-7)
UNKNOWN_SITES = Threshold(4.0, 56, SITES_PER_ACCOUNT, 0.5, 9.35e-7)


class Noise(Protocol):
    """The source of noise. A vector is drawn at once: one call is some fifty times cheaper per figure."""

    def laplace(self, values: Sequence[int], scale: float) -> list[int]:
        """Add independent discrete Laplace noise to each value: P(noise = z) ∝ exp(−|z|/scale)."""

    def over_threshold(self, counts: Mapping[str, int], threshold: Threshold) -> dict[str, int]:
        """Add noise to each count and keep the keys whose noisy count reaches the threshold."""


class _OnVector(Protocol):
    def __call__(self, arg: list[int]) -> list[int]: ...
    def map(self, d_in: int) -> float: ...


class _OnMap(Protocol):
    def __call__(self, arg: dict[str, int]) -> dict[str, int]: ...
    def map(self, d_in: tuple[int, int, int]) -> tuple[float, float]: ...


class OpenDpNoise:
    """`Noise` by OpenDP, whose samplers are exact and whose privacy maps are proved.

    Building it loads OpenDP (about 0.2 s and 28 MB, which processes that publish nothing need not carry), builds
    each measurement once and compares its privacy map with our promise.

    Args:
        scales: the only scales that may be drawn.
        thresholds: the only thresholds that may be used.

    Raises:
        PrivacyMapError: OpenDP confirms less than we promise.
    """

    def __init__(
        self,
        scales: Iterable[float] = (LINK_SCALE, TOTAL_SCALE, PAGE_SCALE),
        thresholds: Iterable[Threshold] = (UNKNOWN_PAGES, UNKNOWN_SITES),
    ) -> None:
        self._laplace = {scale: _laplace(scale) for scale in scales}
        self._thresholds = {threshold: _laplace_threshold(threshold) for threshold in thresholds}

    def laplace(self, values: Sequence[int], scale: float) -> list[int]:
        """See `Noise`; a scale whose privacy map was not checked at start is refused with PrivacyMapError."""
        if scale not in self._laplace:
            raise PrivacyMapError(f"noise of scale {scale} was not checked at start")
        return self._laplace[scale](list(values))

    def over_threshold(self, counts: Mapping[str, int], threshold: Threshold) -> dict[str, int]:
        """See `Noise`; a threshold whose privacy map was not checked at start is refused with PrivacyMapError."""
        if threshold not in self._thresholds:
            raise PrivacyMapError(f"{threshold} was not checked at start")
        return self._thresholds[threshold](dict(counts))


def confirm(what: str, measured: float, promised: float) -> None:
    """Compare a bound that OpenDP proves with the one we promise.

    Raises:
        PrivacyMapError: the proved bound is looser; float rounding of 10⁻⁹ of the promise is let pass.
    """
    if not measured <= promised * (1 + _ROUNDING):
        raise PrivacyMapError(f"{what}: OpenDP proves {measured}, we promise {promised}")


def _laplace(scale: float) -> _OnVector:
    """Noise on a vector of counts whose L1 distance to its neighbour is d: ε = d/scale.

    d is 1 for a click, 3 for a browser-day in a group's total and for an account's week over a sitemap.
    """
    from opendp import domains, measurements, metrics, mod  # noqa: PLC0415 - 0.2 s and 28 MB, see OpenDpNoise

    mod.enable_features("contrib")
    space = domains.vector_domain(domains.atom_domain(T="i64")), metrics.l1_distance(T="i64")
    measurement: _OnVector = measurements.make_laplace(*space, scale=scale)
    for distance in (1, LINKS_PER_BROWSER, PAGES_PER_ACCOUNT):
        confirm(f"ε of scale {scale} at {distance}", measurement.map(d_in=distance), distance / scale)
    return measurement


def _laplace_threshold(threshold: Threshold) -> _OnMap:
    """Noise and threshold on a map in which one account changes at most `contributions` counts by 1 each."""
    from opendp import domains, measurements, metrics, mod  # noqa: PLC0415 - 0.2 s and 28 MB, see OpenDpNoise

    mod.enable_features("contrib")
    measurement: _OnMap = measurements.make_laplace_threshold(
        domains.map_domain(domains.atom_domain(T="String"), domains.atom_domain(T="i64")),
        metrics.l01inf_distance(metrics.absolute_distance(T="i64")),
        scale=threshold.scale,
        threshold=threshold.smallest,
    )
    epsilon, delta = measurement.map(d_in=(threshold.contributions, threshold.contributions, 1))
    confirm(f"ε of {threshold}", epsilon, threshold.epsilon)
    confirm(f"δ of {threshold}", delta, threshold.delta)
    return measurement


class BrowserDayBound:
    """The bounded totals of a UTC day: each browser adds at most three links to that of a group.

    Why it exists: a group of 8 to 14 members reads one weekly total, and the noise on it hides a whole browser-day only
    if a browser-day adds at most `TOTAL_SCALE`. The visitor sets can't tell: their keys are per link, so that two
    links opened by one browser can't be tied together. So the click counter derives a second token, HMAC under the
    day's random key over group, address and agent. It says nothing about links, and leads to a number from 1 to 3.

    Keep the object, the tokens and their key in memory only, for as long as the day's visitor sets; only `total` (or
    what `admit` said of each click) may be stored. Ask `admit` only when the visitor set of the link has said "first
    time today". Two browsers whose tokens collide share one bound: fewer clicks are counted, never more.
    """

    def __init__(self) -> None:
        self._first, *self._more = (Marks() for _ in range(LINKS_PER_BROWSER))
        """Those with one link or more; with two or more, with three."""

    def admit(self, browser: int) -> bool:
        """Take in one link that this browser opened for the first time today; say whether the total grew.

        Args:
            browser: the token of a browser in a group, 64 bits.
        """
        return self._first.add(browser) or any(browsers.add(browser) for browsers in self._more)

    @property
    def total(self) -> int:
        """Clicks of the day, each browser with three links at most."""
        return sum(map(len, (self._first, *self._more)))


@dataclass(frozen=True, slots=True)
class ExactWeek:
    """The exact click counts of one group's week, deleted in the transaction that freezes the edition.

    Attributes:
        links: every link of the edition, also those nobody opened.
        clicks: distinct browsers per (link, UTC day); a missing pair is zero.
        bounded_total: sum of the week's `BrowserDayBound.total`.
    """

    links: tuple[str, ...]
    clicks: Mapping[tuple[str, date], int]
    bounded_total: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One noisy number about one link, page or site; it may be below zero."""

    key: str
    noisy: int


@dataclass(frozen=True, slots=True)
class GroupWeek:
    """The frozen clicks of one group's week: all that digests, charts, ranking and pages may ever use.

    Attributes:
        gate: what the size of the group allowed.
        total: noisy clicks of the week; for `Gate.TOTAL` only.
        links: noisy clicks of each link in the order given; for `Gate.PER_LINK` only.
    """

    gate: Gate
    total: int | None = None
    links: tuple[Figure, ...] = ()


def release_group_week(exact: ExactWeek, members: int, noise: Noise) -> GroupWeek:
    """Draw the frozen clicks of a group's week. Call it once, where the exact counts are deleted.

    `Gate.PER_LINK`: y = c + DiscreteLaplace(1) for each link, c the week's sum of distinct browsers per day. Weeks
    that differ by one browser on one link on one UTC day differ by 1 in one count: ε = 1. A browser that opened k such
    (link, day) pairs is covered with k·ε and no better. Links nobody opened get noise too: a figure reveals no click.

    `Gate.TOTAL`: y = t + DiscreteLaplace(3), t the bounded total. Weeks that differ by everything one browser did in
    the group on one UTC day differ by at most 3 in t: ε = 3/3 = 1.

    `Gate.NOTHING`: nothing. The gate reads the number of members, never a count, and exactly one of the two kinds is
    drawn, so that their ε do not add up; a total shown beside links must be the sum of their noisy figures.

    Both promises hold as long as a browser is counted once per link and day: where a visitor set is lost and begun
    anew within a day, or kept twice by two replicas, a browser seen by both is covered with 2·ε for that day.
    """
    allowed = gate(members)
    if allowed is Gate.NOTHING:
        return GroupWeek(allowed)
    if allowed is Gate.TOTAL:
        return GroupWeek(allowed, total=noise.laplace([exact.bounded_total], TOTAL_SCALE)[0])
    week: Counter[str] = Counter()
    for (link, _), browsers in exact.clicks.items():
        week[link] += browsers
    return GroupWeek(allowed, links=noisy_figures(exact.links, week, LINK_SCALE, noise))


def noisy_figures(keys: Iterable[str], counts: Mapping[str, int], scale: float, noise: Noise) -> tuple[Figure, ...]:
    """Draw one figure for each key, in order; keys without a count are zeros with noise like the others."""
    listed = tuple(dict.fromkeys(keys))
    drawn = noise.laplace([counts.get(key, 0) for key in listed], scale)
    return tuple(Figure(key, noisy) for key, noisy in zip(listed, drawn, strict=True))
