"""Keeper of groups."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, func, or_, select, update

from core.errors import Tampered, UnknownGroup, WrongRootKey
from core.model import Group, GroupAddress, GroupId, GroupState, Platform
from storage import codec
from storage.consents import end_log_of_group
from storage.journal import Erased
from storage.links import orphan_links
from storage.transaction import GROUPS, Transaction, Values
from storage.vault import Key


class SqlGroups:
    """See `core.ports.Groups`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, group: Group) -> None:
        """See `core.ports.Groups`. Raises AlreadyKept when another replica was faster."""
        key = await self._tx.keys.make(group.id)
        values = {**self._values(group, key), "id": group.id, "touched_at": await self._tx.clock()}
        await self._tx.run(GROUPS.insert().values(values))

    async def at(self, address: GroupAddress) -> Group | None:
        """See `core.ports.Groups`."""
        return await self._read(select(GROUPS).where(GROUPS.c.address == address_mark(self._tx.master, address)))

    async def get(self, group: GroupId) -> Group | None:
        """See `core.ports.Groups`. Whoever reads by our own id means to write: others wait until this is through."""
        return (await self.some([group])).get(group)

    async def some(self, groups: Collection[GroupId]) -> dict[GroupId, Group]:
        """See `core.ports.Groups`."""
        return {each.id: each for each in await self._groups(await self._tx.hold(groups))}

    async def of_workspace(self, platform: Platform, workspace: str) -> list[Group]:
        """See `core.ports.Groups`."""
        mark = workspace_mark(self._tx.master, platform, workspace)
        return await self._groups(await self._tx.all(select(GROUPS).where(GROUPS.c.workspace == mark)))

    async def save(self, group: Group) -> None:
        """See `core.ports.Groups`. A group that is being erased never comes back.

        Raises:
            UnknownGroup: the group is not kept, or is being erased.
            AlreadyKept: another group has the new address.
        """
        key = await self._tx.write(group.id)
        before = await self._tx.one(select(GROUPS).where(GROUPS.c.id == group.id))
        erasing = GroupState.ERASING
        if before is None or (before.state == erasing and group.state is not erasing):
            raise UnknownGroup
        values = dict(self._values(group, key))
        if before.due_at != group.due:
            values["leased_until"] = None
        if before.state != group.state:
            values["touched_at"] = await self._tx.clock()
        if group.state is GroupState.ERASING:
            self._tx.journal(Erased.GROUP, group.id)
        await self._tx.run(update(GROUPS).where(GROUPS.c.id == group.id).values(values))

    async def claim_due(self, now: datetime, lease: timedelta, limit: int) -> list[Group]:
        """See `core.ports.Groups`."""
        clock = await self._tx.clock()
        query = (
            select(GROUPS)
            .where(GROUPS.c.state == GroupState.ENABLED, GROUPS.c.due_at <= now)
            .where(or_(GROUPS.c.leased_until.is_(None), GROUPS.c.leased_until <= clock))
            .order_by(GROUPS.c.due_at, GROUPS.c.id)
            .limit(limit)
            .with_for_update(key_share=True, skip_locked=True)
        )
        rows = await self._tx.all(query)
        ids = [row.id for row in rows]
        await self._tx.run(update(GROUPS).where(GROUPS.c.id.in_(ids)).values(leased_until=clock + lease))
        return await self._readable(rows)

    async def reading_at(self, moment: datetime) -> int:
        """See `core.ports.Groups`."""
        there = (GROUPS.c.next_digest == moment, GROUPS.c.state == GroupState.ENABLED)
        row = await self._tx.one(select(func.count().label("number")).select_from(GROUPS).where(*there))
        return int(row.number) if row else 0

    async def settled_before(self, state: GroupState, moment: datetime, limit: int) -> list[Group]:
        """See `core.ports.Groups`."""
        settled = select(GROUPS).where(GROUPS.c.state == state, GROUPS.c.since <= moment)
        return await self._readable(await self._tx.all(settled.order_by(GROUPS.c.since, GROUPS.c.id).limit(limit)))

    async def pause_over(self, now: datetime, limit: int) -> list[Group]:
        """See `core.ports.Groups`."""
        over = select(GROUPS).where(GROUPS.c.state == GroupState.PAUSED, GROUPS.c.paused_until <= now)
        return await self._readable(await self._tx.all(over.order_by(GROUPS.c.paused_until, GROUPS.c.id).limit(limit)))

    async def page(self, after: str, limit: int) -> list[Group]:
        """Groups in the order of their ids, behind one of them: for going through all, some at a time."""
        query = select(GROUPS).where(GROUPS.c.id > after).order_by(GROUPS.c.id).limit(limit)
        return await self._groups(await self._tx.all(query))

    async def shred(self, group: GroupId) -> None:
        """See `core.ports.Groups`. Rows of the group go with it by the schema's cascade."""
        if await self._tx.one(select(GROUPS.c.id).where(GROUPS.c.id == group).with_for_update()) is None:
            return
        self._tx.journal(Erased.GROUP, group)
        await orphan_links(self._tx, group)
        await end_log_of_group(self._tx, group)
        await self._tx.keys.destroy(group)
        await self._tx.run(delete(GROUPS).where(GROUPS.c.id == group))

    async def _read(self, query: Select[Any]) -> Group | None:
        row = await self._tx.one(query)
        return None if row is None else (await self._groups([row]))[0]

    async def _readable(self, rows: Sequence[Row[Any]]) -> list[Group]:
        """Those that can be read: nobody's digest waits for a row that can't, which `storage.roster` names."""
        found = []
        for row in rows:
            with suppress(Tampered, UnknownGroup, WrongRootKey):
                found.append(open_group(row, await self._tx.key(row.id)))
        return found

    async def _groups(self, rows: Sequence[Row[Any]]) -> list[Group]:
        return [open_group(row, await self._tx.key(row.id)) for row in rows]

    def _values(self, group: Group, key: Key) -> Values:
        return {
            "address": address_mark(self._tx.master, group.address),
            "workspace": workspace_mark(self._tx.master, group.address.platform, group.address.workspace),
            "state": str(group.state),
            "since": group.since,
            "sealed": key.seal(codec.GROUP.dump_json(group), _place(group.id)),
            "next_digest": group.next_digest,
            "due_at": group.due,
            "paused_until": group.paused_until,
        }


def address_mark(master: Key, address: GroupAddress) -> bytes:
    """Where a group is."""
    return master.lookup("group address", address.platform, address.workspace, address.conversation)


def workspace_mark(master: Key, platform: Platform, workspace: str) -> bytes:
    """Which workspace something belongs to."""
    return master.lookup("workspace", platform, workspace)


def _place(group: str) -> tuple[str, ...]:
    return "group", "sealed", group


def open_group(row: Row[Any], key: Key) -> Group:
    """What a row of a group says. Raises Tampered."""
    return replace(
        codec.read(codec.GROUP, key.unseal(row.sealed, _place(row.id))),
        state=GroupState(row.state),
        since=row.since,
        next_digest=row.next_digest,
        paused_until=row.paused_until,
    )
