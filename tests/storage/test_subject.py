"""Everything about one person: shown to that person, and erased when asked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.model import (
    Card,
    CardLink,
    Group,
    GroupAddress,
    GroupId,
    Held,
    LinkId,
    Notice,
    OutboxState,
    Person,
    Platform,
    Purpose,
)
from core.ports import Storage, Subjects
from storage.consents import LOG, audit
from storage.sql import SqlStorage
from storage.subject import SqlSubjects
from tests.fakes.clock import Clock
from tests.fakes.memory_storage import MemoryStorage
from tests.fakes.memory_subjects import MemorySubjects
from tests.storage.stories import (
    ALICE,
    BOB,
    GROUP,
    LEASE,
    WEEK,
    a_clean_url,
    a_consent,
    a_group,
    a_kept_link,
    a_share,
    an_intake,
    kept,
)

NOTICE = Notice("member-1", "0" * 64, "en")
ON_TELEGRAM = Person(Platform.TELEGRAM, "", ALICE)
ON_SLACK = Person(Platform.SLACK, "T1", ALICE)


def subjects_of(storage: Storage, clock: Clock) -> Subjects:
    ids = iter(f"receipt-erased-{number}" for number in range(99))
    if isinstance(storage, MemoryStorage):
        return MemorySubjects(storage, clock, ids.__next__)
    assert isinstance(storage, SqlStorage)
    return SqlSubjects(storage, clock, ids.__next__)


@pytest.fixture
async def subjects(storage: Storage, clock: Clock) -> Subjects:
    """Alice and Bob said yes in a group on Telegram; Alice in one of sixty channels on Slack too."""
    await kept(storage, a_group(clock))
    await a_kept_link(storage, clock)
    for number in range(60):
        await kept(storage, a_channel(clock, number))
    async with storage.transaction() as records:
        await records.consents.put(GroupId("h59"), ALICE, a_consent(clock, receipt="receipt-2"))
        for account in (ALICE, BOB):
            await records.consents.put(GROUP, account, a_consent(clock, Purpose.SHARES, Purpose.CLICKS))
            await records.shares.add(a_share(clock(), account=account))
    return subjects_of(storage, clock)


def a_channel(clock: Clock, number: int) -> Group:
    return replace(a_group(clock, f"h{number:02}"), address=GroupAddress(Platform.SLACK, "T1", f"C{number}"))


async def test_what_is_held_is_told_group_by_group(storage: Storage, subjects: Subjects, clock: Clock) -> None:
    async with storage.transaction() as records:
        link = await records.links.get(GROUP, LinkId("link-a"))
        await records.inbox.put("e1", an_intake(clock))
        await records.inbox.put("e2", replace(an_intake(clock), account=BOB))
    assert link is not None
    mine = a_consent(clock, Purpose.SHARES, Purpose.CLICKS)
    assert await subjects.held_about(ON_TELEGRAM) == [Held(a_group(clock), mine, (link,), 1)]
    theirs = a_consent(clock, receipt="receipt-2")
    assert await subjects.held_about(ON_SLACK) == [Held(a_channel(clock, 59), theirs, ())]


async def test_the_same_id_in_another_workspace_is_somebody_else(subjects: Subjects) -> None:
    stranger = Person(Platform.SLACK, "T2", ALICE)
    assert await subjects.held_about(stranger) == []
    assert await subjects.forget_everywhere(stranger, NOTICE) == 0
    assert len(await subjects.held_about(ON_SLACK)) == 1


async def test_forgetting_erases_one_person_and_nobody_else(storage: Storage, subjects: Subjects) -> None:
    assert await subjects.forget_everywhere(ON_TELEGRAM, NOTICE) == 1
    assert await subjects.held_about(ON_TELEGRAM) == []
    assert await subjects.forget_everywhere(ON_TELEGRAM, NOTICE) == 0
    assert len(await subjects.held_about(ON_SLACK)) == 1
    async with storage.transaction() as records:
        assert await records.consents.get(GROUP, BOB)
        assert [each.shares for each in await records.shares.week(GROUP, WEEK)] == [1]


async def test_one_group_can_forget_alone(storage: Storage, subjects: Subjects) -> None:
    assert await subjects.forget(GroupId("h59"), ALICE, NOTICE)
    assert not await subjects.forget(GroupId("h59"), ALICE, NOTICE)
    assert not await subjects.forget(GroupId("unknown"), ALICE, NOTICE)
    assert await subjects.held_about(ON_SLACK) == []
    assert len(await subjects.held_about(ON_TELEGRAM)) == 1


async def test_work_and_cards_of_a_forgotten_person_go_and_do_not_come_again(
    storage: Storage, subjects: Subjects, clock: Clock
) -> None:
    url = a_clean_url()
    card = Card(ALICE, "m1", (CardLink(LinkId("link-a"), url.display, "https://s/1", url.site),), "en")
    async with storage.transaction() as records:
        await records.inbox.put("e1", an_intake(clock))
        await records.outbox.put(GROUP, "card:m1", card, clock() + timedelta(hours=1))
    async with storage.transaction() as records:
        [item] = await records.outbox.claim(LEASE, 1)
        await records.outbox.close(item, OutboxState.UNKNOWN, "no answer")
        await records.outbox.put(GROUP, "card:m2", replace(card, account=BOB), clock() + timedelta(hours=1))
    assert [each.waiting for each in await subjects.held_about(ON_TELEGRAM)] == [2]
    assert await subjects.forget(GROUP, ALICE, NOTICE)
    async with storage.transaction() as records:
        assert await records.inbox.claim(LEASE, 9) == []
        assert not await records.inbox.put("e1", an_intake(clock))
        assert [each.key for each in await records.outbox.claim(LEASE, 9)] == ["card:m2"]
    assert await subjects.held_about(ON_TELEGRAM) == []


async def test_the_log_says_that_somebody_was_forgotten_and_not_who(sql_storage: SqlStorage, clock: Clock) -> None:
    await kept(sql_storage, a_group(clock))
    async with sql_storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock))
    await subjects_of(sql_storage, clock).forget(GROUP, ALICE, NOTICE)
    async with sql_storage.transaction() as records:
        lines = await records.transaction.all(select(LOG.c.act, LOG.c.subject))
        assert [tuple(line) for line in lines] == [("erased", None)]
        assert await audit(records.transaction) == []


async def test_links_that_only_a_forgotten_person_shared_are_no_longer_counted(
    storage: Storage, subjects: Subjects
) -> None:
    async with storage.transaction() as records:
        link = await records.links.get(GROUP, LinkId("link-a"))
        until = await records.shares.counted_until(GROUP, LinkId("link-a"))
        assert link is not None
        await records.links.save(replace(link, counted_until=until))
    await subjects.forget(GROUP, ALICE, NOTICE)
    async with storage.transaction() as records:
        found = await records.links.destination(link.code)
        assert found is not None
        assert found.counted_until == until
    await subjects.forget(GROUP, BOB, NOTICE)
    async with storage.transaction() as records:
        found = await records.links.destination(link.code)
    assert found is not None
    assert found.counted_until is None
    assert found.url == link.clean.display
