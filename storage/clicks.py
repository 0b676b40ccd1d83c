"""Keeper of exact click counts, and of which batches were applied."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import delete, select

from core.model import Click, ClickBatch, ClickCount, GroupId, LinkId
from storage.tables import ClickBatchRow, ClickDayRow, table
from storage.transaction import GROUPS, Transaction

CLICKS: Final = table(ClickDayRow)
BATCHES: Final = table(ClickBatchRow)
KEPT_FOR: Final = timedelta(days=14)
"""A week's days and at most 8 until its release (privacy.md); batch ids stay as long, and nothing older is added."""
_AT_A_TIME: Final = 400
"""Rows in one statement: to pack them takes a millisecond in which nobody is answered; 4,000 showed in the p99."""
_COLUMNS: Final = ("group_id", "day", "link_id", "browsers", "in_total")
_CountRow = tuple[GroupId, date, LinkId, int, int]

_Sums = dict[tuple[GroupId, date], dict[LinkId, tuple[int, int]]]
"""Browsers, and those in the group's total, of each link on a day."""


class SqlClicks:
    """See `core.ports.Clicks`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def apply(self, *batches: ClickBatch) -> int:
        """See `core.ports.Clicks`. Clicks of groups that were erased, and of days long over, are dropped.

        Some thousand clicks are added up at a time, so that whoever else has work on this loop gets a turn.
        """
        sums: _Sums = defaultdict(dict)
        new, oldest = await self._new(batches), self._tx.now().date() - KEPT_FOR
        for batch in batches:
            if batch.id in new:
                _add(sums, batch.clicks, oldest)
                await asyncio.sleep(0)
        rows = _rows(sums, await self._groups({group for group, _ in sums}))
        while some := list(islice(rows, _AT_A_TIME)):
            await self._tx.add_up(CLICKS, _COLUMNS, some)
        return len(new)

    async def _new(self, batches: Sequence[ClickBatch]) -> set[str]:
        """Those that were not applied before, in the order of their ids."""
        now = self._tx.now()
        ids = sorted({batch.id for batch in batches})
        return {each for each in ids if await self._tx.insert_new(BATCHES, {"id": each, "applied_at": now})}

    async def _groups(self, groups: Iterable[GroupId]) -> set[GroupId]:
        """Those of the groups that are kept, held in the order of their ids until this is through."""
        ids = sorted(groups)
        found: set[GroupId] = set()
        for start in range(0, len(ids), _AT_A_TIME):
            some = select(GROUPS.c.id).where(GROUPS.c.id.in_(ids[start : start + _AT_A_TIME])).order_by(GROUPS.c.id)
            rows = await self._tx.all(some.with_for_update(read=True, key_share=True))
            found.update(GroupId(row.id) for row in rows)
        return found

    async def counts(self, group: GroupId, until: date) -> list[ClickCount]:
        """See `core.ports.Clicks`. Held until the transaction is through: what is counted here can be deleted here."""
        mine = select(CLICKS).where(CLICKS.c.group_id == group, CLICKS.c.day <= until).with_for_update()
        rows = await self._tx.all(mine.order_by(CLICKS.c.day, CLICKS.c.link_id))
        return [ClickCount(LinkId(row.link_id), row.day, row.browsers, row.in_total) for row in rows]

    async def delete(self, group: GroupId, until: date) -> None:
        """See `core.ports.Clicks`."""
        await self._tx.run(delete(CLICKS).where(CLICKS.c.group_id == group, CLICKS.c.day <= until))


def _add(sums: _Sums, clicks: Iterable[tuple[Click, int]], oldest: date) -> None:
    for (group, link, day, is_in_total), number in clicks:
        if day >= oldest:
            links = sums[group, day]
            browsers, in_total = links.get(link, (0, 0))
            links[link] = browsers + number, in_total + number * is_in_total


def _rows(sums: _Sums, groups: Collection[GroupId]) -> Iterator[_CountRow]:
    """One row per group, day and link, in the order of their keys, so that two replicas never wait for each other."""
    for group, day in sorted(sums):
        if group in groups:
            for link, (browsers, in_total) in sorted(sums[group, day].items()):
                yield group, day, link, browsers, in_total
