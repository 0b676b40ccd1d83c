"""What is kept about somebody, and their receipts: told to that person alone, in a channel or at home."""

from bots.slack import forms, parse_acts, parse_views, render
from bots.slack.giving_back import given_back, handed_over
from bots.slack.handlers import Body, Desk
from bots.slack.modals import Modals
from bots.slack.parse_views import Pulled
from bots.slack.render import Block, Said
from core.model import Account, GroupAddress, Person, Platform
from texts.catalogue import Words

EVERYWHERE = "all"


class Papers:
    """A person's own papers.

    Args:
        desk: what every handler has at hand.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._modals = Modals(desk)

    # In a channel -------------------------------------------------------------------------------------------------

    async def on_receipt(self, body: Body) -> None:
        """A member presses for the receipt of their yes."""
        press = parse_acts.press(body)
        if press is not None:
            words = await self._desk.words(press)
            await self._desk.tell(press, await self._receipt(press.address, press.account, words))

    async def mydata(self, command: parse_acts.Command, words: Words) -> Said:
        """Everything kept about the asker in this workspace."""
        return await self._mydata(command.address.workspace, command.account, words)

    async def receipt(self, command: parse_acts.Command, words: Words) -> Said:
        """The signed receipt of what the asker said yes to in this channel."""
        return await self._receipt(command.address, command.account, words)

    async def forget(self, command: parse_acts.Command, words: Words) -> Said:
        """Stop and erase: in this channel, or with `all` in every one."""
        subjects = self._desk.services.subjects
        if command.argument.lower() != EVERYWHERE:
            async with given_back(self._desk, command.address.workspace, command.account, command.address):
                forgotten = await subjects.forget(command.address, command.account)
            return render.said(words.say("forget.done" if forgotten else "forget.nothing"))
        person = Person(Platform.SLACK, command.address.workspace, command.account)
        async with given_back(self._desk, person.workspace, person.account):
            groups = await subjects.forget_everywhere(person, words.language)
        return render.said(words.count("forget.everywhere", groups) if groups else words.say("forget.nowhere"))

    # At home ------------------------------------------------------------------------------------------------------

    async def on_mydata_at_home(self, body: Body) -> None:
        """Somebody asks at home what is kept about them."""
        pulled = parse_views.pulled(body)
        if pulled is None:
            return

        async def fill(words: Words) -> Block:
            return forms.paper(await self._mydata(pulled.workspace, pulled.account, words), words)

        await self._modals.show(pulled, fill)

    async def on_receipt_at_home(self, body: Body) -> None:
        """Somebody asks at home for the receipt of one channel."""
        pulled, press = parse_views.pulled(body), parse_acts.home_press(body)
        if pulled is None or press is None:
            return

        async def fill(words: Words) -> Block:
            return forms.paper(await self._receipt(press.address, press.account, words), words)

        await self._modals.show(pulled, fill)

    async def on_pages(self, body: Body) -> None:
        """An admin asks at home for the pages with past figures: a link for them alone, made when it is asked for."""
        pulled = parse_views.pulled(body)
        if pulled is not None:
            await self._modals.show(pulled, lambda words: self._door(pulled, words))

    async def _door(self, pulled: Pulled, words: Words) -> Block:
        person = Person(Platform.SLACK, pulled.workspace, pulled.account)
        return forms.door(await self._desk.services.signin.link_for(person), words)

    # Shared pieces ------------------------------------------------------------------------------------------------

    async def _mydata(self, workspace: str, account: Account, words: Words) -> Said:
        data = await self._desk.services.subjects.mydata(Person(Platform.SLACK, workspace, account))
        caption = [words.say("mydata.caption")]
        edited = await handed_over(self._desk, workspace, account)
        if edited:
            names = ", ".join(each.name for each in edited)
            caption.append(words.say("slack.mydata.token", channels=names))
        return render.paper(" ".join(caption), data, words, self._desk.operator)

    async def _receipt(self, address: GroupAddress, account: Account, words: Words) -> Said:
        receipt = await self._desk.services.subjects.receipt(address, account)
        if receipt is None:
            return render.said(words.say("receipt.none"))
        return render.paper(words.say("receipt.caption"), receipt, words, self._desk.operator)
