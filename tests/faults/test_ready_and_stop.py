"""What a running process says of itself while its database goes and comes, and how it ends when told to."""

import asyncio
import base64
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from config.demo import LOOPBACK, free_port
from config.keys import make_root_key
from config.service import STOPPED_WITHIN, utc_now
from core.model import Code
from playground.stage import Stage
from storage.database import Database
from storage.sql import Clocks, SqlStorage, root_keys
from tests.faults.own_postgres import OwnPostgres, own_postgres
from tests.faults.process import PenumbraProcess
from tests.faults.test_roles_kill import RoleProcess, settled
from tests.storage.stories import GROUP, a_group, a_link, kept
from tests.walks.theatre import FIREFOX, until

pytestmark = [pytest.mark.timeout(120), pytest.mark.postgres]
FAR = date(2100, 1, 1)


@dataclass
class Running:
    """One process that redirects, its database, a link, and a browser."""

    server: OwnPostgres
    process: PenumbraProcess
    storage: SqlStorage
    code: Code
    browser: httpx.AsyncClient

    async def troubles(self) -> tuple[int, set[str]]:
        answer = await self.browser.get("/readyz")
        return answer.status_code, {name for name, why in answer.json()["checks"].items() if why != "ok"}

    async def follow(self, visitor: str = "") -> int:
        agent = {"user-agent": f"{FIREFOX['user-agent']}{visitor}"}
        return (await self.browser.get(f"/{self.code}", headers=agent)).status_code

    async def counted(self) -> int:
        async with self.storage.transaction() as records:
            return sum(each.browsers for each in await records.clicks.counts(GROUP, FAR))

    @property
    def segments(self) -> list[Path]:
        return list((self.process.folder / "clicks").glob("*/*.sealed"))


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(own_postgres())
        stage = Stage(f"http://{LOOPBACK}:1")
        stack.push_async_callback(stage.aclose)
        key = make_root_key()
        storage = await SqlStorage.open(Database.open(server.url), root_keys(base64.b64decode(key)), Clocks(utc_now))
        stack.push_async_callback(storage.close)
        await kept(storage, a_group(utc_now))
        link = replace(a_link(utc_now), counted_until=utc_now() + timedelta(days=14))
        async with storage.transaction() as records:
            await records.links.add(link)
        process = RoleProcess(stage, server.url, tmp_path, root_key=key, roles="redirect")
        await process.start()
        stack.push_async_callback(process.stop)
        await settled(process)
        browser = httpx.AsyncClient(base_url=process.url, headers=FIREFOX, timeout=30)
        await stack.enter_async_context(browser)
        yield Running(server, process, storage, link.code, browser)


async def test_with_the_database_gone_it_says_so_leads_on_and_forgets_no_click(running: Running) -> None:
    assert await running.troubles() == (200, set())
    assert await running.follow() == 302
    await asyncio.to_thread(running.server.kill)
    assert await running.troubles() == (503, {"database"})
    assert await running.follow("2") == 302
    assert (await running.browser.get("/healthz")).status_code == 200
    assert (await running.browser.get(f"/{'0' * 16}")).status_code == 503
    await until(lambda: bool(running.segments))
    old = time.time() - 90
    for segment in running.segments:
        os.utime(segment, (old, old))
    assert await running.troubles() == (503, {"database", "segments"})
    await asyncio.to_thread(running.server.start)
    async with asyncio.timeout(30):
        while await running.troubles() != (200, set()):  # noqa: ASYNC110 - another process tells only when asked
            await asyncio.sleep(0.1)
    async with asyncio.timeout(10):
        while await running.counted() != 2:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)


async def test_a_stop_waits_for_a_database_that_hangs_but_not_for_ever(running: Running) -> None:
    assert await running.follow() == 302  # and now it is in memory
    with hanging(running.server):
        assert await running.follow("2") == 302
        await until(lambda: bool(running.segments))
        begun = time.monotonic()
        assert await running.process.stop() == 0
        assert time.monotonic() - begun < STOPPED_WITHIN
    assert "Traceback" not in (running.process.folder / "log").read_text()
    await running.process.start()  # what waited in its files is counted by whoever starts next
    async with asyncio.timeout(30):
        while await running.counted() != 2:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)


async def test_a_second_signal_ends_it_at_once(running: Running) -> None:
    process = running.process.process
    assert process is not None
    with hanging(running.server):
        await asyncio.sleep(1.5)  # until its jobs wait for the database
        process.terminate()
        await until(lambda: "stopping" in (running.process.folder / "log").read_text())
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 5) == -signal.SIGTERM


async def test_a_process_that_stands_still_keeps_its_clicks_until_it_goes_on_or_is_dead(running: Running) -> None:
    beside = replace(running.process, port=free_port(), process=None)  # same machine, same folder, same database
    await beside.start()
    await settled(beside)
    still = running.process.process
    assert still is not None
    try:
        for visitors, ended_by in ((("1", "2"), signal.SIGCONT), (("3", "4", "5"), signal.SIGKILL)):
            before = await running.counted()
            for visitor in visitors:
                assert await running.follow(visitor) == 302
            still.send_signal(signal.SIGSTOP)
            await asyncio.sleep(2.5)  # the other looks each second for what a dead process left
            assert before <= await running.counted() <= before + len(visitors)
            still.send_signal(ended_by)
            async with asyncio.timeout(30):
                while await running.counted() != before + len(visitors):  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.1)
        await asyncio.sleep(2.5)
        assert await running.counted() == 5
    finally:
        await beside.stop()


@contextmanager
def hanging(server: OwnPostgres) -> Iterator[None]:
    """The server takes what it is sent and answers nothing, as on a frozen machine."""
    assert server.process is not None
    pids = [server.process.pid, *children_of(server.process.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
