"""Who said yes where, looked up for messages just posted: what many post at the same time is one look.

Nothing is remembered between looks: a withdrawal holds for the next message.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from core.model import Account, Consent, Group, GroupAddress, GroupId
from storage.sql import SqlStorage
from storage.together import Together

AT_MOST: Final = 100
"""Messages in one look: what is found is decrypted while nobody else on this loop gets a turn."""

Ask = tuple[GroupAddress, Account]
Found = tuple[Group | None, Consent | None]


class Hearing:
    """See `core.ports.Hear`.

    Args:
        storage: where groups and consents are kept.
    """

    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._together: Together[Ask, Found] = Together(self._look, AT_MOST)

    async def __call__(self, address: GroupAddress, account: Account) -> Found:
        """See `core.ports.Hear`."""
        return await self._together.ask((address, account))

    async def _look(self, asks: Sequence[Ask]) -> list[Found]:
        async with self._storage.reading() as records:
            groups = {address: await records.groups.at(address) for address in dict.fromkeys(each[0] for each in asks)}
            accounts: dict[GroupId, set[Account]] = defaultdict(set)
            for address, account in asks:
                group = groups[address]
                if group is not None:
                    accounts[group.id].add(account)
            said = {group: await records.consents.of_members(group, each) for group, each in accounts.items()}
        return [(group, said[group.id].get(each[1]) if group else None) for each in asks for group in [groups[each[0]]]]
