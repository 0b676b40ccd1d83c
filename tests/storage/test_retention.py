"""Nothing outlives its time, and nothing goes before it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.model import Card, ClickBatch, Code, LinkId, OutboxState, Preview, Sitemap
from storage.links import LINKS
from storage.retention import RULES, Retention
from storage.sql import SqlStorage
from storage.tables import METADATA
from tests.fakes.clock import Clock
from tests.storage.stories import (
    ALICE,
    GROUP,
    LEASE,
    WEEK,
    a_consent,
    a_contribution,
    a_group,
    a_kept_link,
    a_link,
    a_published_week,
    a_share,
    an_edition,
    an_intake,
    kept,
)

TIMES = {
    "events": timedelta(hours=24),
    "messages": timedelta(hours=48),
    "shares": timedelta(days=14),
    "clicks": timedelta(days=15),
    "click_batches": timedelta(days=16),
    "links": timedelta(days=90),
    "editions": timedelta(days=761),
    "previews": timedelta(hours=1),
    "postings": timedelta(days=8),
    "contributions": timedelta(days=8),
    "week_keys": timedelta(days=8),
    "figures": timedelta(days=761),
    "sitemaps": timedelta(days=15),
}


@pytest.fixture
async def full(sql_storage: SqlStorage, clock: Clock) -> SqlStorage:
    """A storage with one row of everything that ends by itself."""
    await kept(sql_storage, a_group(clock))
    await a_kept_link(sql_storage, clock)
    async with sql_storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock))
        await records.shares.add(a_share(clock()))
        await records.shares.set_message(GROUP, "m1", frozenset({LinkId("link-a")}), clock())
        click = (GROUP, LinkId("link-a"), clock().date(), True)
        await records.clicks.apply(ClickBatch("batch-1", ((click, 1),)))
        await records.digests.add(an_edition(clock))
        await records.inbox.put("e1", an_intake(clock))
        await records.outbox.put(GROUP, "card:m1", Card(ALICE, "m1", (), "en"), clock() + timedelta(minutes=30))
        preview = Preview("https://news.example/a", "news.example")
        await records.previews.put("news.example/a", preview, clock() + timedelta(hours=1))
        await records.contributions.add(a_contribution())
        await records.figures.add(a_published_week(clock))
        await records.figures.set_sitemap(WEEK, Sitemap("news.example", ("https://news.example/a",)))
    async with sql_storage.transaction() as records:
        for work in await records.inbox.claim(LEASE, 1):
            await records.inbox.done(work)
        for item in await records.outbox.claim(LEASE, 1):
            await records.outbox.close(item, OutboxState.REFUSED, "why")
    return sql_storage


@pytest.mark.parametrize("kind", TIMES)
async def test_each_kind_goes_when_its_time_is_over_and_not_before(full: SqlStorage, clock: Clock, kind: str) -> None:
    clock.forward(TIMES[kind] - timedelta(seconds=1))
    if kind in {"clicks", "contributions"}:  # a day is over at midnight
        clock.moment = clock.moment.replace(hour=0, minute=0, second=0) - timedelta(seconds=1)
    assert kind not in await Retention(full).run()
    assert kind not in await Retention(full).oldest()
    clock.forward(seconds=1)
    assert kind in await Retention(full).oldest()
    assert (await Retention(full).run())[kind] == 1
    assert kind not in await Retention(full).run()


def test_every_table_whose_rows_end_by_themselves_has_its_rule() -> None:
    ended_elsewhere = {"spending", "group", "consent_log_head", "installation", "member_consent"}
    assert {rule.of.name for rule in RULES} | ended_elsewhere == set(METADATA.tables)


async def test_of_an_expired_link_only_the_look_up_of_its_code_stays(full: SqlStorage, clock: Clock) -> None:
    clock.forward(days=90)
    await Retention(full).run()
    async with full.transaction() as records:
        row = await records.transaction.one(select(LINKS))
        assert row is not None
        assert (row.key, row.target, row.sealed, row.counted_until, row.shown_at) == (None,) * 5
        found = await records.links.destination(a_link(clock).code)
        assert found is not None
        assert found.url == ""
        assert found.expires_at <= clock()
        assert await records.links.find(GROUP, "news.example/a") is None
        assert await records.links.get(GROUP, LinkId("link-a")) is None


async def test_the_same_page_shared_again_long_after_gets_a_new_link(full: SqlStorage, clock: Clock) -> None:
    clock.forward(days=91)
    await Retention(full).run()
    again = replace(a_link(clock), id=LinkId("new"), code=Code("new".zfill(16)))
    async with full.transaction() as records:
        await records.links.save(replace(a_link(clock), title="late"))
        await records.links.add(again)
    async with full.transaction() as records:
        assert await records.links.find(GROUP, again.clean.key) == again


async def test_work_goes_on_in_small_batches(sql_storage: SqlStorage, clock: Clock) -> None:
    await kept(sql_storage, a_group(clock))
    async with sql_storage.transaction() as records:
        for number in range(25):
            await records.shares.set_message(GROUP, f"m{number}", frozenset(), clock())
    clock.forward(days=400)
    counts = await Retention(sql_storage, batch=10).run()
    assert counts == {"messages": 25}


async def test_consents_are_watched_here_and_erased_where_the_log_is_written(full: SqlStorage, clock: Clock) -> None:
    clock.forward(days=396)
    assert "consents" not in await Retention(full).run()
    assert (await Retention(full).oldest())["consents"] == timedelta(days=1)


async def test_after_fourteen_days_no_look_up_finds_who_shared(full: SqlStorage, clock: Clock) -> None:
    clock.forward(days=14)
    await Retention(full).run()
    async with full.transaction() as records:
        assert await records.shares.by_account(GROUP, ALICE) == []
        assert await records.shares.forget(GROUP, ALICE) == frozenset()


async def test_what_is_late_is_told_with_how_late(full: SqlStorage, clock: Clock) -> None:
    clock.forward(days=20)
    late = await Retention(full).oldest()
    assert late["shares"] == timedelta(days=6)
    assert late["messages"] == timedelta(days=18)
    assert "editions" not in late
