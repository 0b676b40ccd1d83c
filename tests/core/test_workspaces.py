"""A workspace that uninstalls the bot, and a platform that does not answer for a while."""

from datetime import timedelta
from typing import Any

import pytest

from core.errors import PlatformUnavailable
from core.model import Actor, GroupAddress, GroupState, InDoubt, Platform
from tests.fakes.house import ADMIN, GROUP, House

FIRST, SECOND, ELSEWHERE = (
    GroupAddress(Platform.SLACK, workspace, conversation)
    for workspace, conversation in (("T1", "C1"), ("T1", "C2"), ("T2", "C1"))
)


async def away(*_: Any) -> Any:
    raise PlatformUnavailable


async def states(house: House) -> dict[GroupAddress, GroupState]:
    found = [await house.services.consent.group(address) for address in (FIRST, SECOND, ELSEWHERE)]
    return {group.address: group.state for group in found if group is not None}


async def test_uninstalling_takes_every_group_of_the_workspace_and_no_other() -> None:
    house = House()
    for address in (FIRST, SECOND, ELSEWHERE):
        await house.switch_on(address)
    assert {group.address for group in await house.services.consent.groups_of(Platform.SLACK, "T1")} == {FIRST, SECOND}
    assert await house.services.groups.workspace_removed(Platform.SLACK, "T1") == 2
    assert await house.services.groups.workspace_removed(Platform.SLACK, "T3") == 0
    assert await states(house) == {
        FIRST: GroupState.ERASING,
        SECOND: GroupState.ERASING,
        ELSEWHERE: GroupState.ENABLED,
    }


async def week_of_sharing(house: House) -> None:
    await house.switch_on()
    await house.opt_in()
    await house.post("https://pages.example/x")
    await house.work()
    house.later(days=6)


def digests(house: House) -> list[str]:
    return [key for _, _, key in house.messenger.posted if key.startswith("digest:")]


@pytest.mark.parametrize(("hours", "comes"), [(1, True), (30, False)])
async def test_a_digest_waits_for_a_platform_that_is_away_but_not_for_ever(
    hours: int, monkeypatch: pytest.MonkeyPatch, *, comes: bool
) -> None:
    house = House()
    await week_of_sharing(house)
    with monkeypatch.context() as patched:
        patched.setattr(house.messenger, "members", away)
        await house.services.digests.tick()
        await house.work()
        assert digests(house) == []
        house.later(hours=hours)
        await house.services.digests.tick()
    house.later(minutes=3)
    await house.services.digests.tick()
    await house.work()
    assert bool(digests(house)) is comes
    group = await house.services.consent.group(GROUP)
    assert group is not None
    assert group.next_digest is not None
    assert group.next_digest > house.now()


async def test_nobody_posts_again_while_the_platform_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    await house.switch_on()
    await house.opt_in()
    house.messenger.answers.append(InDoubt())
    house.messenger.loses_answers = True
    await house.post("https://pages.example/x")
    await house.work()
    with monkeypatch.context() as patched:
        patched.setattr(house.messenger, "find", away)
        house.later(minutes=2)
        assert await house.services.delivery.post_due() == 1
        assert len(house.messenger.posted) == 1
    house.later(minutes=2)
    await house.work()
    assert len(house.messenger.posted) == 1
    assert await house.services.delivery.post_due() == 0


async def test_a_group_the_platform_takes_out_of_our_reach_pauses_and_does_not_resume_by_itself():
    house = House()
    await house.switch_on()
    await house.services.groups.pause(GROUP, Actor(ADMIN), house.now() + timedelta(hours=1))
    await house.services.groups.suspend(GROUP)
    house.later(hours=2)
    assert await house.services.groups.resume_due() == 0
    group = await house.services.consent.group(GROUP)
    assert group is not None
    assert (group.state, group.paused_until) == (GroupState.PAUSED, None)


async def test_a_group_nobody_switched_on_stays_as_it_is_where_it_can_not_be_served():
    house = House()
    await house.services.groups.suspend(GROUP)
    await house.services.groups.bot_added(GROUP, "Book club", "en")
    await house.services.groups.suspend(GROUP)
    group = await house.services.consent.group(GROUP)
    assert group is not None
    assert group.state is GroupState.PENDING
