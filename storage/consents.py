"""Keeper of consents and of the hash-chained consent log."""

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, or_, select, tuple_, update

from core.model import Account, Consent, ConsentAct, ConsentEvent, GroupId
from storage import codec
from storage.journal import Erased
from storage.tables import ConsentLogHead, ConsentLogRow, ConsentRow, key_of, table
from storage.transaction import Transaction
from storage.vault import Key, prefixed

CONSENTS: Final = table(ConsentRow)
LOG: Final = table(ConsentLogRow)
HEAD: Final = table(ConsentLogHead)
START: Final = bytes(32)
"""The hash before the first line."""
_OPEN_ACTS: Final = frozenset({ConsentAct.GRANTED, ConsentAct.MODIFIED})
SAID: Final = ("receipt", "subject", "group_mark", "act", "purposes", "notice", "notice_hash", "language", "at")
"""What a line says; blanked when its time is over."""


class SqlConsents:
    """See `core.ports.Consents`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def get(self, group: GroupId, account: Account) -> Consent | None:
        """See `core.ports.Consents`."""
        key = await self._tx.keys.of(group)
        return await self._read(key, group, member_mark(key, account)) if key else None

    async def some(self, asked: Collection[tuple[GroupId, Account]]) -> dict[tuple[GroupId, Account], Consent]:
        """See `core.ports.Consents`. Raises UnknownGroup."""
        keys = {group: await self._tx.key(group) for group, _ in asked}
        who = {(group, member_mark(keys[group], account)): (group, account) for group, account in asked}
        rows = await self._tx.some(CONSENTS, (CONSENTS.c.group_id, CONSENTS.c.member), who)
        return {
            who[row.group_id, row.member]: open_consent(keys[row.group_id], row.group_id, row.member, row.sealed)
            for row in rows
        }

    async def put(self, group: GroupId, account: Account, consent: Consent) -> None:
        """See `core.ports.Consents`. Raises UnknownGroup."""
        key = await self._tx.write(group)
        member = member_mark(key, account)
        before = await self._read(key, group, member)
        renewed = before is not None and before.receipt != consent.receipt
        if before is not None and renewed:
            await end_log_of_receipt(self._tx, before.receipt)
        if before is not None and before.purposes - consent.purposes:
            self._tx.journal(Erased.PURPOSES, group, [member], consent.purposes)
        values = {
            "group_id": group,
            "member": member,
            "given_at": consent.given_at,
            "notice": consent.notice,
            "sealed": key.seal(codec.CONSENT.dump_json(consent), place(group, member)),
        }
        await self._tx.upsert(CONSENTS, {**values, "stale_since": None} if renewed else values)

    async def remove(self, group: GroupId, account: Account) -> bool:
        """See `core.ports.Consents`."""
        if await self._tx.keys.of(group) is None:
            return False
        key = await self._tx.write(group)
        member = member_mark(key, account)
        before = await self._read(key, group, member)
        if before is None:
            return False
        self._tx.journal(Erased.CONSENT, group, [member])
        await end_log_of_receipt(self._tx, before.receipt)
        await self._tx.run(delete(CONSENTS).where(CONSENTS.c.group_id == group, CONSENTS.c.member == member))
        return True

    async def age(self, notice: str, now: datetime, limit: int) -> int:
        """See `core.ports.Consents`."""
        older = (CONSENTS.c.notice != notice, CONSENTS.c.stale_since.is_(None))
        marked = update(CONSENTS).where(_some(and_(*older), limit)).values(stale_since=now)
        return (await self._tx.run(marked)).rowcount

    async def purge(self, given_before: datetime, stale_before: datetime, limit: int) -> list[GroupId]:
        """See `core.ports.Consents`."""
        over = or_(CONSENTS.c.given_at <= given_before, CONSENTS.c.stale_since <= stale_before)
        rows = await self._tx.all(select(CONSENTS).where(_some(over, limit)))
        for row in rows:
            key = await self._tx.key(row.group_id)
            await end_log_of_receipt(self._tx, open_consent(key, row.group_id, row.member, row.sealed).receipt)
            mine = (CONSENTS.c.group_id == row.group_id, CONSENTS.c.member == row.member)
            await self._tx.run(delete(CONSENTS).where(*mine))
        return [GroupId(row.group_id) for row in rows]

    async def log(self, event: ConsentEvent) -> None:
        """See `core.ports.Consents`. Writers of all replicas take turns at the chain's end."""
        head = await self._tx.one(select(HEAD).where(HEAD.c.id == 1).with_for_update())
        assert head is not None, "the first migration writes the chain's beginning"  # noqa: S101 - schema's promise
        said = await self._said(event)
        fingerprint = fingerprint_of(head.seq + 1, said)
        link = hash_of(head.hash, fingerprint)
        chained = {"seq": head.seq + 1, "fingerprint": fingerprint, "previous": head.hash, "hash": link}
        ends = None if event.act in _OPEN_ACTS else kept_until(event.at.date())
        await self._tx.run(LOG.insert().values({**said, **chained, "keep_until": ends}))
        await self._tx.run(update(HEAD).where(HEAD.c.id == 1).values(seq=head.seq + 1, hash=link))

    async def _said(self, event: ConsentEvent) -> dict[str, object]:
        subject = None
        if event.account is not None:
            # the receipt makes a member's lines unlinkable to each other for whoever has no receipt
            key = await self._tx.key(event.group)
            subject = key.lookup("log subject", event.account, event.receipt)
        return {
            "receipt": event.receipt,
            "subject": subject,
            "group_mark": group_mark(self._tx, event.group),
            "act": str(event.act),
            "purposes": " ".join(sorted(event.purposes)),
            "notice": event.notice.id,
            "notice_hash": event.notice.hash,
            "language": event.notice.language,
            "at": event.at,
        }

    async def _read(self, key: Key, group: GroupId, member: bytes) -> Consent | None:
        query = select(CONSENTS.c.sealed).where(CONSENTS.c.group_id == group, CONSENTS.c.member == member)
        row = await self._tx.one(query)
        return open_consent(key, group, member, row.sealed) if row else None


