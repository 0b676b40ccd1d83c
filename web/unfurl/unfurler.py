"""Core's Unfurler over HTTP: one fetch per canonical URL at a time, remembered for an hour, at a gentle rate."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import ada_url
import httpcore

from core.errors import LeadsToListed, TooSoon
from core.listed import names_of_key
from core.model import GroupId, Preview
from core.ports import CachedPreview, Now, Storage
from core.rates import UNDER_WAY, buckets_of_page
from core.urls import CleanUrl
from web.unfurl import oembed
from web.unfurl.fetch import Examine, NoPage, PageFetcher, PassBy, Why
from web.unfurl.parse import parse
from web.unfurl.robots import Robots
from web.unfurl.transport import GuardedBackend, SystemResolver, TestHosts, dial, open_pool, open_proxy

KEPT = timedelta(hours=1)
FAILURE_KEPT = (300.0, 900.0)
"""Seconds, drawn between: a page that comes back is not asked for by every group at the same moment."""
BEFORE_FETCH = (0.0, 0.4)
"""Seconds, drawn between: the moment of a fetch does not tell the page when exactly its link was posted."""
FAILURE_AFTER = (1.0, 2.0)
"""Seconds, drawn between: refused, closed and unknown take the same time to say no."""
LOOKED_AGAIN = 0.5
"""Seconds until it is looked whether another process has fetched a page by now."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Time and chance, as everywhere from outside.

    Args:
        now: the time.
        uniform: draws a number between two.
        sleep: waits for some seconds.
    """

    now: Now
    uniform: Callable[[float, float], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def count_nothing(_: Why) -> None:
    """The default for those who do not count why there was no page."""


def refuse_listed(storage: Storage) -> PassBy:
    """Make what raises LeadsToListed for every redirect to a listed address.

    Args:
        storage: keeps the list.
    """

    async def refuse(clean: CleanUrl) -> None:
        async with storage.reading() as records:
            if await records.listed.holds(names_of_key(clean.key)):
                raise LeadsToListed

    return refuse


class HttpUnfurler:
    """Asks pages what they are. See `open_unfurler` for one with everything it needs.

    Args:
        fetcher: fetches pages within limits.
        examine: the rules for addresses.
        storage: where previews are remembered.
        pace: time and chance.
        count: is told why there was no page, nothing else.
        robots: asked before a page is read, where the operator wants robots.txt honoured.
    """

    def __init__(
        self,
        fetcher: PageFetcher,
        examine: Examine,
        storage: Storage,
        pace: Pace,
        count: Callable[[Why], None] = count_nothing,
        robots: Robots | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._examine = examine
        self._storage = storage
        self._refuse_listed = refuse_listed(storage)
        self._pace = pace
        self._count = count
        self._robots = robots
        self._flights: dict[str, asyncio.Task[Preview | None]] = {}

    async def unfurl(self, url: str, group: GroupId) -> Preview | None:
        """A preview of a page, remembered or fetched; None for whatever reason.

        Args:
            url: an address that may be fetched; one that may not be gets None.
            group: who asks, for the rate.

        Raises:
            LeadsToListed: the way leads, or led, over a listed address. This is not remembered: lists change.
            StorageUnavailable: previews can't be remembered right now.
        """
        clean = self._examine(url).clean
        if clean is None:
            return None
        if (flight := self._flights.get(clean.key)) is None:
            flight = asyncio.create_task(self._remembered(clean, group))
            self._flights[clean.key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(clean.key, None))
        # The first to ask may be cancelled; the others still want the page.
        return await asyncio.shield(flight)

    async def aclose(self) -> None:
        """Stop fetching."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    async def _remembered(self, clean: CleanUrl, group: GroupId) -> Preview | None:
        buckets = buckets_of_page(clean.key, ada_url.URL(clean.display).hostname, group)
        while (known := await self._known(clean)) is None:
            try:
                async with self._storage.transaction() as records:
                    await records.rates.take(buckets)
            except TooSoon as full:
                if full.kind != UNDER_WAY:
                    return None
                await self._pace.sleep(LOOKED_AGAIN)
            else:
                return await self._fetched(clean)
        return known.preview

    async def _known(self, clean: CleanUrl) -> CachedPreview | None:
        async with self._storage.reading() as records:
            known = await records.previews.get(clean.key)
            way = self._names_on_the_way(known.preview) if known is not None else ()
            if way and await records.listed.holds(way):
                raise LeadsToListed
        return known

    async def _fetched(self, clean: CleanUrl) -> Preview | None:
        preview = await self._asked(clean.display)
        kept = KEPT if preview is not None else timedelta(seconds=self._pace.uniform(*FAILURE_KEPT))
        async with self._storage.transaction() as records:
            await records.previews.put(clean.key, preview, self._pace.now() + kept)
        return preview

    def _names_on_the_way(self, preview: Preview | None) -> tuple[str, ...]:
        """What a remembered page may be listed under by now: it, and every address on the way to it."""
        if preview is None or not preview.passed:
            return ()
        on_the_way = (self._examine(url).clean for url in (*preview.passed, preview.final_url))
        return tuple(name for clean in on_the_way if clean is not None for name in names_of_key(clean.key))

    async def _asked(self, url: str) -> Preview | None:
        started = self._pace.now()
        await self._pace.sleep(self._pace.uniform(*BEFORE_FETCH))
        try:
            if self._robots is not None:
                await self._robots.check(url)
            return await self._described(url) or await self._read(url)
        except NoPage as nothing:
            self._count(nothing.why)
            passed = (self._pace.now() - started).total_seconds()
            await self._pace.sleep(max(0.0, self._pace.uniform(*FAILURE_AFTER) - passed))
            return None

    async def _described(self, url: str) -> Preview | None:
        if (endpoint := oembed.endpoint(url)) is None:
            return None
        try:
            return oembed.parse(await self._fetcher.data(endpoint, self._refuse_listed), url)
        except (NoPage, LeadsToListed):
            return None  # the page itself is asked next

    async def _pass_by(self, clean: CleanUrl) -> None:
        """See `web.unfurl.fetch.PassBy`. Raises LeadsToListed, NoPage."""
        await self._refuse_listed(clean)
        if self._robots is not None:
            await self._robots.check(clean.display)

    async def _read(self, url: str) -> Preview:
        page = await self._fetcher.page(url, self._pass_by)
        return replace(parse(page.body, page.url, page.content_type, page.robots), passed=page.passed)


