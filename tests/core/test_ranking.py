"""Score, choice, its reasons, and the concentration of sources."""

import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ranking import STANDARD, Candidate, Terms, Weights, choose, explain, sources

FROZEN = datetime(2026, 2, 16, 8, 0, tzinfo=UTC)
LONG_AGO = FROZEN - timedelta(hours=1000)
LINK = Candidate("h", "a.example", sharers=1, reactors=0, clicks=0, first_shared=LONG_AGO)

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        url_hash=st.uuids().map(str),
        site=st.sampled_from(["a.example", "b.example", "c.example"]),
        sharers=st.integers(1, 20),
        reactors=st.integers(0, 20),
        clicks=st.none() | st.integers(-5, 200),
        first_shared=st.integers(0, 200).map(lambda hours: FROZEN - timedelta(hours=hours)),
    ),
    max_size=15,
    unique_by=lambda each: each.url_hash,
)


def test_the_score_is_the_formula() -> None:
    link = replace(LINK, sharers=3, reactors=1, clicks=6, first_shared=FROZEN - timedelta(hours=10))
    terms = explain(link, FROZEN)
    exposure = 1 - math.exp(-1)
    assert terms == Terms(6.0, 2.0, math.log2(1 + 6 / exposure), 1.0)
    assert terms.score == pytest.approx(8 + math.log2(1 + 6 / exposure))


@pytest.mark.parametrize("hours", [-3, 0, 1, 6.9])
def test_a_young_link_gains_at_most_twice_its_clicks(hours: float) -> None:
    link = replace(LINK, clicks=6, first_shared=FROZEN - timedelta(hours=hours))
    assert explain(link, FROZEN).clicks == pytest.approx(math.log2(13))


@pytest.mark.parametrize("clicks", [None, 0, -7])
def test_no_figure_and_noise_below_zero_count_as_no_clicks(clicks: int | None) -> None:
    assert explain(replace(LINK, clicks=clicks), FROZEN).clicks == 0


def test_the_weights_can_be_changed() -> None:
    weights = Weights(shares=1, reactions=1, clicks=0, same_site=0.5)
    terms = explain(replace(LINK, reactors=3), FROZEN, weights, earlier_of_site=2)
    assert terms == Terms(1.0, 2.0, 0.0, 0.25)
    assert terms.score == 0.75


def test_a_second_link_of_a_site_must_be_much_better() -> None:
    best = replace(LINK, url_hash="1", sharers=7)
    second = replace(LINK, url_hash="2", sharers=6)
    other = replace(LINK, url_hash="3", site="b.example", sharers=3)
    entries = choose([second, other, best], FROZEN)
    assert [each.candidate for each in entries] == [best, other, second]
    assert [each.terms.same_site for each in entries] == [1, 1, STANDARD.same_site]


def test_ties_go_to_the_link_shared_first_then_to_the_url_hash() -> None:
    early = replace(LINK, url_hash="z", site="z.example", first_shared=LONG_AGO - timedelta(minutes=1))
    a, b = replace(LINK, url_hash="a", site="x.example"), replace(LINK, url_hash="b", site="y.example")
    assert [each.candidate for each in choose([b, a, early], FROZEN)] == [early, a, b]


def test_an_edition_has_five_entries_unless_an_admin_says_otherwise() -> None:
    links = [replace(LINK, url_hash=str(n)) for n in range(12)]
    assert len(choose(links, FROZEN)) == 5
    assert len(choose(links, FROZEN, 10)) == 10
    assert choose([], FROZEN) == ()


@given(CANDIDATES, st.integers(3, 10), st.randoms(use_true_random=False))
def test_the_choice_depends_on_the_links_and_not_on_their_order(
    links: list[Candidate], most: int, dice: Random
) -> None:
    chosen = choose(links, FROZEN, most)
    shuffled = list(links)
    dice.shuffle(shuffled)
    assert choose(shuffled, FROZEN, most) == chosen
    assert len(chosen) == min(most, len(links)) == len({each.candidate for each in chosen})


@given(CANDIDATES)
def test_the_choice_takes_the_best_of_what_is_left_at_each_step(links: list[Candidate]) -> None:
    left, taken = list(links), Counter[str]()
    for entry in choose(links, FROZEN, len(links)):
        best = max(explain(each, FROZEN, earlier_of_site=taken[each.site]).score for each in left)
        assert entry.terms.score == best
        left.remove(entry.candidate)
        taken[entry.candidate.site] += 1


@given(CANDIDATES)
def test_why_is_this_here_tells_the_score_that_decided(links: list[Candidate]) -> None:
    chosen = choose(links, FROZEN, 10)
    for place, entry in enumerate(chosen):
        earlier = sum(each.candidate.site == entry.candidate.site for each in chosen[:place])
        assert entry.terms == explain(entry.candidate, FROZEN, earlier_of_site=earlier)
    scores = [each.terms.score for each in chosen]
    assert scores == sorted(scores, reverse=True)


@given(CANDIDATES.filter(len))
def test_more_attention_never_lowers_a_score(links: list[Candidate]) -> None:
    link, score = links[0], explain(links[0], FROZEN).score
    assert explain(replace(link, sharers=link.sharers + 1), FROZEN).score > score
    assert explain(replace(link, reactors=link.reactors + 1), FROZEN).score > score
    assert explain(replace(link, clicks=(link.clicks or 0) + 1), FROZEN).score >= score


def test_seven_sources_of_which_one_made_two_fifths() -> None:
    found = sources({"big.example": 8, **{f"{n}.example": 2 for n in range(6)}, "none.example": 0}, sharers=5)
    assert found is not None
    assert (found.sites, found.largest) == (7, 0.4)
    assert found.effective == pytest.approx(math.exp(-(0.4 * math.log(0.4) + 6 * 0.1 * math.log(0.1))))


@pytest.mark.parametrize(("shares", "sharers"), [({"a": 19}, 9), ({"a": 10, "b": 10}, 4), ({}, 0)])
def test_few_shares_or_few_sharers_get_no_line_about_sources(shares: dict[str, int], sharers: int) -> None:
    assert sources(shares, sharers) is None


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 50), min_size=1, max_size=12))
def test_the_effective_number_lies_between_one_and_the_number_of_sites(shares: dict[str, int]) -> None:
    found = sources({**shares, "filler": 20}, sharers=5)
    assert found is not None
    assert 1 - 1e-9 <= found.effective <= found.sites + 1e-9


def test_equal_sources_count_in_full() -> None:
    found = sources({str(n): 5 for n in range(8)}, sharers=5)
    assert found is not None
    assert found.effective == pytest.approx(8)
