"""Every hop of a redirect is examined by the real rules before anybody is asked, however deep it lies."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from core.errors import LeadsToListed
from core.links_in import examine
from core.model import GroupId
from core.sensitive_rules import SensitiveRules
from core.urls import UrlRules
from tests.fakes.clock import Clock
from tests.fakes.memory_storage import MemoryStorage
from tests.fakes.page_server import PageServer, answer
from tests.web.unfurl.conftest import TLS
from web.unfurl import oembed
from web.unfurl.fetch import REDIRECTS, NoPage, PageFetcher, Why
from web.unfurl.oembed import Provider
from web.unfurl.robots import Robots
from web.unfurl.transport import GuardedBackend, dial, open_pool
from web.unfurl.unfurler import HttpUnfurler, Pace, refuse_listed

URLS, RULES = UrlRules.load(), SensitiveRules.load()
NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = "/reset-password?token=4f1c9d2e8b7a6c5d4e3f"


async def nobody(name: str) -> list[str]:
    raise OSError(name)


async def follow(server: PageServer, asked: list[str]) -> str:
    def examined(url: str):
        asked.append(url)
        return examine(url, URLS, RULES)

    pool = open_pool(GuardedBackend(nobody, dial, {"news.example": ("127.0.0.1", server.port)}), TLS)
    try:
        return (await PageFetcher(pool, examined, "agent").page("http://news.example/0")).url
    finally:
        await pool.aclose()


def chain(server: PageServer, hops: int, last: str) -> None:
    """`/0` leads to `/1` and so on; the last of them leads to `last`."""
    for hop in range(hops):
        to = f"/{hop + 1}" if hop < hops - 1 else last
        server.pages[f"/{hop}"] = answer(b"", f"Location: {to}", status="302 Found")


async def test_every_address_on_the_way_is_examined(server: PageServer) -> None:
    chain(server, REDIRECTS, "/end")
    server.pages["/end"] = answer(b"<!doctype html><title>x</title>")
    asked: list[str] = []
    assert await follow(server, asked) == "http://news.example/end"
    paths = [f"/{hop}" for hop in range(REDIRECTS)] + ["/end"]
    assert asked == [f"http://news.example{path}" for path in paths]
    assert [request.split(b" ")[1].decode() for request in server.requests] == paths


@dataclass
class Site:
    """A site with redirects, an unfurler that may go there, and a list of reported addresses."""

    server: PageServer
    storage: MemoryStorage
    unfurler: HttpUnfurler

    async def report(self, *entries: str) -> None:
        async with self.storage.transaction() as records:
            await records.listed.replace(set(entries))

    @property
    def paths(self) -> list[str]:
        return [request.split(b" ")[1].decode().partition("?")[0] for request in self.server.requests]


@pytest.fixture
async def site(server: PageServer) -> AsyncIterator[Site]:
    names = dict.fromkeys(("news.example", "other.example"), ("127.0.0.1", server.port))
    clock = Clock(NOW)

    async def sleep(seconds: float) -> None:
        clock.forward(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    storage, pool = MemoryStorage(clock), open_pool(GuardedBackend(nobody, dial, names), TLS)
    rules = partial(examine, url_rules=URLS, sensitive_rules=RULES)
    fetcher = PageFetcher(pool, rules, "agent")
    robots = Robots(fetcher, clock, refuse_listed(storage))
    pace = Pace(clock, lambda low, _: low, sleep)
    server.pages["/end"] = answer(b"<!doctype html><title>x</title>")
    yield Site(server, storage, HttpUnfurler(fetcher, rules, storage, pace, robots=robots))
    await pool.aclose()


async def test_a_listed_address_on_the_way_is_not_asked_and_no_address_after_it(site: Site) -> None:
    chain(site.server, 3, "/end")
    await site.report("https://news.example/2")
    for _ in range(2):  # a failure would be remembered
        with pytest.raises(LeadsToListed):
            await site.unfurler.unfurl("http://news.example/0", GroupId("g"))
    assert site.paths == ["/robots.txt", "/0", "/1", "/0", "/1"]
    await site.report("elsewhere.example")
    preview = await site.unfurler.unfurl("http://news.example/0", GroupId("g"))
    assert preview is not None
    assert preview.final_url == "http://news.example/end"


@pytest.mark.parametrize("entry", ["https://news.example/1", "https://news.example/end"])
async def test_a_remembered_page_is_not_shown_once_an_address_on_its_way_is_listed(site: Site, entry: str) -> None:
    chain(site.server, 2, "/end")
    preview = await site.unfurler.unfurl("http://news.example/0", GroupId("g"))
    assert preview is not None
    assert preview.passed == ("http://news.example/0", "http://news.example/1")
    asked = len(site.paths)
    await site.report(entry)
    with pytest.raises(LeadsToListed):
        await site.unfurler.unfurl("http://news.example/0", GroupId("g"))
    await site.report("elsewhere.example")
    assert await site.unfurler.unfurl("http://news.example/0", GroupId("g")) == preview
    assert len(site.paths) == asked, "it is still remembered"


async def test_rules_for_robots_are_not_fetched_from_a_listed_address(site: Site) -> None:
    site.server.pages["/robots.txt"] = answer(b"", "Location: http://other.example/rules", status="302 Found")
    site.server.pages["/rules"] = answer(b"User-agent: *\nDisallow: /", kind="text/plain")
    await site.report("other.example")
    assert await site.unfurler.unfurl("http://news.example/end", GroupId("g")) is not None
    assert site.paths == ["/robots.txt", "/end"]


async def test_a_description_is_not_fetched_from_a_listed_address(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Provider("http://news.example/oembed?url=", frozenset({"news.example"}), ("/end",))
    monkeypatch.setattr(oembed, "PROVIDERS", (provider,))
    site.server.pages["/oembed?url=http%3A%2F%2Fnews.example%2Fend"] = answer(
        b"", "Location: http://other.example/told", status="302 Found"
    )
    site.server.pages["/told"] = answer(b'{"title": "told by malware"}', kind="application/json")
    await site.report("other.example")
    preview = await site.unfurler.unfurl("http://news.example/end", GroupId("g"))
    assert preview is not None
    assert preview.title == "x"
    assert site.paths == ["/robots.txt", "/oembed", "/end"]


async def test_a_site_that_wants_no_robots_is_not_asked_to_describe_a_page_either(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider("http://other.example/oembed?url=", frozenset({"news.example"}), ("/end",))
    monkeypatch.setattr(oembed, "PROVIDERS", (provider,))
    site.server.pages["/robots.txt"] = answer(b"User-agent: Penumbra\nDisallow: /end", kind="text/plain")
    assert await site.unfurler.unfurl("http://news.example/end", GroupId("g")) is None
    assert site.paths == ["/robots.txt"]


async def test_a_site_that_wants_no_robots_is_not_read_over_a_redirect_either(site: Site) -> None:
    site.server.pages["/short"] = answer(b"", "Location: http://other.example/not-for-us", status="302 Found")
    site.server.pages["/not-for-us"] = answer(b"<!doctype html><title>y</title>")
    site.server.pages["/robots.txt"] = answer(b"User-agent: Penumbra\nDisallow: /not-for-us", kind="text/plain")
    assert await site.unfurler.unfurl("http://news.example/short", GroupId("g")) is None
    assert site.paths == ["/robots.txt", "/short", "/robots.txt"]


@pytest.mark.parametrize("hops", range(1, REDIRECTS + 1))
@pytest.mark.parametrize(
    "last", [KEY, "http://10.0.0.7/admin", "http://intranet/", "https://meet.google.com/abc-defg-hij"]
)
async def test_what_is_never_touched_is_not_asked_for_at_any_depth(server: PageServer, hops: int, last: str) -> None:
    chain(server, hops, last)
    server.pages[KEY] = answer(b"<!doctype html><title>spent</title>")
    with pytest.raises(NoPage) as nothing:
        await follow(server, [])
    assert nothing.value.why is Why.REFUSED
    assert len(server.requests) == hops
