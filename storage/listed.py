"""Keeper of reported addresses: keyed look-ups cut to 64 bits, sorted, in 256 rows that are replaced together.

A million entries are 8 MB, and are put in place by 256 inserts. An address that is not among them is taken for one of
them once in some 2^52 look-ups: the row tells 8 bits of a look-up, its place there 64.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, select

from storage.tables import ListedRow, table
from storage.transaction import Transaction
from storage.vault import Key

LISTED: Final = table(ListedRow)
MARK_LENGTH: Final = 8


class SqlListed:
    """See `core.ports.Listed`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def replace(self, entries: Collection[str]) -> None:
        """See `core.ports.Listed`."""
        buckets = await asyncio.to_thread(_buckets, self._tx.master, entries)  # a million look-ups take seconds
        now = self._tx.now()
        await self._tx.run(delete(LISTED))
        rows = [{"bucket": bucket, "marks": marks, "replaced_at": now} for bucket, marks in buckets.items()]
        if rows:
            await self._tx.run(insert(LISTED), rows)

    async def holds(self, names: Collection[str]) -> bool:
        """See `core.ports.Listed`."""
        return bool(await self.among(names))

    async def among(self, names: Collection[str]) -> frozenset[str]:
        """See `core.ports.Listed`."""
        wanted = {name: wanted_of(self._tx.master, [name]) for name in names}
        buckets = {mark[0] for [mark] in wanted.values()}
        query = select(LISTED.c.bucket, LISTED.c.marks).where(LISTED.c.bucket.in_(buckets))
        kept = {row.bucket: row.marks for row in await self._tx.all(query)}
        return frozenset(name for name, marks in wanted.items() if stands_in(kept, marks))

    async def replaced_at(self) -> datetime | None:
        """See `core.ports.Listed`."""
        row = await self._tx.one(select(func.min(LISTED.c.replaced_at).label("at")))
        return row.at if row is not None else None


def wanted_of(key: Key, names: Collection[str]) -> list[bytes]:
    """The look-ups of an address's names; the first byte of each says in which row it would stand."""
    return [key.lookup("listed", name) for name in names]


def stands_in(rows: Mapping[int, bytes], wanted: Collection[bytes]) -> bool:
    """Whether one of these look-ups stands in the rows, which are the marks by bucket."""
    return any(_stands_in(rows.get(mark[0], b""), _cut(mark)) for mark in wanted)


def _buckets(key: Key, entries: Collection[str]) -> dict[int, bytes]:
    marks: dict[int, set[bytes]] = {}
    for entry in entries:
        mark = key.lookup("listed", entry)
        marks.setdefault(mark[0], set()).add(_cut(mark))
    return {bucket: b"".join(sorted(some)) for bucket, some in marks.items()}


def _cut(mark: bytes) -> bytes:
    return mark[1 : 1 + MARK_LENGTH]


def _stands_in(marks: bytes, wanted: bytes) -> bool:
    def at(place: int) -> bytes:
        return marks[place * MARK_LENGTH : (place + 1) * MARK_LENGTH]

    return at(bisect_left(range(len(marks) // MARK_LENGTH), wanted, key=at)) == wanted
