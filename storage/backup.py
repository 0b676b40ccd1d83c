"""Copies of a whole database in one file, made while it is in use: a tar of what is in it and the copy itself.

The copy holds wrapped keys and sealed rows, never the root key: without that it opens nothing.
"""

import asyncio
import hashlib
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, inspect, make_url, select, text
from sqlalchemy.engine import Connection

from core.errors import PenumbraError
from storage.contributions import CONTRIBUTIONS
from storage.database import APPLICATION_NAME, peek, sqlite_path, with_driver
from storage.keys import KEYS
from storage.schema import VERSION, current
from storage.tables import METADATA

FORMAT: Final = 1
_ABOUT: Final = "about.json"
_COPY: Final = "database"


class BackupFailed(PenumbraError):
    """The backup could not be made."""


class NotABackup(PenumbraError):
    """That is not a backup that Penumbra made, or it is damaged."""


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself."""

    format: int
    kind: str
    """`sqlite` or `postgresql`."""
    made_at: datetime
    revision: str
    """The newest migration that was applied."""
    roots: tuple[str, ...]
    """Which root keys its keys are wrapped under: names that do not tell the keys."""
    sha256: str


_CODEC: Final = TypeAdapter(About)


# Making -----------------------------------------------------------------------------------------------------------


async def make_backup(url: str, target: Path, at: datetime) -> About:
    """Copy a database into a new file that only its owner can read, also while Penumbra runs.

    Raises:
        BackupFailed: there is nothing to copy, or `pg_dump` is not there or refuses.
        StorageUnavailable: no connection.
        OSError: the file is there already, or can't be written.
    """
    revision = await current(url)
    if revision is None:
        raise BackupFailed("There is nothing to back up yet: this database was never used.", which="empty")
    roots = tuple(await peek(url, _roots))
    return await asyncio.to_thread(_make, url, target, at, (revision, roots))


def _make(url: str, target: Path, at: datetime, found: tuple[str, tuple[str, ...]]) -> About:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # a backup is never overwritten
    try:
        return _write(url, target, at, found)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _write(url: str, target: Path, at: datetime, found: tuple[str, tuple[str, ...]]) -> About:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".penumbra-backup-") as folder:
        copy, kind = Path(folder) / _COPY, _kind(url)
        if kind == "sqlite":
            _copy_sqlite(sqlite_path(url), copy)
        else:
            left_out = f"--exclude-table-data={CONTRIBUTIONS.name}"
            _run_pg("pg_dump", url, ["--format=custom", "--no-owner", "--no-privileges", left_out, f"--file={copy}"])
        about = About(FORMAT, kind, at, *found, _digest(copy))
        whole = Path(folder) / "whole"
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                _add(tar, Path(folder) / _ABOUT, _CODEC.dump_json(about))
                tar.add(copy, _COPY, filter=_plain)
            file.flush()
            os.fsync(file.fileno())
        whole.replace(target)
    return about


def _copy_sqlite(source: Path, copy: Path) -> None:
    copy.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(copy)) as write:
            read.backup(write)
            _leave_out_contributions(write)
            write.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    except sqlite3.Error as error:
        raise BackupFailed(f"SQLite could not copy the database: {error}.", which="copy", why=error) from error


def _leave_out_contributions(copy: sqlite3.Connection) -> None:
    """What waits to be counted across groups lives for eight days at most, a backup for longer."""
    copy.execute("PRAGMA secure_delete = ON")
    if copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [CONTRIBUTIONS.name]).fetchone():
        copy.execute(str(delete(CONTRIBUTIONS)))
        copy.commit()


def _add(tar: tarfile.TarFile, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    tar.add(path, path.name, filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nothing of the machine it was made on."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _roots(connection: Connection) -> list[str]:
    return sorted({row.root.hex() for row in connection.execute(select(KEYS.c.root).distinct())})


# Reading ----------------------------------------------------------------------------------------------------------


def about(file: Path) -> About:
    """What a backup says of itself.

    Raises:
        NotABackup: it is none.
        OSError: it can't be read.
    """
    with _opened(file) as tar:
        return _about(tar)


def unpack(file: Path, folder: Path) -> tuple[About, Path]:
    """The copy within a backup, in a folder that is there.

    Raises:
        NotABackup: it is none, or it is damaged.
        OSError: it can't be read, or the disk is full.
    """
    with _opened(file) as tar:
        found = _about(tar)
        inside = _member(tar, _COPY)
        copy = folder / _COPY
        with os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            shutil.copyfileobj(inside, target)
            target.flush()
            os.fsync(target.fileno())
    if _digest(copy) != found.sha256:
        raise NotABackup
    return found, copy


def _opened(file: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(file, "r:")
    except tarfile.TarError as error:
        raise NotABackup from error


def _about(tar: tarfile.TarFile) -> About:
    try:
        found = _CODEC.validate_json(_member(tar, _ABOUT).read(100_000))
    except ValidationError as error:
        raise NotABackup from error
    if found.format != FORMAT:
        raise NotABackup("This backup was made by a newer Penumbra: restore it with that one.", which="newer")
    return found


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        inside = tar.extractfile(name)
    except (KeyError, tarfile.TarError) as error:
        raise NotABackup from error
    if inside is None:
        raise NotABackup
    return inside


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# Where it goes ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """What is at the place where a backup would go."""

    tables: int
    strange: bool
    """Whether tables are there that are not ours."""
    busy: int = 0
    """Connections of Penumbra's own to a PostgreSQL: processes run on it. SQLite's lock file tells by itself."""


async def look_at(url: str) -> Target:
    """What is in a database that a backup may go into.

    Raises:
        StorageUnavailable: no connection.
    """
    sqlite = _kind(url) == "sqlite"
    if sqlite and _holds_nothing(sqlite_path(url)):
        return Target(0, strange=False)
    names = await peek(url, lambda connection: set(inspect(connection).get_table_names()))
    ours = {*METADATA.tables, VERSION.name}
    busy = 0 if sqlite else await peek(url, _connections)
    return Target(len(names), bool(names) and not names & ours, busy)


def _holds_nothing(file: Path) -> bool:
    return not file.exists() or file.stat().st_size == 0


def _connections(connection: Connection) -> int:
    """Penumbra's connections to this database, but for the one that asks."""
    others = "datname = current_database() AND application_name = :ours AND pid <> pg_backend_pid()"
    asked = text(f"SELECT count(*) FROM pg_stat_activity WHERE {others}")  # noqa: S608 - no word of it comes from outside
    return int(connection.execute(asked, {"ours": APPLICATION_NAME}).scalar_one())


