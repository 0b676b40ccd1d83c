"""After a backup was restored: what was erased since it was made goes again."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement, delete, select, update

from core.model import GroupId, LinkId, Purpose
from storage import codec
from storage.consents import CONSENTS, end_log_of_receipt, open_consent, place
from storage.inbox import INBOX
from storage.installations import INSTALLATIONS
from storage.journal import Erased, Erasure
from storage.outbox import OUTBOX
from storage.shares import SHARES
from storage.sql import SqlRecords, SqlStorage


async def replay(storage: SqlStorage, erasures: Iterable[Erasure]) -> int:
    """Erase again, each erasure in a transaction of its own; how many rows or groups went. Safe to do twice.

    Raises:
        StorageUnavailable: the connection was lost; begin again.
    """
    total = 0
    for erasure in sorted(erasures, key=lambda each: each.at):
        async with storage.transaction() as records:
            total += await _once(records, erasure)
    return total


async def _once(records: SqlRecords, erasure: Erasure) -> int:
    match erasure.what:
        case Erased.GROUP:
            return await _group(records, erasure)
        case Erased.CONSENT | Erased.PURPOSES:
            return await _consents(records, erasure)
        case Erased.SHARES | Erased.CLICK_COUNTING:
            return await _shares(records, erasure)
        case Erased.WORK | Erased.POSTINGS:
            return await _work(records, erasure)
        case Erased.HANDED_OVER:
            mine = (CONSENTS.c.group_id == erasure.group, CONSENTS.c.member.in_(_marks(erasure)))
            held = (*mine, CONSENTS.c.own_token.is_not(None))
            return (await records.transaction.run(update(CONSENTS).where(*held).values(own_token=None))).rowcount
        case Erased.INSTALLATION:
            older = INSTALLATIONS.c.installed_at <= erasure.at
            gone = delete(INSTALLATIONS).where(INSTALLATIONS.c.workspace.in_(_marks(erasure)), older)
            return (await records.transaction.run(gone)).rowcount


async def _group(records: SqlRecords, erasure: Erasure) -> int:
    group = GroupId(erasure.group)
    known = await records.transaction.keys.of(group) is not None
    await records.groups.shred(group)
    return int(known)


async def _consents(records: SqlRecords, erasure: Erasure) -> int:
    """A yes that was given after the erasure stays: the backup is younger than the withdrawal."""
    tx = records.transaction
    key = await tx.keys.of(GroupId(erasure.group))
    if key is None:
        return 0
    mine = (CONSENTS.c.group_id == erasure.group, CONSENTS.c.member.in_(_marks(erasure)))
    rows = await tx.all(select(CONSENTS).where(*mine, CONSENTS.c.given_at <= erasure.at))
    for row in rows:
        one = (CONSENTS.c.group_id == row.group_id, CONSENTS.c.member == row.member)
        consent = open_consent(key, row.group_id, row.member, row.sealed)
        left = consent.purposes & {Purpose(each) for each in erasure.purposes}
        if left:
            narrowed = codec.CONSENT.dump_json(replace(consent, purposes=left))
            sealed = key.seal(narrowed, place(row.group_id, row.member))
            await tx.run(update(CONSENTS).where(*one).values(sealed=sealed))
        else:
            await end_log_of_receipt(tx, consent.receipt)
            await tx.run(delete(CONSENTS).where(*one))
    return len(rows)


async def _shares(records: SqlRecords, erasure: Erasure) -> int:
    tx, group = records.transaction, GroupId(erasure.group)
    if await tx.keys.of(group) is None:
        return 0
    which: list[ColumnElement[bool]] = [SHARES.c.group_id == group, SHARES.c.mark.in_(_marks(erasure))]
    which.append(SHARES.c.at <= erasure.at)
    links = {row.link_id for row in await tx.all(select(SHARES.c.link_id).where(*which))}
    if erasure.what is Erased.SHARES:
        done = await tx.run(delete(SHARES).where(*which))
    else:
        done = await tx.run(update(SHARES).where(*which).values(counts_clicks=False))
    for link_id in sorted(links):
        link = await records.links.get(group, LinkId(link_id))
        if link is not None:
            until = await records.shares.counted_until(group, LinkId(link_id))
            await records.links.save(replace(link, counted_until=until))
    return done.rowcount


async def _work(records: SqlRecords, erasure: Erasure) -> int:
    """What was accepted or asked for later has a look-up of its own, so no time is compared."""
    tx, marks = records.transaction, _marks(erasure)
    table, mark = (INBOX, INBOX.c.event) if erasure.what is Erased.WORK else (OUTBOX, OUTBOX.c.mark)
    held = select(mark).where(table.c.group_id == erasure.group, mark.in_(marks), table.c.sealed.is_not(None))
    rows = [row[0] for row in await tx.all(held)]
    keeper = records.inbox if erasure.what is Erased.WORK else records.outbox
    if rows:
        await keeper.blank(erasure.group, rows)
    return len(rows)


def _marks(erasure: Erasure) -> list[bytes]:
    return [bytes.fromhex(mark) for mark in erasure.marks]
