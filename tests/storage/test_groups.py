"""Groups: their states, addresses and due moments."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from core.errors import AlreadyKept, Tampered, UnknownGroup
from core.model import Group, GroupAddress, GroupId, GroupState, Platform, Purpose, Schedule
from core.ports import Storage
from storage.roster import roster
from storage.sql import SqlStorage
from storage.transaction import GROUPS
from tests.fakes.clock import Clock
from tests.storage.stories import GROUP, a_group, kept

LEASE = timedelta(minutes=2)
ELSEWHERE = GroupAddress(Platform.SLACK, "T1", "C1")


async def test_a_group_comes_back_as_it_was_kept(storage: Storage, clock: Clock) -> None:
    group = replace(
        a_group(clock),
        name="Lecture à deux 📚",
        language="fr",
        offered=frozenset({Purpose.SHARES}),
        schedule=Schedule("Europe/Paris", 4, 18, "77"),
        digest_size=7,
        next_digest=clock() + timedelta(days=3),
        paused_until=clock() + timedelta(days=1),
    )
    await kept(storage, group)
    async with storage.transaction() as records:
        assert await records.groups.at(group.address) == group
        assert await records.groups.get(group.id) == group


async def test_of_a_group_nobody_added_nothing_is_known(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        assert await records.groups.at(a_group(clock).address) is None
        assert await records.groups.get(GROUP) is None


async def test_two_groups_never_share_an_address(storage: Storage, clock: Clock) -> None:
    await kept(storage, a_group(clock))
    with pytest.raises(AlreadyKept):
        await kept(storage, a_group(clock, "another"))


async def test_a_group_that_becomes_a_supergroup_is_found_at_its_new_address_alone(
    storage: Storage, clock: Clock
) -> None:
    group = await kept(storage, a_group(clock))
    moved = replace(group, address=GroupAddress(Platform.TELEGRAM, "", "-100777"))
    async with storage.transaction() as records:
        await records.groups.save(moved)
    async with storage.transaction() as records:
        assert await records.groups.at(group.address) is None
        assert await records.groups.at(moved.address) == moved


async def test_a_group_that_is_not_kept_cant_be_saved(storage: Storage, clock: Clock) -> None:
    with pytest.raises(UnknownGroup):
        async with storage.transaction() as records:
            await records.groups.save(a_group(clock))


async def test_a_group_that_is_being_erased_never_comes_back(storage: Storage, clock: Clock) -> None:
    group = await kept(storage, replace(a_group(clock), state=GroupState.ERASING))
    with pytest.raises(UnknownGroup):
        async with storage.transaction() as records:
            await records.groups.save(replace(group, state=GroupState.ENABLED))


async def test_a_digest_that_is_due_is_claimed_once_until_the_lease_runs_out(storage: Storage, clock: Clock) -> None:
    group = await kept(storage, replace(a_group(clock), next_digest=clock()))
    async with storage.transaction() as records:
        assert await records.groups.claim_due(clock(), LEASE, 10) == [group]
    async with storage.transaction() as records:
        assert await records.groups.claim_due(clock(), LEASE, 10) == []
    clock.forward(LEASE)
    async with storage.transaction() as records:
        assert await records.groups.claim_due(clock(), LEASE, 10) == [group]


async def test_after_its_digest_a_group_is_due_again_at_its_next_one(storage: Storage, clock: Clock) -> None:
    group = await kept(storage, replace(a_group(clock), next_digest=clock()))
    later = replace(group, next_digest=clock() + timedelta(minutes=1))
    async with storage.transaction() as records:
        await records.groups.claim_due(clock(), timedelta(days=1), 10)
    async with storage.transaction() as records:
        await records.groups.save(later)
    clock.forward(minutes=1)
    async with storage.transaction() as records:
        assert await records.groups.claim_due(clock(), LEASE, 10) == [later]


@pytest.mark.parametrize("state", [each for each in GroupState if each is not GroupState.ENABLED])
async def test_only_an_enabled_group_is_due(storage: Storage, clock: Clock, state: GroupState) -> None:
    await kept(storage, replace(a_group(clock), state=state, next_digest=clock()))
    async with storage.transaction() as records:
        assert await records.groups.claim_due(clock(), LEASE, 10) == []


async def test_the_longest_due_comes_first(storage: Storage, clock: Clock) -> None:
    for name, minutes in (("a", 1), ("b", 3), ("c", 2)):
        at = GroupAddress(Platform.TELEGRAM, "", name)
        due = replace(a_group(clock, name), address=at, next_digest=clock() - timedelta(minutes=minutes))
        await kept(storage, due)
    async with storage.transaction() as records:
        assert [group.id for group in await records.groups.claim_due(clock(), LEASE, 2)] == ["b", "c"]


async def test_groups_that_wait_too_long_are_found(storage: Storage, clock: Clock) -> None:
    waiting = await kept(storage, replace(a_group(clock), state=GroupState.PENDING))
    async with storage.transaction() as records:
        settled = records.groups.settled_before
        assert await settled(GroupState.PENDING, clock() - timedelta(seconds=1), 10) == []
        assert await settled(GroupState.PENDING, clock(), 10) == [waiting]
        assert await settled(GroupState.ERASING, clock(), 10) == []


async def test_a_pause_that_is_over_is_found(storage: Storage, clock: Clock) -> None:
    paused = replace(a_group(clock), state=GroupState.PAUSED)
    over = await kept(storage, replace(paused, paused_until=clock()))
    for_good = replace(paused, id=GroupId("other"), address=GroupAddress(Platform.SLACK, "T1", "C1"))
    await kept(storage, for_good)
    async with storage.transaction() as records:
        assert await records.groups.pause_over(clock(), 10) == [over]
        assert await records.groups.pause_over(clock() - timedelta(seconds=1), 10) == []


async def test_a_workspace_knows_all_its_groups(storage: Storage, clock: Clock) -> None:
    places = [("T1", "C1"), ("T1", "C2"), ("T2", "C1")]
    for workspace, channel in places:
        at = GroupAddress(Platform.SLACK, workspace, channel)
        await kept(storage, replace(a_group(clock, f"{workspace}-{channel}"), address=at))
    async with storage.transaction() as records:
        assert {each.id for each in await records.groups.of_workspace(Platform.SLACK, "T1")} == {"T1-C1", "T1-C2"}
        assert await records.groups.of_workspace(Platform.TELEGRAM, "T1") == []


async def test_an_error_takes_everything_back(storage: Storage, clock: Clock) -> None:
    with pytest.raises(ZeroDivisionError):
        await kept_and_failed(storage, a_group(clock))
    async with storage.transaction() as records:
        assert await records.groups.get(GROUP) is None
        await records.groups.add(a_group(clock))


async def kept_and_failed(storage: Storage, group: Group) -> None:
    async with storage.transaction() as records:
        await records.groups.add(group)
        raise ZeroDivisionError


async def test_a_group_waits_for_its_turn_after_the_hour_that_it_is_told(storage: Storage, clock: Clock) -> None:
    hour = clock() + timedelta(hours=1)
    group = replace(a_group(clock), next_digest=hour, turn=timedelta(minutes=3))
    async with storage.transaction() as records:
        await records.groups.add(group)
        assert await records.groups.reading_at(hour) == 1
        assert await records.groups.reading_at(hour + group.turn) == 0
        assert await records.groups.claim_due(hour, LEASE, 5) == []
        assert await records.groups.claim_due(hour + group.turn, LEASE, 5) == [group]


def spoilt_seal(storage: SqlStorage) -> bytes:
    return b"\0" * 40


def newer_words(storage: SqlStorage) -> bytes:
    """Opens, and says what no version that we know says."""
    key = storage._known.get(GROUP)
    assert key is not None
    return key.seal(b'{"id": "g1", "state": "somewhere"}', ("group", "sealed", GROUP))


@pytest.mark.parametrize("spoil", [spoilt_seal, newer_words])
async def test_nobody_s_digest_waits_for_a_group_whose_row_can_t_be_read(
    sql_storage: SqlStorage, clock: Clock, spoil: Callable[[SqlStorage], bytes]
) -> None:
    await kept(sql_storage, replace(a_group(clock), next_digest=clock()))
    other = replace(a_group(clock, "g2"), address=ELSEWHERE, next_digest=clock())
    await kept(sql_storage, other)
    async with sql_storage.transaction() as records:
        assert len(await records.groups.claim_due(clock(), timedelta(0), 10)) == 2
        spoilt = update(GROUPS).where(GROUPS.c.id == GROUP).values(sealed=spoil(sql_storage))
        await records.transaction.run(spoilt)
    async with sql_storage.transaction() as records:
        assert await records.groups.claim_due(clock(), LEASE, 10) == [other]
        assert await records.groups.claim_due(clock(), LEASE, 10) == []
    with pytest.raises(Tampered) as refused:
        async with sql_storage.transaction() as records:
            await records.groups.get(GROUP)
    assert "somewhere" not in str(refused.value)
    _, listed = await roster(sql_storage, 10)
    assert {each.id: each.group is None for each in listed} == {GROUP: True, other.id: False}
