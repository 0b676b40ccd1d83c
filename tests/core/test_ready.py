"""Work that becomes ready while something is written down is written down next, together."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from core.counting import Ready
from core.errors import LeaseLost, StorageUnavailable
from core.model import GroupId, InboxItem, Intake, Preview, TrackedLink
from core.ready import AT_MOST, ReadyWork
from core.shares import LEASE
from tests.fakes.house import MEMBER, TUESDAY, House
from tests.fakes.memory_keepers import MemoryLinks
from tests.fakes.memory_queues import MemoryInbox


def ready(name: str, version: int = 0) -> Ready:
    intake = Intake(GroupId("g1"), MEMBER, name, (), TUESDAY + timedelta(seconds=version))
    return Ready(InboxItem(f"{name}.{version}", intake, "lease", 0), [])


class Pen:
    """Writes down, one batch each time it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun, self.goes_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, some: Sequence[Ready]) -> None:
        self.begun.set()
        self.batches.append([each.item.id for each in some])
        await self.goes_on.wait()


async def written(*pieces: Ready) -> list[list[str]]:
    """The batches in which pieces are written down that come while the very first is."""
    pen = Pen()
    work = ReadyWork(pen)
    first = asyncio.create_task(work.add(ready("first")))
    await pen.begun.wait()
    for each in pieces:
        await work.add(each)  # nobody but the first waits
    pen.goes_on.set()
    await first
    return pen.batches[1:]


async def test_what_comes_meanwhile_is_written_together_in_its_order() -> None:
    assert await written(ready("a"), ready("b"), ready("c")) == [["a.0", "b.0", "c.0"]]


async def test_a_later_version_of_a_message_waits_for_the_one_before_it() -> None:
    pieces = [ready("a"), ready("a", 1), ready("b"), ready("a", 2)]
    assert await written(*pieces) == [["a.0", "b.0"], ["a.1"], ["a.2"]]


async def test_a_batch_is_bounded_so_that_its_groups_are_not_held_for_long() -> None:
    sizes = [len(batch) for batch in await written(*(ready(f"m{each:03}") for each in range(AT_MOST + 3)))]
    assert sizes == [AT_MOST, 3]


async def test_after_a_failure_the_next_piece_is_written_down() -> None:
    tried: list[str] = []

    async def write_down(some: Sequence[Ready]) -> None:
        tried.extend(each.item.id for each in some)
        if len(tried) == 1:
            raise ValueError

    work = ReadyWork(write_down)
    with pytest.raises(ValueError):  # noqa: PT011 - the very one above
        await work.add(ready("a"))
    await work.add(ready("b"))
    assert tried == ["a.0", "b.0"]


# In the service ---------------------------------------------------------------------------------------------------


class AtOnce:
    """All pages answer at the same moment."""

    def __init__(self, number: int) -> None:
        self.all_asked = asyncio.Barrier(number + 1)
        self.goes_on = asyncio.Event()

    async def unfurl(self, url: str, group: GroupId) -> Preview | None:
        await self.all_asked.wait()
        await self.goes_on.wait()
        return None


async def work_off_together(house: House, number: int) -> None:
    """Work off so many messages of which all but the first are written down together."""
    pages = AtOnce(number)
    house.unfurler = pages  # type: ignore[assignment] # the same port
    house.services = house.build()
    working = asyncio.create_task(house.services.shares.work_off())
    await pages.all_asked.wait()
    async with house.storage.transaction():
        pages.goes_on.set()
        for _ in range(20):
            await asyncio.sleep(0)
    await working


async def a_house(*pages: str) -> House:
    house = House()
    await house.switch_on()
    await house.opt_in()
    for number, page in enumerate(pages):
        await house.post(f"https://news.example/{page}", message=f"m{number}")
    return house


async def test_one_that_breaks_what_is_written_together_harms_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = MemoryLinks.add

    async def add(links: MemoryLinks, link: TrackedLink) -> None:
        if "poison" in link.clean.display:
            raise ValueError("it breaks whoever touches it")
        await honest(links, link)

    monkeypatch.setattr(MemoryLinks, "add", add)
    house = await a_house("a", "b", "poison", "c")
    await work_off_together(house, 4)
    shared = {house.storage.state.links[share.link].clean.display for share in house.storage.state.shares.values()}
    assert shared == {f"https://news.example/{page}" for page in "abc"}
    [left] = [row for row in house.storage.state.inbox.values() if row.intake is not None]
    assert (left.attempts, left.error) == (1, "ValueError")


async def test_one_link_posted_in_two_messages_at_once_is_minted_once_and_shown_once() -> None:
    house = await a_house("first", "a", "a")
    await work_off_together(house, 3)
    assert len(house.storage.state.links) == 2
    cards = [row.posting for (_, key), row in house.storage.state.outbox.items() if key.startswith("card:")]
    assert [card.message for card in cards] == ["m0", "m1"]


@pytest.mark.parametrize("trouble", [StorageUnavailable, LeaseLost])
async def test_what_can_not_be_written_down_is_left_to_whoever_claims_it_next(
    trouble: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await a_house("a", "b")

    async def refused(_: MemoryInbox, *_args: object) -> None:
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(MemoryInbox, "done", refused)
        patch.setattr(MemoryInbox, "failed", refused)
        assert await house.services.shares.work_off() == 2
    assert house.storage.state.shares == {}
    house.later(seconds=LEASE.total_seconds())
    assert await house.services.shares.work_off() == 2
    assert len(house.storage.state.shares) == 2
