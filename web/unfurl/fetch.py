"""Fetches one page within limits of bytes, seconds and redirects; every address on the way is examined and guarded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import ada_url
import httpcore

from core.errors import PenumbraError
from core.links_in import Examined
from core.urls import CleanUrl
from web.unfurl.body import BodyReader, EncodingRefused, looks_like_html
from web.unfurl.transport import DEFAULT_PORTS, AddressRefused, BoundedStream

Examine = Callable[[str], Examined]
"""Cleans an address; gives no clean one for what is not a link or must not be touched."""

PassBy = Callable[[CleanUrl], Awaitable[None]]
"""Hears of every redirect before it is followed, and raises for one that must not be."""


async def pass_all(_: CleanUrl) -> None:
    """Follows every redirect that the rules and the guard let through."""


REDIRECTS = 5
SECONDS = 8.0

_REDIRECTED = frozenset({301, 302, 303, 307, 308})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_MAYBE_HTML = frozenset({"", "text/plain", "text/xml", "application/xml", "application/octet-stream"})
_JSON = frozenset({"application/json", "text/json", "text/javascript"})
_PLAIN = frozenset({"text/plain", ""})
_ASKED_FOR = frozenset({"text/plain", "text/html", "application/xhtml+xml", "application/json"})
_WALLS = frozenset({"login", "log-in", "signin", "sign-in", "authwall", "checkpoint", "consent", "collectconsent"})


class Why(StrEnum):
    """Why there is no page: for counting; the chat hears one and the same answer for all of them."""

    REFUSED = "refused"
    """By the guard, or by the rules for links that are never touched."""
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    REDIRECTS = "redirects"
    STATUS = "status"
    LOGIN = "login"
    NOT_A_PAGE = "not_a_page"
    ROBOTS = "robots"
    ENCODING = "encoding"


class NoPage(PenumbraError):
    """There is no page to be had at this address."""

    def __init__(self, why: Why) -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered."""

    url: str
    """Where the redirects ended, trackers off."""
    body: bytes
    """Unpacked and cut at `web.unfurl.body.BYTES`."""
    content_type: str = ""
    robots: str = ""
    """The `X-Robots-Tag` headers."""
    passed: tuple[str, ...] = ()
    """The addresses that were left by a redirect, trackers off."""


@dataclass(slots=True)
class _Visit:
    """How far the fetch of one page has come."""

    address: str
    clean: str
    kinds: frozenset[str]
    """The media types to be read; others are not."""
    pass_by: PassBy
    passed: list[str] = field(default_factory=list)
    response: httpcore.Response | None = None
    reader: BodyReader = field(default_factory=lambda: BodyReader([]))

    def header(self, name: bytes) -> str:
        """All values of a header of the last answer."""
        headers = self.response.headers if self.response else []
        return ", ".join(value.decode("latin-1") for key, value in headers if key.lower() == name)

    @property
    def kind(self) -> str:
        """The media type, without parameters."""
        return self.header(b"content-type").partition(";")[0].strip().lower()


