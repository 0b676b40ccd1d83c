"""The consent log: a chain that shows when a line was changed, taken out or put in, and forgets in time."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from core.model import Account, ConsentAct, ConsentEvent, Notice, Purpose, ReceiptId
from storage.consents import LOG, audit
from storage.retention import Retention
from storage.sql import SqlStorage
from tests.fakes.clock import Clock
from tests.storage.stories import ALICE, GROUP, a_consent, a_group, kept

NOTICE = Notice("member-1", "0" * 64, "en")


@pytest.fixture(autouse=True)
async def group(sql_storage: SqlStorage, clock: Clock) -> None:
    await kept(sql_storage, a_group(clock))


def an_event(clock: Clock, act: ConsentAct, receipt: str, account: Account | None = None) -> ConsentEvent:
    return ConsentEvent(act, GROUP, account, ReceiptId(receipt), frozenset({Purpose.SHARES}), NOTICE, clock())


async def grant(storage: SqlStorage, clock: Clock, receipt: str = "receipt-1") -> None:
    async with storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock, receipt=receipt))
        await records.consents.log(an_event(clock, ConsentAct.GRANTED, receipt, ALICE))


async def withdraw(storage: SqlStorage, clock: Clock) -> None:
    async with storage.transaction() as records:
        await records.consents.remove(GROUP, ALICE)
        await records.consents.log(an_event(clock, ConsentAct.WITHDRAWN, f"w-{clock()}"))


async def broken(storage: SqlStorage) -> list[int]:
    async with storage.transaction() as records:
        return await audit(records.transaction)


async def test_an_untouched_chain_is_whole(sql_storage: SqlStorage, clock: Clock) -> None:
    assert await broken(sql_storage) == []
    for turn in range(3):
        await grant(sql_storage, clock, f"receipt-{turn}")
    await withdraw(sql_storage, clock)
    assert await broken(sql_storage) == []


@pytest.mark.parametrize(
    "change", [{"purposes": "shares clicks"}, {"receipt": "other"}, {"previous": bytes(32)}, {"act": "withdrawn"}]
)
async def test_a_changed_line_is_found(sql_storage: SqlStorage, clock: Clock, change: dict[str, object]) -> None:
    for turn in range(3):
        await grant(sql_storage, clock, f"receipt-{turn}")
    async with sql_storage.transaction() as records:
        await records.transaction.run(update(LOG).where(LOG.c.seq == 2).values(change))
    assert await broken(sql_storage) == [2]


@pytest.mark.parametrize(("taken", "found"), [(2, [3]), (3, [3])])
async def test_a_line_taken_out_is_found(sql_storage: SqlStorage, clock: Clock, taken: int, found: list[int]) -> None:
    for turn in range(3):
        await grant(sql_storage, clock, f"receipt-{turn}")
    async with sql_storage.transaction() as records:
        await records.transaction.run(delete(LOG).where(LOG.c.seq == taken))
    assert await broken(sql_storage) == found


async def test_the_line_of_a_withdrawal_names_nobody_and_no_line_names_an_account(
    sql_storage: SqlStorage, clock: Clock
) -> None:
    await grant(sql_storage, clock)
    await withdraw(sql_storage, clock)
    async with sql_storage.transaction() as records:
        granted, withdrawn = await records.transaction.all(select(LOG).order_by(LOG.c.seq))
    assert withdrawn.subject is None
    assert withdrawn.receipt != granted.receipt
    assert len(granted.subject) == 32


async def test_two_consents_of_one_member_cant_be_tied_together(sql_storage: SqlStorage, clock: Clock) -> None:
    for receipt in ("receipt-1", "receipt-2"):
        await grant(sql_storage, clock, receipt)
    async with sql_storage.transaction() as records:
        first, second = await records.transaction.all(select(LOG.c.subject).order_by(LOG.c.seq))
    assert first.subject != second.subject


async def test_a_consents_line_is_kept_as_long_as_it_lives_and_twelve_months(
    sql_storage: SqlStorage, clock: Clock
) -> None:
    await grant(sql_storage, clock)
    clock.forward(days=300)
    assert "log_lines" not in await Retention(sql_storage).run()
    await withdraw(sql_storage, clock)
    clock.forward(days=365)
    assert "log_lines" not in await Retention(sql_storage).run()
    clock.forward(days=31)
    counts = await Retention(sql_storage).run()
    assert (counts["log_lines"], counts["log_rest"]) == (2, 1)
    assert await broken(sql_storage) == []
    await grant(sql_storage, clock, "receipt-9")
    assert await broken(sql_storage) == []


async def test_a_blanked_line_in_the_middle_leaves_the_chain_whole(sql_storage: SqlStorage, clock: Clock) -> None:
    await grant(sql_storage, clock)
    clock.forward(days=1)
    async with sql_storage.transaction() as records:
        await records.consents.log(an_event(clock, ConsentAct.GROUP_PAUSED, "p-1"))
    clock.forward(days=389)
    async with sql_storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, a_consent(clock))
    clock.forward(days=10)
    counts = await Retention(sql_storage).run()
    assert counts == {"log_lines": 1}
    assert await broken(sql_storage) == []


async def test_an_erased_groups_lines_begin_to_end(sql_storage: SqlStorage, clock: Clock) -> None:
    await grant(sql_storage, clock)
    async with sql_storage.transaction() as records:
        await records.groups.shred(GROUP)
    clock.forward(timedelta(days=400))
    assert (await Retention(sql_storage).run())["log_lines"] == 1
