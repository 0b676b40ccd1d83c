"""App Home: each channel's state, and a person's own switches, where nobody else sees them."""

from bots.slack import home_view, parse
from bots.slack.handlers import SHARES_AND_CLICKS, SHARES_ONLY, Body, Choosing, Desk
from core.model import Account, Group, GroupState, Platform, Purpose
from texts.notices import MEMBER_NOTICE


class Home:
    """A person's App Home.

    Args:
        desk: what every handler has at hand.
        choosing: switches channels on.
    """

    def __init__(self, desk: Desk, choosing: Choosing) -> None:
        self._desk = desk
        self._choosing = choosing

    async def on_opened(self, body: Body) -> None:
        """Somebody opened it."""
        opened = parse.at_home(body)
        if opened is not None:
            await self._show(*opened)

    async def on_yes(self, body: Body) -> None:
        """Yes to shares and clicks in one channel."""
        await self._grant(body, SHARES_AND_CLICKS)

    async def on_yes_shares(self, body: Body) -> None:
        """Yes to shares alone in one channel."""
        await self._grant(body, SHARES_ONLY)

    async def _grant(self, body: Body, purposes: frozenset[Purpose]) -> None:
        press = parse.home_press(body)
        if press is not None:
            await self._desk.services.consent.grant(press.address, press.account, purposes, press.value)
            await self._show(press.address.workspace, press.account)

    async def on_no(self, body: Body) -> None:
        """No in one channel, at once."""
        press = parse.home_press(body)
        if press is not None:
            await self._desk.services.consent.withdraw(press.address, press.account)
            await self._show(press.address.workspace, press.account)

    async def on_enable(self, body: Body) -> None:
        """An admin switches a channel on from here."""
        press = parse.home_press(body)
        if press is not None:
            await self._choosing.enable(press, await self._desk.words(press))
            await self._show(press.address.workspace, press.account)

    async def _show(self, workspace: str, account: Account) -> None:
        desk = self._desk
        person = await desk.calls.person(workspace, account)
        theirs = await desk.calls.channels_of(workspace, account)
        groups = await desk.services.consent.groups_of(Platform.SLACK, workspace)
        places = []
        for group in sorted(groups, key=lambda group: group.name):
            channel = group.address.conversation
            if channel in theirs and group.state is not GroupState.ERASING:
                runs_it = person.runs_workspace or theirs[channel] == account
                places.append(await self._place(group, account, may_administer=runs_it))
        words = desk.texts.speak(person.language)
        await desk.calls.publish(workspace, account, home_view.home(places, words, MEMBER_NOTICE))

    async def _place(self, group: Group, account: Account, *, may_administer: bool) -> home_view.Place:
        consent = await self._desk.services.consent.of_member(group.address, account)
        return home_view.Place(group, consent, may_administer)
