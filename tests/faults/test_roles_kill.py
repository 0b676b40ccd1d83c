"""kill -9 of a random role each 1.5 s: what was acknowledged is counted, digests due are posted once."""

import asyncio
import base64
import contextlib
import itertools
import json
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from config.demo import LOOPBACK, free_port
from config.keys import make_root_key
from config.run import Listen, serving
from config.service import utc_now
from core.model import (
    Account,
    Consent,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    OutboxState,
    Platform,
    Purpose,
    ReceiptId,
    Share,
)
from core.schedules import finished_week, week_of
from playground.people import CAST
from playground.slack.signing import headers
from playground.slack.world import READING_ROOM
from playground.stage import Stage
from storage.database import Database
from storage.inbox import INBOX, WorkState
from storage.outbox import OUTBOX
from storage.sql import Clocks, SqlStorage, root_keys
from storage.transaction import GROUPS
from tests.faults.own_postgres import own_postgres
from tests.faults.process import RoleProcess, settled
from tests.faults.replicas import SEED
from tests.storage.stories import a_link
from texts.catalogue import Texts
from texts.notices import notices

pytestmark = [pytest.mark.timeout(240), pytest.mark.postgres]
KILLS = 6
EVERY = 1.5
ROLES = ("web,redirect", "web,redirect", "worker,digest")
BRUNO = CAST["bruno"].slack_id
GROUP = GroupId("g1")


async def prepare(storage: SqlStorage, workspace: str) -> None:
    """A Slack channel with one member who said yes, a link shared last week, and a digest due in some seconds."""
    address = GroupAddress(Platform.SLACK, workspace, READING_ROOM)
    due = utc_now() + timedelta(seconds=4)
    group = Group(GROUP, address, GroupState.ENABLED, utc_now(), "reading-room", next_digest=due)
    notice = notices(Texts.load())["en"].id
    consent = Consent(frozenset({Purpose.SHARES, Purpose.CLICKS}), notice, utc_now(), ReceiptId("r-1"))
    link = a_link(utc_now)
    last_week = utc_now() - timedelta(days=7)
    week = finished_week(utc_now(), "UTC")
    async with storage.transaction() as records:
        await records.groups.add(group)
        await records.consents.put(GROUP, Account(BRUNO), consent)
        await records.links.add(link)
        await records.shares.add(Share(GROUP, link.id, Account(BRUNO), week, last_week, "1.1", counts_clicks=True))


@dataclass
class Deliveries:
    """Slack's side: each event is delivered until somebody says 200, as Slack does; and what was said is counted."""

    secret: str
    workspace: str
    webs: list[RoleProcess]
    page: str
    """Served by the stage: a page that can't be had is waited for on purpose, which is not this story's matter."""
    acknowledged: set[str] = field(default_factory=set)
    asked: int = 0
    over: bool = False

    async def deliver(self) -> None:
        async with httpx.AsyncClient(timeout=3) as slack:
            for number in itertools.count():
                if self.over:
                    return
                await self._one(slack, number)
                await asyncio.sleep(0.1)

    async def _one(self, slack: httpx.AsyncClient, number: int) -> None:
        body = json.dumps(self._event(number)).encode()
        stamp = str(int(utc_now().timestamp()))
        self.asked += 1
        sent = headers(self.secret, stamp, body) | {"content-type": "application/json"}
        for web in self.webs:  # as a balancer does when one is down
            with contextlib.suppress(httpx.TransportError):
                answer = await slack.post(f"{web.url}/slack/events", content=body, headers=sent)
                if answer.status_code == 200:
                    self.acknowledged.add(f"{self.page}?load={number}")
                    return

    def _event(self, number: int) -> dict[str, object]:
        # three links: no card, so that the limits of posting are not what this story waits for
        pages = " ".join(f"<{self.page}?{kind}={number}>" for kind in ("load", "and", "more"))
        ts = f"{utc_now().timestamp():.0f}.{number:06d}"
        said = {"type": "message", "channel": READING_ROOM, "channel_type": "channel", "user": BRUNO, "text": pages}
        return {
            "type": "event_callback",
            "team_id": self.workspace,
            "event_id": f"Ev{number:08}",
            "api_app_id": "A1",
            "event_time": int(utc_now().timestamp()),
            "event": said | {"ts": ts, "event_ts": ts, "team": self.workspace},
        }


