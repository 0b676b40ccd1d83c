"""uvicorn's HTTP protocol, with a shorter way for short URLs: those in memory are answered as soon as they are read.

Parsing header by header and an ASGI cycle cost more than a redirect itself. So a `GET /{code}` that comes whole and
plain, on a connection with nothing else under way, is read by one expression and answered in the same turn of the
loop, when the clicks of all who asked in it are written down together; whatever is not exactly that, and whatever can't
be answered from memory, goes the ordinary way, untouched. Both ways give the same bytes (tests/web/test_protocol.py).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from core.model import Code
from web.redirect import HEARD, Redirect, visitor_with

_PLAIN_GET = re.compile(
    rb"GET /([0-9A-Za-z]{16}) HTTP/1\.1"
    rb"(?:\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]++:[\t\x20-\x7e\x80-\xff]*+)++\r\n\r\n"
)
"""A whole request without a body: request line and fields as RFC 9112 has them, no field folded over lines."""
_NOT_PLAIN = frozenset(
    {b"connection", b"content-length", b"expect", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
_HEARD = re.compile(rb"\r\n(%b):[\t ]*+([^\r]*+)" % b"|".join([*HEARD, b"x-forwarded-for", *_NOT_PLAIN]), re.IGNORECASE)


class ShortUrls(HttpToolsProtocol):
    """The class for uvicorn's `http` setting; serves any app, the short way where that is a `Redirect`."""

    def __init__(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - as uvicorn calls it
        super().__init__(*args, **more)
        self._proxies = self.app if isinstance(self.app, ProxyHeadersMiddleware) else None
        app = self._proxies.app if self._proxies else self.app
        self._redirect = app if isinstance(app, Redirect) else None
        self._behind_proxy = False
        self._between_requests = True
        self._owed = 0
        self._answered_at = 0.0
        self._common_headers: Sequence[tuple[bytes, bytes]] = ()
        self._common = b""

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - as uvicorn calls it
        """Whether a proxy speaks that is believed about visitors' addresses is known once and for all."""
        super().connection_made(transport)
        self._behind_proxy = self._proxies is not None and self._peer() in self._proxies.trusted_hosts

    def data_received(self, data: bytes) -> None:
        """Answer now, or go the ordinary way."""
        if self._redirect is not None and self._at_once(self._redirect, data):
            self._owed += 1
            return
        self._pay()
        super().data_received(data)

    def shutdown(self) -> None:
        """As uvicorn does, after what is owed."""
        self._pay()
        super().shutdown()

    def _pay(self) -> None:
        """Answers keep their order: those that wait for their clicks to be written down go first."""
        if self._owed and self._redirect is not None:
            self._redirect.answer()

    def _answer(self, lines: bytes) -> None:
        self._owed -= 1
        if self.transport.is_closing():
            return
        self.transport.write(STATUS_LINE[302] + self._common_lines() + lines)
        self.server_state.total_requests += 1
        self._answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._wait_for_the_next(self.timeout_keep_alive)

    def on_message_begin(self) -> None:
        """From here to its end, what comes belongs to a request that is being read."""
        self._between_requests = False
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The next bytes begin a request, unless they are no HTTP any more."""
        self._between_requests = not self.parser.should_upgrade()
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        """One timer for many answers: hang up when there was none for so long, else wait for the rest of the time."""
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            return self._wait_for_the_next(left)
        return super().timeout_keep_alive_handler()

    def _wait_for_the_next(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _common_lines(self) -> bytes:
        """What every answer begins with; uvicorn makes a new list of it each second."""
        given = self.server_state.default_headers
        if given is not self._common_headers:
            self._common_headers = given
            self._common = b"".join([b"%b: %b\r\n" % header for header in given])
        return self._common

    def _at_once(self, redirect: Redirect, data: bytes) -> bool:
        """Whether what comes is a whole and plain request for a short URL, and is answered before this turn ends."""
        plain = _PLAIN_GET.fullmatch(data)
        if plain is None or not self._between_requests or self._is_busy():
            return False
        said = _HEARD.findall(data)
        headers = {name.lower(): value for name, value in said}
        address = self._address(headers)
        if address is None or len(headers) != len(said) or not _is_plain(headers):
            return False
        return redirect.at_once(Code(plain[1].decode("ascii")), visitor_with(headers, address), self._answer)

    def _is_busy(self) -> bool:
        """Whether an answer is under way, or the reader is slower than we are: answers keep their order."""
        done = getattr(self.cycle, "response_complete", True)  # there is no cycle before the first
        return not done or self.flow.write_paused or self.transport.is_closing()

    def _address(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Where the visitor is, as a trusted proxy tells; None for what `ProxyHeadersMiddleware` has to judge."""
        told = headers.get(b"x-forwarded-for") if self._behind_proxy else None
        if told is None:
            return self._peer()
        return told.decode("ascii") if told.replace(b".", b"").isdigit() else None

    def _peer(self) -> str:
        return self.client[0] if self.client else ""


def _is_plain(headers: Mapping[bytes, bytes]) -> bool:
    """Whether there is no body, nothing to agree on, and the connection stays."""
    return _NOT_PLAIN.isdisjoint(headers) or (
        headers.keys() & _NOT_PLAIN == {b"connection"} and headers[b"connection"].lower() == b"keep-alive"
    )
