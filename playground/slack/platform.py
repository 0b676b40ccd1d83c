"""Everything that one Slack is made of, handed to those who answer calls and act for people."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from playground.slack.delivery import Courier
from playground.slack.errors import SlackError
from playground.slack.exchange import Exchange
from playground.slack.grants import Grant, Grants
from playground.slack.limits import Limits
from playground.slack.manifest import Manifest
from playground.slack.state import Channel, Workspace


@dataclass(slots=True)
class Platform:
    """One Slack with one workspace and one app.

    Args:
        now: the playground's time.
        manifest: the registered app.
        workspace: the workspace's state.
        grants: its tokens.
        courier: the way to the app.
        client_id: the app's OAuth id.
        client_secret: the app's OAuth secret.
        base_url: where this stand-in is reached, without a slash at the end.
        charts: whether `data_visualization` blocks are known here.
        edit_window: how long people may edit their messages; None is for ever.
    """

    now: Callable[[], datetime]
    manifest: Manifest
    workspace: Workspace
    grants: Grants
    courier: Courier
    client_id: str
    client_secret: str
    base_url: str
    charts: bool = True
    edit_window: timedelta | None = None
    limits: Limits = field(default_factory=Limits)
    exchange: Exchange = field(default_factory=Exchange)

    @property
    def names(self) -> dict[str, str]:
        """Account and channel ids to the names people read."""
        accounts = {account.id: account.name for account in self.workspace.accounts.values()}
        return accounts | {channel.id: channel.name for channel in self.workspace.channels.values()}

    def tick(self) -> str:
        """Return a new `ts`."""
        return self.workspace.tick(self.now())

    def seen(self, grant: Grant, channel_id: str) -> Channel:
        """Return the channel with this id as far as the token's holder can see it.

        Raises:
            SlackError: `channel_not_found`, also for a private conversation the holder is not in.
        """
        channel = self.workspace.channels.get(channel_id)
        if channel is None or (channel.kind != "public" and grant.user not in channel.members):
            raise SlackError("channel_not_found")
        return channel


def needs(grant: Grant, *any_of: str) -> None:
    """Check that a token has one of these scopes.

    Raises:
        SlackError: `missing_scope` with `needed` and `provided`.
    """
    if not set(any_of) & set(grant.scopes):
        raise SlackError("missing_scope", needed=",".join(any_of), provided=",".join(grant.scopes))
