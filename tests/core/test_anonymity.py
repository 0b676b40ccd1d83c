"""Gates, noise, buckets, bounds, thresholds and the ledger, one rule at a time."""

import hashlib
import math
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.anonymity import (
    LINK_SCALE,
    PAGE_SCALE,
    TOTAL_SCALE,
    UNKNOWN_PAGES,
    UNKNOWN_SITES,
    BrowserDayBound,
    Bucket,
    ExactWeek,
    Figure,
    Gate,
    GroupWeek,
    Ledger,
    OpenDpNoise,
    Spending,
    Threshold,
    bucket,
    confirm,
    contribution,
    gate,
    release_domain,
    release_group_week,
    release_unlisted,
    shown_threshold,
    within_bound,
)
from core.errors import BudgetSpent, PrivacyMapError, TooManyPages
from tests.fakes.noise import ForbiddenNoise, ScriptedNoise

MONDAY, TUESDAY = date(2026, 2, 9), date(2026, 2, 10)
KEYS = st.sets(st.text("abcdef", min_size=1, max_size=4), max_size=12)


def keyed_hash(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), key=b"week").digest()


@pytest.fixture(scope="module")
def opendp() -> OpenDpNoise:
    return OpenDpNoise()


@pytest.mark.parametrize(
    ("members", "allowed"),
    [
        (0, Gate.NOTHING),
        (7, Gate.NOTHING),
        (8, Gate.TOTAL),
        (14, Gate.TOTAL),
        (15, Gate.PER_LINK),
        (9000, Gate.PER_LINK),
    ],
)
def test_the_gate_opens_at_8_and_at_15_members(members: int, allowed: Gate) -> None:
    assert gate(members) is allowed


@given(st.integers(-50, 10_000))
def test_every_figure_falls_into_exactly_one_bucket(noisy: int) -> None:
    shown = max(noisy, 0)
    holding = [each for each in Bucket if each.bounds[0] <= shown <= (each.bounds[1] or math.inf)]
    assert holding == [bucket(noisy)]


def test_buckets_are_the_ones_we_promise() -> None:
    assert [each.bounds for each in Bucket] == [(0, 4), (5, 9), (10, 19), (20, 49), (50, 99), (100, None)]


def test_a_big_enough_group_reads_one_noisy_figure_per_link_unopened_ones_too() -> None:
    exact = ExactWeek(("a", "b", "a"), {("a", MONDAY): 3, ("a", TUESDAY): 4, ("not in the edition", MONDAY): 9}, 12)
    noise = ScriptedNoise([2, -1])
    assert release_group_week(exact, 15, noise) == GroupWeek(Gate.PER_LINK, links=(Figure("a", 9), Figure("b", -1)))
    assert noise.scales == [LINK_SCALE]


def test_a_middling_group_reads_one_noisy_total_of_bounded_clicks() -> None:
    exact = ExactWeek(("a",), {("a", MONDAY): 40}, bounded_total=12)
    noise = ScriptedNoise([-5])
    assert release_group_week(exact, 14, noise) == GroupWeek(Gate.TOTAL, total=7)
    assert noise.scales == [TOTAL_SCALE]


def test_a_small_group_reads_nothing_and_nothing_is_drawn() -> None:
    assert release_group_week(ExactWeek(("a",), {("a", MONDAY): 40}, 40), 7, ForbiddenNoise()) == GroupWeek(
        Gate.NOTHING
    )


def test_an_edition_without_links_has_no_figures(opendp: OpenDpNoise) -> None:
    assert release_group_week(ExactWeek((), {}, 0), 20, opendp) == GroupWeek(Gate.PER_LINK)


@given(st.lists(st.sampled_from([b"ann", b"bob", b"cy"]), max_size=30))
def test_a_browser_adds_at_most_three_links_a_day_to_the_total(openings: list[bytes]) -> None:
    day = BrowserDayBound()
    admitted = [browser for browser in openings if day.admit(browser)]
    assert Counter(admitted) == Counter({browser: min(n, 3) for browser, n in Counter(openings).items()})
    assert day.total == len(admitted)


def test_the_bound_can_be_kept_by_a_counter_elsewhere() -> None:
    assert [within_bound(n) for n in range(5)] == [True, True, True, False, False]


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
    week = release_domain(["/a", "/unread", "/c", "/b", "/a"], {"/a": 17, "/c": 20, "/b": 40, "/elsewhere": 99}, noise)
    assert (week.shown_from, week.pages) == (17, (Figure("/b", 45), Figure("/a", 17), Figure("/unread", 17)))
    assert noise.scales == [PAGE_SCALE]


@pytest.mark.parametrize(("pages", "smallest"), [(1, 17), (200, 17), (201, 22), (1000, 22), (1001, 29), (10_000, 29)])
def test_pages_nobody_shared_hardly_ever_show(pages: int, smallest: int) -> None:
    assert shown_threshold(pages) == smallest
    decay = math.exp(-1 / PAGE_SCALE)
    assert pages * decay**smallest / (1 + decay) < 0.5


