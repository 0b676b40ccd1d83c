"""Socket Mode, for development: deliveries come down a WebSocket that we opened, so that no public address is needed.

Not for many workspaces: Slack lists no app that uses it, and hands each delivery to any one of ten connections
[https://docs.slack.dev/apis/events-api/using-socket-mode]. Nothing is signed here: the connection itself is proof.
"""

import asyncio
from collections.abc import Awaitable, Callable

from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from bots.slack.calls import quiet_logger
from bots.slack.connection import LONGEST_PAUSE, Sleep
from bots.slack.trouble import Trouble, outcome_of
from core.errors import PenumbraError
from core.model import Refused

Act = Callable[[], Awaitable[None]]


class SlackAppTokenRefused(PenumbraError):
    """Slack does not know this app token: make one with connections:write and put it into PENUMBRA_SLACK_APP_TOKEN."""


class Socket:
    """Takes deliveries of Slack in over a WebSocket.

    Args:
        app: the Bolt app they go to; its client opens the connection.
        token: the app-level token.
        sleep: waits some seconds.
    """

    def __init__(self, app: AsyncApp, token: SecretStr, sleep: Sleep) -> None:
        self._app = app
        self._token = token
        self._sleep = sleep

    async def run(self, stopping: asyncio.Event) -> None:
        """Connect, with growing pauses while Slack can't be reached, and take in until told to stop.

        Raises:
            SlackAppTokenRefused: Slack does not know the token.
        """
        address = await self._address()
        handler = AsyncSocketModeHandler(self._app, self._token.get_secret_value(), quiet_logger())
        handler.client.wss_uri = address  # asked for by ourselves: the library would try a refused token for ever
        # the library leaves these two without types
        connect: Act = handler.connect_async
        close: Act = handler.close_async
        try:
            await connect()
            await stopping.wait()
        finally:
            await close()

    async def _address(self) -> str:
        """Where the WebSocket is."""
        attempt = 0
        while True:
            try:
                answer = await self._app.client.apps_connections_open(app_token=self._token.get_secret_value())
                return str(answer["url"])
            except Trouble as trouble:
                if isinstance(outcome_of(trouble), Refused):
                    raise SlackAppTokenRefused from trouble
                await self._sleep(min(2.0**attempt, LONGEST_PAUSE))
                attempt += 1
