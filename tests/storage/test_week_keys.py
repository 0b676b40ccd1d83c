"""The key of a week: made by whoever contributes first, destroyed with all that lies under it."""

import asyncio
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from core.model import GroupAddress, GroupId, Platform, Week
from storage.backup import make_backup, unpack
from storage.contributions import CONTRIBUTIONS
from storage.keys import KEYS
from storage.keys import WEEK as WEEK_KEY
from storage.sql import SqlStorage
from tests.fakes.clock import Clock
from tests.postgres import _binaries
from tests.storage.stories import WEEK, a_contribution, a_group, kept

OTHER_GROUP = GroupId("g2")
NEXT = Week("2026-W48")


async def contributed(storage: SqlStorage, clock: Clock) -> None:
    """The same page by the same account in two groups, and in the week after."""
    await kept(storage, a_group(clock))
    await kept(storage, replace(a_group(clock, OTHER_GROUP), address=GroupAddress(Platform.TELEGRAM, "", "-1002")))
    async with storage.transaction() as records:
        for each in (a_contribution(), a_contribution(group=OTHER_GROUP), a_contribution(week=NEXT)):
            assert await records.contributions.add(each)


async def test_the_key_of_the_week_goes_with_its_rows(sql_storage: SqlStorage, clock: Clock) -> None:
    await contributed(sql_storage, clock)
    async with sql_storage.transaction() as records:
        assert len(await records.contributions.take(WEEK)) == 1
    async with sql_storage.transaction() as records:
        keys = await records.transaction.all(select(KEYS.c.owner).where(KEYS.c.kind == WEEK_KEY))
        rows = await records.transaction.all(select(CONTRIBUTIONS.c.week))
    assert (keys, rows) == ([(NEXT,)], [(NEXT,)])


async def test_no_column_ties_two_groups_or_two_weeks_together(sql_storage: SqlStorage, clock: Clock) -> None:
    await contributed(sql_storage, clock)
    async with sql_storage.transaction() as records:
        rows = await records.transaction.all(select(CONTRIBUTIONS))
    assert len({value for row in rows for value in (row.mark, row.member, row.sealed)}) == 9


async def test_rows_without_their_key_are_taken_unread(sql_storage: SqlStorage, clock: Clock) -> None:
    await contributed(sql_storage, clock)
    async with sql_storage.transaction() as records:
        await records.transaction.keys.destroy_weeks(WEEK)
        assert await records.contributions.take(WEEK) == []
        assert len(await records.contributions.take(NEXT)) == 1


async def test_a_backup_leaves_out_what_lives_shorter_than_itself(
    sql_storage: SqlStorage, database_url: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{_binaries()}{os.pathsep}{os.environ['PATH']}")
    await contributed(sql_storage, clock)
    async with sql_storage.transaction() as records:
        sealed = [row.sealed for row in await records.transaction.all(select(CONTRIBUTIONS.c.sealed))]
    await make_backup(database_url, tmp_path / "backup", clock())
    _, copy = await asyncio.to_thread(unpack, tmp_path / "backup", tmp_path)
    if database_url.startswith("postgresql"):
        command = ["pg_restore", "--data-only", "--file=-", str(copy)]
        shown = (await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)).stdout
    else:
        shown = copy.read_bytes()
    assert OTHER_GROUP.encode() in shown
    assert [each for each in sealed if each in shown or each.hex().encode() in shown] == []
