"""kill -9 in the midst of visitors: each one who was led on is counted, once, and nobody who never came."""

import asyncio
import random
import signal
import socket
import sys
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest

from core.clicks import ClickOutside, ClickService, MemoryVisitors
from core.model import Code
from storage.database import Database
from storage.segments import SegmentClickLog
from storage.sql import Clocks, SqlStorage, root_keys
from tests.faults.redirecting import ROOT, utc_now
from tests.storage.stories import GROUP, a_group, a_link, kept

pytestmark = pytest.mark.timeout(240)
KILLS = 20
VISITORS = 8
FOLDER = Path(__file__).parents[2]


class Traffic:
    """Visitors, each of whom comes once; what they were told is counted."""

    def __init__(self, port: int, code: Code) -> None:
        self._port = port
        self._code = code
        self._numbers = count(1)
        self.sent = 0
        self.led_on = 0

    async def come(self) -> None:
        """One after another on a connection, until it breaks."""
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            try:
                while True:
                    await self._visit(reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                writer.close()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = next(self._numbers)
        address = f"203.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.sent += 1
        writer.write(
            f"GET /{self._code} HTTP/1.1\r\nHost: s\r\nUser-Agent: Mozilla/5.0 (X11) Gecko/20100101 Firefox/140.0\r\n"
            f"X-Forwarded-For: {address}\r\n\r\n".encode()
        )
        answer = await reader.readuntil(b"\r\n\r\n")
        self.led_on += answer.startswith(b"HTTP/1.1 302 ")


async def a_link_to_follow(url: str) -> Code:
    storage = await SqlStorage.open(Database.open(url), root_keys(ROOT), Clocks(utc_now))
    await kept(storage, a_group(utc_now))
    link = replace(a_link(utc_now), counted_until=utc_now() + timedelta(days=14))
    async with storage.transaction() as records:
        await records.links.add(link)
    await storage.close()
    return link.code


async def counted(url: str, folder: Path) -> int:
    """What the database has once everything left in files has come to it."""
    storage = await SqlStorage.open(Database.open(url), root_keys(ROOT), Clocks(utc_now))
    with SegmentClickLog.open(folder) as log:
        visitors = MemoryVisitors(lambda: b"k" * 32)
        outside = ClickOutside(storage, log, visitors, utc_now, lambda _: False, lambda _: None)
        await ClickService(outside, None).flush()  # type: ignore[arg-type] # no link is resolved here
        async with storage.transaction() as records:
            found = await records.clicks.counts(GROUP, date.max)
    await storage.close()
    return sum(each.browsers for each in found)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_twenty_kills_lose_no_acknowledged_click(database_url: str, tmp_path: Path) -> None:
    chance = random.Random(8)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    traffic = Traffic(port, await a_link_to_follow(database_url))
    folder = tmp_path / "clicks"
    visitors = [asyncio.create_task(traffic.come()) for _ in range(VISITORS)]
    for _ in range(KILLS):
        before = traffic.led_on
        command = (sys.executable, "-m", "tests.faults.redirecting", database_url, str(folder), str(port))
        process = await asyncio.create_subprocess_exec(*command, cwd=FOLDER)
        while traffic.led_on < before + 20:
            assert process.returncode is None
            await asyncio.sleep(0.01)
        await asyncio.sleep(chance.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        await process.wait()
    for each in visitors:
        each.cancel()
    await asyncio.gather(*visitors, return_exceptions=True)
    assert traffic.led_on <= await counted(database_url, folder) <= traffic.sent
    assert traffic.led_on >= KILLS * 20
