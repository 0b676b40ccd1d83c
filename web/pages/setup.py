"""The first run: one page behind a one-time address, where tokens are typed, asked about live, and handed over."""

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from texts.phrases import Phrase
from web.pages.render import Pages
from web.pages.sessions import FormRefused, read_form
from web.pages.sessions import field as one_field

PLACE: Final = ("public_url", "operator_name", "operator_contact")
TELEGRAM: Final = ("telegram_token",)
SLACK: Final = ("slack_signing_secret", "slack_bot_token", "slack_client_id", "slack_client_secret")
NOTHING_TYPED: Final = "setup.nothing"
"""Said to who wants to save, not to who is still typing."""
SECRETS: Final = frozenset({"telegram_token", "slack_signing_secret", "slack_bot_token", "slack_client_secret"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about what was typed: a text's id and what is put into it."""

    about: str
    """`place`, `telegram` or `slack`."""
    text_id: str
    values: Mapping[str, object] = field(default_factory=dict)
    fine: bool = False


Typed = Mapping[str, str]
Look = Callable[[Typed], Awaitable[Sequence[Finding]]]
"""Looks at what was typed, and asks the platforms."""
Keep = Callable[[Typed], None]
"""Writes the settings down."""


@dataclass(frozen=True, slots=True)
class SetupOutside:
    """What the page needs from outside."""

    secret: str
    """The address's, which dies with the first use."""
    at_first: Typed
    """What stands in the fields before anybody types."""
    look: Look
    keep: Keep
    app_link: Callable[[str], str]
    """Creates the Slack app of a server at this host."""


class SetupPages:
    """Handlers of the set-up page.

    Args:
        pages: renders templates.
        outside: the secret, and what is done with what is typed.
        done: called once, when the settings are kept.
    """

    def __init__(self, pages: Pages, outside: SetupOutside, done: Callable[[], None]) -> None:
        self._pages = pages
        self._outside = outside
        self._done = done
        self._is_over = False

    def app(self) -> Starlette:
        """Everything that answers while Penumbra is set up."""
        return Starlette(
            routes=[
                Mount("/static", StaticFiles(packages=[("web", "static")])),
                Route("/set-up/{secret}", self.show),
                Route("/set-up/{secret}/check", self.check, methods=["POST"]),
                Route("/set-up/{secret}", self.save, methods=["POST"]),
                Route("/{rest:path}", self.nothing),
            ]
        )

    async def show(self, request: Request) -> Response:
        """`GET /set-up/{secret}`: the form."""
        if not self._is_known(request):
            return await self.nothing(request)
        return self._form(request, self._outside.at_first, [])

    async def check(self, request: Request) -> Response:
        """`POST /set-up/{secret}/check`: the form again, with what the platforms say of the tokens."""
        if not self._is_known(request):
            return await self.nothing(request)
        typed = await self._typed(request)
        found = await self._outside.look(typed)
        return self._form(request, typed, [each for each in found if each.text_id != NOTHING_TYPED])

    async def save(self, request: Request) -> Response:
        """`POST /set-up/{secret}`: keeps the settings if nothing is wrong with them; then this address is dead."""
        if not self._is_known(request):
            return await self.nothing(request)
        typed = await self._typed(request)
        found = await self._outside.look(typed)
        if not all(each.fine for each in found) or self._is_over:
            return self._form(request, typed, found)
        self._outside.keep(typed)
        self._is_over = True
        self._done()
        return self._message(request, "setup.done", 200)

    async def nothing(self, request: Request) -> Response:
        """Any other address."""
        return self._message(request, "setup.dead", 404)

    def _is_known(self, request: Request) -> bool:
        given = request.path_params["secret"].encode()
        return not self._is_over and hmac.compare_digest(given, self._outside.secret.encode())

    async def _typed(self, request: Request) -> Typed:
        try:
            form = await read_form(request)
        except FormRefused:
            return self._outside.at_first
        return {name: one_field(form, name) for name in (*PLACE, *TELEGRAM, *SLACK)}

    def _form(self, request: Request, typed: Typed, found: Sequence[Finding]) -> Response:
        words = self._pages.words(request)
        url = typed.get("public_url", "")
        told = [(each.about, Phrase(each.text_id, each.values).said(words), each.fine) for each in found]
        return self._pages.show_forms(
            request,
            "setup.html",
            here=f"/set-up/{self._outside.secret}",
            typed=typed,
            told=told,
            fields={"place": PLACE, "telegram": TELEGRAM, "slack": SLACK},
            secrets=SECRETS,
            url=url,
            app_link=self._outside.app_link(urlsplit(url).netloc or "penumbra.example"),
        )

    def _message(self, request: Request, name: str, status: int) -> Response:
        words = self._pages.words(request)
        title, body = words.say(f"{name}.title"), words.say(f"{name}.body")
        return self._pages.show(request, "message.html", status, title=title, body=body)
