"""Who we are in each workspace: the bot's own token and ids, found once, never asked of Slack per event.

Bolt's defaults keep installations in files and call `auth.test` for every event; its stores hand out whichever person's
token is newest. Here is the bot's token alone, from the operator's setting or from our own encrypted store.
"""

from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.trouble import Trouble, outcome_of
from core.errors import PenumbraError, PlatformUnavailable
from core.model import Account, Installation, Platform, Refused
from core.ports import Installations, Now

BOT_SCOPES = (
    "commands",
    "chat:write",
    "channels:history",
    "groups:history",
    "channels:read",
    "groups:read",
    "links:read",
    "links:write",
    "reactions:read",
    "users:read",
)
"""What the bot asks for: the manifest's list, in its order, with its reasons there."""
FILES = "files:write"
OPTIONAL_SCOPES = (FILES,)
"""What a workspace may refuse [https://docs.slack.dev/changelog/2026/03/16/optional-scopes]."""


class SlackTokenRefused(PenumbraError):
    """Slack does not know this bot token: copy it again from "OAuth & Permissions" into PENUMBRA_SLACK_BOT_TOKEN."""


class NotInstalled(PenumbraError):
    """Penumbra is not installed in this workspace."""


class Installs(Protocol):
    """Knows who we are in a workspace."""

    async def of(self, workspace: str) -> Installation | None:
        """Our installation there; None where there is none."""

    async def forget(self, workspace: str) -> None:
        """The workspace uninstalled us."""


class OneWorkspace:
    """The one workspace of `PENUMBRA_SLACK_BOT_TOKEN`.

    Args:
        installation: as `introduce` made it.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation: Installation | None = installation

    async def of(self, workspace: str) -> Installation | None:
        """Our installation, if it is that workspace's."""
        known = self._installation
        return known if known is not None and known.workspace == workspace else None

    async def forget(self, workspace: str) -> None:
        """The token is dead; a new one comes with a new start."""
        if await self.of(workspace) is not None:
            self._installation = None


@dataclass(frozen=True, slots=True)
class _Remembered:
    installation: Installation
    until: float


class ManyWorkspaces:
    """Workspaces that installed us by OAuth, each remembered for a minute so that an event costs no database read.

    Args:
        store: our own store; tokens are sealed in it.
        now: the clock.
        remember_for: seconds. Another replica's token may be this old after a reinstall; Slack then refuses it once.
        capacity: workspaces remembered; the one met longest ago goes first.
    """

    def __init__(self, store: Installations, now: Now, remember_for: float = 60, capacity: int = 10_000) -> None:
        self._store = store
        self.now = now
        self._remember_for = remember_for
        self._capacity = capacity
        self._known: dict[str, _Remembered] = {}

    async def of(self, workspace: str) -> Installation | None:
        """Our installation there, remembered or from the store."""
        now = self.now().timestamp()
        known = self._known.get(workspace)
        if known is not None and known.until > now:
            return known.installation
        self._known.pop(workspace, None)
        found = await self._store.get(Platform.SLACK, workspace)
        if found is not None:
            self._known[workspace] = _Remembered(found, now + self._remember_for)
            if len(self._known) > self._capacity:
                del self._known[next(iter(self._known))]
        return found

    async def keep(self, installation: Installation) -> None:
        """A workspace installed us, for the first time or again."""
        await self._store.put(installation)
        self._known.pop(installation.workspace, None)

    async def forget(self, workspace: str) -> None:
        """The workspace uninstalled us: nothing of it stays."""
        self._known.pop(workspace, None)
        await self._store.remove(Platform.SLACK, workspace)


async def introduce(client: AsyncWebClient, token: SecretStr, now: Now) -> Installation:
    """Ask Slack once, at start, who a bot token belongs to.

    Raises:
        SlackTokenRefused: Slack does not take the token, or it is not a bot's.
        PlatformUnavailable: Slack can't be asked now.
    """
    try:
        who = await client.auth_test(token=token.get_secret_value())
    except Trouble as trouble:
        refused = isinstance(outcome_of(trouble), Refused)
        raise (SlackTokenRefused if refused else PlatformUnavailable) from trouble
    bot_id = who.get("bot_id")
    if not bot_id:
        raise SlackTokenRefused
    return Installation(
        platform=Platform.SLACK,
        workspace=str(who["team_id"]),
        name=str(who.get("team") or ""),
        token=token,
        bot=Account(str(who["user_id"])),
        bot_id=str(bot_id),
        scopes=frozenset(BOT_SCOPES),
        installed_at=now(),
    )
