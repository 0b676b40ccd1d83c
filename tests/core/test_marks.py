"""The set of marks, held against Python's own."""

from hypothesis import given
from hypothesis import strategies as st

from core.marks import Marks

NEAR = st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**54 - 1, 2**54, 2**54 + 1, 2**63, 2**64 - 1])


@given(st.lists(NEAR, max_size=200))
def test_a_mark_is_new_once(added):
    marks, known = Marks(), set()
    for mark in added:
        assert marks.add(mark) == (mark not in known)
        known.add(mark)
        assert len(marks) == len(known)
