"""Two databases that differ by one person's click: the digest's words differ no more than the claim allows.

For ε = 1 the chance of any set of texts differs by at most (e − 1)/(e + 1) ≈ 0.462 (total variation of two ε-close
distributions; Kairouz, Oh, Viswanath 2015, "The Composition Theorem for Differential Privacy").
"""

import math
from collections import Counter
from datetime import timedelta

from bots.telegram import editions
from core.anonymity import ExactWeek, OpenDpNoise, release_group_week
from core.editions import WeekInGroup, edit
from core.model import Group, GroupId, GroupState, WeekOfLink
from tests.fakes.clock import MONDAY, Clock
from tests.storage.stories import a_group, a_link
from texts.catalogue import Texts

RUNS = 1600
ALLOWED = (math.e - 1) / (math.e + 1)
SLACK = 6 * math.sqrt(2 * 0.25 / RUNS)
"""Six standard deviations of the difference of two shares, each counted over so many runs: chance alone fails nothing
here, and half the noise does (0.76)."""
WORDS = Texts.load().speak("en")
NOISE = OpenDpNoise()


def text_after(clicks: int) -> str:
    clock = Clock()
    group: Group = a_group(clock)
    assert group.state is GroupState.ENABLED
    link = a_link(clock, "a", GroupId(group.id))
    exact = ExactWeek((str(link.id),), {(str(link.id), MONDAY.date()): clicks}, clicks)
    week = WeekOfLink(link, 2, MONDAY - timedelta(days=3), None)
    told = release_group_week(exact, 20, NOISE)
    frozen = WeekInGroup(group, "2026-W46", (week,), told, (MONDAY,), MONDAY, "https://s.example")  # type: ignore[arg-type] # a NewType of str
    return editions.digest(edit(frozen), WORDS)


def test_one_click_changes_the_words_no_more_than_the_claim_allows():
    few = 4  # one more crosses into the next range: where a click shows most
    one = Counter(text_after(few) for _ in range(RUNS))
    other = Counter(text_after(few + 1) for _ in range(RUNS))
    apart = sum(abs(one[text] - other[text]) for text in one | other) / (2 * RUNS)
    assert 0 < apart <= ALLOWED + SLACK
