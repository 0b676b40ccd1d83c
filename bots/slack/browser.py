"""What a browser gets from us on the way to Slack and back: redirects, small pages, one cookie. No framework."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from texts.catalogue import Texts, Words
from texts.wanted import wanted_language

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PAGE_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as these pages look at it."""

    query: Mapping[str, str]
    headers: Mapping[str, str]

    def words(self, texts: Texts) -> Words:
        """The words of whoever reads; `?lang=` wins."""
        return texts.speak(self.query.get("lang") or wanted_language(self.headers.get("accept-language", "")))

    def cookie(self, name: str) -> str:
        """What a cookie holds; nothing where there is none."""
        try:
            morsel = SimpleCookie(self.headers.get("cookie", "")).get(name)
        except CookieError:
            return ""
        return morsel.value if morsel else ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of plain words."""

    title: str
    paragraphs: tuple[str, ...]
    listed: Mapping[str, str] = field(default_factory=dict)
    """Terms and what is said about each."""
    links: tuple[tuple[str, str], ...] = ()
    """Addresses and their labels; the first one is what the page is for."""

    def html(self, words: Words) -> bytes:
        """The whole page."""
        return "".join(self._lines(words)).encode()

    def _lines(self, words: Words) -> Iterable[str]:
        title = escape(self.title)
        yield f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield '<meta name="robots" content="noindex">'
        yield f'<title>{title} · Penumbra</title><link rel="stylesheet" href="/static/page.css">'
        yield '<link rel="icon" href="/static/icon.svg" type="image/svg+xml"></head><body>'
        yield '<header><a class="brand" href="/"><img src="/static/icon.svg" alt="" width="32" height="32">'
        yield f"Penumbra</a></header><main><h1>{title}</h1>"
        yield from (f"<p>{escape(text)}</p>" for text in self.paragraphs)
        if self.listed:
            items = "".join(
                f"<dt><code>{escape(term)}</code></dt><dd>{escape(told)}</dd>" for term, told in self.listed.items()
            )
            yield f"<dl>{items}</dl>"
        for place, (url, label) in enumerate(self.links):
            shown = "" if place else ' class="button"'
            yield f'<p><a{shown} href="{escape(url)}">{escape(label)}</a></p>'
        privacy = escape(words.say("web.privacy.link"))
        yield f'</main><footer><p><a href="/privacy">{privacy}</a></p></footer></body></html>'


def asked(scope: Message) -> Asked:
    """The request in an ASGI scope; of a header that comes twice, the last."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    return Asked(query, headers)


def cookie(name: str, value: str, lasts: timedelta, *, secure: bool) -> str:
    """A `Set-Cookie` for the way to Slack and back; lasting no time, it takes the cookie away."""
    seconds = int(lasts.total_seconds())
    return f"{name}={value}; Max-Age={seconds}; Path=/slack; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"


async def send_page(send: Send, status: int, page: Page, words: Words, headers: Mapping[str, str]) -> None:
    """Answer with a page."""
    await reply(send, status, {**PAGE_HEADERS, **headers, "content-language": words.language}, page.html(words))


async def reply(send: Send, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
    """Answer; whatever it is, nobody keeps it and nobody is told where it came from."""
    always = {"cache-control": "no-store", "referrer-policy": "no-referrer", "content-length": str(len(body))}
    listed = [(name.encode(), value.encode("latin-1")) for name, value in {**always, **headers}.items()]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})
