"""Commands: read, ask core, answer the one who asked."""

from dataclasses import replace
from datetime import datetime, timedelta

from telegram import Message, Update

from bots.telegram import looking, parse, render
from bots.telegram.asides import Said, plainly
from bots.telegram.choices import ChoiceHandlers
from bots.telegram.desk import Desk
from bots.telegram.digest_taps import DigestTaps
from bots.telegram.keyboards import to_a_group
from bots.telegram.own_papers import OwnPapers
from bots.telegram.seals import Errand, Invitation
from bots.telegram.settings import SettingsHandlers
from core.errors import GroupNotEnabled, UnknownGroup
from core.model import Account, Group, GroupAddress, GroupState
from texts.catalogue import Words

LONGEST_PAUSE = 52
"""Weeks."""


class CommandHandlers:
    """One method per command.

    Args:
        desk: core's services and the ways to answer.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._papers = OwnPapers(desk)
        self._settings = SettingsHandlers(desk)
        self._digests = DigestTaps(desk)
        self._choices = ChoiceHandlers(desk)

    # For everybody ----------------------------------------------------------------------------------------------

    async def on_start(self, update: Update) -> None:
        """In private: a deep link's errand, or who we are. In a group: an admin gets welcome or notice again."""
        command = _command(update)
        payload = parse.arguments(command)
        if not parse.is_group(command.chat):
            await self._run_errand(update, command, payload)
        elif not payload:  # with one it only follows from our startgroup link, and the welcome stands there already
            await self._start_in_group(update, command)

    async def on_help(self, update: Update) -> None:
        """What can be done, on one screen; in a group that is on, with the buttons to choose by."""
        command = _command(update)
        words = self._words(command)
        said = plainly(words.say("telegram.help"))
        group = await self._group(command)
        if group is not None and group.state is GroupState.ENABLED:
            said = replace(said, keyboard=self._desk.keyboards.digest(group.address.conversation, words))
        await self._desk.asides.tell(update, said)

    async def on_privacy(self, update: Update) -> None:
        """What is read and kept. Always answers: the Bot Developer Terms ask for it (section 4)."""
        command = _command(update)
        text = render.privacy(self._desk.operator, self._words(command))
        await self._desk.asides.tell(update, Said(text, errand=Errand.PRIVACY))

    async def on_digest(self, update: Update) -> None:
        """The latest digest, to the asker alone."""
        command = _command(update)
        words = self._words(command)
        if not parse.is_group(command.chat):
            return await self._desk.asides.tell(update, plainly(words.say("telegram.digest_where")))
        said = await self._digest(parse.address(command.chat), words)
        return await self._desk.asides.tell(update, self._for(command, Errand.DIGEST, said))

    async def on_join(self, update: Update) -> None:
        """The notice, with the buttons that say yes or no to it."""
        command = _command(update)
        if not parse.is_group(command.chat):
            return await self._tell_to_ask_in_group(update, command)
        words = self._words(command)
        group = await self._group(command)
        if group is None:
            raise UnknownGroup
        if group.state is not GroupState.ENABLED:
            raise GroupNotEnabled
        said = self._notice(group.address, words)
        return await self._desk.asides.tell(update, self._for(command, Errand.JOIN, said))

    async def on_share(self, update: Update) -> None:
        """A member hands over a link instead of posting it: the card is posted in its stead."""
        command = _command(update)
        words, account = self._words(command), parse.sender(command)
        if account is None or not parse.is_group(command.chat):
            return await self._tell_to_ask_in_group(update, command)
        address = parse.address(command.chat)
        standing = await self._desk.services.consent.may_count(address, account, handed_over=True)
        if standing is None:
            return await self.on_join(update)
        message = parse.shared_by_command(command, account, update)
        if not message.urls:
            return await self._desk.asides.tell(update, plainly(words.say("telegram.share_how")))
        event = parse.event_id(update, command)
        taken = await self._desk.services.shares.take_in(standing, message, event, deliberate=True)
        text_id = "telegram.share_taken" if taken else "telegram.share_untouched"
        return await self._desk.asides.tell(update, plainly(words.say(text_id)))

    async def on_stop(self, update: Update) -> None:
        """A member says no again."""
        command = _command(update)
        words, account = self._words(command), parse.sender(command)
        if account is None or not parse.is_group(command.chat):
            return await self._desk.asides.tell(update, plainly(words.say("telegram.in_group")))
        was = await self._desk.services.consent.withdraw(parse.address(command.chat), account)
        text_id = "member.stopped" if was else "member.was_not"
        return await self._desk.asides.tell(update, plainly(words.say(text_id)))

    # For admins -------------------------------------------------------------------------------------------------

    async def on_on(self, update: Update) -> None:
        """An admin switches the group on, or on again after a pause."""
        command = _command(update)
        if not parse.is_group(command.chat):
            return await self._tell_to_ask_in_group(update, command)
        words, address = self._words(command), parse.address(command.chat)
        name, topic = command.chat.title or "", parse.topic(command)
        language = await self._desk.language_of(address, words)
        await self._desk.services.groups.enable(address, parse.actor(command), name, language, topic)
        return await self._desk.asides.tell(update, plainly(await self._desk.is_on(command.chat.id, words)))

    async def on_pause(self, update: Update) -> None:
        """An admin pauses the group: until it is switched on again, or for so many weeks (`2w`)."""
        command = _command(update)
        if not parse.is_group(command.chat):
            return await self._tell_to_ask_in_group(update, command)
        until = _until(parse.arguments(command), self._desk.now())
        await self._desk.services.groups.pause(parse.address(command.chat), parse.actor(command), until)
        return await self._desk.asides.tell(update, plainly(self._words(command).say("state.paused")))

    async def on_off(self, update: Update) -> None:
        """An admin switches the group off for good: everything about it is erased."""
        command = _command(update)
        if not parse.is_group(command.chat):
            return await self._tell_to_ask_in_group(update, command)
        await self._desk.services.groups.stop(parse.address(command.chat), parse.actor(command))
        return await self._desk.asides.tell(update, plainly(self._words(command).say("state.erasing")))

    # In private -------------------------------------------------------------------------------------------------

    async def on_private_message(self, update: Update) -> None:
        """Anything else said to us in private is left unread; it is answered with what can be done."""
        command = update.message
        if command is not None:
            await self._desk.asides.tell(update, plainly(self._words(command).say("telegram.help")))

    async def _run_errand(self, update: Update, command: Message, payload: str) -> None:
        words, account = self._words(command), parse.sender(command)
        invitation = self._desk.seal.accept(payload, account, self._desk.now()) if account else None
        if invitation is not None and invitation.errand in {Errand.MYDATA, Errand.RECEIPT}:
            await self._papers.fetch(update, invitation)
        elif invitation is not None and account is not None and invitation.errand is Errand.SETTINGS:
            await self._settings.open(update, invitation.group, account, words)
        elif invitation is not None and account is not None and invitation.errand is Errand.CHOICES:
            await self._desk.asides.tell(update, await self._choices.panel(invitation.group, account, words))
        elif invitation is not None and account is not None and invitation.errand is Errand.ALL:
            await self._desk.asides.tell(update, await self._digests.all_links(invitation.group, account, words))
        elif invitation is not None:
            await self._desk.asides.tell(update, await self._fetched(invitation, words))
        elif payload == Errand.PRIVACY:
            await self.on_privacy(update)
        elif payload == Errand.HELP:
            await self.on_help(update)
        elif payload:
            await self._desk.asides.tell(update, plainly(words.say("telegram.link_stale")))
        else:
            said = plainly(words.say("telegram.start", operator=self._desk.operator.name))
            keyboard = to_a_group(self._desk.client.username, words)
            await self._desk.asides.tell(update, replace(said, keyboard=keyboard))

    async def _fetched(self, invitation: Invitation, words: Words) -> Said:
        address = parse.address_of(invitation.group)
        if invitation.errand is Errand.DIGEST:
            return await self._digest(address, words)
        return self._notice(address, words)

    # Shared pieces ----------------------------------------------------------------------------------------------

    async def _start_in_group(self, update: Update, command: Message) -> None:
        address, words = parse.address(command.chat), self._words(command)
        if not await self._is_admin(command, address):
            return await self.on_help(update)
        group = await self._desk.services.groups.bot_added(address, command.chat.title or "", words.language)
        if group.state is GroupState.ENABLED:
            return await self._desk.show_notice(command.chat, group, parse.topic(command))
        return await self._desk.welcome(command.chat, words)

    async def _is_admin(self, command: Message, address: GroupAddress) -> bool:
        actor = parse.actor(command)
        if actor.account is None:
            return actor.speaks_as_group
        return await self._desk.roles.is_admin(address, actor.account)

    async def _digest(self, address: GroupAddress, words: Words) -> Said:
        edition = await self._desk.services.digests.latest(address)
        if edition is None:
            return plainly(render.no_digest(await self._desk.services.consent.group(address), words))
        return looking.latest(edition, words)

    def _notice(self, address: GroupAddress, words: Words) -> Said:
        keyboard = self._desk.keyboards.notice(address.conversation, words)
        return Said(render.member_notice(words), keyboard=keyboard)

    def _for(self, command: Message, errand: Errand, said: Said) -> Said:
        """The same words, with the deep link that brings this person to them in private."""
        account: Account | None = parse.sender(command)
        if account is None:
            return said
        invitation = Invitation(errand, str(command.chat.id))
        return replace(said, errand=self._desk.seal.invite(invitation, account, self._desk.now()))

    async def _group(self, command: Message) -> Group | None:
        if not parse.is_group(command.chat):
            return None
        return await self._desk.services.consent.group(parse.address(command.chat))

    async def _tell_to_ask_in_group(self, update: Update, command: Message) -> None:
        await self._desk.asides.tell(update, plainly(self._words(command).say("telegram.in_group")))

    def _words(self, command: Message) -> Words:
        user = command.from_user
        return self._desk.texts.speak(user.language_code if user else None)


def _until(asked: str, now: datetime) -> datetime | None:
    """The end of a pause as `2w` asks for it; None for one without an end."""
    weeks = asked.lower().removesuffix("w")
    known = weeks.isdecimal() and 0 < int(weeks) <= LONGEST_PAUSE
    return now + timedelta(weeks=int(weeks)) if known else None


def _command(update: Update) -> Message:
    """The message that holds a command.

    Raises:
        ValueError: the update holds none; the table in `app` sends no such update here.
    """
    if update.message is None:
        raise ValueError("an update without a message is no command")
    return update.message
