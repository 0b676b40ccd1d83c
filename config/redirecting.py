"""What leads visitors on and counts them, and the house of a process that does nothing else.

Nothing is imported here that a redirect does not need: no bots, no readers of pages, no figures.
"""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from config.keys import public_text
from config.metering import Gauges, Meter, figures
from config.process import Process, Surroundings
from config.settings import Role, Settings
from config.ticks import Tick, Ticking
from core.clicks import ClickOutside, ClickService, MemoryVisitors
from core.crawlers import is_crawler
from core.errors import StorageUnavailable
from core.links import LinkCache, LinkOutside, LinkService, mint_code
from core.listed import names_of
from core.ports import Now
from core.receipts import signer
from core.urls import UrlRules
from storage.database import Database
from storage.destinations import Destinations
from storage.segments import SegmentClickLog
from storage.sql import Clocks, SqlStorage, root_keys
from web.health import Check, Checks, Health
from web.metrics import Metrics
from web.pages.public import About, PublicPages
from web.pages.render import Pages
from web.server import Front, build_server

REDIRECTS = frozenset({Role.WEB, Role.REDIRECT})
EVERY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Counting:
    """What clicks go through on their way into the database."""

    storage: SqlStorage
    log: SegmentClickLog
    visitors: MemoryVisitors
    meter: Meter


@dataclass(frozen=True, slots=True)
class Redirects:
    """The two services of core that a redirect asks."""

    links: LinkService
    clicks: ClickService


@asynccontextmanager
async def open_redirects(settings: Settings, around: Surroundings, process_now: Now) -> AsyncIterator[Process]:
    """Open what the role `redirect` alone needs, and close it in the reverse order; as `config.wiring.open_house`."""
    async with AsyncExitStack() as stack:
        counting = await open_counting(settings, around, stack)
        redirects = build_redirects(counting, around, UrlRules.load())
        ticking = Ticking(redirect_ticks(counting, redirects, around), process_now)
        checks, metrics = watching(counting, settings, ticking)
        pages = public_pages(redirects.clicks, around, public_text(signer(await counting.storage.signing_seed())))
        server = build_server(Front(redirects.clicks, pages, Health(checks), metrics), {})
        counting.meter.redirects = server.outcomes
        yield Process(settings, redirects.clicks, counting.meter, server, (), ticking)


async def open_counting(settings: Settings, around: Surroundings, stack: AsyncExitStack) -> Counting:
    """Open the database and the log of clicks; the stack closes them."""
    database = Database.open(settings.database_url)
    stack.push_async_callback(database.close)
    storage = await SqlStorage.open(
        database, root_keys(settings.root(), settings.other_root()), Clocks(around.now), settings.journal_dir
    )
    log = stack.enter_context(SegmentClickLog.open(settings.data_dir))
    return Counting(storage, log, MemoryVisitors(lambda: os.urandom(32)), Meter())


def build_redirects(made: Counting, around: Surroundings, rules: UrlRules) -> Redirects:
    """Core's two services, with everything they need from outside."""
    listed_as = listing(around.settings, rules)
    look_up, give_way = Destinations(made.storage), partial(asyncio.sleep, 0)
    looking = LinkOutside(made.storage, look_up, around.now, new_id, mint_code, give_way, listed_as)
    links = LinkService(looking, LinkCache(around.now))
    counting = ClickOutside(made.storage, made.log, made.visitors, around.now, is_crawler, made.meter.count_drop)
    return Redirects(links, ClickService(counting, links))


def listing(settings: Settings, rules: UrlRules) -> Callable[[str], Collection[str]] | None:
    """What an address may be listed under, see `core.listed.names_of`; None where the operator has chosen no list."""
    return partial(names_of, rules=rules) if settings.urlhaus_url else None


def redirect_ticks(made: Counting, redirects: Redirects, around: Surroundings) -> list[Tick]:
    """What a process that redirects does every so often."""

    async def forget_visitors() -> None:
        made.visitors.forget_before(around.now())

    async def tidy_journal() -> None:
        await asyncio.to_thread(made.storage.tidy_journal)

    return [
        Tick("clicks", timedelta(seconds=1), redirects.clicks.flush, REDIRECTS),
        Tick("link_changes", timedelta(seconds=1), redirects.links.refresh, REDIRECTS),
        Tick("visitors", timedelta(minutes=1), forget_visitors, EVERY),
        Tick("journal", timedelta(minutes=1), tidy_journal, EVERY),
    ]


def watching(made: Counting, settings: Settings, ticking: Ticking) -> tuple[Checks, Metrics]:
    """What `/readyz` looks at, and what `/metrics` tells."""
    gauges = Gauges(made.storage, settings.data_dir, ticking.now)

    async def checks() -> list[Check]:
        late = ticking.late()
        ticks = [Check(f"tick.{name}", late.get(name)) for name in sorted(tick.name for tick in ticking.ticks)]
        kept = [Check("database", await database_trouble(made.storage)), Check("segments", gauges.segments_trouble())]
        kept.append(Check("journal", made.storage.journal_trouble))
        return [*kept, *ticks]

    return checks, Metrics(partial(figures, made.meter, ticking, gauges), settings.metrics_token)


def public_pages(clicks: ClickService, around: Surroundings, receipt_key: str) -> PublicPages:
    """The pages that anybody may read."""
    settings = around.settings
    about = About(settings.operator_name, settings.operator_contact, settings.public_url, receipt_key)
    return PublicPages(Pages(around.texts), clicks, around.texts, about, around.now)


async def database_trouble(storage: SqlStorage) -> str | None:
    """What is wrong with the database; None when it answers."""
    try:
        async with storage.transaction():
            return None
    except StorageUnavailable:
        return "not reachable"


def new_id() -> str:
    """A new id of ours: 128 random bits, hexadecimal."""
    return uuid.uuid4().hex
