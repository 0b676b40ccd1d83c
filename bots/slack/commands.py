"""`/links …`: read, ask core, answer the one who asked. What somebody asks about themselves goes to nobody else."""

from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.response import BoltResponse

from bots.slack import editions, parse, render
from bots.slack.handlers import Body, Desk, invitation
from bots.slack.render import Said
from core.model import Person, Platform
from texts.catalogue import Words
from texts.notices import MEMBER_NOTICE

EVERYWHERE = "all"

Answer = Callable[[parse.Command, Words], Awaitable[Said]]


class Commands:
    """One method per word behind `/links`.

    Args:
        desk: what every handler has at hand.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._answers: Mapping[str, Answer] = {
            "privacy": self._privacy,
            "digest": self._digest,
            "join": self._join,
            "mydata": self._mydata,
            "receipt": self._receipt,
            "forget": self._forget,
        }

    async def on_command(self, body: Body) -> BoltResponse:
        """Any command, answered in the response itself."""
        command = parse.command(body)
        if command is None:
            return BoltResponse(status=400)
        words = await self._desk.words(command)
        said = await self._answers.get(command.word, self._help)(command, words)
        return BoltResponse(status=200, body={"response_type": "ephemeral", **said.fields()})

    async def on_receipt(self, body: Body) -> None:
        """A member presses for the receipt of their yes."""
        press = parse.press(body)
        if press is not None:
            asked = parse.Command(press.address, press.account, "receipt", "")
            await self._desk.tell(press, await self._receipt(asked, await self._desk.words(press)))

    async def _help(self, _: parse.Command, words: Words) -> Said:
        return render.said(words.say("slack.help"))

    async def _privacy(self, _: parse.Command, words: Words) -> Said:
        return render.privacy(words, self._desk.operator)

    async def _join(self, command: parse.Command, words: Words) -> Said:
        return await invitation(self._desk, command.address, words)

    async def _digest(self, command: parse.Command, words: Words) -> Said:
        edition = await self._desk.services.digests.latest(command.address)
        if edition is not None:
            return editions.digest(edition, words, MEMBER_NOTICE)
        return render.no_digest(await self._desk.services.consent.group(command.address), words)

    async def _mydata(self, command: parse.Command, words: Words) -> Said:
        """Everything kept about the asker in this workspace."""
        data = await self._desk.services.subjects.mydata(_person(command))
        return render.paper(words.say("mydata.caption"), data, words, self._desk.operator)

    async def _receipt(self, command: parse.Command, words: Words) -> Said:
        """The signed receipt of what the asker said yes to in this channel."""
        receipt = await self._desk.services.subjects.receipt(command.address, command.account)
        if receipt is None:
            return render.said(words.say("receipt.none"))
        return render.paper(words.say("receipt.caption"), receipt, words, self._desk.operator)

    async def _forget(self, command: parse.Command, words: Words) -> Said:
        """Stop and erase: in this channel, or with `all` in every one."""
        subjects = self._desk.services.subjects
        if command.argument.lower() != EVERYWHERE:
            forgotten = await subjects.forget(command.address, command.account)
            return render.said(words.say("forget.done" if forgotten else "forget.nothing"))
        groups = await subjects.forget_everywhere(_person(command), words.language)
        return render.said(words.count("forget.everywhere", groups) if groups else words.say("forget.nowhere"))


def _person(command: parse.Command) -> Person:
    return Person(Platform.SLACK, command.address.workspace, command.account)
