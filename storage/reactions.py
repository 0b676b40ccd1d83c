"""Keeper of reactions: how many, never by whom; until their week is released."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select

from core.model import GroupId, LinkId, Reaction, Week
from storage.shares import MESSAGES, message_mark
from storage.tables import ReactionRow, table
from storage.transaction import Transaction

REACTIONS: Final = table(ReactionRow)
KEPT_FOR: Final = timedelta(days=15)
"""Of a group that reads its digest no more: as long as its clicks."""


class SqlReactions:
    """See `core.ports.Reactions`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def note(self, reaction: Reaction) -> bool:
        """See `core.ports.Reactions`."""
        key = await self._tx.keys.of(reaction.group)
        if key is None:
            return False
        message = message_mark(key, reaction.message)
        held = select(MESSAGES.c.links).where(MESSAGES.c.group_id == reaction.group, MESSAGES.c.mark == message)
        row = await self._tx.one(held)
        noted = False
        for link in json.loads(row.links) if row else ():
            values = {
                "group_id": reaction.group,
                "week": reaction.week,
                "mark": key.lookup("reaction", link, reaction.event),
                "link_id": link,
                "message": message,
                "kind": key.lookup("reaction kind", reaction.kind),
                "change": reaction.change,
                "at": self._tx.now(),
            }
            noted = await self._tx.insert_new(REACTIONS, values) or noted
        return noted

    async def people(self, group: GroupId, week: Week) -> Mapping[LinkId, int]:
        """See `core.ports.Reactions`."""
        each = (REACTIONS.c.link_id, REACTIONS.c.message, REACTIONS.c.kind)
        mine = (REACTIONS.c.group_id == group, REACTIONS.c.week == week)
        query = select(REACTIONS.c.link_id, func.sum(REACTIONS.c.change).label("number")).where(*mine).group_by(*each)
        people: dict[LinkId, int] = {}
        for row in await self._tx.all(query):
            people[LinkId(row.link_id)] = max(int(row.number), people.get(LinkId(row.link_id), 0))
        return {link: number for link, number in people.items() if number}

    async def destroy(self, group: GroupId, until: Week) -> None:
        """See `core.ports.Reactions`."""
        await self._tx.run(delete(REACTIONS).where(REACTIONS.c.group_id == group, REACTIONS.c.week <= until))
