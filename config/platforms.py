"""The chat platforms as the rest of this room sees them: a messenger, something to mount, something to run."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe

import aiohttp

from bots.slack import app as slack_app
from bots.slack import calls as slack_calls
from bots.slack.concern import Concern
from bots.slack.connecting import CONNECT_PATH, CONNECTED_PATH, ConnectPages
from bots.slack.connection import OwnWorkspace
from bots.slack.endpoint import SlackEndpoint
from bots.slack.handlers import Desk, Own
from bots.slack.installs import Installs, ManyWorkspaces
from bots.slack.messenger import SlackMessenger
from bots.slack.oauth import BEGIN_PATH, INSTALL_PATH, REDIRECT_PATH, InstallPages, OAuthApp, States
from bots.slack.own_messages import OwnMessages, Spell
from bots.slack.socket import Socket
from bots.telegram.app import TelegramBot, build, open_bot
from bots.telegram.connection import Connection
from bots.telegram.polling import Polling
from bots.telegram.webhook import PATH, Webhook
from config.process import Line, Surroundings
from config.settings import Settings
from core.model import Platform
from core.ports import Installations, Messenger, OwnTokens
from core.services import Services
from texts.operator import Operator
from web.redirect import App, Receive, Scope, Send

Page = Callable[[Scope, Receive, Send], Awaitable[None]]


class TelegramLine:
    """Telegram, by polling or webhook.

    Args:
        around: settings, words, clock.
    """

    platform = Platform.TELEGRAM

    def __init__(self, around: Surroundings) -> None:
        settings = around.settings
        if settings.telegram_token is None:
            raise ValueError("there is no Telegram without a token")
        self._around = around
        self._bot: TelegramBot = open_bot(settings.telegram_token, around.texts, around.now, settings.telegram_api_url)
        self._polling = Polling(self._bot.application, around.sleep)
        secret = settings.telegram_webhook_secret if settings.telegram_mode == "webhook" else None
        self._webhook = Webhook(self._bot.application, secret) if secret else None
        self._connection: Connection | None = None
        self._stopping = asyncio.Event()

    @property
    def messenger(self) -> Messenger:
        """See `Line`."""
        return self._bot.messenger

    def connect(self, services: Services) -> Mapping[str, App]:
        """See `Line`."""
        settings = self._around.settings
        operator = Operator(settings.operator_name, settings.operator_contact, self._around.privacy_url)
        self._connection = build(self._bot, services, operator, self._around.sleep)
        return {PATH: self._webhook} if self._webhook else {}

    async def run(self) -> None:
        """See `Line`. Raises TokenRefused, PolledElsewhere, WebhookRefused."""
        if self._connection is None:
            raise ValueError("connect comes before run")
        await self._connection.open()
        if self._webhook is None:
            return await self._polling.run()
        await self._webhook.set_up(self._around.settings.public_url)
        await self._stopping.wait()
        return None

    async def stand_by(self) -> None:
        """See `Line`. Raises TokenRefused."""
        if self._connection is None:
            raise ValueError("connect comes before stand_by")
        await self._connection.open()
        await self._stopping.wait()

    def stop(self) -> None:
        """See `Line`."""
        self._polling.stop()
        self._stopping.set()

    async def close(self) -> None:
        """See `Line`."""
        if self._connection is not None:
            await self._connection.close()


@dataclass(frozen=True, slots=True)
class SlackKeepers:
    """What Slack's half needs of storage before there are services."""

    installations: Installations
    own_tokens: OwnTokens
    spell: Spell
    """How cards spell an address."""


