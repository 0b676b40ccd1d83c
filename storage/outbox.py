"""Keeper of things to post: at most one of a group under way, never one twice."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select, update

from core.errors import LeaseLost
from core.model import (
    Account,
    Aside,
    Card,
    Digest,
    GroupId,
    Missed,
    OutboxItem,
    OutboxState,
    Posting,
    Removal,
    ToPost,
)
from storage import codec
from storage.journal import Erased
from storage.missed import miss, not_missed
from storage.tables import OutboxRow, table
from storage.transaction import GROUPS, Transaction, Values
from storage.vault import Key

OUTBOX: Final = table(OutboxRow)
LATE: Final = "past its cutoff"
_OPEN: Final = (str(OutboxState.WAITING), str(OutboxState.INTENDED))


class SqlOutbox:
    """See `core.ports.Outbox`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def put(
        self, group: GroupId, key: str, posting: Posting, cutoff: datetime, not_before: datetime | None = None
    ) -> bool:
        """See `core.ports.Outbox`. Raises UnknownGroup."""
        [new] = await self.put_all([ToPost(group, key, posting, cutoff, not_before)])
        return new

    async def put_all(self, asked: Sequence[ToPost]) -> list[bool]:
        """See `core.ports.Outbox`. Raises UnknownGroup."""
        await self._tx.write_in({each.group for each in asked})
        rows = [self._row(await self._tx.key(each.group), each) for each in asked]
        new = await self._tx.insert_all_new(OUTBOX, rows)
        return [(row["group_id"], row["mark"]) in new for row in rows]

    def _row(self, secret: Key, asked: ToPost) -> Values:
        mark = secret.lookup("outbox", asked.key)
        parcel = codec.PARCEL.dump_json(codec.Parcel(asked.key, asked.posting))
        return {
            "group_id": asked.group,
            "mark": mark,
            "state": OutboxState.WAITING,
            "sealed": secret.seal(parcel, _place("sealed", asked.group, mark)),
            "created_at": self._tx.now(),
            "cutoff": asked.cutoff,
            "not_before": asked.not_before or self._tx.now(),
            "leased_for": 0.0,
            "attempts": 0,
        }

    async def claim(self, lease: timedelta, limit: int) -> list[OutboxItem]:
        """See `core.ports.Outbox`. A posting INTENDED whose lease ran out comes back in doubt, also past its cutoff."""
        clock = await self._tx.clock()
        await self.expire(limit)
        groups = await self._free_groups(clock, limit)
        chosen: dict[str, Row[Any]] = {}
        for row in await self._due(groups, clock):
            chosen.setdefault(row.group_id, row)
        return [await self._lease(row, clock, lease) for row in chosen.values()]

    async def _free_groups(self, clock: datetime, limit: int) -> set[str]:
        """Groups with something due and nothing under way, held so that no other replica takes them meanwhile."""
        under_way = OUTBOX.alias("under_way")
        busy = exists().where(
            under_way.c.group_id == GROUPS.c.id, under_way.c.closed_at.is_(None), under_way.c.leased_until > clock
        )
        query = (
            select(GROUPS.c.id)
            .join(OUTBOX, OUTBOX.c.group_id == GROUPS.c.id)
            .where(self._is_due(clock), ~busy)
            .where(or_(GROUPS.c.held_until.is_(None), GROUPS.c.held_until <= self._tx.now()))
            .order_by(OUTBOX.c.created_at, OUTBOX.c.mark)
            .limit(limit)
            .with_for_update(of=GROUPS, key_share=True, skip_locked=True)
        )
        return {row.id for row in await self._tx.all(query)}

    async def _due(self, groups: set[str], clock: datetime) -> Sequence[Row[Any]]:
        """What is due in held groups, oldest first: asked anew, for another replica may just have let a group go."""
        query = select(OUTBOX).where(OUTBOX.c.group_id.in_(groups), OUTBOX.c.closed_at.is_(None))
        rows = await self._tx.all(query.order_by(OUTBOX.c.created_at, OUTBOX.c.mark))
        busy = {row.group_id for row in rows if row.leased_until is not None and row.leased_until > clock}
        now = self._tx.now()
        return [row for row in rows if row.group_id not in busy and row.not_before <= now and _may_go(row, now)]

    def _is_due(self, clock: datetime) -> ColumnElement[bool]:
        now = self._tx.now()
        return and_(
            OUTBOX.c.closed_at.is_(None),
            OUTBOX.c.not_before <= now,
            or_(OUTBOX.c.leased_until.is_(None), OUTBOX.c.leased_until <= clock),
            or_(OUTBOX.c.state == OutboxState.INTENDED, OUTBOX.c.cutoff > now),
        )

    async def _lease(self, row: Row[Any], clock: datetime, lease: timedelta) -> OutboxItem:
        parcel = opened_parcel(await self._tx.key(row.group_id), row)
        token = self._tx.new_lease()
        leased = {"lease": token, "leased_until": clock + lease, "leased_for": lease.total_seconds()}
        await self._tx.run(update(OUTBOX).where(_one(row.group_id, row.mark)).values(leased))
        in_doubt = row.state == OutboxState.INTENDED
        return OutboxItem(
            row.mark.hex(), GroupId(row.group_id), parcel.key, parcel.posting, token, row.attempts, in_doubt
        )

    async def intend(self, item: OutboxItem) -> None:
        """See `core.ports.Outbox`. The lease begins anew, so that it outlives the post."""
        row = await self._tx.one(select(OUTBOX.c.leased_for).where(_held(item)).with_for_update())
        if row is None:
            raise LeaseLost
        until = await self._tx.clock() + timedelta(seconds=row.leased_for)
        intended = {"state": OutboxState.INTENDED, "attempts": OUTBOX.c.attempts + 1, "leased_until": until}
        await self._write(item, intended)

    async def sent(self, item: OutboxItem, remote_id: str) -> None:
        """See `core.ports.Outbox`."""
        key = await self._tx.key(item.group)
        place = _place("remote", item.group, bytes.fromhex(item.id))
        closed = self._closed(OutboxState.SENT, None)
        await self._write(item, {**closed, "sealed": None, "remote": key.seal(remote_id.encode(), place)})
        if isinstance(item.posting, Digest):
            await not_missed(self._tx, item.group, item.posting.edition.week)

    async def later(self, item: OutboxItem, seconds: float) -> None:
        """See `core.ports.Outbox`. Raises LeaseLost."""
        await self._tx.write(item.group)
        until = self._tx.now() + timedelta(seconds=seconds)
        await self._write(
            item, {"state": OutboxState.WAITING, "not_before": until, "lease": None, "leased_until": None}
        )
        shorter = or_(GROUPS.c.held_until.is_(None), GROUPS.c.held_until < until)
        await self._tx.run(update(GROUPS).where(GROUPS.c.id == item.group, shorter).values(held_until=until))

    async def close(self, item: OutboxItem, state: OutboxState, why: str) -> None:
        """See `core.ports.Outbox`. Only what may still be resent keeps its content. Raises LeaseLost."""
        closed = self._closed(state, why)
        await self._write(item, closed if state is OutboxState.UNKNOWN else {**closed, "sealed": None})
        await self._note(item.group, item.posting, why)

    async def remote_id(self, group: GroupId, key: str) -> str | None:
        """See `core.ports.Outbox`."""
        secret = await self._tx.keys.of(group)
        if secret is None:
            return None
        mark = secret.lookup("outbox", key)
        row = await self._tx.one(select(OUTBOX.c.remote).where(_one(group, mark)))
        return secret.unseal(row.remote, _place("remote", group, mark)).decode() if row and row.remote else None

    async def of_account(self, group: GroupId, account: Account) -> list[bytes]:
        """What still says whose it is, not done or of unknown end: cards, what they replace, asides; by marks."""
        key = await self._tx.key(group)
        rows = await self._tx.all(select(OUTBOX).where(OUTBOX.c.group_id == group, OUTBOX.c.sealed.is_not(None)))
        postings = ((row.mark, opened_parcel(key, row).posting) for row in rows)
        mine = (Aside, Card, Removal)
        return [mark for mark, posting in postings if isinstance(posting, mine) and posting.account == account]

    async def forget(self, group: GroupId, account: Account) -> int:
        """Close an account's cards and drop their content; how many there were."""
        mine = await self.of_account(group, account)
        if mine:
            self._tx.journal(Erased.POSTINGS, group, mine)
        await self.blank(group, mine)
        return len(mine)

    async def blank(self, group: str, marks: Sequence[bytes]) -> None:
        """Close some postings and drop their content."""
        which = and_(OUTBOX.c.group_id == group, OUTBOX.c.mark.in_(marks))
        closed = {**self._closed(OutboxState.EXPIRED, "forgotten"), "sealed": None}
        await self._tx.run(update(OUTBOX).where(which).values(closed))

    async def expire(self, limit: int) -> int:
        """Close what waited past its cutoff; how many there were."""
        clock = await self._tx.clock()
        late = (
            select(OUTBOX)
            .where(OUTBOX.c.closed_at.is_(None), OUTBOX.c.state == OutboxState.WAITING)
            .where(OUTBOX.c.cutoff <= self._tx.now())
            .where(or_(OUTBOX.c.leased_until.is_(None), OUTBOX.c.leased_until <= clock))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        closed = {**self._closed(OutboxState.EXPIRED, LATE), "sealed": None}
        rows = await self._tx.all(late)
        for row in rows:
            await self._tx.run(update(OUTBOX).where(_one(row.group_id, row.mark)).values(closed))
            await self._note(row.group_id, opened_parcel(await self._tx.key(row.group_id), row).posting, LATE)
        return len(rows)

    async def unsettled(self, limit: int) -> list[tuple[GroupId, str, OutboxState, str]]:
        """What was closed unposted: group, id, state, reason. For the operator."""
        bad = [str(each) for each in (OutboxState.UNKNOWN, OutboxState.REFUSED, OutboxState.EXPIRED)]
        query = select(OUTBOX).where(OUTBOX.c.state.in_(bad)).order_by(OUTBOX.c.closed_at.desc()).limit(limit)
        return [
            (GroupId(row.group_id), row.mark.hex(), OutboxState(row.state), row.why or "")
            for row in await self._tx.all(query)
        ]

    async def post_again(self, group: GroupId, key: str, cutoff: datetime) -> bool:
        """See `core.ports.Outbox`."""
        secret = await self._tx.keys.of(group)
        return secret is not None and await self.resend(group, secret.lookup("outbox", key).hex(), cutoff)

    async def resend(self, group: GroupId, item: str, cutoff: datetime) -> bool:
        """As `post_again`, by the id that `unsettled` gives."""
        again = {"state": OutboxState.WAITING, "closed_at": None, "not_before": self._tx.now(), "cutoff": cutoff}
        unknown = and_(_one(group, bytes.fromhex(item)), OUTBOX.c.state == OutboxState.UNKNOWN)
        return (await self._tx.run(update(OUTBOX).where(unknown).values(again))).rowcount == 1

    async def _note(self, group: str, posting: Posting, why: str) -> None:
        """A digest that is closed unposted is missed, and must be seen to be."""
        if isinstance(posting, Digest):
            await miss(self._tx, group, Missed(posting.edition.week, why))

    def _closed(self, state: OutboxState, why: str | None) -> dict[str, object]:
        return {"state": state, "why": why, "closed_at": self._tx.now(), "lease": None, "leased_until": None}

    async def _write(self, item: OutboxItem, values: Values) -> None:
        if (await self._tx.run(update(OUTBOX).where(_held(item)).values(values))).rowcount != 1:
            raise LeaseLost


def opened_parcel(key: Key, row: Row[Any]) -> codec.Parcel:
    """A thing to post as a row holds it, its seal opened. Raises Tampered."""
    return codec.read(codec.PARCEL, key.unseal(row.sealed, _place("sealed", row.group_id, row.mark)))


def _may_go(row: Row[Any], now: datetime) -> bool:
    return bool(row.state == OutboxState.INTENDED or row.cutoff > now)


def _one(group: str, mark: bytes) -> ColumnElement[bool]:
    return and_(OUTBOX.c.group_id == group, OUTBOX.c.mark == mark)


def _held(item: OutboxItem) -> ColumnElement[bool]:
    return and_(_one(item.group, bytes.fromhex(item.id)), OUTBOX.c.lease == item.lease)


def _place(column: str, group: str, mark: bytes) -> tuple[str, ...]:
    return "outbox", column, group, mark.hex()
