"""The keepers of `MemoryStorage`, one per noun, over one dictionary each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from core.errors import AlreadyKept, UnknownGroup
from core.model import (
    CLICKS_COUNTED_FOR,
    Account,
    Brought,
    ClickBatch,
    ClickCount,
    Code,
    Consent,
    ConsentEvent,
    Destination,
    Edition,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    Intake,
    LinkChanges,
    LinkId,
    LinkState,
    MessageState,
    Missed,
    Pass,
    PassKind,
    Platform,
    Preview,
    Reaction,
    Share,
    TrackedLink,
    Week,
    WeekOfLink,
)
from core.ports import CachedPreview, Now

if TYPE_CHECKING:
    from tests.fakes.memory_storage import State


@dataclass(frozen=True)
class Target:
    """Where a code leads; outlives the group."""

    link: LinkId
    group: GroupId
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class ClickRow:
    browsers: int = 0
    in_total: int = 0


@dataclass(frozen=True)
class InboxRow:
    intake: Intake | None
    not_before: datetime
    lease: str | None = None
    leased_until: datetime | None = None
    attempts: int = 0
    error: str | None = None
    dead: bool = False


def require_group(state: State, group: GroupId) -> None:
    if group not in state.groups:
        raise UnknownGroup


class MemoryGroups:
    def __init__(self, state: State, now: Now) -> None:
        self._state = state
        self._now = now

    async def add(self, group: Group) -> None:
        if group.id in self._state.groups or await self.at(group.address):
            raise AlreadyKept
        self._state.groups[group.id] = group
        self._state.group_touched[group.id] = self._now()

    async def at(self, address: GroupAddress) -> Group | None:
        return next((each for each in self._state.groups.values() if each.address == address), None)

    async def get(self, group: GroupId) -> Group | None:
        return self._state.groups.get(group)

    async def some(self, groups: Collection[GroupId]) -> dict[GroupId, Group]:
        return {each: self._state.groups[each] for each in groups if each in self._state.groups}

    async def of_workspace(self, platform: Platform, workspace: str) -> list[Group]:
        mine = [each for each in self._state.groups.values() if each.address.platform is platform]
        return [each for each in mine if each.address.workspace == workspace]

    async def save(self, group: Group) -> None:
        known = self._state.groups.get(group.id)
        if known is None or (known.state is GroupState.ERASING and group.state is not GroupState.ERASING):
            raise UnknownGroup
        there = await self.at(group.address)
        if there is not None and there.id != group.id:
            raise AlreadyKept
        if known.due != group.due:
            self._state.group_leases.pop(group.id, None)
        if known.state is not group.state:
            self._state.group_touched[group.id] = self._now()
        self._state.groups[group.id] = group

    async def claim_due(self, now: datetime, lease: timedelta, limit: int) -> list[Group]:
        due = [
            each
            for each in self._state.groups.values()
            if each.state is GroupState.ENABLED
            and each.due is not None
            and each.due <= now
            and self._state.group_leases.get(each.id, self._now()) <= self._now()
        ]
        claimed = sorted(due, key=lambda each: (each.due, each.id))[:limit]
        for each in claimed:
            self._state.group_leases[each.id] = self._now() + lease
        return claimed

    async def reading_at(self, moment: datetime) -> int:
        there = [each for each in self._state.groups.values() if each.next_digest == moment]
        return sum(each.state is GroupState.ENABLED for each in there)

    async def settled_before(self, state: GroupState, moment: datetime, limit: int) -> list[Group]:
        settled = [each for each in self._state.groups.values() if each.state is state and each.since <= moment]
        return sorted(settled, key=lambda each: (each.since, each.id))[:limit]

    async def pause_over(self, now: datetime, limit: int) -> list[Group]:
        paused = [each for each in self._state.groups.values() if each.state is GroupState.PAUSED]
        over = [(each.paused_until, each.id, each) for each in paused if each.paused_until and each.paused_until <= now]
        return [each for _, _, each in sorted(over, key=lambda row: row[:2])][:limit]

    async def shred(self, group: GroupId) -> None:
        if self._state.groups.pop(group, None) is None:
            return
        for link in [each for each in self._state.links.values() if each.group == group]:
            del self._state.links[link.id]
            self._state.link_touched[link.id] = self._now()
        for event in [key for key, row in self._state.inbox.items() if row.intake and row.intake.group == group]:
            del self._state.inbox[event]
        for rows in (
            self._state.consents,
            self._state.stale,
            self._state.shares,
            self._state.messages,
            self._state.clicks,
            self._state.editions,
            self._state.missed,
            self._state.reactions,
            self._state.contributions,
            self._state.outbox,
        ):
            for key in [key for key in rows if key[0] == group]:
                del rows[key]  # type: ignore[attr-defined] # dictionaries whose keys all begin with the group


class MemoryConsents:
    def __init__(self, state: State) -> None:
        self._state = state

    async def get(self, group: GroupId, account: Account) -> Consent | None:
        return self._state.consents.get((group, account))

    async def some(self, asked: Collection[tuple[GroupId, Account]]) -> dict[tuple[GroupId, Account], Consent]:
        for group, _ in asked:
            require_group(self._state, group)
        return {each: self._state.consents[each] for each in asked if each in self._state.consents}

    async def put(self, group: GroupId, account: Account, consent: Consent) -> None:
        require_group(self._state, group)
        before = self._state.consents.get((group, account))
        if before is not None and before.receipt != consent.receipt:
            self._state.stale.pop((group, account), None)
        self._state.consents[group, account] = consent

    async def remove(self, group: GroupId, account: Account) -> bool:
        self._state.stale.pop((group, account), None)
        return self._state.consents.pop((group, account), None) is not None

    async def age(self, notice: str, now: datetime, limit: int) -> int:
        rows = self._state.consents.items()
        older = [key for key, each in rows if each.notice != notice and key not in self._state.stale][:limit]
        self._state.stale.update(dict.fromkeys(older, now))
        return len(older)

    async def purge(self, given_before: datetime, stale_before: datetime, limit: int) -> list[GroupId]:
        stale = [key for key, since in self._state.stale.items() if since <= stale_before]
        old = [key for key, each in self._state.consents.items() if each.given_at <= given_before]
        purged = list(dict.fromkeys((*stale, *old)))[:limit]
        for group, account in purged:
            await self.remove(group, account)
        return [group for group, _ in purged]

    async def log(self, event: ConsentEvent) -> None:
        self._state.log[len(self._state.log)] = event


class MemoryLinks:
    def __init__(self, state: State, now: Now) -> None:
        self._state = state
        self._now = now

    async def find(self, group: GroupId, key: str) -> TrackedLink | None:
        links = self._state.links.values()
        return next((each for each in links if each.group == group and each.clean.key == key), None)

    async def find_all(self, wanted: Collection[tuple[GroupId, str]]) -> dict[tuple[GroupId, str], TrackedLink]:
        found = {place: await self.find(*place) for place in wanted}
        return {place: link for place, link in found.items() if link is not None}

    async def add(self, link: TrackedLink) -> None:
        require_group(self._state, link.group)
        if link.id in self._state.links or await self.find(link.group, link.clean.key):
            raise AlreadyKept
        self._write(link)

    async def add_all(self, links: Sequence[TrackedLink]) -> None:
        for link in links:
            await self.add(link)

    async def save_all(self, links: Sequence[TrackedLink]) -> None:
        for link in links:
            await self.save(link)

    async def save(self, link: TrackedLink) -> None:
        require_group(self._state, link.group)
        known = self._state.links.get(link.id)
        if known is None:
            return
        self._write(
            replace(
                known,
                title=link.title,
                expires_at=link.expires_at,
                counted_until=link.counted_until,
                shown_at=link.shown_at,
            )
        )

    def _write(self, link: TrackedLink) -> None:
        known = self._state.links.get(link.id)
        if known is None or (known.expires_at, known.counted_until) != (link.expires_at, link.counted_until):
            self._state.link_touched[link.id] = self._now()
        self._state.links[link.id] = link
        self._state.targets[link.code] = Target(link.id, link.group, link.clean.display, link.expires_at)

    async def get(self, group: GroupId, link: LinkId) -> TrackedLink | None:
        found = self._state.links.get(link)
        return found if found is not None and found.group == group else None

    async def destination(self, code: Code) -> Destination | None:
        target = self._state.targets.get(code)
        if target is None:
            return None
        return Destination(target.link, target.group, target.url, target.expires_at, self._counted_until(target))

    def _counted_until(self, target: Target) -> datetime | None:
        group = self._state.groups.get(target.group)
        link = self._state.links.get(target.link)
        counting = link is not None and group is not None and group.state is GroupState.ENABLED
        return link.counted_until if link and counting else None

    async def destinations(self, codes: Collection[Code]) -> dict[Code, Destination]:
        found = {code: await self.destination(code) for code in codes}
        return {code: leads for code, leads in found.items() if leads is not None}

    async def changes(self, since: datetime | None, look_back: timedelta) -> LinkChanges:
        now = self._now()
        moment = min(since or now, now) - look_back
        by_link = {link for link, at in self._state.link_touched.items() if at >= moment}
        groups = {group for group, at in self._state.group_touched.items() if at >= moment}
        return LinkChanges(
            now,
            {
                each.link: LinkState(each.expires_at, self._counted_until(each))
                for each in self._state.targets.values()
                if each.link in by_link or each.group in groups
            },
        )


class MemoryShares:
    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, share: Share) -> bool:
        require_group(self._state, share.group)
        key = share.group, share.account, share.link, share.week
        if key in self._state.shares:
            return False
        self._state.shares[key] = share
        return True

    async def add_all(self, shares: Sequence[Share]) -> None:
        for share in shares:
            await self.add(share)

    async def messages(self, asked: Collection[tuple[GroupId, str]]) -> dict[tuple[GroupId, str], MessageState]:
        return {each: MessageState(*self._state.messages[each]) for each in asked if each in self._state.messages}

    async def set_messages(self, held: Mapping[tuple[GroupId, str], MessageState]) -> None:
        for place, state in held.items():
            await self.set_message(*place, state.links, state.version)

    async def of_message(self, group: GroupId, message: str) -> frozenset[LinkId]:
        found = self._state.messages.get((group, message))
        return found[0] if found else frozenset()

    async def message_version(self, group: GroupId, message: str) -> datetime | None:
        found = self._state.messages.get((group, message))
        return found[1] if found else None

    async def set_message(self, group: GroupId, message: str, links: frozenset[LinkId], version: datetime) -> None:
        require_group(self._state, group)
        known = self._state.messages.get((group, message))
        if known is None or known[1] <= version:
            self._state.messages[group, message] = links, version

    async def take_back(
        self, group: GroupId, account: Account, message: str, links: frozenset[LinkId]
    ) -> frozenset[LinkId]:
        return self._delete(each for each in self._of(group, account) if each.message == message and each.link in links)

    async def brought(self, group: GroupId, message: str) -> list[Brought]:
        mine = [each for each in self._state.shares.values() if (each.group, each.message) == (group, message)]
        return [Brought(each.link, each.week, each.at) for each in sorted(mine, key=lambda each: (each.at, each.link))]

    async def take_one(self, group: GroupId, account: Account, link: LinkId, week: Week) -> Brought | None:
        taken = self._state.shares.pop((group, account, link, week), None)
        return Brought(link, week, taken.at) if taken else None

    async def shared_by(self, group: GroupId, account: Account, week: Week) -> frozenset[LinkId]:
        return frozenset(each.link for each in self._of(group, account) if each.week == week)

    async def last_message(self, group: GroupId, account: Account) -> str | None:
        mine = self._of(group, account)
        return max(mine, key=lambda each: each.at).message if mine else None

    async def forget(self, group: GroupId, account: Account) -> frozenset[LinkId]:
        return self._delete(self._of(group, account))

    async def stop_counting(self, group: GroupId, account: Account | None) -> frozenset[LinkId]:
        everybody = [each for each in self._state.shares.values() if each.group == group]
        mine = everybody if account is None else self._of(group, account)
        for each in mine:
            self._state.shares[group, each.account, each.link, each.week] = replace(each, counts_clicks=False)
        return frozenset(each.link for each in mine)

    def _of(self, group: GroupId, account: Account) -> list[Share]:
        return [each for each in self._state.shares.values() if (each.group, each.account) == (group, account)]

    def _delete(self, shares: Iterable[Share]) -> frozenset[LinkId]:
        gone = list(shares)
        for each in gone:
            del self._state.shares[each.group, each.account, each.link, each.week]
        return frozenset(each.link for each in gone)

    async def counted_until_all(
        self, links: Collection[tuple[GroupId, LinkId]]
    ) -> dict[tuple[GroupId, LinkId], datetime]:
        found = {each: await self.counted_until(*each) for each in links}
        return {each: until for each, until in found.items() if until is not None}

    async def counted_until(self, group: GroupId, link: LinkId) -> datetime | None:
        shares = self._state.shares.values()
        counting = [each.at for each in shares if (each.group, each.link) == (group, link) and each.counts_clicks]
        return max(counting) + CLICKS_COUNTED_FOR if counting else None

    async def week(self, group: GroupId, week: Week) -> list[WeekOfLink]:
        by_link: defaultdict[LinkId, list[Share]] = defaultdict(list)
        for each in self._in(group, week):
            by_link[each.link].append(each)
        return [
            WeekOfLink(self._state.links[link], len(shares), shares[0].at, shares[0].message)
            for link, shares in by_link.items()
            if link in self._state.links
        ]

    async def by_day(self, group: GroupId, week: Week) -> list[datetime]:
        return [each.at for each in self._in(group, week)]

    def _in(self, group: GroupId, week: Week) -> list[Share]:
        found = [each for each in self._state.shares.values() if (each.group, each.week) == (group, week)]
        return sorted(found, key=lambda each: (each.at, each.link))


class MemoryClicks:
    def __init__(self, state: State, now: Now) -> None:
        self._state = state
        self._now = now

    async def apply(self, *batches: ClickBatch) -> int:
        return sum([self._apply(batch) for batch in batches])

    def _apply(self, batch: ClickBatch) -> bool:
        if batch.id in self._state.batches:
            return False
        self._state.batches[batch.id] = True
        oldest = self._now().date() - timedelta(days=14)
        for (group, link, day, is_in_total), number in batch.clicks:
            if group in self._state.groups and day >= oldest:
                row = self._state.clicks.get((group, link, day), ClickRow())
                in_total = row.in_total + number * is_in_total
                self._state.clicks[group, link, day] = ClickRow(row.browsers + number, in_total)
        return True

    async def counts(self, group: GroupId, until: date) -> list[ClickCount]:
        rows = ((key, row) for key, row in self._state.clicks.items() if key[0] == group and key[2] <= until)
        counts = [ClickCount(link, day, row.browsers, row.in_total) for (_, link, day), row in rows]
        return sorted(counts, key=lambda each: (each.day, each.link))

    async def delete(self, group: GroupId, until: date) -> None:
        for key in [key for key in self._state.clicks if key[0] == group and key[2] <= until]:
            del self._state.clicks[key]


class MemoryDigests:
    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, edition: Edition) -> bool:
        require_group(self._state, edition.group)
        if (edition.group, edition.week) in self._state.editions:
            return False
        self._state.editions[edition.group, edition.week] = edition
        return True

    async def get(self, group: GroupId, week: Week) -> Edition | None:
        return self._state.editions.get((group, week))

    async def latest(self, group: GroupId, limit: int) -> list[Edition]:
        mine = [each for each in self._state.editions.values() if each.group == group]
        return sorted(mine, key=lambda each: each.week, reverse=True)[:limit]

    async def frozen_since(self, moment: datetime) -> list[tuple[GroupId, Week]]:
        recent = [each for each in self._state.editions.values() if each.frozen_at >= moment]
        return [(each.group, each.week) for each in sorted(recent, key=lambda each: each.frozen_at)]

    async def revise(self, edition: Edition) -> None:
        require_group(self._state, edition.group)
        if (edition.group, edition.week) in self._state.editions:
            self._state.editions[edition.group, edition.week] = edition

    async def miss(self, group: GroupId, given: Missed) -> None:
        require_group(self._state, group)
        self._state.missed[group, given.week] = given

    async def not_missed(self, group: GroupId, week: Week) -> None:
        self._state.missed.pop((group, week), None)

    async def missed(self, group: GroupId) -> Missed | None:
        mine = [each for (of, _), each in self._state.missed.items() if of == group]
        return max(mine, key=lambda each: each.week, default=None)


class MemoryReactions:
    def __init__(self, state: State) -> None:
        self._state = state

    async def note(self, reaction: Reaction) -> bool:
        held, _ = self._state.messages.get((reaction.group, reaction.message), (frozenset(), None))
        keys = {(reaction.group, reaction.week, link, reaction.event) for link in held} - self._state.reactions.keys()
        self._state.reactions |= dict.fromkeys(keys, reaction)
        return bool(keys)

    async def people(self, group: GroupId, week: Week) -> Mapping[LinkId, int]:
        number: Counter[tuple[LinkId, str, str]] = Counter()
        for (of, its_week, link, _), each in self._state.reactions.items():
            if (of, its_week) == (group, week):
                number[link, each.message, each.kind] += each.change
        people: dict[LinkId, int] = {}
        for (link, _, _), found in number.items():
            people[link] = max(found, people.get(link, 0))
        return {link: found for link, found in people.items() if found}

    async def destroy(self, group: GroupId, until: Week) -> None:
        gone = [key for key in self._state.reactions if key[0] == group and key[1] <= until]
        for key in gone:
            del self._state.reactions[key]


class MemoryPreviews:
    def __init__(self, state: State, now: Now) -> None:
        self._state = state
        self._now = now

    async def get(self, key: str) -> CachedPreview | None:
        preview, expires_at = self._state.previews.get(key, (None, self._now()))
        return CachedPreview(preview) if expires_at > self._now() else None

    async def put(self, key: str, preview: Preview | None, expires_at: datetime) -> None:
        self._state.previews[key] = preview, expires_at


class MemoryListed:
    def __init__(self, state: State, now: Now) -> None:
        self._state = state
        self._now = now

    async def replace(self, entries: Collection[str]) -> None:
        self._state.listed = dict.fromkeys(entries, self._now())

    async def holds(self, names: Collection[str]) -> bool:
        return bool(await self.among(names))

    async def among(self, names: Collection[str]) -> frozenset[str]:
        return frozenset(name for name in names if name in self._state.listed)

    async def replaced_at(self) -> datetime | None:
        return min(self._state.listed.values(), default=None)


class MemoryPasses:
    def __init__(self, state: State, now: Now) -> None:
        self._state = state
        self._now = now

    async def put(self, kind: PassKind, secret: str, holder: Pass, expires_at: datetime) -> None:
        self._state.passes[kind, secret] = holder, expires_at

    async def get(self, kind: PassKind, secret: str) -> Pass | None:
        holder, expires_at = self._state.passes.get((kind, secret), (None, self._now()))
        return holder if expires_at > self._now() else None

    async def take(self, kind: PassKind, secret: str) -> Pass | None:
        holder = await self.get(kind, secret)
        self._state.passes.pop((kind, secret), None)
        return holder
