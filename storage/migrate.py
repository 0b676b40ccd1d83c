"""Bring a database's schema up to date, and say where it stands."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from core.errors import SchemaIsNewer, StorageUnavailable
from storage.database import Database, peek, sqlite_path, with_driver
from storage.tables import METADATA

_IN_THE_WAY: Final = frozenset({"40P01", "55P03", "57014"})
"""deadlock_detected, lock_not_available, query_canceled (by the statement's time limit); PostgreSQL, Appendix A."""
_PAUSES: Final = (0.1, 0.3, 0.7, 1.5, 3.0, 5.0)
"""Seconds between tries."""
_FOLDER: Final = Path(__file__).with_name("migrations")


async def upgrade(url: str) -> None:
    """Apply every migration that is missing, all or none, also under load: what others hold it is waited and asked for.

    Raises:
        SchemaIsNewer: a newer Penumbra has migrated it already.
        DatabaseInUse: another process has this SQLite database open.
        StorageUnavailable: no connection.
    """
    if await newer(url) is not None:
        raise SchemaIsNewer
    database = Database.open(url)
    try:
        for pause in _PAUSES:
            try:
                return await _once(database)
            except StorageUnavailable as error:
                if not _is_in_the_way(error):
                    raise
            await asyncio.sleep(pause)
        await _once(database)
    finally:
        await database.close()


async def _once(database: Database) -> None:
    async with database.begin() as connection:
        await connection.run_sync(_upgrade)


def _is_in_the_way(error: StorageUnavailable) -> bool:
    """Whether a migration and running processes waited for each other's locks: nothing was changed, try again."""
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) in _IN_THE_WAY


async def current(url: str) -> str | None:
    """The newest migration that was applied; None for an empty database. Safe beside a running process.

    Raises:
        StorageUnavailable: no connection.
    """
    if with_driver(url).get_backend_name() == "sqlite" and not sqlite_path(url).exists():
        return None
    return await peek(url, _current)


async def pending(url: str) -> list[str]:
    """Migrations not applied yet, in the order in which they will be; none for a database that a newer one migrated.

    Raises:
        StorageUnavailable: no connection.
    """
    applied = await current(url)
    if applied is not None and applied not in known_revisions():
        return []
    scripts = ScriptDirectory.from_config(_config())
    missing = [script.revision for script in scripts.iterate_revisions("heads", applied or "base")]
    return missing[::-1]


async def newer(url: str) -> str | None:
    """The newest migration that was applied, if this Penumbra does not know it: after a rollback, or beside an upgrade.

    Raises:
        StorageUnavailable: no connection.
    """
    applied = await current(url)
    return None if applied is None or applied in known_revisions() else applied


async def lacking(url: str) -> list[str]:
    """Tables and columns that this Penumbra needs and does not find in a migrated database.

    Raises:
        StorageUnavailable: no connection.
    """

    def look(connection: Connection) -> list[str]:
        found = inspect(connection)
        tables = set(found.get_table_names())
        there = {(name, each["name"]) for name in tables for each in found.get_columns(name)}
        needed = {(table.name, column.name) for table in METADATA.sorted_tables for column in table.columns}
        return sorted(f"{table}.{column}" for table, column in needed - there)

    return await peek(url, look)


def known_revisions() -> frozenset[str]:
    """Every migration that this Penumbra knows; a database that names another was made by a newer one."""
    scripts = ScriptDirectory.from_config(_config())
    return frozenset(script.revision for script in scripts.walk_revisions())


def backup_sqlite(url: str, at: datetime) -> Path | None:
    """Copy a SQLite database beside itself before it is changed.

    Args:
        url: its URL.
        at: the moment, for the copy's name.

    Returns:
        The copy; None when there is nothing to copy yet.
    """
    path = sqlite_path(url)
    if not path.exists() or path.stat().st_size == 0:
        return None
    copy = path.with_name(f"{path.name}.{at:%Y%m%dT%H%M%SZ}.backup")
    copy.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
