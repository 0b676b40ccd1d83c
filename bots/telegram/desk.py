"""What every handler has at hand."""

from dataclasses import dataclass
from functools import partial

from telegram import Chat, ChatMemberAdministrator
from telegram.constants import ChatMemberStatus

from bots.telegram import render
from bots.telegram.asides import Asides
from bots.telegram.client import Client
from bots.telegram.keyboards import Keyboards
from bots.telegram.panels import Rights
from bots.telegram.patience import Patience
from bots.telegram.seals import Seal
from core.model import Group, GroupAddress, GroupState, Offer
from core.ports import Now, Roles
from core.services import Services
from texts.catalogue import Texts, Words
from texts.operator import Operator


@dataclass(frozen=True, slots=True)
class Desk:
    """What every handler has at hand."""

    client: Client
    services: Services
    texts: Texts
    keyboards: Keyboards
    seal: Seal
    asides: Asides
    patience: Patience
    roles: Roles
    operator: Operator
    now: Now

    async def welcome(self, chat: Chat, words: Words) -> None:
        """Post the one message that a group gets when the bot comes in."""
        html, keyboard = render.onboarding(self.operator, words), self.keyboards.onboarding(str(chat.id), words)
        await self.patience.say(partial(self.client.send_message, chat.id, html, reply_markup=keyboard))

    async def is_on(self, chat_id: int, words: Words) -> str:
        """What an admin is told who switched a group on: also when Telegram keeps its members' messages from us.

        With privacy mode on, a bot that is no admin hears commands alone
        [https://core.telegram.org/bots/features#privacy-mode].
        """
        if self.client.can_read_all_group_messages:
            return words.say("state.enabled")
        me = await self.client.get_chat_member(chat_id, self.client.id)
        return words.say("state.enabled" if me.status == me.ADMINISTRATOR else "telegram.deaf")

    async def language_of(self, address: GroupAddress, words: Words) -> str:
        """What a group is spoken to in: as its welcome was shown, or in the language of whoever asks."""
        group = await self.services.consent.group(address)
        return words.language if group is None or group.state is GroupState.ERASING else group.language

    async def show_notice(self, chat: Chat, group: Group, topic: str | None = None) -> None:
        """Post the group's notice once more, with the buttons that members choose by: somebody asked for it."""
        words = self.texts.speak(group.language)
        html = render.notice(Offer(group.language, group.next_digest, group.schedule.zone), words)
        keyboard, thread = self.keyboards.notice(str(chat.id), words), int(topic) if topic else None
        await self.patience.say(
            partial(self.client.send_message, chat.id, html, reply_markup=keyboard, message_thread_id=thread)
        )


async def rights_of(desk: Desk, chat_id: int) -> Rights:
    """What the bot may do in a group, asked of Telegram now."""
    me = await desk.client.get_chat_member(chat_id, desk.client.id)
    is_admin = me.status in {ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER}
    deletes = isinstance(me, ChatMemberAdministrator) and me.can_delete_messages
    return Rights(is_admin or bool(desk.client.can_read_all_group_messages), deletes, is_admin)
