"""Keeper of shares: who shared what is a look-up under the group's key of account and link, and nothing else."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, func, select, update

from core.model import CLICKS_COUNTED_FOR, Account, Brought, GroupId, LinkId, Share, Week, WeekOfLink
from storage.journal import Erased
from storage.links import links_by_id
from storage.tables import MessageRow, ShareRow, table
from storage.transaction import Transaction
from storage.vault import Key

SHARES: Final = table(ShareRow)
MESSAGES: Final = table(MessageRow)


class SqlShares:
    """See `core.ports.Shares`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, share: Share) -> bool:
        """See `core.ports.Shares`. Raises UnknownGroup."""
        key = await self._tx.write(share.group)
        mark = _mark(key, share.account, share.link)
        values = {
            "group_id": share.group,
            "week": share.week,
            "mark": mark,
            "link_id": share.link,
            "at": share.at,
            "counts_clicks": share.counts_clicks,
            "message": message_mark(key, share.message),
            "sealed": key.seal(share.message.encode(), _place(share.group, share.week, mark)),
        }
        return await self._tx.insert_new(SHARES, values)

    async def of_message(self, group: GroupId, message: str) -> frozenset[LinkId]:
        """See `core.ports.Shares`."""
        row = await self._message_row(group, message)
        return frozenset(LinkId(link) for link in json.loads(row.links)) if row else frozenset()

    async def message_version(self, group: GroupId, message: str) -> datetime | None:
        """See `core.ports.Shares`."""
        row = await self._message_row(group, message)
        return row.version if row else None

    async def set_message(self, group: GroupId, message: str, links: frozenset[LinkId], version: datetime) -> None:
        """See `core.ports.Shares`. An older version never writes over a later one. Raises UnknownGroup."""
        key = await self._tx.write(group)
        known = await self.message_version(group, message)
        if known is not None and known > version:
            return
        values = {
            "group_id": group,
            "mark": message_mark(key, message),
            "links": json.dumps(sorted(links)),
            "version": version,
            "kept_at": self._tx.now(),
        }
        await self._tx.upsert(MESSAGES, values)

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
        query = select(func.max(SHARES.c.at).label("at")).where(
            SHARES.c.group_id == group, SHARES.c.link_id == link, SHARES.c.counts_clicks.is_(True)
        )
        row = await self._tx.one(query)
        return row.at + CLICKS_COUNTED_FOR if row and row.at else None

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

    async def _message_row(self, group: GroupId, message: str) -> Row[Any] | None:
        key = await self._tx.keys.of(group)
        if key is None:
            return None
        mark = message_mark(key, message)
        return await self._tx.one(select(MESSAGES).where(MESSAGES.c.group_id == group, MESSAGES.c.mark == mark))

    async def _delete(self, group: GroupId, *which: ColumnElement[bool]) -> frozenset[LinkId]:
        gone = delete(SHARES).where(SHARES.c.group_id == group, *which).returning(SHARES.c.link_id)
        return frozenset(LinkId(row.link_id) for row in (await self._tx.run(gone)).all())


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
