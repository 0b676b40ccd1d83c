"""Core's services over SQLite: small enough for a claim to be broken on purpose, over and over."""

import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import structlog

from config.logs import set_up_logs
from core.clicks import Visitor
from core.model import Account, Code, GroupId, Preview
from storage.database import Database
from storage.keys import KEYS, place
from storage.retention import Retention
from storage.sql import Clocks, SqlStorage, root_keys
from tests.claims.kept import rows
from tests.fakes.house import House

ROOT = b"k9-ROOT-canary-of-thirty-two-by!"
SHARER, OTHER = Account("835127406"), Account("835127999")
PAGE, TITLE = "https://news.example/dest7canary", "TITLE7CANARY"
ADDRESS, AGENT = "198.51.100.77", "AGENT7CANARY/1.0"


@dataclass
class SmallHouse(House):
    """A house whose storage is real."""

    kept: SqlStorage = field(init=False)

    async def live(self) -> str:
        """A member shares a page and somebody follows it; the short URL's code."""
        self.unfurler.pages[PAGE] = Preview(PAGE, "news.example", title=TITLE)
        await self.switch_on()
        await self.opt_in(SHARER)
        await self.opt_in(OTHER)
        await self.post(PAGE, account=SHARER, message="MSG7CANARY")
        await self.work()
        code = self.messenger.posted[-1][1].links[0].short_url.rpartition("/")[2]
        for number in range(9):
            await self.services.clicks.follow(Code(code), Visitor(ADDRESS, f"{AGENT} {number}"))
        self.click_log.seal()
        await self.services.clicks.flush()
        return code

    async def publish(self) -> None:
        """The week goes by, its digest is frozen and posted, and what is over is deleted."""
        self.later(days=5, hours=21, minutes=1)  # Monday, a minute past nine
        await self.services.digests.tick()
        await self.work()
        await Retention(self.kept).run()

    async def secrets(self) -> set[bytes]:
        """Every key there is, unwrapped."""
        found = {ROOT}
        async with self.kept.transaction() as records:
            for row in (await records.transaction.connection.execute(KEYS.select())).all():
                found.add(self.kept._roots.unwrap(row.root, row.wrapped, place(row.owner, row.kind)))
        return found

    async def group_id(self) -> GroupId:
        async with self.kept.transaction() as records:
            [group] = await records.groups.page("", 9)
        return group.id

    async def rows(self) -> dict[str, bytes]:
        return await rows(self.kept)


@asynccontextmanager
async def small_house(url: str) -> AsyncIterator[SmallHouse]:
    house = SmallHouse()
    house.kept = await SqlStorage.open(Database.open(url), root_keys(ROOT), Clocks(house.now, house.now))
    house.storage = house.kept
    house.services = house.build()
    try:
        yield house
    finally:
        await house.kept.close()


@contextmanager
def logs() -> Iterator[io.StringIO]:
    """Everything that is logged at DEBUG, as the service sets its logs up."""
    root, out = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    set_up_logs("json", "DEBUG", [], out)
    try:
        yield out
    finally:
        root.handlers, level = before
        root.setLevel(level)
        structlog.reset_defaults()
