"""Core's Messenger port, spoken on Telegram: one attempt per call, and every answer in core's words."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from telegram import ReplyParameters
from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bots.telegram import questions, render
from bots.telegram.asides import Asides, plainly
from bots.telegram.client import Client
from bots.telegram.digest_post import DigestPost
from bots.telegram.keyboards import Keyboards
from bots.telegram.parse import address_of
from bots.telegram.patience import seconds
from core.errors import PlatformUnavailable
from core.model import (
    Account,
    Aside,
    Card,
    Digest,
    GroupAddress,
    InDoubt,
    Later,
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
from texts.catalogue import Texts

ADMINS_KNOWN_FOR = timedelta(seconds=30)
ADMINS_REMEMBERED = 1024
_ADMIN = frozenset({ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR})

GONE = ("kicked", "not a member", "was deleted", "deactivated")
"""Words of a 403 that say that the bot is out of the group for good, seen in the Bot API's answers."""

_NEVER_LEFT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "ProxyError"})
"""httpx's names for failures before the request was on its way; anything else may have been posted."""

_KNOWN_REFUSALS = (
    ("TOPIC_CLOSED", "topic closed"),
    ("message thread not found", "topic gone"),
    ("to be replied not found", "message gone"),
    ("not enough rights", "no right to write"),
    ("CHAT_WRITE_FORBIDDEN", "no right to write"),
    ("CHAT_RESTRICTED", "no right to write"),
    ("have no rights", "no right to write"),
    ("can't be deleted", "no right to delete"),
    ("chat not found", "group not found"),
    ("BUTTON_URL_INVALID", "address refused"),
    ("inline keyboard button URL", "address refused"),
)
"""What a 400 says -> our word for it. The platform's own text may quote what we sent, so it goes no further."""

Answer = TypeVar("Answer")
Moved = Callable[[GroupAddress, GroupAddress], Awaitable[None]]


