"""Core's Messenger port, spoken on Slack, within its limits: one attempt per call, and an honest account of it."""

from bots.slack import parse, render
from bots.slack.calls import Calls
from bots.slack.digest_post import DigestPost
from bots.slack.installs import NotInstalled
from bots.slack.marks import mark_of
from bots.slack.own_messages import OwnMessages
from bots.slack.trouble import Trouble, outcome_of
from core.errors import PlatformUnavailable
from core.model import (
    Account,
    Aside,
    Card,
    Digest,
    GroupAddress,
    Offer,
    Outcome,
    Posting,
    Question,
    Refused,
    Removal,
    Revision,
    Sent,
)
from core.ports import Now
from core.revisions import digest_key
from texts.catalogue import Texts
from texts.notices import MEMBER_NOTICE, notice_text

_IN_THREAD = frozenset({"card", "again"})
"""Kinds of keys (`core.model.OutboxItem`) of what is posted below a message."""


class SlackMessenger:
    """Posts on Slack, and knows about its people what Slack knows at this moment.

    Args:
        calls: the Web API.
        texts: every language's words.
        now: the clock, for "more than two years old".
        own: edits the messages of members who handed over a token for that.
    """

    def __init__(self, calls: Calls, texts: Texts, now: Now, own: OwnMessages) -> None:
        self._calls = calls
        self._texts = texts
        self._now = now
        self._own = own
        self._digests = DigestPost(calls, texts)

    @property
    def can_find(self) -> bool:
        """Slack can be asked for a message by its metadata."""
        return True

    async def post(self, address: GroupAddress, posting: Posting, key: str) -> Outcome:
        """Post once: a card under the message it is about, a digest into the channel, an aside for one member."""
        try:
            return await self._post(address, posting, key)
        except NotInstalled:
            return Refused("not_installed", try_again=True)  # this process may not have introduced itself yet
        except Trouble as trouble:
            return outcome_of(trouble)

    async def _post(self, address: GroupAddress, posting: Posting, key: str) -> Outcome:
        mark = mark_of(address, key)
        match posting:
            case Aside():
                return Sent(await self._say_aside(address, posting))
            case Question():
                return await self._digests.ask(address, posting)
            case Removal():
                return Refused("a bot can't delete a member's message")
            case Revision():
                digest = mark_of(address, digest_key(posting.edition.week))
                return Sent(await self._digests.revise(address, posting, digest))
            case _:
                return Sent(await self._show(address, posting, mark))

    async def _show(self, address: GroupAddress, posting: Card | Offer | Digest, mark: str) -> str:
        if isinstance(posting, Digest):
            return await self._digests.post(address, posting, mark)
        if isinstance(posting, Card):
            return await self._post_card(address, posting, mark)
        return await self._post_offer(address, posting, mark)

    async def find(self, address: GroupAddress, key: str) -> str | None:
        """The `ts` of our message that carries `key`; a card is looked for in its thread.

        Raises:
            PlatformUnavailable: Slack can't be asked now.
        """
        kind, _, message = key.partition(":")
        try:
            return await self._calls.marked(
                address, mark_of(address, key), thread=_thread(message) if kind in _IN_THREAD else None
            )
        except NotInstalled:
            return None
        except Trouble as trouble:
            if isinstance(outcome_of(trouble), Refused):
                return None  # posting again will be refused as well, and say why
            raise PlatformUnavailable from trouble

    async def is_admin(self, address: GroupAddress, account: Account) -> bool:
        """Whether this person runs the workspace or made the channel: asked live, and not remembered for a moment.

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

    async def is_shared_outside(self, address: GroupAddress) -> bool:
        """Whether the channel is shared with another workspace.

        Raises:
            PlatformUnavailable: Slack does not say, so that nobody knows.
        """
        try:
            return (await self._calls.channel(address)).shared
        except (NotInstalled, *Trouble) as trouble:
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

    async def _say_aside(self, address: GroupAddress, aside: Aside) -> str:
        """Where the member is looking: in the channel, or in the thread of the message. Slack keeps no trace of it."""
        words = self._texts.speak(await self._calls.language(address.workspace, aside.account))
        return await self._calls.whisper(address, aside.account, render.said(words.say(aside.text_id)), aside.topic)

    async def _post_card(self, address: GroupAddress, card: Card, mark: str) -> str:
        """Below the member's message, or by itself where the links were handed over; then the message is edited."""
        shown = render.card(card, self._texts.speak(card.language), self._now().date())
        posted = await self._calls.post(address, shown, thread=card.topic or _thread(card.message), mark=mark)
        await self._own.shorten(address, card)
        return posted

    async def _post_offer(self, address: GroupAddress, offer: Offer, mark: str) -> str:
        words = self._texts.speak(offer.language)
        text = notice_text(self._texts, words.language)
        return await self._calls.post(address, render.notice(text, words, MEMBER_NOTICE), mark=mark)


def _thread(message: str) -> str | None:
    """The thread that a message begins; links that were handed over by command stand in no message."""
    return message if parse.moment(message) else None
