"""Every hop of a redirect is examined by the real rules before anybody is asked, however deep it lies."""

import asyncio
from datetime import UTC, datetime
from functools import partial

import pytest

from core.errors import LeadsToListed
from core.links_in import examine
from core.model import GroupId
from core.sensitive import SensitiveRules
from core.urls import UrlRules
from tests.fakes.memory_storage import MemoryStorage
from tests.fakes.page_server import PageServer, answer
from tests.web.unfurl.conftest import TLS
from web.unfurl.fetch import REDIRECTS, NoPage, PageFetcher, Why
from web.unfurl.transport import GuardedBackend, dial, open_pool
from web.unfurl.unfurler import HttpUnfurler, Pace

URLS, RULES = UrlRules.load(), SensitiveRules.load()
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


async def test_a_listed_address_on_the_way_is_not_asked_and_no_address_after_it(server: PageServer) -> None:
    chain(server, 3, "/end")
    server.pages["/end"] = answer(b"<!doctype html><title>x</title>")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    storage = MemoryStorage(lambda: now)
    pool = open_pool(GuardedBackend(nobody, dial, {"news.example": ("127.0.0.1", server.port)}), TLS)
    rules = partial(examine, url_rules=URLS, sensitive_rules=RULES)
    pace = Pace(lambda: now, lambda low, _: low, lambda _: asyncio.sleep(0))
    unfurler = HttpUnfurler(PageFetcher(pool, rules, "agent"), rules, storage, pace)
    async with storage.transaction() as records:
        await records.listed.replace({"https://news.example/2"})
    for _ in range(2):  # a failure would be remembered
        with pytest.raises(LeadsToListed):
            await unfurler.unfurl("http://news.example/0", GroupId("g"))
    assert [request.split(b" ")[1] for request in server.requests] == [b"/0", b"/1"] * 2
    async with storage.transaction() as records:
        await records.listed.replace({"elsewhere.example"})
    preview = await unfurler.unfurl("http://news.example/0", GroupId("g"))
    assert preview is not None
    assert preview.final_url == "http://news.example/end"
    await pool.aclose()


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
