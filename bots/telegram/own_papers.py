"""What somebody asks about themselves: their data, their receipt, and to be forgotten. Files go to the private chat."""

from dataclasses import dataclass
from html import escape

from telegram import Message, Update, User

from bots.telegram import parse
from bots.telegram.asides import Said, plainly
from bots.telegram.desk import Desk
from bots.telegram.keyboards import to_private_chat
from bots.telegram.seals import Errand, Invitation
from core.model import Account, Person, Platform
from texts.catalogue import Words

EVERYWHERE = "all"
ANYWHERE = "0"
"""Stands for a group in an invitation that is about none."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A file for one person."""

    name: str
    content: str
    caption: str


class OwnPapers:
    """One method per command, and the giving of files.

    Args:
        desk: core's services and the ways to answer.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_mydata(self, update: Update) -> None:
        """Everything kept about the asker, as a file for the asker alone."""
        await self._on_paper(update, Errand.MYDATA)

    async def on_receipt(self, update: Update) -> None:
        """The asker's signed receipt of what they said yes to in this group."""
        command = update.message
        if command is not None and not parse.is_group(command.chat):
            return await self._tell(update, command, "telegram.in_group")
        return await self._on_paper(update, Errand.RECEIPT)

    async def on_forget(self, update: Update) -> None:
        """Stop and erase: in this group, or with `all` in every one."""
        command = update.message
        if command is None:
            return None
        account, everywhere = parse.sender(command), parse.arguments(command).lower() == EVERYWHERE
        if account is None:
            return await self._tell(update, command, "telegram.as_yourself")
        if everywhere:
            return await self._forget_everywhere(update, command, account)
        if not parse.is_group(command.chat):
            return await self._tell(update, command, "telegram.forget_where")
        forgotten = await self._desk.services.subjects.forget(parse.address(command.chat), account)
        return await self._tell(update, command, "forget.done" if forgotten else "forget.nothing")

    async def fetch(self, update: Update, invitation: Invitation) -> None:
        """Give the file that a deep link was made for; the link was checked to be this person's."""
        command = update.message
        if command is not None and command.from_user is not None:
            paper = await self._paper(invitation.errand, command.from_user, invitation.group)
            if paper is None or not await self._hand(command.from_user, paper):
                await self._tell(update, command, "receipt.none")

    async def give_receipt(self, user: User, group: str) -> bool:
        """Give a receipt without being asked; False to somebody who never opened the private chat."""
        paper = await self._paper(Errand.RECEIPT, user, group)
        return paper is not None and await self._hand(user, paper)

    async def _on_paper(self, update: Update, errand: Errand) -> None:
        command = update.message
        if command is None:
            return None
        if parse.sender(command) is None or command.from_user is None:
            return await self._tell(update, command, "telegram.as_yourself")
        group = str(command.chat.id) if parse.is_group(command.chat) else ANYWHERE
        paper = await self._paper(errand, command.from_user, group)
        if paper is None:
            return await self._tell(update, command, "receipt.none")
        if not await self._hand(command.from_user, paper):
            return await self._desk.asides.tell(update, self._come_and_get_it(command.from_user, errand, group))
        if parse.is_group(command.chat):
            return await self._tell(update, command, "telegram.handed")
        return None

    async def _paper(self, errand: Errand, user: User, group: str) -> Paper | None:
        subjects, account, words = self._desk.services.subjects, parse.account(user), self._words(user)
        if errand is Errand.MYDATA:
            content = await subjects.mydata(Person(Platform.TELEGRAM, "", account))
            return Paper("penumbra-mydata.json", content, words.say("mydata.caption"))
        receipt = await subjects.receipt(parse.address_of(group), account)
        return Paper("penumbra-receipt.json", receipt, words.say("receipt.caption")) if receipt else None

    async def _hand(self, user: User, paper: Paper) -> bool:
        return await self._desk.asides.hand(user, paper.content.encode(), paper.name, escape(paper.caption))

    def _come_and_get_it(self, user: User, errand: Errand, group: str) -> Said:
        words = self._words(user)
        payload = self._desk.seal.invite(Invitation(errand, group), parse.account(user), self._desk.now())
        keyboard = to_private_chat(self._desk.client.username, payload, words)
        return Said(escape(words.say("telegram.in_private")), keyboard=keyboard, errand=payload)

    async def _forget_everywhere(self, update: Update, command: Message, account: Account) -> None:
        words = self._words(command.from_user)
        person = Person(Platform.TELEGRAM, "", account)
        groups = await self._desk.services.subjects.forget_everywhere(person, words.language)
        told = words.count("forget.everywhere", groups) if groups else words.say("forget.nowhere")
        await self._desk.asides.tell(update, plainly(told))

    async def _tell(self, update: Update, command: Message, text_id: str) -> None:
        await self._desk.asides.tell(update, plainly(self._words(command.from_user).say(text_id)))

    def _words(self, user: User | None) -> Words:
        return self._desk.texts.speak(user.language_code if user else None)
