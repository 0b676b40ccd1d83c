"""The weekly digest: due, freeze, hand over. Posting is `core.delivery`'s."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from core import ranking
from core.anonymity import ExactWeek, Gate, GroupWeek, Noise, release_group_week
from core.errors import PlatformUnavailable
from core.links import short_url
from core.model import (
    ClickCount,
    Digest,
    Edition,
    Entry,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    Platform,
    Week,
    WeekOfLink,
)
from core.ports import Now, Records, Roles, Storage
from core.schedules import finished_week, last_day_of, next_digest, weekday_of

LEASE = timedelta(minutes=2)
AT_MOST_LATE = timedelta(hours=24)
"""A digest later than this is skipped, never a Thursday Monday-digest (digest.md)."""
KEPT_AT_MOST = 110
"""Editions of 25 months, and some."""
LINKS_FOR_A_FULL_DIGEST = 3
"""A week of fewer links is told in short, without chart, days and sources; one without any is not told at all."""


@dataclass(frozen=True, slots=True)
class DigestOutside:
    """What digests need from outside."""

    storage: Storage
    roles: Mapping[Platform, Roles]
    noise: Noise
    now: Now
    public_url: str


@dataclass(frozen=True, slots=True)
class WeekInGroup:
    """Everything that one edition is made from."""

    group: Group
    week: Week
    links: tuple[WeekOfLink, ...]
    clicks: GroupWeek
    shared_at: tuple[datetime, ...]
    frozen_at: datetime
    public_url: str


class DigestService:
    """Freezes each group's week once, when its group wants to read it.

    Args:
        outside: storage, the platforms' live roles, noise, clock, the address that short URLs begin with.
    """

    def __init__(self, outside: DigestOutside) -> None:
        self._outside = outside

    async def tick(self, limit: int = 100) -> int:
        """Freeze what is due and put it into the outbox; how many groups were looked at. Safe on every replica."""
        now = self._outside.now()
        async with self._outside.storage.transaction() as records:
            due = await records.groups.claim_due(now, LEASE, limit)
        for group in due:
            members = await self._members(group, now)
            if members is None:
                continue
            async with self._outside.storage.transaction() as records:
                await self._freeze(records, group.id, members)
        return len(due)

    async def latest(self, address: GroupAddress) -> Edition | None:
        """The group's newest edition, as it was frozen."""
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            editions = await records.digests.latest(group.id, 1) if group else []
            return editions[0] if editions else None

    async def of_week(self, address: GroupAddress, week: Week) -> Edition | None:
        """The edition of one week, as it was frozen; None when there is none, or no longer."""
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            return await records.digests.get(group.id, week) if group else None

    async def past(self, group: GroupId) -> list[Edition]:
        """A group's editions that are still kept, newest first, each as it was frozen."""
        async with self._outside.storage.transaction() as records:
            return await records.digests.latest(group, KEPT_AT_MOST)

    async def arrived(self, edition: Edition) -> bool:
        """Whether it is known that a digest was posted in its group; asked within a week of it."""
        async with self._outside.storage.transaction() as records:
            return await records.outbox.remote_id(edition.group, f"digest:{edition.week}") is not None

    async def _members(self, group: Group, now: datetime) -> int | None:
        """How many people are in a group; None: ask again when the lease has run out, unless that is too late."""
        roles = self._outside.roles.get(group.address.platform)
        try:
            return await roles.members(group.address) if roles else 0
        except PlatformUnavailable:
            late = now - (group.next_digest or now) > AT_MOST_LATE
            return 0 if late else None

    async def _freeze(self, records: Records, group_id: GroupId, members: int) -> None:
        group = await records.groups.get(group_id)
        now = self._outside.now()
        if group is None or group.state is not GroupState.ENABLED or not _is_due(group, now):
            return
        due = group.next_digest or now
        week = finished_week(due, group.schedule.zone)
        if now - due <= AT_MOST_LATE:
            await self._release(records, group, week, members)
        await records.clicks.delete(group.id, last_day_of(week))
        await records.groups.save(replace(group, next_digest=next_digest(group.schedule, now)))

    async def _release(self, records: Records, group: Group, week: Week, members: int) -> None:
        links = tuple(await records.shares.week(group.id, week))
        if not links or await records.digests.get(group.id, week) is not None:
            return
        counts = await records.clicks.counts(group.id, last_day_of(week))
        frozen = WeekInGroup(
            group,
            week,
            links,
            release_group_week(exact_week(links, counts), _told(group, members), self._outside.noise),
            tuple(await records.shares.by_day(group.id, week)),
            self._outside.now(),
            self._outside.public_url,
        )
        edition = edit(frozen)
        await records.digests.add(edition)
        cutoff = (group.next_digest or frozen.frozen_at) + AT_MOST_LATE
        await records.outbox.put(group.id, f"digest:{week}", Digest(edition, group.schedule.topic), cutoff)


