"""What is for us at all, told before anything else is done with a delivery."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from bots.slack import parse
from core.model import Account, GroupAddress

Hear = Callable[[GroupAddress, Account], Awaitable[object | None]]

ASKED: Final = "penumbra_asked"
"""Stands in the context of a request about which this was asked before Bolt saw it."""


class Concern:
    """Whether a delivery is for us, from its envelope and from its sender's yes; no text is looked at.

    Most messages are of members who never said yes. A yes is asked again just before a text is read.

    Args:
        hear: whether there is anything to do about a message of somebody; see `ConsentService.hear`.
    """

    def __init__(self, hear: Hear) -> None:
        self._hear = hear

    async def __call__(self, body: Mapping[str, Any]) -> bool:
        """Ask about one delivery.

        Raises:
            StorageUnavailable: nobody can say.
        """
        if not parse.is_about_a_message(body):
            return parse.concerns_us(body)
        said = parse.heading(body)
        return said is not None and await self._hear(said.address, said.account) is not None