class SlackLine:
    """Slack, by HTTP events or Socket Mode: the one workspace of a bot token, or every workspace that installs the app.

    Args:
        around: settings, words, clock.
        session: shared by all calls.
        keepers: where installations and members' own tokens are kept.
    """

    platform = Platform.SLACK

    def __init__(self, around: Surroundings, session: aiohttp.ClientSession, keepers: SlackKeepers) -> None:
        settings = around.settings
        self._around = around
        self._session = session
        self._keepers = keepers
        self._client = slack_calls.open_client(session, settings.slack_api_url)
        self._many = ManyWorkspaces(keepers.installations, around.now)
        token = settings.slack_bot_token
        self._own = OwnWorkspace(self._client, token, around.now, around.sleep) if token else None
        self._installs: Installs = self._own or self._many
        self._calls = slack_calls.Calls(self._client, self._installs)
        self._own_messages = OwnMessages(self._calls, keepers.own_tokens, keepers.spell)
        self._messenger = SlackMessenger(self._calls, around.texts, around.now, self._own_messages)
        self._oauth = _oauth_app(settings)
        self._socket: Socket | None = None
        self._stopping = asyncio.Event()

    @property
    def messenger(self) -> Messenger:
        """See `Line`."""
        return self._messenger

    def connect(self, services: Services) -> Mapping[str, App]:
        """See `Line`."""
        settings = self._around.settings
        desk = self._desk(services)
        app, messages = slack_app.build_app(self._client, desk), slack_app.events(desk)["message"]
        mounted: dict[str, App] = {}
        if settings.slack_signing_secret is not None:
            concern = Concern(services.consent.hear)
            endpoint = SlackEndpoint(app, messages, concern, settings.slack_signing_secret)
            mounted["/slack/events"] = _Gate(endpoint, self._is_open)
        if settings.slack_app_token is not None:
            self._socket = Socket(app, settings.slack_app_token, self._around.sleep)
        return mounted | self._pages()  # deliveries first: they are asked most

    def _desk(self, services: Services) -> Desk:
        settings, around = self._around.settings, self._around
        operator = Operator(settings.operator_name, settings.operator_contact, around.privacy_url)
        connect_url = settings.public_url.rstrip("/") + CONNECT_PATH if self._oauth else ""
        own = Own(self._keepers.own_tokens, self._own_messages, connect_url)
        return Desk(services, around.texts, self._calls, self._installs, operator, own, around.now)

    async def run(self) -> None:
        """See `Line`. Raises SlackTokenRefused, SlackAppTokenRefused."""
        if self._own is not None:
            await self._own.open()
        if self._socket is not None:
            await self._socket.run(self._stopping)
        await self._stopping.wait()

    async def stand_by(self) -> None:
        """See `Line`. Raises SlackTokenRefused."""
        if self._own is not None:
            await self._own.open()
        await self._stopping.wait()

    def stop(self) -> None:
        """See `Line`."""
        self._stopping.set()

    async def close(self) -> None:
        """See `Line`."""
        await self._session.close()

    def _is_open(self) -> bool:
        return self._own is None or self._own.is_open

    def _pages(self) -> dict[str, App]:
        """Where a browser begins and comes back to; installing is for apps without a token of their own."""
        if self._oauth is None:
            return {}
        around, oauth = self._around, self._oauth
        states = States(oauth.client_secret, around.now, token_urlsafe)
        connect = ConnectPages(oauth, self._client, self._keepers.own_tokens, states, around.texts)
        pages: dict[str, Page] = {CONNECT_PATH: connect.begin, CONNECTED_PATH: connect.finish}
        if self._own is None:
            install = InstallPages(oauth, self._client, self._many, states, around.texts)
            pages |= {INSTALL_PATH: install.landing, BEGIN_PATH: install.begin, REDIRECT_PATH: install.finish}
        return {path: _Gate(page, self._is_open) for path, page in pages.items()}


def _oauth_app(settings: Settings) -> OAuthApp | None:
    if settings.slack_client_id is None or settings.slack_client_secret is None:
        return None
    where = settings.slack_authorize_url
    return OAuthApp(settings.slack_client_id, settings.slack_client_secret, settings.public_url, where)


class _Gate:
    """Puts callers off with 503 until we know who we are: the platform delivers again.

    Args:
        app: answers once the gate is open.
        is_open: whether it is.
    """

    def __init__(self, app: App, is_open: Callable[[], bool]) -> None:
        self._app = app
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_open():
            return await self._app(scope, receive, send)
        await send({"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"5")]})
        await send({"type": "http.response.body", "body": b""})
        return None


def open_lines(around: Surroundings, slack: SlackKeepers) -> list[Line]:
    """The platforms whose tokens are set."""
    lines: list[Line] = []
    if around.settings.telegram_token:
        lines.append(TelegramLine(around))
    if around.settings.has_slack:
        lines.append(SlackLine(around, slack_calls.open_session(), slack))
    return lines
