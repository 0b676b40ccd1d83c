"""What privacy.md claims about published numbers, held against the code and against mutants that break it.

Every audit runs the real mechanism, which must not be proved to leak more than promised, and mutants of it, which must.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.across import contribution, release_domain, release_unlisted
from core.anonymity import (
    LINK_SCALE,
    PAGES_PER_ACCOUNT,
    TOTAL_SCALE,
    UNKNOWN_PAGES,
    BrowserDayBound,
    ExactWeek,
    GroupWeek,
    Noise,
    OpenDpNoise,
    bucket,
    release_group_week,
)
from core.model import Sitemap
from core.ranking import Candidate, Entry, choose
from tests.claims.audit import Mechanism, Outcomes, best_event, certified_epsilon, lower_bound, upper_bound
from tests.claims.noises import HalfScale, NoThreshold, Reservoir, ThresholdOnTheTrueCount
from tests.fakes.noise import ForbiddenNoise, ScriptedNoise

RUNS = 100_000
"""With the person, and as many without; the figures of publishers, which draw more noise, take half on either side."""
MUTANT_RUNS = 20_000
"""A mutant is caught sooner than the real thing is believed."""
EPSILON = 1.0
DAY = date(2026, 2, 9)
FROZEN = datetime(2026, 2, 16, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def reservoir() -> Reservoir:
    scales = (LINK_SCALE, TOTAL_SCALE, LINK_SCALE / 2, TOTAL_SCALE / 2)
    return Reservoir(OpenDpNoise(scales=scales))


@pytest.fixture
def noise(reservoir: Reservoir) -> Noise:
    return reservoir.rewind()


Publish = Callable[[int], Hashable]
"""Given 1 if the person is there and 0 if not: what a reader sees, in one run."""


def repeated(publish: Publish) -> Mechanism:
    return lambda person, runs: [publish(person) for _ in range(runs)]


# --- a click in a group of 15 or more ---


def week_of_links(person: int) -> ExactWeek:
    """Two links; the browser opened the first one, which nobody else did."""
    return ExactWeek(("first", "second"), {("first", DAY): person, ("second", DAY): 2}, bounded_total=person + 2)


def figures(week: GroupWeek) -> tuple[int, ...]:
    return tuple(each.noisy for each in week.links)


def digest_per_link(noise: Noise) -> Publish:
    return lambda person: figures(release_group_week(week_of_links(person), 20, noise))


def digest_redrawn_per_view(noise: Noise) -> Publish:
    """Mutant: the exact counts are kept, and each of two readers gets noise of their own."""

    def view(person: int) -> int:
        return release_group_week(week_of_links(person), 20, noise).links[0].noisy

    return lambda person: (view(person), view(person))


def digest_without_unopened_links(noise: Noise) -> Publish:
    """Mutant: a link that nobody opened is left out instead of getting noise."""

    def publish(person: int) -> Hashable:
        exact = week_of_links(person)
        opened = tuple(link for link in exact.links if exact.clicks[link, DAY])
        return len(release_group_week(ExactWeek(opened, exact.clicks, 0), 20, noise).links)

    return publish


def digest_gated_by_the_count(noise: Noise) -> Publish:
    """Mutant: the gate reads the clicks instead of the members."""
    return lambda person: (
        release_group_week(week_of_links(person), 12 + week_of_links(person).bounded_total, noise).gate
    )


def test_a_click_changes_the_chance_of_any_digest_by_at_most_e(noise: Noise) -> None:
    proved = certified_epsilon(repeated(digest_per_link(noise)), RUNS)
    assert 0.5 < proved <= EPSILON


@pytest.mark.parametrize(
    "mutant",
    [
        lambda noise: digest_per_link(HalfScale(noise)),
        digest_redrawn_per_view,
        digest_without_unopened_links,
        digest_gated_by_the_count,
    ],
    ids=["half scale", "redrawn per view", "unopened links left out", "gated by the count"],
)
def test_the_audit_catches_a_digest_that_tells_more(mutant: Callable[[Noise], Publish], noise: Noise) -> None:
    assert certified_epsilon(repeated(mutant(noise)), MUTANT_RUNS) > EPSILON


# --- a day of one browser in a group of 8 to 14 ---


def bounded(links: int) -> int:
    day = BrowserDayBound()
    return sum(day.admit(4711) for _ in range(links))


def weekly_total(noise: Noise, count: Callable[[int], int] = bounded) -> Publish:
    """The browser opens six links of the group on one day; others make seven clicks."""
    return lambda person: release_group_week(ExactWeek((), {}, 7 + count(6 * person)), 10, noise).total


def test_all_that_a_browser_does_in_a_day_changes_the_chance_of_any_total_by_at_most_e(noise: Noise) -> None:
    proved = certified_epsilon(repeated(weekly_total(noise)), RUNS)
    assert 0.5 < proved <= EPSILON


@pytest.mark.parametrize(
    "mutant",
    [lambda noise: weekly_total(HalfScale(noise)), lambda noise: weekly_total(noise, count=int)],
    ids=["half scale", "no contribution bound"],
)
def test_the_audit_catches_a_total_that_tells_more(mutant: Callable[[Noise], Publish], noise: Noise) -> None:
    assert certified_epsilon(repeated(mutant(noise)), MUTANT_RUNS) > EPSILON


# --- an account's week in the figures of a verified domain ---

SITEMAP = ("/1", "/2", "/3", "/4", "/5")
LISTED = Sitemap("news.example", SITEMAP)


def keyed_hash(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), key=b"account and week").digest()


def with_account(person: int, others: int, bound: int) -> Counter[str]:
    """Each page was shared by so many others; the account shares them all."""
    chosen = contribution(SITEMAP, keyed_hash, bound) if person else ()
    return Counter(dict.fromkeys(SITEMAP, others)) + Counter(chosen)


def domain_page(noise: Noise, bound: int = PAGES_PER_ACCOUNT) -> Publish:
    """Which pages are shown, when the account could bring its pages over the threshold of 17."""
    inputs = [with_account(person, 16, bound) for person in (0, 1)]
    return lambda person: frozenset(each.key for each in release_domain(LISTED, inputs[person], noise).pages)


def domain_page_by_the_true_count(_: Noise) -> Publish:
    """Mutant: the exact count decides whether a page is shown; noise on the figure beside it does not help."""
    inputs = [with_account(person, 16, PAGES_PER_ACCOUNT) for person in (0, 1)]
    return lambda person: sum(count >= 17 for count in inputs[person].values())


def test_an_accounts_week_changes_the_chance_of_any_domain_page_by_at_most_e(noise: Noise) -> None:
    proved = certified_epsilon(repeated(domain_page(noise)), RUNS // 2)
    assert 0.4 < proved <= EPSILON


@pytest.mark.parametrize(
    ("mutant", "runs"),
    [
        (lambda noise: domain_page(HalfScale(noise)), MUTANT_RUNS * 2),
        (lambda noise: domain_page(noise, bound=len(SITEMAP)), RUNS),
        (domain_page_by_the_true_count, MUTANT_RUNS),
    ],
    ids=["half scale", "no contribution bound", "threshold on the true count"],
)
def test_the_audit_catches_a_domain_page_that_tells_more(
    mutant: Callable[[Noise], Publish], runs: int, noise: Noise
) -> None:
    assert certified_epsilon(repeated(mutant(noise)), runs) > EPSILON


# --- an account's week in the figures of pages nobody listed ---


def unlisted(noise: Noise, others: int) -> Mechanism:
    """The account shares three pages that so many others share too. All runs' pages go into one release: OpenDP treats
    each key by itself, and one call for each run would take minutes."""

    def publish(person: int, runs: int) -> Outcomes:
        count = others + person
        counts = {f"{run}/{page}": count for run in range(runs) for page in range(PAGES_PER_ACCOUNT) if count}
        shown = Counter(int(each.key.partition("/")[0]) for each in release_unlisted(counts, UNKNOWN_PAGES, noise))
        return [shown[run] for run in range(runs)]

    return publish


def test_an_accounts_week_changes_the_chance_of_any_list_of_pages_by_at_most_e_but_for_delta(noise: Noise) -> None:
    proved = certified_epsilon(unlisted(noise, others=43), RUNS // 2, UNKNOWN_PAGES.delta)
    assert 0.4 < proved <= EPSILON


def test_a_page_that_one_account_alone_shared_does_not_come_through(noise: Noise) -> None:
    assert certified_epsilon(unlisted(noise, others=0), MUTANT_RUNS, UNKNOWN_PAGES.delta) == 0


@pytest.mark.parametrize(
    ("mutant", "others"),
    [(NoThreshold, 0), (ThresholdOnTheTrueCount, 43)],
    ids=["no threshold", "threshold on the true count"],
)
def test_the_audit_catches_a_list_of_pages_that_tells_more(
    mutant: Callable[[Noise], Noise], others: int, noise: Noise
) -> None:
    assert certified_epsilon(unlisted(mutant(noise), others), MUTANT_RUNS, UNKNOWN_PAGES.delta) > EPSILON


# --- small groups, frozen numbers, and the audit itself ---

COUNTS = st.dictionaries(st.tuples(st.sampled_from("abc"), st.just(DAY)), st.integers(0, 1000))


@given(st.integers(-1, 60), COUNTS, st.integers(0, 1000))
def test_small_groups_get_no_numbers(members: int, clicks: dict[tuple[str, date], int], total: int) -> None:
    exact = ExactWeek(("a", "b", "c"), clicks, total)
    week = release_group_week(exact, members, ScriptedNoise([1]) if members >= 8 else ForbiddenNoise())
    assert (week.total is not None) == (8 <= members < 15)
    assert len(week.links) == (3 if members >= 15 else 0)


def seen(week: GroupWeek) -> bytes:
    """Everything that a view makes of the frozen figures: buckets, order, reasons."""
    links = (Candidate(each.key, each.key, 1, 0, each.noisy, FROZEN) for each in week.links)
    entries: tuple[Entry, ...] = choose(links, FROZEN, 10)
    return repr([(each, bucket(each.candidate.clicks or 0)) for each in entries]).encode()


def test_numbers_never_change_once_published(reservoir: Reservoir) -> None:
    clicks = {(str(link), DAY): link for link in range(30)}
    exact = ExactWeek(tuple(map(str, range(30))), clicks, 99)
    frozen = release_group_week(exact, 20, reservoir)
    first = seen(frozen)
    clicks.clear()
    assert [seen(frozen) for _ in range(50)] == [first] * 50
    for value, name in ((frozen, "links"), (frozen.links[0], "noisy")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, 0)
    redrawn = release_group_week(exact, 20, reservoir)
    assert seen(redrawn) != first, "a view that draws again is told apart"


def test_the_audit_is_not_led_by_outcomes_that_were_seen_once() -> None:
    present = ["likely"] * 3000 + ["unlikely"] * 1000 + [f"present only {number}" for number in range(300)]
    absent = ["likely"] * 1000 + ["unlikely"] * 3000 + [f"absent only {number}" for number in range(300)]
    assert "likely" in best_event(present, absent)[1]


@pytest.mark.parametrize(("hits", "tests"), [(0, 40), (1, 50), (20, 50), (49, 50), (50, 50), (7, 300), (450, 900)])
def test_the_bounds_of_the_audit_are_those_of_clopper_and_pearson(hits: int, tests: int) -> None:
    def at_least(hits: int, chance: float) -> float:
        return sum(math.comb(tests, n) * chance**n * (1 - chance) ** (tests - n) for n in range(hits, tests + 1))

    low, high = lower_bound(hits, tests, 1e-3), upper_bound(hits, tests, 1e-3)
    assert low == 0 if hits == 0 else at_least(hits, low) == pytest.approx(1e-3)
    assert high == 1 if hits == tests else 1 - at_least(hits + 1, high) == pytest.approx(1e-3)


def test_the_reservoir_never_gives_a_draw_twice(noise: Reservoir) -> None:
    draws = noise.laplace([0] * 50, LINK_SCALE), noise.laplace([0] * 50, LINK_SCALE)
    assert noise.used[LINK_SCALE] == 100
    assert [*draws[0], *draws[1]] == noise.drawn[LINK_SCALE][:100]