async def upcoming(records: Records, group: Group, now: datetime, public_url: str) -> Edition | None:
    """What the next digest of a group would say by now; None while nothing was shared.

    A week that is frozen is shown as it was frozen. Of one that is not, no click is told: noise is drawn once, when it
    is frozen, and one that was drawn for every look could be averaged away.
    """
    week = finished_week(group.next_digest or now, group.schedule.zone)
    frozen = await records.digests.get(group.id, week)
    links = tuple(await records.shares.week(group.id, week))
    if frozen is not None or not links:
        return frozen
    shared_at = tuple(await records.shares.by_day(group.id, week))
    return edit(WeekInGroup(group, week, links, GroupWeek(Gate.NOTHING), shared_at, now, public_url))


def _told(group: Group, members: int) -> int:
    """How many members the gate is told of: none where an admin wants a larger group before any click is told."""
    return members if members >= group.clicks_from else 0


def _is_due(group: Group, now: datetime) -> bool:
    return group.next_digest is not None and group.next_digest <= now


def exact_week(links: tuple[WeekOfLink, ...], counts: list[ClickCount]) -> ExactWeek:
    """The exact counts in the words of `anonymity`, for the links of the edition alone."""
    ids = tuple(str(each.link.id) for each in links)
    clicks = {(str(each.link), each.day): each.browsers for each in counts if each.link in ids}
    return ExactWeek(ids, clicks, sum(each.in_total for each in counts))


def edit(frozen: WeekInGroup) -> Edition:
    """Make the edition of a week: choose, order, sum up. Pure: the same frozen figures give the same edition."""
    noisy = {figure.key: figure.noisy for figure in frozen.clicks.links}
    shared = {_hash(each): each for each in frozen.links}
    candidates = (_candidate(each, noisy.get(str(each.link.id))) for each in frozen.links)
    ranked = ranking.choose(candidates, frozen.frozen_at, len(frozen.links))
    entries = tuple(_entry(shared[each.candidate.url_hash], each, frozen.public_url) for each in ranked)
    size = frozen.group.digest_size
    return Edition(
        group=frozen.group.id,
        week=frozen.week,
        language=frozen.group.language,
        entries=entries[:size],
        others=entries[size:],
        shares=sum(each.shares for each in entries),
        clicks=_total(frozen.clicks, entries),
        shares_by_day=_by_day(frozen.shared_at, frozen.group.schedule.zone),
        frozen_at=frozen.frozen_at,
    )


def is_full(edition: Edition) -> bool:
    """Whether a week had enough links to be told at length."""
    return len(edition.entries) + len(edition.others) >= LINKS_FOR_A_FULL_DIGEST


def sources_of(edition: Edition) -> ranking.Sources | None:
    """How concentrated a week's sources were; None where too little was shared, or by too few, to say.

    How many people shared something can't be known: who shared a link is kept per link, so that two links can't be
    tied together. But a member counts once for a link and week, so the most shared link's sharers are that many
    different people, and the week had at least as many. This is the number the gate gets: it may keep silent
    where it could speak, and never speaks of fewer than five people. (The number of members who said yes would be a
    bound from above, and would let the line speak of one busy member among five.)
    """
    each_link = (*edition.entries, *edition.others)
    by_site: Counter[str] = Counter()
    for each in each_link:
        by_site[each.site] += each.shares
    return ranking.sources(by_site, max((each.shares for each in each_link), default=0))


def _total(clicks: GroupWeek, entries: tuple[Entry, ...]) -> int | None:
    if clicks.gate is Gate.PER_LINK:
        return sum(each.clicks or 0 for each in entries)
    return clicks.total


def _by_day(shared_at: tuple[datetime, ...], zone: str) -> tuple[int, ...]:
    days = [weekday_of(moment, zone) for moment in shared_at]
    return tuple(days.count(day) for day in range(7))


def _hash(each: WeekOfLink) -> str:
    return sha256(each.link.clean.key.encode()).hexdigest()


def _candidate(each: WeekOfLink, noisy: int | None) -> ranking.Candidate:
    return ranking.Candidate(_hash(each), each.link.clean.site, each.shares, 0, noisy, each.first_shared_at)


def _entry(each: WeekOfLink, chosen: ranking.Entry, public_url: str) -> Entry:
    link = each.link
    return Entry(
        link=link.id,
        title=link.title or link.clean.display,
        site=link.clean.site,
        url=link.clean.display,
        short_url=short_url(public_url, link.code),
        shares=each.shares,
        clicks=chosen.candidate.clicks,
        first_shared_at=each.first_shared_at,
        terms=chosen.terms,
        reactions=chosen.candidate.reactors,
    )
