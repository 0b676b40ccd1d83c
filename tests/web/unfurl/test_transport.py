import asyncio
from collections.abc import Sequence

import ada_url
import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.page_server import PageServer, answer
from tests.web.unfurl.conftest import TLS, Dialler, FakeExamine, Names
from web.unfurl.addresses import is_local_name, is_public, literal
from web.unfurl.fetch import NoPage, PageFetcher, Why
from web.unfurl.transport import (
    BYTES_OF_HEAD,
    BYTES_PER_CONNECTION,
    AddressRefused,
    BoundedStream,
    GuardedBackend,
    SystemResolver,
    dial,
    open_pool,
    open_proxy,
)

PUBLIC = "93.184.215.14"
PUBLIC_V6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"

PRIVATE_V4 = [  # nothing is bound to these
    "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
    "127.0.0.1",
    "127.1.2.3", "168.63.129.16", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1",
    "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.1.1", "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
PRIVATE_V6 = [
    "::", "::1", "::ffff:127.0.0.1", "::ffff:93.184.215.14", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1", "100::1",
    "2001::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "2620:4f:8000::1",
]  # fmt: skip


def guard(names: Names | None = None, dialler: Dialler | None = None) -> tuple[GuardedBackend, Names, Dialler]:
    names, dialler = names or Names(), dialler or Dialler()
    return GuardedBackend(names, dialler), names, dialler


@pytest.mark.parametrize("address", PRIVATE_V4 + PRIVATE_V6)
async def test_a_special_address_is_never_dialled_as_a_literal_or_behind_a_name(address: str) -> None:
    backend, names, dialler = guard(Names({"a.example": [[address]]}))
    for host in (address, "a.example"):
        with pytest.raises(AddressRefused):
            await backend.connect_tcp(host, 80)
    assert dialler.called == []
    assert names.asked in ([], ["a.example"])


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_V6, "1.1.1.1", "9.255.255.255", "172.32.0.1", "2a00:1450::1"])
def test_ordinary_addresses_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_no_address_that_python_calls_private_is_public(address: object) -> None:
    if not address.is_global or address.is_multicast:  # type: ignore[attr-defined]  # an IPv4Address, by hypothesis
        assert not is_public(str(address))


@given(st.text(max_size=40))
def test_any_text_may_be_asked_about(text: str) -> None:
    assert not is_public(text) or literal(text) is not None
    assert isinstance(is_local_name(text), bool)


@pytest.mark.parametrize(
    "answers",
    [
        [PUBLIC, "127.0.0.1"],
        ["10.0.0.1", PUBLIC],
        [PUBLIC_V6, "::1"],
        [PUBLIC, "::ffff:10.0.0.1"],
        [PUBLIC, "nonsense"],
    ],
)
async def test_one_bad_answer_refuses_all(answers: Sequence[str]) -> None:
    backend, _, dialler = guard(Names({"mixed.example": [answers]}))
    with pytest.raises(AddressRefused):
        await backend.connect_tcp("mixed.example", 443)
    assert dialler.called == []


async def test_the_checked_address_is_the_one_dialled_though_the_name_changes_its_mind() -> None:
    names = Names({"rebind.example": [[PUBLIC], ["127.0.0.1"]]})
    backend, _, dialler = guard(names, Dialler(says=[b"hello"]))
    await backend.connect_tcp("rebind.example", 80)
    assert (names.asked, dialler.called) == (["rebind.example"], [(PUBLIC, 80)])
    with pytest.raises(AddressRefused):
        await backend.connect_tcp("rebind.example", 80)
    assert dialler.called == [(PUBLIC, 80)]


@pytest.mark.parametrize("port", [0, 22, 25, 81, 3306, 5432, 6379, 8080, 8443, 65535])
async def test_no_other_port_is_dialled(port: int) -> None:
    backend, names, dialler = guard(Names({"a.example": [[PUBLIC]]}))
    for host in ("a.example", PUBLIC):
        with pytest.raises(AddressRefused):
            await backend.connect_tcp(host, port)
    assert (names.asked, dialler.called) == ([], [])


