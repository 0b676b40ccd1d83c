"""Posted once, or not at all, and always written down."""

import asyncio

import pytest

from config.at_once import AsTasks
from core.delivery import AT_ONCE, LEASE, DeliveryOutside, DeliveryService
from core.errors import LeaseLost
from core.model import (
    Actor,
    GroupAddress,
    InDoubt,
    Later,
    OutboxState,
    Outcome,
    Platform,
    Posting,
    Refused,
    Sent,
)
from core.rates import buckets_of
from tests.fakes.house import ADMIN, GROUP, MEMBER, House
from tests.fakes.messenger import RecordingMessenger

NEWS = "https://news.example/a"


async def a_card(house: House) -> House:
    await house.switch_on()
    await house.opt_in()
    await house.post(NEWS)
    await house.services.shares.work_off()
    return house


def outbox(house: House):
    _notice, row = house.storage.state.outbox.values()
    return row


async def test_what_is_posted_is_written_down_with_the_platforms_id():
    house = await a_card(House())
    assert await house.services.delivery.post_due() == 1
    assert await house.services.delivery.post_due() == 0
    group = await house.services.consent.group(GROUP)
    assert group is not None
    async with house.storage.transaction() as records:
        assert await records.outbox.remote_id(group.id, "card:m1") == "m1"


async def test_a_platform_that_asks_to_wait_is_waited_for():
    house = await a_card(House())
    house.messenger.answers.append(Later(20))
    await house.services.delivery.post_due()
    house.later(seconds=19)
    assert await house.services.delivery.post_due() == 0
    house.later(seconds=2)
    assert await house.services.delivery.post_due() == 1
    assert len(house.messenger.posted) == 1


async def test_a_refusal_that_may_pass_is_tried_again_and_then_given_up():
    house = await a_card(House())
    house.messenger.answers.extend([Refused("busy", try_again=True)] * 9)
    for _ in range(9):
        house.later(minutes=3)
        await house.services.delivery.post_due()
    assert outbox(house).state in {OutboxState.REFUSED, OutboxState.EXPIRED}
    assert house.messenger.posted == []


async def test_a_group_that_is_gone_stops():
    house = await a_card(House())
    house.messenger.answers.append(Refused("kicked", group_gone=True))
    await house.services.delivery.post_due()
    assert await house.services.consent.may_count(GROUP, MEMBER) is None
    assert outbox(house).state is OutboxState.REFUSED


@pytest.mark.parametrize("arrived", [True, False])
async def test_where_the_platform_can_be_asked_a_lost_answer_ends_in_exactly_one_post(arrived):
    house = await a_card(House())
    house.messenger.answers.append(InDoubt())
    house.messenger.loses_answers = arrived
    await house.services.delivery.post_due()
    for _ in range(3):
        house.later(minutes=2)
        await house.services.delivery.post_due()
    assert len(house.messenger.posted) == 1
    assert outbox(house).state is OutboxState.SENT


async def test_where_it_can_not_be_asked_a_lost_answer_is_never_posted_again():
    house = await a_card(House(messenger=RecordingMessenger(can_find=False)))
    house.messenger.answers.append(InDoubt())
    house.messenger.loses_answers = True
    for _ in range(3):
        await house.services.delivery.post_due()
        house.later(minutes=2)
    assert len(house.messenger.posted) == 1
    assert outbox(house).state is OutboxState.UNKNOWN


async def test_a_process_killed_between_intent_and_answer_leaves_a_doubt_to_clear_up():
    house = await a_card(House(messenger=RecordingMessenger(can_find=False)))
    async with house.storage.transaction() as records:
        (item,) = await records.outbox.claim(LEASE, 10)
    async with house.storage.transaction() as records:
        await records.outbox.intend(item)
    house.later(minutes=2)
    assert await house.services.delivery.post_due() == 1
    assert house.messenger.posted == []
    assert outbox(house).state is OutboxState.UNKNOWN
    with pytest.raises(LeaseLost):
        async with house.storage.transaction() as records:
            await records.outbox.sent(item, "late")


async def test_a_yes_taken_back_between_claim_and_post_is_respected():
    house = await a_card(House())
    await house.services.consent.withdraw(GROUP, MEMBER)
    await house.services.delivery.post_due()
    assert house.messenger.posted == []
    assert outbox(house).state is OutboxState.REFUSED


async def test_a_digest_of_a_stopped_group_is_not_posted():
    house = await a_card(House())
    await house.work()
    house.messenger.posted.clear()
    house.later(days=6)
    await house.services.digests.tick()
    await house.services.groups.bot_removed(GROUP)
    await house.services.delivery.post_due()
    assert house.messenger.posted == []


async def test_a_group_erased_while_its_post_was_in_doubt_leaves_nothing_to_do():
    house = await a_card(House())

    async def erased_meanwhile(address, posting, key):
        await house.services.groups.bot_removed(GROUP)
        await house.services.groups.erase_due()
        return InDoubt()

    house.messenger.post = erased_meanwhile
    assert await house.services.delivery.post_due() == 1
    assert house.storage.state.outbox == {}


