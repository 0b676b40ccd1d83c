"""Who said yes to what: the states of groups and members (privacy.md, "Consent").

A group's yes is not a member's yes, and both are needed before anything is read. No record means no.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.errors import AlreadyKept, GroupNotEnabled, NotAnAdmin, NoticeChanged, NotOnItsOwn, UnknownGroup
from core.model import (
    CONSENT_INERT_FOR,
    CONSENT_VALID_FOR,
    EVERY_PURPOSE,
    Account,
    Actor,
    Consent,
    ConsentAct,
    ConsentEvent,
    DropReason,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    LinkId,
    Notice,
    Platform,
    Purpose,
    ReceiptId,
    Standing,
)
from core.ports import CountDrop, NewId, Now, Records, Roles, Storage
from core.schedules import next_digest

PENDING_FOR = timedelta(days=7)
ERASED_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ConsentOutside:
    """What consent needs from outside."""

    storage: Storage
    roles: Mapping[Platform, Roles]
    now: Now
    new_id: NewId
    count_drop: CountDrop


@dataclass(frozen=True, slots=True)
class Granted:
    """A member's yes, just given: what it covers and the receipt's name."""

    group: Group
    consent: Consent
    first: bool
    """Whether there was no consent before."""


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


class ConsentService:
    """Groups and members saying yes, less, and no.

    Args:
        outside: storage, the platforms' live roles, clock, ids, the counter of drops.
        notices: the member notice in force, by language; must hold `en`.
    """

    def __init__(self, outside: ConsentOutside, notices: Mapping[str, Notice]) -> None:
        self._outside = outside
        self._notices = notices

    # Asking -----------------------------------------------------------------------------------------------------

    async def may_count(self, address: GroupAddress, account: Account | None) -> Standing | None:
        """Whether a message of this account may be read at all; None means drop it unread.

        Args:
            address: the group it was posted in.
            account: its sender; None for anything that is not a person (a channel, a bot, an anonymous admin).
        """
        if account is None:
            return self._drop(DropReason.NOT_A_PERSON)
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            if group is None:
                return self._drop(DropReason.NO_GROUP)
            return await self._standing(records, group, account)

    async def still(self, records: Records, group: GroupId, account: Account) -> Standing | None:
        """Ask again inside an open transaction, just before doing what was accepted earlier."""
        found = await records.groups.get(group)
        if found is None:
            return self._drop(DropReason.NO_GROUP)
        return await self._standing(records, found, account)

    async def group(self, address: GroupAddress) -> Group | None:
        """What is kept about a group, if anything."""
        async with self._outside.storage.transaction() as records:
            return await records.groups.at(address)

    async def groups_of(self, platform: Platform, workspace: str) -> list[Group]:
        """What is kept about the groups of a workspace; which of them somebody may see is the platform's to say."""
        async with self._outside.storage.transaction() as records:
            return await records.groups.of_workspace(platform, workspace)

    async def of_member(self, address: GroupAddress, account: Account) -> Consent | None:
        """What a member said yes to in a group, for telling that member."""
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            return None if group is None else await records.consents.get(group.id, account)

    async def _standing(self, records: Records, group: Group, account: Account) -> Standing | None:
        if group.state is not GroupState.ENABLED or Purpose.SHARES not in group.offered:
            return self._drop(DropReason.NOT_ENABLED)
        consent = await records.consents.get(group.id, account)
        if consent is None or self.is_stale(consent):
            return self._drop(DropReason.NO_CONSENT)
        allowed = within(consent.purposes, group.offered)
        return Standing(group, replace(consent, purposes=allowed)) if allowed else self._drop(DropReason.NO_CONSENT)

    def _drop(self, reason: DropReason) -> Standing | None:
        self._outside.count_drop(reason)
        return None

    # Groups -----------------------------------------------------------------------------------------------------

    async def bot_added(self, address: GroupAddress, name: str, language: str) -> Group:
        """The bot came into a group: remember only that, for seven days. A group already known stays as it is."""

        async def add(records: Records) -> Group:
            return await self._found_or_added(records, address, name, language)

        return await self._twice_at_most(add)

    async def enable(self, address: GroupAddress, actor: Actor, name: str, language: str) -> Group:
        """An admin switches a group on, or on again after a pause.

        Raises:
            NotAnAdmin: the platform does not call this person an admin at this moment.
        """
        await self._require_admin(address, actor)

        async def switch_on(records: Records) -> Group:
            known = await self._found_or_added(records, address, name, language)
            if known.state is GroupState.ENABLED:
                return known
            act = ConsentAct.GROUP_RESUMED if known.state is GroupState.PAUSED else ConsentAct.GROUP_ENABLED
            named = replace(known, name=name or known.name, language=language)
            return await self._enter(records, named, GroupState.ENABLED, act)

        return await self._twice_at_most(switch_on)

    async def configure(self, address: GroupAddress, actor: Actor, wanted: Group) -> Group:
        """An admin changes settings; state, identity and address stay as they are, purposes can only narrow.

        Raises:
            NotAnAdmin: as for `enable`.
            UnknownGroup: nothing is kept about this group.
        """
        await self._require_admin(address, actor)
        async with self._outside.storage.transaction() as records:
            group = await self._known(records, address)
            moved = wanted.schedule != group.schedule
            changed = replace(
                group,
                language=wanted.language,
                offered=within(wanted.offered, EVERY_PURPOSE),
                schedule=wanted.schedule,
                digest_size=wanted.digest_size,
                next_digest=next_digest(wanted.schedule, self._outside.now()) if moved else group.next_digest,
            )
            await records.groups.save(changed)
            return changed

    async def pause(self, address: GroupAddress, actor: Actor, until: datetime | None = None) -> Group:
        """An admin pauses a group: no new shares, its links lead on uncounted. `until` None: until switched on.

        Raises:
            NotAnAdmin: as for `enable`.
            UnknownGroup: nothing is kept about this group.
        """
        await self._require_admin(address, actor)
        async with self._outside.storage.transaction() as records:
            group = await self._known(records, address)
            if group.state is not GroupState.ENABLED:
                raise GroupNotEnabled
            paused = replace(group, paused_until=until)
            return await self._enter(records, paused, GroupState.PAUSED, ConsentAct.GROUP_PAUSED)

    async def resume_due(self, limit: int = 100) -> int:
        """Switch groups on again whose pause is over; how many there were."""
        async with self._outside.storage.transaction() as records:
            groups = await records.groups.pause_over(self._outside.now(), limit)
            for group in groups:
                resumed = replace(group, paused_until=None)
                await self._enter(records, resumed, GroupState.ENABLED, ConsentAct.GROUP_RESUMED)
        return len(groups)

    async def stop(self, address: GroupAddress, actor: Actor) -> None:
        """An admin switches a group off for good: everything about it is erased within 24 hours.

        Raises:
            NotAnAdmin: as for `enable`.
        """
        await self._require_admin(address, actor)
        await self.bot_removed(address)

    async def bot_removed(self, address: GroupAddress) -> None:
        """The bot was removed, the app uninstalled, the chat deleted: stop at once, erase soon."""
        async with self._outside.storage.transaction() as records:
            group = await self._held(records, address)
            if group is not None and group.state is not GroupState.ERASING:
                await self._enter(records, group, GroupState.ERASING, ConsentAct.GROUP_STOPPED)

    async def workspace_removed(self, platform: Platform, workspace: str) -> int:
        """The bot was uninstalled from a workspace: stop all its groups; how many there were."""
        groups = await self.groups_of(platform, workspace)
        for group in groups:
            await self.bot_removed(group.address)
        return len(groups)

    async def readdress(self, old: GroupAddress, new: GroupAddress) -> None:
        """The platform gave the group a new id (a supergroup, a shared channel): everything else stays.

        What is kept at the new id already gives way, unless the old group was never switched on or is being erased.
        """
        if old == new:
            return
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(old)
            if group is None:
                return
            stranger = await records.groups.at(new)
            if stranger is not None and group.state in {GroupState.PENDING, GroupState.ERASING}:
                return
            if stranger is not None:
                await records.groups.shred(stranger.id)
            await records.groups.save(replace(group, address=new))

    async def erase_due(self, limit: int = 100) -> int:
        """Erase groups that stopped, and groups nobody switched on within seven days; how many there were."""
        now = self._outside.now()
        async with self._outside.storage.transaction() as records:
            stopped = await records.groups.settled_before(GroupState.ERASING, now, limit)
            waiting = await records.groups.settled_before(GroupState.PENDING, now - PENDING_FOR, limit)
            for group in (*stopped, *waiting):
                await records.groups.shred(group.id)
        return len(stopped) + len(waiting)

    # Members ----------------------------------------------------------------------------------------------------

    async def grant(
        self, address: GroupAddress, account: Account, purposes: frozenset[Purpose], notice: str
    ) -> Granted:
        """A member says yes, chooses anew, or renews a stale yes. Saying the same twice changes nothing.

        Args:
            address: the group it is said in.
            account: the member.
            purposes: what the yes covers, before it is cut to what the group offers.
            notice: id of the notice the member was shown.

        Raises:
            UnknownGroup: nothing is kept about this group.
            GroupNotEnabled: no admin has switched it on, or nothing is offered in it.
            NoticeChanged: the member saw an older notice than the one in force.
            NotOnItsOwn: a choice without shares, on which the others stand.
        """
        async with self._outside.storage.transaction() as records:
            group = await self._known(records, address)
            if group.state is not GroupState.ENABLED:
                raise GroupNotEnabled
            if notice != self._notices["en"].id:
                raise NoticeChanged
            chosen = self._chosen(purposes, group)
            before = await records.consents.get(group.id, account)
            if before is not None and before.purposes == chosen and not self.is_stale(before):
                return Granted(group, before, first=False)
            consent = Consent(chosen, notice, to_the_minute(self._outside.now()), ReceiptId(self._outside.new_id()))
            await self._write(records, group, account, consent, before)
            return Granted(group, consent, first=before is None)

    async def withdraw(self, address: GroupAddress, account: Account) -> bool:
        """A member says no again, or has left: at once, for links already posted too. False if there was no yes."""
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            if group is None or not await records.consents.remove(group.id, account):
                return False
            await self._recount(records, group.id, await records.shares.forget(group.id, account))
            await self._log(records, group, None, ConsentAct.WITHDRAWN)
            return True

    async def _write(
        self, records: Records, group: Group, account: Account, consent: Consent, before: Consent | None
    ) -> None:
        await records.consents.put(group.id, account, consent)
        if before is not None and Purpose.CLICKS in before.purposes - consent.purposes:
            await self._recount(records, group.id, await records.shares.stop_counting(group.id, account))
        act = ConsentAct.GRANTED if before is None else ConsentAct.MODIFIED
        await self._log(records, group, account, act, consent)

    async def _recount(self, records: Records, group: GroupId, links: frozenset[LinkId]) -> None:
        for link_id in links:
            link = await records.links.get(group, link_id)
            if link is not None:
                until = await records.shares.counted_until(group, link_id)
                await records.links.save(replace(link, counted_until=until))

    # A yes that has gone stale ----------------------------------------------------------------------------------

    def is_stale(self, consent: Consent) -> bool:
        """Whether a consent allows nothing any more and waits to be renewed."""
        return is_stale(consent, self._notices["en"].id, self._outside.now())

    async def reminder_due(self, address: GroupAddress, account: Account) -> bool:
        """Whether a member is to be told, now and only now, that their yes has gone stale.

        The account stands nowhere, so a member can be told only when they post again; asking takes the reminder.
        """
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            if group is None or group.state is not GroupState.ENABLED:
                return False
            consent = await records.consents.get(group.id, account)
            if consent is None or consent.reminded or not self.is_stale(consent):
                return False
            await records.consents.put(group.id, account, replace(consent, reminded=True))
            return True

    async def purge_stale(self, limit: int = 500) -> int:
        """Erase consents that have been stale for thirty days; how many there were. Safe to do on every replica.

        Those given to an older notice count from the first call that finds them so.
        """
        now = self._outside.now()
        stale_before = now - CONSENT_INERT_FOR
        async with self._outside.storage.transaction() as records:
            await records.consents.age(self._notices["en"].id, now, limit)
            purged = await records.consents.purge(stale_before - CONSENT_VALID_FOR, stale_before, limit)
            for group in purged:
                await records.consents.log(self._unlinkable(ConsentAct.ERASED, group))
            return len(purged)

    # Shared pieces ----------------------------------------------------------------------------------------------

    def notice(self, language: str) -> Notice:
        """The member notice in force, in a language we have or else in English."""
        return self._notices.get(language, self._notices["en"])

    def _chosen(self, purposes: frozenset[Purpose], group: Group) -> frozenset[Purpose]:
        if Purpose.SHARES not in purposes:
            raise NotOnItsOwn
        if Purpose.SHARES not in group.offered:
            raise GroupNotEnabled
        return within(purposes, group.offered)

    def _unlinkable(self, act: ConsentAct, group: GroupId) -> ConsentEvent:
        receipt, minute = ReceiptId(self._outside.new_id()), to_the_minute(self._outside.now())
        return ConsentEvent(act, group, None, receipt, frozenset(), self._notices["en"], minute)

    def _new_group(self, address: GroupAddress, name: str, language: str) -> Group:
        now = self._outside.now()
        return Group(GroupId(self._outside.new_id()), address, GroupState.PENDING, to_the_minute(now), name, language)

    async def _require_admin(self, address: GroupAddress, actor: Actor) -> None:
        if actor.speaks_as_group:
            return
        roles = self._outside.roles.get(address.platform)
        if actor.account is None or roles is None or not await roles.is_admin(address, actor.account):
            raise NotAnAdmin

    async def _known(self, records: Records, address: GroupAddress) -> Group:
        group = await self._held(records, address)
        if group is None or group.state is GroupState.ERASING:
            raise UnknownGroup
        return group

    async def _held(self, records: Records, address: GroupAddress) -> Group | None:
        """The group as it is, and as it stays until this transaction ends: asking by our own id takes its lock."""
        found = await records.groups.at(address)
        return await records.groups.get(found.id) if found else None

    async def _found_or_added(self, records: Records, address: GroupAddress, name: str, language: str) -> Group:
        known = await self._held(records, address)
        if known is not None and known.state is not GroupState.ERASING:
            return known
        if known is not None:
            await records.groups.shred(known.id)
        group = self._new_group(address, name, language)
        await records.groups.add(group)
        return group

    async def _enter(self, records: Records, group: Group, state: GroupState, act: ConsentAct) -> Group:
        now = self._outside.now()
        due = next_digest(group.schedule, now) if state is GroupState.ENABLED else None
        entered = replace(group, state=state, since=to_the_minute(now), next_digest=due)
        await records.groups.save(entered)
        await self._log(records, entered, None, act)
        return entered

    async def _twice_at_most(self, work: Callable[[Records], Awaitable[Group]]) -> Group:
        """Two deliveries may add one group at the same moment; the second one then finds it."""
        try:
            async with self._outside.storage.transaction() as records:
                return await work(records)
        except AlreadyKept:
            async with self._outside.storage.transaction() as records:
                return await work(records)

    async def _log(
        self, records: Records, group: Group, account: Account | None, act: ConsentAct, consent: Consent | None = None
    ) -> None:
        await records.consents.log(
            ConsentEvent(
                act,
                group.id,
                account,
                consent.receipt if consent else ReceiptId(self._outside.new_id()),
                consent.purposes if consent else frozenset(),
                self.notice(group.language),
                to_the_minute(self._outside.now()),
            )
        )
