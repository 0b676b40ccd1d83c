"""Gates, noise, buckets, bounds and thresholds, one rule at a time."""

import math
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
    TOTAL_SCALE,
    UNKNOWN_PAGES,
    UNKNOWN_SITES,
    BrowserDayBound,
    Bucket,
    ExactWeek,
    Figure,
    Gate,
    GroupWeek,
    OpenDpNoise,
    Threshold,
    bucket,
    confirm,
    gate,
    release_group_week,
)
from core.errors import PrivacyMapError
from tests.fakes.noise import ForbiddenNoise, ScriptedNoise

MONDAY, TUESDAY = date(2026, 2, 9), date(2026, 2, 10)


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


@given(st.lists(st.sampled_from([0, 7, 2**64 - 1]), max_size=30))
def test_a_browser_adds_at_most_three_links_a_day_to_the_total(openings: list[int]) -> None:
    day = BrowserDayBound()
    admitted = [browser for browser in openings if day.admit(browser)]
    assert Counter(admitted) == Counter({browser: min(n, 3) for browser, n in Counter(openings).items()})
    assert day.total == len(admitted)


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