def test_a_sitemap_too_long_for_a_threshold_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(TooManyPages, match="10,000"):
        release_domain((str(page) for page in range(10_001)), {}, ForbiddenNoise())


def test_unlisted_pages_show_from_their_noisy_threshold_on_largest_first() -> None:
    noise = ScriptedNoise([0, 1, -10])
    figures = release_unlisted({"b": 44, "a": 43, "c": 50}, UNKNOWN_PAGES, noise)
    assert figures == (Figure("a", 44), Figure("b", 44))


def test_opendp_draws_two_sided_noise_of_the_asked_scale(opendp: OpenDpNoise) -> None:
    drawn = opendp.laplace([5] * 4000, LINK_SCALE)
    decay = math.exp(-1)
    assert all(isinstance(each, int) for each in drawn)
    assert sum(drawn) / 4000 == pytest.approx(5, abs=0.15)
    assert drawn.count(5) / 4000 == pytest.approx((1 - decay) / (1 + decay), abs=0.06)


@pytest.mark.parametrize("threshold", [UNKNOWN_PAGES, UNKNOWN_SITES])
def test_opendp_leaves_out_what_few_shared_and_keeps_what_many_did(opendp: OpenDpNoise, threshold: Threshold) -> None:
    kept = opendp.over_threshold({"few": 1, "many": 500}, threshold)
    assert set(kept) == {"many"}
    assert kept["many"] == pytest.approx(500, abs=150)


def test_a_scale_or_threshold_not_checked_at_start_is_never_drawn(opendp: OpenDpNoise) -> None:
    with pytest.raises(PrivacyMapError, match=r"0\.5"):
        opendp.laplace([1], 0.5)
    with pytest.raises(PrivacyMapError, match="smallest=3"):
        opendp.over_threshold({}, replace(UNKNOWN_PAGES, smallest=3))


@pytest.mark.parametrize(
    "promise",
    [
        replace(UNKNOWN_PAGES, epsilon=0.9),
        replace(UNKNOWN_PAGES, delta=7.4e-7),
        replace(UNKNOWN_PAGES, smallest=43),
        replace(UNKNOWN_SITES, contributions=3),
        replace(UNKNOWN_SITES, scale=3.9),
    ],
)
def test_a_promise_that_opendp_does_not_prove_stops_the_start(promise: Threshold) -> None:
    with pytest.raises(PrivacyMapError, match="proves"):
        OpenDpNoise(thresholds=[promise])


@pytest.mark.parametrize("measured", [1.001, math.inf, math.nan])
def test_a_privacy_map_must_not_exceed_the_promise(measured: float) -> None:
    confirm("ε", 1 / 3 * 3 + 1e-16, 1.0)
    with pytest.raises(PrivacyMapError, match="we promise"):
        confirm("ε", measured, 1.0)


def test_opendp_is_loaded_only_by_those_who_publish() -> None:
    script = "import sys, core.anonymity; print('opendp' in sys.modules)"
    command = [sys.executable, "-c", script]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert answer.stdout == "False\n"


def test_a_week_affords_pages_and_sites_once_and_not_more() -> None:
    ledger = (
        Ledger().spend(Spending("2026-W07", "pages", 1.0, 7.5e-7)).spend(Spending("2026-W07", "sites", 0.5, 9.35e-7))
    )
    assert ledger.week("2026-W07") == Spending("2026-W07", "week", 1.5, 7.5e-7 + 9.35e-7)
    with pytest.raises(BudgetSpent, match="2026-W07"):
        ledger.spend(Spending("2026-W07", "again", 1e-9))
    assert ledger.spend(Spending("2026-W08", "pages", 1.0)).year(2026).epsilon == 2.5
    assert ledger.year(2025) == Spending("2025", "year", 0.0)


@pytest.mark.parametrize(("epsilon", "delta"), [(-0.1, 0.0), (0.1, -1e-9), (math.nan, 0.0), (math.inf, 0.0)])
def test_nobody_buys_budget_back(epsilon: float, delta: float) -> None:
    with pytest.raises(BudgetSpent):
        Ledger().spend(Spending("2026-W07", "refund", epsilon, delta))


@given(st.lists(st.tuples(st.sampled_from(["2026-W01", "2026-W02", "2025-W52"]), st.floats(0, 2)), max_size=20))
def test_no_week_ever_costs_more_than_its_cap(wishes: list[tuple[str, float]]) -> None:
    ledger = Ledger()
    for week, epsilon in wishes:
        before = ledger
        try:
            ledger = ledger.spend(Spending(week, "wish", epsilon))
        except BudgetSpent:
            continue
        assert ledger.entries[:-1] == before.entries
    weeks = {each.week for each in ledger.entries}
    assert all(ledger.week(week).epsilon <= 1.5 for week in weeks)
    assert ledger.year(2026).epsilon + ledger.year(2025).epsilon == pytest.approx(
        sum(ledger.week(w).epsilon for w in weeks)
    )