def put_into_postgres(url: str, copy: Path) -> None:
    """Put a dump into a database, all or nothing, in the place of what is there.

    Raises:
        BackupFailed: `pg_restore` is not there, or refuses.
    """
    how = ["--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner", "--no-privileges"]
    _run_pg("pg_restore", url, [*how, str(copy)])


async def empty_postgres(url: str) -> None:
    """Take everything of ours out of a database, all or nothing.

    Raises:
        StorageUnavailable: no connection.
    """

    def empty(connection: Connection) -> None:
        METADATA.drop_all(connection)
        VERSION.drop(connection, checkfirst=True)

    await peek(url, empty)


def _run_pg(tool: str, url: str, how: Sequence[str]) -> None:
    """Run one of PostgreSQL's own tools; the password goes by the environment, where `ps` does not show it."""
    found = shutil.which(tool)
    if found is None:
        raise BackupFailed(
            f"{tool} is not installed: it comes with PostgreSQL's client programs, as postgresql-client.",
            which="no_tool",
            tool=tool,
        )
    at = make_url(url)
    environment = {**os.environ, "PGPASSWORD": at.password or ""}
    where = [f"--dbname={at.set(drivername='postgresql', password=None).render_as_string()}"]
    command = [found, *where, *how]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - PostgreSQL's own
    if done.returncode != 0:
        why = "; ".join(done.stderr.strip().splitlines()[:2]) or f"exit {done.returncode}"
        raise BackupFailed(f"{tool} failed: {why}", which="tool", tool=tool, why=why)


def _kind(url: str) -> str:
    return with_driver(url).get_backend_name()
