"""Clicks before the database has them: what was acknowledged survives, and is counted once."""

import itertools
import os
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ClickLogFull
from core.model import Click, GroupId, LinkId
from storage import segments
from storage.segments import SegmentClickLog

DAY = date(2026, 11, 16)


@pytest.fixture
def new_id() -> Callable[[], str]:
    numbers = itertools.count()
    return lambda: f"id-{next(numbers)}"


def a_click(link: str = "a", *, in_total: bool = True) -> Click:
    return GroupId("g1"), LinkId(link), DAY, in_total


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def counted(log: SegmentClickLog) -> Counter[Click]:
    total: Counter[Click] = Counter()
    for batch in log.sealed():
        total.update(dict(batch.clicks))
    return total


def test_clicks_are_summed_up_by_batch(tmp_path: Path, new_id: Callable[[], str]) -> None:
    log = SegmentClickLog.open(tmp_path / "clicks", new_id)
    for click in (a_click(), a_click(), a_click("b"), a_click(in_total=False)):
        log.append(click)
    assert log.sealed() == []
    log.seal()
    [batch] = log.sealed()
    assert dict(batch.clicks) == {a_click(): 2, a_click("b"): 1, a_click(in_total=False): 1}
    log.close()


async def test_batches_come_oldest_first_until_they_are_discarded(tmp_path: Path, new_id: Callable[[], str]) -> None:
    log = SegmentClickLog.open(tmp_path, new_id)
    for link in "abc":
        log.append(a_click(link))
        log.seal()
    log.seal()
    first, second, third = log.sealed()
    assert [dict(each.clicks) for each in (first, second, third)] == [{a_click(link): 1} for link in "abc"]
    await log.discard([second.id])
    await log.discard([second.id])
    assert [each.id for each in log.sealed()] == [first.id, third.id]
    log.close()


@pytest.mark.parametrize("remembered", [0, 1, 9])
async def test_what_is_remembered_of_segments_is_what_stands_in_them(
    tmp_path: Path, new_id: Callable[[], str], monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    monkeypatch.setattr(segments, "REMEMBERED", remembered)
    monkeypatch.setattr(segments, "FULL", 40)
    log = SegmentClickLog.open(tmp_path, new_id)
    for link in "aabcb":
        log.append(a_click(link), a_click(in_total=False))
    log.seal()
    told = [(batch.id, dict(batch.clicks)) for batch in log.sealed()]
    assert len(told) > 1
    log.close()
    other = SegmentClickLog.open(tmp_path, new_id)
    assert [(batch.id, dict(batch.clicks)) for batch in other.sealed()] == told
    await other.discard([batch for batch, _ in told])
    other.close()


async def test_a_log_with_nothing_left_leaves_nothing(tmp_path: Path, new_id: Callable[[], str]) -> None:
    log = SegmentClickLog.open(tmp_path, new_id)
    log.append(a_click())
    log.seal()
    await log.discard([log.sealed()[0].id])
    log.close()
    assert left_in(tmp_path) == []


async def test_what_a_closed_process_left_is_adopted_under_the_same_id(
    tmp_path: Path, new_id: Callable[[], str]
) -> None:
    first = SegmentClickLog.open(tmp_path, new_id)
    first.append(a_click())
    first.seal()
    [batch] = first.sealed()
    first.close()
    second = SegmentClickLog.open(tmp_path, new_id)
    assert second.sealed() == [batch]
    await second.discard([batch.id])
    assert second.sealed() == []
    second.close()
    assert left_in(tmp_path) == []


def test_a_living_process_is_left_alone(tmp_path: Path, new_id: Callable[[], str]) -> None:
    living, other = SegmentClickLog.open(tmp_path, new_id), SegmentClickLog.open(tmp_path, new_id)
    living.append(a_click())
    living.seal()
    assert other.sealed() == []
    assert len(living.sealed()) == 1
    living.close()
    assert len(other.sealed()) == 1
    other.close()


CHILD = """
import itertools, sys
from datetime import date
from pathlib import Path
from core.model import Click, GroupId, LinkId
from storage.segments import SegmentClickLog
numbers = itertools.count()
log = SegmentClickLog.open(Path(sys.argv[1]), lambda: f"child-{next(numbers)}")
for number in itertools.count():
    log.append((GroupId("g1"), LinkId(f"l{number}"), date(2026, 11, 16), True))
    print(number, flush=True)
    if number % 50 == 49:
        log.seal()
"""


def test_killed_at_any_moment_what_was_acknowledged_is_there(tmp_path: Path, new_id: Callable[[], str]) -> None:
    child = subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(segments.__file__).parents[1]
    )
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(333)]
    child.send_signal(signal.SIGKILL)
    rest = [int(line) for line in child.stdout.read().splitlines() if line]
    child.wait()
    child.stdout.close()
    log = SegmentClickLog.open(tmp_path, new_id)
    found = counted(log)
    sent = {LinkId(f"l{number}") for number in acknowledged + rest}
    assert sent <= {link for _, link, *_ in found}
    assert len(found) <= len(sent) + 1  # one may have been written and not acknowledged
    assert set(found.values()) == {1}
    assert found == counted(log)
    log.close()


@given(cut=st.integers(0, 200))
def test_a_torn_line_is_dropped_and_the_whole_ones_stay(cut: int) -> None:
    line = b"g1\tlink-a\t2026-11-16\t1\n"
    content = (line * 9)[:cut]
    whole = len(content) // len(line)
    assert list(segments._clicks(content)) == [(a_click("link-a"), whole)] * bool(whole)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes; a write that does not fit is cut short, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("together", [1, 2, 3])
def test_on_a_full_disk_clicks_are_refused_by_name_and_no_line_is_torn(
    tmp_path: Path, new_id: Callable[[], str], together: int
) -> None:
    log = SegmentClickLog.open(tmp_path, new_id)
    log.append(a_click("a"))
    with room_for(45):  # of a line of 18 bytes one more would find room
        for _ in range(2):
            with pytest.raises(ClickLogFull):
                log.append(*[a_click("b")] * (1 + together))
    log.append(a_click("c"))
    log.seal()
    assert counted(log) == {a_click("a"): 1, a_click("c"): 1}
    log.close()


def test_a_folder_that_is_gone_is_told_by_name(tmp_path: Path, new_id: Callable[[], str]) -> None:
    log = SegmentClickLog.open(tmp_path, new_id)
    away = tmp_path.with_name("away")
    tmp_path.rename(away)
    with pytest.raises(ClickLogFull):
        log.append(a_click())
    away.rename(tmp_path)
    log.append(a_click())
    log.close()


def test_what_could_not_be_sealed_is_sealed_next_time(
    tmp_path: Path, new_id: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_file: int) -> None:
        raise OSError("input/output error")

    log = SegmentClickLog.open(tmp_path, new_id)
    log.append(a_click())
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="input/output"):
            log.seal()
    log.append(a_click("b"))
    assert counted(log) == {a_click(): 1}
    log.close()
