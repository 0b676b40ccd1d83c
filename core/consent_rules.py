"""What both halves of consent, groups and members, stand on: pure rules, and finding a group inside a transaction."""

from dataclasses import replace
from datetime import datetime, timedelta

from core.errors import UnknownGroup
from core.model import CONSENT_VALID_FOR, Consent, Group, GroupAddress, GroupId, GroupState, LinkId, Purpose
from core.ports import Records

PENDING_FOR = timedelta(days=7)
"""How long a group that nobody switches on is remembered."""


def within(chosen: frozenset[Purpose], offered: frozenset[Purpose]) -> frozenset[Purpose]:
    """Cut a choice to what the group offers; clicks and statistics are nothing without shares."""
    kept = chosen & offered
    return kept if Purpose.SHARES in kept else frozenset()


def is_stale(consent: Consent, notice: str, now: datetime) -> bool:
    """Whether a consent allows nothing any more: older than twelve months, or given to another notice."""
    return consent.notice != notice or consent.given_at + CONSENT_VALID_FOR <= now


def to_the_minute(moment: datetime) -> datetime:
    """Cut a moment to its minute: precision is metadata."""
    return moment.replace(second=0, microsecond=0)


async def locked_group(records: Records, address: GroupAddress) -> Group | None:
    """The group as it is, and as it stays until this transaction ends: asking by our own id takes its lock."""
    found = await records.groups.at(address)
    return await records.groups.get(found.id) if found else None


async def known_group(records: Records, address: GroupAddress) -> Group:
    """The group, locked, unless it is being erased.

    Raises:
        UnknownGroup: nothing is kept about it.
    """
    group = await locked_group(records, address)
    if group is None or group.state is GroupState.ERASING:
        raise UnknownGroup
    return group


async def recount(records: Records, group: GroupId, links: frozenset[LinkId]) -> None:
    """Write anew until when the clicks of these links count: some of their shares have changed."""
    for link_id in links:
        link = await records.links.get(group, link_id)
        if link is not None:
            until = await records.shares.counted_until(group, link_id)
            await records.links.save(replace(link, counted_until=until))
