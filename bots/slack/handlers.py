"""One short function per kind of delivery: read, ask core, answer. Nothing is decided here."""

from dataclasses import dataclass
from typing import Any

from bots.slack import parse_acts, render
from bots.slack.calls import Calls
from bots.slack.installs import Installs
from bots.slack.own_messages import OwnMessages
from bots.slack.render import Said
from core.errors import GroupNotEnabled
from core.model import Account, Group, GroupAddress, GroupState, Pass, Person, Platform
from core.ports import Now, OwnTokens
from core.services import Services
from texts.catalogue import Texts, Words
from texts.notices import MEMBER_NOTICE, notice_text
from texts.operator import Operator

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Own:
    """What members may hand over so that their own messages can be edited."""

    tokens: OwnTokens
    messages: OwnMessages
    connect_url: str
    """Where that begins; empty where the app has no client secret, so that nobody can."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every handler has at hand."""

    services: Services
    texts: Texts
    calls: Calls
    installs: Installs
    operator: Operator
    own: Own
    now: Now

    async def words(self, asked: parse_acts.Press | parse_acts.Command) -> Words:
        """The words of the person who asked."""
        return await self.speak(asked.address.workspace, asked.account)

    async def speak(self, workspace: str, account: Account) -> Words:
        """The words of a person."""
        return self.texts.speak(await self.calls.language(workspace, account))

    async def managed(self, where: GroupAddress, account: Account) -> Group:
        """A group, for who may administer it at this moment.

        Raises:
            GroupNotEnabled: nothing is kept about it, or it is being erased.
            NotAnAdmin: it is not theirs to administer.
            PlatformUnavailable: Slack can't be asked.
        """
        group = await self.services.consent.group(where)
        if group is None or group.state is GroupState.ERASING:
            raise GroupNotEnabled
        holder = Pass(Person(Platform.SLACK, where.workspace, account))
        return await self.services.signin.to_manage(holder, group.id)

    async def tell(self, press: parse_acts.Press, said: Said) -> None:
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


class Telling:
    """Answers to who asks: always private."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_privacy(self, body: Body) -> None:
        """Somebody asks what is kept."""
        press = parse_acts.press(body)
        if press is not None:
            await self._desk.tell(press, render.privacy(await self._desk.words(press), self._desk.operator))

    async def on_stale(self, body: Body) -> None:
        """A button that nobody knows any more."""
        press = parse_acts.press(body)
        if press is not None and press.response_url:
            await self._desk.tell(press, render.said((await self._desk.words(press)).say("slack.stale")))
