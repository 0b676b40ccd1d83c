import asyncio
import gzip
import zlib
from collections.abc import Callable

import pytest

from tests.fakes.page_server import PageServer, answer
from tests.web.unfurl.conftest import FakeExamine
from web.unfurl.body import BYTES
from web.unfurl.fetch import NoPage, PageFetcher, Why

Make = Callable[..., PageFetcher]
PAGE = b"<!doctype html><title>Hello</title>"
URL = "http://news.example/"


async def why(fetcher: PageFetcher, url: str = URL) -> Why:
    with pytest.raises(NoPage) as nothing:
        await fetcher.page(url)
    return nothing.value.why


async def test_a_page_is_fetched_with_one_agent_and_without_anything_about_anybody(
    server: PageServer, fetcher_of: Make
) -> None:
    server.pages["/"] = answer(PAGE, "Set-Cookie: who=you", "X-Robots-Tag: noindex")
    fetcher = fetcher_of()
    page = await fetcher.page(URL)
    await fetcher.page(URL)
    assert (page.body, page.url, page.robots) == (PAGE, URL, "noindex")
    told = {line.partition(b":")[0].lower() for line in server.requests[1].split(b"\r\n")[1:] if line}
    assert told == {b"host", b"user-agent", b"accept", b"accept-encoding", b"connection"}
    assert b"Accept-Encoding: gzip\r\n" in server.requests[1]
    assert b"/privacy" in server.requests[1]


async def test_a_redirect_is_examined_before_it_is_followed(
    server: PageServer, fetcher_of: Make, examine: FakeExamine
) -> None:
    server.pages["/"] = answer(b"", "Location: /reset?token=1", status="302 Found")
    server.pages["/reset?token=1"] = answer(PAGE)
    examine.refused.add("http://news.example/reset?token=1")
    assert await why(fetcher_of()) is Why.REFUSED
    assert len(server.requests) == 1


async def test_redirects_end_where_they_lead_and_trackers_stay_out_of_the_answer(
    server: PageServer, fetcher_of: Make
) -> None:
    server.pages["/"] = answer(b"", "Location: //other.example/a?utm_source=x", status="301 Moved")
    server.pages["/a?utm_source=x"] = answer(PAGE)
    assert (await fetcher_of().page(URL)).url == "http://other.example/a"


@pytest.mark.parametrize(("hops", "expected"), [(5, PAGE), (6, Why.REDIRECTS)])
async def test_five_redirects_are_followed_and_not_a_sixth(
    server: PageServer, fetcher_of: Make, hops: int, expected: bytes | Why
) -> None:
    for hop in range(hops):
        server.pages[f"/{hop}"] = answer(b"", f"Location: /{hop + 1}", status="308 Permanent Redirect")
    server.pages[f"/{hops}"] = answer(PAGE)
    fetching = fetcher_of().page("http://news.example/0")
    if isinstance(expected, bytes):
        assert (await fetching).body == expected
    else:
        with pytest.raises(NoPage):
            await fetching


@pytest.mark.parametrize(
    "location", ["", "http://", "http://[::1", "javascript:alert(1)", "ftp://a.example/", "file:///etc"]
)
async def test_a_redirect_to_nowhere_gives_no_page(server: PageServer, fetcher_of: Make, location: str) -> None:
    server.pages["/"] = answer(b"", f"Location: {location}", status="302 Found")
    assert await why(fetcher_of()) in {Why.REDIRECTS, Why.REFUSED}


@pytest.mark.parametrize("wall", ["/login?next=/a", "/accounts/signin", "http://login.other.example/x", "/signin.php"])
async def test_a_login_wall_is_not_the_page(server: PageServer, fetcher_of: Make, wall: str) -> None:
    server.pages["/"] = answer(b"", f"Location: {wall}", status="302 Found")
    assert await why(fetcher_of()) is Why.LOGIN


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "500 Oops", "503 Busy", "304 Not Modified"])
async def test_an_error_page_is_no_page(server: PageServer, fetcher_of: Make, status: str) -> None:
    server.pages["/"] = answer(PAGE, status=status)
    assert await why(fetcher_of()) is Why.STATUS


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("image/png", PAGE),
        ("application/pdf", PAGE),
        ("application/json", PAGE),
        ("text/html", b"%PDF-1.7 <title>"),
        ("text/html", b'{"a": "<b>"}'),
        ("text/html", b""),
        ("text/plain", b"just words < and > signs"),
        ("application/xml", b"<rss><channel></channel></rss>"),
    ],
)
async def test_what_is_not_html_is_no_page(server: PageServer, fetcher_of: Make, kind: str, body: bytes) -> None:
    server.pages["/"] = answer(body, kind=kind)
    assert await why(fetcher_of()) is Why.NOT_A_PAGE


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "TEXT/HTML", "text/plain", "application/xhtml+xml", ""])
async def test_html_is_recognised_whatever_it_is_called(server: PageServer, fetcher_of: Make, kind: str) -> None:
    server.pages["/"] = answer(PAGE, kind=kind)
    assert (await fetcher_of().page(URL)).body == PAGE


