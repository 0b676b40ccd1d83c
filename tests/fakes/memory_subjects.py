"""The in-memory twin of `storage.subject.SqlSubjects`."""

from dataclasses import replace

from core.model import (
    Account,
    Aside,
    Card,
    ConsentAct,
    ConsentEvent,
    Group,
    GroupId,
    Held,
    Notice,
    OutboxState,
    Person,
    ReceiptId,
    Removal,
)
from core.ports import NewId, Now
from tests.fakes.memory_queues import OPEN
from tests.fakes.memory_storage import MemoryRecords, MemoryStorage, State

WITH_CONTENT = OPEN | {OutboxState.UNKNOWN}


class MemorySubjects:
    def __init__(self, storage: MemoryStorage, now: Now, new_id: NewId) -> None:
        self._storage = storage
        self._now = now
        self._new_id = new_id

    async def held_about(self, person: Person) -> list[Held]:
        async with self._storage.transaction() as records:
            state = records.state
            groups = sorted((each for each in state.groups.values() if person.is_of(each.address)), key=_by_id)
            held = [_held(state, each, person.account) for each in groups]
        return [each for each in held if each.consent or each.links or each.waiting or each.contributed]

    async def forget(self, group: GroupId, account: Account, notice: Notice) -> bool:
        async with self._storage.transaction() as records:
            known = await records.groups.get(group)
            held = _held(records.state, known, account) if known else None
            if held is None or not (held.consent or held.links or held.waiting or held.contributed):
                return False
            await _erase(records, group, account)
            minute = self._now().replace(second=0, microsecond=0)
            receipt = ReceiptId(self._new_id())
            event = ConsentEvent(ConsentAct.ERASED, group, None, receipt, frozenset(), notice, minute)
            await records.consents.log(event)
            return True

    async def forget_everywhere(self, person: Person, notice: Notice) -> int:
        held = await self.held_about(person)
        return sum([await self.forget(each.group.id, person.account, notice) for each in held])


def _by_id(group: Group) -> str:
    return group.id


def _work(state: State, group: GroupId, account: Account) -> list[str]:
    intakes = ((event, row.intake) for event, row in state.inbox.items())
    return [event for event, each in intakes if each and (each.group, each.account) == (group, account)]


def _cards(state: State, group: GroupId, account: Account) -> list[tuple[GroupId, str]]:
    return [
        key
        for key, row in state.outbox.items()
        if key[0] == group
        and row.state in WITH_CONTENT
        and isinstance(row.posting, Aside | Card | Removal)
        and row.posting.account == account
    ]


def _held(state: State, group: Group, account: Account) -> Held:
    mine = (each for each in state.shares.values() if (each.group, each.account) == (group.id, account))
    links = tuple(state.links[each] for each in sorted({share.link for share in mine}) if each in state.links)
    waiting = len(_work(state, group.id, account)) + len(_cards(state, group.id, account))
    contributed = sorted({each.page for key, each in state.contributions.items() if key[:2] == (group.id, account)})
    return Held(group, state.consents.get((group.id, account)), links, waiting, tuple(contributed))


async def _erase(records: MemoryRecords, group: GroupId, account: Account) -> None:
    state = records.state
    for event in _work(state, group, account):
        state.inbox[event] = replace(state.inbox[event], intake=None, dead=False, lease=None, leased_until=None)
    for key in _cards(state, group, account):
        state.outbox[key] = replace(state.outbox[key], state=OutboxState.EXPIRED, why="forgotten", lease=None)
    await records.consents.remove(group, account)
    await records.contributions.forget(group, account)
    for link_id in await records.shares.forget(group, account):
        link = await records.links.get(group, link_id)
        if link is not None:
            until = await records.shares.counted_until(group, link_id)
            await records.links.save(replace(link, counted_until=until))
