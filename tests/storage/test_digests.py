"""Editions: frozen once, the same for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.digests import UNREADABLE
from core.model import Digest, Entry, GroupId, LinkId, Missed, OutboxState, Week
from core.ports import Storage
from core.ranking import Terms
from storage.missed import missed_since
from storage.sql import SqlStorage
from tests.fakes.clock import Clock
from tests.storage.stories import GROUP, LEASE, WEEK, a_group, an_edition, kept


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


async def test_what_was_frozen_lately_is_named_oldest_first(storage: Storage, clock: Clock) -> None:
    begun = clock()
    async with storage.transaction() as records:
        for week, hours in (("2026-W48", 2), ("2026-W47", 1), ("2026-W46", 0)):
            edition = replace(an_edition(clock, Week(week)), frozen_at=begun + timedelta(hours=hours))
            await records.digests.add(edition)
    async with storage.reading() as records:
        found = await records.digests.frozen_since(begun + timedelta(hours=1))
    assert found == [(GROUP, "2026-W47"), (GROUP, "2026-W48")]


async def test_an_edition_can_be_revised_and_none_is_made_by_that(storage: Storage, clock: Clock) -> None:
    edition = an_edition(clock)
    async with storage.transaction() as records:
        await records.digests.revise(edition)
        assert await records.digests.get(GROUP, WEEK) is None
        await records.digests.add(edition)
        await records.digests.revise(replace(edition, shares=2))
    async with storage.transaction() as records:
        assert await records.digests.get(GROUP, WEEK) == replace(edition, shares=2)


async def test_a_digest_that_was_missed_is_told_until_it_comes_after_all(storage: Storage) -> None:
    later = Week("2026-W48")
    async with storage.transaction() as records:
        assert await records.digests.missed(GROUP) is None
        await records.digests.miss(GROUP, Missed(later, "topic closed"))
        await records.digests.miss(GROUP, Missed(WEEK, "late"))
        await records.digests.miss(GROUP, Missed(WEEK, "later"))
        assert await records.digests.missed(GROUP) == Missed(later, "topic closed")
        await records.digests.not_missed(GROUP, later)
        assert await records.digests.missed(GROUP) == Missed(WEEK, "later")


@pytest.mark.parametrize("state", [OutboxState.REFUSED, OutboxState.UNKNOWN])
async def test_a_digest_that_was_not_posted_is_missed(storage: Storage, clock: Clock, state: OutboxState) -> None:
    async with storage.transaction() as records:
        await records.outbox.put(GROUP, "digest:w", Digest(an_edition(clock)), clock() + timedelta(hours=1))
        (item,) = await records.outbox.claim(LEASE, 1)
        await records.outbox.close(item, state, "is_archived")
        assert await records.digests.missed(GROUP) == Missed(WEEK, "is_archived")


async def test_a_digest_past_its_cutoff_is_missed_and_one_that_is_posted_is_not(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.outbox.put(GROUP, "digest:w", Digest(an_edition(clock)), clock() + timedelta(hours=1))
    clock.forward(timedelta(hours=2))
    async with storage.transaction() as records:
        assert await records.outbox.claim(LEASE, 1) == []
        assert await records.digests.missed(GROUP) == Missed(WEEK, "past its cutoff")
        await records.outbox.put(GROUP, "digest:again", Digest(an_edition(clock)), clock() + timedelta(hours=1))
        (item,) = await records.outbox.claim(LEASE, 1)
        await records.outbox.sent(item, "m1")
        assert await records.digests.missed(GROUP) is None


async def test_an_operator_is_told_which_group_can_not_be_read_by_our_own_id(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.digests.miss(GROUP, Missed(WEEK, UNREADABLE))
        await records.digests.miss(GROUP, Missed(Week("2026-W40"), "is_archived"))
    if isinstance(storage, SqlStorage):
        async with storage.transaction() as kept_records:
            told = await missed_since(kept_records.transaction, clock() - timedelta(days=1))
        assert told == {"is_archived": 1, f"{UNREADABLE} group {GROUP}": 1}
