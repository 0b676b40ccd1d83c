"""Keeper of what waits to be counted across groups: look-ups and values under the key of the week, which dies with it.

Who contributed is a look-up of one group alone; that two groups' rows are one person's stands only inside the seals,
as one more keyed hash. So a stolen database ties no two groups together, and once the key is gone nothing does.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, select

from core.model import Account, AccountWeek, Contribution, GroupId, Person, Week
from storage.tables import ContributionRow, FiguresRow, table
from storage.transaction import Transaction
from storage.vault import Key

CONTRIBUTIONS: Final = table(ContributionRow)
FIGURES: Final = table(FiguresRow)


class SqlContributions:
    """See `core.ports.Contributions`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, contribution: Contribution) -> bool:
        """See `core.ports.Contributions`. Raises UnknownGroup."""
        group, week, account = contribution.group, contribution.week, contribution.person.account
        await self._tx.write(group)
        key = await self._tx.keys.open_week(week)
        if key is None:
            if await self._tx.one(select(FIGURES.c.week).where(FIGURES.c.week == week)) is not None:
                return False
            key = await self._tx.keys.of_week(week)
        mark = _mark(key, group, account, contribution.page)
        values = {
            "group_id": group,
            "week": week,
            "mark": mark,
            "member": _member(key, group, account),
            "day": self._tx.now().date(),
            "sealed": key.seal(_told(key, contribution), _place(group, week, mark)),
        }
        return await self._tx.insert_new(CONTRIBUTIONS, values)

    async def take_back(self, group: GroupId, account: Account, pages: Collection[str]) -> int:
        """See `core.ports.Contributions`."""
        keys = await self._tx.keys.weeks()
        marks = [_mark(key, group, account, page) for key in keys.values() for page in pages]
        return await self._delete(CONTRIBUTIONS.c.group_id == group, CONTRIBUTIONS.c.mark.in_(marks))

    async def forget(self, group: GroupId, account: Account) -> int:
        """See `core.ports.Contributions`."""
        return await self._delete(*contributed(await self._tx.keys.weeks(), group, account))

    async def forget_group(self, group: GroupId) -> int:
        """See `core.ports.Contributions`."""
        return await self._delete(CONTRIBUTIONS.c.group_id == group)

    async def of_account(self, group: GroupId, account: Account) -> tuple[str, ...]:
        """See `core.ports.Contributions`."""
        keys = await self._tx.keys.weeks()
        rows = await self._tx.all(select(CONTRIBUTIONS).where(*contributed(keys, group, account)))
        return tuple(sorted({opened_page(keys[row.week], row)["page"] for row in rows}))

    async def take(self, week: Week) -> list[AccountWeek]:
        """See `core.ports.Contributions`. Whoever is about to add to the week is waited for first."""
        key = await self._tx.keys.open_week(week, closing=True)
        gone = delete(CONTRIBUTIONS).where(CONTRIBUTIONS.c.week == week).returning(*CONTRIBUTIONS.c)
        rows = (await self._tx.run(gone)).all()
        await self._tx.keys.destroy_weeks(week)
        if key is None:
            return []
        return await asyncio.to_thread(_by_account, key, rows)  # 10,000 seals take a fifth of a second

    async def destroy(self, until: Week) -> None:
        """See `core.ports.Contributions`."""
        await self._tx.keys.destroy_weeks(until)
        await self._tx.run(delete(CONTRIBUTIONS).where(CONTRIBUTIONS.c.week <= until))

    async def _delete(self, *which: ColumnElement[bool]) -> int:
        return (await self._tx.run(delete(CONTRIBUTIONS).where(*which))).rowcount


def _mark(key: Key, group: str, account: Account, page: str) -> bytes:
    return key.lookup("contribution", group, account, page)


def _member(key: Key, group: str, account: Account) -> bytes:
    return key.lookup("contributor", group, account)


def contributed(keys: Mapping[str, Key], group: str, account: Account) -> tuple[ColumnElement[bool], ...]:
    """Which rows are an account's, in weeks whose keys are kept."""
    members = [_member(key, group, account) for key in keys.values()]
    return CONTRIBUTIONS.c.group_id == group, CONTRIBUTIONS.c.member.in_(members)


def unit(key: Key, person: Person) -> bytes:
    """Who counts as one across groups: a look-up under the week's key of the account within its workspace."""
    return key.lookup("unit", person.platform, person.workspace, person.account)


def _told(key: Key, contribution: Contribution) -> bytes:
    said = {"page": contribution.page, "site": contribution.site, "unit": unit(key, contribution.person).hex()}
    return json.dumps(said).encode()


def _place(group: str, week: str, mark: bytes) -> tuple[str, ...]:
    return "contribution", "sealed", group, week, mark.hex()


def opened_page(key: Key, row: Row[Any]) -> dict[str, str]:
    """What a contribution says: `page`, `site`, and `unit`, who counts as one. Raises Tampered."""
    found: dict[str, str] = json.loads(key.unseal(row.sealed, _place(row.group_id, row.week, row.mark)))
    return found


def _by_account(key: Key, rows: Sequence[Row[Any]]) -> list[AccountWeek]:
    """Each account's pages and sites, once, with the hash that chooses among them: of account and page together."""
    pages: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    sites: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for said in (opened_page(key, row) for row in rows):
        who, page, site = said["unit"], said["page"], said["site"]
        pages[who][page] = key.lookup("page choice", who, page)
        sites[who][site] = key.lookup("site choice", who, site)
    return [AccountWeek(pages[who], sites[who]) for who in pages]
