"""Core's Messenger port, spoken on Slack, within its limits: one attempt per call, and an honest account of it."""

from hashlib import sha256

import aiohttp
from slack_sdk.errors import SlackApiError

from bots.slack import render
from bots.slack.calls import Calls, Trouble, error_word, http_status
from bots.slack.installs import NotInstalled
from bots.slack.render import Said
from core.errors import PlatformUnavailable
from core.model import Account, Card, GroupAddress, InDoubt, Later, Outcome, Posting, Refused, Sent
from core.ports import Now
from texts.catalogue import Texts
from texts.notices import MEMBER_NOTICE

GONE = frozenset(
    {"channel_not_found", "not_in_channel", "account_inactive", "token_revoked", "team_access_not_granted"}
)
"""The bot was removed, the channel deleted, or the app uninstalled. An archived channel may come back."""
MAYBE_DONE = frozenset({"internal_error", "fatal_error", "service_unavailable", "team_added_to_org"})
"""Slack says itself that some part may have taken effect."""
RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
MARK_LENGTH = 16
PAUSE_SECONDS = 30.0
"""After a connection that could not be made, or a 429 that names no time."""


class SlackMessenger:
    """Posts on Slack, and knows about its people what Slack knows at this moment.

    Args:
        calls: the Web API.
        texts: every language's words.
        now: the clock, for "more than two years old".
    """

    def __init__(self, calls: Calls, texts: Texts, now: Now) -> None:
        self._calls = calls
        self._texts = texts
        self._now = now

    @property
    def can_find(self) -> bool:
        """Slack can be asked for a message by its metadata."""
        return True

    async def post(self, address: GroupAddress, posting: Posting, key: str) -> Outcome:
        """Post once: a card under the message it is about, a digest into the channel."""
        thread = (posting.topic or posting.message) if isinstance(posting, Card) else None
        try:
            sent = await self._calls.post(address, self._said(posting), thread=thread, mark=mark_of(address, key))
        except NotInstalled:
            return Refused("not_installed")
        except Trouble as trouble:
            return outcome_of(trouble)
        return Sent(sent)

    async def find(self, address: GroupAddress, key: str) -> str | None:
        """The `ts` of our message that carries `key`; a card is looked for in its thread.

        Raises:
            PlatformUnavailable: Slack can't be asked now.
        """
        kind, _, message = key.partition(":")
        try:
            return await self._calls.marked(address, mark_of(address, key), thread=message if kind == "card" else None)
        except NotInstalled:
            return None
        except Trouble as trouble:
            if isinstance(outcome_of(trouble), Refused):
                return None  # posting again will be refused as well, and say why
            raise PlatformUnavailable from trouble

    async def is_admin(self, address: GroupAddress, account: Account) -> bool:
        """Whether this person runs the workspace or made the channel.

        Raises:
            PlatformUnavailable: Slack can't be asked now.
        """
        try:
            if (await self._calls.person(address.workspace, account)).runs_workspace:
                return True
            return (await self._calls.channel(address)).creator == account
        except NotInstalled:
            return False
        except Trouble as trouble:
            if isinstance(outcome_of(trouble), Refused):
                return False
            raise PlatformUnavailable from trouble

    async def members(self, address: GroupAddress) -> int:
        """How many people are in the channel, ourselves not among them; 0 when Slack does not say.

        Other bots can't be told apart without asking for every member, so they count as people, as they do on Slack.

        Raises:
            PlatformUnavailable: Slack can't be asked now.
        """
        try:
            return max(0, (await self._calls.channel(address)).members - 1)
        except NotInstalled:
            return 0
        except Trouble as trouble:
            if isinstance(outcome_of(trouble), Refused):
                return 0
            raise PlatformUnavailable from trouble

    def _said(self, posting: Posting) -> Said:
        if isinstance(posting, Card):
            return render.card(posting, self._texts.speak(posting.language), self._now().date())
        return render.digest(posting.edition, self._texts.speak(posting.edition.language), MEMBER_NOTICE)


def mark_of(address: GroupAddress, key: str) -> str:
    """What we leave on a message to find it again: every app in the workspace can read it, so it says nothing."""
    named = f"{address.workspace}\0{address.conversation}\0{key}"
    return sha256(named.encode()).hexdigest()[:MARK_LENGTH]


def outcome_of(trouble: Exception) -> Outcome:
    """What a failed call means for what it wanted to do."""
    match trouble:
        case SlackApiError():
            return _refusal(trouble)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return Later(PAUSE_SECONDS)  # it never left this machine
        case _:
            return InDoubt()


def _refusal(error: SlackApiError) -> Outcome:
    word, status = error_word(error), http_status(error)
    if status == 429 or word in RATE_LIMITED:
        return Later(_retry_after(error))
    if status >= 500 or (status < 400 and word.startswith("http_")) or word in MAYBE_DONE:
        return InDoubt()
    return Refused(word, group_gone=word in GONE, try_again=status >= 400)


def _retry_after(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    stated = str(headers.get("Retry-After", ""))
    return float(stated) if stated.isdigit() else PAUSE_SECONDS
