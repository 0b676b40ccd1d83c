"""The schema: migrations and models agree, and a database is copied before it is changed."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from core.errors import DatabaseInUse, StorageUnavailable
from storage import migrate, schema
from storage.database import Database, peek
from storage.tables import METADATA
from tests.fakes.clock import Clock
from tests.postgres import Postgres

VERSIONS = schema.known_revisions()


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))


async def test_models_and_migrations_agree(database_url: str) -> None:
    assert await peek(database_url, differences) == []


def test_migrations_are_known_by_their_files_as_alembic_knows_them() -> None:
    scripts = ScriptDirectory.from_config(migrate._config())
    assert [each.revision for each in scripts.walk_revisions()][::-1] == VERSIONS


async def test_a_new_sqlite_file_waits_for_its_first_migration(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert await schema.current(url) is None
    assert not (tmp_path / "new.db").exists()
    assert await schema.pending(url) == VERSIONS
    await migrate.upgrade(url)
    await migrate.upgrade(url)
    assert await schema.current(url) == VERSIONS[-1]
    assert await schema.pending(url) == []
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600


async def test_an_empty_postgres_database_waits_for_its_first_migration(postgres: Postgres) -> None:
    with postgres.empty() as url:
        assert await schema.current(url) is None
        assert await schema.pending(url) == VERSIONS
        await migrate.upgrade(url)
        assert await schema.pending(url) == []


async def test_a_database_that_is_not_there_is_told_by_name() -> None:
    with pytest.raises(StorageUnavailable):
        await schema.current("postgresql://penumbra@127.0.0.1:1/none")


async def test_nothing_is_changed_under_a_running_process_but_one_may_look(sqlite_url: str) -> None:
    running = Database.open(sqlite_url)
    with pytest.raises(DatabaseInUse):
        await migrate.upgrade(sqlite_url)
    assert await schema.pending(sqlite_url) == []
    await running.close()
    await migrate.upgrade(sqlite_url)


def test_a_backup_holds_everything_and_is_for_its_owner_alone(sqlite_url: str, clock: Clock) -> None:
    copy = migrate.backup_sqlite(sqlite_url, clock())
    assert copy is not None
    assert copy.name == "penumbra.db.20261116T090000Z.backup"
    assert copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copy) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert set(METADATA.tables) <= tables


def test_there_is_no_backup_of_nothing(tmp_path: Path, clock: Clock) -> None:
    assert migrate.backup_sqlite(f"sqlite:///{tmp_path / 'none.db'}", clock()) is None
