"""The list of reported addresses: whole, replaced at once, forgotten when nobody keeps it up to date."""

from datetime import timedelta

from core.ports import Storage
from storage.retention import Retention
from storage.sql import SqlStorage
from tests.fakes.clock import Clock

BAD = "https://bad.example/a.exe"


async def test_what_is_listed_is_found_and_nothing_else(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        assert not await records.listed.holds([BAD])
        assert await records.listed.replaced_at() is None
        await records.listed.replace({BAD, "worse.example"})
    async with storage.transaction() as records:
        assert await records.listed.holds([BAD])
        assert await records.listed.holds(["https://worse.example/x", "worse.example"])
        assert not await records.listed.holds(["https://bad.example/b.exe", "bad.example"])
        assert not await records.listed.holds([])
        named = [BAD, "worse.example", "https://bad.example/b.exe", "bad.example"]
        assert await records.listed.among(named) == {BAD, "worse.example"}
        assert await records.listed.among([]) == frozenset()
        assert await records.listed.replaced_at() == clock()


async def test_a_new_list_takes_the_place_of_the_old_one(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.listed.replace({BAD})
    clock.forward(hours=1)
    async with storage.transaction() as records:
        await records.listed.replace({"https://new.example/a"})
    async with storage.transaction() as records:
        assert not await records.listed.holds([BAD])
        assert await records.listed.holds(["https://new.example/a"])
        assert await records.listed.replaced_at() == clock()


async def test_every_entry_of_a_long_list_is_found(storage: Storage) -> None:
    entries = [f"https://bad.example/{number}" for number in range(5_000)]
    async with storage.transaction() as records:
        await records.listed.replace(entries)
    async with storage.transaction() as records:
        assert all([await records.listed.holds([entry]) for entry in entries[::97]])
        assert not any([await records.listed.holds([f"{entry}x"]) for entry in entries[::97]])


async def test_an_empty_list_holds_nothing(storage: Storage) -> None:
    async with storage.transaction() as records:
        await records.listed.replace({BAD})
        await records.listed.replace(())
        assert not await records.listed.holds([BAD])


async def test_a_list_that_nobody_keeps_up_to_date_is_forgotten(sql_storage: SqlStorage, clock: Clock) -> None:
    async with sql_storage.transaction() as records:
        await records.listed.replace({BAD})
    clock.forward(timedelta(days=29))
    await Retention(sql_storage).run()
    async with sql_storage.transaction() as records:
        assert await records.listed.holds([BAD])
    clock.forward(timedelta(days=1))
    await Retention(sql_storage).run()
    async with sql_storage.transaction() as records:
        assert not await records.listed.holds([BAD])
