"""Getting in touch with the one workspace of a bot token: who we are there, asked once and for as long as it takes."""

from collections.abc import Awaitable, Callable

from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.installs import OneWorkspace, introduce
from core.errors import PlatformUnavailable
from core.model import Installation
from core.ports import Now

LONGEST_PAUSE = 30.0

Sleep = Callable[[float], Awaitable[object]]


class OwnWorkspace:
    """`Installs` for `PENUMBRA_SLACK_BOT_TOKEN`: knows nobody until `open` has asked Slack.

    Args:
        client: as `open_client` made it.
        token: the bot's token.
        now: the clock.
        sleep: waits some seconds.
    """

    def __init__(self, client: AsyncWebClient, token: SecretStr, now: Now, sleep: Sleep) -> None:
        self._client = client
        self._token = token
        self._now = now
        self._sleep = sleep
        self._known: OneWorkspace | None = None

    @property
    def is_open(self) -> bool:
        """Whether Slack has said who we are."""
        return self._known is not None

    async def open(self) -> None:
        """Ask Slack who we are, with growing pauses while it can't be reached.

        Raises:
            SlackTokenRefused: Slack does not know the token.
        """
        attempt = 0
        while self._known is None:
            try:
                self._known = OneWorkspace(await introduce(self._client, self._token, self._now))
            except PlatformUnavailable:
                await self._sleep(min(2.0**attempt, LONGEST_PAUSE))
                attempt += 1

    async def of(self, workspace: str) -> Installation | None:
        """See `Installs`."""
        return await self._known.of(workspace) if self._known else None

    async def forget(self, workspace: str) -> None:
        """See `Installs`."""
        if self._known:
            await self._known.forget(workspace)
