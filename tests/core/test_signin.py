"""Signing in: a link that works once, for one person, for ten minutes; and what it opens is asked live."""

from dataclasses import dataclass, field
from itertools import count

import pytest

from core.errors import NotAnAdmin, SignInOver, UnknownGroup
from core.model import Account, GroupAddress, GroupId, Pass, Person, Platform
from core.signin import Goal, Session, SignInOutside, SignInService
from tests.fakes.house import ADMIN, GROUP, MEMBER, OTHER, PUBLIC_URL, House

ADA = Person(Platform.TELEGRAM, "", ADMIN)
BRUNO = Person(Platform.TELEGRAM, "", MEMBER)


@dataclass
class Porch:
    """A house with a group that is on, and its front door."""

    house: House = field(default_factory=House)

    def __post_init__(self) -> None:
        numbers = count(1)
        roles = dict.fromkeys(Platform, self.house.messenger)
        secret = lambda: f"secret-{next(numbers)}"  # noqa: E731 - as the port is a plain callable
        self.door = SignInService(SignInOutside(self.house.storage, roles, self.house.now, secret, f"{PUBLIC_URL}/"))

    async def link(self, person: Person = ADA, at: GroupAddress | None = GROUP, to: Goal = Goal.SETTINGS) -> str:
        return (await self.door.link_for(person, at, to)).removeprefix(f"{PUBLIC_URL}/in/")

    async def enter(self, person: Person = ADA, at: GroupAddress | None = GROUP, before: str | None = None) -> Session:
        return await self.door.enter(await self.link(person, at), before)


@pytest.fixture
async def porch() -> Porch:
    porch = Porch()
    await porch.house.switch_on()
    return porch


async def group_id(porch: Porch, at: GroupAddress = GROUP) -> GroupId:
    group = await porch.house.services.consent.group(at)
    assert group is not None
    return group.id


async def test_a_link_may_be_looked_at_often_and_used_once(porch: Porch) -> None:
    link = await porch.link()
    assert await porch.door.look_at(link) == await porch.door.look_at(link)
    session = await porch.door.enter(link)
    assert session.holder == Pass(ADA, frozenset({await group_id(porch)}))
    assert await porch.door.session(session.secret) == session.holder
    for late in (porch.door.look_at(link), porch.door.enter(link)):
        with pytest.raises(SignInOver):
            await late


async def test_a_link_is_no_session_and_a_session_no_link(porch: Porch) -> None:
    link = await porch.link()
    with pytest.raises(SignInOver):
        await porch.door.session(link)
    session = await porch.door.enter(link)
    with pytest.raises(SignInOver):
        await porch.door.enter(session.secret)


async def test_a_link_is_over_after_ten_minutes_and_a_session_after_a_day_s_work(porch: Porch) -> None:
    link, session = await porch.link(), await porch.enter()
    porch.house.later(minutes=10)
    with pytest.raises(SignInOver):
        await porch.door.enter(link)
    porch.house.later(hours=7)
    await porch.door.session(session.secret)
    porch.house.later(hours=1)
    with pytest.raises(SignInOver):
        await porch.door.session(session.secret)


async def test_signing_out_holds_at_once(porch: Porch) -> None:
    session = await porch.enter()
    await porch.door.leave(session.secret)
    with pytest.raises(SignInOver):
        await porch.door.session(session.secret)


async def test_a_second_link_of_the_same_person_adds_its_group_to_the_first(porch: Porch) -> None:
    other = GroupAddress(Platform.TELEGRAM, "", "-1002")
    await porch.house.switch_on(other)
    first = await porch.enter()
    second = await porch.enter(at=other, before=first.secret)
    assert [group.address for group in await porch.door.managed(second.holder)] == [GROUP, other]
    with pytest.raises(SignInOver):
        await porch.door.session(first.secret)


async def test_somebody_else_s_session_in_the_same_browser_ends_and_gives_nothing(porch: Porch) -> None:
    ada = await porch.enter()
    bruno = await porch.enter(BRUNO, None, before=ada.secret)
    assert bruno.holder == Pass(BRUNO)
    with pytest.raises(SignInOver):
        await porch.door.session(ada.secret)


async def test_only_who_runs_a_group_at_this_moment_manages_it(porch: Porch) -> None:
    ada, bruno = (await porch.enter()).holder, (await porch.enter(BRUNO)).holder
    here = await group_id(porch)
    assert (await porch.door.to_manage(ada, here)).address == GROUP
    assert await porch.door.managed(bruno) == []
    with pytest.raises(NotAnAdmin):
        await porch.door.to_manage(bruno, here)
    porch.house.messenger.admins.discard(ADMIN)
    assert await porch.door.managed(ada) == []
    with pytest.raises(NotAnAdmin):
        await porch.door.to_manage(ada, here)


async def test_editions_are_for_whom_the_bot_met_in_the_group_and_for_its_admins(porch: Porch) -> None:
    here = await group_id(porch)
    bruno = await porch.door.enter(await porch.link(BRUNO, to=Goal.EDITIONS))
    assert bruno.holder.reads == here
    assert (await porch.door.to_read(bruno.holder, here)).id == here
    assert (await porch.door.to_read(Pass(ADA), here)).id == here
    with pytest.raises(NotAnAdmin):
        await porch.door.to_read(Pass(Person(Platform.TELEGRAM, "", OTHER)), here)


async def test_a_link_from_a_group_of_another_workspace_opens_nothing_there(porch: Porch) -> None:
    stranger = Person(Platform.SLACK, "T1", ADMIN)
    holder = (await porch.enter(stranger)).holder
    assert holder.groups == frozenset()
    for group in (await group_id(porch), GroupId("none")):
        with pytest.raises(UnknownGroup):
            await porch.door.to_manage(holder, group)


async def test_of_a_workspace_every_channel_is_looked_at_and_what_is_being_erased_is_left_out(porch: Porch) -> None:
    there, leaving = (GroupAddress(Platform.SLACK, "T1", channel) for channel in ("C1", "C2"))
    for channel in (there, leaving):
        await porch.house.switch_on(channel)
    gone = await group_id(porch, leaving)
    holder = (await porch.enter(Person(Platform.SLACK, "T1", ADMIN), None)).holder
    assert len(await porch.door.managed(holder)) == 2
    await porch.house.services.groups.bot_removed(leaving)
    assert [group.address for group in await porch.door.managed(holder)] == [there]
    with pytest.raises(UnknownGroup):
        await porch.door.to_manage(holder, gone)


async def test_where_a_platform_is_not_set_up_nobody_manages_anything(porch: Porch) -> None:
    outside = SignInOutside(porch.house.storage, {}, porch.house.now, lambda: "s", PUBLIC_URL)
    assert await SignInService(outside).managed(Pass(ADA, frozenset({await group_id(porch), GroupId("gone")}))) == []


async def test_no_group_is_asked_about_that_somebody_did_not_come_from(porch: Porch) -> None:
    assert await porch.door.managed(Pass(Person(Platform.TELEGRAM, "", Account("1")))) == []
