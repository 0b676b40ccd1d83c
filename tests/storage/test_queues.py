"""What the operator does with work that failed: look at it, and try again."""

import asyncio
from datetime import timedelta

import pytest

from core.model import Card, GroupId, OutboxState
from storage.inbox import CLAIMS
from storage.sql import SqlStorage
from tests.fakes.clock import Clock
from tests.storage.stories import ALICE, GROUP, LEASE, a_group, an_intake, kept


@pytest.fixture(autouse=True)
async def group(sql_storage: SqlStorage, clock: Clock) -> None:
    await kept(sql_storage, a_group(clock))


async def test_dead_work_is_seen_and_replayed(sql_storage: SqlStorage, clock: Clock) -> None:
    async with sql_storage.transaction() as records:
        await records.inbox.put("e1", an_intake(clock))
    for _ in range(5):
        async with sql_storage.transaction() as records:
            [item] = await records.inbox.claim(LEASE, 1)
            await records.inbox.failed(item, "ValueError")
        clock.forward(minutes=2)
    async with sql_storage.transaction() as records:
        assert await records.inbox.claim(LEASE, 1) == []
        assert await records.inbox.dead(10) == [(GROUP, item.id, "ValueError")]
        assert await records.inbox.replay(GROUP, item.id)
        assert not await records.inbox.replay(GROUP, item.id)
        [again] = await records.inbox.claim(LEASE, 1)
    assert again.intake == an_intake(lambda: again.intake.version)
    assert again.attempts == 0


async def test_work_that_kills_every_worker_is_dead_in_the_end(sql_storage: SqlStorage, clock: Clock) -> None:
    async with sql_storage.transaction() as records:
        await records.inbox.put("e1", an_intake(clock))
    claimed = 0
    for _ in range(CLAIMS + 5):
        async with sql_storage.transaction() as records:
            claimed += len(await records.inbox.claim(LEASE, 1))
        clock.forward(LEASE)
    async with sql_storage.transaction() as records:
        [(_, _, error)] = await records.inbox.dead(10)
    assert (claimed, error) == (CLAIMS, "its workers died")


async def test_what_may_have_been_posted_is_resent_only_by_a_person(sql_storage: SqlStorage, clock: Clock) -> None:
    card = Card(ALICE, "m1", (), "en")
    async with sql_storage.transaction() as records:
        await records.outbox.put(GROUP, "card:m1", card, clock() + timedelta(minutes=30))
    async with sql_storage.transaction() as records:
        [item] = await records.outbox.claim(LEASE, 1)
        await records.outbox.intend(item)
        await records.outbox.close(item, OutboxState.UNKNOWN, "no answer")
    clock.forward(hours=2)
    async with sql_storage.transaction() as records:
        assert await records.outbox.unsettled(10) == [(GROUP, item.id, OutboxState.UNKNOWN, "no answer")]
        assert await records.outbox.resend(GROUP, item.id, clock() + timedelta(hours=1))
        assert not await records.outbox.resend(GROUP, item.id, clock() + timedelta(hours=1))
    async with sql_storage.transaction() as records:
        [again] = await records.outbox.claim(LEASE, 1)
    assert (again.posting, again.in_doubt) == (card, False)


async def test_of_two_who_ask_at_once_for_the_same_posting_one_gets_it(sql_storage: SqlStorage, clock: Clock) -> None:
    async with sql_storage.transaction() as records:
        await records.outbox.put(GROUP, "card:m1", Card(ALICE, "m1", (), "en"), clock() + timedelta(minutes=30))
    async with sql_storage.transaction() as records:
        [item] = await records.outbox.claim(LEASE, 1)
        await records.outbox.intend(item)
        await records.outbox.close(item, OutboxState.UNKNOWN, "no answer")

    async def ask(key: str) -> bool:
        async with sql_storage.transaction() as records:
            return await records.outbox.post_again(GROUP, key, clock() + timedelta(hours=1))

    assert sorted(await asyncio.gather(*(ask("card:m1") for _ in range(4)))) == [False, False, False, True]
    assert not await ask("card:m2")
    async with sql_storage.transaction() as records:
        assert not await records.outbox.post_again(GroupId("nobody"), "card:m1", clock())
        assert len(await records.outbox.claim(LEASE, 2)) == 1


async def test_what_was_refused_has_no_content_left_to_resend(sql_storage: SqlStorage, clock: Clock) -> None:
    async with sql_storage.transaction() as records:
        card = Card(ALICE, "m1", (), "en")
        await records.outbox.put(GROUP, "card:m1", card, clock() + timedelta(minutes=30))
    async with sql_storage.transaction() as records:
        [item] = await records.outbox.claim(LEASE, 1)
        await records.outbox.close(item, OutboxState.REFUSED, "channel_archived")
    async with sql_storage.transaction() as records:
        assert not await records.outbox.resend(GROUP, item.id, clock() + timedelta(hours=1))
        assert await records.outbox.unsettled(10) == [(GROUP, item.id, OutboxState.REFUSED, "channel_archived")]
