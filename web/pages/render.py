"""Our words into HTML: templates, languages, and the headers that every page carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from urllib.parse import urlencode

from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from texts.catalogue import Texts, Words
from texts.wanted import wanted_language

PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
    "cache-control": "no-store",
}
FORM_HEADERS = {
    **PAGE_HEADERS,
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",  # with no-referrer a form's Origin would be null
    "cross-origin-opener-policy": "same-origin",
}
"""Of pages with forms: our own script alone, nothing inline."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a page of words leads on to."""

    path: str
    """One of ours."""
    label: str


class Pages:
    """Renders templates in the reader's language.

    Args:
        texts: every language's words.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._templates = Environment(
            loader=FunctionLoader(_source), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def words(self, request: Request) -> Words:
        """The words of the language this reader's browser asks for; `?lang=fr` wins."""
        asked = request.query_params.get("lang") or wanted_language(request.headers.get("accept-language", ""))
        return self._texts.speak(asked)

    def link(self, request: Request, path: str, **query: str) -> str:
        """A path of ours that keeps to the language this reader asked for by `?lang=`."""
        asked = request.query_params.get("lang")
        kept = {**query, "lang": self._texts.speak(asked).language} if asked else query
        return f"{path}?{urlencode(kept)}" if kept else path

    def show(self, request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """One page, with the headers that every page carries."""
        return HTMLResponse(self._html(request, template, values), status, self._headers(request, PAGE_HEADERS))

    def show_forms(self, request: Request, template: str, **values: object) -> HTMLResponse:
        """One page with forms, which may also run our own script."""
        return HTMLResponse(self._html(request, template, values), 200, self._headers(request, FORM_HEADERS))

    def _html(self, request: Request, template: str, values: Mapping[str, object]) -> str:
        words = self.words(request)
        shared = {
            "words": words,
            "say": words.say,
            "to": partial(self.link, request),
            "way": None,
            "can_be_asked_again": request.method in {"GET", "HEAD"},  # in the other language; a form's answer can't
        }
        return self._templates.get_template(template).render({**shared, **values})

    def _headers(self, request: Request, headers: Mapping[str, str]) -> Mapping[str, str]:
        return {**headers, "content-language": self.words(request).language}


def _source(name: str) -> str:
    return resources.files("web.pages").joinpath("templates", name).read_text("utf-8")
