"""How long retention holds the database when a million rows are over at once, and what it does to who writes meanwhile.

    python -m bench retention
    python -m bench retention --rows 100000 --on postgresql

Click-day rows whose time is over, and as many that stay, in one database; retention runs as it does hourly. Beside it
somebody writes a row each hundredth of a second, as accepting a message does; how long that takes is compared with the
same writer alone, just before, on the same machine.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from core.model import GroupId
from storage.clicks import BATCHES, CLICKS
from storage.database import Database
from storage.migrate import upgrade
from storage.retention import BATCH, Retention
from storage.sql import Clocks, SqlRecords, SqlStorage, root_keys
from tests.faults.own_postgres import own_postgres
from tests.storage.stories import GROUP, a_group, kept

AT_A_TIME = 20_000
DATABASES = ["sqlite", "postgresql"]
ALONE_SECONDS = 3.0
EVERY = 0.01
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
OVER, STAYS = NOW.date() - timedelta(days=30), NOW.date()


def now() -> datetime:
    return NOW


class Timed:
    """A storage that keeps how long each transaction of retention was open, in seconds."""

    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self.took: list[float] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlRecords]:
        async with self._storage.transaction() as records:
            begun = time.perf_counter()
            yield records
        self.took.append(time.perf_counter() - begun)


@dataclass
class Writer:
    """Somebody who writes a row of their own, again and again."""

    storage: SqlStorage
    took: list[float] = field(default_factory=list)
    number: int = 0

    async def write(self, goes_on: Callable[[], bool]) -> list[float]:
        took: list[float] = []
        while goes_on():
            begun = time.perf_counter()
            async with self.storage.transaction() as records:
                self.number += 1
                row = {"id": f"beside-{self.number}", "applied_at": NOW}
                await records.transaction.run(insert(BATCHES).values(row))
            took.append(time.perf_counter() - begun)
            await asyncio.sleep(EVERY)
        return took


async def filled(storage: SqlStorage, rows: int) -> None:
    """So many rows whose time is over, and as many whose time is not."""
    await kept(storage, a_group(now))
    for day in (OVER, STAYS):
        for start in range(0, rows, AT_A_TIME):
            some = [
                {"group_id": GroupId(GROUP), "day": day, "link_id": f"{each:032x}", "browsers": 3, "in_total": 3}
                for each in range(start, min(start + AT_A_TIME, rows))
            ]
            async with storage.transaction() as records:
                await records.transaction.run(insert(CLICKS), some)


async def measure(name: str, url: str, rows: int) -> None:
    await upgrade(url)
    storage = await SqlStorage.open(Database.open(url), root_keys(b"r" * 32), Clocks(now, now))
    await filled(storage, rows)
    writer, timed = Writer(storage), Timed(storage)
    until = time.perf_counter() + ALONE_SECONDS
    alone = await writer.write(lambda: time.perf_counter() < until)
    begun = time.perf_counter()
    running = asyncio.create_task(Retention(timed).run())  # type: ignore[arg-type] # the one method it uses
    beside = await writer.write(lambda: not running.done())
    gone = (await running)["clicks"]
    whole = time.perf_counter() - begun
    async with storage.transaction() as records:
        left = (await records.transaction.one(select(func.count().label("number")).select_from(CLICKS))).number  # type: ignore[union-attr] # a count is always there
    await storage.close()
    assert (gone, left) == (rows, rows), (gone, left)
    print(f"{name}: {gone:,} rows in {whole:.0f} s, {gone / whole:,.0f}/s, {BATCH} at a time")
    print(f"   a batch held the database for {line(timed.took)}")
    print(f"   a write took {line(beside)} beside it, {line(alone)} alone")
    ratio = statistics.median(beside) / statistics.median(alone)
    print(f"   median beside it {ratio:.1f} times that alone; slowest {max(beside) / max(alone):.1f} times")


def line(took: list[float]) -> str:
    ranked = sorted(took)
    return (
        f"{statistics.median(ranked) * 1e3:.1f} ms (p99 {ranked[len(ranked) * 99 // 100] * 1e3:.1f}, "
        f"slowest {ranked[-1] * 1e3:.1f}, {len(ranked):,} of them)"
    )


async def on(databases: list[str], rows: int, folder: Path) -> None:
    if "sqlite" in databases:
        await measure("SQLite", f"sqlite:///{folder / 'bench.db'}", rows)
    if "postgresql" in databases:
        async with own_postgres() as postgres:
            await measure("PostgreSQL", postgres.url, rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.retention")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--on", nargs="+", choices=DATABASES, default=DATABASES)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="penumbra-bench-") as folder:
        asyncio.run(on(given.on, given.rows, Path(folder)))


if __name__ == "__main__":
    main()
