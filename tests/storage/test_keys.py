"""Keys in the database: wrapped, rotated while others read, destroyed with their group."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.errors import Tampered, WrongRootKey
from core.model import GroupAddress, GroupId, Platform
from storage.database import Database
from storage.keys import KEYS, KnownKeys
from storage.links import LINKS
from storage.sql import Clocks, SqlStorage, root_keys
from tests.conftest import ROOT
from tests.fakes.clock import Clock
from tests.storage.stories import ALICE, GROUP, a_consent, a_group, a_kept_link, kept

NEW_ROOT = b"n" * 32


async def reopened(
    storage: SqlStorage, url: str, clock: Clock, root: bytes, previous: bytes | None = None
) -> SqlStorage:
    await storage.close()
    return await SqlStorage.open(Database.open(url), root_keys(root, previous), Clocks(clock, clock))


async def test_the_wrong_root_key_refuses_to_start(sql_storage: SqlStorage, database_url: str, clock: Clock) -> None:
    await sql_storage.close()
    database = Database.open(database_url)
    with pytest.raises(WrongRootKey):
        await SqlStorage.open(database, root_keys(b"x" * 32), Clocks(clock))
    await database.close()


async def test_a_rotation_wraps_everything_anew_and_the_old_key_is_no_longer_needed(
    sql_storage: SqlStorage, database_url: str, clock: Clock
) -> None:
    group = await kept(sql_storage, a_group(clock))
    link = await a_kept_link(sql_storage, clock)
    both = await reopened(sql_storage, database_url, clock, NEW_ROOT, ROOT)
    await kept(both, type(group)(GroupId("g2"), GroupAddress(Platform.SLACK, "T", "C"), group.state, group.since))
    assert await both.rotate() == 2
    assert await both.rotate() == 0
    new = await reopened(both, database_url, clock, NEW_ROOT)
    async with new.transaction() as records:
        assert await records.groups.at(group.address) == group
        assert await records.links.destination(link.code)
    await new.close()
    database = Database.open(database_url)
    with pytest.raises(WrongRootKey):
        await SqlStorage.open(database, root_keys(ROOT), Clocks(clock))
    await database.close()


async def test_a_half_done_rotation_reads_both_and_goes_on(
    sql_storage: SqlStorage, database_url: str, clock: Clock
) -> None:
    group = await kept(sql_storage, a_group(clock))
    both = await reopened(sql_storage, database_url, clock, NEW_ROOT, ROOT)
    async with both.transaction() as records:
        assert await records.groups.get(group.id) == group
    assert await both.rotate() == 2
    async with both.transaction() as records:
        assert await records.groups.get(group.id) == group
    await both.close()


async def test_a_row_swapped_for_another_is_refused(sql_storage: SqlStorage, clock: Clock) -> None:
    await kept(sql_storage, a_group(clock))
    link, other = await a_kept_link(sql_storage, clock), await a_kept_link(sql_storage, clock, "b")
    async with sql_storage.transaction() as records:
        tx = records.transaction
        theirs = await tx.one(select(LINKS.c.sealed, LINKS.c.target).where(LINKS.c.id == other.id))
        assert theirs is not None
        await tx.run(update(LINKS).where(LINKS.c.id == link.id).values(sealed=theirs.sealed, target=theirs.target))
    async with sql_storage.transaction() as records:
        with pytest.raises(Tampered):
            await records.links.get(GROUP, link.id)
        with pytest.raises(Tampered):
            await records.links.destination(link.code)


async def test_an_erased_groups_key_is_gone_and_its_rows_do_not_open_again(
    sql_storage: SqlStorage, clock: Clock
) -> None:
    await kept(sql_storage, a_group(clock))
    async with sql_storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock))
        await records.groups.shred(GROUP)
    async with sql_storage.transaction() as records:
        rows = await records.transaction.all(select(KEYS.c.owner).where(KEYS.c.kind == "group"))
        assert rows == []
        assert await records.transaction.keys.of(GROUP) is None


async def test_a_key_made_in_a_transaction_that_failed_is_not_remembered(sql_storage: SqlStorage, clock: Clock) -> None:
    async def made_and_failed() -> None:
        async with sql_storage.transaction() as records:
            await records.groups.add(a_group(clock))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await made_and_failed()
    async with sql_storage.transaction() as records:
        assert await records.transaction.keys.of(GROUP) is None


async def test_a_week_has_one_key(sql_storage: SqlStorage) -> None:
    async with sql_storage.transaction() as records:
        first = (await records.transaction.keys.of_week("2026-W47")).lookup("x")
    async with sql_storage.transaction() as records:
        assert (await records.transaction.keys.of_week("2026-W47")).lookup("x") == first
        assert (await records.transaction.keys.of_week("2026-W48")).lookup("x") != first


def test_remembered_keys_are_few_and_not_old(clock: Clock) -> None:
    keys = root_keys(ROOT)
    known = KnownKeys(clock, capacity=2)
    for name in ("a", "b"):
        known.put(name, keys.key(name.encode() * 32))
    assert known.get("a")
    known.put("c", keys.key(b"c" * 32))
    assert known.get("b") is None
    assert len(known) == 2
    clock.forward(timedelta(minutes=5))
    assert known.get("a") is None
    assert len(known) == 1


async def test_replicas_that_start_at_once_share_one_master_key(postgres_url: str, clock: Clock) -> None:
    databases = [Database.open(postgres_url) for _ in range(4)]
    storages = await asyncio.gather(*(SqlStorage.open(each, root_keys(ROOT), Clocks(clock)) for each in databases))
    await kept(storages[0], a_group(clock))
    for storage in storages:
        async with storage.transaction() as records:
            assert await records.groups.at(a_group(clock).address)
        await storage.close()


def test_no_key_lies_beside_the_database(sqlite_url: str) -> None:
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    assert not any(ROOT in each.read_bytes() for each in folder.iterdir())
