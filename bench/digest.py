"""What an edition costs: `python -m bench digest`, on SQLite and PostgreSQL.

Two databases beside each other, with the same groups, one with few and one with many shares; in both, the same number
of groups is frozen in turns, each with the same week of its own. If the cost of one grew with what others keep, the
second figure would. Costs are processor time, of this process and of PostgreSQL's, so that what else the machine does
changes both alike; the ratio is that of the medians. Rows that are never opened are inserted past the keepers, in
the keepers' own shape, for a million seals would take longer than the measuring.

    python -m bench digest                                       10,000 groups, 10⁴ and 10⁶ shares
    python -m bench digest --groups 2000 --many 100000           a look while others work
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Column, MetaData, Table, select, true
from sqlalchemy.schema import CreateTable

from core.anonymity import OpenDpNoise
from core.digests import DigestOutside, DigestService
from core.model import Account, Code, GroupAddress, GroupId, GroupState, LinkId, Platform, Share, Week
from core.schedules import week_of
from storage.database import Database
from storage.migrate import upgrade
from storage.shares import SHARES
from storage.sql import Clocks, SqlRecords, SqlStorage, root_keys
from storage.transaction import GROUPS, Transaction
from tests.fakes.messenger import RecordingMessenger
from tests.postgres import Postgres, running
from tests.storage.stories import a_group, a_link

MEASURED, ROUNDS, OWN_SHARES, LINKS = 25, 5, 20, 10
DUE = MEASURED * (ROUNDS + 1)
"""Groups that are frozen; those of the first round only warm up."""
AT_ONCE, COPIED_AT_ONCE = 5_000, 200
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = week_of(MONDAY - timedelta(days=3), "UTC")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Sizes:
    """What there is beside the groups that are frozen."""

    groups: int
    few: int
    many: int


class Bench:
    """One database.

    Args:
        storage: empty.
        groups: how many it is to hold.
    """

    def __init__(self, storage: SqlStorage, groups: int) -> None:
        self._storage = storage
        self._groups = groups
        noise, roles = OpenDpNoise(), {Platform.SLACK: RecordingMessenger()}
        self._digests = DigestService(DigestOutside(storage, roles, noise, now, "https://s.example"))

    async def fill(self, shares: int) -> None:
        """Groups of which some have a week of their own, and the shares of all the others."""
        for start in range(0, DUE, MEASURED):
            async with self._storage.transaction() as records:
                for number in range(start, start + MEASURED):
                    await self._group(records, number)
        for start in range(DUE, self._groups, AT_ONCE):
            async with self._storage.transaction() as records:
                rows = list(_group_rows(start, min(start + AT_ONCE, self._groups)))
                await records.transaction.run(GROUPS.insert(), rows)
        await self._shares(shares // (self._groups - DUE))
        async with self._storage.transaction() as records:
            await settled(records.transaction)

    async def _shares(self, each: int) -> None:
        """So many shares of each group that is not frozen: those of one are made, and copied by the database."""
        same = [column for column in SHARES.c if column.name != "group_id"]
        one = Table("one_group", MetaData(), *(Column(column.name, column.type) for column in same))
        names = ["group_id", *(column.name for column in same)]
        async with self._storage.transaction() as records:
            await records.transaction.run(CreateTable(one))
            await records.transaction.run(one.insert(), list(_share_rows(each)))
        for start in range(DUE, self._groups, COPIED_AT_ONCE):
            some = GROUPS.c.id.between(f"{start:032x}", f"{start + COPIED_AT_ONCE - 1:032x}")
            copied = select(GROUPS.c.id, *one.c).select_from(GROUPS.join(one, true())).where(some)
            async with self._storage.transaction() as records:
                await records.transaction.run(SHARES.insert().from_select(names, copied))

    async def _group(self, records: SqlRecords, number: int) -> None:
        group = GroupId(f"{number:032x}")
        address = GroupAddress(Platform.SLACK, "T1", f"C{number}")
        await records.groups.add(replace(a_group(now, group), address=address, next_digest=None))
        for each in range(LINKS):
            link = replace(a_link(now), id=LinkId(f"{number:016x}{each:016x}"), group=group)
            clean = replace(link.clean, key=f"site{each}.example/{each}", site=f"site{each}.example")
            await records.links.add(replace(link, clean=clean, code=Code(f"{number:06}{each:010}")))
        for each in range(OWN_SHARES):
            link_id = LinkId(f"{number:016x}{each % LINKS:016x}")
            at = MONDAY - timedelta(days=1 + each % 5)
            account = Account(f"account-{each // LINKS}")
            await records.shares.add(Share(group, link_id, account, WEEK, at, f"m{each}", counts_clicks=True))

    async def freeze(self, turn: int) -> None:
        """Freeze the groups of one turn, all due at the same second, and put them into the outbox."""
        frozen = await self._digests.tick()
        if frozen != MEASURED:
            raise RuntimeError(f"{frozen} groups were due in turn {turn}")

    async def make_due(self, turn: int) -> None:
        """Let the groups of one turn read at this second."""
        async with self._storage.transaction() as records:
            for number in range(turn * MEASURED, (turn + 1) * MEASURED):
                group = await records.groups.get(GroupId(f"{number:032x}"))
                if group is not None:
                    await records.groups.save(replace(group, next_digest=MONDAY))


def _group_rows(start: int, end: int) -> Iterator[dict[str, object]]:
    """Groups that read a week later."""
    for number in range(start, end):
        yield {
            "id": f"{number:032x}",
            "address": number.to_bytes(32),
            "workspace": bytes(32),
            "state": GroupState.ENABLED.value,
            "since": MONDAY,
            "sealed": bytes(400),
            "next_digest": MONDAY + timedelta(days=7),
            "due_at": MONDAY + timedelta(days=7),
            "touched_at": MONDAY,
        }


def _share_rows(shares: int) -> Iterator[dict[str, object]]:
    """One group's shares of two weeks."""
    for number in range(shares):
        yield {
            "week": WEEK if number % 2 else Week("2026-W46"),
            "mark": number.to_bytes(32),
            "link_id": f"{DUE:016x}{number % LINKS:016x}",
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


def spent(server: Postgres | None) -> float:
    """Seconds of processor time, of this process and of a PostgreSQL with all its backends."""
    return time.process_time() + (_of_server(server) if server else 0.0)


def _of_server(server: Postgres) -> float:
    postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    ticks = sum(_ticks(int(each), 2) for each in children) + _ticks(postmaster, 4)
    return ticks / TICKS


def _ticks(process: int, fields: int) -> int:
    """User and system time of a process; with four fields, of its ended children too (proc_pid_stat(5))."""
    stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, stat[11 : 11 + fields]))


