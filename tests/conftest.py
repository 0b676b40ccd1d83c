"""Storage for every test that wants it: in memory, on SQLite, on PostgreSQL."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.ports import Storage
from storage.database import Database
from storage.sql import Clocks, SqlStorage, root_keys
from tests.fakes.clock import Clock
from tests.fakes.memory_storage import MemoryStorage
from tests.postgres import Postgres, migrate_apart, running

ROOT = b"r" * 32

for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):  # commands speak the tester's language otherwise
    os.environ.pop(name, None)

# how long an example takes says something about the machine, not about the property
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# a verdict can be had again where each run draws the same examples; `search` looks for new ones (contributing.md)
settings.register_profile("house", UNTIMED, max_examples=60, derandomize="CI" in os.environ)
settings.register_profile("search", UNTIMED, max_examples=2000, derandomize=False)
settings.load_profile("house")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    with postgres.clone() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate_apart(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "penumbra.db")
    return f"sqlite:///{tmp_path / 'penumbra.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def sql_storage(database_url: str, clock: Clock) -> AsyncIterator[SqlStorage]:
    storage = await SqlStorage.open(Database.open(database_url), root_keys(ROOT), Clocks(clock, clock))
    yield storage
    await storage.close()


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def storage(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Storage]:
    if request.param == "memory":
        yield MemoryStorage(clock)
        return
    url = request.getfixturevalue(f"{request.param}_url")
    kept = await SqlStorage.open(Database.open(url), root_keys(ROOT), Clocks(clock, clock))
    yield kept
    await kept.close()
