"""The stand-in for Slack, in one object: its HTTP surface for the app, and what people do in it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from playground.clock import PlaygroundClock
from playground.people import CAST, Person
from playground.slack.administering import Administering
from playground.slack.api import Api, Fault
from playground.slack.conversing import Conversing
from playground.slack.delivery import ACK_SECONDS, Courier, Pending
from playground.slack.grants import Grant, Grants
from playground.slack.interacting import Interacting
from playground.slack.limits import Limits
from playground.slack.manifest import Manifest
from playground.slack.pages import Pages
from playground.slack.platform import Platform
from playground.slack.state import Json, Workspace
from playground.slack.view import snapshot
from playground.slack.world import gazette
from playground.traffic import Traffic


def _real_time() -> datetime:
    return datetime.now(UTC)


class SlackStandIn(Conversing, Interacting, Administering):
    """Slack over real HTTP, as strict as Slack, with one workspace, "Gazette".

    Args:
        clock: the playground's clock.
        traffic: where every call and delivery is remembered.
        signing_secret: deliveries are signed with it.
        client_id: the app's OAuth id.
        client_secret: the app's OAuth secret.
        bot_token: the bot token of an app that is already installed; None starts without an installation.
        request_url: where the app takes events, interactions and commands; None delivers nothing.
        manifest: how the app is registered.
        people: who is in the workspace.
        base_url: where this stand-in is reached; learned from the first call when None.
        http: the client deliveries go out with; one of our own, closed by `aclose`, when None.
        charts: whether `data_visualization` blocks are known here; else they are `invalid_blocks`.
        edit_window: how long people may edit messages; None is for ever.
        tier_one_history: `conversations.history` once a minute (platforms.md 1.4).
        ack_seconds: how long the app may take to answer a delivery.
        signed_at: the time in signatures; the machine's own, because slack_sdk checks it against that.
    """

    def __init__(
        self,
        *,
        clock: PlaygroundClock,
        traffic: Traffic,
        signing_secret: str,
        client_id: str,
        client_secret: str,
        bot_token: str | None = "xoxb-playground-1",  # noqa: S107 - opens nothing but this stand-in
        request_url: str | None = None,
        manifest: Manifest | None = None,
        people: Iterable[Person] = tuple(CAST.values()),
        base_url: str | None = None,
        http: httpx.AsyncClient | None = None,
        charts: bool = True,
        edit_window: timedelta | None = None,
        tier_one_history: bool = False,
        ack_seconds: float = ACK_SECONDS,
        signed_at: Callable[[], datetime] = _real_time,
    ) -> None:
        registered = manifest or Manifest()
        self._base_url_known = base_url is not None
        self._own_http = http is None
        client = http or httpx.AsyncClient(trust_env=False, timeout=None)  # noqa: S113 - asyncio.timeout bounds it
        courier = Courier(
            http=client,
            now=clock.now,
            signed_at=signed_at,
            traffic=traffic,
            signing_secret=signing_secret,
            request_url=request_url,
            ack_seconds=ack_seconds,
        )
        platform = Platform(
            now=clock.now,
            manifest=registered,
            workspace=gazette(people, registered.name, clock.now()),
            grants=Grants(seed=signing_secret),
            courier=courier,
            client_id=client_id,
            client_secret=client_secret,
            base_url=(base_url or "http://127.0.0.1").rstrip("/"),
            charts=charts,
            edit_window=edit_window,
            limits=Limits(tier_one_history=tier_one_history),
        )
        if bot_token is not None:
            platform.grants.add(Grant(bot_token, "bot", platform.workspace.bot_user, registered.bot_scopes))
        self._api = Api(platform, traffic)
        self._pages = Pages(platform, traffic)
        self.app = Starlette(routes=self._routes())
        super().__init__(platform, client, self.app)

    def _routes(self) -> list[Route]:
        pages = self._pages
        return [
            Route("/api/{method}", self._call, methods=["GET", "POST"]),
            Route("/oauth/v2/authorize", pages.authorize, methods=["GET", "POST"]),
            Route("/response/{key}", pages.respond, methods=["POST"]),
            Route("/upload/{file}", pages.upload, methods=["POST"]),
            Route("/files/{file}", pages.file, methods=["GET"]),
        ]

    async def _call(self, request: Request) -> Response:
        if not self._base_url_known:
            self.base_url = str(request.base_url)
        return await self._api.endpoint(request)

    @property
    def base_url(self) -> str:
        """Where this stand-in is reached, without a slash at the end; response URLs begin with it."""
        return self._platform.base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        self._platform.base_url = url.rstrip("/")
        self._base_url_known = True

    @property
    def request_url(self) -> str | None:
        """Where the app takes deliveries."""
        return self._platform.courier.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self._platform.courier.request_url = url

    @property
    def workspace(self) -> Workspace:
        """The workspace as Slack remembers it, for tests that look behind the glass."""
        return self._platform.workspace

    @property
    def charts(self) -> bool:
        """Whether `data_visualization` blocks are known here."""
        return self._platform.charts

    @charts.setter
    def charts(self, known: bool) -> None:
        self._platform.charts = known

    @property
    def bot_token(self) -> str | None:
        """The living bot token, None while the app is not installed."""
        bot = self._platform.grants.bot()
        return None if bot is None else bot.token

    def snapshot(self, viewer: str) -> Json:
        """Return what a person sees now, as plain data for a page."""
        return snapshot(self._platform, viewer)

    def fail_next(self, method: str, error: str, *, retry_after: int = 30) -> None:
        """Let the next call of a method fail; see `Api.fail_next` for the words."""
        self._api.fail_next(method, error, retry_after=retry_after)

    def armed(self) -> list[tuple[str, Fault]]:
        """What `fail_next` has still to let go wrong: the method, `*` for any, and how."""
        return self._api.armed()

    def calm(self) -> None:
        """Let nothing more go wrong."""
        self._api.calm()

    def deliveries(self) -> list[Pending]:
        """Return the events that wait for another attempt."""
        return list(self._platform.courier.pending)

    async def retry_pending(self) -> int:
        """Try all waiting events now, whatever the clock says; return how many there were."""
        return await self._platform.courier.retry_pending()

    async def verify_request_url(self) -> bool:
        """Let the request URL prove itself, as when it is typed into Slack's settings."""
        return await self._platform.courier.challenge()

    async def aclose(self) -> None:
        """Wait for what is in flight and let go of the client."""
        await self._platform.courier.settled()
        if self._own_http:
            await self._http.aclose()
