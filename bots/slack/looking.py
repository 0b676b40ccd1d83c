"""A digest that one person looks at, in the channel and for them alone: the latest one, or what the next would be."""

import asyncio

from bots.slack import editions, forms, parse_acts, render
from bots.slack.administering import Administering
from bots.slack.handlers import Desk
from bots.slack.installs import NotInstalled
from bots.slack.render import Said
from bots.slack.trouble import Trouble
from core.drafts import Kind
from core.editions import is_full
from texts.catalogue import Words
from texts.notices import MEMBER_NOTICE

WHISPERED_WITHIN = 1.5
"""Seconds. A command has three to be answered, and asking Slack for the asker's language takes some of them."""


class Looking:
    """Answers to `/links digest` and `/links preview`.

    Args:
        desk: what every handler has at hand.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._administering = Administering(desk)

    async def latest(self, command: parse_acts.Command, words: Words) -> Said | None:
        """The latest digest; None where it was said already, with its chart."""
        edition = await self._desk.services.digests.latest(command.address)
        if edition is None:
            return render.no_digest(await self._desk.services.consent.group(command.address), words)
        plainly = editions.digest(edition, words, MEMBER_NOTICE)
        with_chart = editions.with_chart(plainly, edition, words) if is_full(edition) else None
        return await self._with_chart(command, plainly, with_chart)

    async def preview(self, command: parse_acts.Command, words: Words) -> Said | None:
        """What the next digest would be, for an admin; None where it was said already, with its chart.

        Raises:
            NotAnAdmin: it is not theirs to look at.
            GroupNotEnabled: nothing is kept about the channel.
        """
        draft = await self._administering.draft(command.address, command.account)
        spoken = self._desk.texts.speak(draft.edition.language)
        plainly = editions.digest(draft.edition, spoken, MEMBER_NOTICE)
        drawn = editions.with_chart(plainly, draft.edition, spoken, draft.kind) if is_full(draft.edition) else None
        return await self._with_chart(
            command, _introduced(plainly, draft.kind, words), drawn and _introduced(drawn, draft.kind, words)
        )

    async def _with_chart(self, command: parse_acts.Command, plainly: Said, drawn: Said | None) -> Said | None:
        """The words as an answer, unless they were whispered with the chart: an answer is told of no refused block."""
        if drawn is None:
            return plainly
        try:
            async with asyncio.timeout(WHISPERED_WITHIN):
                await self._desk.calls.whisper(command.address, command.account, drawn)
        except (NotInstalled, *Trouble):  # no charts here, or no answer in time: the words say it all
            return plainly
        return None


def _introduced(shown: Said, kind: Kind, words: Words) -> Said:
    intro = words.say(f"draft.{kind}")
    return render.said(f"{intro}\n{shown.text}", render.section(intro), *forms.still(shown))
