"""How soon Slack is answered: 200 events a second of a busy workspace, and how many at most, beside a bare Bolt app.

The process under test is a whole one with the role `web`: signature, consent, the inbox row before the 200, on SQLite.
It and the bare app run on one core, the sender on the other; rounds alternate, so that both meet the same machine.
Processor time of the answering process is what a shared machine distorts least; `python -m bench ack cpu` asks for
that alone.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bench.servers import Server, penumbra, server
from bench.slack_events import BOT, BOT_ID, CHANNEL, CONSENTING, MEMBERS, SECRET, TEAM, deliveries, member
from config.demo import free_port
from config.keys import make_root_key
from config.service import utc_now
from config.settings import read_root_key
from core.model import (
    Account,
    Consent,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    Installation,
    Platform,
    Purpose,
    ReceiptId,
)
from storage.database import Database
from storage.installations import SqlInstallations
from storage.migrate import upgrade
from storage.sql import Clocks, SqlStorage, root_keys
from texts.notices import MEMBER_NOTICE

A_SECOND, SECONDS = 200, 15
AT_ONCE, EACH_ROUND, ROUNDS = 16, 1_500, 4
IDLE_SECONDS = 2
"""Both servers hang up on a connection that nobody used for five seconds: the sender has let go of it before."""

_serial = count(step=100_000)


async def workspace(folder: Path) -> tuple[str, str]:
    """A database with one installed workspace, one channel that is on, and members who said yes; its URL and key."""
    url, root = f"sqlite:///{folder / 'bench.db'}", make_root_key()
    await upgrade(url)
    storage = await SqlStorage.open(Database.open(url), root_keys(read_root_key(root)), Clocks(utc_now))
    now = utc_now()
    token = SecretStr("xoxb-bench")
    await SqlInstallations(storage).put(
        Installation(Platform.SLACK, TEAM, "Bench", token, Account(BOT), BOT_ID, frozenset(), now)
    )
    group = Group(GroupId("bench"), GroupAddress(Platform.SLACK, TEAM, CHANNEL), GroupState.ENABLED, now, "bench")
    async with storage.transaction() as records:
        await records.groups.add(group)
        for number in range(0, MEMBERS, MEMBERS // CONSENTING):
            yes = Consent(frozenset({Purpose.SHARES, Purpose.CLICKS}), MEMBER_NOTICE, now, ReceiptId(f"r{number}"))
            await records.consents.put(group.id, Account(member(number)), yes)
    await storage.close()
    return url, root


async def post(session: aiohttp.ClientSession, at: Server, request: tuple[bytes, dict[str, str]]) -> None:
    body, headers = request
    async with session.post(f"{at.url}/slack/events", data=body, headers=headers) as answer:
        await answer.read()
        if answer.status != 200:
            sys.exit(f"{at.name} answered {answer.status}")


async def paced(session: aiohttp.ClientSession, at: Server) -> list[float]:
    """Seconds from when each event was due to be sent until it was acknowledged."""
    requests = list(deliveries(A_SECOND * SECONDS, next(_serial)))
    took: list[float] = []
    begun = time.perf_counter() + 0.1

    async def one(number: int, request: tuple[bytes, dict[str, str]]) -> None:
        due = begun + number / A_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await post(session, at, request)
        took.append(time.perf_counter() - due)

    await asyncio.gather(*(one(number, request) for number, request in enumerate(requests)))
    return sorted(took)


async def throughput(session: aiohttp.ClientSession, at: Server) -> float:
    """Events a second, with so many on their way at once."""
    requests = deliveries(EACH_ROUND, next(_serial))
    ready = asyncio.Queue[tuple[bytes, dict[str, str]]]()
    for request in requests:
        ready.put_nowait(request)

    async def sender() -> None:
        while not ready.empty():
            await post(session, at, ready.get_nowait())

    begun = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(AT_ONCE)))
    return EACH_ROUND / (time.perf_counter() - begun)


async def processor(session: aiohttp.ClientSession, at: Server) -> float:
    """Microseconds of processor time an event, with so many on their way at once."""
    before = at.cpu_seconds()
    await throughput(session, at)
    return (at.cpu_seconds() - before) / EACH_ROUND * 1e6


async def measure_processor(ours: Server, bare: Server) -> None:
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=256, keepalive_timeout=IDLE_SECONDS)
    ) as session:
        for at in (ours, bare):
            await throughput(session, at)  # warm
        rounds = [(await processor(session, ours), await processor(session, bare)) for _ in range(ROUNDS)]
    for name, figures in (("Penumbra", [one for one, _ in rounds]), ("bare Bolt", [other for _, other in rounds])):
        print(f"{name:10} {statistics.median(figures):.0f} µs/event ({min(figures):.0f}–{max(figures):.0f})")
    ratios = [other / one for one, other in rounds]
    print(f"ratio      {statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})")


async def measure(ours: Server, bare: Server) -> None:
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=256, keepalive_timeout=IDLE_SECONDS)
    ) as session:
        for at in (ours, bare):
            await throughput(session, at)  # warm
        for at in (ours, bare):
            took = await paced(session, at)
            p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
            print(
                f"{at.name:10} {A_SECOND}/s for {SECONDS} s: median {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, "
                f"slowest {took[-1] * 1000:.1f} ms"
            )
        rounds = [(await throughput(session, ours), await throughput(session, bare)) for _ in range(ROUNDS)]
        ratios = [one / other for one, other in rounds]
        for name, figures in (("Penumbra", [one for one, _ in rounds]), ("bare Bolt", [other for _, other in rounds])):
            print(f"{name:10} {statistics.median(figures):.0f} events/s ({min(figures):.0f}–{max(figures):.0f})")
        print(f"ratio      {statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})")


def main() -> None:
    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        folder = Path(made)
        url, root = asyncio.run(workspace(folder))
        settings, port = penumbra(url, root, folder, "web")
        slack = {"SIGNING_SECRET": SECRET, "CLIENT_ID": "1.2", "CLIENT_SECRET": "bench"}
        settings = {name: value for name, value in settings.items() if name != "PENUMBRA_TELEGRAM_TOKEN"}
        settings |= {f"PENUMBRA_SLACK_{name}": value for name, value in slack.items()}
        settings["PENUMBRA_JOURNAL_DIR"] = str(folder / "journal")
        ours = stack.enter_context(server("Penumbra", [sys.executable, "-m", "config", "run"], port, **settings))
        bare_port = free_port()
        bolt = [sys.executable, "-m", "bench.bare_bolt", str(bare_port)]
        bare = stack.enter_context(server("bare Bolt", bolt, bare_port))
        os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1})  # not where the answering is done
        asyncio.run(measure_processor(ours, bare) if "cpu" in sys.argv[1:] else measure(ours, bare))


if __name__ == "__main__":
    main()
