"""Bytes that a share and a click-day row take, indexes included: `python -m bench storage`, on both databases.

Rows are made by storage itself: sealed, with look-ups, in groups of some members, as they would be. The baseline
is the same facts in clear, in a table with the same keys in the same database. Sizes do not depend on what else the
machine does.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import text

from core.model import Account, ClickBatch, Code, GroupAddress, GroupId, LinkId, Platform, Share
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
            ((GroupId(f"{number:032x}"), LinkId(f"{number:016x}{each:016x}"), _day(day), True), 3)
            for number in range(GROUPS)
            for each in range(LINKS)
        )
        async with storage.transaction() as records:
            await records.clicks.apply(ClickBatch(f"batch-{day}", counted))
    return GROUPS * LINKS * DAYS


def _day(number: int) -> date:
    return NOW.date() - timedelta(days=number)


@dataclass(frozen=True, slots=True)
class Bare:
    """The baseline: facts in clear."""

    columns: str
    rows: Callable[[], Iterator[tuple[object, ...]]]


def _bare_shares() -> Iterator[tuple[object, ...]]:
    for number, each in product(range(GROUPS), range(LINKS * SHARERS)):
        link, message = f"{number:016x}{each % LINKS:016x}", f"{NOW.timestamp():.0f}.{each:06}"
        yield f"{number:032x}", str(week_of(NOW, "UTC")), f"account-{each // LINKS}", link, str(NOW), message


def _bare_clicks() -> Iterator[tuple[object, ...]]:
    for day, number, each in product(range(DAYS), range(GROUPS), range(LINKS)):
        yield f"{number:032x}", str(_day(day)), f"{number:016x}{each:016x}", 3, 3


def _bare_links() -> Iterator[tuple[object, ...]]:
    for number, each in product(range(GROUPS), range(LINKS)):
        link = a_link(now)
        clean, ends = link.clean, str(link.expires_at)
        place = f"{number:032x}", f"{number:016x}{each:016x}", f"{number:06}{each:010}"
        yield *place, f"{clean.display}/{each}", clean.site, link.title, str(NOW), ends


_T, _N = "TEXT NOT NULL", "INTEGER NOT NULL"
BARE: Mapping[str, Bare] = MappingProxyType(
    {
        "share": Bare(
            f"group_id {_T}, week {_T}, account {_T}, link_id {_T}, at {_T}, message {_T}, "
            "PRIMARY KEY (group_id, week, account, link_id)",
            _bare_shares,
        ),
        "click_day": Bare(
            f"group_id {_T}, day {_T}, link_id {_T}, browsers {_N}, in_total {_N}, "
            "PRIMARY KEY (group_id, day, link_id)",
            _bare_clicks,
        ),
        "link": Bare(
            f"group_id {_T}, id {_T}, code {_T} UNIQUE, url {_T}, site {_T}, title TEXT, created_at {_T}, "
            f"expires_at {_T}, PRIMARY KEY (group_id, id)",
            _bare_links,
        ),
    }
)


async def bare_size(storage: SqlStorage, table: str) -> float:
    """Bytes of a row of the baseline."""
    baseline, rows = BARE[table], list(BARE[table].rows())
    names = [f"v{number}" for number in range(len(rows[0]))]
    places = ", ".join(f":{name}" for name in names)
    async with storage.transaction() as records:
        connection = records.transaction.connection
        await connection.execute(text(f"CREATE TABLE bare_{table} ({baseline.columns})"))
        filling = text(f"INSERT INTO bare_{table} VALUES ({places})")
        await connection.execute(filling, [dict(zip(names, row, strict=True)) for row in rows])
    return await size(storage, f"bare_{table}") / len(rows)


async def told(storage: SqlStorage, what: str, table: str, taken: tuple[int, int]) -> str:
    """A line: rows, bytes each, and how many times the baseline's."""
    rows, whole = taken
    each, plain = whole / rows, await bare_size(storage, table)
    return f"{what:<14} {rows:>7} rows {each:>7.0f} bytes each   {each / plain:.1f} times the {plain:.0f} in clear"


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
            taken = rows, await size(storage, table) - empty
            print(f"{name:<12} {await told(storage, what, table, taken)}")
        taken = GROUPS * LINKS, await size(storage, "link")
        print(f"{name:<12} {await told(storage, 'link', 'link', taken)}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure("SQLite", f"sqlite:///{Path(folder) / 'bench.db'}"))
    with running() as server, server.empty() as url:
        asyncio.run(measure("PostgreSQL", url))
