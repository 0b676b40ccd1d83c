"""Where the bot is, and where no longer: read, ask core, answer."""

from bots.slack import parse, parse_acts, render
from bots.slack.giving_back import given_back
from bots.slack.handlers import Body, Desk, notice
from core.model import GroupState, Platform


class Belonging:
    """Where the bot is, and where no longer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_joined(self, body: Body) -> None:
        """Somebody came into a channel; if it is ourselves, say who we are, once; else ask, once."""
        joined = parse_acts.joined(body)
        if joined is None:
            return
        known = await self._desk.services.consent.group(joined.address)
        if joined.account != await self._desk.calls.bot(joined.address.workspace):
            if known is not None and known.state is GroupState.ENABLED:
                await self._ask(joined)
        elif known is None or known.state is GroupState.ERASING:
            await self._introduce(joined)

    async def _ask(self, joined: parse_acts.Joined) -> None:
        """Show a newcomer, and nobody else, the notice that the others had when the channel was switched on.

        Coming in happens once, so nobody's name needs to be kept to ask once: Slack keeps no trace of what it shows.
        """
        desk, where, account = self._desk, joined.address, joined.account
        person = await desk.calls.person(where.workspace, account)
        if not person.is_bot:
            await desk.calls.whisper(where, account, notice(desk, desk.texts.speak(person.language)))

    async def _introduce(self, joined: parse_acts.Joined) -> None:
        desk, where = self._desk, joined.address
        channel = await desk.calls.channel(where)
        host = joined.inviter or channel.creator
        words = desk.texts.speak(await desk.calls.language(where.workspace, host) if host else None)
        if channel.shared:
            await desk.calls.post(where, render.said(words.say("slack.connect_refused")))
            return
        await desk.calls.post(where, render.onboarding(words, desk.operator))
        await desk.services.groups.bot_added(where, channel.name, words.language)

    async def on_member_left(self, body: Body) -> None:
        """A member who leaves has withdrawn."""
        left = parse_acts.joined(body)
        if left is not None:
            async with given_back(self._desk, left.address.workspace, left.account, left.address):
                await self._desk.services.consent.withdraw(left.address, left.account)

    async def on_removed(self, body: Body) -> None:
        """The bot was removed from a channel, or the channel was deleted."""
        where = parse_acts.channel_of(body)
        if where is not None:
            await self._desk.services.groups.bot_removed(where)

    async def on_moved(self, body: Body) -> None:
        """A channel has another id from now on."""
        moved = parse_acts.moved(body)
        if moved is not None:
            await self._desk.services.groups.readdress(*moved)

    async def on_shared(self, body: Body) -> None:
        """A channel is shared with another workspace: pause until somebody switches it on again, and say why."""
        where = parse_acts.channel_of(body)
        group = await self._desk.services.consent.group(where) if where else None
        if where is None or group is None or group.state not in {GroupState.ENABLED, GroupState.PAUSED}:
            return
        await self._desk.services.groups.suspend(where)
        words = self._desk.texts.speak(group.language)
        await self._desk.calls.post(where, render.said(words.say("slack.connect_refused")))

    async def on_unshared(self, body: Body) -> None:
        """A channel is the workspace's own again: offer to be switched on again."""
        where = parse_acts.channel_of(body)
        group = await self._desk.services.consent.group(where) if where else None
        if where is not None and group is not None and group.state is GroupState.PAUSED:
            words = self._desk.texts.speak(group.language)
            await self._desk.calls.post(where, render.onboarding(words, self._desk.operator))

    async def on_uninstalled(self, body: Body) -> None:
        """A workspace has uninstalled us: all its groups stop, its token is forgotten."""
        workspace = parse.workspace(body)
        if workspace is not None:
            await self._desk.services.groups.workspace_removed(Platform.SLACK, workspace)
            await self._desk.installs.forget(workspace)

    async def on_revoked(self, body: Body) -> None:
        """Tokens were revoked; the bot's own among them ends everything, in whichever order the events come."""
        workspace, people = parse.workspace(body), parse_acts.people_revoked(body)
        if workspace is not None and people:
            await self._desk.own.tokens.revoked(Platform.SLACK, workspace, people)
        if parse_acts.bot_revoked(body):
            await self.on_uninstalled(body)
