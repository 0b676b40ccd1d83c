"""What a tick asks of the database goes by an index, however many groups are on (scale.md): so SQLite plans it."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from core.model import GroupId
from storage.database import Database
from storage.retention import RULES, Retention
from storage.sql import Clocks, SqlStorage, root_keys
from tests.conftest import ROOT
from tests.fakes.clock import Clock
from tests.storage.stories import LEASE, WEEK, a_group, kept

Asked = list[tuple[str, Any]]
NOBODY = GroupId("nobody")
SMALL = {"listed"}
"""At most 256 rows."""


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database.open(sqlite_url)
    yield database
    await database.close()


@contextmanager
def overheard(database: Database) -> Iterator[Asked]:
    """The statements of a block, with their values."""
    asked: Asked = []

    def hear(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        asked.append((statement, values))

    event.listen(database._engine.sync_engine, "before_cursor_execute", hear)
    yield asked
    event.remove(database._engine.sync_engine, "before_cursor_execute", hear)


async def plans(database: Database, asked: Asked) -> list[str]:
    async with database.begin() as connection:
        found = [
            await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            for statement, values in asked
            if not statement.startswith(("BEGIN", "INSERT"))
        ]
        return ["; ".join(row.detail for row in each.all()) for each in found]


async def test_who_is_due_is_found_without_looking_at_those_who_are_not(database: Database, clock: Clock) -> None:
    storage = await SqlStorage.open(database, root_keys(ROOT), Clocks(clock, clock))
    await kept(storage, a_group(clock))
    with overheard(database) as asked:
        async with storage.transaction() as records:
            await records.groups.claim_due(clock(), LEASE, 100)
            await records.groups.reading_at(clock())
    first, *_, last = await plans(database, asked)
    assert first == "SEARCH group USING INDEX ix_group_state_due_at_id (state=? AND due_at<?)"  # and no sorting
    assert "ix_group_state_next_digest (state=? AND next_digest=?)" in last


async def test_freezing_an_edition_reads_no_other_group_s_rows(database: Database, clock: Clock) -> None:
    storage = await SqlStorage.open(database, root_keys(ROOT), Clocks(clock, clock))
    group = a_group(clock)
    await kept(storage, group)
    with overheard(database) as asked:
        async with storage.transaction() as records:
            await records.shares.week(group.id, WEEK)
            await records.shares.by_day(group.id, WEEK)
            await records.clicks.counts(group.id, clock().date())
            await records.reactions.people(group.id, WEEK)
            await records.digests.get(group.id, WEEK)
            await records.digests.latest(group.id, 4)
            await records.clicks.delete(group.id, clock().date())
            await records.reactions.destroy(group.id, WEEK)
    found = await plans(database, asked)
    assert len(found) >= 8
    assert all("group_id=?" in plan or "(id=?)" in plan for plan in found), found
    assert not any(re.search("SCAN (?!CONSTANT ROW|[(]subquery)", plan) for plan in found), found


async def test_what_is_over_is_found_without_reading_what_is_not(database: Database, clock: Clock) -> None:
    storage = await SqlStorage.open(database, root_keys(ROOT), Clocks(clock, clock))
    await kept(storage, a_group(clock))
    with overheard(database) as asked:
        await Retention(storage).run()
    found = await plans(database, asked)
    tables = {rule.of.name for rule in RULES} - SMALL
    read = "; ".join(found)
    assert [name for name in tables if re.search(rf"SCAN {name}(?! USING)\b", read)] == []
    [links] = [plan for plan in found if "ix_link_" in plan]
    assert "ix_link_ends (expires_at<?)" in links  # of those alone that still lead somewhere
