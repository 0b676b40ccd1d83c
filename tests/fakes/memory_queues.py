"""The inbox and the outbox of `MemoryStorage`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.errors import LeaseLost
from core.model import Digest, GroupId, InboxItem, Intake, Missed, OutboxItem, OutboxState, Posting, ToPost
from core.ports import Now
from tests.fakes.memory_keepers import InboxRow, require_group

if TYPE_CHECKING:
    from tests.fakes.memory_storage import State

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120))
OPEN = frozenset({OutboxState.WAITING, OutboxState.INTENDED})


def new_lease(state: State) -> str:
    lease = f"lease-{len(state.leases)}"
    state.leases[lease] = 1
    return lease


class MemoryInbox:
    def __init__(self, state: State, now: Now) -> None:
        self._state = state
        self._now = now

    async def put(self, event: str, intake: Intake) -> bool:
        require_group(self._state, intake.group)
        if event in self._state.inbox:
            return False
        self._state.inbox[event] = InboxRow(intake, self._now())
        return True

    async def claim(self, lease: timedelta, limit: int) -> list[InboxItem]:
        due = [event for event, row in self._state.inbox.items() if self._is_due(row)][:limit]
        return [self._lease(event, lease) for event in due]

    def _is_due(self, row: InboxRow) -> bool:
        free = row.leased_until is None or row.leased_until <= self._now()
        return row.intake is not None and not row.dead and free and row.not_before <= self._now()

    def _lease(self, event: str, lease: timedelta) -> InboxItem:
        leased = replace(self._state.inbox[event], lease=new_lease(self._state), leased_until=self._now() + lease)
        self._state.inbox[event] = leased
        assert leased.intake is not None
        assert leased.lease is not None
        return InboxItem(event, leased.intake, leased.lease, leased.attempts)

    async def done(self, *items: InboxItem) -> None:
        for item in items:
            self._state.inbox[item.id] = replace(self._held(item), intake=None, lease=None, leased_until=None)

    async def failed(self, item: InboxItem, error: str) -> None:
        row = self._held(item)
        tries = row.attempts + 1
        dead = tries > len(PAUSES)
        pause = timedelta() if dead else PAUSES[tries - 1]
        self._state.inbox[item.id] = replace(
            row,
            not_before=self._now() + pause,
            lease=None,
            leased_until=None,
            attempts=tries,
            error=error,
            dead=dead,
        )

    def _held(self, item: InboxItem) -> InboxRow:
        row = self._state.inbox.get(item.id)
        if row is None or row.lease != item.lease:
            raise LeaseLost
        return row


@dataclass(frozen=True)
class OutboxRow:
    posting: Posting
    cutoff: datetime
    not_before: datetime
    state: OutboxState = OutboxState.WAITING
    lease: str | None = None
    leased_until: datetime | None = None
    leased_for: timedelta = timedelta()
    attempts: int = 0
    remote_id: str | None = None
    why: str | None = None


class MemoryOutbox:
    def __init__(self, state: State, now: Now) -> None:
        self._state = state
        self._now = now

    async def put(
        self, group: GroupId, key: str, posting: Posting, cutoff: datetime, not_before: datetime | None = None
    ) -> bool:
        require_group(self._state, group)
        if (group, key) in self._state.outbox:
            return False
        self._state.outbox[group, key] = OutboxRow(posting, cutoff, not_before or self._now())
        return True

    async def put_all(self, asked: Sequence[ToPost]) -> list[bool]:
        return [await self.put(each.group, each.key, each.posting, each.cutoff, each.not_before) for each in asked]

    async def claim(self, lease: timedelta, limit: int) -> list[OutboxItem]:
        self._expire()
        busy = {group for (group, _), row in self._state.outbox.items() if self._is_leased(row)}
        claimed: list[OutboxItem] = []
        for (group, key), row in list(self._state.outbox.items()):
            if len(claimed) < limit and group not in busy and self._is_due(group, row):
                busy.add(group)
                claimed.append(self._lease(group, key, lease))
        return claimed

    def _expire(self) -> None:
        for place, row in self._state.outbox.items():
            if row.state is OutboxState.WAITING and row.cutoff <= self._now() and not self._is_leased(row):
                self._state.outbox[place] = replace(row, state=OutboxState.EXPIRED, why="past its cutoff")
                self._miss(place[0], row.posting, "past its cutoff")

    def _miss(self, group: GroupId, posting: Posting, why: str) -> None:
        if isinstance(posting, Digest):
            week = posting.edition.week
            self._state.missed[group, week] = Missed(week, why)

    def _is_leased(self, row: OutboxRow) -> bool:
        return row.state in OPEN and row.leased_until is not None and row.leased_until > self._now()

    def _is_due(self, group: GroupId, row: OutboxRow) -> bool:
        held = self._state.group_holds.get(group, self._now()) > self._now()
        return row.state in OPEN and row.not_before <= self._now() and not held

    def _lease(self, group: GroupId, key: str, lease: timedelta) -> OutboxItem:
        row = replace(
            self._state.outbox[group, key],
            lease=new_lease(self._state),
            leased_until=self._now() + lease,
            leased_for=lease,
        )
        self._state.outbox[group, key] = row
        assert row.lease is not None
        in_doubt = row.state is OutboxState.INTENDED
        return OutboxItem(f"{group}/{key}", group, key, row.posting, row.lease, row.attempts, in_doubt)

    async def intend(self, item: OutboxItem) -> None:
        row = self._held(item)
        self._write(
            item,
            replace(
                row,
                state=OutboxState.INTENDED,
                attempts=row.attempts + 1,
                leased_until=self._now() + row.leased_for,
            ),
        )

    async def sent(self, item: OutboxItem, remote_id: str) -> None:
        self._write(item, replace(self._held(item), state=OutboxState.SENT, remote_id=remote_id, lease=None))
        if isinstance(item.posting, Digest):
            self._state.missed.pop((item.group, item.posting.edition.week), None)

    async def later(self, item: OutboxItem, seconds: float) -> None:
        until = self._now() + timedelta(seconds=seconds)
        row = replace(self._held(item), state=OutboxState.WAITING, not_before=until, lease=None, leased_until=None)
        self._write(item, row)
        self._state.group_holds[item.group] = max(until, self._state.group_holds.get(item.group, until))

    async def close(self, item: OutboxItem, state: OutboxState, why: str) -> None:
        self._write(item, replace(self._held(item), state=state, why=why, lease=None))
        self._miss(item.group, item.posting, why)

    async def post_again(self, group: GroupId, key: str, cutoff: datetime) -> bool:
        row = self._state.outbox.get((group, key))
        if row is None or row.state is not OutboxState.UNKNOWN:
            return False
        again = replace(row, state=OutboxState.WAITING, not_before=self._now(), cutoff=cutoff)
        self._state.outbox[group, key] = again
        return True

    async def remote_id(self, group: GroupId, key: str) -> str | None:
        row = self._state.outbox.get((group, key))
        return row.remote_id if row else None

    def _held(self, item: OutboxItem) -> OutboxRow:
        row = self._state.outbox.get((item.group, item.key))
        if row is None or row.lease != item.lease:
            raise LeaseLost
        return row

    def _write(self, item: OutboxItem, row: OutboxRow) -> None:
        self._state.outbox[item.group, item.key] = row
