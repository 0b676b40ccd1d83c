"""How much waits, and for how long: numbers and times alone, cheap enough to be asked for every quarter of a minute."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, func, select

from core.model import GroupState, OutboxState
from storage.inbox import INBOX, WorkState
from storage.outbox import OUTBOX
from storage.sql import SqlStorage
from storage.transaction import GROUPS, Transaction


@dataclass(frozen=True, slots=True)
class Depths:
    """What the database holds at a moment.

    Attributes:
        clock: the moment by the clock of leases: the database's own on PostgreSQL.
        inbox: pieces of accepted work by state.
        accepted: when the oldest piece of work still waiting was accepted.
        outbox: postings by state, those closed in the last days included.
        asked: when the oldest posting still open was asked for.
        groups: groups by state.
        held: groups that wait because their platform said so.
        due: when the digest was due that waits longest to be written; None when none is.
    """

    clock: datetime
    inbox: Mapping[str, int]
    accepted: datetime | None
    outbox: Mapping[str, int]
    asked: datetime | None
    groups: Mapping[str, int]
    held: int
    due: datetime | None


async def measure(storage: SqlStorage) -> Depths:
    """Count what waits; changes nothing.

    Raises:
        StorageUnavailable: no connection.
    """
    async with storage.transaction() as records:
        tx = records.transaction
        waiting = select(func.min(INBOX.c.accepted_at).label("at")).where(INBOX.c.state == WorkState.WAITING)
        still_open = select(func.min(OUTBOX.c.created_at).label("at")).where(OUTBOX.c.closed_at.is_(None))
        held = await tx.one(select(func.count().label("number")).where(GROUPS.c.held_until > tx.now()))
        overdue = select(func.min(GROUPS.c.due_at).label("at"))
        overdue = overdue.where(GROUPS.c.state == GroupState.ENABLED, GROUPS.c.due_at <= tx.now())
        accepted, asked, due = await tx.one(waiting), await tx.one(still_open), await tx.one(overdue)
        return Depths(
            clock=await tx.clock(),
            inbox=await _by_state(tx, INBOX, WorkState),
            accepted=accepted.at if accepted else None,
            outbox=await _by_state(tx, OUTBOX, OutboxState),
            asked=asked.at if asked else None,
            groups=await _by_state(tx, GROUPS, GroupState),
            held=held.number if held else 0,
            due=due.at if due else None,
        )


async def _by_state(
    tx: Transaction, table: Table, states: type[WorkState | OutboxState | GroupState]
) -> dict[str, int]:
    rows = await tx.all(select(table.c.state, func.count().label("number")).group_by(table.c.state))
    return {str(state): 0 for state in states} | {row.state: row.number for row in rows}