class PageFetcher:
    """Fetches pages: no cookies, no credentials, no referrer, no proxy of the environment, one agent.

    Args:
        pool: a guarded pool of `web.unfurl.transport`.
        examine: the rules for addresses, asked before every request.
        agent: the `User-Agent`, with a link to our privacy page.
        seconds: how long one page may take in all, its redirects included.
    """

    def __init__(
        self, pool: httpcore.AsyncConnectionPool, examine: Examine, agent: str, seconds: float = SECONDS
    ) -> None:
        self._pool = pool
        self._examine = examine
        self._agent = agent
        self._seconds = seconds

    async def page(self, url: str, pass_by: PassBy = pass_all) -> Page:
        """The HTML page at an address; as much of it as came before it broke off or the time was up.

        Args:
            url: where it is.
            pass_by: hears of every redirect; what it raises ends the visit.

        Raises:
            NoPage: for whatever reason.
        """
        visit = await self._visit(_Visit(url, self._allowed(url).display, _HTML | _MAYBE_HTML, pass_by))
        if not looks_like_html(visit.reader.body, told=visit.kind in _HTML):
            raise NoPage(Why.NOT_A_PAGE)
        return Page(
            visit.clean,
            bytes(visit.reader.body),
            visit.header(b"content-type"),
            visit.header(b"x-robots-tag"),
            tuple(visit.passed),
        )

    async def plain(self, url: str, pass_by: PassBy = pass_all) -> bytes:
        """The plain text at an address that we made ourselves, a robots.txt; as `data`."""
        visit = await self._visit(_Visit(url, url, _PLAIN, pass_by))
        return bytes(visit.reader.body)

    async def data(self, url: str, pass_by: PassBy = pass_all) -> bytes:
        """The JSON at an address that we made ourselves, an oEmbed endpoint's; only redirects from there are examined.

        Args:
            url: where it is.
            pass_by: hears of every redirect; what it raises ends the visit.

        Raises:
            NoPage: for whatever reason.
        """
        visit = await self._visit(_Visit(url, url, _JSON, pass_by))
        return bytes(visit.reader.body)

    async def _visit(self, visit: _Visit) -> _Visit:
        try:
            async with asyncio.timeout(self._seconds):
                await self._follow(visit)
        except TimeoutError as error:
            if not visit.reader.body:
                raise NoPage(Why.TOO_SLOW) from error
        except AddressRefused as error:
            raise NoPage(Why.REFUSED) from error
        except EncodingRefused as error:
            raise NoPage(Why.ENCODING) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, httpcore.ProxyError) as error:
            raise NoPage(Why.UNREACHABLE) from error
        return visit

    async def _follow(self, visit: _Visit) -> None:
        for _ in range(REDIRECTS + 1):
            async with self._asked(visit) as response:
                visit.response = response
                if response.status not in _REDIRECTED:
                    await _read(visit, response)
                    return
                target = _target(visit)
            clean = self._allowed(target)
            await visit.pass_by(clean)
            visit.passed.append(visit.clean)
            visit.clean, visit.address = clean.display, target
        raise NoPage(Why.REDIRECTS)

    def _allowed(self, url: str) -> CleanUrl:
        clean = self._examine(url).clean
        if clean is None:
            raise NoPage(Why.REFUSED)
        return clean

    @asynccontextmanager
    async def _asked(self, visit: _Visit) -> AsyncIterator[httpcore.Response]:
        url = ada_url.URL(visit.address)
        scheme = url.protocol.removesuffix(":").encode()
        if scheme not in DEFAULT_PORTS or url.username or url.password:
            raise AddressRefused
        headers: dict[bytes | str, bytes | str] = {
            "Host": url.host,
            "User-Agent": self._agent,
            "Accept": ",".join(sorted(visit.kinds & _ASKED_FOR)),
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        target = httpcore.URL(
            scheme=scheme,
            host=url.hostname.strip("[]").encode(),
            port=int(url.port) if url.port else None,
            target=(url.pathname + url.search).encode(),
        )
        async with self._pool.stream("GET", target, headers=headers) as response:
            connection = response.extensions.get("network_stream")
            if isinstance(connection, BoundedStream):
                connection.body_follows()
            yield response


async def _read(visit: _Visit, response: httpcore.Response) -> None:
    if not 200 <= response.status < 300:
        raise NoPage(Why.STATUS)
    if visit.kind not in visit.kinds:
        raise NoPage(Why.NOT_A_PAGE)
    visit.reader = BodyReader([value for key, value in response.headers if key.lower() == b"content-encoding"])
    await visit.reader.read(response.aiter_stream())


def _target(visit: _Visit) -> str:
    """Where a redirect leads. Raises NoPage for a way that leads nowhere or to a login."""
    location = visit.header(b"location")
    try:
        # Servers write raw UTF-8 into the header; it was read as Latin-1.
        found = ada_url.join_url(visit.address, location.encode("latin-1").decode("utf-8", "replace"))
    except ValueError as error:
        raise NoPage(Why.REDIRECTS) from error
    if not location:
        raise NoPage(Why.REDIRECTS)
    if _is_wall(found) and not _is_wall(visit.address):
        raise NoPage(Why.LOGIN)
    return found


def _is_wall(address: str) -> bool:
    url = ada_url.URL(address)
    names = {*url.pathname.lower().split("/"), url.hostname.partition(".")[0]}
    return not _WALLS.isdisjoint(name.partition(".")[0] for name in names)
