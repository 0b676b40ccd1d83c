"""Who said yes where: one look for all who post at the same time, and nothing remembered."""

import asyncio
import gc
from dataclasses import replace

import pytest
from sqlalchemy import text

from core.errors import StorageUnavailable
from core.model import Account, GroupAddress, GroupId, GroupState, Platform
from storage.hearing import Hearing
from storage.sql import SqlStorage
from tests.fakes.clock import Clock
from tests.storage.stories import ALICE, BOB, GROUP, a_consent, a_group

ELSEWHERE = GroupAddress(Platform.SLACK, "T1", "C1")


async def test_each_gets_the_answer_to_their_own_question(sql_storage: SqlStorage, clock: Clock) -> None:
    first, second = a_group(clock), replace(a_group(clock, "g2"), address=ELSEWHERE)
    async with sql_storage.transaction() as records:
        for group in (first, second):
            await records.groups.add(group)
        await records.consents.put(GROUP, ALICE, a_consent(clock))
        await records.consents.put(GroupId("g2"), BOB, a_consent(clock, receipt="r2"))
    hear = Hearing(sql_storage)
    nowhere = GroupAddress(Platform.SLACK, "T1", "C9")
    asked = [(first.address, ALICE), (first.address, BOB), (ELSEWHERE, BOB), (nowhere, ALICE), (first.address, ALICE)]
    found = await asyncio.gather(*(hear(address, account) for address, account in asked))
    yes, bobs = a_consent(clock), a_consent(clock, receipt="r2")
    assert found == [(first, yes), (first, None), (second, bobs), (None, None), (first, yes)]


async def test_it_is_looked_up_again_by_our_own_id_in_the_same_look(sql_storage: SqlStorage, clock: Clock) -> None:
    group, yes = a_group(clock), a_consent(clock)
    async with sql_storage.transaction() as records:
        await records.groups.add(group)
        await records.consents.put(GROUP, ALICE, yes)
    hear = Hearing(sql_storage)
    found = await asyncio.gather(
        hear.again(GROUP, ALICE), hear(group.address, ALICE), hear.again(GROUP, BOB), hear.again(GroupId("g9"), BOB)
    )
    assert found == [(group, yes), (group, yes), (group, None), (None, None)]


async def test_a_no_holds_for_the_next_message(sql_storage: SqlStorage, clock: Clock) -> None:
    group = a_group(clock)
    async with sql_storage.transaction() as records:
        await records.groups.add(group)
        await records.consents.put(GROUP, ALICE, a_consent(clock))
    hear = Hearing(sql_storage)
    assert (await hear(group.address, ALICE))[1] is not None
    async with sql_storage.transaction() as records:
        await records.consents.remove(GROUP, ALICE)
    assert await hear(group.address, ALICE) == (group, None)
    async with sql_storage.transaction() as records:
        await records.groups.shred(GROUP)
    assert await hear(group.address, Account("somebody")) == (None, None)


async def test_a_group_whose_key_was_destroyed_elsewhere_is_gone_at_once(sql_storage: SqlStorage, clock: Clock) -> None:
    group = a_group(clock)
    async with sql_storage.transaction() as records:
        await records.groups.add(group)
    hear = Hearing(sql_storage)
    assert (await hear(group.address, ALICE))[0] == group
    async with sql_storage.transaction() as records:
        await records.transaction.run(text("DELETE FROM key WHERE kind = 'group'"))
    assert await hear(group.address, ALICE) == (None, None)


async def test_what_changes_of_a_group_holds_for_the_next_message_and_nothing_outlives_its_key(
    sql_storage: SqlStorage, clock: Clock
) -> None:
    group = a_group(clock)
    async with sql_storage.transaction() as records:
        await records.groups.add(group)
    hear = Hearing(sql_storage)
    for state, name in ((group.state, "first"), (GroupState.PAUSED, "first"), (group.state, "second")):
        changed = replace(group, state=state, name=name)
        async with sql_storage.transaction() as records:
            await records.groups.save(changed)
        assert [await hear(group.address, ALICE) for _ in range(2)] == [(changed, None)] * 2
    assert len(hear._opened) == 1
    async with sql_storage.transaction() as records:
        await records.groups.shred(GROUP)
    assert await hear(group.address, ALICE) == (None, None)
    gc.collect()
    assert len(hear._opened) == 0


async def test_a_key_that_is_not_remembered_is_unwrapped(sql_storage: SqlStorage, clock: Clock) -> None:
    group = a_group(clock)
    async with sql_storage.transaction() as records:
        await records.groups.add(group)
        await records.consents.put(GROUP, ALICE, a_consent(clock))
    sql_storage._known.forget(GROUP)
    assert await Hearing(sql_storage)(group.address, ALICE) == (group, a_consent(clock))
    assert sql_storage._known.get(GROUP) is not None


async def test_a_look_only_looks(sql_storage: SqlStorage) -> None:
    with pytest.raises(StorageUnavailable):
        await sql_storage.glance(lambda glance: glance.connection.execute(text("DELETE FROM key")))
