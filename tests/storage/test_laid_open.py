"""The whole database as it is about one person: no table is forgotten, and who said nothing has no row anywhere."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from core.model import Aside, ConsentAct, ConsentEvent, GroupState, Notice, Person, Platform, Purpose, ReceiptId
from storage.laid_open import OF_NOBODY, OF_PEOPLE, LaidOpen
from storage.own_tokens import SqlOwnTokens
from storage.sql import SqlStorage
from storage.subject import SqlSubjects
from storage.tables import METADATA
from tests.fakes.clock import Clock
from tests.storage.stories import (
    ALICE,
    BOB,
    GROUP,
    LEASE,
    a_consent,
    a_contribution,
    a_group,
    a_kept_link,
    a_share,
    an_intake,
    kept,
)

NOTICE = Notice("member-1", "0" * 64, "en")


def on_telegram(account: str) -> Person:
    return Person(Platform.TELEGRAM, "", ALICE if account == "alice" else BOB)


@pytest.fixture
async def busy(sql_storage: SqlStorage, clock: Clock) -> SqlStorage:
    """Alice has said yes, shared, and waits for work and a word; Bob is in the group and said nothing."""
    group = await kept(sql_storage, a_group(clock))
    link = await a_kept_link(sql_storage, clock)
    granted = ConsentEvent(
        ConsentAct.GRANTED, GROUP, ALICE, ReceiptId("receipt-1"), frozenset({Purpose.SHARES}), NOTICE, clock()
    )
    async with sql_storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock, Purpose.SHARES, receipt="receipt-1"))
        await records.consents.log(granted)
        await records.shares.add(a_share(clock()))
        await records.shares.set_message(GROUP, "m1", frozenset({link.id}), clock())
        await records.inbox.put("e1", replace(an_intake(clock), message="m2"))
        await records.contributions.add(a_contribution())
        await records.outbox.put(GROUP, "aside", Aside(ALICE, "m1", "note.listed", "en"), clock() + LEASE)
    await SqlOwnTokens(sql_storage).put(group.address, ALICE, SecretStr("xoxp-own"))
    return sql_storage


def test_every_table_is_looked_through_or_nobodys() -> None:
    assert OF_PEOPLE.keys() | OF_NOBODY == set(METADATA.tables)
    assert not OF_PEOPLE.keys() & OF_NOBODY


async def test_all_rows_of_a_person_are_found_in_every_table(busy: SqlStorage) -> None:
    [(group, lines)] = await LaidOpen(busy).about(on_telegram("alice"))
    assert group.id == GROUP
    assert {name: len(rows) for name, rows in lines.items()} == dict.fromkeys(OF_PEOPLE, 1)
    assert lines["member_consent"][0]["own_token"] is True
    assert lines["member_consent"][0]["purposes"] == ["shares"]
    assert lines["share"][0]["message"] == lines["message"][0]["message"] == "m1"
    assert lines["inbox"][0]["message"] == "m2"
    assert lines["outbox"][0]["kind"] == "aside"
    assert lines["consent_log"][0]["act"] == "granted"
    assert "xoxp-own" not in str(lines)


async def test_who_said_nothing_has_no_row_anywhere(busy: SqlStorage) -> None:
    assert await LaidOpen(busy).about(on_telegram("bob")) == []
    assert await LaidOpen(busy).about(Person(Platform.SLACK, "T1", ALICE)) == []


async def test_after_forgetting_only_what_proves_the_yes_is_left(busy: SqlStorage, clock: Clock) -> None:
    await SqlSubjects(busy, clock, lambda: "receipt-9").forget_everywhere(on_telegram("alice"), NOTICE)
    [(_, lines)] = await LaidOpen(busy).about(on_telegram("alice"))
    assert [line["act"] for line in lines.pop("consent_log")] == ["granted"]
    assert lines == {}


async def test_tables_of_nobody_are_counted(busy: SqlStorage) -> None:
    rows = await LaidOpen(busy).of_nobody()
    assert rows.keys() == OF_NOBODY
    assert (rows["group"], rows["link"], rows["pass"]) == (1, 1, 0)


async def test_what_waits_is_under_way_until_it_is_done(busy: SqlStorage) -> None:
    assert await LaidOpen(busy).under_way() == 2
    async with busy.transaction() as records:
        [item] = await records.inbox.claim(LEASE, 9)
        await records.inbox.done(item)
        await records.outbox.forget(GROUP, ALICE)
    assert await LaidOpen(busy).under_way() == 0


async def test_how_far_a_first_visit_has_come_is_read_from_what_is_kept(
    busy: SqlStorage,
) -> None:
    assert await LaidOpen(busy).reached() == {"enable", "opt_in", "share"}


async def test_where_nothing_is_kept_no_step_was_reached(sql_storage: SqlStorage, clock: Clock) -> None:
    assert await LaidOpen(sql_storage).reached() == frozenset()
    await kept(sql_storage, replace(a_group(clock), state=GroupState.PENDING))
    assert await LaidOpen(sql_storage).reached() == frozenset()
