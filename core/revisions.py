"""A share of a frozen week is taken back: its edition says so, and the digest that is posted is edited."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from core.editions import without
from core.model import (
    HANDED_OVER,
    Brought,
    Digest,
    Edition,
    Group,
    GroupId,
    LinkId,
    OutboxItem,
    Posting,
    Revision,
    Week,
)
from core.ports import Records

REVISION_WAITS = timedelta(days=1)


def digest_key(week: Week) -> str:
    """A digest's key in the outbox: one for each group and week."""
    return f"digest:{week}"


async def messages_of(records: Records, edition: Edition) -> Mapping[LinkId, str]:
    """Which message shared each link of an edition first, while that is kept; the card of one that was never posted.

    Looked up anew each time: an edition is kept for 25 months, and a message would lead to who posted it.
    """
    shared = await records.shares.week(edition.group, edition.week)
    first = {each.link.id: await _seen(records, edition.group, each.message) for each in shared if each.message}
    return {link: message for link, message in first.items() if message is not None}


async def _seen(records: Records, group: GroupId, message: str) -> str | None:
    """What people see of a message."""
    if not message.startswith(HANDED_OVER):
        return message
    return await records.outbox.remote_id(group, f"card:{message}")


async def take_out(records: Records, group: Group, gone: Iterable[Brought], now: datetime) -> None:
    """Take shares out of the editions that count them, and ask for their digests to be edited."""
    by_week: defaultdict[Week, list[Brought]] = defaultdict(list)
    for each in gone:
        by_week[each.week].append(each)
    for week, taken in by_week.items():
        edition = await records.digests.get(group.id, week)
        if edition is None:
            continue
        revised = edition
        for each in taken:
            revised = without(revised, each, group.schedule.zone)
        if revised != edition:
            await records.digests.revise(revised)
            key = f"revision:{week}:{revised.shares}"
            await records.outbox.put(group.id, key, Revision(revised), now + REVISION_WAITS)


async def as_it_is_now(records: Records, item: OutboxItem) -> Posting | None:
    """A posting with what changed since it was asked for; None when there is nothing left to do.

    Shares may have been taken out of a digest while it waited; a digest that was not posted needs no editing, for it
    will be posted as it is by then.
    """
    posting = item.posting
    if not isinstance(posting, Digest | Revision):
        return posting
    edition = await records.digests.get(item.group, posting.edition.week) or posting.edition
    current = replace(posting, edition=edition, messages=await messages_of(records, edition))
    if isinstance(current, Digest):
        return current
    posted = await records.outbox.remote_id(item.group, digest_key(edition.week))
    return replace(current, posted=posted) if posted else None
