"""`SqlStorage`: records in a SQL database, sealed by the vault."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Row, Select, select
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import AlreadyKept
from core.model import GroupId, Intake
from core.ports import Now
from storage.clicks import SqlClicks
from storage.consents import SqlConsents
from storage.contributions import SqlContributions
from storage.database import Database
from storage.digests import SqlDigests
from storage.figures import SqlFigures
from storage.groups import SqlGroups
from storage.inbox import SqlInbox, seal_intake
from storage.journal import Journal, journal_key
from storage.keys import GROUP, KEYS, Keys, KnownKeys, master_key, place, signing_seed, wrap_anew
from storage.links import SqlLinks
from storage.listed import SqlListed
from storage.outbox import SqlOutbox
from storage.passes import SqlPasses
from storage.previews import SqlPreviews
from storage.rates import SqlRates
from storage.reactions import SqlReactions
from storage.shares import SqlShares
from storage.transaction import Transaction, Values
from storage.vault import Entropy, Key, RootKeys

KEYS_AT_A_TIME = 100

T = TypeVar("T")


def random_lease() -> str:
    """A token that nobody can have by chance."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The moments that storage goes by.

    Attributes:
        now: the application's clock: what is due, what is over.
        lease: the clock of leases and of changes. None: PostgreSQL's own, which all replicas share; on SQLite, whose
            database lives in this process, `now`.
    """

    now: Now
    lease: Now | None = None


class SqlRecords:
    """One open transaction with its keepers."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        """For what only this room does: retention, audit, the account's own data."""
        self.groups = SqlGroups(transaction)
        self.consents = SqlConsents(transaction)
        self.links = SqlLinks(transaction)
        self.shares = SqlShares(transaction)
        self.clicks = SqlClicks(transaction)
        self.digests = SqlDigests(transaction)
        self.reactions = SqlReactions(transaction)
        self.contributions = SqlContributions(transaction)
        self.figures = SqlFigures(transaction)
        self.inbox = SqlInbox(transaction)
        self.outbox = SqlOutbox(transaction)
        self.previews = SqlPreviews(transaction)
        self.rates = SqlRates(transaction)
        self.listed = SqlListed(transaction)
        self.passes = SqlPasses(transaction)


@dataclass(frozen=True, slots=True)
class AtHand:
    """What a transaction in one go has at hand, in whichever thread it runs."""

    connection: Connection
    master: Key
    roots: RootKeys
    known: KnownKeys
    now: Now

    def key(self, group: GroupId, row: Row[Any]) -> Key:
        """A group's key, remembered, or out of a row's `root` and `wrapped`. Raises WrongRootKey, Tampered."""
        key = self.known.get(group)
        if key is None:
            key = self.roots.key(self.roots.unwrap(row.root, row.wrapped, place(group, GROUP)))
            self.known.put(group, key)
        return key

    def key_of(self, group: GroupId) -> Key | None:
        """A group's key; None once it was destroyed, and for a group never kept. Raises as `key`."""
        key = self.known.get(group)
        if key is not None:
            return key
        query: Select[Any] = select(KEYS.c.root, KEYS.c.wrapped).where(KEYS.c.owner == group, KEYS.c.kind == GROUP)
        row: Row[Any] | None = self.connection.execute(query).one_or_none()
        return self.key(group, row) if row else None


