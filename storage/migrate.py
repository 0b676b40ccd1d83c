"""Bring a database's schema up to date."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from core.errors import SchemaIsNewer, StorageUnavailable
from storage.database import Database, sqlite_path
from storage.schema import MIGRATIONS, newer

_IN_THE_WAY: Final = frozenset({"40P01", "55P03", "57014"})
"""deadlock_detected, lock_not_available, query_canceled (by the statement's time limit); PostgreSQL, Appendix A."""
_PAUSES: Final = (0.1, 0.3, 0.7, 1.5, 3.0, 5.0)
"""Seconds between tries."""


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


def backup_sqlite(url: str, at: datetime) -> Path | None:
    """Copy a SQLite database beside itself before it is changed.

    Args:
        url: its URL.
        at: the moment, for the copy's name.

    Returns:
        The copy; None when there is nothing to copy yet.

    Raises:
        StorageUnavailable: it can't be copied, as to a full disk; nothing was changed.
    """
    path = sqlite_path(url)
    if not path.exists() or path.stat().st_size == 0:
        return None
    copy = path.with_name(f"{path.name}.{at:%Y%m%dT%H%M%SZ}.backup")
    copy.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        copy.unlink()
        message = f"SQLite could not copy the database before changing it: {error}."
        raise StorageUnavailable(message, which="copy", why=error) from error
    return copy


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")
