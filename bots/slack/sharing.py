"""What members share: read, ask core, answer. Consent comes before reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from bots.slack import parse, parse_acts, render
from bots.slack.handlers import Body, Desk, invitation
from bots.slack.installs import NotInstalled
from bots.slack.marks import mark_of
from bots.slack.own_messages import Place
from bots.slack.render import Said
from bots.slack.trouble import Trouble
from core.consent import Stale
from core.links import read_code
from core.model import HANDED_OVER, Account, GroupAddress, GroupId, LinkId, Message, Standing
from texts.catalogue import Words


class Handing(StrEnum):
    """What became of links that a member handed over."""

    NO_CONSENT = "no_consent"
    NO_LINK = "no_link"
    UNTOUCHED = "untouched"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Links that a member hands over by a command or a modal."""

    address: GroupAddress
    account: Account
    urls: tuple[str, ...]
    act: str
    """Slack's own id of the command or the modal."""


class Sharing:
    """What members post. Consent comes before reading: `parse.urls` is the first touch of a text."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_message(self, body: Body) -> None:
        """A message was posted, changed or deleted."""
        said = parse.heading(body)
        if said is None:
            return None
        standing = await self._desk.services.consent.hear(said.address, said.account)
        if isinstance(standing, Stale):
            return await self._remind(said)
        found = parse.urls(body, said.kind) if standing is not None else None
        if standing is not None and found is not None:
            await self._take_in(standing, said, found)
        return None

    async def _take_in(self, standing: Standing, said: parse.Heading, found: tuple[str, ...]) -> None:
        """In a message that was edited, perhaps by ourselves, a short URL of ours stands for what it leads to."""
        led = await self._led(standing.group.id, found) if said.kind is not parse.Kind.POSTED else {}
        meant = tuple(led.get(url, url) for url in found)
        asked_before = bool(found) and led.keys() >= set(found)
        message = parse.message_of(said, meant)
        await self._desk.services.shares.take_in(standing, message, said.event, deliberate=asked_before)

    async def _led(self, group: GroupId, urls: tuple[str, ...]) -> Mapping[str, str]:
        """Short URLs of a group among these, each with where it leads."""
        led: dict[str, str] = {}
        for url in urls:
            code = read_code(parse.code_in(url))
            leads = await self._desk.services.links.resolve(code) if code else None
            if leads is not None and leads.group == group:
                led[url] = leads.url
        return led

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
        posted, consent = chosen.said, self._desk.services.consent
        standing = await consent.may_count(posted.address, posted.account, handed_over=True)
        if standing is None:
            return await invitation(self._desk, chosen.said.address, words)
        message = parse.message_of(chosen.said, parse.links(body["message"]))
        taken = await self._desk.services.shares.take_in(standing, message, chosen.said.event, deliberate=True)
        return render.said(words.say("slack.shortcut.done" if taken else "slack.shortcut.no_link"))

    async def hand_over(self, handed: HandedOver) -> Handing:
        """A member hands links over instead of posting them: the card is posted in their stead, and names nobody."""
        desk = self._desk
        standing = await desk.services.consent.may_count(handed.address, handed.account, handed_over=True)
        if standing is None:
            return Handing.NO_CONSENT
        if not handed.urls:
            return Handing.NO_LINK
        message = Message(handed.address, handed.account, HANDED_OVER + handed.act, handed.urls, desk.now())
        taken = await desk.services.shares.take_in(standing, message, f"slack:handed:{handed.act}", deliberate=True)
        return Handing.TAKEN if taken else Handing.UNTOUCHED

    async def on_own_link(self, body: Body) -> None:
        """A member posted a short URL of ours: show the page it leads to."""
        shared = parse.own_links(body)
        if shared is None:
            return
        standing = await self._desk.services.consent.may_count(shared.address, shared.account)
        if standing is None:
            return
        words, unfurls = self._desk.texts.speak(standing.group.language), {}
        for url in shared.urls:
            code = read_code(parse.code_in(url))
            page = await self._desk.services.links.page_behind(standing.group.id, code) if code else None
            if page is not None:
                unfurls[url] = render.leads_to(page, words, self._desk.now().date())
        if unfurls:
            await self._desk.calls.unfurl(shared.address, shared.message, unfurls)

    async def on_undo(self, body: Body) -> None:
        """The sharer takes a message's links back; the card gives way to the plain addresses."""
        press = parse_acts.press(body)
        if press is None:
            return
        plain = await self._desk.services.shares.undo(press.address, press.account, press.value)
        group = await self._desk.services.consent.group(press.address)
        words = self._desk.texts.speak(group.language if group else None)
        await self._desk.calls.answer(press.response_url, render.undone(plain, words), replace=True)
        await self._put_back(Place(press.address, press.account, press.value, press.thread or press.value))

    async def undo_last(self, command: parse_acts.Command, words: Words) -> Said:
        """The sharer takes back by command what they shared last; its card gives way as if they had pressed there."""
        desk, address = self._desk, command.address
        taken = await desk.services.own_shares.undo_last(address, command.account)
        if taken is None:
            return render.said(words.say("slack.undo.nothing"))
        group = await desk.services.consent.group(address)
        spoken = desk.texts.speak(group.language if group else None)
        for key, card in taken.cards.items():
            await self._give_way(address, card, render.undone(taken.urls, spoken), mark_of(address, key))
        await self._put_back(Place(address, command.account, taken.message, taken.message))
        return render.undone(taken.urls, words)

    async def _give_way(self, address: GroupAddress, card: str, left: Said, mark: str) -> None:
        try:
            await self._desk.calls.rewrite(address, card, left, mark)
        except (NotInstalled, *Trouble):
            return  # what was shared is taken back all the same; the member reads the plain address

    async def _put_back(self, place: Place) -> None:
        """The plain addresses into the member's own message, if it was edited for them."""
        group = await self._desk.services.consent.group(place.address)
        if group is not None:
            await self._desk.own.messages.edit(place, partial(self._led, group.id))

    async def on_fact_check(self, body: Body) -> None:
        """Somebody asks whether there is a fact check: told to them alone, and forgotten."""
        press = parse_acts.press(body)
        if press is None:
            return
        found = await self._desk.services.facts.about(press.address, LinkId(press.value))
        await self._desk.tell(press, render.fact_checks(found, await self._desk.words(press)))
