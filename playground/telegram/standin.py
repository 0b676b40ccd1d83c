"""The stand-in as a whole: one bot, one book club, and everybody in it."""

from collections.abc import Iterable
from typing import Any

import httpx

from playground.clock import PlaygroundClock
from playground.people import CAST, OWNER, SECOND_ADMIN
from playground.telegram.api import BotApi
from playground.telegram.delivery import Delivery
from playground.telegram.gathering import Gathering
from playground.telegram.inlining import Inlining
from playground.telegram.limits import Pace, SendLimits
from playground.telegram.platform import Platform
from playground.telegram.shapes import RIGHTS
from playground.telegram.state import BotProfile, Chat, Member, World
from playground.telegram.talking import Talking
from playground.telegram.view import snapshot
from playground.traffic import Traffic

BOOK_CLUB = "-1002847160935"
"""The id of the supergroup that everybody is in from the beginning."""


class TelegramStandIn(Talking, Inlining, Gathering):
    """Telegram, as far as a bot and the people around it can tell.

    Every act of a person is a coroutine that ends when the bot has got or refused what it is told; a refused act raises
    PermissionError. People are named by `Person.key`, conversations by the id of the chat, messages by their id.

    Args:
        token: The bot's token, `<bot id>:<secret>`.
        clock: The playground's clock, for dates, limits and windows.
        traffic: Where calls and deliveries are recorded.
        bot_username: The bot's name behind the @.
        client: What posts to the bot's webhook; a client of its own by default.
        pace: How fast the bot may speak.
        longest_poll: The longest wait of getUpdates in real seconds, whatever the bot asks for.

    Attributes:
        app: The Bot API as a Starlette application; the bot's base URL is its address and `/bot`.
        book_club: The id of the supergroup.
        bot_username: The bot's name behind the @.
    """

    def __init__(
        self,
        token: str,
        clock: PlaygroundClock,
        traffic: Traffic,
        bot_username: str = "penumbra_bot",
        *,
        client: httpx.AsyncClient | None = None,
        pace: Pace | None = None,
        longest_poll: float = 2.0,
    ) -> None:
        bot = BotProfile(int(token.split(":", maxsplit=1)[0]), bot_username, bot_username.removesuffix("_bot").title())
        world = World(bot, {person.telegram_id: person for person in CAST.values()})
        world.chats[int(BOOK_CLUB)] = _book_club()
        self._delivery = Delivery(clock, traffic, client, longest_poll)
        super().__init__(Platform(world, self._delivery, SendLimits(clock.now, pace or Pace()), clock.now))
        self._api = BotApi(token, self._platform, traffic)
        self.app = self._api.app
        self.book_club = BOOK_CLUB
        self.bot_username = bot_username

    def snapshot(self, viewer: str) -> dict[str, Any]:
        """Say what somebody sees now, as plain JSON data.

        Raises:
            KeyError: Nobody has this key.
        """
        return snapshot(self._platform.world, viewer)

    def deliveries(self) -> Iterable[dict[str, Any]]:
        """The updates that the bot has not taken yet, oldest first."""
        return [update.body for update in self._delivery.pending]

    async def settled(self) -> None:
        """Wait until no delivery is in flight; what is due for a retry by the clock is tried."""
        await self._delivery.settled()

    async def retry_deliveries(self) -> None:
        """Post everything that waits to the webhook once more, without waiting for the clock."""
        await self._delivery.retry()

    def fail_next(self, method: str, error: Exception) -> None:
        """Let the next call of a method fail: an ApiError is answered, a DroppedResponseError drops the answer only.

        Raises:
            KeyError: There is no such method.
        """
        self._api.fail_next(method, error)

    def armed(self) -> list[tuple[str, Exception]]:
        """What `fail_next` has still to let go wrong: the method, `*` for any, and how."""
        return self._api.armed()

    def calm(self) -> None:
        """Let nothing more go wrong."""
        self._api.calm()

    async def aclose(self) -> None:
        """Stop deliveries and close what was opened."""
        await self._delivery.aclose()


def _book_club() -> Chat:
    chat = Chat(int(BOOK_CLUB), "supergroup", "Book club")
    chat.members = {person.telegram_id: Member("member") for person in CAST.values()}
    chat.members[CAST[OWNER].telegram_id] = Member("creator")
    chat.members[CAST[SECOND_ADMIN].telegram_id] = Member("administrator", rights=frozenset(RIGHTS))
    return chat
