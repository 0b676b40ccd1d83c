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


class Sharing:
    """What members post. Consent comes before reading: `parse.urls` is the first touch of a text."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_message(self, body: Body) -> None:
        """A message was posted, changed or deleted."""
        said = parse.heading(body)
        if said is None:
            return None
        standing = await self._desk.services.consent.may_count(said.address, said.account)
        if standing is None:
            return await self._remind(said)
        found = parse.urls(body, said.kind)
        if found is not None:
            await self._desk.services.shares.take_in(standing, parse.message_of(said, found), said.event)
        return None

    async def _remind(self, posted: parse.Heading) -> None:
        """Tell a member once, and nobody else, that their yes has gone stale."""
        desk, where, account = self._desk, posted.address, posted.account
        if await desk.services.consent.reminder_due(where, account):
            words = desk.texts.speak(await desk.calls.language(where.workspace, account))
            await desk.calls.whisper(where, account, render.said(words.say("slack.consent_stale")))

    async def on_shorten(self, body: Body) -> None:
        """Somebody asks for a card to a message of their own."""
        chosen, desk = parse.chosen(body), self._desk
        if chosen is None:
            return
        words = desk.texts.speak(await desk.calls.language(chosen.said.address.workspace, chosen.said.account))
        await desk.calls.answer(chosen.response_url, await self._shortened(chosen, body, words))

    async def _shortened(self, chosen: parse.Chosen, body: Body, words: Words) -> Said:
        if not chosen.own:
            return render.said(words.say("slack.shortcut.not_yours"))
        standing = await self._desk.services.consent.may_count(chosen.said.address, chosen.said.account)
        if standing is None:
            return await invitation(self._desk, chosen.said.address, words)
        message = parse.message_of(chosen.said, parse.links(body["message"]))
        taken = await self._desk.services.shares.take_in(standing, message, chosen.said.event, deliberate=True)
        return render.said(words.say("slack.shortcut.done" if taken else "slack.shortcut.no_link"))

    async def on_own_link(self, body: Body) -> None:
        """A member posted a short URL of ours: show where it leads."""
        shared = parse.own_links(body)
        if shared is None:
            return
        standing = await self._desk.services.consent.may_count(shared.address, shared.account)
        if standing is None:
            return
        words, unfurls = self._desk.texts.speak(standing.group.language), {}
        for url in shared.urls:
            code = read_code(parse.code_in(url))
            leads = await self._desk.services.links.resolve(code) if code else None
            if leads is not None:
                site = registrable_domain(parse_address(leads.url).host)
                unfurls[url] = render.leads_to(leads.url, site, words)
        if unfurls:
            await self._desk.calls.unfurl(shared.address, shared.message, unfurls)

    async def on_undo(self, body: Body) -> None:
        """The sharer takes a message's links back; the card gives way to the plain addresses."""
        press = parse.press(body)
        if press is None:
            return
        plain = await self._desk.services.shares.undo(press.address, press.account, press.value)
        group = await self._desk.services.consent.group(press.address)
        words = self._desk.texts.speak(group.language if group else None)
        await self._desk.calls.answer(press.response_url, render.undone(plain, words), replace=True)

    async def on_fact_check(self, body: Body) -> None:
        """Somebody asks whether there is a fact check: told to them alone, and forgotten."""
        press = parse.press(body)
        if press is None:
            return
        found = await self._desk.services.facts.about(press.address, LinkId(press.value))
        await self._desk.tell(press, render.fact_checks(found, await self._desk.words(press)))


class Belonging:
    """Where the bot is, and where no longer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_joined(self, body: Body) -> None:
        """Somebody came into a channel; if it is ourselves, say who we are, once."""
        joined = parse.joined(body)
        if joined is None or joined.account != await self._desk.calls.bot(joined.address.workspace):
            return
        known = await self._desk.services.consent.group(joined.address)
        if known is None or known.state is GroupState.ERASING:
            await self._introduce(joined)

    async def _introduce(self, joined: parse.Joined) -> None:
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
        left = parse.joined(body)
        if left is not None:
            await self._desk.services.consent.withdraw(left.address, left.account)

    async def on_removed(self, body: Body) -> None:
        """The bot was removed from a channel, or the channel was deleted."""
        where = parse.channel_of(body)
        if where is not None:
            await self._desk.services.groups.bot_removed(where)

    async def on_moved(self, body: Body) -> None:
        """A channel has another id from now on."""
        moved = parse.moved(body)
        if moved is not None:
            await self._desk.services.groups.readdress(*moved)

    async def on_shared(self, body: Body) -> None:
        """A channel is shared with another workspace: pause, and say why."""
        where = parse.channel_of(body)
        group = await self._desk.services.consent.group(where) if where else None
        if where is None or group is None:
            return
        try:
            await self._desk.services.groups.pause(where, Actor(None, speaks_as_group=True))
        except (GroupNotEnabled, UnknownGroup):
            return  # there was nothing on
        words = self._desk.texts.speak(group.language)
        await self._desk.calls.post(where, render.said(words.say("slack.connect_refused")))

    async def on_unshared(self, body: Body) -> None:
        """A channel is the workspace's own again: offer to be switched on again."""
        where = parse.channel_of(body)
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
        if parse.bot_revoked(body):
            await self.on_uninstalled(body)


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
