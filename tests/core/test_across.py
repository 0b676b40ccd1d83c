"""How much one account counts across groups, and what is shown."""

import hashlib
import math
import random
from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.across import (
    SITEMAP_SIZES,
    contribution,
    costs,
    release_across,
    release_domain,
    release_unlisted,
    shown_threshold,
    strays,
)
from core.anonymity import PAGE_SCALE, UNKNOWN_PAGES, UNKNOWN_SITES, Figure
from core.errors import TooManyPages
from core.ledger import WEEKLY_CAP, Ledger
from core.model import AccountWeek, Sitemap, Week
from tests.fakes.noise import ForbiddenNoise, ScriptedNoise

KEYS = st.sets(st.text("abcdef", min_size=1, max_size=4), max_size=12)


def keyed_hash(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), key=b"week").digest()


@given(KEYS)
def test_an_account_adds_its_three_smallest_hashes_whatever_the_order(keys: set[str]) -> None:
    assert list(contribution(keys, keyed_hash)) == sorted(keys, key=keyed_hash)[:3]
    assert len(contribution(keys, keyed_hash, 2)) == min(len(keys), 2)


@given(KEYS, st.integers())
def test_a_contribution_can_be_chosen_as_shares_come_in(keys: set[str], seed: int) -> None:
    incoming = [*keys, *keys]
    random.Random(seed).shuffle(incoming)
    so_far: tuple[str, ...] = ()
    for key in incoming:
        so_far = contribution([*so_far, key], keyed_hash)
    assert so_far == contribution(keys, keyed_hash)


@given(st.lists(KEYS, max_size=6), KEYS)
def test_one_account_moves_at_most_three_counts_by_one(others: list[set[str]], account: set[str]) -> None:
    without = Counter(key for each in others for key in contribution(each, keyed_hash))
    with_account = Counter(key for each in [*others, account] for key in contribution(each, keyed_hash))
    moved = {key: with_account[key] - without[key] for key in with_account | without}
    assert set(moved.values()) <= {0, 1}
    assert sum(moved.values()) <= 3


def test_every_listed_page_gets_noise_and_only_noisy_figures_decide_what_is_shown() -> None:
    noise = ScriptedNoise([0, 17, -4, 5])
    sitemap = Sitemap("news.example", ("/a", "/unread", "/c", "/b", "/a"))
    week = release_domain(sitemap, {"/a": 17, "/c": 20, "/b": 40, "/elsewhere": 99}, noise)
    assert (week.domain, week.listed, week.shown_from) == ("news.example", 4, 17)
    assert week.pages == (Figure("/b", 45), Figure("/a", 17), Figure("/unread", 17))
    assert noise.scales == [PAGE_SCALE]


@pytest.mark.parametrize(("pages", "smallest"), [(1, 17), (200, 17), (201, 22), (1000, 22), (1001, 29), (10_000, 29)])
def test_pages_nobody_shared_hardly_ever_show(pages: int, smallest: int) -> None:
    assert shown_threshold(pages) == smallest
    assert strays(pages, smallest) < 0.5


@pytest.mark.parametrize("pages", SITEMAP_SIZES)
def test_a_threshold_is_the_smallest_that_keeps_strays_under_one_half(pages: int) -> None:
    smallest = shown_threshold(pages)
    assert strays(pages, smallest) < 0.5 <= strays(pages, smallest - 1)


@pytest.mark.parametrize(("pages", "shown_from"), [(200, 3), (1000, 5)])
def test_strays_are_what_noise_alone_brings_over_a_threshold(pages: int, shown_from: int) -> None:
    """The distribution summed term by term, instead of its closed form."""
    weight = {z: math.exp(-abs(z) / PAGE_SCALE) for z in range(-400, 401)}
    over = sum(each for z, each in weight.items() if z >= shown_from) / sum(weight.values())
    assert strays(pages, shown_from) == pytest.approx(pages * over)


def test_a_sitemap_too_long_for_a_threshold_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(TooManyPages, match="10,000"):
        release_domain(Sitemap("news.example", tuple(map(str, range(10_001)))), {}, ForbiddenNoise())