@pytest.mark.parametrize(
    "name",
    [
        "localhost", "LOCALHOST", "localhost.", "app.localhost", "intranet", "wiki.corp", "nas.local",
        "router.lan", "db.internal",
        "metadata.google.internal", "printer.home.arpa", "x.onion", "portal.intranet", "fritz.home", "",
    ],
)  # fmt: skip
async def test_a_local_name_is_not_even_asked_for(name: str) -> None:
    backend, names, dialler = guard(Names({name: [[PUBLIC]]}))
    with pytest.raises(AddressRefused):
        await backend.connect_tcp(name, 80)
    assert (names.asked, dialler.called) == ([], [])


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/", "http://0x7f.1/",
        "http://0/",
        "http://127.0.0.1./", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[::]/", "http://[64:ff9b::10.0.0.1]/", "http://%31%32%37.0.0.1/", "http://example.com@127.0.0.1/",
        "http://127.0.0.1#@example.com/", "http://127.0.0.1\\@example.com/", "http://example.com:80@10.0.0.1/",
        "http:\\\\10.0.0.1\\", "http:///169.254.169.254/", "http://\t169.254.169.254/", "http://loc\nalhost/",
        "http://169.254.169.254.:80/", "http://0251.0376.0251.0376/", "http://3232235777/",
        "http://user@localhost/",
        "http://ｌｏｃａｌｈｏｓｔ/", "http://foo@[::1]:80@example.com/", "http://a.example:22/", "http://a.example:6379/x",
        "http://[fe80::1%25eth0]/", "gopher://127.0.0.1/", "http://127.0.0.1:80/", "https://127.0.0.1/",
    ],
)  # fmt: skip
async def test_no_spelling_of_an_address_gets_round_the_guard(url: str) -> None:
    names, dialler = Names({"a.example": [[PUBLIC]], "example.com": [["10.0.0.9"]]}), Dialler()
    pool = open_pool(GuardedBackend(names, dialler), TLS)
    with pytest.raises(NoPage) as nothing:
        await PageFetcher(pool, FakeExamine(), "agent").page(url)
    await pool.aclose()
    assert nothing.value.why is Why.REFUSED
    assert dialler.called == []


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "[::1]", "10.0.0.1:8080", "localhost", "inside.example"]
)
async def test_a_redirect_into_the_network_is_refused(server: PageServer, address: str) -> None:
    server.pages["/"] = answer(b"", f"Location: http://{address}/latest/meta-data", status="302 Found")
    called: list[str] = []

    async def dialling(to: str, port: int, timeout: float | None) -> httpcore.AsyncNetworkStream:
        called.append(to if port != server.port else "the test host")
        return await dial(to, port, timeout)

    names = Names({"inside.example": [["192.168.0.7"]]})
    pool = open_pool(GuardedBackend(names, dialling, {"news.example": ("127.0.0.1", server.port)}), TLS)
    with pytest.raises(NoPage) as nothing:
        await PageFetcher(pool, FakeExamine(), "agent").page("http://news.example/")
    await pool.aclose()
    assert nothing.value.why is Why.REFUSED
    assert called == ["the test host"]


async def test_a_test_host_is_let_through_and_no_other_name_on_loopback(server: PageServer) -> None:
    names = Names({"b.example": [["127.0.0.1"]], "sub.news.example": [["127.0.0.1"]]})
    backend = GuardedBackend(names, dial, {"news.example": ("127.0.0.1", server.port)})
    stream = await backend.connect_tcp("NEWS.example", 443)
    await stream.aclose()
    for host, port in (("b.example", 80), ("sub.news.example", 80), ("127.0.0.1", server.port), ("127.0.0.1", 80)):
        with pytest.raises(AddressRefused):
            await backend.connect_tcp(host, port)


async def test_a_page_of_a_test_host_is_served_without_a_certificate(server: PageServer) -> None:
    server.pages["/a"] = answer(b"<title>x</title>")
    pool = open_pool(GuardedBackend(Names(), dial, {"news.example": ("127.0.0.1", server.port)}), TLS)
    page = await PageFetcher(pool, FakeExamine(), "agent").page("https://news.example/a")
    await pool.aclose()
    assert page.url == "https://news.example/a"


