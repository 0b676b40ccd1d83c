"""Keeper of exact click counts, and of which batches were applied."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from sqlalchemy import delete, select

from core.model import Click, ClickBatch, ClickCount, GroupId, LinkId
from storage.tables import ClickBatchRow, ClickDayRow, table
from storage.transaction import GROUPS, Transaction

CLICKS: Final = table(ClickDayRow)
BATCHES: Final = table(ClickBatchRow)
KEPT_FOR: Final = timedelta(days=14)
"""A week's days and at most 8 until its release (privacy.md); batch ids stay as long, and nothing older is added."""
_AT_A_TIME: Final = 1000


class SqlClicks:
    """See `core.ports.Clicks`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def apply(self, batch: ClickBatch) -> bool:
        """See `core.ports.Clicks`. Clicks of groups that were erased, and of days long over, are dropped."""
        if not await self._tx.insert_new(BATCHES, {"id": batch.id, "applied_at": self._tx.now()}):
            return False
        kept = await self._groups({click.group for click, _ in batch.clicks})
        oldest = self._tx.now().date() - KEPT_FOR
        rows = _summed((click, n) for click, n in batch.clicks if click.group in kept and click.day >= oldest)
        for start in range(0, len(rows), _AT_A_TIME):
            await self._tx.add_up(CLICKS, rows[start : start + _AT_A_TIME], ("browsers", "in_total"))
        return True

    async def _groups(self, groups: set[GroupId]) -> set[str]:
        """Those of the groups that are kept, held so that none is erased before this is through."""
        ids = sorted(groups)
        found: set[str] = set()
        for start in range(0, len(ids), _AT_A_TIME):
            some = select(GROUPS.c.id).where(GROUPS.c.id.in_(ids[start : start + _AT_A_TIME])).order_by(GROUPS.c.id)
            rows = await self._tx.all(some.with_for_update(read=True, key_share=True))
            found |= {row.id for row in rows}
        return found

    async def counts(self, group: GroupId, until: date) -> list[ClickCount]:
        """See `core.ports.Clicks`. Held until the transaction is through: what is counted here can be deleted here."""
        mine = select(CLICKS).where(CLICKS.c.group_id == group, CLICKS.c.day <= until).with_for_update()
        rows = await self._tx.all(mine.order_by(CLICKS.c.day, CLICKS.c.link_id))
        return [ClickCount(LinkId(row.link_id), row.day, row.browsers, row.in_total) for row in rows]

    async def delete(self, group: GroupId, until: date) -> None:
        """See `core.ports.Clicks`."""
        await self._tx.run(delete(CLICKS).where(CLICKS.c.group_id == group, CLICKS.c.day <= until))


def _summed(clicks: Iterable[tuple[Click, int]]) -> list[dict[str, object]]:
    """One row per group, day and link, in the order of their keys, so that two replicas never wait for each other."""
    browsers: Counter[tuple[str, date, str]] = Counter()
    in_total: Counter[tuple[str, date, str]] = Counter()
    for click, number in clicks:
        place = click.group, click.day, click.link
        browsers[place] += number
        in_total[place] += number * click.in_total
    return [
        {"group_id": group, "day": day, "link_id": link, "browsers": number, "in_total": in_total[group, day, link]}
        for (group, day, link), number in sorted(browsers.items())
    ]
