"""The outbox: each thing is posted once, at most one of a group at a time, never too late."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import LeaseLost, UnknownGroup
from core.model import (
    Card,
    CardLink,
    Digest,
    GroupAddress,
    GroupId,
    LinkId,
    OutboxItem,
    OutboxState,
    Platform,
    Posting,
    Preview,
)
from core.ports import Outbox, Storage
from tests.fakes.clock import Clock
from tests.storage.stories import ALICE, GROUP, LEASE, a_group, an_edition, kept

OTHER = GroupId("g2")
PREVIEW = Preview("https://news.example/a", "news.example", "T", published=None)
CARD = Card(
    ALICE,
    "m1",
    (
        CardLink(
            LinkId("link-a"), "https://news.example/a", "https://s.example/c", "news.example", ("fbclid",), PREVIEW
        ),
    ),
    "en",
)


@pytest.fixture(autouse=True)
async def groups(storage: Storage, clock: Clock) -> None:
    await kept(storage, a_group(clock))
    await kept(storage, replace(a_group(clock, OTHER), address=GroupAddress(Platform.SLACK, "T1", "C1")))


async def put(
    storage: Storage, clock: Clock, key: str = "card:m1", posting: Posting = CARD, group: GroupId = GROUP
) -> bool:
    async with storage.transaction() as records:
        return await records.outbox.put(group, key, posting, clock() + timedelta(minutes=30))


async def claim(storage: Storage, limit: int = 10) -> list[OutboxItem]:
    async with storage.transaction() as records:
        return await records.outbox.claim(LEASE, limit)


async def act(storage: Storage, step: Callable[[Outbox], Awaitable[None]]) -> None:
    async with storage.transaction() as records:
        await step(records.outbox)


async def test_what_was_asked_for_is_posted_once(storage: Storage, clock: Clock) -> None:
    assert await put(storage, clock)
    assert not await put(storage, clock)
    [item] = await claim(storage)
    assert (item.group, item.key, item.posting, item.attempts, item.in_doubt) == (GROUP, "card:m1", CARD, 0, False)
    await act(storage, lambda outbox: outbox.intend(item))
    await act(storage, lambda outbox: outbox.sent(item, "m77"))
    clock.forward(LEASE)
    assert await claim(storage) == []
    assert not await put(storage, clock)
    async with storage.transaction() as records:
        assert await records.outbox.remote_id(GROUP, "card:m1") == "m77"


async def test_of_what_was_not_posted_there_is_no_id(storage: Storage, clock: Clock) -> None:
    await put(storage, clock)
    async with storage.transaction() as records:
        assert await records.outbox.remote_id(GROUP, "card:m1") is None
        assert await records.outbox.remote_id(GROUP, "card:m2") is None
        assert await records.outbox.remote_id(GroupId("never-kept"), "card:m1") is None


async def test_a_digest_and_its_edition_travel_unchanged(storage: Storage, clock: Clock) -> None:
    digest = Digest(an_edition(clock), topic="7")
    await put(storage, clock, "digest:2026-W47", digest)
    [item] = await claim(storage)
    assert item.posting == digest


async def test_nothing_is_asked_for_in_a_group_that_is_not_kept(storage: Storage, clock: Clock) -> None:
    with pytest.raises(UnknownGroup):
        await put(storage, clock, group=GroupId("never-kept"))


async def test_a_group_is_posted_to_one_thing_at_a_time_oldest_first(storage: Storage, clock: Clock) -> None:
    for key in ("card:m1", "card:m2"):
        await put(storage, clock, key)
        clock.forward(seconds=1)
    await put(storage, clock, group=OTHER)
    mine, others = sorted(await claim(storage), key=lambda item: item.group)
    assert (mine.key, others.group) == ("card:m1", OTHER)
    assert await claim(storage) == []
    await act(storage, lambda outbox: outbox.close(mine, OutboxState.REFUSED, "channel_archived"))
    assert [item.key for item in await claim(storage)] == ["card:m2"]


async def test_a_claim_takes_no_more_than_its_limit(storage: Storage, clock: Clock) -> None:
    await put(storage, clock)
    clock.forward(seconds=1)
    await put(storage, clock, group=OTHER)
    assert [item.group for item in await claim(storage, 1)] == [GROUP]
    assert [item.group for item in await claim(storage, 1)] == [OTHER]


async def test_a_worker_that_died_before_it_said_so_has_posted_nothing(storage: Storage, clock: Clock) -> None:
    await put(storage, clock)
    [first] = await claim(storage)
    clock.forward(LEASE)
    [second] = await claim(storage)
    assert not second.in_doubt
    with pytest.raises(LeaseLost):
        await act(storage, lambda outbox: outbox.intend(first))


async def test_a_worker_that_died_after_it_said_so_leaves_a_doubt(storage: Storage, clock: Clock) -> None:
    await put(storage, clock)
    [first] = await claim(storage)
    await act(storage, lambda outbox: outbox.intend(first))
    clock.forward(hours=3)
    [second] = await claim(storage)
    assert second.in_doubt
    assert second.attempts == 1
    for step in (
        lambda outbox: outbox.sent(first, "m1"),
        lambda outbox: outbox.later(first, 1),
        lambda outbox: outbox.close(first, OutboxState.UNKNOWN, "late"),
    ):
        with pytest.raises(LeaseLost):
            await act(storage, step)


async def test_saying_so_begins_the_lease_anew(storage: Storage, clock: Clock) -> None:
    await put(storage, clock)
    [item] = await claim(storage)
    clock.forward(LEASE - timedelta(seconds=1))
    await act(storage, lambda outbox: outbox.intend(item))
    clock.forward(LEASE - timedelta(seconds=1))
    assert await claim(storage) == []
    await act(storage, lambda outbox: outbox.sent(item, "m1"))


async def test_a_platform_that_asks_to_wait_is_left_alone_by_the_whole_group(storage: Storage, clock: Clock) -> None:
    await put(storage, clock)
    [item] = await claim(storage)
    await act(storage, lambda outbox: outbox.intend(item))
    await act(storage, lambda outbox: outbox.later(item, 30))
    clock.forward(seconds=1)
    await put(storage, clock, "card:m2")
    await put(storage, clock, group=OTHER)
    assert [each.group for each in await claim(storage)] == [OTHER]
    clock.forward(seconds=29)
    [again] = [each for each in await claim(storage) if each.group == GROUP]
    assert (again.key, again.in_doubt, again.attempts) == ("card:m1", False, 1)


async def test_what_waited_past_its_cutoff_expires_unposted(storage: Storage, clock: Clock) -> None:
    await put(storage, clock)
    clock.forward(minutes=30)
    assert await claim(storage) == []
    assert not await put(storage, clock)


@pytest.mark.parametrize("state", [OutboxState.REFUSED, OutboxState.UNKNOWN, OutboxState.EXPIRED])
async def test_what_is_closed_is_not_tried_again(storage: Storage, clock: Clock, state: OutboxState) -> None:
    await put(storage, clock)
    [item] = await claim(storage)
    await act(storage, lambda outbox: outbox.close(item, state, "why"))
    clock.forward(minutes=10)
    assert await claim(storage) == []
