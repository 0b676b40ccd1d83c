"""What an edition costs: `python -m bench digest`, on SQLite and PostgreSQL.

Ten thousand groups, first with 10⁴ and then with 10⁶ shares in the database; in both, the same number of groups is
frozen, each with the same week of its own. If the cost of one grew with what others keep, the second figure would.
Rows are inserted past the keepers, in the keepers' own shape, for a million seals would take longer than the measuring.
"""

import asyncio
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.anonymity import OpenDpNoise
from core.digests import DigestOutside, DigestService
from core.model import Account, Code, GroupAddress, GroupId, LinkId, Platform, Share, Week
from core.schedules import week_of
from storage.database import Database
from storage.migrate import upgrade
from storage.shares import SHARES
from storage.sql import Clocks, SqlRecords, SqlStorage, root_keys
from storage.transaction import Transaction
from tests.fakes.messenger import RecordingMessenger
from tests.postgres import running
from tests.storage.stories import a_group, a_link

GROUPS, MEASURED, OWN_SHARES, LINKS = 10_000, 200, 20, 10
FEW, MANY = 10_000, 1_000_000
AT_ONCE = 5_000
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = week_of(MONDAY - timedelta(days=3), "UTC")


class Bench:
    """One database, filled in two steps.

    Args:
        storage: empty.
    """

    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._filled = 0

    async def groups(self, limit: int = GROUPS) -> None:
        """Groups that read at the same second; the measured ones have a week of their own."""
        for start in range(0, limit, 200):
            async with self._storage.transaction() as records:
                for number in range(start, start + 200):
                    await self._group(records, number)

    async def _group(self, records: SqlRecords, number: int) -> None:
        group = GroupId(f"{number:032x}")
        address = GroupAddress(Platform.SLACK, "T1", f"C{number}")
        await records.groups.add(replace(a_group(now, group), address=address, next_digest=None))
        if number >= 2 * MEASURED:
            return
        for each in range(LINKS):
            link = replace(a_link(now), id=LinkId(f"{number:016x}{each:016x}"), group=group)
            clean = replace(link.clean, key=f"site{each}.example/{each}", site=f"site{each}.example")
            await records.links.add(replace(link, clean=clean, code=Code(f"{number:06}{each:010}")))
        for each in range(OWN_SHARES):
            link = LinkId(f"{number:016x}{each % LINKS:016x}")
            at = MONDAY - timedelta(days=1 + each % 5)
            account = Account(f"account-{each // LINKS}")
            await records.shares.add(Share(group, link, account, WEEK, at, f"m{each}", counts_clicks=True))

    async def fill(self, shares: int) -> None:
        """Shares of all the other groups, until there are so many."""
        for start in range(self._filled, shares, AT_ONCE):
            async with self._storage.transaction() as records:
                await records.transaction.run(SHARES.insert(), list(_rows(start, min(start + AT_ONCE, shares))))
        self._filled = shares

    async def measure(self, first: int) -> float:
        """Seconds for one edition, frozen and put into the outbox, `MEASURED` groups being due at once."""
        digests = DigestService(
            DigestOutside(
                self._storage, {Platform.SLACK: RecordingMessenger()}, OpenDpNoise(), now, "https://s.example"
            )
        )
        async with self._storage.transaction() as records:
            for number in range(first, first + MEASURED):
                group = await records.groups.get(GroupId(f"{number:032x}"))
                if group is not None:
                    await records.groups.save(replace(group, next_digest=MONDAY))
        begun = time.perf_counter()
        frozen = await digests.tick()
        took = time.perf_counter() - begun
        if frozen != MEASURED:
            raise RuntimeError(f"{frozen} groups were due")
        return took / MEASURED


def _rows(start: int, end: int) -> Iterator[dict[str, object]]:
    for number in range(start, end):
        group = 2 * MEASURED + number % (GROUPS - 2 * MEASURED)
        yield {
            "group_id": f"{group:032x}",
            "week": WEEK if number % 2 else Week("2026-W46"),
            "mark": number.to_bytes(32),
            "link_id": f"{group:016x}{number % LINKS:016x}",
            "at": MONDAY - timedelta(days=1 + number % 6),
            "counts_clicks": True,
            "message": number.to_bytes(32),
            "sealed": bytes(48),
        }


def now() -> datetime:
    return MONDAY


async def settled(transaction: Transaction) -> None:
    """Let PostgreSQL know how much there is, as its own upkeep would in time."""
    if not transaction.is_sqlite:
        await transaction.connection.exec_driver_sql("ANALYZE")


async def measured(name: str, url: str) -> None:
    await upgrade(url)
    storage = await SqlStorage.open(Database.open(url), root_keys(b"r" * 32), Clocks(now, now))
    bench = Bench(storage)
    await bench.groups()
    costs = []
    for place, shares in enumerate((FEW, MANY)):
        await bench.fill(shares)
        async with storage.transaction() as records:
            await settled(records.transaction)
        costs.append(await bench.measure(place * MEASURED))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{name}: {shares:>9,} shares: {1 / costs[-1]:6.0f} editions/s, {costs[-1] * 1000:5.2f} ms, {memory} MB")
    print(f"{name}: ratio {costs[1] / costs[0]:.2f}")
    await storage.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measured("SQLite", f"sqlite:///{Path(folder) / 'bench.db'}"))
    with running() as server, server.empty() as url:
        asyncio.run(measured("PostgreSQL", url))
