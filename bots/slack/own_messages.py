"""Editing a member's message with that member's own token: the one way in which Slack lets anybody do it.

Slack's refusals are normal here (an edit window that has closed, a message that was deleted meanwhile): the card under
the message says everything, so nothing is lost. The edit comes back as `message_changed`; `Sharing` reads a short URL
of ours in an edited message as the address it leads to, so that a share stays what it was and no second card follows.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bots.slack import parse
from bots.slack.calls import Calls
from bots.slack.installs import NotInstalled
from bots.slack.rewrite import rewritten
from bots.slack.trouble import TOKEN_DEAD, Trouble, error_word
from core.model import Account, Card, GroupAddress
from core.ports import OwnTokens

Spell = Callable[[str], str | None]
"""An address as found -> as a card spells it; None for one that is never touched."""
Swaps = Callable[[tuple[str, ...]], Awaitable[Mapping[str, str]]]
"""The addresses in a message -> what stands in the place of some of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """A member's message."""

    address: GroupAddress
    account: Account
    message: str
    thread: str


class OwnMessages:
    """Rewrites members' messages where they handed a token over for that.

    Args:
        calls: the Web API.
        tokens: members' own tokens.
        spell: how cards spell an address.
    """

    def __init__(self, calls: Calls, tokens: OwnTokens, spell: Spell) -> None:
        self._calls = calls
        self._tokens = tokens
        self._spell = spell

    async def shorten(self, address: GroupAddress, card: Card) -> bool:
        """Put the tracked links of a card into the message it is about; whether that was done.

        Consent was asked for a moment ago, for the card.
        """
        short = {each.url: each.short_url for each in card.links}

        async def shortened(urls: tuple[str, ...]) -> Mapping[str, str]:
            return {url: short[spelled] for url in urls if (spelled := self._spell(url)) in short}

        return await self.edit(Place(address, card.account, card.message, card.topic or card.message), shortened)

    async def edit(self, place: Place, swaps: Swaps) -> bool:
        """Edit a message with its author's token; whether that was done."""
        if parse.moment(place.message) is None:
            return False  # handed over by command: there is no message
        token = await self._tokens.get(place.address, place.account)
        message = await self._found(place) if token else None
        if token is None or message is None:
            return False
        instead = await swaps(parse.links(message))
        wanted = rewritten(message, instead.get)
        try:
            if wanted is not None:
                await self._calls.edit(place.address, place.message, wanted, token)
        except Trouble as trouble:
            await self._mind(place, trouble)
            return False
        return wanted is not None

    async def _found(self, place: Place) -> Mapping[str, Any] | None:
        """The message as it stands now, if it is this member's own."""
        try:
            message = await self._calls.message(place.address, place.message, place.thread)
        except (NotInstalled, *Trouble):
            return None
        own = message is not None and message.get("user") == place.account and not message.get("bot_id")
        return message if own else None

    async def _mind(self, place: Place, trouble: Exception) -> None:
        """A token that Slack calls dead is erased; every other refusal is about this message alone."""
        if error_word(trouble) in TOKEN_DEAD:
            workspace = place.address.workspace
            await self._tokens.revoked(place.address.platform, workspace, [place.account])