async def test_a_server_that_speaks_no_tls_gives_no_page() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]

    async def dialling(_: str, __: int, timeout: float | None) -> httpcore.AsyncNetworkStream:
        return await dial("127.0.0.1", port, timeout)

    pool = open_pool(GuardedBackend(Names({"a.example": [[PUBLIC]]}), dialling), TLS)
    with pytest.raises(NoPage) as nothing:
        await PageFetcher(pool, FakeExamine(), "agent", 3.0).page("https://a.example/")
    await pool.aclose()
    listening.close()
    assert nothing.value.why is Why.UNREACHABLE


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    backend, _, dialler = guard(Names({"a.example": [[PUBLIC, PUBLIC_V6, "1.1.1.1", "9.9.9.9"]]}))
    with pytest.raises(httpcore.ConnectError):
        await backend.connect_tcp("a.example", 80)
    assert [address for address, _ in dialler.called] == [PUBLIC, PUBLIC_V6, "1.1.1.1"]


@pytest.mark.parametrize("names", [Names(), Names({"a.example": [[]]})])
async def test_an_unknown_name_is_just_not_reachable(names: Names) -> None:
    backend, _, dialler = guard(names)
    with pytest.raises(httpcore.ConnectError):
        await backend.connect_tcp("a.example", 80)
    assert dialler.called == []


async def test_a_resolver_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(_: str) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr("web.unfurl.transport.RESOLVE_SECONDS", 0.01)
    with pytest.raises(httpcore.ConnectError):
        await GuardedBackend(silent, Dialler()).connect_tcp("a.example", 80)


async def test_a_connection_that_says_too_much_breaks_off() -> None:
    stream = BoundedStream(httpcore.AsyncMockStream([b"x" * (BYTES_PER_CONNECTION), b"y"]))
    stream.body_follows()
    await stream.read(1 << 20)
    with pytest.raises(httpcore.ReadError):
        await stream.read(1)


async def test_what_comes_before_the_body_is_held_shorter() -> None:
    stream = BoundedStream(httpcore.AsyncMockStream([b"x" * BYTES_OF_HEAD, b"y"]))
    await stream.read(1 << 20)
    with pytest.raises(httpcore.ReadError):
        await stream.read(1)


async def test_no_page_lives_on_a_local_socket() -> None:
    backend, _, _ = guard()
    with pytest.raises(AddressRefused):
        await backend.connect_unix_socket("/var/run/docker.sock")


async def test_the_system_is_asked_for_the_name_and_not_for_it_inside_our_own_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def getaddrinfo(host: str, port: None, *, type: int) -> list[tuple[object, ...]]:  # noqa: A002  # the library's name
        asked.append(host)
        return [(2, type, 6, "", (PUBLIC, 0)), (2, type, 6, "", (PUBLIC, 0)), (10, type, 6, "", (PUBLIC_V6, 0, 0, 0))]

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    resolver = SystemResolver(threads=1)
    assert await resolver("a.example") == (PUBLIC, PUBLIC_V6)
    resolver.close()
    assert asked == ["a.example."]


async def test_an_egress_proxy_is_asked_for_every_page_but_never_for_a_private_one() -> None:
    dialler = Dialler(says=[b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>x</title>"])
    pool = open_proxy("http://user:p%40ss@127.0.0.1:4750", dialler)
    fetcher = PageFetcher(pool, FakeExamine(), "agent")
    assert (await fetcher.page("http://a.example/x")).body == b"<title>x</title>"
    assert dialler.called == [("127.0.0.1", 4750)]
    for url in ("http://127.0.0.1/", "http://intranet/", "https://169.254.169.254/", "http://a.example:8080/"):
        with pytest.raises(NoPage):
            await fetcher.page(url)
    await pool.aclose()
    assert len(dialler.called) == 1


def test_the_guard_and_the_parser_agree_on_what_a_host_is() -> None:
    assert literal(ada_url.URL("http://[::1]/").hostname) == "::1"
    assert literal(ada_url.URL("http://0x7f.1/").hostname) == "127.0.0.1"
