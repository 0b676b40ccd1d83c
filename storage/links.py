"""Keeper of tracked links. Where a code leads is sealed twice: with the link, and so that the code alone opens it."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from sys import intern
from typing import Any, Final

from sqlalchemy import Row, Select, select, update

from core.model import Code, Destination, GroupId, GroupState, LinkChanges, LinkId, LinkState, TrackedLink
from storage import codec
from storage.tables import LinkRow, table
from storage.transaction import GROUPS, Transaction, Values
from storage.vault import Key

LINKS: Final = table(LinkRow)


class SqlLinks:
    """See `core.ports.Links`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def find(self, group: GroupId, key: str) -> TrackedLink | None:
        """See `core.ports.Links`."""
        secret = await self._tx.keys.of(group)
        if secret is None:
            return None
        mark = secret.lookup("canonical url", key)
        row = await self._tx.one(select(LINKS).where(LINKS.c.group_id == group, LINKS.c.key == mark))
        return _link(row, secret) if row else None

    async def add(self, link: TrackedLink) -> None:
        """See `core.ports.Links`.

        Raises:
            UnknownGroup: the group is not kept.
            AlreadyKept: the group has a link to this canonical URL.
        """
        await self._tx.write(link.group)
        await self._tx.run(LINKS.insert().values(await row_of(self._tx, link)))

    async def save(self, link: TrackedLink) -> None:
        """See `core.ports.Links`. Raises UnknownGroup."""
        key = await self._tx.write(link.group)
        mine = (LINKS.c.group_id == link.group, LINKS.c.id == link.id, LINKS.c.sealed.is_not(None))
        before = await self._tx.one(select(LINKS.c.expires_at, LINKS.c.counted_until).where(*mine))
        if before is None:
            return
        values = dict(_values(link, key))
        if (before.expires_at, before.counted_until) != (link.expires_at, link.counted_until):
            values["touched_at"] = await self._tx.clock()
        await self._tx.run(update(LINKS).where(*mine).values(values))

    async def get(self, group: GroupId, link: LinkId) -> TrackedLink | None:
        """See `core.ports.Links`."""
        found = await links_by_id(self._tx, group, [link])
        return found.get(link)

    async def of_group(self, group: GroupId) -> list[TrackedLink]:
        """Every link of a group whose content is kept, oldest first; none of a group that is not kept."""
        key = await self._tx.keys.of(group)
        if key is None:
            return []
        query = select(LINKS).where(LINKS.c.group_id == group, LINKS.c.sealed.is_not(None))
        return [_link(row, key) for row in await self._tx.all(query.order_by(LINKS.c.created_at, LINKS.c.id))]

    async def destination(self, code: Code) -> Destination | None:
        """See `core.ports.Links`. The address of a link long expired is gone: it is empty."""
        return (await self.destinations([code])).get(code)

    async def destinations(self, codes: Collection[Code]) -> dict[Code, Destination]:
        """See `core.ports.Links`."""
        marks = self._marks(codes)
        rows = await self._tx.all(_with_state(LINKS).where(LINKS.c.code.in_(marks)))
        return {marks[row.code]: self._destination(row, marks[row.code]) for row in rows}

    def _marks(self, codes: Iterable[Code]) -> dict[bytes, Code]:
        return {self._tx.master.lookup("code", code): code for code in codes}

    def _destination(self, row: Row[Any], code: Code) -> Destination:
        url = self._target(row, code)
        group = GroupId(intern(row.group_id))  # one for all links of a group: they stay in memory by the ten thousand
        return Destination(LinkId(row.id), group, url, row.expires_at, _counted_until(row))

    def _target(self, row: Row[Any], code: Code) -> str:
        if row.target is None:
            return ""
        return _code_key(self._tx, code).unseal(row.target, _place("target", row.group_id, row.id)).decode()

    async def changes(self, since: datetime | None, look_back: timedelta) -> LinkChanges:
        """See `core.ports.Links`. Two questions in one, since each has an index of its own."""
        now = await self._tx.clock()
        moment = min(since or now, now) - look_back  # the clock may have been put back since
        states = _with_state(LINKS.c.id, LINKS.c.expires_at, LINKS.c.counted_until)
        theirs, of_groups = states.where(LINKS.c.touched_at >= moment), states.where(GROUPS.c.touched_at >= moment)
        rows = await self._tx.all(select(theirs.union(of_groups).subquery()))
        return LinkChanges(now, {LinkId(row.id): LinkState(row.expires_at, _counted_until(row)) for row in rows})


async def row_of(tx: Transaction, link: TrackedLink) -> Values:
    """A new link's row. Raises UnknownGroup."""
    key = await tx.key(link.group)
    target = _code_key(tx, link.code).seal(link.clean.display.encode(), _place("target", link.group, link.id))
    return {
        "group_id": link.group,
        "id": link.id,
        "code": tx.master.lookup("code", link.code),
        "key": key.lookup("canonical url", link.clean.key),
        "target": target,
        "created_at": link.created_at,
        "touched_at": await tx.clock(),
        **_values(link, key),
    }


def _with_state(*columns: Any) -> Select[Any]:  # noqa: ANN401 - what sqlalchemy.select itself takes
    return select(*columns, GROUPS.c.state.label("state")).outerjoin(GROUPS, GROUPS.c.id == LINKS.c.group_id)


def _counted_until(row: Row[Any]) -> datetime | None:
    """Clicks are counted while the group is switched on."""
    until: datetime | None = row.counted_until
    return until if row.state == GroupState.ENABLED else None


def _code_key(tx: Transaction, code: Code) -> Key:
    return tx.master.derive("target", code)


async def links_by_id(tx: Transaction, group: GroupId, ids: Iterable[LinkId]) -> dict[LinkId, TrackedLink]:
    """A group's links by our own ids; those whose content is gone are left out."""
    key = await tx.keys.of(group)
    if key is None:
        return {}
    query = select(LINKS).where(LINKS.c.group_id == group, LINKS.c.id.in_(list(ids)), LINKS.c.sealed.is_not(None))
    return {LinkId(row.id): _link(row, key) for row in await tx.all(query)}


async def orphan_links(tx: Transaction, group: GroupId) -> None:
    """The group is being erased: its links lead on, uncounted, and say nothing else."""
    blank = {"sealed": None, "key": None, "counted_until": None, "shown_at": None, "touched_at": await tx.clock()}
    await tx.run(update(LINKS).where(LINKS.c.group_id == group).values(blank))


def _values(link: TrackedLink, key: Key) -> Values:
    return {
        "sealed": key.seal(codec.LINK.dump_json(link), _place("sealed", link.group, link.id)),
        "expires_at": link.expires_at,
        "counted_until": link.counted_until,
        "shown_at": link.shown_at,
    }


def _place(column: str, group: str, link: str) -> tuple[str, ...]:
    return "link", column, group, link


def _link(row: Row[Any], key: Key) -> TrackedLink:
    return replace(
        codec.read(codec.LINK, key.unseal(row.sealed, _place("sealed", row.group_id, row.id))),
        expires_at=row.expires_at,
        counted_until=row.counted_until,
        shown_at=row.shown_at,
    )
