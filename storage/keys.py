"""Wrapped keys: made, found and destroyed in a transaction; a few unwrapped ones remembered in memory for a while."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

from sqlalchemy import Insert, Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import GroupId
from core.ports import Now
from storage.tables import KeyRow, table
from storage.vault import Key, RootKeys

KEYS: Final = table(KeyRow)
GROUP: Final = "group"
WEEK: Final = "week"
MASTER: Final = "master"
SIGNING: Final = "signing"
REMEMBERED_FOR: Final = timedelta(minutes=5)
"""A key destroyed by another replica is gone from this one's memory after so long."""


class KnownKeys:
    """Group keys unwrapped lately, bounded in number and in age; threads may ask for them.

    Args:
        now: the clock.
        capacity: keys kept; the one not used for longest goes first.
    """

    def __init__(self, now: Now, capacity: int = 10_000) -> None:
        self._now = now
        self._capacity = capacity
        self._keys: OrderedDict[str, tuple[Key, datetime]] = OrderedDict()
        self._one_at_a_time = Lock()

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, group: str) -> Key | None:
        """A remembered key."""
        now = self._now()
        with self._one_at_a_time:
            key, until = self._keys.get(group, (None, now))
            if key is None or until <= now:
                self._keys.pop(group, None)
                return None
            self._keys.move_to_end(group)
            return key

    def put(self, group: str, key: Key) -> None:
        """Remember a key that is committed."""
        until = self._now() + REMEMBERED_FOR
        with self._one_at_a_time:
            self._keys[group] = key, until
            self._keys.move_to_end(group)
            if len(self._keys) > self._capacity:
                self._keys.popitem(last=False)

    def forget(self, group: str) -> None:
        """Drop a key."""
        with self._one_at_a_time:
            self._keys.pop(group, None)


class Keys:
    """The keys of one open transaction. What it makes is remembered only once it is committed.

    Args:
        connection: the open transaction.
        roots: wrap and unwrap.
        known: keys remembered between transactions.
        now: the clock.
    """

    def __init__(self, connection: AsyncConnection, roots: RootKeys, known: KnownKeys, now: Now) -> None:
        self._connection = connection
        self._roots = roots
        self._known = known
        self._now = now
        self._mine: dict[str, Key] = {}

    async def of(self, group: GroupId) -> Key | None:
        """A group's key; None once it was destroyed, and for a group never kept."""
        key = self._mine.get(group) or self._known.get(group)
        if key is None:
            key = await self._find(group, GROUP)
            if key is not None:
                self._mine[group] = key
        return key

    async def make(self, group: GroupId) -> Key:
        """A new group's key."""
        self._mine[group] = await self._make(group, GROUP)
        return self._mine[group]

    async def of_week(self, week: str) -> Key:
        """A week's key, made when it is asked for first. Its release waits until this transaction ends."""
        key = await self.open_week(week)
        if key is None:
            await self._connection.execute(self._insert_if_new(week, WEEK))
            key = await self.open_week(week)
        assert key is not None, "inserted above, by this replica or another"  # noqa: S101 - the database's promise
        return key

    async def open_week(self, week: str, *, closing: bool = False) -> Key | None:
        """A week's key, held as it is until this transaction ends; None before it is made and after it is destroyed.

        Args:
            week: whose key.
            closing: to destroy it; waits until nobody else holds it.
        """
        mine = select(KEYS).where(KEYS.c.owner == week, KEYS.c.kind == WEEK)
        held = mine.with_for_update() if closing else mine.with_for_update(read=True, key_share=True)
        row = (await self._connection.execute(held)).one_or_none()
        return self._opened(row) if row else None

    async def weeks(self) -> dict[str, Key]:
        """The keys of all weeks that are not released."""
        rows = (await self._connection.execute(select(KEYS).where(KEYS.c.kind == WEEK))).all()
        return {row.owner: self._opened(row) for row in rows}

    async def destroy_weeks(self, until: str) -> None:
        """Destroy the keys of a week and of those before it."""
        await self._connection.execute(delete(KEYS).where(KEYS.c.owner <= until, KEYS.c.kind == WEEK))

    async def destroy(self, group: GroupId) -> None:
        """Destroy a group's key: what was sealed under it never opens again."""
        await self._connection.execute(delete(KEYS).where(KEYS.c.owner == group, KEYS.c.kind == GROUP))
        self._mine.pop(group, None)
        self._known.forget(group)

    def committed(self) -> None:
        """The transaction is through: remember its keys."""
        for group, key in self._mine.items():
            self._known.put(group, key)

    async def _find(self, owner: str, kind: str) -> Key | None:
        secret = await find_secret(self._connection, self._roots, owner, kind)
        return self._roots.key(secret) if secret else None

    def _opened(self, row: Row[Any]) -> Key:
        return self._roots.key(self._roots.unwrap(row.root, row.wrapped, place(row.owner, row.kind)))

    def _insert_if_new(self, owner: str, kind: str) -> Insert:
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        row = wrapped_row(self._roots, owner, kind, self._roots.new_secret(), self._now())
        return insert(KEYS).values(row).on_conflict_do_nothing()

    async def _make(self, owner: str, kind: str) -> Key:
        return self._roots.key(await make_secret(self._connection, self._roots, owner, kind, self._now()))


