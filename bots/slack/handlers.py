"""One short function per kind of delivery: read, ask core, answer. Nothing is decided here."""

from dataclasses import dataclass
from typing import Any

from bots.slack import editions, parse, render
from bots.slack.calls import Calls
from bots.slack.installs import Installs
from bots.slack.render import Said
from core.address import parse as parse_address
from core.errors import GroupNotEnabled, UnknownGroup
from core.links import read_code
from core.model import Actor, Group, GroupAddress, GroupState, LinkId, Platform, Purpose, Week
from core.services import Services
from core.urls import registrable_domain
from texts.catalogue import Texts, Words
from texts.notices import MEMBER_NOTICE, notice_text
from texts.operator import Operator

Body = dict[str, Any]

SHARES_ONLY = frozenset({Purpose.SHARES})
SHARES_AND_CLICKS = frozenset({Purpose.SHARES, Purpose.CLICKS})


@dataclass(frozen=True, slots=True)
class Desk:
    """What every handler has at hand."""

    services: Services
    texts: Texts
    calls: Calls
    installs: Installs
    operator: Operator

    async def words(self, asked: parse.Press | parse.Command) -> Words:
        """The words of the person who asked."""
        return self.texts.speak(await self.calls.language(asked.address.workspace, asked.account))

    async def tell(self, press: parse.Press, said: Said) -> None:
        """Answer a button, to the presser alone."""
        await self.calls.answer(press.response_url, said)


def notice(desk: Desk, words: Words) -> Said:
    """What a yes means, with the buttons that say it."""
    return render.notice(notice_text(desk.texts, words.language), words, MEMBER_NOTICE)


async def invitation(desk: Desk, where: GroupAddress, words: Words) -> Said:
    """The notice, where there is something to say yes to."""
    group = await desk.services.consent.group(where)
    if group is None or group.state is not GroupState.ENABLED:
        return render.said(words.say("slack.not_here"))
    return notice(desk, words)


class Choosing:
    """Admins switching a channel on, members saying yes and no."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_enable(self, body: Body) -> None:
        """An admin switches the channel on by the button in the welcome message, which then says so."""
        press = parse.press(body)
        if press is None:
            return
        words = await self._desk.words(press)
        group = await self.enable(press, words)
        if group is None:
            await self._desk.tell(press, render.said(words.say("slack.connect_refused")))
        else:
            await self._desk.calls.answer(press.response_url, render.enabled(group, words), replace=True)

    async def enable(self, press: parse.Press, words: Words) -> Group | None:
        """Switch a channel on; None for a channel shared with another workspace."""
        desk, where = self._desk, press.address
        channel = await desk.calls.channel(where)
        if channel.shared:
            return None
        return await desk.services.groups.enable(where, Actor(press.account), channel.name, words.language)

    async def on_yes(self, body: Body) -> None:
        """A member says yes to shares and clicks."""
        await self._grant(body, SHARES_AND_CLICKS)

    async def on_yes_shares(self, body: Body) -> None:
        """A member says yes to shares alone."""
        await self._grant(body, SHARES_ONLY)

    async def _grant(self, body: Body, purposes: frozenset[Purpose]) -> None:
        press, consent = parse.press(body), self._desk.services.consent
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
        press = parse.press(body)
        if press is None:
            return
        stopped = await self._desk.services.consent.withdraw(press.address, press.account)
        words = await self._desk.words(press)
        await self._desk.tell(press, render.said(words.say("member.stopped" if stopped else "member.was_not")))


class Telling:
    """Answers to who asks: always private."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_privacy(self, body: Body) -> None:
        """Somebody asks what is kept."""
        press = parse.press(body)
        if press is not None:
            await self._desk.tell(press, render.privacy(await self._desk.words(press), self._desk.operator))

    async def on_why(self, body: Body) -> None:
        """Somebody asks why a link is in the digest."""
        press = parse.press(body)
        if press is None:
            return
        week, _, link = press.value.partition(" ")
        words = await self._desk.words(press)
        edition = await self._desk.services.digests.of_week(press.address, Week(week))
        entry = next((each for each in edition.entries if each.link == link), None) if edition else None
        gone = render.said(words.say("why.gone"))
        await self._desk.tell(press, gone if entry is None else editions.why(entry, words))

    async def on_stale(self, body: Body) -> None:
        """A button that nobody knows any more."""
        press = parse.press(body)
        if press is not None and press.response_url:
            await self._desk.tell(press, render.said((await self._desk.words(press)).say("slack.stale")))
