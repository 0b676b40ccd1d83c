"""The services that the operator chose: a list of reported addresses, and fact checks. Over real HTTP, on loopback."""

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from core.errors import FactChecksUnavailable, FeedUnavailable
from core.model import FactCheck
from core.rates import FACT_CHECKS
from core.urls import UrlRules
from tests.fakes.clock import Clock
from tests.fakes.memory_storage import MemoryStorage
from tests.fakes.page_server import PageServer, answer, page_server
from web import factchecks, feeds
from web.factchecks import Access, GoogleFactChecks, parse
from web.feeds import HttpFeed
from web.outgoing import open_client

KEY = "an-account-s-key"
LIST = b"# URLhaus\nhttp://bad.example/a.exe\nhttp://worse.example/b.exe?utm_source=x\n"
MOON = {
    "text": "The moon is made of cheese",
    "claimant": "Somebody",
    "claimReview": [
        {
            "publisher": {"name": "Check <b>Desk</b>", "site": "checks.example"},
            "url": "https://www.checks.example/moon",
            "title": "No, it is not",
            "reviewDate": "2025-03-04T00:00:00Z",
            "textualRating": "Mostly\u202e false",
            "languageCode": "en",
        }
    ],
}


@pytest.fixture
async def server() -> AsyncIterator[PageServer]:
    async with page_server() as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client("Penumbra/test") as client:
        yield client


def feed_at(client: httpx.AsyncClient, server: PageServer, path: str = "/list") -> HttpFeed:
    return HttpFeed(client, SecretStr(f"http://127.0.0.1:{server.port}{path}"), UrlRules.load())


# The list ------------------------------------------------------------------------------------------------------------


async def test_a_list_is_fetched_and_read(client: httpx.AsyncClient, server: PageServer) -> None:
    server.pages["/list"] = answer(LIST, kind="text/plain")
    assert await feed_at(client, server).entries() == {"https://bad.example/a.exe", "https://worse.example/b.exe"}
    [request] = server.requests
    assert b"cookie" not in request.lower()
    assert b"accept-encoding: identity" in request.lower()


async def test_a_list_that_has_moved_is_followed(client: httpx.AsyncClient, server: PageServer) -> None:
    server.pages["/old"] = answer(b"", "Location: /list", status="302 Found")
    server.pages["/list"] = answer(LIST, kind="text/plain")
    assert len(await feed_at(client, server, "/old").entries()) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        answer(b"go away", status="403 Forbidden"),
        answer(LIST, "Content-Encoding: gzip"),
        answer(b"", "Location: /list", status="302 Found"),
        b"no HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nhttp://bad.example/",
    ],
    ids=["refused", "packed", "round and round", "no http", "broken off"],
)
async def test_whatever_goes_wrong_is_one_error_without_the_address_in_it(
    client: httpx.AsyncClient, server: PageServer, wrong: bytes
) -> None:
    server.pages["/list"] = wrong
    with pytest.raises(FeedUnavailable) as raised:
        await feed_at(client, server).entries()
    assert str(server.port) not in str(raised.value)
    assert raised.value.__cause__ is None


def zipped(content: bytes) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr("csv.txt", content)
    return made.getvalue()


@pytest.mark.parametrize("pack", [zipped, gzip.compress])
async def test_a_packed_list_is_unpacked(
    client: httpx.AsyncClient, server: PageServer, pack: Callable[[bytes], bytes]
) -> None:
    server.pages["/list"] = answer(pack(LIST), kind="application/octet-stream")
    assert await feed_at(client, server).entries() == {"https://bad.example/a.exe", "https://worse.example/b.exe"}


@pytest.mark.parametrize("pack", [zipped, gzip.compress])
async def test_a_packed_bomb_is_refused_before_it_goes_off(
    client: httpx.AsyncClient, server: PageServer, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "UNPACKED", 1_000_000)
    server.pages["/list"] = answer(pack(b"#" * 50_000_000))
    tracemalloc.start()
    with pytest.raises(FeedUnavailable):
        await feed_at(client, server).entries()
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "broken",
    [
        zipped(LIST)[:-30],
        gzip.compress(LIST)[:-12],
        b"\x1f\x8bnothing",
        b"PK\x05\x06" + bytes(18),
        zipped(LIST).replace(b"\x08\x00", b"\x63\x00"),
        gzip.compress(LIST)[:12] + b"\xff" * 40,
    ],
    ids=["zip cut", "gzip cut", "no gzip", "empty zip", "unknown packing", "damaged"],
)
async def test_a_list_that_can_not_be_unpacked_is_unavailable(
    client: httpx.AsyncClient, server: PageServer, broken: bytes
) -> None:
    server.pages["/list"] = answer(broken)
    with pytest.raises(FeedUnavailable):
        await feed_at(client, server).entries()


