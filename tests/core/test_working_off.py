"""Accepted messages are worked off side by side, what one message became in its order."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.counting import Ready
from core.errors import AlreadyKept
from core.model import DropReason, GroupId, InboxItem, Intake, Preview, TrackedLink
from core.shares import AT_ONCE, LEASE, in_lines
from core.together import in_turn
from tests.fakes.house import MEMBER, TUESDAY, House
from tests.fakes.memory_keepers import MemoryLinks

SLOW = "https://slow.example/page"

deliveries = st.lists(
    st.tuples(st.sampled_from(["g1", "g2"]), st.sampled_from(["m1", "m2", "m3"]), st.integers(0, 9)), max_size=30
)


def item(number: int, group: str, message: str, version: int) -> InboxItem:
    intake = Intake(GroupId(group), MEMBER, message, (), TUESDAY + timedelta(seconds=version), edited=version > 0)
    return InboxItem(str(number), intake, "lease", 0)


@given(deliveries)
def test_nothing_is_left_out_and_no_edit_stands_before_its_message(given: list[tuple[str, str, int]]) -> None:
    items = [item(number, *each) for number, each in enumerate(given)]
    lines = in_lines(items)
    assert sorted(int(each.id) for line in lines for each in line) == list(range(len(items)))
    keys = [{(each.intake.group, each.intake.message) for each in line} for line in lines]
    assert all(len(key) == 1 for key in keys)
    assert len(set.union(set(), *keys)) == len(lines)
    for line in lines:
        versions = [each.intake.version for each in line]
        assert versions == sorted(versions)


class Held:
    """One page answers only when it is let go; keeps the order in which pages were asked, and how many at a time."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        self.asked: list[str] = []
        self.waiting = self.most = 0

    async def unfurl(self, url: str, group: GroupId) -> Preview | None:
        self.asked.append(url)
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        if url.startswith(SLOW):
            await self.goes_on.wait()
        await asyncio.sleep(0)
        self.waiting -= 1
        return None


async def ready() -> tuple[House, Held]:
    house, held = House(), Held()
    house.unfurler = held  # type: ignore[assignment] # the same port
    house.services = house.build()
    await house.switch_on()
    await house.opt_in()
    return house, held


async def until_shared(house: House, number: int) -> None:
    for _ in range(10_000):
        if len(house.storage.state.shares) == number:
            return
        await asyncio.sleep(0)
    pytest.fail("the others wait for the slow page")


async def test_one_slow_page_does_not_hold_up_the_other_messages() -> None:
    house, held = await ready()
    await house.post(SLOW, message="slow")
    for number in range(12):
        await house.post(f"https://news.example/{number}", message=f"m{number}")
    working = asyncio.create_task(house.services.shares.work_off())
    await until_shared(house, 12)
    assert not working.done()
    held.goes_on.set()
    assert await working == 13
    assert len(house.storage.state.shares) == 13


async def test_nor_does_it_hold_up_what_is_claimed_next() -> None:
    house, held = await ready()
    await house.post(SLOW, message="slow")
    assert await house.services.shares.keep_up() == 1
    for number in range(50):
        await house.post(f"https://news.example/{number}", message=f"m{number}")
    assert await house.services.shares.keep_up() == 50
    await until_shared(house, 50)
    assert held.waiting == 1
    held.goes_on.set()
    await house.services.shares.finish()
    assert len(house.storage.state.shares) == 51


async def test_more_is_claimed_when_half_of_what_is_in_hand_is_done() -> None:
    house, held = await ready()
    for number in range(6):
        await house.post(f"{SLOW}/{number}", message=f"slow{number}")
    assert await house.services.shares.keep_up(4) == 4
    waiting = asyncio.create_task(house.services.shares.keep_up(4))
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert not waiting.done()
    assert held.most == 4
    held.goes_on.set()
    assert await waiting == 2
    await house.services.shares.finish()
    assert len(house.storage.state.shares) == 6


