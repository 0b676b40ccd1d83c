"""A set of marks that takes little more than the marks themselves."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from functools import partial

MARK_LENGTH = 8
"""Bytes of a mark."""
_BUCKET_BITS = 12
_BELOW = 8 * MARK_LENGTH - _BUCKET_BITS


class Marks:
    """A set of 64-bit numbers in 9 bytes each; in a set of ints each takes 90.

    They have to be as good as random, as what a keyed hash gives: then its many sorted buckets are about equally short,
    and finding a place in one costs no more than hashing did.
    """

    def __init__(self) -> None:
        self._buckets: defaultdict[int, array[int]] = defaultdict(partial(array, "Q"))

    def __len__(self) -> int:
        return sum(map(len, self._buckets.values()))

    def add(self, mark: int) -> bool:
        """Take in a mark, from 0 to 2⁶⁴ − 1; say whether it is new."""
        bucket = self._buckets[mark >> _BELOW]
        place = bisect_left(bucket, mark)
        if place < len(bucket) and bucket[place] == mark:
            return False
        bucket.insert(place, mark)
        return True
