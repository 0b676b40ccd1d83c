"""Consent withdrawn, or the app uninstalled, between the claim of a posting and the post: it is not posted."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from core.model import GroupAddress, OutboxState, Platform
from core.ports import Records, Storage
from tests.fakes.clock import Clock
from tests.fakes.house import GROUP, MEMBER
from tests.faults.replicas import Replica, replicas, states

PAGE = "https://news.example/page"
Happening = Callable[[], Awaitable[object]]


@dataclass
class Between:
    """Storage in which something happens once a number of transactions are through."""

    storage: Storage
    left: int
    happens: Happening
    log: list[str] = field(default_factory=list)

    def transaction(self) -> AbstractAsyncContextManager[Records]:
        return self._counted()

    def reading(self) -> AbstractAsyncContextManager[Records]:
        return self.storage.reading()

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[Records]:
        async with self.storage.transaction() as records:
            yield records
        self.left -= 1
        if self.left == 0:
            await self.happens()


@pytest.fixture
async def house(database_url: str, clock: Clock) -> AsyncIterator[Replica]:
    """A member's card waits to be posted."""
    async with replicas(database_url, 1, clock) as (house,):
        house.now()
        await house.switch_on()
        await house.opt_in()
        await house.post(PAGE)
        await house.services.shares.work_off()
        yield house


async def withdraw(house: Replica) -> None:
    assert await house.services.consent.withdraw(GROUP, MEMBER)


async def uninstall(house: Replica) -> None:
    await house.services.groups.workspace_removed(Platform.TELEGRAM, "")


async def erase(house: Replica) -> None:
    await house.services.groups.bot_removed(GROUP)
    assert await house.services.groups.erase_due() == 1


@pytest.mark.parametrize("happening", [withdraw, uninstall, erase])
async def test_the_claim_is_through_and_then_they_say_no(
    house: Replica, happening: Callable[[Replica], Awaitable[None]]
) -> None:
    posted = len(house.messenger.posted)
    between = Between(house.storage, 1, lambda: happening(house))
    assert await house.build(between).delivery.post_due() == 1
    assert between.left <= 0
    assert len(house.messenger.posted) == posted
    kept = await states(house)
    assert not kept[OutboxState.SENT] or happening is not erase
    assert not kept[OutboxState.WAITING]


async def test_asking_and_saying_that_it_will_be_posted_are_one(house: Replica) -> None:
    """After the second transaction the post is under way: a no that comes then finds it posted, and is not too late
    for anything else."""
    posted_when_they_said_no: list[int] = []

    async def no() -> None:
        posted_when_they_said_no.append(len(house.messenger.posted))
        assert (await states(house))[OutboxState.INTENDED] == 1

    before = len(house.messenger.posted)
    await house.build(Between(house.storage, 2, no)).delivery.post_due()
    assert posted_when_they_said_no == [before]
    assert [address for address, _, _ in house.messenger.posted[before:]] == [
        GroupAddress(Platform.TELEGRAM, "", "-1001")
    ]
