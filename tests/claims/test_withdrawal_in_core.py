"""Withdrawing is as easy as joining, and works at once: held against the code, and against mutants that break it."""

import inspect
from collections.abc import Awaitable, Callable

import pytest

from core.clicks import Visitor
from core.consent import ConsentService
from core.consent_log import ConsentLog
from core.consent_rules import recount
from core.errors import GroupNotEnabled
from core.model import (
    EVERY_PURPOSE,
    Actor,
    Consent,
    ConsentAct,
    ConsentEvent,
    Destination,
    GroupState,
    ReceiptId,
    Standing,
)
from tests.fakes.house import ADMIN, GROUP, MEMBER, TUESDAY, House

READER = Visitor("203.0.113.9", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
YES = Consent(EVERY_PURPOSE, "member-1", TUESDAY, ReceiptId("somebody's"))
Break = Callable[[pytest.MonkeyPatch], None]


async def at_work() -> House:
    """A member said yes, posted a link that was worked off, and another one that was only just accepted."""
    house = House()
    await house.switch_on()
    await house.opt_in()
    await house.post("https://news.example/a", message="m1")
    await house.work()
    await house.post("https://news.example/b", message="m2")
    return house


async def broken_promises(withdraw: Callable[[House], Awaitable[object]]) -> set[str]:
    """What does not hold after a member has withdrawn."""
    house = await at_work()
    (code,) = house.storage.state.targets
    posted = len(house.messenger.posted)
    await withdraw(house)
    await house.services.links.refresh()
    broken = {
        "messages are still read": await house.services.consent.may_count(GROUP, MEMBER) is not None,
        "the yes is still kept": bool(house.storage.state.consents),
        "who shared is still kept": bool(house.storage.state.shares),
        "the log tells who": who_is_told(house),
    }
    led_on = await house.services.clicks.follow(code, READER)
    broken["a link leads nowhere"] = not isinstance(led_on, Destination)
    await house.services.clicks.flush()
    broken["a click is counted"] = bool(house.storage.state.clicks)
    await house.work()
    broken["accepted work is still counted"] = bool(house.storage.state.shares)
    broken["a card is still posted"] = len(house.messenger.posted) > posted
    return {promise for promise, is_broken in broken.items() if is_broken}


def who_is_told(house: House) -> bool:
    lines = list(house.storage.state.log.values())
    granted = {line.receipt for line in lines if line.act is ConsentAct.GRANTED}
    ended = [line for line in lines if line.act is ConsentAct.WITHDRAWN]
    return any(line.account is not None or line.receipt in granted for line in ended) or not ended


async def one_tap(house: House) -> None:
    assert await house.services.consent.withdraw(GROUP, MEMBER)


async def test_one_act_stops_everything_at_once():
    assert await broken_promises(one_tap) == set()


def test_joining_asks_for_more_than_withdrawing():
    joining = inspect.signature(ConsentService.grant).parameters
    withdrawing = inspect.signature(ConsentService.withdraw).parameters
    assert set(withdrawing) < set(joining)


def test_consent_is_asked_for_without_a_message_at_hand():
    asked = inspect.signature(ConsentService.may_count).parameters
    assert list(asked) == ["self", "address", "account", "handed_over"]


@pytest.mark.parametrize("state", [GroupState.ENABLED, GroupState.PAUSED, GroupState.ERASING])
async def test_a_member_may_always_withdraw_also_where_nobody_may_join(state):
    house = await at_work()
    consent = house.services.consent
    if state is GroupState.PAUSED:
        await house.services.groups.pause(GROUP, Actor(ADMIN))
    if state is GroupState.ERASING:
        await house.services.groups.bot_removed(GROUP)
    assert await consent.withdraw(GROUP, MEMBER)
    assert house.storage.state.consents == {}
    assert house.storage.state.shares == {}


async def test_a_yes_said_again_does_not_bring_back_what_was_withdrawn():
    house = await at_work()
    await one_tap(house)
    await house.opt_in()
    assert house.storage.state.shares == {}
    (link,) = house.storage.state.links.values()
    assert link.counted_until is None


async def test_others_who_shared_the_same_link_are_not_withdrawn_along():
    house = await at_work()
    await house.opt_in(ADMIN)
    await house.post("https://news.example/a", account=ADMIN, message="m3")
    await house.work()
    await one_tap(house)
    assert {share.account for share in house.storage.state.shares.values()} == {ADMIN}
    counted = {link.clean.display: link.counted_until is not None for link in house.storage.state.links.values()}
    assert counted == {"https://news.example/a": True, "https://news.example/b": False}


# Mutants: each breaks one promise, and the story above must notice ---------------------------------------------------


def a_withdrawal_that_keeps_the_yes(patch: pytest.MonkeyPatch) -> None:
    async def withdraw(self, address, account):
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            await recount(records, group.id, await records.shares.forget(group.id, account))
            await self._log.of_group(records, group, ConsentAct.WITHDRAWN)
        return True

    patch.setattr(ConsentService, "withdraw", withdraw)


def a_withdrawal_that_keeps_who_shared(patch: pytest.MonkeyPatch) -> None:
    async def withdraw(self, address, account):
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            await records.consents.remove(group.id, account)
            await self._log.of_group(records, group, ConsentAct.WITHDRAWN)
        return True

    patch.setattr(ConsentService, "withdraw", withdraw)


def links_that_are_not_counted_anew(patch: pytest.MonkeyPatch) -> None:
    async def nothing(records, group, links):
        pass

    patch.setattr("core.consent.recount", nothing)


def a_log_that_names_the_member(patch: pytest.MonkeyPatch) -> None:
    told = ConsentLog.of_group

    async def log(self, records, group, act):
        if act is not ConsentAct.WITHDRAWN:
            return await told(self, records, group, act)
        line = (self.notice("en"), TUESDAY)
        return await records.consents.log(ConsentEvent(act, group.id, MEMBER, "r", frozenset(), *line))

    patch.setattr(ConsentLog, "of_group", log)


def work_that_trusts_an_earlier_answer(patch: pytest.MonkeyPatch) -> None:
    async def still_all(self, records, asked, _count):
        kept = await records.groups.some({group for group, _ in asked})
        return [Standing(kept[group], YES) for group, _ in asked]

    async def seems_to_stand(self, group, account):
        return True

    patch.setattr(ConsentService, "still_all", still_all)
    patch.setattr(ConsentService, "seems_to_stand", seems_to_stand)


def a_groups_yes_taken_for_a_members(patch: pytest.MonkeyPatch) -> None:
    def standing(self, group, consent, _count=None):
        return Standing(group, YES)

    patch.setattr(ConsentService, "_judged", standing)


MUTANTS: list[tuple[Break, str]] = [
    (a_withdrawal_that_keeps_the_yes, "messages are still read"),
    (a_withdrawal_that_keeps_who_shared, "who shared is still kept"),
    (links_that_are_not_counted_anew, "a click is counted"),
    (a_log_that_names_the_member, "the log tells who"),
    (work_that_trusts_an_earlier_answer, "accepted work is still counted"),
    (work_that_trusts_an_earlier_answer, "a card is still posted"),
    (a_groups_yes_taken_for_a_members, "messages are still read"),
]


@pytest.mark.parametrize(("mutant", "promise"), MUTANTS)
async def test_a_mutant_breaks_its_promise(monkeypatch, mutant, promise):
    mutant(monkeypatch)
    assert promise in await broken_promises(one_tap)


async def test_a_mutant_that_lets_nobody_out_of_a_paused_group_is_noticed(monkeypatch):
    told = ConsentService.withdraw

    async def withdraw(self, address, account):
        group = await self.group(address)
        if group.state is not GroupState.ENABLED:
            raise GroupNotEnabled
        return await told(self, address, account)

    monkeypatch.setattr(ConsentService, "withdraw", withdraw)
    with pytest.raises(GroupNotEnabled):
        await test_a_member_may_always_withdraw_also_where_nobody_may_join(GroupState.PAUSED)
