"""Our words into HTML: templates, languages, and the headers that every page carries."""

from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from texts.catalogue import LANGUAGES, Texts, Words

PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
    "cache-control": "no-store",
}


def wanted_language(accept_language: str) -> str:
    """The language of ours that a browser likes best (RFC 9110, 12.5.4); English when it names none of them."""
    ranked = [_weighed(part) for part in accept_language.split(",") if part.strip()]
    ours = [(weight, language) for weight, language in ranked if language in LANGUAGES and weight > 0]
    return max(ours, key=lambda each: each[0])[1] if ours else LANGUAGES[0]


def _weighed(part: str) -> tuple[float, str]:
    name, _, weight = part.strip().partition(";q=")
    try:
        return float(weight or 1), name.partition("-")[0].lower()
    except ValueError:
        return 0.0, name.lower()


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

    def show(self, request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """One page, with the headers that every page carries."""
        words = self.words(request)
        html = self._templates.get_template(template).render(words=words, say=words.say, **values)
        return HTMLResponse(html, status, headers={**PAGE_HEADERS, "content-language": words.language})


def _source(name: str) -> str:
    return resources.files("web.pages").joinpath("templates", name).read_text("utf-8")
