"""The weekly digest: due, freeze, hand over. Posting is `core.delivery`'s."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.anonymity import Gate, GroupWeek, Noise, release_group_week
from core.drafts import Draft, Kind, sample
from core.editions import WeekInGroup, edit, exact_week, is_quiet
from core.errors import PenumbraError, PlatformUnavailable, StorageUnavailable
from core.listed_later import ListedAs, editions_to_show, links_to_tell, listed_nowhere
from core.model import (
    Digest,
    Edition,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    LinkId,
    Missed,
    Platform,
    Question,
    Week,
)
from core.ports import Now, Records, Roles, Storage
from core.revisions import digest_key, messages_of
from core.schedules import AT_ONCE, Rhythm, finished_week, last_day_of, next_digest
from core.together import Together, in_turn

LEASE = timedelta(minutes=2)
AT_MOST_LATE = timedelta(hours=24)
"""A digest later than this is skipped, never a Thursday Monday-digest (digest.md)."""
KEPT_AT_MOST = 110
"""Editions of 25 months, and some."""
FROZEN_TOGETHER = 20
"""Groups of one transaction: fewer commits, and none holds its rows for long."""
ASKED_TOGETHER = 10
"""Groups whose platform is asked at the same time how many members they have."""
READERS_KNOWN_FOR = timedelta(hours=1)
QUIET_DIGESTS = 3
"""After so many that nobody followed or reacted to, an admin is asked whether to go on."""
POSTED_AGAIN_WITHIN = timedelta(hours=1)
"""A person who asks for a posting means now."""
TOO_LATE = "too late"
UNREADABLE = "unreadable"
"""A row of the group can't be read: its own digest waits for an operator, nobody else's does."""

Tell = Callable[[GroupId, Missed], None]


def untold(_: GroupId, __: Missed) -> None:
    """Nobody is listening."""


@dataclass(frozen=True, slots=True)
class DigestOutside:
    """What digests need from outside."""

    storage: Storage
    roles: Mapping[Platform, Roles]
    noise: Noise
    now: Now
    public_url: str
    rhythm: Rhythm = AT_ONCE
    tell: Tell = untold
    """Is told of every digest that is skipped."""
    together: Together = in_turn
    listed_as: ListedAs = listed_nowhere


class DigestService:
    """Freezes each group's week once, when its group wants to read it.

    Args:
        outside: storage, the platforms' live roles, noise, clock, the address that short URLs begin with.
    """

    def __init__(self, outside: DigestOutside) -> None:
        self._outside = outside
        self._readers: dict[datetime, tuple[int, datetime]] = {}

    async def tick(self, limit: int = 100, rounds: int = 10) -> int:
        """Freeze what is due and put it into the outbox; how many groups were looked at. Safe on every replica.

        Args:
            limit: groups claimed at a time.
            rounds: claims at most, while there is more.
        """
        looked_at = 0
        for _ in range(rounds):
            async with self._outside.storage.transaction() as records:
                due = await records.groups.claim_due(self._outside.now(), LEASE, limit)
            looked_at += len(due)
            await self._freeze_all(await self._sized(due))
            if len(due) < limit:
                break
        return looked_at

    async def _sized(self, groups: list[Group]) -> list[tuple[Group, int]]:
        """Groups with how many people are in each; one whose platform is away waits for its next claim."""
        now, sized = self._outside.now(), []
        for start in range(0, len(groups), ASKED_TOGETHER):
            some = groups[start : start + ASKED_TOGETHER]
            members = await self._outside.together([self._members(group, now) for group in some])
            sized += [(group, number) for group, number in zip(some, members, strict=True) if number is not None]
        return sized

    async def _freeze_all(self, sized: list[tuple[Group, int]]) -> None:
        for start in range(0, len(sized), FROZEN_TOGETHER):
            some = sized[start : start + FROZEN_TOGETHER]
            try:
                await self._freeze_together(some)
            except StorageUnavailable:
                raise
            except PenumbraError:  # one of them can't be read: the others must not wait for it
                for each in some:
                    await self._freeze_alone(each)

    async def _freeze_together(self, some: list[tuple[Group, int]]) -> None:
        missed: list[tuple[GroupId, Missed]] = []
        async with self._outside.storage.transaction() as records:
            for group, members in some:
                missed += [(group.id, each) for each in await self._freeze(records, group.id, members)]
        for each in missed:
            self._outside.tell(*each)

    async def _freeze_alone(self, sized: tuple[Group, int]) -> None:
        try:
            await self._freeze_together([sized])
        except StorageUnavailable:
            raise
        except PenumbraError:
            await self._leave_out(sized[0])

    async def _leave_out(self, group: Group) -> None:
        """Note that a group can't be frozen. It is tried again with each lease, until it is too late for this week."""
        now = self._outside.now()
        missed = Missed(finished_week(group.next_digest or now, group.schedule.zone), UNREADABLE)
        async with self._outside.storage.transaction() as records:
            await records.digests.miss(group.id, missed)
            if now - (group.due or now) > AT_MOST_LATE:
                await self._move_on(records, group, missed.week)
        self._outside.tell(group.id, missed)

    async def latest(self, address: GroupAddress) -> Edition | None:
        """The group's newest edition, as it was frozen."""
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            editions = await records.digests.latest(group.id, 1) if group else []
            return await self._to_show(records, editions)

    async def of_week(self, address: GroupAddress, week: Week) -> Edition | None:
        """The edition of one week, as it was frozen; None when there is none, or no longer."""
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            edition = await records.digests.get(group.id, week) if group else None
            return await self._to_show(records, [edition] if edition else [])

    async def _to_show(self, records: Records, editions: list[Edition]) -> Edition | None:
        """The first as it was frozen, less what is on the list of bad addresses by now."""
        return next(iter(await editions_to_show(records, editions, self._outside.listed_as)), None)

    async def preview(self, group: GroupId, titles: Sequence[str]) -> Draft | None:
        """What a group's next digest would say by now, or a sample while nothing was shared; None for no such group.

        Nothing is frozen, and no click is told but those that the sample makes up.

        Args:
            group: whose digest.
            titles: of the sample's pages, in the group's language (`core.drafts.sample`).
        """
        now = self._outside.now()
        async with self._outside.storage.reading() as records:
            found = await records.groups.get(group)
            outside = self._outside
            draft = (
                await upcoming(records, found, now, outside.public_url, outside.listed_as)
                if found is not None
                else None
            )
        if found is None or draft is not None:
            return draft
        week = finished_week(found.next_digest or now, found.schedule.zone)
        return sample(found, week, _told(found, await self._members(found, now) or 0), titles)

    async def past(self, group: GroupId) -> list[Edition]:
        """A group's editions that are still kept, newest first, each as it was frozen, less what is listed by now."""
        async with self._outside.storage.transaction() as records:
            kept = await records.digests.latest(group, KEPT_AT_MOST)
            return await editions_to_show(records, kept, self._outside.listed_as)

    async def arrived(self, edition: Edition) -> bool:
        """Whether it is known that a digest was posted in its group; asked within a week of it."""
        async with self._outside.storage.transaction() as records:
            return await records.outbox.remote_id(edition.group, digest_key(edition.week)) is not None

    async def missed(self, address: GroupAddress) -> Missed | None:
        """The latest digest that a group did not get, while that is remembered."""
        async with self._outside.storage.reading() as records:
            group = await records.groups.at(address)
            return await records.digests.missed(group.id) if group else None

    async def post_again(self, address: GroupAddress, week: Week) -> bool:
        """An admin looked, and a digest of unknown end is not there; who may say so is the caller's to ask.

        Returns:
            Whether it is posted again: to one who says so, however many do; to nobody once its end is known.
        """
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            cutoff = self._outside.now() + POSTED_AGAIN_WITHIN
            if group is None or not await records.outbox.post_again(group.id, digest_key(week), cutoff):
                return False
            await records.digests.not_missed(group.id, week)  # and again it is, should that go wrong too
            return True

    async def messages(self, edition: Edition) -> Mapping[LinkId, str]:
        """Which message shared each link of an edition first, while that is kept: for "See the conversation"."""
        async with self._outside.storage.reading() as records:
            return await messages_of(records, edition)

    async def _members(self, group: Group, now: datetime) -> int | None:
        """How many people are in a group; None: ask again when the lease has run out, unless that is too late."""
        roles = self._outside.roles.get(group.address.platform)
        try:
            return await roles.members(group.address) if roles else 0
        except PlatformUnavailable:
            late = now - (group.due or now) > AT_MOST_LATE
            return 0 if late else None

    async def _freeze(self, records: Records, group_id: GroupId, members: int) -> list[Missed]:
        """Freeze what a group's turn has come for; what it misses."""
        group, now, missed = await records.groups.get(group_id), self._outside.now(), list[Missed]()
        if group is None or group.state is not GroupState.ENABLED or group.due is None or group.due > now:
            return missed
        week = finished_week(group.next_digest or now, group.schedule.zone)
        if now - group.due <= AT_MOST_LATE:
            await self._release(records, group, week, members)
        elif await records.shares.week(group.id, week) and await records.digests.get(group.id, week) is None:
            missed.append(Missed(week, TOO_LATE))
            await records.digests.miss(group.id, missed[0])
        await self._move_on(records, group, week)
        return missed

    async def _move_on(self, records: Records, group: Group, week: Week) -> None:
        """Drop the exact figures of a week, and wait for the next."""
        await records.clicks.delete(group.id, last_day_of(week))
        await records.reactions.destroy(group.id, week)
        following = next_digest(group.schedule, self._outside.now())
        turn = self._outside.rhythm.turn(group.id, await self._reading_at(records, following))
        await records.groups.save(replace(group, next_digest=following, turn=turn))

    async def _reading_at(self, records: Records, moment: datetime) -> int:
        """How many groups read at a moment: asked of the database once in a while, not once for each of them."""
        now = self._outside.now()
        known = self._readers.get(moment)
        if known is None or known[1] <= now:
            self._readers = {at: each for at, each in self._readers.items() if each[1] > now}
            known = self._readers[moment] = await records.groups.reading_at(moment), now + READERS_KNOWN_FOR
        return known[0]

    async def _release(self, records: Records, group: Group, week: Week, members: int) -> None:
        links = await links_to_tell(records, await records.shares.week(group.id, week), self._outside.listed_as)
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
            await records.reactions.people(group.id, week),
        )
        edition = edit(frozen)
        await records.digests.add(edition)
        cutoff = (group.due or frozen.frozen_at) + AT_MOST_LATE
        await records.outbox.put(group.id, digest_key(week), Digest(edition, group.schedule.topic), cutoff)
        await self._ask_whether_to_go_on(records, group, week, cutoff)

    async def _ask_whether_to_go_on(self, records: Records, group: Group, week: Week, cutoff: datetime) -> None:
        """After three quiet digests, and not again while they go on being quiet."""
        lately = await records.digests.latest(group.id, QUIET_DIGESTS + 1)
        quiet = [is_quiet(each) for each in lately]
        if quiet[:QUIET_DIGESTS] == [True] * QUIET_DIGESTS and quiet[QUIET_DIGESTS:] != [True]:
            await records.outbox.put(group.id, f"question:{week}", Question(group.language, group.name), cutoff)


async def upcoming(
    records: Records, group: Group, now: datetime, public_url: str, listed_as: ListedAs = listed_nowhere
) -> Draft | None:
    """What the next digest of a group would say by now; None while nothing was shared.

    A week that is frozen is shown as it was frozen. Of one that is not, no click is told: noise is drawn once, when it
    is frozen, and one that was drawn for every look could be averaged away.
    """
    week = finished_week(group.next_digest or now, group.schedule.zone)
    frozen = await records.digests.get(group.id, week)
    if frozen is not None:
        return Draft((await editions_to_show(records, [frozen], listed_as))[0], Kind.FROZEN)
    links = await links_to_tell(records, await records.shares.week(group.id, week), listed_as)
    if not links:
        return None
    shared_at = tuple(await records.shares.by_day(group.id, week))
    reactions = await records.reactions.people(group.id, week)
    by_now = WeekInGroup(group, week, links, GroupWeek(Gate.NOTHING), shared_at, now, public_url, reactions)
    return Draft(edit(by_now), Kind.BY_NOW)


def _told(group: Group, members: int) -> int:
    """How many members the gate is told of: none where an admin wants a larger group before any click is told."""
    return members if members >= group.clicks_from else 0
