"""Reactions: that one was set or taken off, never by whom."""

from collections.abc import Mapping
from typing import Any

from bots.slack import parse
from bots.slack.handlers import Body
from core.reactions import Reacted, ReactionService

CHANGES: Mapping[object, int] = {"reaction_added": 1, "reaction_removed": -1}


class Reactions:
    """Takes in reactions to messages of channels.

    Args:
        reactions: core's.
    """

    def __init__(self, reactions: ReactionService) -> None:
        self._reactions = reactions

    async def on_reaction(self, body: Body) -> None:
        """Somebody set a reaction or took it off; who it was is not looked at."""
        reacted = reacted_in(body)
        if reacted is not None:
            await self._reactions.take_in(reacted)


def reacted_in(body: Mapping[str, Any]) -> Reacted | None:
    """One reaction more or less on a message; None for files, and for channels shared with another workspace."""
    event = body.get("event")
    if not isinstance(event, Mapping) or body.get("is_ext_shared_channel") is True:
        return None
    item = event.get("item")
    if not isinstance(item, Mapping) or item.get("type") != "message":
        return None
    told = (item.get("channel"), item.get("ts"), event.get("reaction"), body.get("event_id"))
    channel, message, kind, delivery = (each if isinstance(each, str) else "" for each in told)
    where, change = parse.address(body, channel), CHANGES.get(event.get("type"))
    if where is None or change is None or not (message and kind and delivery):
        return None
    return Reacted(where, message, kind, change, f"slack:{delivery}")
