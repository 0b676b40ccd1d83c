"""A yes does not hold for ever: it goes stale, allows nothing, is asked for once more, and is erased."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.consent import ConsentService, Stale
from core.consent_rules import is_stale
from core.model import (
    CONSENT_INERT_FOR,
    CONSENT_VALID_FOR,
    Consent,
    ConsentAct,
    Notice,
    Purpose,
    ReceiptId,
    Standing,
)
from tests.fakes.house import GROUP, MEMBER, OTHER, TUESDAY, House

YES = Consent(frozenset({Purpose.SHARES}), "member-1", TUESDAY, ReceiptId("r1"))


@given(st.timedeltas(timedelta(0), timedelta(days=2000)))
def test_a_yes_holds_for_twelve_months_to_the_minute(age):
    assert is_stale(YES, "member-1", TUESDAY + age) is (age >= CONSENT_VALID_FOR)


@given(st.timedeltas(timedelta(0), timedelta(days=2000)))
def test_a_yes_to_another_notice_never_holds(age):
    assert is_stale(YES, "member-2", TUESDAY + age)


async def house_with_a_yes() -> House:
    house = House()
    await house.switch_on()
    await house.opt_in()
    return house


def with_a_new_notice(house: House) -> None:
    """As after an update of Penumbra that says something else to members."""
    log = house.services.consent._log
    log._notices = {language: Notice("member-2", f"new-{language}", language) for language in ("en", "fr")}


def erased(house: House) -> list[ConsentAct]:
    return [event.act for event in house.storage.state.log.values() if event.act is ConsentAct.ERASED]


async def test_a_yes_gone_stale_is_told_from_none_until_its_member_was_told():
    house = await house_with_a_yes()
    consent = house.services.consent
    assert isinstance(await consent.hear(GROUP, MEMBER), Standing)
    house.later(days=365)
    assert await consent.hear(GROUP, MEMBER) == Stale()
    assert await consent.hear(GROUP, OTHER) is None
    assert await consent.reminder_due(GROUP, MEMBER)
    assert await consent.hear(GROUP, MEMBER) is None


async def test_after_twelve_months_nothing_is_read_any_more():
    house = await house_with_a_yes()
    house.later(days=364, hours=23)
    assert await house.services.consent.may_count(GROUP, MEMBER) is not None
    house.later(hours=1)
    assert await house.services.consent.may_count(GROUP, MEMBER) is None
    assert not await house.post("https://news.example/a")
    assert house.storage.state.inbox == {}


async def test_a_member_is_told_once_and_only_when_they_post_again():
    house = await house_with_a_yes()
    consent = house.services.consent
    assert not await consent.reminder_due(GROUP, MEMBER)
    house.moment += CONSENT_VALID_FOR
    assert await consent.reminder_due(GROUP, MEMBER)
    assert not await consent.reminder_due(GROUP, MEMBER)
    assert not await consent.reminder_due(GROUP, OTHER)
    assert await consent.may_count(GROUP, MEMBER) is None


async def test_nobody_is_told_in_a_group_that_is_not_on():
    house = await house_with_a_yes()
    house.moment += CONSENT_VALID_FOR
    assert not await house.services.consent.reminder_due(replace(GROUP, conversation="-9"), MEMBER)
    await house.services.groups.bot_removed(GROUP)
    assert not await house.services.consent.reminder_due(GROUP, MEMBER)


async def test_a_stale_yes_is_renewed_by_saying_it_again():
    house = await house_with_a_yes()
    consent = house.services.consent
    before = await consent.of_member(GROUP, MEMBER)
    house.moment += CONSENT_VALID_FOR
    assert await consent.reminder_due(GROUP, MEMBER)
    await house.opt_in()
    after = await consent.of_member(GROUP, MEMBER)
    assert before is not None
    assert after is not None
    assert (after.receipt != before.receipt, after.given_at, after.reminded) == (True, house.now(), False)
    assert await consent.may_count(GROUP, MEMBER) is not None
    house.moment += CONSENT_INERT_FOR
    assert await consent.purge_stale() == 0


async def test_after_thirty_days_more_a_stale_yes_is_erased():
    house = await house_with_a_yes()
    house.moment += CONSENT_VALID_FOR + CONSENT_INERT_FOR - timedelta(minutes=1)
    assert await house.services.consent.purge_stale() == 0
    house.later(minutes=1)
    assert await house.services.consent.purge_stale() == 1
    assert await house.services.consent.purge_stale() == 0
    assert house.storage.state.consents == {}
    assert len(erased(house)) == 1
    assert list(house.storage.state.log.values())[-1].account is None


@pytest.mark.parametrize("reminded", [True, False])
async def test_a_yes_to_an_older_notice_is_erased_thirty_days_after_it_was_found(reminded):
    house = await house_with_a_yes()
    with_a_new_notice(house)
    consent = house.services.consent
    assert await consent.may_count(GROUP, MEMBER) is None
    assert await consent.purge_stale() == 0
    if reminded:
        assert await consent.reminder_due(GROUP, MEMBER)
    house.moment += CONSENT_INERT_FOR - timedelta(minutes=1)
    assert await consent.purge_stale() == 0
    house.later(minutes=1)
    assert await consent.purge_stale() == 1
    assert await consent.of_member(GROUP, MEMBER) is None


async def test_a_yes_to_the_new_notice_stays():
    house = await house_with_a_yes()
    with_a_new_notice(house)
    await house.services.consent.purge_stale()
    await house.services.consent.grant(GROUP, MEMBER, frozenset({Purpose.SHARES}), "member-2")
    house.moment += CONSENT_INERT_FOR
    assert await house.services.consent.purge_stale() == 0
    assert await house.services.consent.may_count(GROUP, MEMBER) is not None


async def test_members_can_take_back_a_stale_yes_too():
    house = await house_with_a_yes()
    house.moment += CONSENT_VALID_FOR
    assert await house.services.consent.withdraw(GROUP, MEMBER)
    assert house.storage.state.consents == {}


async def test_purging_is_done_in_small_batches():
    house = await house_with_a_yes()
    await house.opt_in(OTHER)
    house.moment += CONSENT_VALID_FOR + CONSENT_INERT_FOR
    assert [await house.services.consent.purge_stale(limit=1) for _ in range(2)] == [2, 0]


async def test_a_quicker_way_to_look_gives_the_same_answer():
    house = await house_with_a_yes()
    consent = house.services.consent
    asked = []

    async def hear(address, account):
        asked.append(account)
        return await consent._look(address, account)

    quicker = ConsentService(replace(consent._outside, hear=hear), consent._log)
    for account in (MEMBER, OTHER):
        assert await quicker.hear(GROUP, account) == await consent.hear(GROUP, account)
    assert asked == [MEMBER, OTHER]