async def test_a_stale_worker_is_refused_and_goes_on():
    house = await a_card(House())

    async def slow_post(address, posting, key):
        house.later(minutes=5)
        async with house.storage.transaction() as records:
            await records.outbox.claim(LEASE, 10)
        return Sent("late")

    house.messenger.post = slow_post
    assert await house.services.delivery.post_due() == 1
    assert outbox(house).state is OutboxState.INTENDED


async def test_a_platform_no_longer_set_up_is_refused_with_words():
    house = await a_card(House())
    house.services.delivery._outside.messengers.clear()
    await house.services.delivery.post_due()
    assert outbox(house).state is OutboxState.REFUSED


async def test_a_platform_is_not_called_before_its_bucket_opens():
    house = House(limits=buckets_of)
    await house.switch_on()  # the notice has taken this second
    await house.opt_in()
    await house.post(NEWS)
    await house.services.shares.work_off()
    assert await house.services.delivery.post_due() == 1
    assert house.messenger.posted == []
    assert house.waits == {"telegram_chat": 1}
    assert await house.services.delivery.post_due() == 0
    house.later(seconds=1)
    await house.services.delivery.post_due()
    assert len(house.messenger.posted) == 1
    assert outbox(house).state is OutboxState.SENT


async def test_what_one_group_is_told_to_wait_for_every_replica_waits_for_in_every_group():
    house = House(limits=buckets_of)
    other = GroupAddress(Platform.TELEGRAM, "", "-1002")
    for where in (GROUP, other):
        await house.switch_on(where)
        await house.opt_in(address=where)
        house.later(seconds=2)
    await house.post(NEWS)
    await house.services.shares.work_off()
    house.messenger.answers.append(Later(20))
    await house.services.delivery.post_due()
    await house.post(NEWS, address=other, message="m2")
    await house.services.shares.work_off()
    house.services = house.build()
    for _ in range(19):
        house.later(seconds=1)
        await house.services.delivery.post_due()
    assert house.messenger.posted == []
    assert house.waits["telegram_token"] > 0
    for _ in range(5):
        house.later(seconds=1)
        await house.services.delivery.post_due()
    assert len(house.messenger.posted) == 2


class Slow(RecordingMessenger):
    """One group's answer comes when it is let go."""

    def __init__(self, slow: GroupAddress) -> None:
        super().__init__()
        self.slow = slow
        self.goes_on = asyncio.Event()

    async def post(self, address: GroupAddress, posting: Posting, key: str) -> Outcome:
        if address == self.slow:
            await self.goes_on.wait()
        return await super().post(address, posting, key)


async def test_a_slow_answer_does_not_hold_up_the_other_groups():
    slow = GroupAddress(Platform.TELEGRAM, "", "-1")
    house = House(messenger=Slow(slow))
    groups = [slow, *(GroupAddress(Platform.TELEGRAM, "", f"-{number}") for number in range(2, AT_ONCE + 4))]
    house.messenger.admins.add(ADMIN)
    for group in groups:
        await house.services.groups.bot_added(group, "Book club", "en")
        await house.services.groups.enable(group, Actor(ADMIN), "Book club", "en")
    outside = DeliveryOutside(
        house.storage,
        dict.fromkeys(Platform, house.messenger),
        house.now,
        house.limits,
        house.count_wait,
        beside=AsTasks(),
    )
    delivery = DeliveryService(outside, house.services.consent, house.services.groups)
    posting = asyncio.create_task(delivery.post_due())
    while len(house.messenger.offers) < len(groups) - 1:  # noqa: ASYNC110 - a test that hangs here has failed
        await asyncio.sleep(0)
    assert not posting.done()
    house.messenger.goes_on.set()
    assert await posting == len(groups)
    assert {address for address, _, _ in house.messenger.offers} == set(groups)


async def test_nor_does_it_hold_up_what_is_claimed_next():
    slow, other = (GroupAddress(Platform.TELEGRAM, "", each) for each in ("-1", "-2"))
    house = House(messenger=Slow(slow))
    house.messenger.admins.add(ADMIN)
    outside = DeliveryOutside(
        house.storage,
        dict.fromkeys(Platform, house.messenger),
        house.now,
        house.limits,
        house.count_wait,
        beside=AsTasks(),
    )
    delivery = DeliveryService(outside, house.services.consent, house.services.groups)
    for group in (slow, other):
        await house.services.groups.bot_added(group, "Book club", "en")
        await house.services.groups.enable(group, Actor(ADMIN), "Book club", "en")
        assert await delivery.keep_up() == 1
    while not house.messenger.offers:  # noqa: ASYNC110 - a test that hangs here has failed
        await asyncio.sleep(0)
    assert {address for address, _, _ in house.messenger.offers} == {other}
    house.messenger.goes_on.set()
    await delivery.finish()
    assert {address for address, _, _ in house.messenger.offers} == {slow, other}
