"""Who said yes where, looked up for messages just posted: what many post at the same time is one look.

Nothing about people is remembered between looks, only the groups and their keys, and these go with the keys: a
withdrawal holds for the next message.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import and_, bindparam, select

from core.model import Account, Consent, Group, GroupAddress, GroupId
from storage.consents import CONSENTS, member_mark, open_consent
from storage.groups import address_mark, open_group
from storage.keys import GROUP, KEYS
from storage.spelled import Lists, Spelled
from storage.sql import AtHand, SqlStorage
from storage.together import Together
from storage.transaction import GROUPS
from storage.vault import Key

AT_MOST: Final = 100
"""Messages in one look: nobody else's is answered before it is through."""

_WITH_KEY: Final = and_(KEYS.c.owner == GROUPS.c.id, KEYS.c.kind == GROUP)
_GROUPS: Final = select(
    *(GROUPS.c[name] for name in ("id", "address", "state", "since", "sealed", "next_digest", "paused_until")),
    KEYS.c.root,
    KEYS.c.wrapped,
).join(KEYS, _WITH_KEY)
_AT: Final = Spelled(_GROUPS.where(GROUPS.c.address.in_(bindparam("wanted", expanding=True))))
_OURS: Final = Spelled(_GROUPS.where(GROUPS.c.id.in_(bindparam("wanted", expanding=True))))
_CONSENTS: Final = Spelled(
    select(CONSENTS.c.group_id, CONSENTS.c.member, CONSENTS.c.sealed).where(
        CONSENTS.c.group_id.in_(bindparam("groups", expanding=True)),
        CONSENTS.c.member.in_(bindparam("members", expanding=True)),
    )
)
"""Of some members of some groups; a look-up under one group's key is nobody's in another."""

Ask = tuple[GroupAddress | GroupId, Account]
Found = tuple[Group | None, Consent | None]
Known = tuple[Group, Key]


class Hearing:
    """See `core.ports.Hear`.

    Args:
        storage: where groups and consents are kept.
    """

    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._together: Together[Ask, Found] = Together(self._look, AT_MOST)
        self._opened = WeakKeyDictionary[Key, tuple[object, Group]]()
        """By its key, a group's row as it was last and what it said: read anew each time, opened when it changed."""

    async def __call__(self, address: GroupAddress, account: Account) -> Found:
        """See `core.ports.Hear`."""
        return await self._together.ask((address, account))

    async def again(self, group: GroupId, account: Account) -> Found:
        """See `core.ports.HearAgain`."""
        return await self._together.ask((group, account))

    async def _look(self, asks: Sequence[Ask]) -> list[Found]:
        return await self._storage.glance(partial(self._heard, asks))

    def _heard(self, asks: Sequence[Ask], hand: AtHand) -> list[Found]:
        groups = self._groups(hand, {address for address, _ in asks})
        members = {
            (address, account): (group.id, member_mark(key, account))
            for address, account in asks
            if address in groups
            for group, key in [groups[address]]
        }
        said = _consents(hand, {group.id: key for group, key in groups.values()}, set(members.values()))
        return [(groups[ask[0]][0], said.get(members[ask])) if ask in members else (None, None) for ask in asks]

    def _groups(self, hand: AtHand, names: set[GroupAddress | GroupId]) -> dict[GroupAddress | GroupId, Known]:
        """Groups with their keys: without its key, a group is gone."""
        marks = {address_mark(hand.master, name): name for name in names if isinstance(name, GroupAddress)}
        ids = [name for name in names if not isinstance(name, GroupAddress)]
        there = _AT.rows(hand.connection, {"wanted": list(marks)}) if marks else []
        ours = _OURS.rows(hand.connection, {"wanted": ids}) if ids else []
        named: dict[GroupAddress | GroupId, Any] = {marks[row.address]: row for row in there}
        named |= {GroupId(row.id): row for row in ours}
        keys = {name: hand.key(row.id, row) for name, row in named.items()}
        return {name: (self._open(row, keys[name]), keys[name]) for name, row in named.items()}

    def _open(self, row: Any, key: Key) -> Group:  # noqa: ANN401 - as the query says
        before = self._opened.get(key)
        if before is not None and before[0] == row:
            return before[1]
        group = open_group(row, key)
        self._opened[key] = row, group
        return group


def _consents(
    hand: AtHand, keys: dict[GroupId, Key], members: set[tuple[GroupId, bytes]]
) -> dict[tuple[GroupId, bytes], Consent]:
    if not members:
        return {}
    asked: Lists = {"groups": list(keys), "members": [member for _, member in members]}
    return {
        (row.group_id, row.member): open_consent(keys[row.group_id], row.group_id, row.member, row.sealed)
        for row in _CONSENTS.rows(hand.connection, asked)
    }
