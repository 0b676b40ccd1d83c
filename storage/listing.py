"""Whether addresses are listed, asked for many links at the same time: one look for all of them."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

from sqlalchemy import bindparam, select

from storage.listed import LISTED, stands_in, wanted_of
from storage.spelled import Spelled
from storage.sql import AtHand, SqlStorage
from storage.together import Together

AT_MOST: Final = 100
"""Addresses in one look."""
_BUCKETS: Final = Spelled(
    select(LISTED.c.bucket, LISTED.c.marks).where(LISTED.c.bucket.in_(bindparam("buckets", expanding=True)))
)


class Listing:
    """See `core.ports.IsListed`. Nothing is remembered between looks: a new list holds for the next link.

    Args:
        storage: where the list is kept.
    """

    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._together: Together[Collection[str], bool] = Together(self._look, AT_MOST)

    async def __call__(self, names: Collection[str]) -> bool:
        """See `core.ports.IsListed`. Raises StorageUnavailable."""
        return await self._together.ask(names)

    async def _look(self, asks: Sequence[Collection[str]]) -> list[bool]:
        return await self._storage.glance(partial(_found, asks))


def _found(asks: Sequence[Collection[str]], glance: AtHand) -> list[bool]:
    wanted = [wanted_of(glance.master, names) for names in asks]
    buckets = {mark[0] for marks in wanted for mark in marks}
    rows = _BUCKETS.rows(glance.connection, {"buckets": sorted(buckets)}) if buckets else []
    kept = {row.bucket: row.marks for row in rows}
    return [stands_in(kept, marks) for marks in wanted]
