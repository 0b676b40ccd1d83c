"""How many messages are accepted a second, and worked off to the end, beside python-telegram-bot that only parses them.

    python -m bench.ingest
    python -m bench.ingest --events 1000 --rounds 5

One process and one core. Baseline: JSON to the objects of the library, what every bot on it pays before it does
anything. Accepted: the same, consent asked, links taken out, sealed, committed together with whoever came meanwhile (64
deliveries at a time). To the end: the same, and each message claimed, consent asked again, its link minted or found,
the share counted, the card asked for; pages are not fetched. SQLite syncs each commit to the disk, that PostgreSQL
does not.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import uvloop
from telegram import Bot, Update

from bots.telegram import parse
from config.service import utc_now
from core.model import Account, GroupAddress, Platform
from storage.database import Database
from storage.hearing import Hearing
from storage.intake import SqlIntake
from storage.listing import Listing
from storage.migrate import upgrade
from storage.segments import random_name
from storage.sql import Clocks, SqlStorage, root_keys
from tests.fakes.house import House
from tests.faults.own_postgres import OwnPostgres, own_postgres

AT_ONCE = 64
GROUPS, MEMBERS, LINKS = 10, 10, 400
BOT = Bot("1:bench")


def update(number: int) -> str:
    text = f"worth reading https://news.example/story/{number % LINKS}?utm_source=chat"
    who = {"id": 1000 + number % MEMBERS, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    chat = {"id": -1000 - number % GROUPS, "type": "supergroup", "title": "Book club"}
    entity = {"type": "url", "offset": text.index("https"), "length": len(text) - text.index("https")}
    message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": who, "text": text}
    return json.dumps({"update_id": number, "message": {**message, "entities": [entity]}})


@dataclass
class Place:
    """One database and what stands on it."""

    name: str
    storage: SqlStorage
    house: House
    accepted: list[float] = field(default_factory=list)
    finished: list[float] = field(default_factory=list)

    async def deliver(self, sent: str) -> None:
        read = Update.de_json(json.loads(sent), BOT)
        posted = read.effective_message
        assert posted is not None
        account = parse.sender(posted)
        standing = await self.house.services.consent.may_count(parse.address(posted.chat), account)
        assert standing is not None
        assert account is not None
        message = parse.message(posted, account)
        await self.house.services.shares.take_in(standing, message, parse.event_id(read, posted))

    async def work(self) -> None:
        while await self.house.services.shares.keep_up():
            pass
        await self.house.services.shares.finish()


async def opened(name: str, url: str, folder: Path) -> Place:
    await upgrade(url)
    storage = await SqlStorage.open(Database.open(url), root_keys(os.urandom(32)), Clocks(utc_now))
    hearing = Hearing(storage)
    house = House(
        utc_now(),
        accept=SqlIntake(storage, folder / name, random_name),
        hear=hearing,
        hear_again=hearing.again,
        is_listed=Listing(storage),
    )
    house.services = house.build(storage)
    for number in range(GROUPS):
        address = GroupAddress(Platform.TELEGRAM, "", str(-1000 - number))
        await house.switch_on(address)
        for member in range(MEMBERS):
            await house.opt_in(Account(str(1000 + member)), address=address)
    return Place(name, storage, house)


async def at_once(sent: list[str], do: Callable[[str], Awaitable[None]]) -> None:
    waiting = iter(sent)

    async def one_after_another() -> None:
        for each in waiting:
            await do(each)

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))


async def rate(sent: list[str], do: Awaitable[None]) -> float:
    begun = time.perf_counter()
    await do
    return len(sent) / (time.perf_counter() - begun)


async def bare(sent: str) -> None:
    Update.de_json(json.loads(sent), BOT)


def line(name: str, rates: list[float], baseline: float | None = None) -> str:
    share = f"   {statistics.median(rates) / baseline:.2f} of the baseline" if baseline else ""
    return f"{name:<34} {statistics.median(rates):8,.0f}/s  ({min(rates):,.0f} to {max(rates):,.0f}){share}"


async def measure(places: list[Place], events: int, rounds: int) -> None:
    parsed: list[float] = []
    for each in range(rounds):
        sent = [update(each * events + number) for number in range(1, events + 1)]
        parsed.append(await rate(sent, at_once(sent, bare)))
        for place in places:
            begun = time.perf_counter()
            place.accepted.append(await rate(sent, at_once(sent, place.deliver)))
            await place.work()
            place.finished.append(events / (time.perf_counter() - begun))
    baseline = statistics.median(parsed)
    print(line("python-telegram-bot, parsing alone", parsed))
    for place in places:
        print(line(f"{place.name}: accepted", place.accepted, baseline))
        print(line(f"{place.name}: to the end", place.finished, baseline))


async def run(events: int, rounds: int, postgres: OwnPostgres, folder: Path) -> None:
    places = [
        await opened("SQLite", f"sqlite:///{folder / 'bench.db'}", folder),
        await opened("PostgreSQL", postgres.url, folder),
    ]
    await measure(places, events, rounds)
    for place in places:
        await place.storage.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.ingest")
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="penumbra-bench-")))

        async def all_of_it() -> None:
            async with own_postgres() as postgres:
                await run(given.events, given.rounds, postgres, folder)

        uvloop.run(all_of_it())


if __name__ == "__main__":
    main()
