"""People talking: messages, edits, reactions, coming and going."""

from playground.slack import events
from playground.slack.acting import Acting
from playground.slack.blocks import completed
from playground.slack.markup import compose, previews
from playground.slack.state import Account, Channel, Message, StoredFile
from playground.slack.wire import file_json, message_json


class Conversing(Acting):
    """What a person does in a conversation; every act ends when the app has got, or refused, the delivery."""

    async def say(
        self,
        person: str,
        conversation: str,
        text: str,
        *,
        reply_to: str | None = None,
        thread: str | None = None,
        broadcast: bool = False,
        composer: bool = False,
        file: tuple[str, bytes] | None = None,
    ) -> str:
        """Post what a person typed and return its `ts`.

        Args:
            person: who.
            conversation: a channel's id or name, or `dm` for the app's direct conversation.
            text: as typed: addresses, `code`, ```pre```, [label](address), @Name.
            reply_to: the message answered; Slack answers in threads, so the same as `thread`.
            thread: the thread's first message.
            broadcast: also send the reply to the channel (`thread_broadcast`).
            composer: first send `link_shared` as while typing.
            file: a name and bytes shared with the message (`file_share`).

        Raises:
            PermissionError: not a member, archived, or no such message to answer.
        """
        who = self._who(person)
        channel = self._inside(who, conversation)
        people = {account.name.lower(): account.id for account in self._platform.workspace.accounts.values()}
        marked, blocks = compose(text, people)
        if composer:
            events.link_typed(self._platform, channel, who.id, marked)
        message = Message(ts=self._platform.tick(), author=who.id, text=marked, preview=bool(previews(marked)))
        message.thread_ts = self._thread(who, channel, thread or reply_to)
        message.subtype = "thread_broadcast" if broadcast and message.thread_ts else None
        self._dress(message, blocks, file)
        channel.messages[message.ts] = message
        events.message_posted(self._platform, channel, message)
        await self.settled()
        return message.ts

    def _thread(self, who: Account, channel: Channel, message_id: str | None) -> str | None:
        if message_id is None:
            return None
        parent = self._visible(who, channel, message_id)
        return parent.thread_ts or parent.ts

    def _dress(self, message: Message, blocks: list[dict[str, object]], file: tuple[str, bytes] | None) -> None:
        workspace = self._platform.workspace
        workspace.serial += 1
        message.blocks = completed(blocks, workspace.serial)
        message.client_msg_id = f"00000000-0000-4000-8000-{workspace.serial:012x}"
        if file is not None:
            name, data = file
            stored = StoredFile(workspace.new_id("F"), name, len(data), message.author, name, "", data, completed=True)
            workspace.files[stored.id] = stored
            message.files = [file_json(stored, self._platform.base_url)]
            message.subtype = "file_share"

    async def type_text(self, person: str, conversation: str, text: str) -> bool:
        """Let a person type without sending; say whether the app was told of a link of its own."""
        who = self._who(person)
        told = events.link_typed(self._platform, self._inside(who, conversation), who.id, compose(text, {})[0])
        await self.settled()
        return told

    async def edit(self, person: str, conversation: str, message_id: str, text: str) -> None:
        """Change one's own message.

        Raises:
            PermissionError: another's message, or the edit window is closed.
        """
        who = self._who(person)
        channel = self._inside(who, conversation)
        message = self._own(who, channel, message_id, "cant_update_message")
        self._in_edit_window(message)
        before = message_json(message, self._platform.workspace, self._platform.manifest)
        people = {account.name.lower(): account.id for account in self._platform.workspace.accounts.values()}
        message.text, blocks = compose(text, people)
        self._platform.workspace.serial += 1
        message.blocks = completed(blocks, self._platform.workspace.serial)
        message.edited = {"user": who.id, "ts": self._platform.tick()}
        events.message_changed(self._platform, channel, message, before)
        await self.settled()

    async def remove(self, person: str, conversation: str, message_id: str) -> None:
        """Delete one's own message, or any as a workspace admin; dismiss one's own ephemeral.

        Raises:
            PermissionError: another's message.
        """
        who = self._who(person)
        channel = self._inside(who, conversation)
        message = self._visible(who, channel, message_id)
        if message.viewer is not None:
            del channel.whispers[message.ts]
            return
        if message.author != who.id and not who.is_admin:
            raise PermissionError("cant_delete_message")
        before = message_json(message, self._platform.workspace, self._platform.manifest)
        del channel.messages[message.ts]
        events.message_deleted(self._platform, channel, before)
        await self.settled()

    async def react(self, person: str, conversation: str, message_id: str, emoji: str) -> None:
        """Add a reaction, once per person and emoji.

        Raises:
            PermissionError: `already_reacted`.
        """
        who = self._who(person)
        channel = self._inside(who, conversation)
        message = self._visible(who, channel, message_id)
        users = message.reactions.setdefault(emoji, [])
        if who.id in users:
            raise PermissionError("already_reacted")
        users.append(who.id)
        item = {"type": "message", "channel": channel.id, "ts": message.ts}
        event = {"type": "reaction_added", "user": who.id, "reaction": emoji, "item_user": message.author, "item": item}
        if self._platform.workspace.bot_user in channel.members:
            event["event_ts"] = self._platform.tick()
            events.announce(self._platform, "reaction_added", event, channel)
        await self.settled()

    async def join(self, person: str, conversation: str) -> None:
        """Come into a channel; into a private one at its creator's invitation."""
        who = self._who(person)
        channel = self._platform.workspace.channel(conversation)
        if channel is None or channel.is_archived:
            raise PermissionError("channel_not_found" if channel is None else "is_archived")
        if who.id in channel.members:
            raise PermissionError("already_in_channel")
        channel.members.append(who.id)
        inviter = channel.creator if channel.kind == "private" else None
        self._service(channel, who.id, "channel_join", f"<@{who.id}> has joined the channel")
        events.member_joined(self._platform, channel, who.id, inviter)
        await self.settled()

    async def leave(self, person: str, conversation: str) -> None:
        """Go out of a channel."""
        who = self._who(person)
        channel = self._inside(who, conversation)
        channel.members.remove(who.id)
        self._service(channel, who.id, "channel_leave", f"<@{who.id}> has left the channel")
        events.member_left(self._platform, channel, who.id)
        await self.settled()

    async def invite_bot(self, person: str, conversation: str) -> None:
        """Invite the app's bot into a channel one is in.

        Raises:
            PermissionError: the app is not installed, or is there already.
        """
        who = self._who(person)
        channel = self._inside(who, conversation)
        bot = self._platform.workspace.bot_user
        if self._platform.grants.bot() is None:
            raise PermissionError("user_not_found")
        if bot in channel.members:
            raise PermissionError("already_in_channel")
        channel.members.append(bot)
        self._service(channel, bot, "channel_join", f"<@{bot}> was added to the conversation by <@{who.id}>")
        events.member_joined(self._platform, channel, bot, who.id)
        await self.settled()

    async def remove_bot(self, person: str, conversation: str) -> None:
        """Remove the app's bot from a channel one is in.

        Raises:
            PermissionError: it is not there.
        """
        who = self._who(person)
        channel = self._inside(who, conversation)
        bot = self._platform.workspace.bot_user
        if bot not in channel.members:
            raise PermissionError("not_in_channel")
        channel.members.remove(bot)
        self._service(channel, bot, "channel_leave", f"<@{bot}> was removed from the conversation by <@{who.id}>")
        events.bot_left(self._platform, channel, who.id)
        await self.settled()

    async def reload(self, person: str) -> None:
        """Let a person's client start anew: its ephemeral messages, open modals and toasts are gone."""
        who = self._who(person)
        workspace = self._platform.workspace
        for channel in workspace.channels.values():
            channel.whispers = {ts: one for ts, one in channel.whispers.items() if one.viewer != who.id}
        workspace.modals.pop(who.id, None)
        workspace.toasts.pop(who.id, None)

    def _service(self, channel: Channel, account: str, subtype: str, text: str) -> None:
        message = Message(ts=self._platform.tick(), author=account, text=text, subtype=subtype)
        channel.messages[message.ts] = message
        events.message_posted(self._platform, channel, message)
