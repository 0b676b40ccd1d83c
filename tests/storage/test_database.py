"""The database itself: who may open it, and what is said when it is gone."""

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

import storage.database as storage_database
from core.errors import DatabaseInUse, StorageUnavailable
from storage.database import Database
from storage.sql import Clocks, SqlStorage, root_keys
from tests.conftest import ROOT
from tests.fakes.clock import Clock
from tests.postgres import Postgres
from tests.storage.stories import GROUP, a_group, kept


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_another_kind_of_database_is_refused_in_words(url: str) -> None:
    with pytest.raises(ValueError, match="PENUMBRA_DATABASE_URL"):
        Database.open(url)


async def test_a_second_process_is_kept_out_of_sqlite_until_the_first_is_gone(sqlite_url: str) -> None:
    code = (
        f"from storage.database import Database as D; kept = D.open({sqlite_url!r}); print('open', flush=True); input()"
    )
    root = Path(storage_database.__file__).parents[1]
    first = subprocess.Popen(  # noqa: ASYNC220, S603 - our own code, and the test has nothing else to do
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    )
    assert first.stdout is not None
    assert first.stdout.readline() == b"open\n"
    with pytest.raises(DatabaseInUse):
        Database.open(sqlite_url)
    first.kill()
    first.communicate()
    await Database.open(sqlite_url).close()


async def test_sqlite_is_set_up_to_keep_what_it_was_given(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with database.begin() as connection:
        values = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    await database.close()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


async def test_transactions_on_sqlite_wait_for_each_other(sqlite_url: str, clock: Clock) -> None:
    storage = await SqlStorage.open(Database.open(sqlite_url), root_keys(ROOT), Clocks(clock))
    await kept(storage, a_group(clock))

    async def one_more() -> None:
        async with storage.transaction() as records:
            group = await records.groups.get(GROUP)
            assert group is not None
            await asyncio.sleep(0)
            await records.groups.save(type(group)(**{**_fields(group), "digest_size": group.digest_size + 1}))

    await asyncio.gather(*(one_more() for _ in range(20)))
    async with storage.transaction() as records:
        group = await records.groups.get(GROUP)
    assert group is not None
    assert group.digest_size == 25
    await storage.close()


def _fields(group: object) -> dict[str, object]:
    return {name: getattr(group, name) for name in group.__dataclass_fields__}  # type: ignore[attr-defined] # a dataclass


async def test_a_database_that_is_not_there_is_unavailable(clock: Clock) -> None:
    database = Database.open("postgresql://penumbra@127.0.0.1:1/none")
    with pytest.raises(StorageUnavailable):
        await SqlStorage.open(database, root_keys(ROOT), Clocks(clock))
    await database.close()


async def test_a_connection_lost_while_a_transaction_runs_keeps_nothing_and_the_next_one_works(
    postgres: Postgres, postgres_url: str, clock: Clock
) -> None:
    storage = await SqlStorage.open(Database.open(postgres_url), root_keys(ROOT), Clocks(clock))

    async def cut() -> None:
        async with storage.transaction() as records:
            await records.groups.add(a_group(clock))
            postgres.cut_connections(postgres_url)
            await records.groups.get(GROUP)

    with pytest.raises(StorageUnavailable):
        await cut()
    async with storage.transaction() as records:
        assert await records.groups.get(GROUP) is None
    await storage.close()


async def test_a_full_sqlite_disk_acknowledges_nothing(sqlite_url: str, clock: Clock) -> None:
    storage = await SqlStorage.open(Database.open(sqlite_url), root_keys(ROOT), Clocks(clock))
    await kept(storage, a_group(clock))

    async def fill() -> None:
        async with storage.transaction() as records:
            tx = records.transaction
            pages = (await tx.run(text("PRAGMA page_count"))).scalar_one()
            await tx.run(text(f"PRAGMA max_page_count = {pages}"))
            for number in range(500):
                later = clock() + timedelta(hours=1)
                await records.previews.put(f"page-{number}", None, later)

    with pytest.raises(StorageUnavailable):
        await fill()
    async with storage.transaction() as records:
        assert await records.previews.get("page-0") is None
        assert await records.groups.get(GROUP)
    await storage.close()


async def test_the_database_itself_tells_the_time_of_leases_on_postgres(postgres_url: str, clock: Clock) -> None:
    storage = await SqlStorage.open(Database.open(postgres_url), root_keys(ROOT), Clocks(clock))
    async with storage.transaction() as records:
        moment = await records.transaction.clock()
    assert moment.utcoffset() == timedelta(0)
    assert moment != clock()
    await storage.close()


async def test_a_password_stands_in_no_error(clock: Clock) -> None:
    database = Database.open("postgresql://penumbra:hunter2@127.0.0.1:1/none")
    with pytest.raises(StorageUnavailable) as caught:
        await SqlStorage.open(database, root_keys(ROOT), Clocks(clock))
    await database.close()
    assert "hunter2" not in f"{caught.value!r}{caught.value.__cause__!r}{database!r}"
