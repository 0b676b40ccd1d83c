"""Digests that a group did not get: kept for a while, so that its settings and `penumbra doctor` can say so."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, delete, func, select

from core.digests import UNREADABLE
from core.model import GroupId, Missed, Week
from storage.tables import MissedRow, table
from storage.transaction import Transaction

MISSED: Final = table(MissedRow)
KEPT_FOR: Final = timedelta(days=31)


async def miss(tx: Transaction, group: str, missed: Missed) -> None:
    """Note a digest that was not posted; the latest reason stands."""
    values = {"group_id": group, "week": missed.week, "why": missed.why, "at": tx.now()}
    await tx.upsert(MISSED, values)


async def not_missed(tx: Transaction, group: str, week: Week) -> None:
    """It was posted after all."""
    await tx.run(delete(MISSED).where(MISSED.c.group_id == group, MISSED.c.week == week))


async def latest_missed(tx: Transaction, group: GroupId) -> Missed | None:
    """The latest digest that a group did not get."""
    mine = select(MISSED).where(MISSED.c.group_id == group).order_by(MISSED.c.week.desc()).limit(1)
    row = await tx.one(mine)
    return Missed(Week(row.week), row.why) if row else None


async def missed_since(tx: Transaction, moment: datetime) -> Mapping[str, int]:
    """How many digests were missed for which reason, for the operator; one that can't be read by its group's own id."""
    whose = case((MISSED.c.why == UNREADABLE, MISSED.c.group_id), else_="").label("whose")
    lately = select(MISSED.c.why, whose, func.count().label("number")).where(MISSED.c.at >= moment)
    rows = await tx.all(lately.group_by(MISSED.c.why, whose).order_by(MISSED.c.why, whose))
    return {f"{row.why} group {row.whose}" if row.whose else row.why: int(row.number) for row in rows}
