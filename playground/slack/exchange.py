"""What a person's click hands to the app: trigger ids (3 s, once) and response URLs (30 min, five times)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from playground.slack.errors import SlackError

TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_LIFE = timedelta(minutes=30)
RESPONSE_USES = 5


@dataclass(slots=True)
class Trigger:
    """A trigger id: who acted, when, and whether a view was already opened with it."""

    user: str
    issued: datetime
    used: bool = False


@dataclass(slots=True)
class Reply:
    """A response URL: where an answer goes, who asked, and the message it came from, if any."""

    channel: str
    user: str
    issued: datetime
    message_ts: str | None = None
    ephemeral: bool = False
    thread_ts: str | None = None
    uses: int = 0


@dataclass(slots=True)
class Exchange:
    """All trigger ids and response URLs."""

    triggers: dict[str, Trigger] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)

    def trigger(self, user: str, now: datetime) -> str:
        """Return a new trigger id."""
        trigger_id = f"{len(self.triggers) + 1}.{int(now.timestamp())}.{user.lower()}"
        self.triggers[trigger_id] = Trigger(user, now)
        return trigger_id

    def spend(self, trigger_id: str, now: datetime) -> str:
        """Use a trigger id up and return whose it was.

        Raises:
            SlackError: `invalid_arguments`, `exchanged_trigger_id` or `expired_trigger_id`.
        """
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_arguments", messages=["invalid `trigger_id`"])
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if now - trigger.issued > TRIGGER_LIFE:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def reply(self, reply: Reply) -> str:
        """Remember a response URL and return the last part of its path."""
        key = f"R{len(self.replies) + 1:06d}"
        self.replies[key] = reply
        return key

    def answer(self, key: str, now: datetime) -> Reply:
        """Count one use of a response URL.

        Raises:
            SlackError: `expired_url` or `used_url`, both with status 404.
        """
        reply = self.replies.get(key)
        if reply is None or now - reply.issued > RESPONSE_LIFE:
            raise SlackError("expired_url", status=404)
        if reply.uses >= RESPONSE_USES:
            raise SlackError("used_url", status=404)
        reply.uses += 1
        return reply
