"""Keeper of editions."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select, update

from core.model import Edition, GroupId, Missed, Week
from storage import codec, missed
from storage.tables import EditionRow, table
from storage.transaction import Transaction
from storage.vault import Key

EDITIONS: Final = table(EditionRow)


class SqlDigests:
    """See `core.ports.Digests`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, edition: Edition) -> bool:
        """See `core.ports.Digests`. Raises UnknownGroup."""
        key = await self._tx.write(edition.group)
        values = {
            "group_id": edition.group,
            "week": edition.week,
            "frozen_at": edition.frozen_at,
            "sealed": key.seal(codec.EDITION.dump_json(edition), _place(edition.group, edition.week)),
        }
        return await self._tx.insert_new(EDITIONS, values)

    async def get(self, group: GroupId, week: Week) -> Edition | None:
        """See `core.ports.Digests`."""
        key = await self._tx.keys.of(group)
        row = await self._tx.one(select(EDITIONS).where(EDITIONS.c.group_id == group, EDITIONS.c.week == week))
        return _edition(row, key) if row and key else None

    async def latest(self, group: GroupId, limit: int) -> list[Edition]:
        """See `core.ports.Digests`."""
        key = await self._tx.keys.of(group)
        mine = select(EDITIONS).where(EDITIONS.c.group_id == group)
        rows = await self._tx.all(mine.order_by(EDITIONS.c.week.desc()).limit(limit))
        return [_edition(row, key) for row in rows] if key else []

    async def frozen_since(self, moment: datetime) -> list[tuple[GroupId, Week]]:
        """See `core.ports.Digests`."""
        recent = select(EDITIONS.c.group_id, EDITIONS.c.week).where(EDITIONS.c.frozen_at >= moment)
        rows = await self._tx.all(recent.order_by(EDITIONS.c.frozen_at))
        return [(GroupId(row.group_id), Week(row.week)) for row in rows]

    async def revise(self, edition: Edition) -> None:
        """See `core.ports.Digests`. Raises UnknownGroup."""
        key = await self._tx.write(edition.group)
        sealed = key.seal(codec.EDITION.dump_json(edition), _place(edition.group, edition.week))
        mine = (EDITIONS.c.group_id == edition.group, EDITIONS.c.week == edition.week)
        await self._tx.run(update(EDITIONS).where(*mine).values(sealed=sealed))

    async def miss(self, group: GroupId, given: Missed) -> None:
        """See `core.ports.Digests`. Raises UnknownGroup."""
        await self._tx.write(group)
        await missed.miss(self._tx, group, given)

    async def not_missed(self, group: GroupId, week: Week) -> None:
        """See `core.ports.Digests`."""
        await missed.not_missed(self._tx, group, week)

    async def missed(self, group: GroupId) -> Missed | None:
        """See `core.ports.Digests`."""
        return await missed.latest_missed(self._tx, group)


def _place(group: str, week: str) -> tuple[str, ...]:
    return "edition", "sealed", group, week


def _edition(row: Row[Any], key: Key) -> Edition:
    return codec.read(codec.EDITION, key.unseal(row.sealed, _place(row.group_id, row.week)))
