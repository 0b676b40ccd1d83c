"""Somebody reacted to a message with links: one more or one less, never who.

Whoever reacts said yes to nothing, so nothing of them is kept, not even a keyed code. A platform tells of each reaction
once when it is set and once when it is taken off; those changes are all that is written down, until the week is
released. What is counted is a lower bound: see `core.ports.Reactions.people`.
"""

from dataclasses import dataclass

from core.model import GroupAddress, GroupState, Reaction
from core.ports import Storage
from core.schedules import finished_week, week_of


@dataclass(frozen=True, slots=True)
class Reacted:
    """A change of reactions as a platform tells of it, without who made it; see `Reaction`."""

    address: GroupAddress
    message: str
    kind: str
    change: int
    event: str


class ReactionService:
    """Takes in reactions.

    Args:
        storage: records.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def take_in(self, reacted: Reacted) -> bool:
        """Count a change, if it is about a message whose links we hold, of a week not released; whether it was."""
        async with self._storage.transaction() as records:
            group = await records.groups.at(reacted.address)
            if group is None or group.state is not GroupState.ENABLED or group.next_digest is None:
                return False
            posted = await records.shares.message_version(group.id, reacted.message)
            if posted is None:
                return False
            week = week_of(posted, group.schedule.zone)
            if week < finished_week(group.next_digest, group.schedule.zone):
                return False
            noted = Reaction(group.id, week, reacted.message, reacted.kind, reacted.change, reacted.event)
            return await records.reactions.note(noted)
