"""What waits to be counted across groups, and what was published, in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING

from core.errors import AlreadyKept
from core.ledger import Spending
from core.model import Account, AccountWeek, Contribution, GroupId, Person, PublishedWeek, Sitemap, Week
from tests.fakes.memory_keepers import require_group

if TYPE_CHECKING:
    from tests.fakes.memory_storage import State


def keyed(*parts: str) -> bytes:
    return hashlib.blake2b("\n".join(parts).encode(), key=b"K_w of a test").digest()


class MemoryContributions:
    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, contribution: Contribution) -> bool:
        require_group(self._state, contribution.group)
        key = contribution.group, contribution.person.account, contribution.page, contribution.week
        if contribution.week in self._state.figures or key in self._state.contributions:
            return False
        self._state.contributions[key] = contribution
        return True

    async def take_back(self, group: GroupId, account: Account, pages: Collection[str]) -> int:
        mine = self._of(group, account)
        return self._delete([each for each in mine if each.page in pages])

    async def forget(self, group: GroupId, account: Account) -> int:
        return self._delete(self._of(group, account))

    async def forget_group(self, group: GroupId) -> int:
        return self._delete([each for each in self._state.contributions.values() if each.group == group])

    async def of_account(self, group: GroupId, account: Account) -> tuple[str, ...]:
        return tuple(sorted({each.page for each in self._of(group, account)}))

    async def take(self, week: Week) -> list[AccountWeek]:
        taken = [each for each in self._state.contributions.values() if each.week == week]
        self._delete(taken)
        people = dict.fromkeys(each.person for each in taken)
        return [_of_person(person, taken) for person in people]

    async def destroy(self, until: Week) -> None:
        self._delete([each for each in self._state.contributions.values() if each.week <= until])

    def _of(self, group: GroupId, account: Account) -> list[Contribution]:
        rows = self._state.contributions.items()
        return [each for key, each in rows if key[:2] == (group, account)]

    def _delete(self, gone: list[Contribution]) -> int:
        for each in gone:
            del self._state.contributions[each.group, each.person.account, each.page, each.week]
        return len(gone)


def _of_person(person: Person, taken: list[Contribution]) -> AccountWeek:
    mine = [each for each in taken if each.person == person]
    who = f"{person.platform} {person.workspace} {person.account}"
    pages = {each.page: keyed("page", who, each.page) for each in mine}
    return AccountWeek(pages, {each.site: keyed("site", who, each.site) for each in mine})


class MemoryFigures:
    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, published: PublishedWeek) -> None:
        if published.week in self._state.figures:
            raise AlreadyKept
        self._state.figures[published.week] = published

    async def get(self, week: Week) -> PublishedWeek | None:
        return self._state.figures.get(week)

    async def latest(self, limit: int) -> list[PublishedWeek]:
        return sorted(self._state.figures.values(), key=lambda each: each.week, reverse=True)[:limit]

    async def spend(self, spending: Spending) -> None:
        if (spending.week, spending.release) in self._state.ledger:
            raise AlreadyKept
        self._state.ledger[spending.week, spending.release] = spending

    async def spent(self) -> tuple[Spending, ...]:
        return tuple(self._state.ledger[key] for key in sorted(self._state.ledger))

    async def set_sitemap(self, week: Week, sitemap: Sitemap) -> None:
        self._state.sitemaps[week, sitemap.domain] = sitemap

    async def sitemaps(self, week: Week) -> list[Sitemap]:
        return [self._state.sitemaps[key] for key in sorted(self._state.sitemaps) if key[0] == week]
