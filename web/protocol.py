"""uvicorn's HTTP protocol, with a shorter way for short URLs: those in memory are answered as soon as they are parsed.

An ASGI cycle costs a task, an event and four dictionaries, more than a redirect itself. So a plain `GET /{code}` on a
connection with nothing else under way is asked for at once; whatever is not exactly that, and whatever can't be
answered from memory, goes the ordinary way, untouched. Both ways give the same bytes (tests/web/test_protocol.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from core.links import read_code
from web.redirect import Redirect

_PATH_LENGTH = len("/0123456789abcdef")
_NOT_PLAIN = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})


class ShortUrls(HttpToolsProtocol):
    """The class for uvicorn's `http` setting; serves any app, the short way where that is a `Redirect`."""

    def __init__(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - as uvicorn calls it
        super().__init__(*args, **more)
        proxies = self.app if isinstance(self.app, ProxyHeadersMiddleware) else None
        app = proxies.app if proxies else self.app
        self._redirect = app if isinstance(app, Redirect) else None
        self._proxies = proxies.trusted_hosts if proxies else frozenset[str]()
        self._answered = False
        self._common_headers: Sequence[tuple[bytes, bytes]] = ()
        self._common = b""

    def on_headers_complete(self) -> None:
        """Answer now, or go the ordinary way."""
        given = self._at_once()
        self._answered = given is not None
        if given is None:
            return super().on_headers_complete()
        self.transport.write(STATUS_LINE[302] + self._common_lines() + given)
        self.on_response_complete()
        return None

    def on_message_complete(self) -> None:
        """What was answered has no body to wait for."""
        if not self._answered:
            super().on_message_complete()

    def _common_lines(self) -> bytes:
        """What every answer begins with; uvicorn makes a new list of it each second."""
        given = self.server_state.default_headers
        if given is not self._common_headers:
            self._common_headers = given
            self._common = b"".join([b"%b: %b\r\n" % header for header in given])
        return self._common

    def _at_once(self) -> bytes | None:
        if self._redirect is None or len(self.url) != _PATH_LENGTH or not self._is_plain_get() or self._is_busy():
            return None
        headers = dict(self.headers)
        code, address = read_code(self.url[1:].decode("latin-1")), self._address(headers)
        if code is None or address is None or not _NOT_PLAIN.isdisjoint(headers):
            return None
        return self._redirect.at_once(code, headers, address)

    def _is_plain_get(self) -> bool:
        version, method = self.parser.get_http_version(), self.parser.get_method()
        return method == b"GET" and version == "1.1" and self.parser.should_keep_alive()

    def _is_busy(self) -> bool:
        """Whether an answer is under way, or the reader is slower than we are: answers keep their order."""
        done = getattr(self.cycle, "response_complete", True)  # there is no cycle before the first
        return not done or self.flow.write_paused or self.transport.is_closing()

    def _address(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Where the visitor is, as a trusted proxy tells; None for what `ProxyHeadersMiddleware` has to judge."""
        peer = self.client[0] if self.client else ""
        told = headers.get(b"x-forwarded-for")
        if told is None or peer not in self._proxies:
            return peer
        only = told.decode("latin-1")
        many = sum(name == b"x-forwarded-for" for name, _ in self.headers) > 1
        return only if only.replace(".", "").isdecimal() and not many else None
