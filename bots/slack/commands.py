"""`/links …`: read, ask core, answer the one who asked. What somebody asks about themselves goes to nobody else."""

from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.response import BoltResponse

from bots.slack import parse, parse_acts, parse_views, render
from bots.slack.administering import Administering, span_of
from bots.slack.handlers import Body, Desk, invitation
from bots.slack.looking import Looking
from bots.slack.modals import Modals
from bots.slack.papers import Papers
from bots.slack.parse_views import Pulled
from bots.slack.render import Said
from bots.slack.sharing import HandedOver, Handing, Sharing
from texts.catalogue import Words

Answer = Callable[[parse_acts.Command, Words], Awaitable[Said | None]]
"""None: it was said already."""
Open = Callable[[Pulled, parse_acts.Command], Awaitable[None]]


class Commands:
    """One method per word behind `/links`.

    Args:
        desk: what every handler has at hand.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._administering = Administering(desk)
        self._modals = Modals(desk)
        self._sharing = Sharing(desk)
        papers, looking = Papers(desk), Looking(desk)
        self._answers: Mapping[str, Answer] = {
            "privacy": self._privacy,
            "digest": looking.latest,
            "preview": looking.preview,
            "join": self._join,
            "share": self._share,
            "undo": self._sharing.undo_last,
            "pause": self._pause,
            "on": self._on,
            "mydata": papers.mydata,
            "receipt": papers.receipt,
            "forget": papers.forget,
        }
        self._modal: Mapping[str, Open] = {"settings": self._open_settings, "mine": self._open_mine}

    async def on_command(self, body: Body) -> BoltResponse:
        """Any command, answered in the response itself, or with a modal and no words."""
        command = parse_acts.command(body)
        if command is None:
            return BoltResponse(status=400)
        opened, pulled = self._opening(command), parse_views.pulled(body)
        if opened is not None and pulled is not None:
            await opened(pulled, command)
            return BoltResponse(status=200)
        words = await self._desk.words(command)
        said = await self._answers.get(command.word, self._help)(command, words)
        if said is None:
            return BoltResponse(status=200)
        return BoltResponse(status=200, body={"response_type": "ephemeral", **said.fields()})

    def _opening(self, command: parse_acts.Command) -> Open | None:
        if command.word == "pause" and not command.argument:
            return self._open_pause
        if command.word == "share" and not command.argument:
            return self._open_share
        return self._modal.get(command.word)

    # Modals -----------------------------------------------------------------------------------------------------

    async def _open_settings(self, pulled: Pulled, command: parse_acts.Command) -> None:
        await self._modals.settings(pulled, command.address, at_home=False)

    async def _open_mine(self, pulled: Pulled, command: parse_acts.Command) -> None:
        await self._modals.mine(pulled, command.address, at_home=False)

    async def _open_pause(self, pulled: Pulled, command: parse_acts.Command) -> None:
        await self._modals.pause(pulled, command.address, at_home=False)

    async def _open_share(self, pulled: Pulled, command: parse_acts.Command) -> None:
        del command
        await self._modals.share(pulled)

    # Words ------------------------------------------------------------------------------------------------------

    async def _help(self, _: parse_acts.Command, words: Words) -> Said:
        return render.said(words.say("slack.help"))

    async def _privacy(self, _: parse_acts.Command, words: Words) -> Said:
        return render.privacy(words, self._desk.operator)

    async def _join(self, command: parse_acts.Command, words: Words) -> Said:
        return await invitation(self._desk, command.address, words)

    async def _share(self, command: parse_acts.Command, words: Words) -> Said:
        """Links handed over instead of posted: the card comes by itself and names nobody."""
        urls = parse.typed_links(command.argument)
        handed = HandedOver(command.address, command.account, urls, command.act)
        match await self._sharing.hand_over(handed):
            case Handing.NO_CONSENT:
                return await invitation(self._desk, command.address, words)
            case outcome:
                return render.said(words.say(f"slack.share.{outcome.value}"))

    async def _pause(self, command: parse_acts.Command, words: Words) -> Said:
        span = span_of(command.argument)
        if span is None:
            return render.said(words.say("slack.pause_how"))
        group = await self._administering.pause(command.address, command.account, span)
        lines = [words.say("group.is_paused")]
        if group.paused_until is not None:
            lines.append(words.say("group.paused_until", moment=words.moment(group.paused_until, group.schedule.zone)))
        return render.said(" ".join(lines))

    async def _on(self, command: parse_acts.Command, words: Words) -> Said:
        group = await self._administering.enable(command.address, command.account, words)
        return render.said(words.say("slack.connect_refused")) if group is None else render.enabled(group, words)
