"""The disk is full: nothing is acknowledged that is not kept, and redirects go on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from psycopg.errors import DiskFull
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.clicks import Visitor
from core.errors import StorageUnavailable
from core.model import Code, Destination, DropReason, GroupId
from core.schedules import week_of
from storage import segments
from storage.intake import SealedFiles, SqlIntake
from storage.segments import SegmentClickLog
from storage.sql import SqlStorage
from tests.fakes.clock import Clock
from tests.fakes.house import GROUP, accept_into
from tests.faults.replicas import Replica, replicas, work_by_state
from tests.postgres import Postgres
from tests.storage.stories import an_intake

PAGE = "https://news.example/page"


@contextmanager
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lines of clicks go to a device without room: the kernel itself refuses them (ENOSPC)."""
    real, device = os.write, os.open("/dev/full", os.O_WRONLY)

    def write(file: int, data: bytes) -> int:
        return real(device if data.count(b"\t") == 3 else file, data)

    with monkeypatch.context() as patch:
        patch.setattr(segments.os, "write", write)
        yield
    os.close(device)


async def lived_in(house: Replica) -> Code:
    """A house with one link that somebody may follow."""
    house.now()
    await house.switch_on()
    await house.opt_in()
    await house.post(PAGE)
    await house.services.shares.work_off()
    async with house.storage.transaction() as records:
        group = await records.groups.at(GROUP)
        assert group is not None
        [link] = await records.shares.week(group.id, week_of(house.now(), "UTC"))
    await house.services.clicks.look_up(link.link.code)
    return link.link.code


async def test_without_room_for_clicks_visitors_are_led_on_uncounted_and_counted_again_later(
    database_url: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with replicas(database_url, 1, clock) as (house,):
        with SegmentClickLog.open(tmp_path / "clicks") as log:
            house.click_log = log  # type: ignore[assignment] # the real one
            house.services = house.build()
            code = await lived_in(house)
            clicks = house.services.clicks
            with full(monkeypatch):
                for number in range(20):
                    assert isinstance(await clicks.follow(code, Visitor("198.51.100.7", f"a{number}")), Destination)
            assert house.drops[DropReason.LOG_FULL] == 20
            for number in range(5):
                assert isinstance(await clicks.follow(code, Visitor("198.51.100.7", f"b{number}")), Destination)
            await clicks.flush()
        async with house.storage.transaction() as records:
            group = await records.groups.at(GROUP)
            assert group is not None
            assert [each.browsers for each in await records.clicks.counts(group.id, house.now().date())] == [5]


async def test_where_postgres_has_no_room_work_waits_in_files_or_is_refused_and_redirects_go_on(
    postgres: Postgres, postgres_url: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = count(1)
    async with replicas(postgres_url, 1, clock) as (house,):
        with SegmentClickLog.open(tmp_path) as log:
            house.click_log = log  # type: ignore[assignment] # the real one
            assert isinstance(house.storage, SqlStorage)
            house.accept = intake = SqlIntake(house.storage, tmp_path, lambda: f"file-{next(ids)}")
            house.services = house.build(house.storage)
            code = await lived_in(house)
            with postgres.without_room(postgres_url, "inbox"), postgres.without_room(postgres_url, "click_day"):
                with pytest.raises(StorageUnavailable) as refused:
                    await accept_into(house.storage)("e", an_intake(clock, await group_id(house)))
                assert isinstance(refused.value.__cause__, DBAPIError)
                assert isinstance(refused.value.__cause__.orig, DiskFull)
                for number in range(5):
                    assert await house.post(f"{PAGE}/{number}", message=f"full-{number}")  # kept in a file, fsynced
                with monkeypatch.context() as patch:
                    patch.setattr(SealedFiles, "write", no_room)
                    with pytest.raises(StorageUnavailable):
                        await house.post(f"{PAGE}/refused", message="refused")
                for number in range(5):
                    found = await house.services.clicks.follow(code, Visitor("198.51.100.7", f"a{number}"))
                    assert isinstance(found, Destination)
                with pytest.raises(StorageUnavailable):
                    await house.services.clicks.flush()
            assert await intake.replay() > 0
            while await house.services.shares.work_off():
                pass
            await house.services.clicks.flush()
        assert await shared(house) == {PAGE, *(f"{PAGE}/{number}" for number in range(5))}
        async with house.storage.transaction() as records:
            counts = await records.clicks.counts(await group_id(house), house.now().date())
        assert [each.browsers for each in counts] == [5]


def no_room(_files: SealedFiles, _rows: object) -> None:
    """What a full disk says to who writes a file."""
    with Path("/dev/full").open("w") as device:
        device.write("a row")


async def group_id(house: Replica) -> GroupId:
    async with house.storage.transaction() as records:
        group = await records.groups.at(GROUP)
    assert group is not None
    return group.id


async def shared(house: Replica) -> set[str]:
    """The addresses of the week."""
    group = await group_id(house)
    async with house.storage.transaction() as records:
        week = await records.shares.week(group, week_of(house.now(), "UTC"))
    return {each.link.clean.display for each in week}


async def test_a_database_without_room_takes_nothing_in_and_says_so(sqlite_url: str, clock: Clock) -> None:
    async with replicas(sqlite_url, 1, clock) as (house,):
        code = await lived_in(house)
        assert isinstance(house.storage, SqlStorage)
        async with house.storage.transaction() as records:
            pages = (await records.transaction.connection.execute(text("PRAGMA page_count"))).scalar_one()
            await records.transaction.connection.execute(text(f"PRAGMA max_page_count = {pages + 1}"))
        acknowledged, refused = 1, 0
        for number in range(400):
            try:
                acknowledged += await house.post(f"{PAGE}/{number}", message=f"m{number}", event=f"e{number}")
            except StorageUnavailable:
                refused += 1
        assert refused > 100
        assert sum((await work_by_state(house)).values()) == acknowledged
        assert isinstance(await house.services.clicks.follow(code, Visitor("198.51.100.7", "a")), Destination)

        async with house.storage.transaction() as records:
            await records.transaction.connection.execute(text("PRAGMA max_page_count = 1000000"))
        assert await house.post(f"{PAGE}/after", message="after")
