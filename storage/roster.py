"""Which groups there are, and when their next digest is due: what `penumbra doctor` tells of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from core.errors import Tampered, UnknownGroup, WrongRootKey
from core.model import Group, GroupId, GroupState
from storage.groups import open_group
from storage.sql import SqlStorage
from storage.transaction import GROUPS, Transaction


@dataclass(frozen=True, slots=True)
class OnTheList:
    """One group.

    Attributes:
        id: our own.
        state: as it is kept.
        due_at: when its next digest is frozen.
        group: the group itself; None when its row can't be read.
    """

    id: GroupId
    state: GroupState
    due_at: datetime | None
    group: Group | None


async def roster(storage: SqlStorage, at_most: int) -> tuple[int, Sequence[OnTheList]]:
    """How many groups there are, and those whose digest comes first. Changes nothing. Raises StorageUnavailable."""
    async with storage.transaction() as records:
        tx = records.transaction
        first = select(GROUPS).order_by(GROUPS.c.due_at.is_(None), GROUPS.c.due_at, GROUPS.c.id).limit(at_most)
        counted = await tx.one(select(func.count().label("number")).select_from(GROUPS))
        rows = await tx.all(first)
        return int(counted.number) if counted else 0, [await _read(tx, row) for row in rows]


async def _read(tx: Transaction, row: Row[Any]) -> OnTheList:
    try:
        group = open_group(row, await tx.key(row.id))
    except (Tampered, UnknownGroup, WrongRootKey):
        group = None
    return OnTheList(GroupId(row.id), GroupState(row.state), row.due_at, group)
