"""Reactions, which Telegram tells an administrator of: whether a person has one now who had none before, never who."""

from telegram import MessageReactionUpdated, Update

from bots.telegram import parse
from core.reactions import Reacted, ReactionService


class ReactionHandlers:
    """Takes in reactions to messages of groups.

    Args:
        reactions: core's.
    """

    def __init__(self, reactions: ReactionService) -> None:
        self._reactions = reactions

    async def on_reaction(self, update: Update) -> None:
        """Somebody set a reaction, changed it or took it off; who it was is not looked at."""
        reacted = reacted_in(update)
        if reacted is not None:
            await self._reactions.take_in(reacted)


def reacted_in(update: Update) -> Reacted | None:
    """One person more or one less; None when the number of people stays the same."""
    told = update.message_reaction
    change = _change(told) if told is not None else 0
    if told is None or not change or not parse.is_group(told.chat):
        return None
    event = f"telegram:{update.update_id}:{told.chat.id}:{told.message_id}"
    return Reacted(parse.address(told.chat), str(told.message_id), "", change, event)


def _change(told: MessageReactionUpdated) -> int:
    return bool(told.new_reaction) - bool(told.old_reaction)
