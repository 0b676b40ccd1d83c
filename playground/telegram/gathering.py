"""People who join and leave groups, bring the bot in and out, promote it, open topics, move on to a supergroup."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from playground.people import Person
from playground.telegram.acting import Acting, typed
from playground.telegram.shapes import RIGHTS, user_json
from playground.telegram.state import ADMINS, PRESENT, Body, Chat, ChatKind, Member, Message, Topic

_TOPIC_COLOUR = 7322096
"""One of the six colours that forum topics may have."""


class Gathering(Acting):
    """What people do with groups. A refused act raises PermissionError with the platform's words."""

    async def create_group(
        self, person: str, title: str, members: Sequence[str] = (), *, supergroup: bool = False
    ) -> str:
        """Open a group, a basic one unless it is to be a supergroup.

        Returns:
            Its id.
        """
        world, actor = self._platform.world, self._person(person)
        number = 4_100_000_000 + world.next_serial()
        kind: ChatKind = "supergroup" if supergroup else "group"
        chat = Chat(-1_000_000_000_000 - number if supergroup else -number, kind, title)
        chat.members = {self._person(key).telegram_id: Member("member") for key in members}
        chat.members[actor.telegram_id] = Member("creator")
        world.chats[chat.id] = chat
        return str(chat.id)

    async def invite_bot(self, person: str, conversation: str, rights: Sequence[str] = ()) -> None:
        """Bring the bot into a group, with administrator rights if any are named."""
        actor, chat = self._person(person), self._group(conversation)
        if chat.member(actor.telegram_id).status not in PRESENT:
            raise PermissionError("USER_NOT_PARTICIPANT")
        if rights:
            self._admin(actor, chat)
        if self._bot(chat).status in PRESENT:
            raise PermissionError("USER_ALREADY_PARTICIPANT")
        bot = self._platform.world.bot
        joined = Member("member", hears_all=bot.can_read_all)
        updates = self._platform.change_member(chat, bot.id, joined, by=actor.telegram_id)
        updates += self._service(actor, chat, {"new_chat_members": [user_json(self._platform.world, bot.id)]})
        if rights:
            updates += self._platform.change_member(chat, bot.id, _promoted(joined, rights), by=actor.telegram_id)
        await self._heard(updates)

    async def start_group(self, person: str, conversation: str, payload: str = "", rights: Sequence[str] = ()) -> str:
        """Follow a `startgroup` link: the bot comes in, and the person's client sends `/start@bot payload`.

        Returns:
            The id of that message.
        """
        await self.invite_bot(person, conversation, rights)
        actor, chat = self._person(person), self._group(conversation)
        text = f"/start@{self._platform.world.bot.username} {payload}".rstrip()
        message = self._platform.post(chat, self._written(actor, chat, typed(text, formatted=False), None, None))
        await self._heard([self._platform.tell_message(message)])
        return str(message.id)

    async def remove_bot(self, person: str, conversation: str) -> None:
        """Throw the bot out of a group."""
        actor, chat = self._person(person), self._group(conversation)
        self._admin(actor, chat)
        self._bot_present(chat)
        bot_id = self._platform.world.bot.id
        updates = self._platform.change_member(chat, bot_id, Member("kicked"), by=actor.telegram_id)
        updates += self._service(actor, chat, {"left_chat_member": user_json(self._platform.world, bot_id)})
        await self._heard(updates)

    async def promote_bot(self, person: str, conversation: str, rights: Sequence[str] = ("can_manage_chat",)) -> None:
        """Make the bot an administrator with these rights."""
        actor, chat = self._person(person), self._group(conversation)
        self._admin(actor, chat)
        promoted = _promoted(self._bot_present(chat), rights)
        await self._heard(
            self._platform.change_member(chat, self._platform.world.bot.id, promoted, by=actor.telegram_id)
        )

    async def demote_bot(self, person: str, conversation: str) -> None:
        """Take the bot's administrator rights away."""
        actor, chat = self._person(person), self._group(conversation)
        self._admin(actor, chat)
        demoted = replace(self._bot_present(chat), status="member", rights=frozenset())
        await self._heard(
            self._platform.change_member(chat, self._platform.world.bot.id, demoted, by=actor.telegram_id)
        )

    async def join(self, person: str, conversation: str) -> None:
        """Enter a group."""
        actor, chat = self._person(person), self._group(conversation)
        if chat.member(actor.telegram_id).status in PRESENT:
            raise PermissionError("USER_ALREADY_PARTICIPANT")
        updates = self._platform.change_member(chat, actor.telegram_id, Member("member"), by=actor.telegram_id)
        member = user_json(self._platform.world, actor.telegram_id)
        await self._heard([*updates, *self._service(actor, chat, {"new_chat_members": [member]})])

    async def leave(self, person: str, conversation: str) -> None:
        """Go out of a group."""
        actor, chat = self._person(person), self._group(conversation)
        if chat.member(actor.telegram_id).status not in PRESENT:
            raise PermissionError("USER_NOT_PARTICIPANT")
        updates = self._platform.change_member(chat, actor.telegram_id, Member("left"), by=actor.telegram_id)
        member = user_json(self._platform.world, actor.telegram_id)
        await self._heard([*updates, *self._service(actor, chat, {"left_chat_member": member})])

    async def promote(self, person: str, conversation: str, whom: str, rights: Sequence[str] = RIGHTS) -> None:
        """Make a member an administrator; no rights make an administrator a member again."""
        actor, chat, other = self._person(person), self._group(conversation), self._person(whom)
        self._admin(actor, chat)
        member = chat.member(other.telegram_id)
        if member.status not in {"member", "administrator"}:
            raise PermissionError("USER_ID_INVALID")
        changed = _promoted(member, rights) if rights else Member("member")
        await self._heard(self._platform.change_member(chat, other.telegram_id, changed, by=actor.telegram_id))

    def set_anonymous(self, person: str, conversation: str, *, on: bool) -> None:
        """Let an administrator sign as the group, or under the own name again."""
        actor, chat = self._person(person), self._group(conversation)
        self._admin(actor, chat)
        chat.members[actor.telegram_id].anonymous = on

    def set_privacy(self, *, on: bool) -> None:
        """Turn the bot's privacy mode on or off at BotFather; groups notice when the bot joins the next time."""
        self._platform.world.bot.can_read_all = not on

    def set_protected(self, person: str, conversation: str, *, on: bool) -> None:
        """Forbid or allow forwarding out of a group."""
        chat = self._group(conversation)
        self._admin(self._person(person), chat)
        chat.protected = on

    async def open_topic(self, person: str, conversation: str, name: str) -> str:
        """Open a topic; the first one makes the supergroup a forum.

        Returns:
            The topic's id, for `thread`.
        """
        actor, chat = self._person(person), self._group(conversation)
        self._admin(actor, chat)
        if chat.kind != "supergroup":
            raise PermissionError("CHANNEL_FORUM_MISSING")
        created = {"forum_topic_created": {"name": name, "icon_color": _TOPIC_COLOUR}}
        message = Message(chat.id, 0, actor.telegram_id, self._platform.now(), Body(), service=created)
        self._platform.post(chat, message)
        chat.topics[message.id] = Topic(name)
        message.thread_id = message.id
        await self._heard([self._platform.tell_message(message)])
        return str(message.id)

    async def close_topic(self, person: str, conversation: str, thread: str) -> None:
        """Close a topic: only administrators may write there."""
        await self._turn_topic(person, conversation, thread, closed=True)

    async def reopen_topic(self, person: str, conversation: str, thread: str) -> None:
        """Open a closed topic again."""
        await self._turn_topic(person, conversation, thread, closed=False)

    async def migrate(self, person: str, conversation: str, *, with_membership: bool = False) -> str:
        """Turn a basic group into a supergroup, which gets a new id.

        Args:
            person: The creator.
            conversation: The group.
            with_membership: Also tell the bot that it left the old group, as some bots report; undocumented.

        Returns:
            The new id.
        """
        actor, old = self._person(person), self._group(conversation)
        self._admin(actor, old)
        if old.kind != "group":
            raise PermissionError("CHAT_ID_INVALID")
        new = Chat(-1_000_000_000_000 + old.id, "supergroup", old.title, dict(old.members), protected=old.protected)
        self._platform.world.chats[new.id] = new
        updates = self._service(actor, old, {"migrate_to_chat_id": new.id})
        if with_membership:
            bot_id = self._platform.world.bot.id
            updates += self._platform.change_member(old, bot_id, Member("left"), by=actor.telegram_id)
        old.migrated_to = new.id
        updates += self._service(actor, new, {"migrate_from_chat_id": old.id}, anonymous=True)
        await self._heard(updates)
        return str(new.id)

    async def _turn_topic(self, person: str, conversation: str, thread: str, *, closed: bool) -> None:
        actor, chat = self._person(person), self._group(conversation)
        self._admin(actor, chat)
        topic = chat.topics.get(int(thread))
        if topic is None:
            raise PermissionError("MESSAGE_THREAD_INVALID")
        topic.closed = closed
        service: dict[str, Any] = {"forum_topic_closed" if closed else "forum_topic_reopened": {}}
        await self._heard(self._service(actor, chat, service, thread_id=int(thread)))

    def _service(
        self,
        actor: Person,
        chat: Chat,
        service: dict[str, Any],
        *,
        anonymous: bool = False,
        thread_id: int | None = None,
    ) -> list[int | None]:
        signed = anonymous or chat.member(actor.telegram_id).anonymous
        message = Message(chat.id, 0, actor.telegram_id, self._platform.now(), Body(), signed, service=service)
        message.thread_id = thread_id
        return [self._platform.tell_message(self._platform.post(chat, message))]

    def _bot(self, chat: Chat) -> Member:
        return self._platform.world.bot_in(chat)

    def _bot_present(self, chat: Chat) -> Member:
        if self._bot(chat).status not in PRESENT:
            raise PermissionError("USER_NOT_PARTICIPANT")
        return self._bot(chat)


def _promoted(member: Member, rights: Sequence[str]) -> Member:
    unknown = set(rights) - set(RIGHTS)
    if unknown:
        raise PermissionError(f"RIGHT_FORBIDDEN: {', '.join(sorted(unknown))}")
    status = member.status if member.status in ADMINS else "administrator"
    return replace(member, status=status, rights=frozenset({*rights, "can_manage_chat"}))
