"""How a group stands with us: added, on, paused, stopped, erased (privacy.md, "Consent").

Admins enable, narrow, pause and stop; only a member turns a member on.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.anonymity import SMALLEST_GROUP_WITH_A_TOTAL
from core.consent_log import ConsentLog
from core.consent_rules import PENDING_FOR, known_group, locked_group, recount, to_the_minute, within
from core.errors import AlreadyKept, GroupNotEnabled, NotAnAdmin, SharedOutside
from core.model import (
    EVERY_PURPOSE,
    Actor,
    ConsentAct,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    Offer,
    Platform,
    Purpose,
)
from core.ports import NewId, Now, Records, Roles, Storage
from core.schedules import AT_ONCE, Rhythm, next_digest

OFFER_KEY = "offer"
"""In the outbox: a group is switched on for the first time only once."""
OFFER_WAITS = timedelta(days=1)
"""How long the notice of a group just switched on is tried; later than that, nobody knows any more what it is about."""


@dataclass(frozen=True, slots=True)
class GroupOutside:
    """What the groups' states need from outside."""

    storage: Storage
    roles: Mapping[Platform, Roles]
    now: Now
    new_id: NewId
    rhythm: Rhythm = AT_ONCE


class GroupService:
    """Groups being added, switched on, narrowed, paused, stopped and erased.

    Args:
        outside: storage, the platforms' live roles, clock and ids.
        log: the consent log.
    """

    def __init__(self, outside: GroupOutside, log: ConsentLog) -> None:
        self._outside = outside
        self._log = log

    async def bot_added(self, address: GroupAddress, name: str, language: str) -> Group:
        """The bot came into a group: remember only that, for seven days. A group already known stays as it is."""

        async def add(records: Records) -> Group:
            return await self._found_or_added(records, address, name, language)

        return await self._twice_at_most(add)

    async def enable(
        self, address: GroupAddress, actor: Actor, name: str, language: str, topic: str | None = None
    ) -> Group:
        """An admin switches a group on, or on again after a pause.

        The notice that its members choose by is put into the outbox in the same transaction, so that no fault leaves
        a group switched on without it; a group that was only paused has seen it.

        Args:
            address: the group.
            actor: who asks.
            name: what the platform calls the group now; empty keeps the known one.
            language: the group's from now on.
            topic: Telegram: where the notice goes.

        Raises:
            NotAnAdmin: the platform does not call this person an admin at this moment.
            SharedOutside: others read along, for whom no admin of this group can agree.
        """
        await self._require_admin(address, actor)
        roles = self._outside.roles.get(address.platform)
        if roles is not None and await roles.is_shared_outside(address):
            raise SharedOutside

        async def switch_on(records: Records) -> Group:
            known = await self._found_or_added(records, address, name, language)
            if known.state is GroupState.ENABLED:
                return known
            named = replace(known, name=name or known.name, language=language)
            if known.state is GroupState.PAUSED:
                return await self._enter(records, named, GroupState.ENABLED, ConsentAct.GROUP_RESUMED)
            entered = await self._enter(records, named, GroupState.ENABLED, ConsentAct.GROUP_ENABLED)
            offer = Offer(language, entered.next_digest, entered.schedule.zone, topic)
            await records.outbox.put(entered.id, OFFER_KEY, offer, self._outside.now() + OFFER_WAITS)
            return entered

        return await self._twice_at_most(switch_on)

    async def configure(self, address: GroupAddress, actor: Actor, wanted: Group) -> Group:
        """An admin changes settings; state, identity and address stay as they are, purposes can only narrow.

        What is no longer offered is over at once, also for links already posted; offered again, it begins anew.

        Raises:
            NotAnAdmin: as for `enable`.
            UnknownGroup: nothing is kept about this group.
        """
        await self._require_admin(address, actor)
        async with self._outside.storage.transaction() as records:
            group = await known_group(records, address)
            moved = wanted.schedule != group.schedule
            changed = replace(
                group,
                language=wanted.language,
                offered=within(wanted.offered, EVERY_PURPOSE),
                schedule=wanted.schedule,
                digest_size=wanted.digest_size,
                taking=wanted.taking,
                clicks_from=max(wanted.clicks_from, SMALLEST_GROUP_WITH_A_TOTAL),
                locked=wanted.locked,
                next_digest=next_digest(wanted.schedule, self._outside.now()) if moved else group.next_digest,
                turn=self._outside.rhythm.turn(group.id, 1) if moved else group.turn,
            )
            await records.groups.save(changed)
            dropped = group.offered - changed.offered
            if Purpose.CLICKS in dropped:
                await recount(records, group.id, await records.shares.stop_counting(group.id, None))
            if Purpose.STATISTICS in dropped:
                await records.contributions.forget_group(group.id)
            return changed

    async def pause(self, address: GroupAddress, actor: Actor, until: datetime | None = None) -> Group:
        """An admin pauses a group: no new shares, its links lead on uncounted. `until` None: until switched on.

        Raises:
            NotAnAdmin: as for `enable`.
            UnknownGroup: nothing is kept about this group.
        """
        await self._require_admin(address, actor)
        async with self._outside.storage.transaction() as records:
            group = await known_group(records, address)
            if group.state is not GroupState.ENABLED:
                raise GroupNotEnabled
            paused = replace(group, paused_until=until)
            return await self._enter(records, paused, GroupState.PAUSED, ConsentAct.GROUP_PAUSED)

    async def suspend(self, address: GroupAddress) -> None:
        """The platform made the group one that we don't serve: a pause, also of what would resume by itself."""
        async with self._outside.storage.transaction() as records:
            group = await locked_group(records, address)
            if group is not None and group.state in {GroupState.ENABLED, GroupState.PAUSED}:
                paused = replace(group, paused_until=None)
                await self._enter(records, paused, GroupState.PAUSED, ConsentAct.GROUP_PAUSED)

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
            group = await locked_group(records, address)
            if group is not None and group.state is not GroupState.ERASING:
                await self._enter(records, group, GroupState.ERASING, ConsentAct.GROUP_STOPPED)
                await records.contributions.forget_group(group.id)

    async def workspace_removed(self, platform: Platform, workspace: str) -> int:
        """The bot was uninstalled from a workspace: stop all its groups; how many there were."""
        async with self._outside.storage.transaction() as records:
            groups = await records.groups.of_workspace(platform, workspace)
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

    # Shared pieces ------------------------------------------------------------------------------------------------

    def _new_group(self, address: GroupAddress, name: str, language: str) -> Group:
        now = self._outside.now()
        return Group(GroupId(self._outside.new_id()), address, GroupState.PENDING, to_the_minute(now), name, language)

    async def _require_admin(self, address: GroupAddress, actor: Actor) -> None:
        if actor.speaks_as_group:
            return
        roles = self._outside.roles.get(address.platform)
        if actor.account is None or roles is None or not await roles.is_admin(address, actor.account):
            raise NotAnAdmin

    async def _found_or_added(self, records: Records, address: GroupAddress, name: str, language: str) -> Group:
        known = await locked_group(records, address)
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
        turn = self._outside.rhythm.turn(group.id, 1)  # how many there are is looked at with its first digest
        entered = replace(group, state=state, since=to_the_minute(now), next_digest=due, turn=turn)
        await records.groups.save(entered)
        await self._log.of_group(records, entered, act)
        return entered

    async def _twice_at_most(self, work: Callable[[Records], Awaitable[Group]]) -> Group:
        """Two deliveries may add one group at the same moment; the second one then finds it."""
        try:
            async with self._outside.storage.transaction() as records:
                return await work(records)
        except AlreadyKept:
            async with self._outside.storage.transaction() as records:
                return await work(records)
