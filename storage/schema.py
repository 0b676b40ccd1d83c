"""Where a database's schema stands: which migrations were applied, and whether what is needed is there.

Alembic's own answers, without loading it: it takes 14 MB, and only applying a migration needs it.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Column, MetaData, String, Table, inspect, select
from sqlalchemy.engine import Connection

from storage.database import peek, sqlite_path, with_driver
from storage.tables import METADATA

MIGRATIONS: Final = Path(__file__).with_name("migrations")
VERSION: Final = Table("alembic_version", MetaData(), Column("version_num", String))
"""Alembic's table, with the newest migration that was applied."""


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
    known = known_revisions()
    if applied is None:
        return known
    return known[known.index(applied) + 1 :] if applied in known else []


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


def known_revisions() -> list[str]:
    """Every migration that this Penumbra knows, in order; a database that names another was made by a newer one.

    Their files begin with their numbers, and each follows the one before.
    """
    return sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION.name):
        return None
    return connection.execute(select(VERSION.c.version_num)).scalar_one_or_none()