def resident() -> int:
    """Megabytes of this process in memory at this moment."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE // 2**20


async def measured(name: str, urls: tuple[str, str], sizes: Sizes, server: Postgres | None = None) -> None:
    benches, storages = [], []
    for url, shares in zip(urls, (sizes.few, sizes.many), strict=True):
        await upgrade(url)
        storages.append(await SqlStorage.open(Database.open(url), root_keys(b"r" * 32), Clocks(now, now)))
        benches.append(Bench(storages[-1], sizes.groups))
        await benches[-1].fill(shares)
    before, costs, walls = resident(), (list[float](), list[float]()), (list[float](), list[float]())
    for turn in range(ROUNDS + 1):
        for bench, cost, wall in zip(benches, costs, walls, strict=True):
            await bench.make_due(turn)
            begun, spent_before = time.perf_counter(), spent(server)
            await bench.freeze(turn)
            if turn:
                cost.append((spent(server) - spent_before) / MEASURED)
                wall.append((time.perf_counter() - begun) / MEASURED)
    for shares, cost, wall in zip((sizes.few, sizes.many), costs, walls, strict=True):
        took, waited = statistics.median(cost), statistics.median(wall)
        range_ = f"{min(cost) * 1000:.2f}–{max(cost) * 1000:.2f}"
        print(
            f"{name}: {shares:>9,} shares in {sizes.groups:,} groups: {took * 1000:5.2f} ms of a processor ({range_}),"
            f" {1 / waited:4.0f} editions/s"
        )
    ratio = statistics.median(costs[1]) / statistics.median(costs[0])
    print(f"{name}: ratio {ratio:.2f}; resident {before} MB before, {resident()} MB after {2 * DUE} editions")
    for storage in storages:
        await storage.close()


def main() -> None:
    asked = argparse.ArgumentParser(prog="bench digest")
    asked.add_argument("--groups", type=int, default=10_000)
    asked.add_argument("--few", type=int, default=10_000, help="at least one share a group")
    asked.add_argument("--many", type=int, default=1_000_000)
    asked.add_argument("--on", choices=("sqlite", "postgres", "both"), default="both")
    given = asked.parse_args()
    sizes = Sizes(given.groups, given.few, given.many)
    if given.on != "postgres":
        on_sqlite(sizes)
    if given.on != "sqlite":
        on_postgres(sizes)


def on_sqlite(sizes: Sizes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        few, many = (f"sqlite:///{Path(folder) / name}.db" for name in ("few", "many"))
        asyncio.run(measured("SQLite", (few, many), sizes))


def on_postgres(sizes: Sizes) -> None:
    with running() as server, server.empty() as few, server.empty() as many:
        asyncio.run(measured("PostgreSQL", (few, many), sizes, server))
