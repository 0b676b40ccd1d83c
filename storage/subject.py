"""Everything kept about one person. The account stands nowhere, so every group is asked with its own key."""

from dataclasses import replace
from typing import Final

from core.model import Account, ConsentAct, ConsentEvent, Group, GroupId, Held, Notice, ReceiptId
from core.ports import NewId, Now
from storage.links import links_by_id
from storage.sql import SqlRecords, SqlStorage

_AT_A_TIME: Final = 50


class SqlSubjects:
    """See `core.ports.Subjects`.

    Args:
        storage: where it is kept.
        now: the clock.
        new_id: names the lines of the log.
    """

    def __init__(self, storage: SqlStorage, now: Now, new_id: NewId) -> None:
        self._storage = storage
        self._now = now
        self._new_id = new_id

    async def held_about(self, account: Account) -> list[Held]:
        """See `core.ports.Subjects`."""
        held: list[Held] = []
        after = ""
        while True:
            async with self._storage.transaction() as records:
                groups = await records.groups.page(after, _AT_A_TIME)
                found = [await _held(records, group, account) for group in groups]
            held += [each for each in found if each.consent or each.links]
            if not groups:
                return held
            after = groups[-1].id

    async def forget_everywhere(self, account: Account, notice: Notice) -> int:
        """See `core.ports.Subjects`."""
        held = await self.held_about(account)
        for each in held:
            async with self._storage.transaction() as records:
                await self._forget(records, each.group.id, account, notice)
        return len(held)

    async def _forget(self, records: SqlRecords, group: GroupId, account: Account, notice: Notice) -> None:
        if await records.groups.get(group) is None:
            return
        await records.consents.remove(group, account)
        for link_id in await records.shares.forget(group, account):
            link = await records.links.get(group, link_id)
            if link is not None:
                until = await records.shares.counted_until(group, link_id)
                await records.links.save(replace(link, counted_until=until))
        minute = self._now().replace(second=0, microsecond=0)
        receipt = ReceiptId(self._new_id())
        await records.consents.log(ConsentEvent(ConsentAct.ERASED, group, None, receipt, frozenset(), notice, minute))


async def _held(records: SqlRecords, group: Group, account: Account) -> Held:
    consent = await records.consents.get(group.id, account)
    ids = await records.shares.by_account(group.id, account)
    links = await links_by_id(records.transaction, group.id, ids)
    return Held(group, consent, tuple(links[each] for each in ids if each in links))
