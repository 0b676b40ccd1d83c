"""The guarded way out: no page is fetched from an address that is not on the public internet.

A name is resolved here, once; one bad answer refuses all of them; the very address that was checked is dialled. So a
name that answers differently the second time has no second time.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import ada_url
import httpcore

from core.errors import PenumbraError
from web.unfurl.addresses import is_local_name, is_public, literal

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""The addresses of a name, as its resolver spells them. Raises OSError for a name that has none."""

Dial = Callable[[str, int, float | None], Awaitable[httpcore.AsyncNetworkStream]]
"""Opens a connection to an address and port within some seconds. Raises httpcore.ConnectError or ConnectTimeout."""

TestHosts = Mapping[str, tuple[str, int]]
"""Names that the playground and tests serve on loopback: name to address and port."""

PORTS = frozenset({80, 443})
DEFAULT_PORTS = {b"http": 80, b"https": 443}
CONNECTIONS = 32
RESOLVE_SECONDS = 3.0
ADDRESSES_TRIED = 3
BYTES_PER_CONNECTION = 704 * 1024
"""512 KiB of body, 100 KiB of headers as h11 allows, and room for chunk sizes: more is a flood."""
BYTES_OF_HEAD = 192 * 1024
"""Before the body: those headers, and as much again as is read at once. Each interim answer costs processor time."""


class AddressRefused(PenumbraError):
    """That address is not on the public internet."""


def refuse_by_name(host: str, port: int) -> None:
    """Refuse what needs no resolver to be refused. Raises AddressRefused."""
    address = literal(host)
    refused = is_local_name(host) if address is None else not is_public(address)
    if refused or port not in PORTS:
        raise AddressRefused


async def dial(address: str, port: int, timeout: float | None) -> httpcore.AsyncNetworkStream:
    """Open a TCP connection to a literal address; see `Dial`."""
    return await httpcore.AnyIOBackend().connect_tcp(address, port, timeout=timeout)


class SystemResolver:
    """Asks the system's resolver in threads of its own, so that slow names hold up nobody else's work.

    Args:
        threads: how many names may be asked for at once.
    """

    def __init__(self, threads: int = 8) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def __call__(self, name: str) -> Sequence[str]:
        """All addresses of a fully qualified name; see `Resolve`."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _addresses, name)
        return tuple(found)

    def close(self) -> None:
        """Let go of the threads; a name still being asked for ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(name: str) -> list[str]:
    # The dot at the end keeps the resolver from trying the name inside the search domains of this machine's network.
    answers = socket.getaddrinfo(f"{name.rstrip('.')}.", None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections for the pool, to public addresses and to nothing else.

    Args:
        resolve: gives the addresses of a name.
        dial: opens a connection to one of them.
        test_hosts: names let through to loopback, exactly these; they speak plain HTTP whatever the URL says.
    """

    def __init__(self, resolve: Resolve, dial: Dial, test_hosts: TestHosts | None = None) -> None:
        self._resolve = resolve
        self._dial = dial
        self._test_hosts = dict(test_hosts or {})

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a host that passes the guard.

        Raises:
            AddressRefused: the port, the name or one of its addresses is not to be touched.
            httpcore.ConnectError: the name has no address, or nobody listens there.
        """
        if (seam := self._test_hosts.get(host.lower())) is not None:
            return PlainStream(await self._dial(*seam, timeout))
        refuse_by_name(host, port)
        return BoundedStream(await self._first_that_answers(await self._checked(host), port, timeout))

    async def _checked(self, host: str) -> Sequence[str]:
        address = literal(host)
        addresses = (address,) if address else await self._resolved(host)
        if not all(map(is_public, addresses)):
            raise AddressRefused
        return addresses

    async def _resolved(self, name: str) -> Sequence[str]:
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                addresses = await self._resolve(name)
        except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
            raise httpcore.ConnectError from error
        if not addresses:
            raise httpcore.ConnectError
        return addresses

    async def _first_that_answers(
        self, addresses: Sequence[str], port: int, timeout: float | None
    ) -> httpcore.AsyncNetworkStream:
        *others, last = addresses[:ADDRESSES_TRIED]
        for address in others:
            try:
                return await self._dial(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._dial(last, port, timeout)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A page never lives on a local socket. Raises AddressRefused."""
        raise AddressRefused

    async def sleep(self, seconds: float) -> None:
        """Wait, as the pool does between its own retries."""
        await asyncio.sleep(seconds)


class ProxyBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to the operator's egress proxy; which pages it fetches is the proxy's to guard.

    Args:
        dial: opens a connection.
    """

    def __init__(self, dial: Dial) -> None:
        self._dial = dial

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the proxy: the pool asks for no other host."""
        return BoundedStream(await self._dial(host, port, timeout))


class GuardedProxy(httpcore.AsyncHTTPProxy):
    """Sends every request through an egress proxy, except those whose very name is refused."""

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send one request. Raises AddressRefused."""
        refuse_by_name(request.url.host.decode("ascii"), request.url.port or DEFAULT_PORTS[request.url.scheme])
        return await super().handle_async_request(request)


def open_pool(backend: GuardedBackend, tls: ssl.SSLContext | None = None) -> httpcore.AsyncConnectionPool:
    """The pool that fetches pages through the guard; no connection serves twice.

    Args:
        backend: the guard.
        tls: whose certificates are believed; by default those that browsers believe.
    """
    return httpcore.AsyncConnectionPool(
        ssl_context=tls or httpcore.default_ssl_context(),
        max_connections=CONNECTIONS,
        max_keepalive_connections=0,
        network_backend=backend,
    )


def open_proxy(url: str, dial: Dial = dial) -> httpcore.AsyncConnectionPool:
    """The pool that fetches pages through the operator's egress proxy.

    Args:
        url: `http://host:port`, with user and password where the proxy asks for them.
        dial: opens a connection.
    """
    proxy = ada_url.URL(url)
    auth = (unquote(proxy.username), unquote(proxy.password)) if proxy.username else None
    return GuardedProxy(
        f"{proxy.protocol}//{proxy.host}/",
        proxy_auth=auth,
        ssl_context=httpcore.default_ssl_context(),
        max_connections=CONNECTIONS,
        max_keepalive_connections=0,
        network_backend=ProxyBackend(dial),
    )


class BoundedStream(httpcore.AsyncNetworkStream):
    """A connection that breaks off when a server says more than a page needs: floods of 1xx, of headers, of chunks."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, left: int = BYTES_OF_HEAD) -> None:
        self._stream = stream
        self._left = left

    def body_follows(self) -> None:
        """The headers are through: the rest may come."""
        self._left += BYTES_PER_CONNECTION - BYTES_OF_HEAD

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes. Raises httpcore.ReadError once the connection has said too much."""
        chunk = await self._stream.read(max_bytes, timeout)
        self._left -= len(chunk)
        if self._left < 0:
            raise httpcore.ReadError
        return chunk

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Go on encrypted, still bounded."""
        return BoundedStream(await self._stream.start_tls(ssl_context, server_hostname, timeout), self._left)


class PlainStream(BoundedStream):
    """A connection to a test host: pages on loopback have no certificate, so `https` stays unencrypted there."""

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Stay as it is."""
        return self
