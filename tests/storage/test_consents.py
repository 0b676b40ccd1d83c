"""Consents: kept for one group and one account, gone when withdrawn."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import UnknownGroup
from core.model import GroupAddress, GroupId, Platform, Purpose
from core.ports import Storage
from tests.fakes.clock import Clock
from tests.storage.stories import ALICE, BOB, GROUP, a_consent, a_group, kept


@pytest.fixture(autouse=True)
async def group(storage: Storage, clock: Clock) -> None:
    await kept(storage, a_group(clock))


async def test_no_record_means_no(storage: Storage) -> None:
    async with storage.transaction() as records:
        assert await records.consents.get(GROUP, ALICE) is None
        assert await records.consents.get(GroupId("never-kept"), ALICE) is None


async def test_a_yes_is_of_one_member_in_one_group(storage: Storage, clock: Clock) -> None:
    other = a_group(clock, "g2")
    async with storage.transaction() as records:
        await records.groups.add(
            type(other)(other.id, GroupAddress(Platform.SLACK, "T1", "C1"), other.state, other.since)
        )
        await records.consents.put(GROUP, ALICE, a_consent(clock, Purpose.SHARES, Purpose.CLICKS))
    async with storage.transaction() as records:
        assert await records.consents.get(GROUP, ALICE) == a_consent(clock, Purpose.SHARES, Purpose.CLICKS)
        assert await records.consents.get(GROUP, BOB) is None
        assert await records.consents.get(other.id, ALICE) is None


async def test_choosing_anew_replaces_the_choice(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock, Purpose.SHARES, Purpose.CLICKS))
    clock.forward(timedelta(days=1))
    async with storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock, Purpose.SHARES, receipt="receipt-2"))
    async with storage.transaction() as records:
        assert await records.consents.get(GROUP, ALICE) == a_consent(clock, Purpose.SHARES, receipt="receipt-2")


async def test_a_withdrawn_yes_is_gone(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock))
    async with storage.transaction() as records:
        assert await records.consents.remove(GROUP, ALICE)
        assert not await records.consents.remove(GROUP, ALICE)
        assert not await records.consents.remove(GROUP, BOB)
        assert not await records.consents.remove(GroupId("never-kept"), BOB)
    async with storage.transaction() as records:
        assert await records.consents.get(GROUP, ALICE) is None


async def test_nobody_says_yes_in_a_group_that_is_not_kept(storage: Storage, clock: Clock) -> None:
    with pytest.raises(UnknownGroup):
        async with storage.transaction() as records:
            await records.consents.put(GroupId("never-kept"), ALICE, a_consent(clock))


async def test_with_its_group_goes_every_yes(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock))
    async with storage.transaction() as records:
        await records.groups.shred(GROUP)
        await records.groups.shred(GROUP)
    async with storage.transaction() as records:
        await records.groups.add(a_group(clock))
        assert await records.consents.get(GROUP, ALICE) is None


async def test_a_yes_to_an_older_notice_is_noted_once_and_purged_a_while_after(storage: Storage, clock: Clock) -> None:
    noted = clock()
    async with storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, replace(a_consent(clock), notice="member-0"))
        await records.consents.put(GROUP, BOB, a_consent(clock, receipt="receipt-2"))
        assert await records.consents.age("member-1", noted, 10) == 1
        assert await records.consents.age("member-1", noted + timedelta(days=1), 10) == 0
    async with storage.transaction() as records:
        assert await records.consents.purge(noted - timedelta(days=1), noted - timedelta(days=1), 10) == []
        assert await records.consents.purge(noted - timedelta(days=1), noted, 10) == [GROUP]
        assert await records.consents.get(GROUP, ALICE) is None
        assert await records.consents.get(GROUP, BOB) is not None


async def test_a_yes_too_old_is_purged_in_small_batches(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock))
        await records.consents.put(GROUP, BOB, a_consent(clock, receipt="receipt-2"))
        assert len(await records.consents.purge(clock(), clock() - timedelta(days=1), 1)) == 1
        assert len(await records.consents.purge(clock(), clock() - timedelta(days=1), 9)) == 1


async def test_a_reminder_does_not_make_a_stale_yes_young_but_a_new_yes_does(storage: Storage, clock: Clock) -> None:
    stale = replace(a_consent(clock), notice="member-0")
    yesterday = clock() - timedelta(days=1)
    async with storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, stale)
        await records.consents.age("member-1", clock(), 10)
        await records.consents.put(GROUP, ALICE, replace(stale, reminded=True))
        assert await records.consents.get(GROUP, ALICE) == replace(stale, reminded=True)
        assert await records.consents.age("member-1", clock(), 10) == 0
        await records.consents.put(GROUP, ALICE, a_consent(clock, receipt="receipt-2"))
        assert await records.consents.purge(yesterday, clock(), 10) == []
