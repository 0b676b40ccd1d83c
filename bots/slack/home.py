"""App Home: what a person decides for themselves, and what an admin runs, where nobody else sees it."""

from bots.slack import home_view, parse_acts
from bots.slack.administering import Administering
from bots.slack.giving_back import given_back
from bots.slack.handlers import Body, Desk
from core.model import Account, Group, GroupState, Platform


class Home:
    """A person's App Home.

    Args:
        desk: what every handler has at hand.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._administering = Administering(desk)

    async def on_opened(self, body: Body) -> None:
        """Somebody opened it."""
        opened = parse_acts.at_home(body)
        if opened is not None:
            await self.show(*opened)

    async def on_no(self, body: Body) -> None:
        """No in one channel, at once."""
        press = parse_acts.home_press(body)
        if press is not None:
            async with given_back(self._desk, press.address.workspace, press.account, press.address):
                await self._desk.services.consent.withdraw(press.address, press.account)
            await self.show(press.address.workspace, press.account)

    async def on_enable(self, body: Body) -> None:
        """An admin switches a channel on, or on again."""
        press = parse_acts.home_press(body)
        if press is None:
            return
        words = await self._desk.words(press)
        group = await self._administering.enable(press.address, press.account, words)
        said = None if group else words.say("slack.connect_refused")
        await self.show(press.address.workspace, press.account, said)

    async def on_language(self, body: Body) -> None:
        """An admin chooses a channel's language."""
        press = parse_acts.home_press(body)
        if press is not None:
            await self._administering.speak(press.address, press.account, press.value)
            await self.show(press.address.workspace, press.account)

    async def on_keep_out(self, body: Body) -> None:
        """A member takes their own token back: their messages are left as they are from now on."""
        press = parse_acts.home_press(body)
        if press is not None:
            async with given_back(self._desk, press.address.workspace, press.account, press.address):
                await self._desk.own.tokens.remove(press.address, press.account)
            await self.show(press.address.workspace, press.account)

    async def show(self, workspace: str, account: Account, said: str | None = None) -> None:
        """Put it together anew.

        Args:
            workspace: where.
            account: whose.
            said: something to say first.
        """
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
        await desk.calls.publish(workspace, account, home_view.home(places, words, said))

    async def _place(self, group: Group, account: Account, *, may_administer: bool) -> home_view.Place:
        consent = await self._desk.services.consent.of_member(group.address, account)
        edits = consent is not None and await self._desk.own.tokens.get(group.address, account) is not None
        may_hand_over = bool(self._desk.own.connect_url) and consent is not None
        lost = await self._desk.services.digests.missed(group.address) if may_administer else None
        return home_view.Place(group, consent, may_administer, home_view.Editing(may_hand_over, edits), lost)
