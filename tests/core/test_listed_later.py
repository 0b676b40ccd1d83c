"""A destination that comes onto the list after it was tracked: visitors are warned, and clicks cost nothing more."""

import pytest

from core.clicks import Visitor
from core.errors import StorageUnavailable
from core.model import Code, Destination, DropReason
from tests.fakes.house import House

PAGE = "https://news.example/a"
VISITOR = Visitor("203.0.113.9", "Mozilla/5.0 Firefox/140.0")


async def ready(*, has_list: bool = True) -> tuple[House, Code]:
    house = House(has_list=has_list)
    await house.switch_on()
    await house.opt_in()
    await house.post(PAGE)
    await house.work()
    (link,) = house.storage.state.links.values()
    return house, link.code


async def list_now(house: House, *entries: str) -> None:
    house.later(minutes=5)
    async with house.storage.transaction() as records:
        await records.listed.replace(set(entries))


async def led(house: House, code: Code) -> Destination:
    found = await house.services.clicks.follow(code, VISITOR)
    assert isinstance(found, Destination)
    return found


@pytest.mark.parametrize("entry", [PAGE, "news.example"])
async def test_a_destination_listed_after_it_was_tracked_is_told_so_and_not_counted(entry: str) -> None:
    house, code = await ready()
    assert not (await led(house, code)).listed
    await list_now(house, entry)
    await house.services.links.refresh()
    assert (await led(house, code)).listed
    assert house.services.clicks.follow_at_once(code, VISITOR) is None
    assert house.drops[DropReason.LISTED] == 1
    await list_now(house, "worse.example")
    await house.services.links.refresh()
    assert not (await led(house, code)).listed


async def test_what_is_renewed_in_memory_stays_listed() -> None:
    house, code = await ready()
    await list_now(house, PAGE)
    await house.services.links.refresh()
    assert (await led(house, code)).listed
    house.later(seconds=25)
    await house.services.links.refresh()
    house.later(seconds=25)
    assert (await led(house, code)).listed


async def test_the_list_is_asked_once_for_many_clicks(monkeypatch: pytest.MonkeyPatch) -> None:
    house, code = await ready()
    await house.services.links.refresh()
    await led(house, code)

    def away(*_: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(house.storage, "reading", away)
    monkeypatch.setattr(house.storage, "transaction", away)
    for _ in range(3):
        assert not (await led(house, code)).listed


async def test_a_house_without_a_list_warns_of_nothing() -> None:
    house, code = await ready(has_list=False)
    await list_now(house, PAGE)
    await house.services.links.refresh()
    assert not (await led(house, code)).listed


async def test_with_a_list_a_code_nobody_minted_is_unknown_as_ever() -> None:
    house, _ = await ready()
    assert await house.services.clicks.follow("0" * 15 + "9", VISITOR) is None
