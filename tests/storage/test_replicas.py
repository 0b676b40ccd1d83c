"""Replicas on one PostgreSQL: none takes another's work, none undoes another's change."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import AlreadyKept, UnknownGroup
from core.figures import RELEASED_AFTER, FigureOutside, FigureService, ends_at
from core.model import (
    Account,
    Card,
    ClickBatch,
    Code,
    ConsentAct,
    ConsentEvent,
    GroupAddress,
    GroupId,
    GroupState,
    LinkId,
    Notice,
    Platform,
    ReceiptId,
)
from storage.consents import audit
from storage.database import Database
from storage.retention import Retention
from storage.sql import Clocks, SqlStorage, root_keys
from tests.conftest import ROOT
from tests.fakes.clock import Clock
from tests.fakes.noise import ScriptedNoise
from tests.fakes.sitemaps import FakeSitemaps
from tests.storage.stories import (
    ALICE,
    BOB,
    GROUP,
    LEASE,
    WEEK,
    a_consent,
    a_contribution,
    a_group,
    a_link,
    a_published_week,
    a_share,
    an_intake,
    kept,
)

pytestmark = pytest.mark.postgres


@pytest.fixture
async def replicas(postgres_url: str, clock: Clock) -> AsyncIterator[list[SqlStorage]]:
    opened = [
        await SqlStorage.open(Database.open(postgres_url), root_keys(ROOT), Clocks(clock, clock)) for _ in range(2)
    ]
    yield opened
    for each in opened:
        await each.close()


async def many_groups(storage: SqlStorage, clock: Clock, number: int) -> list[GroupId]:
    for each in range(number):
        at = GroupAddress(Platform.SLACK, "T1", f"C{each}")
        await kept(storage, replace(a_group(clock, f"g{each:03}"), address=at, next_digest=clock()))
    return [GroupId(f"g{each:03}") for each in range(number)]


async def test_due_work_is_shared_out_without_waiting(replicas: list[SqlStorage], clock: Clock) -> None:
    one, other = replicas
    await kept(one, a_group(clock))
    for number in range(20):
        async with one.transaction() as records:
            await records.inbox.put(f"e{number}", an_intake(clock))
    async with one.transaction() as mine:
        first = await mine.inbox.claim(LEASE, 10)
        async with other.transaction() as theirs:
            second = await theirs.inbox.claim(LEASE, 15)
    assert (len(first), len(second)) == (10, 10)
    assert {item.id for item in first}.isdisjoint({item.id for item in second})


async def test_each_due_group_goes_to_one_replica(replicas: list[SqlStorage], clock: Clock) -> None:
    groups = await many_groups(replicas[0], clock, 30)

    async def claim(storage: SqlStorage) -> list[GroupId]:
        claimed: list[GroupId] = []
        for _ in range(10):
            async with storage.transaction() as records:
                claimed += [group.id for group in await records.groups.claim_due(clock(), LEASE, 4)]
        return claimed

    taken = await asyncio.gather(*(claim(each) for each in replicas * 2))
    assert sorted(group for each in taken for group in each) == groups


async def test_a_group_is_posted_to_by_one_replica_at_a_time(replicas: list[SqlStorage], clock: Clock) -> None:
    groups = await many_groups(replicas[0], clock, 10)
    for group in groups:
        for number in range(3):
            async with replicas[0].transaction() as records:
                card = Card(ALICE, f"m{number}", (), "en")
                await records.outbox.put(group, f"card:m{number}", card, clock() + timedelta(hours=1))

    async def claim(storage: SqlStorage) -> list[GroupId]:
        claimed: list[GroupId] = []
        for _ in range(5):
            async with storage.transaction() as records:
                claimed += [item.group for item in await records.outbox.claim(LEASE, 3)]
        return claimed

    taken = await asyncio.gather(*(claim(each) for each in replicas * 2))
    assert sorted(group for each in taken for group in each) == groups


async def test_the_chain_of_the_consent_log_has_no_fork(replicas: list[SqlStorage], clock: Clock) -> None:
    groups = await many_groups(replicas[0], clock, 10)

    async def grant(storage: SqlStorage, group: GroupId, number: int) -> None:
        receipt = f"r-{group}-{number}"
        notice = Notice("member-1", "0" * 64, "en")
        async with storage.transaction() as records:
            await records.consents.put(group, ALICE, a_consent(clock, receipt=receipt))
            await records.consents.log(
                ConsentEvent(ConsentAct.GRANTED, group, ALICE, ReceiptId(receipt), frozenset(), notice, clock())
            )

    await asyncio.gather(*(grant(replicas[number % 2], group, number) for group in groups for number in range(4)))
    async with replicas[0].transaction() as records:
        assert await audit(records.transaction) == []


async def test_a_batch_sealed_twice_counts_once_and_hot_links_add_up(replicas: list[SqlStorage], clock: Clock) -> None:
    groups = await many_groups(replicas[0], clock, 5)
    day = clock().date()

    async def apply(storage: SqlStorage, number: int) -> None:
        order = groups if number % 2 else groups[::-1]
        clicks = tuple(((group, LinkId("hot"), day, True), 1) for group in order)
        async with storage.transaction() as records:
            await records.clicks.apply(ClickBatch(f"batch-{number // 2}", clicks))

    await asyncio.gather(*(apply(replicas[number % 2], number) for number in range(20)))
    async with replicas[0].transaction() as records:
        for group in groups:
            [count] = await records.clicks.counts(group, day)
            assert (count.browsers, count.in_total) == (10, 10)


async def test_a_link_minted_by_two_at_once_is_one(replicas: list[SqlStorage], clock: Clock) -> None:
    await kept(replicas[0], a_group(clock))

    async def mint(storage: SqlStorage, number: int) -> bool:
        link = replace(a_link(clock), id=LinkId(f"l{number}"), code=Code(f"{number:016}"))
        try:
            async with storage.transaction() as records:
                await records.links.add(link)
        except AlreadyKept:
            return False
        return True

    minted = await asyncio.gather(*(mint(replicas[number % 2], number) for number in range(6)))
    assert minted.count(True) == 1


async def test_a_withdrawal_and_a_share_at_the_same_moment_leave_no_share(
    replicas: list[SqlStorage], clock: Clock
) -> None:
    worker, web = replicas
    await kept(worker, a_group(clock))
    async with worker.transaction() as records:
        await records.links.add(a_link(clock))
    accounts = [Account(str(number)) for number in range(10)]
    for account in accounts:
        async with web.transaction() as records:
            await records.consents.put(GROUP, account, a_consent(clock, receipt=f"r{account}"))

    async def share(account: Account) -> None:
        async with worker.transaction() as records:
            group = await records.groups.get(GROUP)
            if group and await records.consents.get(GROUP, account):
                await asyncio.sleep(0)
                await records.shares.add(a_share(clock(), account=account))

    async def withdraw(account: Account) -> None:
        async with web.transaction() as records:
            await records.consents.remove(GROUP, account)
            await records.shares.forget(GROUP, account)

    await asyncio.gather(*(step(account) for account in accounts for step in (share, withdraw)))
    async with web.transaction() as records:
        assert await records.shares.week(GROUP, WEEK) == []


async def test_what_an_admin_stopped_is_not_switched_on_by_a_digest_at_the_same_moment(
    replicas: list[SqlStorage], clock: Clock
) -> None:
    worker, web = replicas
    group = await kept(web, replace(a_group(clock), next_digest=clock()))

    async def freeze() -> None:
        async with worker.transaction() as records:
            found = await records.groups.get(GROUP)
            await asyncio.sleep(0.02)
            if found and found.state is GroupState.ENABLED:
                await records.groups.save(replace(found, next_digest=clock() + timedelta(days=7)))

    async def stop() -> None:
        await asyncio.sleep(0.01)
        async with web.transaction() as records:
            await records.groups.save(replace(group, state=GroupState.ERASING))

    await asyncio.gather(freeze(), stop())
    async with web.transaction() as records:
        found = await records.groups.get(GROUP)
    assert found is not None
    assert found.state is GroupState.ERASING


async def test_what_comes_in_while_a_group_is_erased_leaves_nothing(replicas: list[SqlStorage], clock: Clock) -> None:
    one, other = replicas
    await kept(one, a_group(clock))
    async with one.transaction() as records:
        await records.shares.add(a_share(clock()))
    async with other.transaction() as records:
        assert await records.consents.get(GROUP, ALICE) is None
        await records.groups.shred(GROUP)
    with pytest.raises(UnknownGroup):
        async with one.transaction() as records:
            await records.inbox.put("e1", an_intake(clock))
    with pytest.raises(UnknownGroup):
        async with one.transaction() as records:
            await records.shares.add(a_share(clock()))
    with pytest.raises(UnknownGroup):
        async with one.transaction() as records:
            await records.links.add(a_link(clock))


async def test_two_replicas_keep_house_at_once(replicas: list[SqlStorage], clock: Clock) -> None:
    await kept(replicas[0], a_group(clock))
    async with replicas[0].transaction() as records:
        for number in range(60):
            await records.shares.set_message(GROUP, f"m{number}", frozenset(), clock())
    clock.forward(days=3)
    counts = await asyncio.gather(*(Retention(each, batch=7).run() for each in replicas))
    async with replicas[0].transaction() as records:
        assert await records.shares.message_version(GROUP, "m0") is None
    assert sum(each.get("messages", 0) for each in counts) <= 60


async def test_replicas_make_one_key_for_a_week_also_at_the_same_moment(
    replicas: list[SqlStorage], clock: Clock
) -> None:
    one, other = replicas
    groups = await many_groups(one, clock, 2)

    async def contribute(storage: SqlStorage, group: GroupId) -> bool:
        async with storage.transaction() as records:
            return await records.contributions.add(a_contribution(group=group))

    assert await asyncio.gather(contribute(one, groups[0]), contribute(other, groups[1])) == [True, True]
    async with one.transaction() as records:
        assert len(await records.contributions.take(WEEK)) == 1


async def test_a_release_waits_for_who_is_contributing_and_nothing_is_added_behind_it(
    replicas: list[SqlStorage], clock: Clock
) -> None:
    one, other = replicas
    groups = await many_groups(one, clock, 2)

    async def release() -> int:
        async with other.transaction() as records:
            taken = await records.contributions.take(WEEK)
            await records.figures.add(a_published_week(clock))
            return len(taken)

    async with one.transaction() as records:
        await records.contributions.add(a_contribution(group=groups[0]))
    async with one.transaction() as records:
        await records.contributions.add(a_contribution(account=BOB, group=groups[0]))
        releasing = asyncio.create_task(release())
        assert not (await asyncio.wait({releasing}, timeout=0.2))[0], "it waits"
    assert await releasing == 2
    async with one.transaction() as records:
        assert not await records.contributions.add(a_contribution(group=groups[1]))


async def test_two_replicas_release_a_week_once(replicas: list[SqlStorage], clock: Clock) -> None:
    [group] = await many_groups(replicas[0], clock, 1)
    async with replicas[0].transaction() as records:
        await records.contributions.add(a_contribution(group=group))
    clock.moment = ends_at(WEEK) + RELEASED_AFTER
    services = [FigureService(FigureOutside(each, ScriptedNoise(), FakeSitemaps(), clock)) for each in replicas]
    assert sorted(await asyncio.gather(*(each.tick() for each in services))) == [False, True]
    async with replicas[0].transaction() as records:
        assert len(await records.figures.spent()) == 2