async def test_an_edit_that_is_claimed_later_waits_for_its_message_all_the_same() -> None:
    house, held = await ready()
    await house.post(SLOW, message="m1")
    await house.services.shares.keep_up()
    house.later(seconds=1)
    await house.post("https://news.example/instead", message="m1", edited_at=house.now())
    assert await house.services.shares.keep_up() == 1
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert held.asked == [SLOW]
    held.goes_on.set()
    await house.services.shares.finish()
    assert held.asked == [SLOW, "https://news.example/instead"]
    assert len(house.storage.state.shares) == 1


async def test_pages_of_one_message_are_asked_together_and_messages_within_a_bound() -> None:
    house, held = await ready()
    for number in range(AT_ONCE + 4):
        await house.post(*(f"{SLOW}/{number}/{page}" for page in range(2)), message=f"m{number}")
    working = asyncio.create_task(house.services.shares.work_off())
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert held.most == 2 * AT_ONCE
    held.goes_on.set()
    assert await working == AT_ONCE + 4
    assert held.most == 2 * AT_ONCE


async def test_an_edit_and_a_deletion_wait_for_the_slow_page_of_their_message() -> None:
    house, held = await ready()
    await house.post(SLOW, message="m1")
    house.later(seconds=1)
    await house.post("https://news.example/instead", message="m1", edited_at=house.now())
    house.later(seconds=1)
    await house.post(message="m1", edited_at=house.now())
    await house.post("https://news.example/other", message="m2")
    working = asyncio.create_task(house.services.shares.work_off())
    await until_shared(house, 1)
    assert held.asked == [SLOW, "https://news.example/other"]
    held.goes_on.set()
    await working
    assert held.asked[-1] == "https://news.example/instead"
    assert [share.message for share in house.storage.state.shares.values()] == ["m2"]


async def test_ended_in_the_middle_nothing_is_lost() -> None:
    house, held = await ready()
    await house.post(SLOW, message="slow")
    await house.post("https://news.example/other", message="m2")
    working = asyncio.create_task(house.services.shares.work_off())
    await until_shared(house, 1)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    held.goes_on.set()
    assert await house.services.shares.work_off() == 0  # still leased to the one that ended
    house.later(seconds=LEASE.total_seconds() + 1)
    assert await house.services.shares.work_off() == 1
    assert len(house.storage.state.shares) == 2


async def test_a_link_that_another_message_minted_at_this_very_moment_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    house, _ = await ready()
    honest = MemoryLinks.add
    late: list[TrackedLink] = []

    async def add(links: MemoryLinks, link: TrackedLink) -> None:
        if not late:
            late.append(link)
            raise AlreadyKept
        await honest(links, link)

    monkeypatch.setattr(MemoryLinks, "add", add)
    await house.post("https://news.example/page")
    assert await house.services.shares.work_off() == 1
    assert late
    assert len(house.storage.state.shares) == 1
    assert {row.attempts for row in house.storage.state.inbox.values()} == {0}


async def test_what_came_to_nothing_is_counted_once_also_when_its_batch_is_done_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house, _ = await ready()
    shares = house.services.shares
    await house.post("https://news.example/new", message="m1", edited_at=house.now() + timedelta(seconds=9))
    await shares.work_off()
    await house.post("https://news.example/old", message="m1")  # overtaken by its edit
    await house.post("https://news.example/poisoned", message="m2")
    honest = MemoryLinks.add

    async def add(links: MemoryLinks, link: TrackedLink) -> None:
        if link.clean.display.endswith("poisoned"):
            raise ValueError
        await honest(links, link)

    monkeypatch.setattr(MemoryLinks, "add", add)
    async with house.storage.transaction() as records:
        items = await records.inbox.claim(LEASE, 2)
    together = [Ready(each, await shares._asked(each)) for each in items]
    await shares._write_down(together)
    assert house.drops[DropReason.ALREADY_SEEN] == 1
    assert sorted(row.attempts for row in house.storage.state.inbox.values()) == [0, 0, 1]


async def test_without_another_way_things_are_done_in_turn() -> None:
    done: list[int] = []

    async def note(number: int) -> int:
        done.append(number)
        return number

    assert await in_turn([note(1), note(2)]) == [1, 2]
    assert done == [1, 2]
