"""How long messages wait behind one whose page takes eight seconds, in a worker as it runs.

    python -m bench slow_page

The real inbox tick over SQLite; the page's slowness is a fake's, all else is real. Baseline: the same messages with
nothing slow before them, in the same run.
"""

import argparse
import asyncio
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import uvloop
from sqlalchemy import func, select

from bench.ingest import Place, opened, update
from config.service import utc_now
from config.settings import Role
from config.ticks import Tick, Ticking
from core.model import GroupId, Preview
from storage.inbox import INBOX, WorkState

SLOW_SECONDS, MESSAGES = 8.0, 50
SLOW = 399
"""The number of the story whose page is slow."""


class SlowUnfurler:
    """One page takes its time."""

    async def unfurl(self, url: str, _: GroupId) -> Preview | None:
        if url.endswith(f"/{SLOW}"):
            await asyncio.sleep(SLOW_SECONDS)
        return None


async def done(place: Place) -> int:
    async with place.storage.transaction() as records:
        finished = select(func.count().label("number")).where(INBOX.c.state == WorkState.DONE)
        row = await records.transaction.one(finished)
    return int(row.number) if row else 0


async def behind(folder: Path, *, slow: bool) -> float:
    """Seconds until all the messages are worked off, counted from the first of them."""
    place = await opened("SQLite", f"sqlite:///{folder / 'bench.db'}", folder)
    place.house.unfurler = SlowUnfurler()  # type: ignore[assignment] # the same port
    place.house.services = place.house.build(place.storage)
    shares = place.house.services.shares
    every = timedelta(seconds=0.5)
    ticking = Ticking(
        [Tick("inbox", every, shares.keep_up, frozenset(Role), again=True, finish=shares.finish)], utc_now
    )
    scheduler = ticking.start()
    if slow:
        await place.deliver(update(SLOW))
        await asyncio.sleep(1.2)  # it is claimed, and its page asked for
    begun = time.perf_counter()
    for number in range(1000, 1000 + MESSAGES):
        await place.deliver(update(number))
    while await done(place) < MESSAGES:  # noqa: ASYNC110 - the database tells only when asked
        await asyncio.sleep(0.02)
    took = time.perf_counter() - begun
    await ticking.finish(scheduler, SLOW_SECONDS + 2)
    assert await done(place) == MESSAGES + slow
    await place.storage.close()
    return took


async def run(rounds: int, folder: Path) -> None:
    for number in range(rounds):
        alone = await behind(_within(folder, f"{number}-alone"), slow=False)
        late = await behind(_within(folder, f"{number}-slow"), slow=True)
        print(f"{MESSAGES} messages: {late:.2f} s behind a page of {SLOW_SECONDS:.0f} s, {alone:.2f} s behind nothing")


def _within(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.slow_page")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="penumbra-bench-") as folder:
        uvloop.run(run(given.rounds, Path(folder)))


if __name__ == "__main__":
    main()
