"""Editions: frozen once, the same for ever."""

from dataclasses import replace

import pytest

from core.model import Entry, GroupId, LinkId, Week
from core.ports import Storage
from core.ranking import Terms
from tests.fakes.clock import Clock
from tests.storage.stories import GROUP, WEEK, a_group, an_edition, kept


@pytest.fixture(autouse=True)
async def group(storage: Storage, clock: Clock) -> None:
    await kept(storage, a_group(clock))


async def test_a_week_is_frozen_once(storage: Storage, clock: Clock) -> None:
    terms = Terms(*(0.1 * place for place, _ in enumerate(Terms.__dataclass_fields__)))
    entry = Entry(
        LinkId("link-a"), "T", "news.example", "https://news.example/a", "https://s.example/c", 3, 4, clock(), terms
    )
    edition = replace(an_edition(clock), entries=(entry,), others=(replace(entry, clicks=None),), clicks=4)
    async with storage.transaction() as records:
        assert await records.digests.add(edition)
        assert not await records.digests.add(replace(edition, shares=99))
    async with storage.transaction() as records:
        assert await records.digests.get(GROUP, WEEK) == edition


async def test_editions_come_newest_first(storage: Storage, clock: Clock) -> None:
    weeks = [Week("2026-W47"), Week("2026-W52"), Week("2026-W48")]
    async with storage.transaction() as records:
        for week in weeks:
            await records.digests.add(an_edition(clock, week))
    async with storage.transaction() as records:
        assert [each.week for each in await records.digests.latest(GROUP, 2)] == ["2026-W52", "2026-W48"]
        assert await records.digests.latest(GroupId("never-kept"), 2) == []
        assert await records.digests.get(GROUP, Week("2026-W01")) is None
        assert await records.digests.get(GroupId("never-kept"), WEEK) is None
