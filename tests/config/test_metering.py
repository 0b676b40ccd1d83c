"""What `/metrics` tells of a house that lives: the same few words however many groups, and nothing of anybody."""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.metering import Gauges, Meter, figures
from config.settings import Role
from config.ticks import Tick, Ticking
from core.errors import StorageUnavailable
from core.model import Account, Card, DropReason, GroupAddress, GroupId, OutboxState, Platform
from storage.backlog import backlog
from storage.sql import SqlStorage
from tests.fakes.clock import Clock
from tests.storage.stories import LEASE, a_group, an_intake, kept
from web.metrics import text_of

CANARIES = ("chat-canary-7", "account-canary-7", "group-canary-7", "Name Canary 7")


async def never() -> None:
    raise AssertionError


async def told(storage: SqlStorage, clock: Clock, folder: Path, meter: Meter | None = None) -> str:
    ticking = Ticking([Tick("inbox", timedelta(seconds=1), never, frozenset(Role))], clock)
    return text_of(await figures(meter or Meter(), ticking, Gauges(storage, folder, clock))).decode()


def value(text: str, sample: str) -> float:
    (found,) = re.findall(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(found)


async def lived_in(storage: SqlStorage, clock: Clock, number: int) -> None:
    """One more group, with work accepted, dead and posted."""
    at = GroupAddress(Platform.SLACK, "T1", f"chat-canary-7-{number}")
    group = await kept(storage, replace(a_group(clock, f"group-canary-7-{number}"), address=at, name="Name Canary 7"))
    card = Card(Account("account-canary-7"), f"m{number}", (), "en")
    async with storage.transaction() as records:
        await records.inbox.put(f"e{number}", an_intake(clock, GroupId(group.id)))
        await records.outbox.put(group.id, f"card:m{number}", card, clock() + timedelta(hours=1))


async def test_what_waits_is_told_in_numbers(sql_storage: SqlStorage, clock: Clock, tmp_path: Path) -> None:
    for number in range(3):
        await lived_in(sql_storage, clock, number)
    async with sql_storage.transaction() as records:
        first, second = (await records.outbox.claim(LEASE, 3))[:2]
        await records.outbox.close(first, OutboxState.UNKNOWN, "no answer")
        await records.outbox.sent(second, "r1")
        [work] = await records.inbox.claim(LEASE, 1)
        await records.inbox.failed(replace(work, attempts=4), "ValueError")
    clock.forward(minutes=2)
    meter = Meter()
    meter.count_drop(DropReason.NO_CONSENT)
    text = await told(sql_storage, clock, tmp_path, meter)
    assert value(text, 'penumbra_inbox{state="waiting"}') == 2
    assert value(text, 'penumbra_inbox{state="dead"}') == 1
    assert value(text, 'penumbra_outbox{state="unknown"}') == 1
    assert value(text, 'penumbra_outbox{state="waiting"}') == 1
    assert value(text, "penumbra_inbox_lag_seconds") == 120
    assert value(text, "penumbra_outbox_lag_seconds") == 120
    assert value(text, 'penumbra_groups{state="enabled"}') == 3
    assert value(text, 'penumbra_drops_total{reason="no_consent"}') == 1
    assert value(text, "penumbra_database_up") == 1


async def test_no_label_grows_with_groups_and_none_names_anybody(
    sql_storage: SqlStorage, clock: Clock, tmp_path: Path
) -> None:
    await lived_in(sql_storage, clock, 0)
    few = await told(sql_storage, clock, tmp_path)
    for number in range(1, 12):
        await lived_in(sql_storage, clock, number)
    many = await told(sql_storage, clock, tmp_path)
    assert [canary for canary in CANARIES if canary in many] == []
    assert len(many.splitlines()) == len(few.splitlines()) < 150
    labels = set(re.findall(r"[{,](\w+)=", many))
    assert labels <= {"reason", "state", "tick", "kind", "outcome", "bucket"}


async def test_the_database_is_not_counted_anew_for_every_question(
    sql_storage: SqlStorage, clock: Clock, tmp_path: Path
) -> None:
    gauges = Gauges(sql_storage, tmp_path, clock)
    first = await gauges.depths()
    await lived_in(sql_storage, clock, 0)
    assert await gauges.depths() is first
    clock.forward(seconds=15)
    again = await gauges.depths()
    assert again is not None
    assert again.groups["enabled"] == 1


async def test_a_database_that_is_gone_is_told_as_gone(
    sql_storage: SqlStorage, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise StorageUnavailable

    monkeypatch.setattr(sql_storage, "transaction", gone)
    text = await told(sql_storage, clock, tmp_path)
    assert value(text, "penumbra_database_up") == 0
    assert "penumbra_inbox{" not in text


def test_segments_are_found_whoever_wrote_them_and_age(tmp_path: Path, clock: Clock) -> None:
    assert backlog(tmp_path / "nowhere").segments == 0
    for number, name in enumerate(("a.open", "b.sealed", "lock")):
        folder = tmp_path / f"process-{number}"
        folder.mkdir()
        (folder / name).write_bytes(b"x")
        written = clock().timestamp() - 90 * number
        os.utime(folder / name, (written, written))
    found = backlog(tmp_path)
    assert found.segments == 2
    assert found.oldest == datetime.fromtimestamp(clock().timestamp() - 90, UTC)


async def test_old_segments_make_a_process_not_ready(sql_storage: SqlStorage, clock: Clock, tmp_path: Path) -> None:
    gauges = Gauges(sql_storage, tmp_path, clock)
    assert gauges.segments_trouble() is None
    segment = tmp_path / "p" / "a.sealed"
    segment.parent.mkdir()
    segment.write_bytes(b"x")
    os.utime(segment, (clock().timestamp(),) * 2)
    clock.forward(seconds=59)
    assert gauges.segments_trouble() is None
    clock.forward(seconds=2)
    assert gauges.segments_trouble() == "the oldest waits for 61 s"


async def test_rows_that_retention_took_are_added_up(clock: Clock) -> None:
    meter = Meter()

    async def run() -> dict[str, int]:
        return {"shares": 3}

    counted = meter.retaining(run, ["shares", "links"])
    assert meter.retained == {"shares": 0, "links": 0}
    await counted()
    await counted()
    assert meter.retained == {"shares": 6, "links": 0}


def test_a_tick_is_behind_once_its_time_is_over(clock: Clock) -> None:
    ticking = Ticking([Tick("inbox", timedelta(seconds=5), never, frozenset(Role))], clock)
    ticking.well_at["inbox"] = clock()
    clock.forward(seconds=4)
    assert ticking.behind() == {"inbox": 0.0}
    clock.forward(seconds=4)
    assert ticking.behind() == {"inbox": 3.0}
