"""The engine, SQLite (one process, WAL) or PostgreSQL (many), and its transactions."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any, Final, TypeVar

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ResourceClosedError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import AlreadyKept, DatabaseInUse, PenumbraError, StorageUnavailable, UnknownGroup

T = TypeVar("T")

CONNECT_SECONDS: Final = 3
STATEMENT_SECONDS: Final = 15
READERS: Final = 2
"""Connections to SQLite beside the one that writes; each has a thread of its own."""
IDLE_SECONDS: Final = 60
"""PostgreSQL ends a transaction that a stopped process left open, so that its locks don't hold up the others."""

_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what was erased is overwritten, not only unlinked
    "PRAGMA busy_timeout = 5000",
    "PRAGMA cache_size = -8000",  # kB: a day's click counts of 100,000 links, which are added to out of order
)


class Database:
    """An open database. Make it with `open`, and close it.

    Args:
        engine: SQLAlchemy's.
        readers: connections of their own for looking; None: the same ones, as on PostgreSQL, which has enough of them.
        glances: a connection of its own for looking in one go; None: as for the readers.
        lock: the file that keeps a second process out of a SQLite database.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        readers: AsyncEngine | None = None,
        glances: Engine | None = None,
        lock: IO[str] | None = None,
    ) -> None:
        self._engine = engine
        self._readers = readers
        self._glances = glances
        self._lock = lock

    @classmethod
    def open(cls, url: str, *, connections: int = 10, alone: bool = True) -> "Database":
        """Open a database by its URL; PostgreSQL is not connected to before the first transaction.

        Args:
            url: `sqlite:///penumbra.db` or `postgresql://…`; drivers are added here.
            connections: most connections to PostgreSQL at a time; SQLite has one.
            alone: keep other processes out of a SQLite database; without it, open it beside one that runs, for a
                short command that takes its turn with short transactions.

        Raises:
            DatabaseInUse: another process has this SQLite database open.
            ValueError: another kind of database.
        """
        parsed = with_driver(url)
        if parsed.get_backend_name() == "sqlite":
            lock = _lock(sqlite_path(url)) if alone else None
            return cls(_sqlite(parsed), _sqlite_readers(parsed), _sqlite_glances(parsed), lock)
        return cls(_postgres(parsed, connections))

    @property
    def is_sqlite(self) -> bool:
        """Whether it is SQLite: one process, one writer."""
        return self._engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: commits at the end of the block, rolls back on an error.

        Raises:
            StorageUnavailable: no connection, or it was lost, also while the block ran; nothing is kept.
            AlreadyKept: a row of the same key was kept at the same moment.
            UnknownGroup: the group was erased at the same moment.
        """
        try:
            async with self._engine.begin() as connection:
                yield connection
        except (DBAPIError, PoolTimeout, ResourceClosedError) as error:
            raise _named(error) from error

    @asynccontextmanager
    async def look(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only looks, at what is committed by now; on SQLite it waits for no writer.

        Raises:
            StorageUnavailable: no connection, or it was lost, also while the block ran; also for an attempt to write.
        """
        try:
            async with (self._readers or self._engine).connect() as connection:
                await connection.execution_options(postgresql_readonly=True)
                async with connection.begin():
                    yield connection
        except (DBAPIError, PoolTimeout, ResourceClosedError) as error:
            raise _named(error) from error

    async def glance(self, look: Callable[[Connection], T]) -> T:
        """As `look`, for a few queries in one go: on SQLite all of them in one turn of a thread, not four turns each.

        Args:
            look: asks and returns; on SQLite it runs in a thread.

        Raises:
            StorageUnavailable: as `look`.
        """
        if self._glances is None:
            async with self.look() as connection:
                return await connection.run_sync(look)
        try:
            return await asyncio.to_thread(_in_one_go, self._glances, look)
        except (DBAPIError, PoolTimeout, ResourceClosedError) as error:
            raise _named(error) from error

    async def close(self) -> None:
        """Close every connection and let other processes in."""
        if self._glances is not None:
            self._glances.dispose()
        if self._readers is not None:
            await self._readers.dispose()
        await self._engine.dispose()
        if self._lock is not None:
            self._lock.close()


async def peek(url: str, look: Callable[[Connection], T]) -> T:
    """Look at a database without keeping others out, and close it again.

    Raises:
        StorageUnavailable: no connection.
    """
    parsed = with_driver(url)
    database = Database(_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgres(parsed, 1))
    try:
        async with database.begin() as connection:
            return await connection.run_sync(look)
    finally:
        await database.close()


def with_driver(url: str) -> URL:
    """The URL with our driver for its database.

    Raises:
        ValueError: neither SQLite nor PostgreSQL.
    """
    parsed = make_url(url)
    kind = parsed.drivername.partition("+")[0]
    if kind == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    if kind in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise ValueError(f"PENUMBRA_DATABASE_URL names {kind!r}: it must begin with sqlite:/// or postgresql://")


def sqlite_path(url: str) -> Path:
    """The file of a SQLite database.

    Raises:
        ValueError: the URL names no file.
    """
    name = make_url(url).database
    if not name or name == ":memory:":
        raise ValueError("PENUMBRA_DATABASE_URL must name a file, as sqlite:///penumbra.db")
    return Path(name)


def _sqlite(url: URL) -> AsyncEngine:
    # one connection: waiting transactions queue in the pool, in order, instead of polling a locked file
    engine = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=STATEMENT_SECONDS, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _sqlite_readers(url: URL) -> AsyncEngine:
    """In WAL mode who looks waits for nobody: each sees what was committed when it began to look."""
    engine = create_async_engine(
        url, pool_size=READERS, max_overflow=0, pool_timeout=STATEMENT_SECONDS, hide_parameters=True
    )
    event.listen(engine.sync_engine, "connect", _prepare_reader)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _sqlite_glances(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"), pool_size=1, pool_timeout=STATEMENT_SECONDS, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_reader)
    event.listen(engine, "begin", _begin)
    return engine


def _in_one_go(engine: Engine, look: Callable[[Connection], T]) -> T:
    with engine.begin() as connection:
        return look(connection)


def _prepare_reader(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection has no common type
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("PRAGMA query_only = ON", "PRAGMA busy_timeout = 5000"):
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection has no common type
    connection.isolation_level = None  # the driver begins no transaction by itself; `_begin_immediate` does
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgres(url: URL, connections: int) -> AsyncEngine:
    options = (
        f"-c timezone=UTC -c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={STATEMENT_SECONDS}s "
        f"-c idle_in_transaction_session_timeout={IDLE_SECONDS}s"
    )
    return create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,  # an error message must not carry values
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": options, "application_name": "penumbra"},
    )


def _lock(database: Path) -> IO[str]:
    """Keep other processes out; the lock goes with this process, also when it is killed."""
    os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives the WAL file the same mode
    file = database.with_name(f"{database.name}.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise DatabaseInUse from error
    return file


def _named(error: DBAPIError | PoolTimeout | ResourceClosedError) -> Exception:
    """A database's error in our words; a programming error stays what it is."""
    if isinstance(error, IntegrityError):
        return _broken_rule(error)
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return StorageUnavailable()
    lost = isinstance(error, OperationalError | InterfaceError | InternalError)
    return StorageUnavailable() if lost else error


def _broken_rule(error: IntegrityError) -> PenumbraError | IntegrityError:
    """Which rule of the schema a row broke, by SQLSTATE or SQLite's extended result code."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    match state:
        case "23505" | "SQLITE_CONSTRAINT_UNIQUE" | "SQLITE_CONSTRAINT_PRIMARYKEY":
            return AlreadyKept()
        case "23503" | "SQLITE_CONSTRAINT_FOREIGNKEY":
            return UnknownGroup()
        case _:
            return error
