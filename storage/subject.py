"""Everything kept about one person. The account stands nowhere, so every group is asked with its own key."""

from dataclasses import replace
from typing import Final

from core.model import Account, ConsentAct, ConsentEvent, Group, GroupId, Held, Notice, Person, ReceiptId
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

    async def held_about(self, person: Person) -> list[Held]:
        """See `core.ports.Subjects`."""
        held: list[Held] = []
        after = ""
        while True:
            async with self._storage.transaction() as records:
                groups = await records.groups.page(after, _AT_A_TIME)
                theirs = [group for group in groups if person.is_of(group.address)]
                found = [await _held(records, group, person.account) for group in theirs]
            held += [each for each in found if each.consent or each.links or each.waiting or each.contributed]
            if not groups:
                return held
            after = groups[-1].id

    async def forget(self, group: GroupId, account: Account, notice: Notice) -> bool:
        """See `core.ports.Subjects`."""
        async with self._storage.transaction() as records:
            known = await records.groups.get(group)
            if known is None:
                return False
            held = await _held(records, known, account)
            if not (held.consent or held.links or held.waiting or held.contributed):
                return False
            await _erase(records, group, account)
            await records.consents.log(self._line(group, notice))
            return True

    async def forget_everywhere(self, person: Person, notice: Notice) -> int:
        """See `core.ports.Subjects`."""
        held = await self.held_about(person)
        return sum([await self.forget(each.group.id, person.account, notice) for each in held])

    def _line(self, group: GroupId, notice: Notice) -> ConsentEvent:
        minute = self._now().replace(second=0, microsecond=0)
        return ConsentEvent(ConsentAct.ERASED, group, None, ReceiptId(self._new_id()), frozenset(), notice, minute)


async def _erase(records: SqlRecords, group: GroupId, account: Account) -> None:
    await records.inbox.forget(group, account)
    await records.outbox.forget(group, account)
    await records.consents.remove(group, account)
    await records.contributions.forget(group, account)
    for link_id in await records.shares.forget(group, account):
        link = await records.links.get(group, link_id)
        if link is not None:
            until = await records.shares.counted_until(group, link_id)
            await records.links.save(replace(link, counted_until=until))


async def _held(records: SqlRecords, group: Group, account: Account) -> Held:
    consent = await records.consents.get(group.id, account)
    ids = await records.shares.by_account(group.id, account)
    links = await links_by_id(records.transaction, group.id, ids)
    work, cards = await records.inbox.of_account(group.id, account), await records.outbox.of_account(group.id, account)
    shared = tuple(links[each] for each in ids if each in links)
    contributed = await records.contributions.of_account(group.id, account)
    return Held(group, consent, shared, len(work) + len(cards), contributed)
