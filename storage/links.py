"""Keeper of tracked links. Where a code leads is sealed twice: with the link, and so that the code alone opens it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from sys import intern
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, or_, select, update

from core.model import Code, Destination, GroupId, GroupState, LinkChanges, LinkId, LinkState, TrackedLink
from storage import codec
from storage.tables import LinkRow, table
from storage.transaction import GROUPS, Transaction, Values
from storage.vault import Key

LINKS: Final = table(LinkRow)


def _new(column: str) -> ColumnElement[Any]:
    return bindparam(f"new_{column}", type_=LINKS.c[column].type)


_CHANGED: Final = or_(
    LINKS.c.expires_at != _new("expires_at"), LINKS.c.counted_until.is_distinct_from(_new("counted_until"))
)
"""Whether a replica that remembers the link has to hear of it."""
_SAVE: Final = (
    update(LINKS)
    .where(LINKS.c.group_id == bindparam("of_group"), LINKS.c.id == bindparam("link"), LINKS.c.sealed.is_not(None))
    .values({name: _new(name) for name in ("sealed", "expires_at", "counted_until", "shown_at")})
    .values(touched_at=case((_CHANGED, _new("touched_at")), else_=LINKS.c.touched_at))
)


class SqlLinks:
    """See `core.ports.Links`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def find(self, group: GroupId, key: str) -> TrackedLink | None:
        """See `core.ports.Links`."""
        return (await self.find_all([(group, key)])).get((group, key))

    async def find_all(self, wanted: Collection[tuple[GroupId, str]]) -> dict[tuple[GroupId, str], TrackedLink]:
        """See `core.ports.Links`."""
        secrets = {group: await self._tx.keys.of(group) for group, _ in wanted}
        marks = {
            (group, secret.lookup("canonical url", key)): (group, key)
            for group, key in wanted
            if (secret := secrets[group]) is not None
        }
        rows = await self._tx.some(LINKS, (LINKS.c.group_id, LINKS.c.key), marks)
        return {marks[row.group_id, row.key]: _link(row, await self._tx.key(row.group_id)) for row in rows}

    async def add(self, link: TrackedLink) -> None:
        """See `core.ports.Links`.

        Raises:
            UnknownGroup: the group is not kept.
            AlreadyKept: the group has a link to this canonical URL.
        """
        await self.add_all([link])

    async def add_all(self, links: Sequence[TrackedLink]) -> None:
        """See `core.ports.Links`. Raises as `add`."""
        await self._tx.write_in({link.group for link in links})
        if links:
            touched_at = await self._tx.clock()
            await self._tx.run(LINKS.insert(), [await row_of(self._tx, link, touched_at) for link in links])

    async def save(self, link: TrackedLink) -> None:
        """See `core.ports.Links`. Raises UnknownGroup."""
        await self.save_all([link])

    async def save_all(self, links: Sequence[TrackedLink]) -> None:
        """See `core.ports.Links`. Raises UnknownGroup."""
        await self._tx.write_in({link.group for link in links})
        if not links:
            return
        touched_at = await self._tx.clock()
        rows = [(link, _values(link, await self._tx.key(link.group))) for link in links]
        named = [
            {"of_group": link.group, "link": link.id, **{f"new_{name}": value for name, value in values.items()}}
            for link, values in rows
        ]
        await self._tx.run(_SAVE, [{**row, "new_touched_at": touched_at} for row in named])

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


async def row_of(tx: Transaction, link: TrackedLink, touched_at: datetime) -> Values:
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
        "touched_at": touched_at,
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
