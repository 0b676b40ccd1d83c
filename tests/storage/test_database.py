"""The database itself: who may open it, and what is said when it is gone."""

import asyncio
import gc
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

import storage.database as storage_database
from core.errors import AlreadyKept, DatabaseInUse, StorageUnavailable
from storage.database import Database
from storage.sql import AtHand, Clocks, SqlStorage, root_keys
from tests.conftest import ROOT
from tests.fakes.clock import Clock
from tests.postgres import Postgres
from tests.storage.stories import GROUP, a_group, an_intake, kept


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


async def test_what_is_written_in_one_go_waits_for_its_turn_too(sqlite_url: str, clock: Clock) -> None:
    storage = await SqlStorage.open(Database.open(sqlite_url), root_keys(ROOT), Clocks(clock))
    await kept(storage, a_group(clock))
    seen: list[int] = []

    def one_more(hand: AtHand) -> None:
        [attempts] = hand.connection.execute(text("SELECT attempts FROM inbox")).scalars()
        seen.append(attempts)
        hand.connection.execute(text("UPDATE inbox SET attempts = attempts + 1"))

    async def one_more_in_turns() -> None:
        async with storage.transaction() as records:
            await records.transaction.run(text("UPDATE inbox SET attempts = attempts + 1"))

    async with storage.transaction() as records:
        await records.inbox.put("e1", an_intake(clock))
        waiting = asyncio.create_task(storage.stroke(one_more))
        await asyncio.sleep(0)
        assert not waiting.done()
    await asyncio.gather(
        waiting, *(each() for _ in range(10) for each in (one_more_in_turns, lambda: storage.stroke(one_more)))
    )
    assert seen == sorted(set(seen))
    async with storage.transaction() as records:
        assert (await records.transaction.run(text("SELECT attempts FROM inbox"))).scalar_one() == 21
    await storage.close()


async def test_who_waits_too_long_for_a_turn_is_told_so(
    sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = await SqlStorage.open(Database.open(sqlite_url), root_keys(ROOT), Clocks(clock))
    monkeypatch.setattr(storage_database, "STATEMENT_SECONDS", 0.01)
    async with storage.transaction():
        with pytest.raises(StorageUnavailable):
            await storage.stroke(lambda _: None)
    assert await storage.stroke(lambda _: "my turn") == "my turn"
    await storage.close()


async def test_what_is_being_written_in_one_go_is_through_before_who_hung_up_lets_go(
    sqlite_url: str, clock: Clock
) -> None:
    storage = await SqlStorage.open(Database.open(sqlite_url), root_keys(ROOT), Clocks(clock))
    began, may_end = threading.Event(), threading.Event()

    def slowly(hand: AtHand) -> None:
        began.set()
        may_end.wait()
        hand.connection.execute(text("UPDATE consent_log_head SET seq = 7"))

    hanging_up = asyncio.create_task(storage.stroke(slowly))
    await asyncio.to_thread(began.wait)
    hanging_up.cancel()
    behind = asyncio.create_task(storage.stroke(lambda hand: _seq(hand.connection)))
    await asyncio.sleep(0)
    assert not hanging_up.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await hanging_up
    assert await behind == 7
    await storage.close()


def _seq(connection: Connection) -> int:
    return int(connection.execute(text("SELECT seq FROM consent_log_head")).scalar_one())


async def test_what_can_not_be_written_in_one_go_is_not_kept(database_url: str, clock: Clock) -> None:
    storage = await SqlStorage.open(Database.open(database_url), root_keys(ROOT), Clocks(clock))

    def half(hand: AtHand) -> None:
        hand.connection.execute(text("UPDATE consent_log_head SET seq = 7"))
        hand.connection.execute(text("INSERT INTO consent_log_head SELECT * FROM consent_log_head"))

    with pytest.raises(AlreadyKept):
        await storage.stroke(half)
    assert await storage.glance(lambda hand: _seq(hand.connection)) == 0
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


async def test_closing_waits_for_who_still_looks_and_refuses_who_comes_later(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    looking, enough = asyncio.Event(), asyncio.Event()

    async def look_for_a_while() -> int:
        async with database.look() as connection, database.begin():
            looking.set()
            await enough.wait()
            found: int = (await connection.execute(text("SELECT 7"))).scalar_one()
        return found

    reader = asyncio.create_task(look_for_a_while())
    await looking.wait()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    for block in (database.look, database.begin):
        with pytest.raises(StorageUnavailable):
            async with block():
                pass
    for in_one_go in (database.glance, database.stroke):
        with pytest.raises(StorageUnavailable):
            await in_one_go(lambda connection: connection)
    assert not closing.done()
    enough.set()
    assert await reader == 7
    await closing
    del reader
    gc.collect()  # a connection that was not closed warns here, and warnings are errors
