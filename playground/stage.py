"""The stage: both stand-ins, the clock, the local sites and the page, all on one loopback port."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from playground.clock import PlaygroundClock
from playground.page.app import Page
from playground.page.guide import Guide
from playground.page.origin import is_from_a_browser, is_own_host
from playground.page.scene import Hooks, Scene
from playground.site.app import LocalSites
from playground.slack.manifest import Manifest
from playground.slack.standin import SlackStandIn
from playground.telegram.standin import TelegramStandIn
from playground.traffic import Traffic

_FOR_BOTS = ("/telegram/", "/slack/api/", "/slack/response/", "/slack/upload/")


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What the bots need in order to be let in; it opens nothing but this stage."""

    telegram_token: str
    slack_bot_token: str
    slack_signing_secret: str
    slack_client_id: str
    slack_client_secret: str

    @classmethod
    def fresh(cls, random_hex: Callable[[int], str] = secrets.token_hex) -> Self:
        """Make up new ones, in the platforms' shapes; `random_hex` takes a number of bytes."""
        return cls(
            telegram_token=f"7431205968:AA{random_hex(16)}x",
            slack_bot_token=f"xoxb-playground-{random_hex(12)}",
            slack_signing_secret=random_hex(16),
            slack_client_id="7045112233445.7061223344556",
            slack_client_secret=random_hex(16),
        )


class Stage:
    """Everything a bot and its people meet in the playground, without a token and without the internet.

    Args:
        base_url: where `app` will be served, such as `http://127.0.0.1:8790`.
        slack_request_url: where the app takes Slack's events, interactions and commands; None until it is known.
        clock: the playground's clock; one that follows real time when None.
        credentials: tokens and secrets; fresh ones when None.
        bot_username: the Telegram bot's name behind the @.
        slack_manifest: how the app is registered at Slack.
        slack_installed: whether the Slack app is installed already, with `credentials.slack_bot_token`.
        telegram_privacy: whether the Telegram bot has privacy mode on: it then reads a group only as an administrator.
        hooks: what the page may ask of the caller; may be set later, at `scene.hooks`.
        patience: how long, in real seconds, the page's questions for news wait.

    Attributes:
        app: the Starlette application.
        scene: what the page shows; `scene.telegram` and `scene.slack` are the stand-ins.
        sites: the local sites, with their `suggestions` and `visits`.
        clock: the playground's clock.
        traffic: every call and delivery.
        credentials: tokens and secrets for the bots.
    """

    def __init__(
        self,
        base_url: str,
        *,
        slack_request_url: str | None = None,
        clock: PlaygroundClock | None = None,
        credentials: Credentials | None = None,
        bot_username: str = "penumbra_bot",
        slack_manifest: Manifest | None = None,
        slack_installed: bool = True,
        telegram_privacy: bool = False,
        hooks: Hooks | None = None,
        patience: float = 5.0,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.clock = clock or PlaygroundClock()
        self.traffic = Traffic()
        self.credentials = credentials or Credentials.fresh()
        self._bot_username = bot_username
        self._telegram_privacy = telegram_privacy
        self._slack_manifest = slack_manifest
        self._slack_installed = slack_installed
        self.sites = LocalSites(urlsplit(self.base_url).port, self.clock.now())
        telegram, slack = self._new_telegram(), self._new_slack(slack_request_url)
        self.scene = Scene(self.clock, self.traffic, telegram, slack, self.sites.suggestions, hooks or Hooks())
        self._page = Page(self.scene, self.base_url, patience=patience)
        self.app = Starlette(routes=self._routes(), middleware=[Middleware(_Door, base_url=self.base_url)])

    def _routes(self) -> list[Host | Mount]:
        return [
            Host("{name}.localhost", self.sites.app),
            Mount("/telegram", self._to_telegram),
            Mount("/slack", self._to_slack),
            Mount("/", routes=self._page.routes()),
        ]

    @property
    def telegram(self) -> TelegramStandIn:
        """The Telegram stand-in."""
        return self.scene.telegram

    @property
    def slack(self) -> SlackStandIn:
        """The Slack stand-in."""
        return self.scene.slack

    @property
    def telegram_api_url(self) -> str:
        """The Bot API's address, up to and including `/bot`."""
        return f"{self.base_url}/telegram/bot"

    @property
    def slack_api_url(self) -> str:
        """The Web API's address, up to and including `/api/`."""
        return f"{self.base_url}/slack/api/"

    @property
    def slack_authorize_url(self) -> str:
        """The address of Slack's OAuth page."""
        return f"{self.base_url}/slack/oauth/v2/authorize"

    @property
    def test_hosts(self) -> str:
        """The local sites' names and where they are served: `name=127.0.0.1:port,…`."""
        port = urlsplit(self.base_url).port or 80
        return ",".join(f"{host}=127.0.0.1:{port}" for host in self.sites.hosts)

    async def start_over(self) -> None:
        """Empty both platforms: nobody has said anything, and the bot is in no group.

        Update ids begin again, so the bots have to be started anew as well. The clock stays where it is.
        """
        request_url = self.slack.request_url
        await self._close_platforms()
        self.traffic.clear()
        self.scene.telegram, self.scene.slack = self._new_telegram(), self._new_slack(request_url)
        self.scene.guide = Guide()
        self.scene.dismissed.clear()

    async def settled(self) -> None:
        """Wait until the bots have got, or refused, what was on its way."""
        await self.scene.settled()

    async def aclose(self) -> None:
        """End the page's waiting questions and both platforms' deliveries."""
        self._page.close()
        await self._close_platforms()

    async def _close_platforms(self) -> None:
        await self.telegram.aclose()
        await self.slack.aclose()

    def _new_telegram(self) -> TelegramStandIn:
        standin = TelegramStandIn(self.credentials.telegram_token, self.clock, self.traffic, self._bot_username)
        standin.set_privacy(on=self._telegram_privacy)
        return standin

    def _new_slack(self, request_url: str | None) -> SlackStandIn:
        known = self.credentials
        return SlackStandIn(
            clock=self.clock,
            traffic=self.traffic,
            signing_secret=known.slack_signing_secret,
            client_id=known.slack_client_id,
            client_secret=known.slack_client_secret,
            bot_token=known.slack_bot_token if self._slack_installed else None,
            request_url=request_url,
            manifest=self._slack_manifest,
            base_url=f"{self.base_url}/slack",
        )

    async def _to_telegram(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.telegram.app(scope, receive, send)

    async def _to_slack(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.slack.app(scope, receive, send)


class _Door:
    """Lets in who asked for us by name; keeps web pages away from what is there for bots."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self._app = app
        self._base_url = base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (refusal := self._refusal(scope)) is None:
            await self._app(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host.partition(":")[0].lower().endswith(".localhost"):
            return None
        if not is_own_host(host, self._base_url):
            return PlainTextResponse(f"The playground is at {self._base_url}", status_code=421)
        if scope["path"].startswith(_FOR_BOTS) and is_from_a_browser(headers):
            return PlainTextResponse("This address is for bots.", status_code=403)
        return None
