"""The short way through uvicorn gives what the ordinary way gives, byte for byte, whatever comes over the wire."""

import asyncio
import itertools
import re
from collections.abc import Callable

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from core.model import Code, DropReason
from tests.fakes.house import House
from tests.fakes.server import MemberOf
from web.protocol import ShortUrls
from web.redirect import Receive, Redirect, Scope, Send

PROXY, VISITOR = "127.0.0.1", "203.0.113.9"
BROWSER = "User-Agent: Mozilla/5.0 Firefox/140.0\r\n"


class Wire(asyncio.Transport):
    """A connection without a socket; what was sent is kept."""

    def __init__(self, peer: str) -> None:
        super().__init__()
        self._peer = peer
        self.sent = b""
        self.closed = False
        self.reading = True
        self.written_after: Callable[[], int] = lambda: 0
        self.clicks_at_first_byte: int | None = None

    def get_extra_info(self, name, default=None):
        return {"peername": (self._peer, 4711), "sockname": (PROXY, 80)}.get(name, default)

    def write(self, data):
        if self.clicks_at_first_byte is None:
            self.clicks_at_first_byte = self.written_after()
        self.sent += data

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True


class Line:
    """One connection to a house, spoken to in raw bytes."""

    def __init__(self, house: House, kind: type[HttpToolsProtocol], peer: str = PROXY) -> None:
        self.slow = asyncio.Event()
        config = uvicorn.Config(
            Redirect(house.services.clicks, self._pages), http=kind, log_config=None, access_log=False, lifespan="off"
        )
        config.load()
        state = ServerState()
        state.default_headers = [(b"date", b"Mon, 23 Nov 2026 12:00:00 GMT")]
        self.protocol = kind(config=config, server_state=state, app_state={})
        self.tasks = state.tasks
        self.wire = Wire(peer)
        self.protocol.connection_made(self.wire)

    async def _pages(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/slow":
            await self.slow.wait()
        said = f"{scope['method']} {scope['path']}".encode()
        headers = [(b"content-length", str(len(said)).encode())]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": said})

    async def says(self, *parts: bytes) -> bytes:
        for part in parts:
            if not self.wire.closed:
                self.protocol.data_received(part)
            await self.settled()
        return self.wire.sent

    async def settled(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def hangs_up(self) -> None:
        self.slow.set()
        await self.settled()
        self.protocol.connection_lost(None)


@pytest.fixture
async def house() -> tuple[House, Code]:
    house = House()
    code = await MemberOf(house).shares("https://news.example/a?b=ü&c=1#part")
    await house.services.links.resolve(code)
    return house, code


async def both(house: House, *parts: bytes, peer: str = PROXY) -> tuple[bytes, bytes, bool, bool]:
    """What the short and the ordinary way send, and whether they hang up."""
    lines = [Line(house, kind, peer) for kind in (ShortUrls, HttpToolsProtocol)]
    short, plain = [await line.says(*parts) for line in lines]
    ends = [line.wire.closed for line in lines]
    for line in lines:
        await line.hangs_up()
    return short, plain, ends[0], ends[1]


def get(code: str, more: str = BROWSER, method: str = "GET", version: str = "1.1") -> bytes:
    return f"{method} /{code} HTTP/{version}\r\nHost: s.example\r\n{more}\r\n".encode("latin-1")


def requests(code: str) -> dict[str, bytes]:
    return {
        "plain": get(code),
        "another": get("0" * 15 + "x"),
        "HEAD": get(code, method="HEAD"),
        "POST": get(code, BROWSER + "Content-Length: 3\r\n", "POST") + b"abc",
        "GET with a body": get(code, BROWSER + "Content-Length: 3\r\n") + b"abc",
        "chunked": get(code, BROWSER + "Transfer-Encoding: chunked\r\n") + b"3\r\nabc\r\n0\r\n\r\n",
        "expects": get(code, BROWSER + "Expect: 100-continue\r\n"),
        "upgrade": get(code, BROWSER + "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
        "1.0": get(code, version="1.0"),
        "1.0 keep-alive": get(code, BROWSER + "Connection: keep-alive\r\n", version="1.0"),
        "last": get(code, BROWSER + "Connection: close\r\n"),
        "query": get(f"{code}?utm_source=x"),
        "escaped": get("%30" + code[1:]),
        "absolute": f"GET http://s.example/{code} HTTP/1.1\r\nHost: s.example\r\n\r\n".encode(),
        "preview": get(f"{code}+"),
        "page": get("privacy"),
        "prefetch": get(code, BROWSER + "Sec-Purpose: prefetch\r\n"),
        "gpc": get(code, BROWSER + "Sec-GPC: 1\r\n"),
        "forwarded": get(code, BROWSER + f"X-Forwarded-For: {VISITOR}\r\n"),
        "forwarded twice": get(code, BROWSER + f"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: {VISITOR}\r\n"),
        "forwarded in a row": get(code, BROWSER + f"X-Forwarded-For: 192.0.2.1, {VISITOR}\r\n"),
        "forwarded with a port": get(code, BROWSER + f"X-Forwarded-For: {VISITOR}:99\r\n"),
        "forwarded v6": get(code, BROWSER + "X-Forwarded-For: 2001:db8::1\r\n"),
        "many headers": get(code, BROWSER + "X-A: b\r\n" * 200),
        "an oversized header": get(code, BROWSER + f"X-A: {'b' * 70_000}\r\n"),
        "not HTTP": b"\x16\x03\x01 hello\r\n\r\n",
        "a bad header": get(code, "Na me: x\r\n"),
        "a bad length": get(code, "Content-Length: x\r\n"),
    }


NAMES = tuple(requests("0" * 16))


@pytest.mark.parametrize("name", NAMES)
async def test_every_kind_of_request_gets_the_same_answer(house: tuple[House, Code], name: str) -> None:
    found, code = house
    asked = requests(code)[name]
    for parts in ([asked], [asked[:9], asked[9:40], asked[40:]]):
        short, plain, short_ends, plain_ends = await both(found, *parts)
        assert short == plain
        assert short
        assert short_ends == plain_ends


@pytest.mark.parametrize(("first", "second"), list(itertools.product(NAMES[:12], NAMES[:12])))
async def test_pipelined_requests_are_answered_in_order(house: tuple[House, Code], first: str, second: str) -> None:
    found, code = house
    kinds = requests(code)
    short, plain, short_ends, plain_ends = await both(found, kinds[first] + kinds[second] + kinds["plain"])
    assert short == plain
    assert short_ends == plain_ends


async def test_on_one_connection_many_are_answered_without_a_task(house: tuple[House, Code]) -> None:
    found, code = house
    line = Line(found, ShortUrls)
    for part in [get(code)] * 5:
        line.protocol.data_received(part)
    assert line.tasks == set()
    await asyncio.sleep(0)
    assert line.tasks == set()
    assert line.wire.sent.count(b"HTTP/1.1 302 Found\r\n") == 5
    assert line.protocol.timeout_keep_alive_task is not None
    await line.hangs_up()


async def test_nobody_is_answered_before_the_click_is_written_down(house: tuple[House, Code]) -> None:
    found, code = house
    lines = [Line(found, ShortUrls) for _ in range(3)]
    for number, line in enumerate(lines):
        line.protocol.data_received(get(code, BROWSER + f"X-Forwarded-For: 192.0.2.{number}\r\n"))
    assert found.click_log.open == []
    assert {line.wire.sent for line in lines} == {b""}
    lines[0].wire.written_after = lambda: len(found.click_log.open)
    await asyncio.sleep(0)
    assert lines[0].wire.clicks_at_first_byte == 3
    assert all(b"302 Found" in line.wire.sent for line in lines)
    for line in lines:
        await line.hangs_up()


async def test_a_full_disk_takes_the_clicks_and_not_the_answers(house: tuple[House, Code]) -> None:
    found, code = house
    found.click_log.full = True
    line = Line(found, ShortUrls)
    line.protocol.data_received(get(code, BROWSER + f"X-Forwarded-For: {VISITOR}\r\n"))
    line.protocol.data_received(get(code, BROWSER + "X-Forwarded-For: 192.0.2.1\r\n"))
    await asyncio.sleep(0)
    assert line.wire.sent.count(b"302 Found") == 2
    assert found.drops[DropReason.LOG_FULL] == 2
    await line.hangs_up()


@pytest.mark.parametrize("next_one", ["not HTTP", "a bad header", "page", "last"])
async def test_what_comes_in_the_same_turn_does_not_overtake(house: tuple[House, Code], next_one: str) -> None:
    found, code = house
    sent = []
    for kind in (ShortUrls, HttpToolsProtocol):
        line = Line(found, kind)
        for part in (get(code), requests(code)[next_one]):
            line.protocol.data_received(part)
        await line.settled()
        sent.append(line.wire.sent)
        await line.hangs_up()
    assert sent[0].startswith(b"HTTP/1.1 302 Found")
    assert re.findall(rb"HTTP/1.1 (\d+)", sent[0])[0] == b"302"
    if next_one not in {"not HTTP", "a bad header"}:  # there the ordinary way hangs up before its own first answer
        assert sent[0] == sent[1]


async def test_who_hung_up_meanwhile_is_not_written_to(house: tuple[House, Code]) -> None:
    found, code = house
    line = Line(found, ShortUrls)
    line.protocol.data_received(get(code))
    line.wire.close()
    line.protocol.connection_lost(None)
    await line.settled()
    assert line.wire.sent == b""


async def test_what_is_owed_is_paid_before_a_server_stops(house: tuple[House, Code]) -> None:
    found, code = house
    line = Line(found, ShortUrls)
    line.protocol.data_received(get(code))
    line.protocol.shutdown()
    assert b"302 Found" in line.wire.sent
    assert line.wire.closed


async def test_what_looks_like_a_request_inside_of_another_is_none(house: tuple[House, Code]) -> None:
    found, code = house
    inner = get(code)
    outer = get("privacy", BROWSER + f"Content-Length: {len(inner)}\r\n", "POST")
    begun = f"GET /privacy HTTP/1.1\r\nHost: s.example\r\n{BROWSER}X-A: ".encode()
    for parts in ((outer, inner), (begun, inner), (outer + inner[:5], inner[5:], inner)):
        short, plain, short_ends, plain_ends = await both(found, *parts)
        assert short == plain
        assert short_ends == plain_ends


async def test_idle_connections_are_hung_up_and_busy_ones_are_not(
    house: tuple[House, Code], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, code = house
    line = Line(found, ShortUrls)
    start = line.protocol.loop.time()
    clock = [start]
    monkeypatch.setattr(line.protocol.loop, "time", lambda: clock[0])
    await line.says(get(code))
    clock[0] = start + 4
    await line.says(get(code))
    clock[0] = start + 6
    line.protocol.timeout_keep_alive_handler()
    assert not line.wire.closed
    clock[0] = start + 10
    line.protocol.timeout_keep_alive_handler()
    assert line.wire.closed
    await line.hangs_up()


async def test_byte_by_byte_a_request_is_the_same_request(house: tuple[House, Code]) -> None:
    found, code = house
    short, plain, _, _ = await both(found, *(bytes([each]) for each in get(code)))
    assert short == plain
    assert b"302 Found" in short


async def test_a_redirect_behind_a_slow_page_waits_for_its_turn(house: tuple[House, Code]) -> None:
    found, code = house
    line = Line(found, ShortUrls)
    assert await line.says(get("slow") + get(code)) == b""
    line.slow.set()
    await line.settled()
    assert [each[1] for each in re.findall(rb"HTTP/1.1 (\d)(\d\d)", line.wire.sent)] == [b"04", b"02"]
    await line.hangs_up()


async def test_a_reader_who_does_not_read_is_not_written_to(house: tuple[House, Code]) -> None:
    found, code = house
    line = Line(found, ShortUrls)
    line.protocol.pause_writing()
    assert await line.says(get(code)) == b""
    line.protocol.resume_writing()
    await line.settled()
    assert b"302 Found" in line.wire.sent
    await line.hangs_up()


async def test_a_server_that_stops_closes_what_is_idle(house: tuple[House, Code]) -> None:
    found, code = house
    line = Line(found, ShortUrls)
    await line.says(get(code))
    line.protocol.shutdown()
    assert line.wire.closed


async def test_both_ways_count_the_same_visitors(house: tuple[House, Code]) -> None:
    found, code = house
    forwarded = [f"X-Forwarded-For: {each}\r\n" for each in (VISITOR, "192.0.2.1", f"192.0.2.1, {VISITOR}", "x")]
    for kind in (ShortUrls, HttpToolsProtocol):
        for told, peer in itertools.product(forwarded, (PROXY, "198.51.100.7")):
            line = Line(found, kind, peer)
            await line.says(get(code, BROWSER + told))
            await line.hangs_up()
    assert len(found.click_log.open) == 4  # two visitors, a name that is no address, and who is no proxy
    assert found.drops[DropReason.SAME_BROWSER] == 12


async def test_the_crawler_and_who_opted_out_are_not_counted_on_the_short_way(house: tuple[House, Code]) -> None:
    found, code = house
    line = Line(found, ShortUrls)
    await line.says(get(code, "User-Agent: crawler\r\n"), get(code, "DNT: 1\r\n"), get(code, "Purpose: prefetch\r\n"))
    assert found.click_log.open == []
    assert line.wire.sent.count(b"302 Found") == 3
    assert line.tasks == set()
    await line.hangs_up()


async def test_what_is_not_in_memory_goes_the_ordinary_way(house: tuple[House, Code]) -> None:
    found, code = house
    found.later(seconds=31)
    assert b"302 Found" in (await both(found, get(code)))[0]
    found.later(days=91)
    assert b"404" in (await both(found, get(code)))[0]


@given(st.binary(max_size=200))
def test_no_bytes_make_them_differ(noise: bytes) -> None:
    async def compare() -> None:
        house = House()
        code = await MemberOf(house).shares("https://news.example/a")
        await house.services.links.resolve(code)
        short, plain, *_ = await both(house, get(code)[:-2] + noise, b"\r\n\r\n")
        assert short == plain

    asyncio.run(compare())
