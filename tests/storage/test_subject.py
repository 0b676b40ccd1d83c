"""Everything about one person: shown to that person, and erased when asked."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from core.model import GroupAddress, GroupId, Held, LinkId, Notice, Platform, Purpose
from storage.consents import LOG, audit
from storage.sql import SqlStorage
from storage.subject import SqlSubjects
from tests.fakes.clock import Clock
from tests.storage.stories import ALICE, BOB, GROUP, WEEK, a_consent, a_group, a_kept_link, a_share, kept

NOTICE = Notice("member-1", "0" * 64, "en")


@pytest.fixture
def subjects(sql_storage: SqlStorage, clock: Clock) -> SqlSubjects:
    return SqlSubjects(sql_storage, clock, lambda: "receipt-erased")


@pytest.fixture(autouse=True)
async def groups(sql_storage: SqlStorage, clock: Clock) -> None:
    """Sixty groups; Alice said yes in two of them."""
    await kept(sql_storage, a_group(clock))
    await a_kept_link(sql_storage, clock)
    for number in range(60):
        at = GroupAddress(Platform.SLACK, "T1", f"C{number}")
        await kept(sql_storage, replace(a_group(clock, f"h{number:02}"), address=at))
    async with sql_storage.transaction() as records:
        await records.consents.put(GroupId("h59"), ALICE, a_consent(clock, receipt="receipt-2"))
        for account in (ALICE, BOB):
            await records.consents.put(GROUP, account, a_consent(clock, Purpose.SHARES, Purpose.CLICKS))
            await records.shares.add(a_share(clock(), account=account))


async def test_what_is_held_is_told_group_by_group(
    sql_storage: SqlStorage, subjects: SqlSubjects, clock: Clock
) -> None:
    held = await subjects.held_about(ALICE)
    async with sql_storage.transaction() as records:
        link = await records.links.get(GROUP, LinkId("link-a"))
        other = await records.groups.get(GroupId("h59"))
    assert link is not None
    assert other is not None
    assert held == [
        Held(a_group(clock), a_consent(clock, Purpose.SHARES, Purpose.CLICKS), (link,)),
        Held(other, a_consent(clock, receipt="receipt-2"), ()),
    ]
    assert await subjects.held_about(type(ALICE)("99")) == []


async def test_forgetting_erases_one_person_everywhere_and_nobody_else(
    sql_storage: SqlStorage, subjects: SqlSubjects
) -> None:
    assert await subjects.forget_everywhere(ALICE, NOTICE) == 2
    assert await subjects.held_about(ALICE) == []
    assert await subjects.forget_everywhere(ALICE, NOTICE) == 0
    async with sql_storage.transaction() as records:
        assert await records.consents.get(GROUP, BOB)
        assert [each.shares for each in await records.shares.week(GROUP, WEEK)] == [1]
        lines = await records.transaction.all(select(LOG.c.act, LOG.c.subject))
        assert {tuple(line) for line in lines} == {("erased", None)}
        assert await audit(records.transaction) == []


async def test_links_that_only_a_forgotten_person_shared_are_no_longer_counted(
    sql_storage: SqlStorage, subjects: SqlSubjects
) -> None:
    async with sql_storage.transaction() as records:
        link = await records.links.get(GROUP, LinkId("link-a"))
        until = await records.shares.counted_until(GROUP, LinkId("link-a"))
        assert link is not None
        await records.links.save(replace(link, counted_until=until))
    await subjects.forget_everywhere(ALICE, NOTICE)
    async with sql_storage.transaction() as records:
        found = await records.links.destination(link.code)
        assert found is not None
        assert found.counted_until == until
    await subjects.forget_everywhere(BOB, NOTICE)
    async with sql_storage.transaction() as records:
        found = await records.links.destination(link.code)
    assert found is not None
    assert found.counted_until is None
    assert found.url == link.clean.display
