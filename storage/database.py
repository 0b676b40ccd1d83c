"""The engine, SQLite (one process, WAL) or PostgreSQL (many), and its transactions."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
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
from sqlalchemy.pool import QueuePool

from core.errors import AlreadyKept, DatabaseInUse, PenumbraError, StorageUnavailable, UnknownGroup

T = TypeVar("T")

CONNECT_SECONDS: Final = 3
STATEMENT_SECONDS: Final = 15
READERS: Final = 2
"""Connections to SQLite beside the one that writes; each has a thread of its own."""
_GLANCE_SECONDS: Final = 0.01
IDLE_SECONDS: Final = 60
"""PostgreSQL ends a transaction that a stopped process left open, so that its locks don't hold up the others."""

_NOTICED: Final = {
    "tcp_user_timeout": STATEMENT_SECONDS * 1000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
"""A server that vanished without a goodbye (power, network) is noticed in 15 to 20 seconds, not in a quarter of an hour
[https://www.postgresql.org/docs/17/libpq-connect.html]."""
APPLICATION_NAME: Final = "penumbra"
"""As which PostgreSQL shows our connections."""

_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what was erased is overwritten, not only unlinked
    "PRAGMA busy_timeout = 5000",
)
_PRAGMAS_OF_READERS: Final = (
    "PRAGMA query_only = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA cache_size = -512",  # kB, a quarter of what is usual: it is the upper pages of an index that are read again
)


class InOneGo:
    """A connection to SQLite with a thread of its own, where a transaction takes one turn instead of one a statement.

    Args:
        engine: of one connection.
        name: of the thread.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, name)
        self._connection: Connection | None = None

    async def run(self, do: Callable[[Connection], T]) -> T:
        """A transaction; also whoever stops waiting waits until it is through, for it can't be stopped."""
        doing = asyncio.get_running_loop().run_in_executor(self._thread, self._run, do)
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait({doing})
            raise

    def _run(self, do: Callable[[Connection], T]) -> T:
        """The connection is kept at hand: to get it from the pool and give it back costs more than to begin."""
        connection = self._connection = self._connection or self._engine.connect()
        try:
            with connection.begin():
                return do(connection)
        except BaseException:
            self._let_go()  # after trouble, begin with a new one
            raise

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """End the thread, once it is through with what it does, and close the connection."""
        self._thread.shutdown()
        self._let_go()
        self._engine.dispose()


@dataclass(frozen=True, slots=True)
class Beside:
    """What SQLite has beside its one connection for transactions of many turns; PostgreSQL has enough connections.

    Attributes:
        readers: for looking.
        glances: for looking in one go.
        strokes: for writing in one go.
    """

    readers: AsyncEngine
    glances: InOneGo
    strokes: InOneGo


class Database:
    """An open database. Make it with `open`, and close it.

    Args:
        engine: SQLAlchemy's.
        beside: more connections to SQLite; None: everything goes through the engine.
        lock: the file that keeps a second process out of a SQLite database.
    """

    def __init__(self, engine: AsyncEngine, beside: Beside | None = None, lock: IO[str] | None = None) -> None:
        self._engine = engine
        self._beside = beside
        self._lock = lock
        self._turn = asyncio.Lock()
        self._closed = False

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
            return cls(_sqlite(parsed), _beside(parsed), lock)
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
        self._check_open()
        try:
            async with self._my_turn(), self._engine.begin() as connection:
                yield connection
        except (DBAPIError, PoolTimeout, ResourceClosedError) as error:
            raise _named(error) from error

    @asynccontextmanager
    async def look(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only looks, at what is committed by now; on SQLite it waits for no writer.

        Raises:
            StorageUnavailable: no connection, or it was lost, also while the block ran; also for an attempt to write.
        """
        engine = self._beside.readers if self._beside else self._engine
        self._check_open()
        try:
            async with engine.connect() as connection:
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
        if self._beside is None:
            async with self.look() as connection:
                return await connection.run_sync(look)
        self._check_open()
        try:
            return await self._beside.glances.run(look)
        except (DBAPIError, PoolTimeout, ResourceClosedError) as error:
            raise _named(error) from error

    async def stroke(self, write: Callable[[Connection], T]) -> T:
        """As `begin`, for a few statements in one go: on SQLite one turn of a thread, not one for each and its ends.

        Args:
            write: asks, writes and returns; on SQLite it runs in a thread.

        Raises:
            StorageUnavailable, AlreadyKept, UnknownGroup: as `begin`.
        """
        if self._beside is None:
            async with self.begin() as connection:
                return await connection.run_sync(write)
        self._check_open()
        try:
            async with self._my_turn():
                return await self._beside.strokes.run(write)
        except (DBAPIError, PoolTimeout, ResourceClosedError) as error:
            raise _named(error) from error

    def _my_turn(self) -> AbstractAsyncContextManager[object]:
        """SQLite's writers queue here, in order: left to themselves, two connections poll a locked file."""
        return self._in_turn() if self._beside else nullcontext()

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(STATEMENT_SECONDS):
                await self._turn.acquire()
        except TimeoutError as error:
            raise StorageUnavailable from error
        try:
            self._check_open()  # it may have been closed while we queued
            yield
        finally:
            self._turn.release()

    async def close(self) -> None:
        """Close every connection, once it is given back, and let other processes in; who comes later is refused.

        A connection that somebody holds when its pool is disposed of is closed by nobody. They are waited for as long
        as a statement may take.
        """
        self._closed = True
        await _given_back([self._engine, *([self._beside.readers] if self._beside is not None else [])])
        if self._beside is not None:
            self._beside.glances.close()
            self._beside.strokes.close()
            await self._beside.readers.dispose()
        await self._engine.dispose()
        if self._lock is not None:
            self._lock.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StorageUnavailable


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
    engine = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=STATEMENT_SECONDS, hide_parameters=True)
    _writes(engine.sync_engine)
    return engine


def _beside(url: URL) -> Beside:
    """In WAL mode who looks waits for nobody: each sees what was committed when it began to look."""
    readers = create_async_engine(
        url, pool_size=READERS, max_overflow=0, pool_timeout=STATEMENT_SECONDS, hide_parameters=True
    )
    plain = url.set(drivername="sqlite+pysqlite")
    glances = create_engine(plain, pool_size=1, pool_timeout=STATEMENT_SECONDS, hide_parameters=True)
    strokes = create_engine(plain, pool_size=1, pool_timeout=STATEMENT_SECONDS, hide_parameters=True)
    for engine in (readers.sync_engine, glances):
        event.listen(engine, "connect", _prepare_reader)
        event.listen(engine, "begin", _begin)
    _writes(strokes)
    return Beside(readers, InOneGo(glances, "glances"), InOneGo(strokes, "strokes"))


async def _given_back(engines: Sequence[AsyncEngine]) -> None:
    pools = [engine.pool for engine in engines if isinstance(engine.pool, QueuePool)]
    with suppress(TimeoutError):
        async with asyncio.timeout(STATEMENT_SECONDS):
            while any(pool.checkedout() for pool in pools):  # noqa: ASYNC110 - nobody is told when one is given back
                await asyncio.sleep(_GLANCE_SECONDS)


def _writes(engine: Engine) -> None:
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)


def _prepare_reader(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection has no common type
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS_OF_READERS:
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
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": options,
            "application_name": APPLICATION_NAME,
            **_NOTICED,
        },
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