class TelegramMessenger:
    """Posts cards and digests, and asks Telegram about a group's people.

    Args:
        client: the Bot API.
        texts: the words of cards and digests.
        keyboards: the buttons below them.
        now: the clock.

    Attributes:
        on_moved: is told when Telegram answers that a group has a new address; set once core's services stand.
        asides: the private ways to one member; set with it.
    """

    def __init__(self, client: Client, texts: Texts, keyboards: Keyboards, now: Now) -> None:
        self._client = client
        self._texts = texts
        self._keyboards = keyboards
        self._digests = DigestPost(client, texts, keyboards)
        self._now = now
        self._admins: dict[tuple[str, Account], tuple[bool, datetime]] = {}
        self.on_moved: Moved | None = None
        self.asides: Asides | None = None

    # Posting ----------------------------------------------------------------------------------------------------

    async def post(self, address: GroupAddress, posting: Posting, key: str) -> Outcome:
        """See `core.ports.Messenger`; Telegram has no room for a key."""
        try:
            return await self._post(address, posting)
        except ChatMigrated as error:
            await self._moved(address, error)
            return Refused("group moved", try_again=True)
        except TelegramError as error:
            return outcome_of(error)

    async def _post(self, address: GroupAddress, posting: Posting) -> Outcome:
        match posting:
            case Aside():
                outcome = await self._say_aside(address, posting)
            case Question():
                outcome = await self._ask(address, posting)
            case Removal():
                outcome = await self._remove(address, posting)
            case Revision():
                outcome = Sent(await self._digests.revise(address, posting))
            case Digest():
                outcome = Sent(await self._digests.post(address, posting))
            case Offer():
                outcome = await self._say(self._offer(address, posting))
            case _:
                outcome = await self._say(await self._card(address, posting))
        return outcome

    async def _say(self, shown: dict[str, Any]) -> Outcome:
        return Sent(str((await self._client.send_message(**shown)).message_id))

    async def find(self, address: GroupAddress, key: str) -> str | None:
        """Always None: bots can't read a chat's history."""
        return None

    @property
    def can_find(self) -> bool:
        """See `core.ports.Messenger`."""
        return False

    async def _say_aside(self, address: GroupAddress, aside: Aside) -> Outcome:
        """Say a word to one member; better unsaid than said in public."""
        said = plainly(self._texts.speak(aside.language).say(aside.text_id))
        topic = int(aside.topic) if aside.topic else None
        group, member = int(address.conversation), int(aside.account)
        told = self.asides is not None and await self.asides.tell_member(group, member, said, topic)
        return Sent("") if told else Refused("no private way")

    async def _ask(self, address: GroupAddress, question: Question) -> Outcome:
        if self.asides is None:
            return Refused("no private way")
        said = questions.question(question, address, self._texts, self._keyboards)
        return await questions.ask(self._client, self.asides, address, said)

    def _offer(self, address: GroupAddress, offer: Offer) -> dict[str, Any]:
        words = self._texts.speak(offer.language)
        return {
            "chat_id": int(address.conversation),
            "message_thread_id": int(offer.topic) if offer.topic else None,
            "text": render.notice(offer, words),
            "reply_markup": self._keyboards.notice(address.conversation, words),
        }

    async def _remove(self, address: GroupAddress, removal: Removal) -> Outcome:
        """Take a member's message away, which its card stands in for; one that is gone is as good as removed."""
        try:
            await self._client.delete_message(int(address.conversation), int(removal.message))
        except BadRequest as error:
            if "to delete not found" not in error.message:
                raise
        return Sent("")

    async def _name(self, address: GroupAddress, account: Account) -> str | None:
        """What somebody is called, asked for a card that takes their message's place; kept nowhere."""
        member = await self._client.get_chat_member(int(address.conversation), int(account))
        return member.user.full_name

    async def _card(self, address: GroupAddress, card: Card) -> dict[str, Any]:
        words = self._texts.speak(card.language)
        by = await self._name(address, card.account) if card.replaces else None
        return {
            "chat_id": int(address.conversation),
            "message_thread_id": int(card.topic) if card.topic else None,
            "disable_notification": True,
            "text": render.card(card, words, self._now().date(), by),
            "reply_markup": self._keyboards.card(card, address.conversation, words),
            # a message that is gone by now gets no card; one that came by /share was never there to see
            "reply_parameters": None if by or not card.message.isdecimal() else ReplyParameters(int(card.message)),
        }

    # Asking -----------------------------------------------------------------------------------------------------

    async def is_admin(self, address: GroupAddress, account: Account) -> bool:
        """Whether this person may administer the group: asked live, remembered for half a minute.

        Raises:
            PlatformUnavailable: Telegram gave no answer.
        """
        asked = (address.conversation, account)
        known = self._admins.get(asked)
        if known is not None and known[1] > self._now():
            return known[0]
        answer = await self._ask_whether_admin(address, account)
        self._remember(asked, answer)
        return answer

    async def _ask_whether_admin(self, address: GroupAddress, account: Account) -> bool:
        member = await self._answer(address, self._client.get_chat_member(int(address.conversation), int(account)))
        return member is not None and member.status in _ADMIN

    def _remember(self, asked: tuple[str, Account], answer: bool) -> None:  # noqa: FBT001 - the value kept, not a switch
        if len(self._admins) >= ADMINS_REMEMBERED:
            self._admins.clear()
        self._admins[asked] = answer, self._now() + ADMINS_KNOWN_FOR

    async def is_shared_outside(self, address: GroupAddress) -> bool:
        """Telegram knows no workspaces: who is in a group is in it."""
        del address
        return False

    async def members(self, address: GroupAddress) -> int:
        """How many people are in the group, without this bot; 0 when Telegram does not say.

        Raises:
            PlatformUnavailable: Telegram gave no answer.
        """
        count = await self._answer(address, self._client.get_chat_member_count(int(address.conversation)))
        return max(0, (count or 0) - 1)

    async def _answer(self, address: GroupAddress, asked: Awaitable[Answer]) -> Answer | None:
        """What Telegram says; None when it does not want to say."""
        try:
            return await asked
        except ChatMigrated as error:
            await self._moved(address, error)
            raise PlatformUnavailable from error
        except (BadRequest, Forbidden):
            return None
        except TelegramError as error:
            raise PlatformUnavailable from error

    async def _moved(self, address: GroupAddress, error: ChatMigrated) -> None:
        if self.on_moved is not None:
            await self.on_moved(address, address_of(error.new_chat_id))


def outcome_of(error: TelegramError) -> Outcome:
    """What an error of a post says about whether it was posted."""
    match error:
        case RetryAfter():
            return Later(seconds(error))
        case Forbidden():
            gone = any(word in error.message for word in GONE)
            return Refused("bot is out of the group" if gone else "forbidden", group_gone=gone)
        case InvalidToken():
            return Refused("token refused", try_again=True)
        case BadRequest():
            known = (ours for theirs, ours in _KNOWN_REFUSALS if theirs.lower() in error.message.lower())
            return Refused(next(known, "bad request"))
        case NetworkError() if type(error.__cause__).__name__ in _NEVER_LEFT:
            return Refused("not reachable", try_again=True)
        case _:
            return InDoubt()
