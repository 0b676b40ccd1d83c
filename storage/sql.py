"""`SqlStorage`: records in a SQL database, sealed by the vault."""

import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import AlreadyKept
from core.ports import Now
from storage.clicks import SqlClicks
from storage.consents import SqlConsents
from storage.database import Database
from storage.digests import SqlDigests
from storage.groups import SqlGroups
from storage.inbox import SqlInbox
from storage.keys import Keys, KnownKeys, master_key, signing_seed, wrap_anew
from storage.links import SqlLinks
from storage.listed import SqlListed
from storage.outbox import SqlOutbox
from storage.passes import SqlPasses
from storage.previews import SqlPreviews
from storage.shares import SqlShares
from storage.transaction import Transaction
from storage.vault import Entropy, Key, RootKeys

KEYS_AT_A_TIME = 100


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
        self.inbox = SqlInbox(transaction)
        self.outbox = SqlOutbox(transaction)
        self.previews = SqlPreviews(transaction)
        self.listed = SqlListed(transaction)
        self.passes = SqlPasses(transaction)


class SqlStorage:
    """Keeps records in SQLite or PostgreSQL. Make it with `open`.

    Args:
        database: open and migrated.
        roots: the operator's root key, and the one before it during a rotation.
        master: the database's master key.
        clocks: of the application and of leases.
        new_lease: gives a random token per claim.
    """

    def __init__(
        self,
        database: Database,
        roots: RootKeys,
        master: Key,
        clocks: Clocks,
        new_lease: Callable[[], str] = random_lease,
    ) -> None:
        self._database = database
        self._roots = roots
        self._master = master
        self._clocks = clocks
        self._new_lease = new_lease
        self._known = KnownKeys(clocks.now)

    @classmethod
    async def open(cls, database: Database, roots: RootKeys, clocks: Clocks) -> "SqlStorage":
        """Open what is kept in a database; the first start makes its master key.

        Raises:
            WrongRootKey: the root key does not open this database.
            StorageUnavailable: no connection.
        """
        try:
            master = await _master(database, roots, clocks.now)
        except AlreadyKept:  # another replica was faster: its key is there now
            master = await _master(database, roots, clocks.now)
        return cls(database, roots, master, clocks)

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
        transaction.keys.committed()

    def _transaction(self, connection: AsyncConnection) -> Transaction:
        keys = Keys(connection, self._roots, self._known, self._clocks.now)
        lease_clock = self._clocks.lease or (self._clocks.now if self._database.is_sqlite else None)
        return Transaction(connection, keys, self._master, self._clocks.now, lease_clock, self._new_lease)

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