@dataclass(slots=True)
class Egress:
    """An unfurler with the connections it fetches through; `aclose` lets go of both."""

    unfurler: HttpUnfurler
    pool: httpcore.AsyncConnectionPool
    resolver: SystemResolver

    async def aclose(self) -> None:
        """Stop fetching and close every connection."""
        await self.unfurler.aclose()
        await self.pool.aclose()
        self.resolver.close()


def open_egress(
    storage: Storage,
    examine: Examine,
    pace: Pace,
    public_url: str,
    *,
    proxy: str | None = None,
    test_hosts: TestHosts | None = None,
    count: Callable[[Why], None] = count_nothing,
    honour_robots: bool = False,
) -> Egress:
    """Build an unfurler that fetches from the internet.

    Args:
        storage: where previews are remembered.
        examine: the rules for addresses, as `partial(core.links_in.examine, url_rules=…, sensitive_rules=…)`.
        pace: time and chance.
        public_url: our own address: the agent links to its `/privacy`.
        proxy: the operator's egress proxy.
        test_hosts: names served on loopback, for the playground and tests.
        count: is told why there was no page.
        honour_robots: whether to leave pages alone that robots.txt asks us to.
    """
    resolver = SystemResolver()
    pool = open_proxy(proxy) if proxy else open_pool(GuardedBackend(resolver, dial, test_hosts))
    fetcher = PageFetcher(pool, examine, agent_of(public_url))
    robots = Robots(fetcher, pace.now, refuse_listed(storage)) if honour_robots else None
    return Egress(HttpUnfurler(fetcher, examine, storage, pace, count, robots), pool, resolver)


def agent_of(public_url: str) -> str:
    """The one `User-Agent` of all our fetches."""
    return f"Penumbra/0.1 (link preview; +{public_url.rstrip('/')}/privacy)"
