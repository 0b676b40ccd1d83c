import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from core import rates
from core.model import GroupId
from tests.fakes.memory_storage import MemoryStorage
from tests.fakes.page_server import PageServer, answer
from tests.web.unfurl.conftest import TLS, Dialler, FakeExamine, Names
from web.unfurl.fetch import PageFetcher, Why
from web.unfurl.transport import GuardedBackend, dial, open_pool
from web.unfurl.unfurler import FAILURE_AFTER, FAILURE_KEPT, HttpUnfurler, Pace, agent_of, open_egress

PAGE = b"<!doctype html><title>Hello</title>"
URL = "http://news.example/a"
GROUP_ID = GroupId("g")


@dataclass
class Time:
    """A clock that moves only when somebody sleeps or says so; chance always takes the lower number."""

    at: datetime = datetime(2026, 11, 23, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Desk:
    """An unfurler and everything around it."""

    unfurler: HttpUnfurler
    fetcher: PageFetcher
    server: PageServer
    time: Time
    examine: FakeExamine
    dialler: Dialler
    counted: list[Why]
    storage: MemoryStorage

    def beside(self, sleep: Callable[[float], Awaitable[None]] | None = None) -> HttpUnfurler:
        """Another process's, with the same storage."""
        pace = Pace(self.time.now, lambda low, _: low, sleep or self.time.sleep)
        return HttpUnfurler(self.fetcher, self.examine, self.storage, pace, self.counted.append)


@pytest.fixture
async def desk(server: PageServer, examine: FakeExamine) -> AsyncIterator[Desk]:
    time, counted, dialler = Time(), list[Why](), Dialler()
    names = Names({"inside.example": [["10.0.0.1"]], "closed.example": [["93.184.215.14"]]})

    async def dialling(address: str, port: int, timeout: float | None) -> object:
        return await (dial if port == server.port else dialler)(address, port, timeout)

    hosts = dict.fromkeys(("news.example", "www.youtube.com"), ("127.0.0.1", server.port))
    pool = open_pool(GuardedBackend(names, dialling, hosts), TLS)
    pace = Pace(time.now, lambda low, _: low, time.sleep)
    fetcher = PageFetcher(pool, examine, "agent", 2.0)
    storage = MemoryStorage(time.now)
    unfurler = HttpUnfurler(fetcher, examine, storage, pace, counted.append)
    yield Desk(unfurler, fetcher, server, time, examine, dialler, counted, storage)
    await unfurler.aclose()
    await pool.aclose()


async def test_a_page_is_asked_once_an_hour(desk: Desk) -> None:
    desk.server.pages["/a"] = answer(PAGE)
    for _ in range(3):
        preview = await desk.unfurler.unfurl(URL, GROUP_ID)
        assert preview is not None
        assert (preview.title, preview.site, preview.final_url) == ("Hello", "news.example", URL)
    assert len(desk.server.requests) == 1
    desk.time.pass_(3601)
    await desk.unfurler.unfurl(URL, GROUP_ID)
    assert len(desk.server.requests) == 2


async def test_many_who_ask_at_once_share_one_fetch(desk: Desk) -> None:
    desk.server.pages["/a"] = answer(PAGE)
    previews = await asyncio.gather(*(desk.unfurler.unfurl(URL, GROUP_ID) for _ in range(20)))
    assert {preview.title for preview in previews if preview} == {"Hello"}
    assert len(desk.server.requests) == 1


async def test_replicas_that_are_asked_at_once_fetch_a_page_once(desk: Desk) -> None:
    asked, waited = asyncio.Event(), asyncio.Event()

    async def slow(_: str, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await waited.wait()
        writer.write(answer(PAGE))

    async def until_fetched(_: float) -> None:
        waited.set()
        await asyncio.wait([first])

    desk.server.pages["/a"] = slow
    first = asyncio.create_task(desk.unfurler.unfurl(URL, GROUP_ID))
    await asked.wait()
    preview = await desk.beside(until_fetched).unfurl(URL, GROUP_ID)
    assert preview is not None
    assert preview == await first
    assert len(desk.server.requests) == 1


async def test_a_page_whose_fetcher_died_is_fetched_by_the_next(desk: Desk) -> None:
    buckets = rates.buckets_of_page(desk.examine(URL).clean.key, "news.example", GROUP_ID)
    async with desk.storage.transaction() as records:
        await records.rates.take(buckets)
    desk.server.pages["/a"] = answer(PAGE)
    begun = desk.time.now()
    preview = await desk.unfurler.unfurl(URL, GROUP_ID)
    assert preview is not None
    assert desk.time.now() - begun >= rates.PAGE.span


async def test_the_first_may_go_away_and_the_others_still_get_their_page(desk: Desk) -> None:
    desk.server.pages["/a"] = answer(PAGE)
    first = asyncio.create_task(desk.unfurler.unfurl(URL, GROUP_ID))
    await asyncio.sleep(0)
    second = asyncio.create_task(desk.unfurler.unfurl(URL, GROUP_ID))
    await asyncio.sleep(0)
    first.cancel()
    preview = await second
    assert preview is not None
    assert len(desk.server.requests) == 1


async def test_a_failure_is_remembered_for_some_minutes(desk: Desk) -> None:
    assert await desk.unfurler.unfurl(URL, GROUP_ID) is None
    desk.server.pages["/a"] = answer(PAGE)
    desk.time.pass_(FAILURE_KEPT[0] - 5)
    assert await desk.unfurler.unfurl(URL, GROUP_ID) is None
    desk.time.pass_(10)
    assert await desk.unfurler.unfurl(URL, GROUP_ID) is not None
    assert desk.counted == [Why.STATUS]


@pytest.mark.parametrize(
    "host", ["inside.example", "closed.example", "unknown.example", "127.0.0.1", "localhost", "[::1]"]
)
async def test_refused_closed_and_unknown_are_one_and_the_same_answer_in_the_same_time(desk: Desk, host: str) -> None:
    before = desk.time.now()
    assert await desk.unfurler.unfurl(f"http://{host}/", GROUP_ID) is None
    assert (desk.time.now() - before).total_seconds() == pytest.approx(FAILURE_AFTER[0])
    assert all(address == "93.184.215.14" for address, _ in desk.dialler.called)


async def test_a_link_that_is_never_touched_is_neither_fetched_nor_remembered(desk: Desk) -> None:
    desk.examine.refused.add(URL)
    assert await desk.unfurler.unfurl(URL, GROUP_ID) is None
    assert not desk.server.requests
    assert not desk.time.slept


async def test_one_host_is_not_asked_faster_than_it_should_be_by_all_replicas_together(desk: Desk) -> None:
    replicas = (desk.unfurler, desk.beside())
    for number in range(rates.PAGE_HOST.at_once + 3):
        desk.server.pages[f"/{number}"] = answer(PAGE)
        await replicas[number % 2].unfurl(f"http://news.example/{number}", GROUP_ID)
    assert len(desk.server.requests) == rates.PAGE_HOST.at_once


async def test_one_group_does_not_fetch_at_will(desk: Desk) -> None:
    for number in range(rates.PAGE_GROUP.at_once + 30):
        await desk.unfurler.unfurl(f"http://host{number}.example/", GROUP_ID)
    assert rates.PAGE_GROUP.at_once <= len(desk.counted) < rates.PAGE_GROUP.at_once + 20


async def test_a_provider_of_the_list_describes_its_own_page(desk: Desk) -> None:
    url = "https://www.youtube.com/watch?v=abc"
    told = (
        b'{"title": "A film", "author_name": "Ann", "provider_name": "YouTube", '
        b'"thumbnail_url": "https://i.ytimg.com/a.jpg"}'
    )
    path = "/oembed?format=json&url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3Dabc"
    desk.server.pages[path] = answer(told, kind="application/json")
    preview = await desk.unfurler.unfurl(url, GROUP_ID)
    assert preview is not None
    assert (preview.title, preview.author, preview.image) == ("A film", "Ann", "https://i.ytimg.com/a.jpg")
    assert (preview.site, preview.final_url) == ("youtube.com", url)


async def test_a_provider_that_says_nothing_leaves_the_page_to_be_read(desk: Desk) -> None:
    desk.server.pages["/watch?v=abc"] = answer(PAGE)
    preview = await desk.unfurler.unfurl("https://www.youtube.com/watch?v=abc", GROUP_ID)
    assert preview is not None
    assert preview.title == "Hello"


async def test_everything_can_be_opened_and_closed(server: PageServer, examine: FakeExamine) -> None:
    server.pages["/a"] = answer(PAGE)
    time = Time()
    pace = Pace(time.now, lambda low, _: low, time.sleep)
    hosts = {"news.example": ("127.0.0.1", server.port)}
    egress = open_egress(MemoryStorage(time.now), examine, pace, "https://p.example/", test_hosts=hosts)
    assert await egress.unfurler.unfurl(URL, GROUP_ID) is not None
    await egress.aclose()
    assert agent_of("https://p.example/").encode() in server.requests[0]
    assert b"+https://p.example/privacy" in server.requests[0]
