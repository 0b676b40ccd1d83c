"""A channel switched on by its button, and members saying yes and no there: read, ask core, answer."""

from bots.slack import parse_acts, render
from bots.slack.administering import Administering
from bots.slack.giving_back import given_back
from bots.slack.handlers import Body, Desk
from core.model import Purpose

SHARES_ONLY = frozenset({Purpose.SHARES})
SHARES_AND_CLICKS = frozenset({Purpose.SHARES, Purpose.CLICKS})


class Choosing:
    """Admins switching a channel on, members saying yes and no."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_enable(self, body: Body) -> None:
        """An admin switches the channel on by the button in the welcome message, which then says so."""
        press = parse_acts.press(body)
        if press is None:
            return
        words = await self._desk.words(press)
        group = await Administering(self._desk).enable(press.address, press.account, words)
        if group is None:
            await self._desk.tell(press, render.said(words.say("slack.connect_refused")))
        else:
            await self._desk.calls.answer(press.response_url, render.enabled(group, words), replace=True)

    async def on_yes(self, body: Body) -> None:
        """A member says yes to shares and clicks."""
        await self._grant(body, SHARES_AND_CLICKS)

    async def on_yes_shares(self, body: Body) -> None:
        """A member says yes to shares alone."""
        await self._grant(body, SHARES_ONLY)

    async def _grant(self, body: Body, purposes: frozenset[Purpose]) -> None:
        press, consent = parse_acts.press(body), self._desk.services.consent
        if press is None:
            return
        before = await consent.of_member(press.address, press.account)
        granted = await consent.grant(press.address, press.account, purposes, press.value)
        thanks = "member.thanks" if Purpose.CLICKS in granted.consent.purposes else "member.thanks_shares"
        words = await self._desk.words(press)
        same = before == granted.consent
        said = render.said(words.say("member.already")) if same else render.thanks(words.say(thanks), words)
        await self._desk.tell(press, said)

    async def on_no(self, body: Body) -> None:
        """A member says no: at once, in one tap."""
        press = parse_acts.press(body)
        if press is None:
            return
        async with given_back(self._desk, press.address.workspace, press.account, press.address):
            stopped = await self._desk.services.consent.withdraw(press.address, press.account)
        words = await self._desk.words(press)
        await self._desk.tell(press, render.said(words.say("member.stopped" if stopped else "member.was_not")))
