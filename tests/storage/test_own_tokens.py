"""A member's own token: sealed, and gone with whatever ends the consent it stands beside."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from core.errors import Tampered
from core.model import Account, Group, GroupAddress, GroupState, Platform, Purpose
from storage.consents import CONSENTS, member_mark
from storage.journal import Erased, Erasure
from storage.own_tokens import SqlOwnTokens
from storage.replay import replay
from storage.sql import SqlStorage
from tests.fakes.clock import Clock
from tests.storage.stories import ALICE, BOB, GROUP, a_consent

ROOM = GroupAddress(Platform.SLACK, "T1", "C1")
TOKEN = SecretStr("xoxp-canary-4711")
REVOKED = (Platform.SLACK, "T1", [ALICE, Account("somebody else")])


@pytest.fixture
async def tokens(sql_storage: SqlStorage, clock: Clock) -> SqlOwnTokens:
    """Alice said yes in a channel and handed her token over."""
    async with sql_storage.transaction() as records:
        await records.groups.add(Group(GROUP, ROOM, GroupState.ENABLED, clock(), "reading-room"))
        await records.consents.put(GROUP, ALICE, a_consent(clock))
    kept = SqlOwnTokens(sql_storage)
    assert await kept.put(ROOM, ALICE, TOKEN)
    return kept


async def test_a_token_is_its_members_in_one_channel_alone(tokens: SqlOwnTokens, sql_storage: SqlStorage) -> None:
    assert await tokens.get(ROOM, ALICE) == TOKEN
    assert await tokens.get(ROOM, BOB) is None
    assert await tokens.get(replace(ROOM, conversation="C2"), ALICE) is None
    async with sql_storage.transaction() as records:
        row = await records.transaction.one(select(CONSENTS.c.own_token))
    assert row is not None
    assert b"canary" not in row.own_token


async def test_who_said_no_leaves_no_token_here(tokens: SqlOwnTokens) -> None:
    assert not await tokens.put(ROOM, BOB, TOKEN)
    assert not await tokens.put(replace(ROOM, conversation="C2"), ALICE, TOKEN)
    assert await tokens.get(ROOM, BOB) is None


async def test_another_choice_keeps_the_token_and_a_no_ends_it(
    tokens: SqlOwnTokens, sql_storage: SqlStorage, clock: Clock
) -> None:
    async with sql_storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock, Purpose.SHARES, Purpose.CLICKS, receipt="r2"))
    assert await tokens.get(ROOM, ALICE) == TOKEN
    async with sql_storage.transaction() as records:
        await records.consents.remove(GROUP, ALICE)
        await records.consents.put(GROUP, ALICE, a_consent(clock, receipt="r3"))
    assert await tokens.get(ROOM, ALICE) is None


async def test_an_erased_channel_has_no_tokens(tokens: SqlOwnTokens, sql_storage: SqlStorage) -> None:
    async with sql_storage.transaction() as records:
        await records.groups.shred(GROUP)
    assert await tokens.get(ROOM, ALICE) is None
    assert not await tokens.remove(ROOM, ALICE)


@pytest.mark.parametrize("end", [lambda kept: kept.remove(ROOM, ALICE), lambda kept: kept.revoked(*REVOKED)])
async def test_taking_it_back_leaves_the_consent(
    tokens: SqlOwnTokens, sql_storage: SqlStorage, end: Callable[[SqlOwnTokens], Awaitable[int]]
) -> None:
    assert await end(tokens) == 1
    assert await tokens.get(ROOM, ALICE) is None
    assert await end(tokens) == 0
    async with sql_storage.transaction() as records:
        assert await records.consents.get(GROUP, ALICE) is not None


async def test_a_death_in_another_workspace_is_not_ours(tokens: SqlOwnTokens) -> None:
    assert await tokens.revoked(Platform.SLACK, "T2", [ALICE]) == 0
    assert await tokens.get(ROOM, ALICE) == TOKEN


async def test_no_backup_brings_it_again(tokens: SqlOwnTokens, sql_storage: SqlStorage, clock: Clock) -> None:
    async with sql_storage.transaction() as records:
        member = member_mark(await records.transaction.key(GROUP), ALICE).hex()
    told = Erasure(Erased.HANDED_OVER, clock(), GROUP, (member,))
    assert await replay(sql_storage, [told]) == 1
    assert await tokens.get(ROOM, ALICE) is None


async def test_a_token_moved_to_another_member_does_not_open(
    tokens: SqlOwnTokens, sql_storage: SqlStorage, clock: Clock
) -> None:
    async with sql_storage.transaction() as records:
        tx = records.transaction
        row = await tx.one(select(CONSENTS.c.own_token))
        await records.consents.put(GROUP, BOB, a_consent(clock, receipt="r2"))
        bobs = CONSENTS.c.member == member_mark(await tx.key(GROUP), BOB)
        assert row is not None
        await tx.run(update(CONSENTS).where(bobs).values(own_token=row.own_token))
    with pytest.raises(Tampered):
        await tokens.get(ROOM, BOB)