class SqlStorage:
    """Keeps records in SQLite or PostgreSQL. Make it with `open`.

    Args:
        database: open and migrated.
        roots: the operator's root key, and the one before it during a rotation.
        master: the database's master key.
        clocks: of the application and of leases.
        new_lease: gives a random token per claim.
        journal: told of erasures before they are committed; None for commands that erase nothing.
    """

    def __init__(
        self,
        database: Database,
        roots: RootKeys,
        master: Key,
        clocks: Clocks,
        new_lease: Callable[[], str] = random_lease,
        journal: Journal | None = None,
    ) -> None:
        self._database = database
        self._roots = roots
        self._master = master
        self._clocks = clocks
        self._new_lease = new_lease
        self._known = KnownKeys(clocks.now)
        self._journal = journal

    @classmethod
    async def open(
        cls, database: Database, roots: RootKeys, clocks: Clocks, journal: Path | None = None
    ) -> "SqlStorage":
        """Open what is kept in a database; the first start makes its master key.

        Args:
            database: open and migrated.
            roots: the operator's root key, and the one before it during a rotation.
            clocks: of the application and of leases.
            journal: the folder that erasures are told to; None for commands that erase nothing.

        Raises:
            WrongRootKey: the root key does not open this database.
            StorageUnavailable: no connection.
        """
        try:
            master = await _master(database, roots, clocks.now)
        except AlreadyKept:  # another replica was faster: its key is there now
            master = await _master(database, roots, clocks.now)
        told = Journal(journal, journal_key(master), clocks.now, random_lease) if journal else None
        return cls(database, roots, master, clocks, journal=told)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlRecords]:
        """See `core.ports.Storage`.

        Raises:
            StorageUnavailable: no connection, or it was lost; nothing is kept.
            AlreadyKept: a row of the same key was kept at the same moment.
            UnknownGroup: the group was erased at the same moment.
        """
        async with self._database.begin() as connection:
            transaction = self._transaction(connection)
            yield SqlRecords(transaction)
            if transaction.erased and self._journal is not None:
                await asyncio.to_thread(self._journal.write, transaction.erased)
        transaction.keys.committed()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlRecords]:
        """See `core.ports.Storage`. Raises StorageUnavailable."""
        async with self._database.look() as connection:
            transaction = self._transaction(connection)
            yield SqlRecords(transaction)
        transaction.keys.committed()

    async def glance(self, look: Callable[[AtHand], T]) -> T:
        """A few queries in one go, at what is committed by now; see `Database.glance`.

        Args:
            look: asks and returns; it may run in a thread.

        Raises:
            StorageUnavailable: no connection, or it was lost.
        """
        return await self._database.glance(lambda connection: look(self._at_hand(connection)))

    async def stroke(self, write: Callable[[AtHand], T]) -> T:
        """A transaction of a few statements in one go, which erases nothing; see `Database.stroke`.

        Args:
            write: asks, writes and returns; it may run in a thread.

        Raises:
            StorageUnavailable, AlreadyKept, UnknownGroup: as `transaction`.
        """
        return await self._database.stroke(lambda connection: write(self._at_hand(connection)))

    def _at_hand(self, connection: Connection) -> AtHand:
        return AtHand(connection, self._master, self._roots, self._known, self._clocks.now)

    def sealed_apart(self, event: str, intake: Intake) -> Values | None:
        """Accepted work sealed without the database; None unless its group's key was used a short while ago."""
        key = self._known.get(intake.group)
        if key is None:
            return None
        mark = self._master.lookup("event", event)
        return {"group_id": intake.group, "event": mark, "sealed": seal_intake(key, mark, intake)}

    def _transaction(self, connection: AsyncConnection) -> Transaction:
        keys = Keys(connection, self._roots, self._known, self._clocks.now)
        lease_clock = self._clocks.lease or (self._clocks.now if self._database.is_sqlite else None)
        return Transaction(connection, keys, self._master, self._clocks.now, lease_clock, self._new_lease)

    def tidy_journal(self) -> None:
        """Try again to tell erasures that could not be told, and delete what was told long ago."""
        if self._journal is not None:
            self._journal.tidy()

    @property
    def journal_trouble(self) -> str | None:
        """What is wrong with the journal of erasures; None when nothing is."""
        return self._journal.trouble if self._journal is not None else None

    @property
    def journal_key(self) -> Key:
        """The key that opens the journal of this database's erasures."""
        return journal_key(self._master)

    async def signing_seed(self) -> bytes:
        """The secret that receipts are signed with; the first who asks makes it.

        Raises:
            WrongRootKey: the root key does not open it.
            StorageUnavailable: no connection.
        """
        try:
            return await self._signing_seed()
        except AlreadyKept:  # another replica was faster
            return await self._signing_seed()

    async def _signing_seed(self) -> bytes:
        async with self._database.begin() as connection:
            return await signing_seed(connection, self._roots, self._clocks.now)

    async def rotate(self) -> int:
        """Wrap every key anew under the current root key, while others go on reading; how many there were.

        It may be stopped and begun again at any time. Every process needs both root keys until it is through.
        """
        total = 0
        while True:
            async with self._database.begin() as connection:
                done = await wrap_anew(connection, self._roots, KEYS_AT_A_TIME)
            total += done
            if done == 0:
                return total

    async def close(self) -> None:
        """Close the database."""
        await self._database.close()


async def _master(database: Database, roots: RootKeys, now: Now) -> Key:
    async with database.begin() as connection:
        return await master_key(connection, roots, now)


def root_keys(current: bytes, previous: bytes | None = None, entropy: Entropy = os.urandom) -> RootKeys:
    """Root keys with the system's randomness.

    Raises:
        ValueError: a key has not 32 bytes.
    """
    return RootKeys(current, previous, entropy)
