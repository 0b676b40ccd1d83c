"""Bring a database's schema up to date, and say where it stands."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from storage.database import Database, peek, sqlite_path, with_driver

_FOLDER: Final = Path(__file__).with_name("migrations")


async def upgrade(url: str) -> None:
    """Apply every migration that is missing.

    Raises:
        DatabaseInUse: another process has this SQLite database open.
        StorageUnavailable: no connection.
    """
    database = Database.open(url)
    try:
        async with database.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await database.close()


async def current(url: str) -> str | None:
    """The newest migration that was applied; None for an empty database. Safe beside a running process.

    Raises:
        StorageUnavailable: no connection.
    """
    if with_driver(url).get_backend_name() == "sqlite" and not sqlite_path(url).exists():
        return None
    return await peek(url, _current)


async def pending(url: str) -> list[str]:
    """Migrations not applied yet, in the order in which they will be.

    Raises:
        StorageUnavailable: no connection.
    """
    applied = await current(url)
    scripts = ScriptDirectory.from_config(_config())
    missing = [script.revision for script in scripts.iterate_revisions("heads", applied or "base")]
    return missing[::-1]


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
