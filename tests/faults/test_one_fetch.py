"""Two processes, each with a message that has the same link: the page is asked for once, and both cards tell of it."""

import asyncio
import base64
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from config.demo import LOOPBACK, free_port
from config.keys import make_root_key
from config.run import Listen, serving
from config.service import utc_now
from core.model import Account, Consent, Group, GroupAddress, GroupId, GroupState, Platform, Purpose, ReceiptId
from playground.people import CAST
from playground.slack.world import GENERAL, READING_ROOM
from playground.stage import Stage
from storage.database import Database
from storage.inbox import INBOX
from storage.sql import Clocks, SqlStorage, root_keys
from tests.faults.own_postgres import own_postgres
from tests.faults.process import RoleProcess, settled
from tests.walks.theatre import until
from texts.catalogue import Texts
from texts.notices import notices

pytestmark = [pytest.mark.timeout(240), pytest.mark.postgres]
BRUNO = CAST["bruno"].slack_id
CHANNELS = (READING_ROOM, GENERAL)
HOST, TITLE = "slow.localhost", "A page that takes its time"
PAGE = f"<!doctype html><title>{TITLE}</title><p>It was asked for once.".encode()
FOUND = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n" + PAGE
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
TWO_LOOKS = 1.0
"""Seconds in which whoever waits for a page looks twice whether it is there."""


@dataclass
class HeldPage:
    """A site with one page, which is held back until it is let go."""

    port: int
    asked: int = 0
    first: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/held"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wanted = await reader.readuntil(b"\r\n\r\n")
        if b" /held " in wanted:
            self.asked += 1
            self.first.set()
            await self.go.wait()
            writer.write(FOUND)
        else:
            writer.write(NOT_FOUND)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def held_page() -> AsyncIterator[HeldPage]:
    page = HeldPage(free_port())
    async with await asyncio.start_server(page.answer, LOOPBACK, page.port):
        yield page
        page.go.set()


@dataclass
class Replica(RoleProcess):
    """A whole installation beside another one over the same database."""

    roles: str = "web,worker"
    site: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"PENUMBRA_UNFURL_TEST_HOSTS": self.site}


async def two_channels(storage: SqlStorage, workspace: str) -> None:
    """Bruno said yes in both."""
    notice = notices(Texts.load())["en"].id
    for number, channel in enumerate(CHANNELS):
        group = GroupId(f"g{number}")
        address = GroupAddress(Platform.SLACK, workspace, channel)
        consent = Consent(frozenset({Purpose.SHARES}), notice, utc_now(), ReceiptId(f"r-{number}"))
        async with storage.transaction() as records:
            await records.groups.add(Group(group, address, GroupState.ENABLED, utc_now(), channel))
            await records.consents.put(group, Account(BRUNO), consent)


async def bruno_shares(stage: Stage, channel: str, url: str, listener: Replica) -> None:
    """Bruno posts a link, and Slack tells one of the replicas, as a balancer chooses."""
    stage.slack.request_url = f"{listener.url}/slack/events"
    await stage.slack.say("bruno", channel, url)


async def until_both_are_claimed(storage: SqlStorage) -> None:
    async with asyncio.timeout(30):
        while True:
            async with storage.transaction() as records:
                rows = await records.transaction.all(select(INBOX.c.claims))
            if [row.claims for row in rows] == [1, 1]:
                return
            await asyncio.sleep(0.1)


@contextmanager
def standing_still(replica: Replica) -> Iterator[None]:
    """It does nothing meanwhile, so that what is done is done by the other one."""
    assert replica.process is not None
    replica.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        replica.process.send_signal(signal.SIGCONT)


def told(stage: Stage) -> set[str]:
    """Where a card stands that tells what the page is."""
    posted = (call for call in stage.traffic.calls(method="chat.postMessage") if call.ok)
    return {call.request["channel"] for call in posted if TITLE in str(call.request)}


async def test_a_page_that_one_process_is_fetching_is_not_asked_for_by_another(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(own_postgres())
        page = await stack.enter_async_context(held_page())
        platform = free_port()
        stage = Stage(f"http://{LOOPBACK}:{platform}")
        await stack.enter_async_context(serving(stage.app, Listen(LOOPBACK, platform)))
        stack.push_async_callback(stage.aclose)
        for channel in CHANNELS:
            await stage.slack.invite_bot("ada", channel)
        key = make_root_key()
        storage = await SqlStorage.open(Database.open(server.url), root_keys(base64.b64decode(key)), Clocks(utc_now))
        stack.push_async_callback(storage.close)
        await two_channels(storage, stage.slack.workspace.id)
        site = f"{HOST}={LOOPBACK}:{page.port}"
        one, other = (Replica(stage, server.url, tmp_path, root_key=key, site=site) for _ in range(2))
        for replica in (one, other):
            await replica.start()
            stack.push_async_callback(replica.stop)
        await asyncio.gather(settled(one), settled(other))

        with standing_still(other):
            await bruno_shares(stage, READING_ROOM, page.url, one)
            await asyncio.wait_for(page.first.wait(), 30)
        with standing_still(one):
            await bruno_shares(stage, GENERAL, page.url, other)
            await until_both_are_claimed(storage)
            await asyncio.sleep(TWO_LOOKS)
            page.go.set()
        await until(lambda: told(stage) == set(CHANNELS))
        assert page.asked == 1