def _some(which: ColumnElement[bool], limit: int) -> ColumnElement[bool]:
    """At most so many rows, none that somebody else is busy with."""
    keys = key_of(CONSENTS)
    return tuple_(*keys).in_(select(*keys).where(which).limit(limit).with_for_update(skip_locked=True))


def open_consent(key: Key, group: str, member: bytes, sealed: bytes) -> Consent:
    """What a row of consent says. Raises Tampered."""
    return codec.read(codec.CONSENT, key.unseal(sealed, place(group, member)))


def member_mark(key: Key, account: Account) -> bytes:
    """Who a member is, for one group."""
    return key.lookup("member", account)


def place(group: str, member: bytes) -> tuple[str, ...]:
    """Where a sealed consent stands."""
    return "member_consent", "sealed", group, member.hex()


def group_mark(tx: Transaction, group: GroupId) -> bytes:
    """Which group a line of the log is about."""
    return tx.master.lookup("log group", group)


def kept_until(end: date) -> date:
    """Twelve months after the month in which a consent ended: the day itself would tie the line to the withdrawal's."""
    next_month = (end.replace(day=1) + timedelta(days=32)).replace(day=1)
    return next_month.replace(year=next_month.year + 1)


async def end_log_of_receipt(tx: Transaction, receipt: str) -> None:
    """A consent has ended: its line's time begins to run."""
    ends = kept_until(tx.now().date())
    await tx.run(update(LOG).where(LOG.c.receipt == receipt, LOG.c.keep_until.is_(None)).values(keep_until=ends))


async def end_log_of_group(tx: Transaction, group: GroupId) -> None:
    """Every consent of a group has ended."""
    ends = kept_until(tx.now().date())
    mine = update(LOG).where(LOG.c.group_mark == group_mark(tx, group), LOG.c.keep_until.is_(None))
    await tx.run(mine.values(keep_until=ends))


def fingerprint_of(seq: int, said: Mapping[str, object]) -> bytes:
    """SHA-256 of what a line says, spelled in one way only."""
    spelled = {name: _spelled(said[name]) for name in SAID}
    return sha256(json.dumps({"seq": seq, **spelled}, sort_keys=True, separators=(",", ":")).encode()).digest()


def _spelled(value: Any) -> str | None:  # noqa: ANN401 - a column's value
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value.isoformat())


def hash_of(previous: bytes, fingerprint: bytes) -> bytes:
    """SHA-256 over the hash before and a line's fingerprint."""
    return sha256(prefixed(previous, fingerprint)).digest()


async def audit(tx: Transaction) -> list[int]:
    """Go through the whole chain; the numbers of broken lines, none when it is whole. A blanked line is not broken."""
    broken: list[int] = []
    previous: bytes | None = None
    seq = 0
    for row in await tx.all(select(LOG).order_by(LOG.c.seq)):
        follows = previous is None or (row.previous == previous and row.seq == seq + 1)
        if not (follows and _whole(row)):
            broken.append(row.seq)
        previous, seq = row.hash, row.seq
    head = await tx.one(select(HEAD))
    if head is None or (head.seq, head.hash) != (seq, previous or START):
        broken.append(seq + 1)
    return broken


def _whole(row: Row[Any]) -> bool:
    blanked = row.act is None
    said = blanked or fingerprint_of(row.seq, {name: getattr(row, name) for name in SAID}) == row.fingerprint
    return bool(said and hash_of(row.previous, row.fingerprint) == row.hash)
