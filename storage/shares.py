"""Keeper of shares: who shared what is a look-up under the group's key of account and link, and nothing else."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, func, select, update

from core.model import CLICKS_COUNTED_FOR, Account, Brought, GroupId, LinkId, MessageState, Share, Week, WeekOfLink
from storage.journal import Erased
from storage.links import links_by_id
from storage.tables import MessageRow, ShareRow, key_of, table
from storage.transaction import Transaction, Values, one_of
from storage.vault import Key

SHARES: Final = table(ShareRow)
MESSAGES: Final = table(MessageRow)


class SqlShares:
    """See `core.ports.Shares`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, share: Share) -> bool:
        """See `core.ports.Shares`. Raises UnknownGroup."""
        return await self._add([share]) == 1

    async def add_all(self, shares: Sequence[Share]) -> None:
        """See `core.ports.Shares`. Raises UnknownGroup."""
        await self._add(shares)

    async def _add(self, shares: Sequence[Share]) -> int:
        """How many are new."""
        await self._tx.write_in({share.group for share in shares})
        rows = [_row(await self._tx.key(share.group), share) for share in shares]
        return len(await self._tx.insert_all_new(SHARES, rows))

    async def of_message(self, group: GroupId, message: str) -> frozenset[LinkId]:
        """See `core.ports.Shares`."""
        found = (await self.messages([(group, message)])).get((group, message))
        return found.links if found else frozenset()

    async def message_version(self, group: GroupId, message: str) -> datetime | None:
        """See `core.ports.Shares`."""
        found = (await self.messages([(group, message)])).get((group, message))
        return found.version if found else None

    async def messages(self, asked: Collection[tuple[GroupId, str]]) -> dict[tuple[GroupId, str], MessageState]:
        """See `core.ports.Shares`."""
        keys = {group: await self._tx.keys.of(group) for group, _ in asked}
        marks = {
            (group, message_mark(key, message)): (group, message)
            for group, message in asked
            if (key := keys[group]) is not None
        }
        rows = await self._tx.some(MESSAGES, (MESSAGES.c.group_id, MESSAGES.c.mark), marks)
        return {
            marks[row.group_id, row.mark]: MessageState(frozenset(map(LinkId, json.loads(row.links))), row.version)
            for row in rows
        }

    async def set_message(self, group: GroupId, message: str, links: frozenset[LinkId], version: datetime) -> None:
        """See `core.ports.Shares`. An older version never writes over a later one. Raises UnknownGroup."""
        await self.set_messages({(group, message): MessageState(links, version)})

    async def set_messages(self, held: Mapping[tuple[GroupId, str], MessageState]) -> None:
        """See `core.ports.Shares`. Raises UnknownGroup."""
        await self._tx.write_in({group for group, _ in held})
        rows = [
            {
                "group_id": group,
                "mark": message_mark(await self._tx.key(group), message),
                "links": json.dumps(sorted(state.links)),
                "version": state.version,
                "kept_at": self._tx.now(),
            }
            for (group, message), state in held.items()
        ]
        if rows:
            new = self._tx.inserting(MESSAGES)
            said = {name: new.excluded[name] for name in ("links", "version", "kept_at")}
            later = MESSAGES.c.version <= new.excluded.version
            await self._tx.run(new.on_conflict_do_update(index_elements=key_of(MESSAGES), set_=said, where=later), rows)

    async def take_back(
        self, group: GroupId, account: Account, message: str, links: frozenset[LinkId]
    ) -> frozenset[LinkId]:
        """See `core.ports.Shares`."""
        if not links or await self._tx.keys.of(group) is None:
            return frozenset()
        key = await self._tx.write(group)
        marks = [_mark(key, account, link) for link in links]
        return await self._delete(group, SHARES.c.mark.in_(marks), SHARES.c.message == message_mark(key, message))

    async def brought(self, group: GroupId, message: str) -> list[Brought]:
        """See `core.ports.Shares`."""
        key = await self._tx.keys.of(group)
        if key is None:
            return []
        mine = (SHARES.c.group_id == group, SHARES.c.message == message_mark(key, message))
        rows = await self._tx.all(select(SHARES).where(*mine).order_by(SHARES.c.at, SHARES.c.link_id))
        return [_brought(row) for row in rows]

    async def take_one(self, group: GroupId, account: Account, link: LinkId, week: Week) -> Brought | None:
        """See `core.ports.Shares`."""
        if await self._tx.keys.of(group) is None:
            return None
        key = await self._tx.write(group)
        mine = (SHARES.c.group_id == group, SHARES.c.week == week, SHARES.c.mark == _mark(key, account, link))
        row = await self._tx.one(select(SHARES).where(*mine))
        if row is not None:
            await self._tx.run(delete(SHARES).where(*mine))
        return _brought(row) if row else None

    async def shared_by(self, group: GroupId, account: Account, week: Week) -> frozenset[LinkId]:
        """See `core.ports.Shares`."""
        marks = await self._marks(group, account)
        mine = (SHARES.c.group_id == group, SHARES.c.week == week, SHARES.c.mark.in_(marks))
        return frozenset(LinkId(row.link_id) for row in await self._tx.all(select(SHARES.c.link_id).where(*mine)))

    async def last_message(self, group: GroupId, account: Account) -> str | None:
        """See `core.ports.Shares`."""
        key = await self._tx.keys.of(group)
        if key is None:
            return None
        mine = (SHARES.c.group_id == group, SHARES.c.mark.in_(await self._marks(group, account)))
        row = await self._tx.one(select(SHARES).where(*mine).order_by(SHARES.c.at.desc(), SHARES.c.mark).limit(1))
        return opened_message(key, row) if row else None

    async def forget(self, group: GroupId, account: Account) -> frozenset[LinkId]:
        """See `core.ports.Shares`."""
        if await self._tx.keys.of(group) is None:
            return frozenset()
        await self._tx.write(group)
        marks = await self._kept_marks(group, account)
        if not marks:
            return frozenset()
        self._tx.journal(Erased.SHARES, group, marks)
        return await self._delete(group, SHARES.c.mark.in_(marks))

    async def stop_counting(self, group: GroupId, account: Account | None) -> frozenset[LinkId]:
        """See `core.ports.Shares`."""
        if await self._tx.keys.of(group) is None:
            return frozenset()
        await self._tx.write(group)
        theirs = [SHARES.c.group_id == group]
        if account is not None:
            theirs.append(SHARES.c.mark.in_(await self._marks(group, account)))
        rows = await self._tx.all(select(SHARES.c.link_id, SHARES.c.mark).where(*theirs))
        if rows:
            self._tx.journal(Erased.CLICK_COUNTING, group, [row.mark for row in rows])
        await self._tx.run(update(SHARES).where(*theirs).values(counts_clicks=False))
        return frozenset(LinkId(row.link_id) for row in rows)

    async def by_account(self, group: GroupId, account: Account) -> list[LinkId]:
        """Which links an account shared in a group lately, each once."""
        mine = (SHARES.c.group_id == group, SHARES.c.mark.in_(await self._marks(group, account)))
        rows = await self._tx.all(select(SHARES.c.link_id).where(*mine).distinct())
        return sorted(LinkId(row.link_id) for row in rows)

    async def _marks(self, group: GroupId, account: Account) -> list[bytes]:
        """The look-ups that an account's shares would have: one for each link shared in the group lately.

        The account stands nowhere, so each link is asked for; shares live for 14 days, which keeps the question short.
        """
        key = await self._tx.keys.of(group)
        rows = await self._tx.all(select(SHARES.c.link_id).where(SHARES.c.group_id == group).distinct())
        return [_mark(key, account, row.link_id) for row in rows] if key else []

    async def _kept_marks(self, group: GroupId, account: Account) -> list[bytes]:
        """The look-ups of the shares that an account does have."""
        mine = (SHARES.c.group_id == group, SHARES.c.mark.in_(await self._marks(group, account)))
        return [row.mark for row in await self._tx.all(select(SHARES.c.mark).where(*mine).distinct())]

    async def counted_until(self, group: GroupId, link: LinkId) -> datetime | None:
        """See `core.ports.Shares`."""
        return (await self.counted_until_all([(group, link)])).get((group, link))

    async def counted_until_all(
        self, links: Collection[tuple[GroupId, LinkId]]
    ) -> dict[tuple[GroupId, LinkId], datetime]:
        """See `core.ports.Shares`."""
        if not links:
            return {}
        place = (SHARES.c.group_id, SHARES.c.link_id)
        latest = select(*place, func.max(SHARES.c.at).label("at")).where(
            *one_of(place, links), SHARES.c.counts_clicks.is_(True)
        )
        rows = await self._tx.all(latest.group_by(*place))
        return {(GroupId(row.group_id), LinkId(row.link_id)): row.at + CLICKS_COUNTED_FOR for row in rows}

    async def week(self, group: GroupId, week: Week) -> list[WeekOfLink]:
        """See `core.ports.Shares`."""
        key = await self._tx.keys.of(group)
        if key is None:
            return []
        by_link: defaultdict[LinkId, list[Row[Any]]] = defaultdict(list)
        for row in await self._in(group, week):
            by_link[LinkId(row.link_id)].append(row)
        links = await links_by_id(self._tx, group, by_link)
        return [
            WeekOfLink(links[link], len(rows), rows[0].at, opened_message(key, rows[0]))
            for link, rows in by_link.items()
            if link in links
        ]

    async def by_day(self, group: GroupId, week: Week) -> list[datetime]:
        """See `core.ports.Shares`."""
        return [row.at for row in await self._in(group, week)]

    async def _in(self, group: GroupId, week: Week) -> Iterable[Row[Any]]:
        mine = select(SHARES).where(SHARES.c.group_id == group, SHARES.c.week == week)
        return await self._tx.all(mine.order_by(SHARES.c.at, SHARES.c.link_id))

    async def _delete(self, group: GroupId, *which: ColumnElement[bool]) -> frozenset[LinkId]:
        gone = delete(SHARES).where(SHARES.c.group_id == group, *which).returning(SHARES.c.link_id)
        return frozenset(LinkId(row.link_id) for row in (await self._tx.run(gone)).all())


def _row(key: Key, share: Share) -> Values:
    mark = _mark(key, share.account, share.link)
    return {
        "group_id": share.group,
        "week": share.week,
        "mark": mark,
        "link_id": share.link,
        "at": share.at,
        "counts_clicks": share.counts_clicks,
        "message": message_mark(key, share.message),
        "sealed": key.seal(share.message.encode(), _place(share.group, share.week, mark)),
    }


def _mark(key: Key, account: Account, link: str) -> bytes:
    return key.lookup("share", account, link)


def message_mark(key: Key, message: str) -> bytes:
    """A message as it stands in rows: a look-up under its group's key."""
    return key.lookup("message", message)


def _place(group: str, week: str, mark: bytes) -> tuple[str, ...]:
    return "share", "sealed", group, week, mark.hex()


def _brought(row: Row[Any]) -> Brought:
    return Brought(LinkId(row.link_id), Week(row.week), row.at)


def opened_message(key: Key, row: Row[Any]) -> str:
    """The id of the message that a share stands in, its seal opened. Raises Tampered."""
    return key.unseal(row.sealed, _place(row.group_id, row.week, row.mark)).decode()
