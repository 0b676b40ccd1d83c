"""What may be said of a frozen week: at length or in short, and how concentrated its sources were."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.editions import is_full, sources_of
from tests.fakes.editions import entry, week_of

SHARES = st.lists(st.integers(1, 12), max_size=8)


def test_a_week_is_told_at_length_from_three_links_on_however_many_are_chosen():
    assert [is_full(week_of(links)) for links in range(5)] == [False, False, False, True, True]
    assert is_full(week_of(3, size=1))


@given(SHARES)
def test_sources_are_told_only_where_at_least_five_people_surely_shared(shares):
    entries = tuple(replace(entry(place), shares=each) for place, each in enumerate(shares))
    told = sources_of(replace(week_of(0), entries=entries[:3], others=entries[3:]))
    assert (told is not None) == (sum(shares) >= 20 and max(shares) >= 5)
    if told is not None:
        assert 1 <= told.effective <= told.sites + 1e-9


def test_two_links_of_one_site_are_one_source():
    entries = tuple(replace(entry(place), site="one.example", shares=10) for place in range(2))
    told = sources_of(replace(week_of(0), entries=entries))
    assert told is not None
    assert (told.sites, told.largest) == (1, 1.0)