async def test_a_gzipped_page_is_unpacked(server: PageServer, fetcher_of: Make) -> None:
    server.pages["/"] = answer(gzip.compress(PAGE), "Content-Encoding: gzip")
    assert (await fetcher_of().page(URL)).body == PAGE


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "gzip, br", "compress"])
async def test_other_and_stacked_encodings_are_refused(server: PageServer, fetcher_of: Make, encoding: str) -> None:
    server.pages["/"] = answer(gzip.compress(PAGE), f"Content-Encoding: {encoding}")
    assert await why(fetcher_of()) is Why.ENCODING


async def test_two_encoding_headers_are_refused(server: PageServer, fetcher_of: Make) -> None:
    server.pages["/"] = answer(gzip.compress(PAGE), "Content-Encoding: gzip", "Content-Encoding: gzip")
    assert await why(fetcher_of()) is Why.ENCODING


async def test_a_gzip_bomb_is_unpacked_to_the_limit_and_no_further(server: PageServer, fetcher_of: Make) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = packer.compress(PAGE) + packer.compress(b" " * 50_000_000) + packer.flush()
    server.pages["/"] = answer(bomb, "Content-Encoding: gzip")
    assert len((await fetcher_of().page(URL)).body) == BYTES


async def test_a_broken_gzip_stream_is_taken_as_far_as_it_came(server: PageServer, fetcher_of: Make) -> None:
    packed = gzip.compress(PAGE + bytes(range(32, 127)) * 50)
    server.pages["/"] = answer(packed[:-12] + b"\x00" * 12, "Content-Encoding: gzip")
    assert (await fetcher_of().page(URL)).body.startswith(PAGE)


async def test_what_is_not_gzip_at_all_is_no_page(server: PageServer, fetcher_of: Make) -> None:
    server.pages["/"] = answer(PAGE, "Content-Encoding: gzip")
    assert await why(fetcher_of()) is Why.UNREACHABLE


async def test_a_body_without_end_is_read_to_the_limit(server: PageServer, fetcher_of: Make) -> None:
    async def endless(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE)
        while True:
            writer.write(b"x" * 65_536)
            server.written += 65_536
            await writer.drain()

    server.pages["/"] = endless
    assert len((await fetcher_of().page(URL)).body) == BYTES


async def test_a_page_that_comes_too_slowly_is_taken_as_far_as_it_came(server: PageServer, fetcher_of: Make) -> None:
    async def slow(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE)
        await writer.drain()
        await asyncio.Event().wait()

    server.pages["/"] = slow
    assert (await fetcher_of(0.2).page(URL)).body == PAGE


async def test_headers_that_come_too_slowly_give_no_page(server: PageServer, fetcher_of: Make) -> None:
    async def slow(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-A: b\r\n")
        await writer.drain()
        await asyncio.Event().wait()

    server.pages["/"] = slow
    assert await why(fetcher_of(0.2)) is Why.TOO_SLOW


@pytest.mark.parametrize(
    "flood", [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100, b"X-Header: y\r\n" * 400], ids=["1xx", "headers"]
)
async def test_a_flood_before_the_page_is_cut_off(server: PageServer, fetcher_of: Make, flood: bytes) -> None:
    async def flooding(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"" if flood.startswith(b"HTTP") else b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(flood)
            server.written += len(flood)
            await writer.drain()

    server.pages["/"] = flooding
    assert await why(fetcher_of()) is Why.UNREACHABLE
    assert server.written < 8_000_000  # what the socket's buffers hold, not what eight seconds would


@pytest.mark.parametrize("length", ["9999", "5", "-1", "abc", "5\r\nContent-Length: 6"])
async def test_a_wrong_length_never_hangs_and_never_raises_but_no_page(
    server: PageServer, fetcher_of: Make, length: str
) -> None:
    server.pages["/"] = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n".encode() + PAGE
    )
    try:
        body = (await fetcher_of().page(URL)).body
    except NoPage:
        return
    assert PAGE.startswith(body)


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200", b"SSH-2.0-x\r\n"])
async def test_a_server_that_speaks_no_http_gives_no_page(server: PageServer, fetcher_of: Make, said: bytes) -> None:
    server.pages["/"] = said
    assert await why(fetcher_of()) is Why.UNREACHABLE


async def test_an_address_with_a_password_is_never_asked(server: PageServer, fetcher_of: Make) -> None:
    assert await why(fetcher_of(), "http://user:pass@news.example/") is Why.REFUSED
    assert not server.requests
