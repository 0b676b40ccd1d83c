"""What all acts of a person share: who they are, where they may be, and waiting until the app has heard."""

from datetime import UTC, datetime

from playground.slack.delivery import Ack
from playground.slack.platform import Platform
from playground.slack.state import Account, Channel, Json, Message

_TROUBLE = {
    "http_timeout": "operation_timeout",
    "http_error": "dispatch_failed",
    "connection_failed": "dispatch_failed",
}
DIRECT_WORDS = frozenset({"dm", "app"})
"""What the direct conversation with the app may be called."""


class Acting:
    """The ground the acts stand on.

    Args:
        platform: the platform acted on.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def settled(self) -> None:
        """Return when no delivery is in flight and no retry is due."""
        await self._platform.courier.settled()

    def _who(self, person: str) -> Account:
        return self._platform.workspace.account_of(person)

    def _where(self, who: Account, conversation: str) -> Channel:
        workspace = self._platform.workspace
        if conversation in DIRECT_WORDS:
            return workspace.direct_channel(who.id, self._platform.now())
        channel = workspace.channel(conversation)
        if channel is None or (channel.kind != "public" and who.id not in channel.members):
            raise PermissionError("channel_not_found")
        return channel

    def _inside(self, who: Account, conversation: str) -> Channel:
        channel = self._where(who, conversation)
        if who.id not in channel.members:
            raise PermissionError("not_in_channel")
        if channel.is_archived:
            raise PermissionError("is_archived")
        return channel

    def _visible(self, who: Account, channel: Channel, message_id: str) -> Message:
        whispered = channel.whispers.get(message_id)
        message = whispered if whispered is not None else channel.messages.get(message_id)
        if message is None or message.viewer not in {None, who.id}:
            raise PermissionError("message_not_found")
        return message

    def _own(self, who: Account, channel: Channel, message_id: str, refusal: str) -> Message:
        message = self._visible(who, channel, message_id)
        if message.author != who.id:
            raise PermissionError(refusal)
        return message

    def _in_edit_window(self, message: Message) -> None:
        window = self._platform.edit_window
        posted = datetime.fromtimestamp(float(message.ts), UTC)
        if window is not None and self._platform.now() - posted > window:
            raise PermissionError("edit_window_closed")

    def _toast(self, who: Account, text: str) -> None:
        toasts = self._platform.workspace.toasts.setdefault(who.id, [])
        toasts.append({"id": self._platform.workspace.new_id("N"), "text": text, "alert": False})

    async def _interact(self, who: Account, what: str, fields: dict[str, str], shown: Json) -> Ack:
        if self._platform.grants.bot() is None:
            raise PermissionError("the app is not installed")
        ack = await self._platform.courier.interact(what, fields, shown)
        if ack.failure is not None:
            word = _TROUBLE.get(ack.failure, "dispatch_failed")
            self._toast(who, f"{what} failed with the error “{word}”")
        return ack
