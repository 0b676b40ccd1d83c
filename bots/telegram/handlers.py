"""What comes from groups without being asked for: messages, edits, and who comes and goes. Read, ask core, answer."""

from functools import partial

from telegram import ChatMemberUpdated, Message, Update
from telegram.constants import ChatType

from bots.telegram import panels, parse
from bots.telegram.asides import plainly
from bots.telegram.desk import Desk, rights_of
from bots.telegram.inline import InlineHandlers
from bots.telegram.parse import Presence
from core.consent import Stale
from core.model import Account, GroupState, Person, Platform


class GroupHandlers:
    """One method per kind of update that a group sends of itself.

    None of these is answered to a person, so nothing is caught: what storage can't take in must come again.

    Args:
        desk: core's services and the ways to answer.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._inline = InlineHandlers(desk)

    async def on_message(self, update: Update) -> None:
        """A message or an edit in a group: read only if its sender said yes, taken in before Telegram is answered."""
        posted = update.effective_message
        if posted is None:
            return None
        if update.message is not None and parse.sent_through(posted, self._desk.client.id) is not None:
            return await self._inline.on_sent(posted)
        account = parse.sender(posted)
        standing = await self._desk.services.consent.hear(parse.address(posted.chat), account)
        if isinstance(standing, Stale):
            return await self._remind(posted, account)
        if standing is None or account is None:
            return None
        message = parse.message(posted, account)
        await self._desk.services.shares.take_in(standing, message, parse.event_id(update, posted))
        return None

    async def _remind(self, posted: Message, account: Account | None) -> None:
        """Tell a member once, and nobody else, that their yes has gone stale."""
        desk, somebody = self._desk, posted.from_user
        if account is None or somebody is None:
            return
        if await desk.services.consent.reminder_due(parse.address(posted.chat), account):
            words = desk.texts.speak(somebody.language_code)
            said = plainly(words.say("telegram.consent_stale"))
            await desk.patience.say(partial(desk.asides.tell_member, posted.chat.id, somebody.id, said))

    async def on_own_standing(self, update: Update) -> None:
        """The bot came into a group, was taken out of it, or was blocked by somebody in their private chat."""
        change = update.my_chat_member
        if change is not None and parse.is_group(change.chat):
            await self._on_group_standing(change)
        elif change is not None:
            await self._on_blocked(change)

    async def _on_group_standing(self, change: ChatMemberUpdated) -> None:
        match parse.presence(change):
            case Presence.CAME:
                words = self._desk.texts.speak(change.from_user.language_code)
                address, name = parse.address(change.chat), change.chat.title or ""
                group = await self._desk.services.groups.bot_added(address, name, words.language)
                if group.state is GroupState.PENDING:
                    await self._desk.welcome(change.chat, words)
            case Presence.LEFT:
                await self._desk.services.groups.bot_removed(parse.address(change.chat))
            case Presence.SAME if parse.lost_rights(change):
                await self._tell_what_is_lost(change)
            case Presence.SAME:
                pass

    async def _tell_what_is_lost(self, change: ChatMemberUpdated) -> None:
        """Who took rights away is told what does not work any more; nobody else is bothered."""
        group = await self._desk.services.consent.group(parse.address(change.chat))
        if group is not None and group.state is GroupState.ENABLED:
            words = self._desk.texts.speak(change.from_user.language_code)
            lost = panels.lost(group, await rights_of(self._desk, change.chat.id), words)
            if lost:
                tell = partial(self._desk.asides.tell_member, change.chat.id, change.from_user.id, plainly(lost))
                await self._desk.patience.say(tell)

    async def _on_blocked(self, change: ChatMemberUpdated) -> None:
        """Blocking the bot counts as withdrawing, everywhere."""
        if change.chat.type == ChatType.PRIVATE and parse.presence(change) is Presence.LEFT:
            somebody = change.from_user
            person = Person(Platform.TELEGRAM, "", parse.account(somebody))
            language = self._desk.texts.speak(somebody.language_code).language
            await self._desk.services.subjects.forget_everywhere(person, language)

    async def on_member_standing(self, update: Update) -> None:
        """A member's standing changed; leaving counts as withdrawing."""
        change = update.chat_member
        if change is not None and parse.presence(change) is Presence.LEFT:
            account = parse.account(change.new_chat_member.user)
            await self._desk.services.consent.withdraw(parse.address(change.chat), account)

    async def on_left(self, update: Update) -> None:
        """The service message that a member left, or was removed: the only word of it to a bot that is no admin."""
        posted = update.message
        if posted is not None and posted.left_chat_member is not None:
            account = parse.account(posted.left_chat_member)
            await self._desk.services.consent.withdraw(parse.address(posted.chat), account)

    async def on_moved(self, update: Update) -> None:
        """A group became a supergroup: told twice, once in each chat; the second time there is nothing left to do."""
        posted = update.message
        if posted is not None:
            old, new = moved_from_to(posted)
            await self._desk.services.groups.readdress(parse.address_of(old), parse.address_of(new))


def moved_from_to(posted: Message) -> tuple[int, int]:
    """The chat ids before and after a migration, from either of its two service messages."""
    if posted.migrate_to_chat_id is not None:
        return posted.chat.id, posted.migrate_to_chat_id
    return posted.migrate_from_chat_id or posted.chat.id, posted.chat.id
