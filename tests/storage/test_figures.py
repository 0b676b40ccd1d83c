"""Published weeks: frozen once, the same for ever; a ledger that only grows; sitemaps that stand for one week."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from core.errors import AlreadyKept
from core.ledger import Spending
from core.model import Sitemap, Week
from core.ports import Storage
from storage import codec
from storage.figures import FIGURES
from storage.keys import KEYS
from storage.keys import WEEK as WEEK_KEY
from storage.sql import SqlStorage
from tests.fakes.clock import Clock
from tests.storage.stories import WEEK, a_published_week

NEXT = Week("2026-W48")


async def test_a_week_is_frozen_once(storage: Storage, clock: Clock) -> None:
    published = a_published_week(clock)
    async with storage.transaction() as records:
        await records.figures.add(published)
    with pytest.raises(AlreadyKept):
        async with storage.transaction() as records:
            await records.figures.add(replace(published, pages=()))
    async with storage.transaction() as records:
        assert await records.figures.get(WEEK) == published
        assert await records.figures.get(NEXT) is None


async def test_weeks_come_newest_first(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        for week in ("2026-W51", "2027-W01", "2026-W52"):
            await records.figures.add(a_published_week(clock, Week(week)))
    async with storage.transaction() as records:
        assert [each.week for each in await records.figures.latest(2)] == ["2027-W01", "2026-W52"]


async def test_what_is_read_back_is_what_was_frozen_to_the_byte_also_without_any_key_of_a_week(
    sql_storage: SqlStorage, clock: Clock
) -> None:
    async with sql_storage.transaction() as records:
        await records.figures.add(a_published_week(clock))
    async with sql_storage.transaction() as records:
        await records.transaction.run(delete(KEYS).where(KEYS.c.kind == WEEK_KEY))
        row = await records.transaction.one(select(FIGURES.c.frozen))
        again = await records.figures.get(WEEK)
    assert row is not None
    assert again is not None
    assert codec.PUBLISHED.dump_json(again) == row.frozen


async def test_a_release_is_spent_once_and_stays_spent(storage: Storage) -> None:
    lines = (Spending("2026-W47", "pages", 1.0, 7.5e-7), Spending("2026-W47", "sites", 0.5, 9.35e-7))
    async with storage.transaction() as records:
        for line in reversed(lines):
            await records.figures.spend(line)
    with pytest.raises(AlreadyKept):
        async with storage.transaction() as records:
            await records.figures.spend(replace(lines[0], epsilon=0.0))
    async with storage.transaction() as records:
        assert await records.figures.spent() == lines


async def test_a_sitemap_stands_for_its_week_and_the_last_one_taken_holds(storage: Storage) -> None:
    older, newer, other = Sitemap("news.example", ("a",)), Sitemap("news.example", ("b", "a")), Sitemap("a.example", ())
    async with storage.transaction() as records:
        for sitemap in (older, newer, other):
            await records.figures.set_sitemap(WEEK, sitemap)
        await records.figures.set_sitemap(NEXT, older)
    async with storage.transaction() as records:
        assert await records.figures.sitemaps(WEEK) == [other, newer]
        assert await records.figures.sitemaps(NEXT) == [older]
        assert await records.figures.sitemaps(Week("2026-W01")) == []