async def test_killed_role_by_role_it_loses_nothing_acknowledged_and_posts_its_digest_once(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    page = free_port()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(own_postgres())
        stage = Stage(f"http://{LOOPBACK}:{page}")
        await stack.enter_async_context(serving(stage.app, Listen(LOOPBACK, page)))
        stack.push_async_callback(stage.aclose)
        await stage.slack.invite_bot("ada", READING_ROOM)
        key = make_root_key()
        storage = await SqlStorage.open(Database.open(server.url), root_keys(base64.b64decode(key)), Clocks(utc_now))
        stack.push_async_callback(storage.close)
        await prepare(storage, stage.slack.workspace.id)
        roles = [RoleProcess(stage, server.url, tmp_path, root_key=key, roles=role) for role in ROLES]
        for role in roles:
            await role.start()
            stack.push_async_callback(role.stop)
        await asyncio.gather(*(settled(role) for role in roles))
        page_url = next(each.url for each in stage.sites.suggestions if each.key == "news")
        secret, workspace = stage.credentials.slack_signing_secret, stage.slack.workspace.id
        deliveries = Deliveries(secret, workspace, roles[:2], page_url)
        sending = asyncio.create_task(deliveries.deliver())
        killed = 0
        while killed < KILLS:
            await asyncio.sleep(EVERY)
            up = [role for role in roles if await role._is_ready()]
            if up:
                victim = dice.choice(up)
                await victim.kill()
                await victim.start()
                killed += 1
        deliveries.over = True
        await sending
        await asyncio.gather(*(settled(role) for role in roles))
        await end_leases(storage)
        await until_all_done(storage)
        async with storage.transaction() as records:
            week = week_of(utc_now(), "UTC")
            shared = {each.link.clean.display for each in await records.shares.week(GROUP, week)}
            works = await records.transaction.all(select(INBOX.c.state))
            digests = await records.transaction.all(select(OUTBOX.c.state))
        posted = [call for call in stage.traffic.calls(method="chat.postMessage") if call.ok]
        assert deliveries.acknowledged - shared == set()
        assert len(deliveries.acknowledged) > 20
        assert {row.state for row in works} == {WorkState.DONE}
        assert [row.state for row in digests] == [OutboxState.SENT]
        assert len(posted) == 1


async def end_leases(storage: SqlStorage) -> None:
    """Who was killed may have claimed the last work; its lease's end is not waited for."""
    async with storage.transaction() as records:
        tx = records.transaction
        over = await tx.clock() - timedelta(seconds=1)
        for table in (INBOX, OUTBOX, GROUPS):
            await tx.run(update(table).where(table.c.leased_until.is_not(None)).values(leased_until=over))


async def until_all_done(storage: SqlStorage, patience: float = 60) -> None:
    """Accepted work is done and what was to be posted is closed; else it is said what is left."""
    over = utc_now() + timedelta(seconds=patience)
    while True:
        async with storage.transaction() as records:
            tx = records.transaction
            waiting = await tx.all(select(INBOX.c.state, INBOX.c.attempts).where(INBOX.c.state == WorkState.WAITING))
            unposted = await tx.all(select(OUTBOX.c.state, OUTBOX.c.attempts).where(OUTBOX.c.closed_at.is_(None)))
            digests = await tx.all(select(OUTBOX.c.state))
        if not waiting and not unposted and digests:
            return
        assert utc_now() < over, (len(waiting), waiting[:3], unposted, digests)
        await asyncio.sleep(0.5)
