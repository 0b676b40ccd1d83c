"""Keeper of accepted work."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, bindparam, or_, select, update

from core.errors import LeaseLost
from core.model import Account, GroupId, InboxItem, Intake
from storage import codec
from storage.journal import Erased
from storage.tables import InboxRow, table
from storage.transaction import Transaction, Values, one_of
from storage.vault import Key

INBOX: Final = table(InboxRow)
PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120))
"""After the first failure, the second, …; one more failure than pauses makes a piece of work dead."""
CLAIMS: Final = 10
"""Work claimed so often and never finished nor failed kills its workers: it is dead too."""


class WorkState(StrEnum):
    """How far a piece of accepted work has come."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


class SqlInbox:
    """See `core.ports.Inbox`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def put(self, event: str, intake: Intake) -> bool:
        """See `core.ports.Inbox`. Raises UnknownGroup."""
        mark = self._tx.master.lookup("event", event)
        sealed = seal_intake(await self._tx.key(intake.group), mark, intake)
        return await self._tx.insert_new(INBOX, inbox_row(self._tx.now(), intake.group, mark, sealed))

    async def claim(self, lease: timedelta, limit: int) -> list[InboxItem]:
        """See `core.ports.Inbox`."""
        clock = await self._tx.clock()
        due = (
            select(INBOX)
            .where(INBOX.c.state == WorkState.WAITING, INBOX.c.not_before <= self._tx.now())
            .where(or_(INBOX.c.leased_until.is_(None), INBOX.c.leased_until <= clock))
            .order_by(INBOX.c.not_before, INBOX.c.event)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = await self._tx.all(due)
        worn_out = [row for row in rows if row.claims >= CLAIMS]
        leased = [(row, self._tx.new_lease()) for row in rows if row.claims < CLAIMS]
        dead = {"state": WorkState.DEAD, "error": "its workers died", "lease": None, "leased_until": None}
        until = clock + lease
        await self._write([_change(row, **dead) for row in worn_out])
        await self._write(
            [_change(row, lease=token, leased_until=until, claims=row.claims + 1) for row, token in leased]
        )
        return [await self._item(row, token) for row, token in leased]

    async def _item(self, row: Row[Any], token: str) -> InboxItem:
        intake = opened_intake(await self._tx.key(row.group_id), row)
        return InboxItem(row.event.hex(), intake, token, row.attempts)

    async def done(self, *items: InboxItem) -> None:
        """See `core.ports.Inbox`. Raises LeaseLost."""
        held = [(item.intake.group, bytes.fromhex(item.id), item.lease) for item in items]
        mine = one_of((INBOX.c.group_id, INBOX.c.event, INBOX.c.lease), held)
        done = {"state": WorkState.DONE, "sealed": None, "lease": None, "leased_until": None}
        if (await self._tx.run(update(INBOX).where(*mine).values(done))).rowcount != len(held):
            raise LeaseLost

    async def failed(self, item: InboxItem, error: str) -> None:
        """See `core.ports.Inbox`. `error` is a name, never a message with content in it. Raises LeaseLost."""
        tries = item.attempts + 1
        if tries > len(PAUSES):
            values: Values = {"state": WorkState.DEAD}
        else:
            values = {"not_before": self._tx.now() + PAUSES[tries - 1]}
        await self._finish(item, {**values, "attempts": tries, "claims": 0, "error": error})

    async def _finish(self, item: InboxItem, values: Values) -> None:
        mine = and_(_one(item.intake.group, item.id), INBOX.c.lease == item.lease)
        free = {"lease": None, "leased_until": None}
        if (await self._tx.run(update(INBOX).where(mine).values({**values, **free}))).rowcount != 1:
            raise LeaseLost

    async def of_account(self, group: GroupId, account: Account) -> list[bytes]:
        """Accepted work of an account that still holds its links, waiting or dead; by the marks of its events."""
        key = await self._tx.key(group)
        rows = await self._tx.all(select(INBOX).where(INBOX.c.group_id == group, INBOX.c.sealed.is_not(None)))
        return [row.event for row in rows if opened_intake(key, row).account == account]

    async def forget(self, group: GroupId, account: Account) -> int:
        """Leave only the bare keys of an account's work, so that a redelivery does not bring it back; how many."""
        mine = await self.of_account(group, account)
        if mine:
            self._tx.journal(Erased.WORK, group, mine)
        await self.blank(group, mine)
        return len(mine)

    async def blank(self, group: str, events: Sequence[bytes]) -> None:
        """Leave only the bare keys of some work."""
        which = and_(INBOX.c.group_id == group, INBOX.c.event.in_(events))
        bare = {"state": WorkState.DONE, "sealed": None, "lease": None, "leased_until": None}
        await self._tx.run(update(INBOX).where(which).values(bare))

    async def dead(self, limit: int) -> list[tuple[GroupId, str, str]]:
        """Work that failed for good: group, id, name of the error."""
        query = select(INBOX).where(INBOX.c.state == WorkState.DEAD).order_by(INBOX.c.accepted_at).limit(limit)
        return [(GroupId(row.group_id), row.event.hex(), row.error or "") for row in await self._tx.all(query)]

    async def replay(self, group: GroupId, item: str) -> bool:
        """Try dead work again from the start; False if it is not dead."""
        again = {"state": WorkState.WAITING, "attempts": 0, "claims": 0, "not_before": self._tx.now()}
        dead = and_(_one(group, item), INBOX.c.state == WorkState.DEAD)
        return (await self._tx.run(update(INBOX).where(dead).values(again))).rowcount == 1

    async def _write(self, changes: list[Values]) -> None:
        """Write several rows at once; each change names the row by `_group` and `_event`."""
        if changes:
            which = and_(INBOX.c.group_id == bindparam("_group"), INBOX.c.event == bindparam("_event"))
            names = [name for name in changes[0] if not name.startswith("_")]
            await self._tx.run(update(INBOX).where(which).values({name: bindparam(name) for name in names}), changes)


def inbox_row(now: datetime, group: str, event: bytes, sealed: bytes) -> Values:
    """A row of work accepted at this moment."""
    fixed = {"state": WorkState.WAITING, "accepted_at": now, "not_before": now, "attempts": 0, "claims": 0}
    return {"group_id": group, "event": event, "sealed": sealed, **fixed}


def seal_intake(key: Key, event: bytes, intake: Intake) -> bytes:
    """Accepted work, sealed for its place in the inbox."""
    return key.seal(codec.INTAKE.dump_json(intake), _place(intake.group, event))


def opened_intake(key: Key, row: Row[Any]) -> Intake:
    """Accepted work as a row holds it, its seal opened. Raises Tampered."""
    return codec.read(codec.INTAKE, key.unseal(row.sealed, _place(row.group_id, row.event)))


def _one(group: str, item: str) -> ColumnElement[bool]:
    return and_(INBOX.c.group_id == group, INBOX.c.event == bytes.fromhex(item))


def _change(row: Row[Any], **values: object) -> Values:
    return {"_group": row.group_id, "_event": row.event, **values}


def _place(group: str, event: bytes) -> tuple[str, ...]:
    return "inbox", "sealed", group, event.hex()
