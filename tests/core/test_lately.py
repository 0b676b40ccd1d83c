"""What was asked for lately, held against a list that remembers everything."""

from hypothesis import given
from hypothesis import strategies as st

from core.lately import Lately

ACTS = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), max_size=80)


@given(ACTS, st.integers(1, 5))
def test_the_last_ones_asked_for_are_kept_and_never_more_than_twice_as_many(acts, capacity):
    lately: Lately[int, int] = Lately(capacity)
    newest_last: list[int] = []
    for number, (put, key) in enumerate(acts):
        if put:
            lately.put(key, number)
        if put or lately.get(key) is not None:
            newest_last = [*(each for each in newest_last if each != key), key]
        assert len(lately) <= 2 * capacity
    kept = [lately.get(key) is not None for key in newest_last[-capacity:]]
    assert all(kept)


@given(ACTS, st.integers(1, 5))
def test_what_is_kept_is_what_was_put_last(acts, capacity):
    lately: Lately[int, int] = Lately(capacity)
    last: dict[int, int] = {}
    for number, (put, key) in enumerate(acts):
        if put:
            lately.put(key, number)
            last[key] = number
        assert lately.get(key) in {None, last.get(key)}
    assert len(set(lately.keys())) == len(lately)
    for key in [*lately.keys(), 99]:
        lately.change(key, lambda value: -value)
    assert all(lately.get(key) in {None, -value} for key, value in last.items())