async def test_a_list_too_long_for_us_is_refused(
    client: httpx.AsyncClient, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "BYTES", len(LIST) - 1)
    server.pages["/list"] = answer(LIST)
    with pytest.raises(FeedUnavailable):
        await feed_at(client, server).entries()


async def test_an_address_that_is_none_is_unavailable(client: httpx.AsyncClient) -> None:
    for nonsense in ("http://[", "not an address", "ftp://feed.example/list"):
        with pytest.raises(FeedUnavailable):
            await HttpFeed(client, SecretStr(nonsense), UrlRules.load()).entries()


# Fact checks ---------------------------------------------------------------------------------------------------------


def checks_at(client: httpx.AsyncClient, server: PageServer, clock: Clock | None = None) -> GoogleFactChecks:
    base = f"http://127.0.0.1:{server.port}/"
    storage = MemoryStorage(clock or Clock(datetime(2026, 11, 23, tzinfo=UTC)))
    return GoogleFactChecks(client, Access(base, SecretStr(KEY)), storage)


QUERY = "/v1alpha1/claims:search?query=moon+cheese+%26+co&pageSize=10"


async def test_a_fact_check_is_looked_up_with_the_key_in_a_header(
    client: httpx.AsyncClient, server: PageServer
) -> None:
    answered = answer(json.dumps({"claims": [MOON]}).encode(), kind="application/json")
    server.pages[QUERY] = answered
    [found] = await checks_at(client, server).about("moon cheese & co")
    expected = FactCheck(
        "Check Desk",
        "Mostly false",
        "https://www.checks.example/moon",
        "checks.example",
        "The moon is made of cheese",
        date(2025, 3, 4),
    )
    assert found == expected
    [request] = server.requests
    line, _, headers = request.partition(b"\r\n")
    assert KEY.encode() not in line
    assert b"x-goog-api-key: " + KEY.encode() in headers.lower()


@pytest.mark.parametrize(
    "wrong",
    [
        answer(b'{"error": {"code": 403}}', status="403 Forbidden", kind="application/json"),
        answer(b"[]", kind="application/json"),
        answer(b"<html>", kind="text/html"),
        answer(b'{"claims": "none"}', kind="application/json"),
        answer(b"", "Location: /elsewhere", status="302 Found"),
    ],
    ids=["refused", "a list", "html", "another shape", "sent elsewhere"],
)
async def test_an_answer_of_another_kind_is_none(client: httpx.AsyncClient, server: PageServer, wrong: bytes) -> None:
    server.pages[QUERY] = wrong
    with pytest.raises(FactChecksUnavailable):
        await checks_at(client, server).about("moon cheese & co")
    assert len(server.requests) == 1


async def test_a_service_that_does_not_answer_is_not_waited_for(
    client: httpx.AsyncClient, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factchecks, "SECONDS", 0.05)

    async def silent(path: str, writer: object) -> None:
        del path, writer
        await silence.wait()

    silence = asyncio.Event()
    server.pages[QUERY] = silent
    with pytest.raises(FactChecksUnavailable):
        await checks_at(client, server).about("moon cheese & co")


async def test_buttons_pressed_without_end_do_not_spend_the_operator_s_quota(
    client: httpx.AsyncClient, server: PageServer
) -> None:
    clock = Clock()
    checks = checks_at(client, server, clock)
    for _ in range(30):
        with pytest.raises(FactChecksUnavailable):
            await checks.about("x")
    assert len(server.requests) == FACT_CHECKS.at_once
    clock.forward(timedelta(minutes=1))
    with pytest.raises(FactChecksUnavailable):
        await checks.about("x")
    assert len(server.requests) == FACT_CHECKS.at_once + 1


def test_nothing_found_is_an_answer() -> None:
    assert parse(b"{}") == []


def test_reviews_that_lack_author_rating_or_address_are_left_out() -> None:
    [review] = MOON["claimReview"]
    lacking = [review | {name: None} for name in ("url", "textualRating")]
    lacking += [review | {"publisher": {}}, review | {"url": "javascript:alert(1)"}, review | {"url": "/relative"}]
    assert parse(json.dumps({"claims": [{"text": "x", "claimReview": lacking}]}).encode()) == []
    named_by_site = review | {"publisher": {"site": "checks.example"}, "reviewDate": "soon"}
    [found] = parse(json.dumps({"claims": [{"claimReview": [named_by_site]}]}).encode())
    assert (found.author, found.claim, found.reviewed) == ("checks.example", "", None)


def test_a_few_are_enough() -> None:
    assert len(parse(json.dumps({"claims": [MOON] * 9}).encode())) == factchecks.SHOWN


@given(st.binary() | st.recursive(st.none() | st.text(), st.lists).map(lambda made: json.dumps(made).encode()))
def test_any_answer_is_read_or_refused(said: bytes) -> None:
    try:
        parse(said)
    except ValidationError:
        return