async def find_secret(connection: AsyncConnection, roots: RootKeys, owner: str, kind: str) -> bytes | None:
    """The secret of a wrapped key. Raises WrongRootKey, Tampered."""
    query = select(KEYS.c.root, KEYS.c.wrapped).where(KEYS.c.owner == owner, KEYS.c.kind == kind)
    row = (await connection.execute(query)).one_or_none()
    return roots.unwrap(row.root, row.wrapped, place(owner, kind)) if row else None


async def make_secret(connection: AsyncConnection, roots: RootKeys, owner: str, kind: str, now: datetime) -> bytes:
    """A new secret, kept wrapped."""
    secret = roots.new_secret()
    await connection.execute(KEYS.insert().values(wrapped_row(roots, owner, kind, secret, now)))
    return secret


def place(owner: str, kind: str) -> tuple[str, ...]:
    """Where a wrapped key stands."""
    return "key", "wrapped", owner, kind


def wrapped_row(roots: RootKeys, owner: str, kind: str, secret: bytes, made_at: datetime) -> dict[str, object]:
    """The row of a key, wrapped under the current root key."""
    wrapped = roots.wrap(secret, place(owner, kind))
    return {"owner": owner, "kind": kind, "root": roots.current, "wrapped": wrapped, "made_at": made_at}


async def master_key(connection: AsyncConnection, roots: RootKeys, now: Now) -> Key:
    """The database's master key, made at the very first start.

    Raises:
        WrongRootKey: none of our root keys has wrapped it.
        AlreadyKept: another replica made it at the same moment; ask again.
    """
    keys = Keys(connection, roots, KnownKeys(now, 0), now)
    return await keys._find("", MASTER) or await keys._make("", MASTER)  # noqa: SLF001 - this module's own class


async def signing_seed(connection: AsyncConnection, roots: RootKeys, now: Now) -> bytes:
    """The secret that receipts are signed with (an Ed25519 seed, 32 bytes), made when it is asked for first.

    Raises:
        WrongRootKey: none of our root keys has wrapped it.
        AlreadyKept: another replica made it at the same moment; ask again.
    """
    found = await find_secret(connection, roots, "", SIGNING)
    return found or await make_secret(connection, roots, "", SIGNING, now())


async def wrap_anew(connection: AsyncConnection, roots: RootKeys, limit: int) -> int:
    """Wrap some keys anew under the current root key; how many there were. Zero says that the rotation is complete."""
    old = (
        select(KEYS).where(KEYS.c.root != roots.current).limit(limit).with_for_update(key_share=True, skip_locked=True)
    )
    rows = (await connection.execute(old)).all()
    for row in rows:
        secret = roots.unwrap(row.root, row.wrapped, place(row.owner, row.kind))
        change = {"root": roots.current, "wrapped": roots.wrap(secret, place(row.owner, row.kind))}
        await connection.execute(KEYS.update().where(KEYS.c.owner == row.owner, KEYS.c.kind == row.kind).values(change))
    return len(rows)
