"""How the database is doing, in numbers and times alone: what `penumbra doctor` tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.engine import Connection

from core.ledger import Ledger
from core.model import OutboxState, Week
from storage.consents import LOG, audit
from storage.database import peek
from storage.inbox import INBOX, WorkState
from storage.keys import KEYS, MASTER
from storage.listed import LISTED, MARK_LENGTH
from storage.missed import missed_since
from storage.outbox import OUTBOX
from storage.retention import Retention
from storage.sql import SqlStorage
from storage.transaction import Transaction

MISSED_LATELY = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found.

    Attributes:
        clock: the moment by the clock of leases: the database's own on PostgreSQL.
        left: by kind, how long the oldest item may still be kept; negative when it is overdue.
        log_lines: lines of the consent log.
        broken: numbers of its lines that do not fit the chain.
        dead: pieces of accepted work that failed for good.
        unknown: postings of which nobody knows whether they were posted.
        accepted: when the oldest piece of work that waits was accepted.
        waiting: when the oldest posting that is still open was asked for.
        missed: how many digests were not posted lately, by reason.
        listed: entries of the list of addresses that spread malware.
        listed_at: when it was put in place.
        ledger: what figures across groups have cost.
        released: their newest week.
    """

    clock: datetime
    left: Mapping[str, timedelta]
    log_lines: int
    broken: Sequence[int]
    dead: int
    unknown: int
    accepted: datetime | None
    waiting: datetime | None
    listed: int
    listed_at: datetime | None
    ledger: Ledger
    released: Week | None
    missed: Mapping[str, int] = field(default_factory=dict)


async def check_up(storage: SqlStorage) -> Checkup:
    """Look at everything, change nothing.

    Raises:
        StorageUnavailable: no connection.
    """
    left = await Retention(storage).time_left()
    async with storage.transaction() as records:
        tx = records.transaction
        oldest = await tx.one(select(func.min(OUTBOX.c.created_at).label("at")).where(OUTBOX.c.closed_at.is_(None)))
        unread = select(func.min(INBOX.c.accepted_at).label("at")).where(INBOX.c.state == WorkState.WAITING)
        accepted = await tx.one(unread)
        size = await tx.one(select(func.coalesce(func.sum(func.length(LISTED.c.marks)), 0).label("bytes")))
        return Checkup(
            clock=await tx.clock(),
            left=left,
            log_lines=await _number(tx, LOG, LOG.c.seq > 0),
            broken=await audit(tx),
            dead=await _number(tx, INBOX, INBOX.c.state == WorkState.DEAD),
            unknown=await _number(tx, OUTBOX, OUTBOX.c.state == OutboxState.UNKNOWN),
            accepted=accepted.at if accepted else None,
            waiting=oldest.at if oldest else None,
            missed=await missed_since(tx, tx.now() - MISSED_LATELY),
            listed=int(size.bytes) // MARK_LENGTH if size else 0,
            listed_at=await records.listed.replaced_at(),
            ledger=Ledger(await records.figures.spent()),
            released=next((each.week for each in await records.figures.latest(1)), None),
        )


async def _number(tx: Transaction, table: Table, which: ColumnElement[bool]) -> int:
    row = await tx.one(select(func.count().label("number")).select_from(table).where(which))
    return int(row.number) if row else 0


async def has_master_key(url: str) -> bool:
    """Whether a migrated database was started before, so that only its own root key opens it.

    Raises:
        StorageUnavailable: no connection.
    """

    def look(connection: Connection) -> bool:
        return connection.execute(select(KEYS.c.kind).where(KEYS.c.kind == MASTER)).first() is not None

    return await peek(url, look)
