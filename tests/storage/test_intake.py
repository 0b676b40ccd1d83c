"""Accepting work when many come at once, and when the database has just gone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from core.errors import IntakeFull, StorageUnavailable, UnknownGroup
from core.model import GroupId, InboxItem
from storage import intake as module
from storage.database import Database
from storage.intake import SqlIntake
from storage.segments import SegmentClickLog
from storage.sql import AtHand, Clocks, SqlRecords, SqlStorage, root_keys
from tests.conftest import ROOT
from tests.fakes.clock import Clock
from tests.fakes.house import GROUP as ADDRESS
from tests.fakes.house import MEMBER, OTHER, House
from tests.storage.stories import GROUP, LEASE, a_group, an_intake, kept

NOBODYS = GroupId("never-kept")
T = TypeVar("T")


class Fragile(SqlStorage):
    """A database that goes away and comes back."""

    gone = False
    slow = 0.0
    strokes = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlRecords]:
        if self.gone:
            raise StorageUnavailable
        async with super().transaction() as records:
            yield records

    async def stroke(self, write: Callable[[AtHand], T]) -> T:
        if self.gone:
            raise StorageUnavailable
        self.strokes += 1
        await asyncio.sleep(self.slow)
        return await super().stroke(write)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlRecords]:
        if self.gone:
            raise StorageUnavailable
        async with super().reading() as records:
            yield records


@pytest.fixture
async def fragile(database_url: str, clock: Clock) -> AsyncIterator[Fragile]:
    opened = await Fragile.open(Database.open(database_url), root_keys(ROOT), Clocks(clock, clock))
    assert isinstance(opened, Fragile)
    yield opened
    await opened.close()


@pytest.fixture
def new_id() -> Callable[[], str]:
    numbers = count()
    return lambda: f"file-{next(numbers)}"


@pytest.fixture
async def intake(fragile: Fragile, clock: Clock, tmp_path: Path, new_id: Callable[[], str]) -> SqlIntake:
    await kept(fragile, a_group(clock))
    return SqlIntake(fragile, tmp_path / "data", new_id)


async def accepted(storage: SqlStorage) -> list[InboxItem]:
    async with storage.transaction() as records:
        return await records.inbox.claim(LEASE, 1000)


def files(folder: Path) -> list[Path]:
    return [each for each in (folder / "data").rglob("*") if each.is_file()]


async def test_what_comes_at_once_is_one_transaction_and_each_hears_whether_it_was_new(
    fragile: Fragile, intake: SqlIntake, clock: Clock
) -> None:
    before = fragile.strokes
    answers = await asyncio.gather(*(intake(f"e{number % 40}", an_intake(clock)) for number in range(60)))
    assert fragile.strokes - before <= 2
    assert answers == [True] * 40 + [False] * 20
    assert not await intake("e1", an_intake(clock))
    assert len(await accepted(fragile)) == 40


async def test_a_group_that_was_erased_spoils_nobody_elses(fragile: Fragile, intake: SqlIntake, clock: Clock) -> None:
    answers = await asyncio.gather(
        intake("e1", an_intake(clock)),
        intake("e2", an_intake(clock, NOBODYS)),
        intake("e3", an_intake(clock)),
        return_exceptions=True,
    )
    assert [answers[0], type(answers[1]), answers[2]] == [True, UnknownGroup, True]
    # erased by another replica, which this one does not know of yet
    async with fragile.transaction() as records:
        await records.groups.add(replace(a_group(clock, "g2"), address=replace(ADDRESS, conversation="-9")))
    assert await intake("e4", an_intake(clock, GroupId("g2")))
    known = fragile._known.get("g2")
    async with fragile.transaction() as records:
        await records.groups.shred(GroupId("g2"))
    assert known is not None
    fragile._known.put("g2", known)
    late, fine = await asyncio.gather(
        intake("e5", an_intake(clock, GroupId("g2"))), intake("e6", an_intake(clock)), return_exceptions=True
    )
    assert isinstance(late, UnknownGroup)
    assert fine is True


async def test_what_the_database_could_not_take_is_on_the_disk_sealed_and_comes_back_once(
    fragile: Fragile, intake: SqlIntake, clock: Clock, tmp_path: Path
) -> None:
    assert await intake("e0", an_intake(clock))
    fragile.gone = True
    assert await asyncio.gather(*(intake(f"e{number}", an_intake(clock)) for number in range(3))) == [True] * 3
    [file] = files(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"news.example" not in file.read_bytes()
    content = file.read_bytes()
    with pytest.raises(StorageUnavailable):
        await intake.replay()
    fragile.gone = False
    assert await intake.replay() == 1
    assert files(tmp_path) == []
    items = await accepted(fragile)
    assert [item.intake for item in items] == [an_intake(clock)] * 3  # e0 was there before
    file.write_bytes(content)  # killed between the commit and the deletion
    assert await intake.replay() == 1
    assert await intake.replay() == 0
    clock.forward(LEASE)
    assert len(await accepted(fragile)) == 3


async def test_a_database_that_does_not_answer_in_time_is_not_waited_for(
    fragile: Fragile, clock: Clock, tmp_path: Path, new_id: Callable[[], str]
) -> None:
    await kept(fragile, a_group(clock))
    hasty = SqlIntake(fragile, tmp_path / "data", new_id, answer_within=0.01)
    fragile.slow = 0.3
    assert await hasty("e1", an_intake(clock))
    assert len(files(tmp_path)) == 1
    await asyncio.sleep(0.5)  # the commit came through after all
    fragile.slow = 0
    await hasty.replay()
    assert len(await accepted(fragile)) == 1


async def test_what_a_group_left_in_a_file_goes_with_the_group(
    fragile: Fragile, intake: SqlIntake, clock: Clock, tmp_path: Path
) -> None:
    fragile.gone = True
    assert await intake("e1", an_intake(clock))
    fragile.gone = False
    async with fragile.transaction() as records:
        await records.groups.shred(GROUP)
    assert await intake.replay() == 1
    assert files(tmp_path) == []
    assert await accepted(fragile) == []


async def test_without_a_key_at_hand_or_a_disk_it_must_come_again(
    fragile: Fragile, intake: SqlIntake, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fragile.gone = True
    with pytest.raises(StorageUnavailable):
        await intake("e1", an_intake(clock, NOBODYS))
    monkeypatch.setattr(module, "FILES_AT_MOST", 0)
    with pytest.raises(StorageUnavailable):
        await intake("e1", an_intake(clock))
    assert files(tmp_path) == []
    monkeypatch.undo()
    (tmp_path / "data" / "intake").rmdir()
    (tmp_path / "data" / "intake").write_text("no folder")
    with pytest.raises(StorageUnavailable):
        await intake("e1", an_intake(clock))


async def test_a_full_queue_asks_the_platform_to_come_again(
    intake: SqlIntake, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING_AT_MOST", 2)
    answers = await asyncio.gather(
        *(intake(f"e{number}", an_intake(clock)) for number in range(4)), return_exceptions=True
    )
    assert [answers[0], answers[1], *map(type, answers[2:])] == [True, True, IntakeFull, IntakeFull]


async def test_the_click_log_leaves_the_folder_of_messages_alone(
    fragile: Fragile, intake: SqlIntake, clock: Clock, tmp_path: Path
) -> None:
    fragile.gone = True
    assert await intake("e1", an_intake(clock))
    with SegmentClickLog.open(tmp_path / "data") as log:
        assert log.sealed() == []
    assert [each.suffix for each in files(tmp_path)] == [".sealed"]


async def test_while_the_database_is_gone_nobody_is_read_and_nothing_of_a_stranger_is_on_the_disk(
    fragile: Fragile, clock: Clock, tmp_path: Path, new_id: Callable[[], str]
) -> None:
    house = House(accept=SqlIntake(fragile, tmp_path / "data", new_id))
    house.services = house.build(fragile)
    house.moment = clock()
    await house.switch_on()
    await house.opt_in(MEMBER)
    for who in (MEMBER, OTHER):
        standing = await house.services.consent.may_count(ADDRESS, who)
        fragile.gone = True
        assert (standing is not None) == (who == MEMBER)
        with pytest.raises(StorageUnavailable):
            await house.services.consent.may_count(ADDRESS, who)
        with pytest.raises(StorageUnavailable):
            await house.post("https://news.example/a", account=who)
        assert files(tmp_path) == []
        fragile.gone = False
