"""A group that is on has been told what a yes means: the notice is asked for in the act that switches the group on."""

import pytest

from core.errors import SharedOutside, StorageUnavailable
from core.model import Actor, GroupState, Offer, OutboxState
from tests.fakes.house import ADMIN, GROUP, House


async def on(house: House, topic: str | None = None) -> None:
    await house.services.groups.enable(GROUP, Actor(ADMIN), "Book club", "fr", topic)


async def test_a_group_switched_on_gets_its_notice_once_in_its_language_and_topic():
    house = House()
    await on(house, "7")
    await on(house)
    await house.work()
    group = await house.services.consent.group(GROUP)
    ((where, offer, _),) = house.messenger.offers
    assert where == GROUP
    assert offer == Offer("fr", group.next_digest, "UTC", "7")


async def test_a_process_killed_right_after_the_act_leaves_the_notice_to_the_next_one():
    house = House()
    await on(house)
    house.services = house.build()
    await house.services.delivery.post_due()
    assert len(house.messenger.offers) == 1


async def test_a_group_that_could_not_be_switched_on_asks_for_no_notice():
    house = House()
    await house.services.groups.bot_added(GROUP, "Book club", "en")

    async def broken(*_: object) -> None:
        raise StorageUnavailable

    house.services.groups._log.of_group = broken
    with pytest.raises(StorageUnavailable):
        await on(house)
    assert (await house.services.consent.group(GROUP)).state is GroupState.PENDING
    assert house.storage.state.outbox == {}


async def test_a_group_that_others_read_along_in_stays_off_whoever_asks():
    house = House()
    house.messenger.shared_outside.add(GROUP)
    for actor in (Actor(ADMIN), Actor(None, speaks_as_group=True)):
        with pytest.raises(SharedOutside):
            await house.services.groups.enable(GROUP, actor, "Book club", "en")
    assert await house.services.consent.group(GROUP) is None


async def test_a_pause_does_not_tell_everybody_again():
    house = House()
    await house.switch_on()
    await house.services.groups.pause(GROUP, Actor(ADMIN))
    await on(house)
    await house.work()
    assert len(house.messenger.offers) == 1


async def test_a_group_stopped_before_its_notice_was_posted_gets_none():
    house = House()
    await on(house)
    await house.services.groups.stop(GROUP, Actor(ADMIN))
    await house.work()
    assert house.messenger.offers == []
    (row,) = house.storage.state.outbox.values()
    assert row.state is OutboxState.REFUSED


async def test_a_notice_nobody_wanted_for_a_day_is_left_unsaid():
    house = House()
    await on(house)
    house.later(hours=25)
    await house.work()
    assert house.messenger.offers == []