def test_unlisted_pages_show_from_their_noisy_threshold_on_largest_first() -> None:
    noise = ScriptedNoise([0, 1, -10])
    figures = release_unlisted({"b": 44, "a": 43, "c": 50}, UNKNOWN_PAGES, noise)
    assert figures == (Figure("a", 44), Figure("b", 44))


def an_account(pages: Iterable[str], who: str = "") -> AccountWeek:
    shared = {page: keyed_hash(who + page) for page in pages}
    sites = {page.partition("/")[0] for page in shared}
    return AccountWeek(shared, {site: keyed_hash(who + site) for site in sites})


def test_a_week_counts_accounts_per_listed_page_per_unlisted_page_and_per_site() -> None:
    accounts = [an_account(["news.example/a", "blog.example/x"], str(number)) for number in range(60)]
    accounts += [an_account(["news.example/b"], str(number)) for number in range(17)]
    week = release_across(accounts, [Sitemap("news.example", ("news.example/a", "news.example/b"))], ScriptedNoise())
    assert [(each.domain, each.listed, each.pages) for each in week.domains] == [
        ("news.example", 2, (Figure("news.example/a", 60), Figure("news.example/b", 17)))
    ]
    assert week.pages == (Figure("blog.example/x", 60),)
    assert week.sites == (Figure("news.example", 77), Figure("blog.example", 60))


def test_a_page_listed_by_two_domains_is_counted_in_one_of_them_alone() -> None:
    maps = [Sitemap("blog.news.example", ("p", "q")), Sitemap("news.example", ("q", "p", "r"))]
    week = release_across([an_account(["p", "q", "r"], str(n)) for n in range(20)], maps, ScriptedNoise())
    assert [(each.listed, [page.key for page in each.pages]) for each in week.domains] == [(2, ["p", "q"]), (1, ["r"])]


def test_a_week_in_which_nobody_shared_is_noise_over_sitemaps_and_nothing_else() -> None:
    noise = ScriptedNoise([17])
    week = release_across([], [Sitemap("news.example", ("a", "b"))], noise)
    assert (week.domains[0].pages, week.pages, week.sites) == ((Figure("a", 17), Figure("b", 17)), (), ())
    assert noise.scales == [PAGE_SCALE, UNKNOWN_PAGES.scale, UNKNOWN_SITES.scale]


@given(st.lists(KEYS, max_size=5), KEYS)
def test_one_account_moves_all_figures_of_a_week_together_by_no_more_than_was_paid_for(
    others: list[set[str]], pages: set[str]
) -> None:
    """Sum of |change| / scale over every count that noise is added to: the ε that is spent, without its δ."""
    maps = [Sitemap("one", ("a", "b", "c", "d")), Sitemap("two", ("d", "e", "f", "aa"))]
    moved = Exact()
    release_across([an_account(each, str(n)) for n, each in enumerate(others)], maps, moved)
    before, moved.counts = moved.counts, Counter()
    release_across([*(an_account(e, str(n)) for n, e in enumerate(others)), an_account(pages, "me")], maps, moved)
    changes = {key: abs(moved.counts[key] - before[key]) for key in before | moved.counts}
    spent = sum(change / scale for (_, scale, _), change in changes.items())
    assert max(changes.values(), default=0) <= 1
    assert spent <= WEEKLY_CAP + 1e-9


class Exact:
    """No noise: remembers every count that noise would have been added to, with the scale of the noise."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, float, int]] = Counter()

    def laplace(self, values, scale):
        kind = f"vector of {len(values)}"
        self.counts += Counter({(kind, scale, place): value for place, value in enumerate(values)})
        return list(values)

    def over_threshold(self, counts, threshold):
        self.counts += Counter({(key, threshold.scale, 0): count for key, count in counts.items()})
        return {}


def test_a_week_costs_its_whole_cap_once() -> None:
    ledger = Ledger()
    for spending in costs(Week("2026-W47")):
        ledger = ledger.spend(spending)
    assert ledger.week("2026-W47").epsilon == WEEKLY_CAP
    assert ledger.week("2026-W47").delta == pytest.approx(UNKNOWN_PAGES.delta + UNKNOWN_SITES.delta)
