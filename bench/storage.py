"""Bytes that a share and a click-day row take, indexes included: `python -m bench storage`, on both databases.

Rows are made by storage itself: sealed, with look-ups, in groups of some members, as they would be.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from core.model import Account, Click, ClickBatch, Code, GroupAddress, GroupId, LinkId, Platform, Share
from core.schedules import week_of
from storage.database import Database
from storage.migrate import upgrade
from storage.sql import Clocks, SqlStorage, root_keys
from storage.transaction import Transaction
from tests.postgres import running
from tests.storage.stories import a_group, a_link

GROUPS, LINKS, SHARERS, DAYS = 20, 50, 10, 7
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)


def now() -> datetime:
    return NOW


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SqlStorage]:
    await upgrade(url)
    storage = await SqlStorage.open(Database.open(url), root_keys(b"r" * 32), Clocks(now, now))
    yield storage
    await storage.close()


async def groups_with_links(storage: SqlStorage) -> None:
    for number in range(GROUPS):
        group = GroupId(f"{number:032x}")
        address = GroupAddress(Platform.SLACK, "T1", f"C{number}")
        async with storage.transaction() as records:
            await records.groups.add(replace(a_group(now, group), address=address))
            for each in range(LINKS):
                link = replace(a_link(now), id=LinkId(f"{number:016x}{each:016x}"), group=group)
                clean = replace(link.clean, key=f"news.example/{each}")
                await records.links.add(replace(link, clean=clean, code=Code(f"{number:06}{each:010}")))


async def shares(storage: SqlStorage) -> int:
    week = week_of(NOW, "UTC")
    for number in range(GROUPS):
        group = GroupId(f"{number:032x}")
        async with storage.transaction() as records:
            for each in range(LINKS * SHARERS):
                link = LinkId(f"{number:016x}{each % LINKS:016x}")
                account, message = Account(f"account-{each // LINKS}"), f"{NOW.timestamp():.0f}.{each:06}"
                await records.shares.add(Share(group, link, account, week, NOW, message, counts_clicks=True))
    return GROUPS * LINKS * SHARERS


async def clicks(storage: SqlStorage) -> int:
    for day in range(DAYS):
        counted = tuple(
            (Click(GroupId(f"{number:032x}"), LinkId(f"{number:016x}{each:016x}"), _day(day), in_total=True), 3)
            for number in range(GROUPS)
            for each in range(LINKS)
        )
        async with storage.transaction() as records:
            await records.clicks.apply(ClickBatch(f"batch-{day}", counted))
    return GROUPS * LINKS * DAYS


def _day(number: int) -> date:
    return NOW.date() - timedelta(days=number)


async def size(storage: SqlStorage, table: str) -> int:
    """Bytes of a table with its indexes, after tidying up."""
    async with storage.transaction() as records:
        tx: Transaction = records.transaction
        if tx.is_sqlite:
            pages = "SELECT SUM(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = :t)"
            return int((await tx.connection.execute(text(pages), {"t": table})).scalar_one() or 0)
        whole = text(f"SELECT pg_total_relation_size('\"{table}\"')")
        return int((await tx.connection.execute(whole)).scalar_one())


async def measure(name: str, url: str) -> None:
    async with opened(url) as storage:
        await groups_with_links(storage)
        for what, table, fill in (("share", "share", shares), ("click-day row", "click_day", clicks)):
            empty = await size(storage, table)
            rows = await fill(storage)
            print(
                f"{name:<12} {what:<14} {rows:>7} rows {(await size(storage, table) - empty) / rows:>7.0f} bytes each"
            )
        links = GROUPS * LINKS
        print(f"{name:<12} {'link':<14} {links:>7} rows {await size(storage, 'link') / links:>7.0f} bytes each")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure("SQLite", f"sqlite:///{Path(folder) / 'bench.db'}"))
    with running() as server, server.empty() as url:
        asyncio.run(measure("PostgreSQL", url))
