"""A row that can't be read keeps the digest of its own group, and of no other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.digests import UNREADABLE
from core.errors import PenumbraError, StorageUnavailable, Tampered
from core.model import GroupId, Missed, Week, WeekOfLink
from tests.core.test_digests import MONDAY, NEWS, a_week
from tests.fakes.house import GROUP, MEMBER, House
from tests.fakes.memory_keepers import MemoryShares

ELSEWHERE = replace(GROUP, conversation="-77")
WEEK = Week("2026-W48")
Troubles = list[PenumbraError]


async def two_groups() -> House:
    house = await a_week()
    house.moment = MONDAY - timedelta(days=2)
    await house.switch_on(ELSEWHERE)
    await house.opt_in(MEMBER, address=ELSEWHERE)
    await house.post(NEWS, message="m9", address=ELSEWHERE)
    await house.work()
    house.messenger.posted.clear()
    return house


async def poison(house: House, monkeypatch: pytest.MonkeyPatch, troubles: Troubles) -> None:
    """Reading the first group's shares fails: once with each trouble, then with the last of them."""
    group = await house.services.consent.group(GROUP)
    assert group is not None
    sound = MemoryShares.week

    async def week(self: MemoryShares, of: GroupId, asked: Week) -> list[WeekOfLink]:
        if of == group.id:
            raise troubles.pop(0) if len(troubles) > 1 else troubles[0]
        return await sound(self, of, asked)

    monkeypatch.setattr(MemoryShares, "week", week)


async def test_the_others_read_theirs_and_settings_say_what_became_of_this_one(monkeypatch):
    house = await two_groups()
    await poison(house, monkeypatch, [Tampered()])
    house.moment = MONDAY
    await house.services.digests.tick()
    await house.work()
    assert [address for address, _, _ in house.messenger.posted] == [ELSEWHERE]
    assert house.missed == [Missed(WEEK, UNREADABLE)]
    assert await house.services.digests.missed(GROUP) == Missed(WEEK, UNREADABLE)
    assert await house.services.digests.missed(ELSEWHERE) is None


async def test_once_the_row_is_mended_the_digest_comes_after_all(monkeypatch):
    house = await two_groups()
    await poison(house, monkeypatch, [Tampered()])
    house.moment = MONDAY
    await house.services.digests.tick()
    monkeypatch.undo()
    house.later(hours=1)
    await house.services.digests.tick()
    await house.work()
    assert GROUP in [address for address, _, _ in house.messenger.posted]
    assert await house.services.digests.missed(GROUP) is None


async def test_after_a_day_its_exact_figures_go_and_the_next_week_is_waited_for(monkeypatch):
    house = await two_groups()
    await poison(house, monkeypatch, [Tampered()])
    house.moment = MONDAY + timedelta(hours=25)
    await house.services.digests.tick()
    group = await house.services.consent.group(GROUP)
    assert group is not None
    assert group.next_digest == MONDAY + timedelta(days=7)
    assert not house.storage.state.clicks


@pytest.mark.parametrize("troubles", [[StorageUnavailable()], [Tampered(), StorageUnavailable()]])
async def test_a_database_that_is_away_is_no_poisoned_row(monkeypatch, troubles):
    house = await two_groups()
    await poison(house, monkeypatch, troubles)
    house.moment = MONDAY
    with pytest.raises(StorageUnavailable):
        await house.services.digests.tick()
    assert house.missed == []
