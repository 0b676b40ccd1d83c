"""Admins and their channels: on, paused, settings, previews. Core asks Slack live whether somebody is an admin."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bots.slack import editions, forms
from bots.slack.handlers import Desk
from bots.slack.parse_views import Submitted
from bots.slack.render import Block
from core.drafts import Draft
from core.errors import GroupNotEnabled, SharedOutside, UnknownGroup
from core.model import Account, Actor, Group, GroupAddress, GroupState, Purpose, Schedule
from texts.catalogue import Words
from texts.notices import MEMBER_NOTICE
from texts.samples import titles

_SPAN = re.compile(r"(\d{1,2})\s*([wsdj])", re.IGNORECASE)
_UNITS: Mapping[str, timedelta] = {
    "w": timedelta(weeks=1),
    "s": timedelta(weeks=1),
    "d": timedelta(days=1),
    "j": timedelta(days=1),
}
"""Weeks and days; semaines and jours."""


class Administering:
    """What an admin may see and change of a channel.

    Args:
        desk: what every handler has at hand.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def enable(self, where: GroupAddress, account: Account, words: Words) -> Group | None:
        """Switch a channel on, or on again; None for one that is shared with another workspace.

        It speaks the language of who switches it on; after a pause, the one it had.
        """
        channel = await self._desk.calls.channel(where)
        known = await self._desk.services.consent.group(where)
        language = known.language if known is not None and known.state is GroupState.PAUSED else words.language
        try:
            return await self._desk.services.groups.enable(where, Actor(account), channel.name, language)
        except SharedOutside:
            return None

    async def pause(self, where: GroupAddress, account: Account, span: timedelta | None) -> Group:
        """Pause a channel, for a time or until it is switched on again. Raises as `GroupService.pause`."""
        until = self._desk.now() + span if span is not None else None
        return await self._desk.services.groups.pause(where, Actor(account), until)

    async def speak(self, where: GroupAddress, account: Account, language: str) -> None:
        """Change the language of a channel. Raises as `GroupService.configure`."""
        group = await self._desk.managed(where, account)
        await self._desk.services.groups.configure(where, Actor(account), replace(group, language=language))

    async def settings(self, where: GroupAddress, account: Account, words: Words, about: str) -> Block:
        """The form of a channel's settings. Raises as `Desk.managed`."""
        return forms.settings(await self._desk.managed(where, account), words, about)

    async def settle(self, filled: Submitted) -> None:
        """Save what stands in that form. Raises as `GroupService.configure`."""
        group = await self._desk.services.consent.group(filled.about) if filled.about else None
        if filled.about is None or group is None:
            raise UnknownGroup
        await self._desk.services.groups.configure(filled.about, Actor(filled.account), wanted(group, filled))

    async def draft(self, where: GroupAddress, account: Account) -> Draft:
        """What the next digest would say by now, or a sample of one. Raises as `Desk.managed`."""
        group = await self._desk.managed(where, account)
        draft = await self._desk.services.digests.preview(group.id, titles(self._desk.texts.speak(group.language)))
        if draft is None:
            raise GroupNotEnabled
        return draft

    async def preview(self, where: GroupAddress, account: Account, words: Words) -> Block:
        """The same as a view, in which nothing can be pressed. Raises as `Desk.managed`."""
        draft = await self.draft(where, account)
        spoken = self._desk.texts.speak(draft.edition.language)
        return forms.preview(draft, editions.digest(draft.edition, spoken, MEMBER_NOTICE), words)


def wanted(group: Group, filled: Submitted) -> Group:
    """A group as an admin wants it; Slack lets nobody choose what the form does not offer."""
    schedule = Schedule(filled.one("zone"), int(filled.one("weekday")), int(filled.one("hour")), group.schedule.topic)
    return replace(
        group,
        language=filled.one("language"),
        schedule=schedule,
        digest_size=int(filled.one("size")),
        offered=frozenset(Purpose(each) for each in filled.chosen.get("offered", ())),
    )


def span_of(text: str) -> timedelta | None:
    """How long `2w` or `10 d` is; None for anything else."""
    match = _SPAN.fullmatch(text.strip())
    return int(match[1]) * _UNITS[match[2].lower()] if match and int(match[1]) else None
