"""Modals: opened at once, filled when everything is known, answered when they come back.

A trigger lives three seconds [https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses], so that
what opens first knows nothing yet; whatever is refused afterwards is said in the same modal.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from slack_bolt.response import BoltResponse

from bots.slack import forms, parse, parse_acts, parse_views
from bots.slack.administering import Administering
from bots.slack.edge import words_for
from bots.slack.giving_back import given_back
from bots.slack.handlers import Body, Desk
from bots.slack.home import Home
from bots.slack.installs import NotInstalled
from bots.slack.parse_views import Pulled, Submitted
from bots.slack.render import Block, escape
from bots.slack.sharing import HandedOver, Handing, Sharing
from bots.slack.trouble import Trouble
from core.errors import PenumbraError
from core.model import Account, GroupAddress, Purpose
from texts.catalogue import Words
from texts.notices import MEMBER_NOTICE, notice_text

Fill = Callable[[Words], Awaitable[Block]]


class Modals:
    """What opens, and what is done when it was filled in.

    Args:
        desk: what every handler has at hand.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._administering = Administering(desk)
        self._sharing = Sharing(desk)
        self._home = Home(desk)

    # Opening ----------------------------------------------------------------------------------------------------

    async def show(self, pulled: Pulled, fill: Fill) -> None:
        """Open a modal at once and fill it; what is refused is said in it.

        Raises:
            One of `Trouble`, NotInstalled: it could not even be opened.
        """
        calls = self._desk.calls
        view = await calls.open(pulled.workspace, pulled.trigger, forms.waiting())
        words = await self._desk.speak(pulled.workspace, pulled.account)
        try:
            filled = await fill(words)
        except (PenumbraError, *Trouble) as refused:
            filled = forms.said(words.say(words_for(refused)), words)
        await calls.refill(pulled.workspace, view, filled)

    async def on_share(self, body: Body) -> None:
        """The global shortcut: a link and a channel."""
        pulled = parse_views.pulled(body)
        if pulled is not None:
            await self.share(pulled)

    async def share(self, pulled: Pulled) -> None:
        """A link and a channel."""

        async def fill(words: Words) -> Block:
            return forms.share(words)

        await self.show(pulled, fill)

    async def on_settings(self, body: Body) -> None:
        """An admin asks at home for a channel's settings."""
        pulled, press = parse_views.pulled(body), parse_acts.home_press(body)
        if pulled is not None and press is not None:
            await self.settings(pulled, press.address, at_home=True)

    async def on_pause(self, body: Body) -> None:
        """An admin wants to pause a channel, at home."""
        pulled, press = parse_views.pulled(body), parse_acts.home_press(body)
        if pulled is not None and press is not None:
            await self.pause(pulled, press.address, at_home=True)

    async def on_mine(self, body: Body) -> None:
        """Somebody wants to choose for themselves, at home."""
        pulled, press = parse_views.pulled(body), parse_acts.home_press(body)
        if pulled is not None and press is not None:
            await self.mine(pulled, press.address, at_home=True)

    async def on_preview(self, body: Body) -> None:
        """An admin wants to see the next digest as it would be by now."""
        pulled, press = parse_views.pulled(body), parse_acts.home_press(body)
        if pulled is not None and press is not None:
            await self.show(pulled, lambda words: self._administering.preview(press.address, press.account, words))

    async def on_connect(self, body: Body) -> None:
        """A member wants their own messages edited: what that means, and the way to Slack's own page for it."""
        pulled, press = parse_views.pulled(body), parse_acts.home_press(body)
        if pulled is None or press is None:
            return

        async def fill(words: Words) -> Block:
            where = urlencode({"team": press.address.workspace, "channel": press.address.conversation})
            return forms.connect(f"{self._desk.own.connect_url}?{where}", words)

        await self.show(pulled, fill)

    async def settings(self, pulled: Pulled, where: GroupAddress, *, at_home: bool) -> None:
        """A channel's settings."""

        async def fill(words: Words) -> Block:
            return await self._administering.settings(where, pulled.account, words, _about(where, at_home=at_home))

        await self.show(pulled, fill)

    async def pause(self, pulled: Pulled, where: GroupAddress, *, at_home: bool) -> None:
        """For how long a channel is to pause."""

        async def fill(words: Words) -> Block:
            await self._desk.managed(where, pulled.account)
            return forms.pause(words, _about(where, at_home=at_home))

        await self.show(pulled, fill)

    async def mine(self, pulled: Pulled, where: GroupAddress, *, at_home: bool) -> None:
        """Somebody's own choice in a channel, after the notice it is about."""

        async def fill(words: Words) -> Block:
            group = await self._desk.services.consent.group(where)
            if group is None:
                return forms.said(words.say("slack.not_here"), words)
            consent = await self._desk.services.consent.of_member(where, pulled.account)
            notice = notice_text(self._desk.texts, words.language)
            about = f"{_about(where, at_home=at_home)} {MEMBER_NOTICE}"
            return forms.mine(group, consent, notice, words, about)

        await self.show(pulled, fill)

    # Filled in --------------------------------------------------------------------------------------------------

    async def on_shared(self, body: Body) -> BoltResponse:
        """A link and a channel were given."""
        filled = parse_views.submitted(body)
        if filled is None:
            return BoltResponse(status=400)
        words = await self._desk.speak(filled.workspace, filled.account)
        where = parse.address(body, filled.one("channel"))
        if where is None:
            return _wrong("channel", words.say("slack.share.no_consent"))
        handed = HandedOver(where, filled.account, parse.typed_links(filled.one("url")), filled.view)
        try:
            handing = await self._sharing.hand_over(handed)
        except (PenumbraError, *Trouble) as refused:
            return _wrong("url", words.say(words_for(refused)))  # what they wrote stays in the form
        match handing:
            case Handing.NO_CONSENT:
                return _wrong("channel", words.say("slack.share.no_consent"))
            case Handing.NO_LINK | Handing.UNTOUCHED:
                return _wrong("url", words.say("slack.share.untouched"))
            case _:
                return _instead(forms.said(words.say("slack.share.taken"), words))

    async def on_settled(self, body: Body) -> BoltResponse:
        """Settings were saved."""

        async def settle(filled: Submitted) -> str:
            await self._administering.settle(filled)
            return "settings.saved"

        return await self._answered(body, settle)

    async def on_paused(self, body: Body) -> BoltResponse:
        """A pause was asked for."""

        async def pause(filled: Submitted) -> str:
            span = None if filled.one("for") == forms.OPEN_END else timedelta(weeks=int(filled.one("for")))
            if filled.about is not None:
                await self._administering.pause(filled.about, filled.account, span)
            return "group.is_paused"

        return await self._answered(body, pause)

    async def on_chosen(self, body: Body) -> BoltResponse:
        """A member chose: every purpose ticked is a yes, every other a no, and no shares is a no to all."""

        async def choose(filled: Submitted) -> str:
            purposes = frozenset(Purpose(each) for each in filled.chosen.get("purposes", ()))
            return await self._choose(filled, purposes)

        return await self._answered(body, choose)

    async def _choose(self, filled: Submitted, purposes: frozenset[Purpose]) -> str:
        consent = self._desk.services.consent
        if filled.about is None:
            return "slack.stale"
        has_said_yes = await consent.of_member(filled.about, filled.account) is not None
        if Purpose.SHARES in purposes or (purposes and not has_said_yes):
            granted = await consent.grant(filled.about, filled.account, purposes, filled.words[-1])
            return "member.thanks" if Purpose.CLICKS in granted.consent.purposes else "member.thanks_shares"
        async with given_back(self._desk, filled.workspace, filled.account, filled.about):
            stopped = await consent.withdraw(filled.about, filled.account)
        return "member.stopped" if stopped else "member.was_not"

    async def _answered(self, body: Body, act: Callable[[Submitted], Awaitable[str]]) -> BoltResponse:
        """Do what a form asks for, say in its place how it went, and show it at home if it came from there."""
        filled = parse_views.submitted(body)
        if filled is None:
            return BoltResponse(status=400)
        words = await self._desk.speak(filled.workspace, filled.account)
        try:
            said = await act(filled)
        except (PenumbraError, *Trouble) as refused:
            said = words_for(refused)
        if parse_views.HOME in filled.words:
            await self._refresh(filled.workspace, filled.account)
        return _instead(forms.said(escape(words.say(said)), words))

    async def _refresh(self, workspace: str, account: Account) -> None:
        try:
            await self._home.show(workspace, account)
        except (NotInstalled, *Trouble):
            return  # it is shown anew when it is next opened


def _about(where: GroupAddress, *, at_home: bool) -> str:
    return f"{where.conversation} {parse_views.HOME}" if at_home else where.conversation


def _wrong(block: str, why: str) -> BoltResponse:
    return _json({"response_action": "errors", "errors": {block: why}})


def _instead(view: Block) -> BoltResponse:
    return _json({"response_action": "update", "view": view})


def _json(body: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=body)
