"""The hot path: `GET /{code}` leads on, and counts. Plain ASGI in front of everything else."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

from core.clicks import ClickService, Gone, Visitor
from core.errors import StorageUnavailable
from core.links import read_code
from core.model import Code, Destination

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Answer = Callable[[bytes], None]

LED_ON = "led_on"
LEAD_ON = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex"),
    (b"content-length", b"0"),
)
_LEAD_ON_LINES = b"".join(b"\r\n" + name + b": " + value for name, value in LEAD_ON) + b"\r\n\r\n"
_URL_PUNCTUATION = "%/:=&?~#+!$,;'@()*[]|"
_PLAIN = re.compile(r"[A-Za-z0-9_.~%/:=&?#+!$,;'@()*\[\]|-]*")
"""What `quote` would leave as it is."""
_PREFETCH_HEADERS = frozenset({b"purpose", b"sec-purpose", b"x-moz", b"x-purpose"})
HEARD = frozenset({b"user-agent", b"sec-gpc", b"dnt", *_PREFETCH_HEADERS})
"""The headers of a visitor that anything depends on."""


def location(url: str) -> bytes:
    """An address as a header may hold it: ASCII, no control characters, nothing already encoded encoded again."""
    if _PLAIN.fullmatch(url):
        return url.encode("ascii")
    return quote(url, safe=_URL_PUNCTUATION).encode("ascii")


def visitor_of(scope: Scope) -> Visitor:
    """What counting needs of a request, and nothing more."""
    client = scope.get("client")
    return visitor_with(dict(scope["headers"]), client[0] if client else "", scope["method"])


def visitor_with(headers: Mapping[bytes, bytes], address: str, method: str = "GET") -> Visitor:
    """The same of headers with names in small letters, of which those of `HEARD` are enough."""
    agent = headers.get(b"user-agent", b"").decode("latin-1")
    opted_out = headers.get(b"sec-gpc") == b"1" or headers.get(b"dnt") == b"1"
    prefetch = not _PREFETCH_HEADERS.isdisjoint(headers) and any(
        _says_prefetch(headers.get(name, b"")) for name in _PREFETCH_HEADERS
    )
    return Visitor(address, agent, method, opted_out, prefetch)


def _says_prefetch(value: bytes) -> bool:
    return any(word in value.lower() for word in (b"prefetch", b"prerender", b"preview"))


OUTCOMES = (LED_ON, "unknown", "gone", "listed", "unavailable")
"""What a short URL may be answered with."""


class Redirect:
    """Answers short URLs and leaves every other request to the pages.

    Args:
        clicks: finds where a code leads and counts.
        pages: everything else, also the words for a code that is unknown, expired or can't be looked up; told which
            by `scope["state"]["redirect"]`: `unknown`, `gone`, `listed` or `unavailable`.
    """

    def __init__(self, clicks: ClickService, pages: App) -> None:
        self._clicks = clicks
        self._pages = pages
        self._answers: list[tuple[Answer, bytes]] = []
        self.outcomes: Counter[str] = Counter()
        """How often a short URL led on, and how often it did not, by the word told to the pages."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI 3.0."""
        text = scope["path"][1:] if scope["type"] == "http" else ""
        if read_code(text) is None or scope["method"] not in {"GET", "HEAD"}:
            return await self._pages(scope, receive, send)
        try:
            found = await self._clicks.follow(text, visitor_of(scope))
        except StorageUnavailable:
            return await self._explain("unavailable", scope, receive, send)
        if isinstance(found, Destination) and not found.listed:
            self.outcomes[LED_ON] += 1
            return await _answer(send, 302, [(b"location", location(found.url)), *LEAD_ON])
        return await self._explain(_why(found), scope, receive, send)

    def at_once(self, code: Code, visitor: Visitor, answer: Answer) -> bool:
        """The same for a `GET` of a code in memory, for `web.protocol`.

        Args:
            code: what it asks for.
            visitor: who asks.
            answer: is given the header lines when the click is written down: with those of all who ask in the same turn
                of the loop, and before the next turn ends.

        Returns:
            False: call the app, nothing has been done.
        """
        url = self._clicks.follow_at_once(code, visitor)
        if url is None:
            return False
        if not self._answers:
            asyncio.get_running_loop().call_soon(self.answer)
        self._answers.append((answer, b"location: " + location(url) + _LEAD_ON_LINES))
        return True

    def answer(self) -> None:
        """Write down the clicks of all who wait for an answer, and give it to them."""
        answers, self._answers = self._answers, []
        self._clicks.write_down()
        self.outcomes[LED_ON] += len(answers)
        for answer, lines in answers:
            answer(lines)

    async def _explain(self, why: str, scope: Scope, receive: Receive, send: Send) -> None:
        self.outcomes[why] += 1
        scope.setdefault("state", {})["redirect"] = why
        await self._pages(scope, receive, send)


def _why(found: Destination | Gone | None) -> str:
    if isinstance(found, Destination):
        return "listed"
    return "gone" if isinstance(found, Gone) else "unknown"


async def _answer(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": b""})
