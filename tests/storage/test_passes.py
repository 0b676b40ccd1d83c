"""Sign-in links and sessions: opened by their own secret alone, once, and gone in time."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from core.model import Account, GroupId, Pass, PassKind, Person, Platform
from core.ports import Storage
from storage.passes import PASSES
from storage.retention import Retention
from storage.sql import SqlStorage
from tests.fakes.clock import Clock

ADA = Pass(Person(Platform.SLACK, "T1", Account("U5CANARY77")), frozenset({GroupId("g1")}), GroupId("g1"))
LINK, SESSION = PassKind.LINK, PassKind.SESSION


async def test_a_secret_opens_what_it_was_made_for_and_no_other_does(storage: Storage, clock: Clock) -> None:
    bruno = replace(ADA, person=replace(ADA.person, account=Account("U2")), reads=None)
    async with storage.transaction() as records:
        await records.passes.put(LINK, "secret-of-ada", ADA, clock() + timedelta(minutes=10))
        await records.passes.put(LINK, "secret-of-bruno", bruno, clock() + timedelta(minutes=10))
    async with storage.transaction() as records:
        assert await records.passes.get(LINK, "secret-of-ada") == ADA
        assert await records.passes.get(LINK, "secret-of-bruno") == bruno
        assert await records.passes.get(LINK, "secret-of-nobody") is None
        assert await records.passes.get(SESSION, "secret-of-ada") is None


async def test_what_is_taken_is_gone(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.passes.put(LINK, "s", ADA, clock() + timedelta(minutes=10))
    async with storage.transaction() as records:
        assert await records.passes.take(LINK, "s") == ADA
    async with storage.transaction() as records:
        assert await records.passes.take(LINK, "s") is None
        assert await records.passes.get(LINK, "s") is None


async def test_nothing_opens_after_its_time(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.passes.put(SESSION, "s", ADA, clock() + timedelta(minutes=10))
    clock.forward(minutes=10)
    async with storage.transaction() as records:
        assert await records.passes.get(SESSION, "s") is None
        assert await records.passes.take(SESSION, "s") is None


async def test_no_row_tells_who_it_is_of_and_none_outlives_its_time(sql_storage: SqlStorage, clock: Clock) -> None:
    async with sql_storage.transaction() as records:
        await records.passes.put(SESSION, "secret-of-ada", ADA, clock() + timedelta(minutes=10))
        row = await records.transaction.one(select(PASSES))
        assert row is not None
        assert b"U5CANARY77" not in row.sealed
        assert b"secret-of-ada" not in row.mark + row.sealed
    clock.forward(minutes=10)
    assert (await Retention(sql_storage).run())["passes"] == 1
