"""Which member said yes to what (privacy.md, "Consent"); how a group stands is in `core.groups`.

A group's yes is not a member's yes, and both are needed before anything is read. No record means no.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.consent_log import ConsentLog
from core.consent_rules import is_stale, known_group, recount, to_the_minute, within
from core.errors import GroupNotEnabled, NoticeChanged, NotOffered, NotOnItsOwn
from core.model import (
    CONSENT_INERT_FOR,
    CONSENT_VALID_FOR,
    Account,
    Consent,
    ConsentAct,
    DropReason,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    Notice,
    Platform,
    Purpose,
    ReceiptId,
    Standing,
    Taking,
)
from core.ports import CountDrop, Hear, HearAgain, NewId, Now, Records, Storage


@dataclass(frozen=True, slots=True)
class ConsentOutside:
    """What consent needs from outside."""

    storage: Storage
    now: Now
    new_id: NewId
    count_drop: CountDrop
    hear: Hear | None = None
    """A quicker way to look than one of its own for each message; None: there is none."""
    hear_again: HearAgain | None = None
    """The same, for work that was accepted."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A member's yes, just given: what it covers and the receipt's name."""

    group: Group
    consent: Consent
    first: bool
    """Whether there was no consent before."""


@dataclass(frozen=True, slots=True)
class Stale:
    """A yes that allows nothing any more, and whose member has not been told so yet."""


class ConsentService:
    """Members saying yes, less, and no.

    Args:
        outside: storage, clock, ids, the counter of drops.
        log: the consent log, which knows the notice in force.
    """

    def __init__(self, outside: ConsentOutside, log: ConsentLog) -> None:
        self._outside = outside
        self._log = log

    # Asking -----------------------------------------------------------------------------------------------------

    async def may_count(
        self, address: GroupAddress, account: Account | None, *, handed_over: bool = False
    ) -> Standing | None:
        """Whether a message of this account may be read at all; None means drop it unread.

        Args:
            address: the group it was posted in.
            account: its sender; None for anything that is not a person (a channel, a bot, an anonymous admin).
            handed_over: the member gives this very message to us, by a command or inline.
        """
        found = await self.hear(address, account, handed_over=handed_over)
        return found if isinstance(found, Standing) else None

    async def hear(
        self, address: GroupAddress, account: Account | None, *, handed_over: bool = False
    ) -> Standing | Stale | None:
        """The same, telling a yes that has gone stale from none: most who post said nothing, and cost one look each."""
        if account is None:
            return self._drop(DropReason.NOT_A_PERSON)
        group, consent = await (self._outside.hear or self._look)(address, account)
        if group is None:
            return self._drop(DropReason.NO_GROUP)
        if group.taking is Taking.ASKED and not handed_over:
            return self._drop(DropReason.NOT_HANDED_OVER)
        return self._judged(group, consent)

    async def _look(self, address: GroupAddress, account: Account) -> tuple[Group | None, Consent | None]:
        async with self._outside.storage.reading() as records:
            group = await records.groups.at(address)
            return group, await records.consents.get(group.id, account) if group else None

    async def still(self, records: Records, group: GroupId, account: Account) -> Standing | None:
        """Ask again inside an open transaction, just before doing what was accepted earlier."""
        [standing] = await self.still_all(records, [(group, account)], self._outside.count_drop)
        return standing

    async def still_all(
        self, records: Records, asked: Sequence[tuple[GroupId, Account]], count: CountDrop
    ) -> list[Standing | None]:
        """As `still`, for many messages at once: the answers in their order; drops are told to `count`."""
        groups = await records.groups.some({group for group, _ in asked})
        said = await records.consents.some({each for each in asked if each[0] in groups})
        return [self._stands(groups.get(group), said.get((group, account)), count) for group, account in asked]

    async def seems_to_stand(self, group: GroupId, account: Account) -> bool:
        """As `still`, before anything is fetched for a message: a look that holds nobody up, and is asked again."""
        look = self._outside.hear_again or self._look_again
        return self._stands(*await look(group, account)) is not None

    async def _look_again(self, group: GroupId, account: Account) -> tuple[Group | None, Consent | None]:
        async with self._outside.storage.transaction() as records:
            return await records.groups.get(group), await records.consents.get(group, account)

    def _stands(self, group: Group | None, consent: Consent | None, count: CountDrop | None = None) -> Standing | None:
        if group is None:
            return self._drop(DropReason.NO_GROUP, count)
        standing = self._judged(group, consent, count)
        return standing if isinstance(standing, Standing) else None

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

    def _judged(self, group: Group, consent: Consent | None, count: CountDrop | None = None) -> Standing | Stale | None:
        if group.state is not GroupState.ENABLED or Purpose.SHARES not in group.offered:
            return self._drop(DropReason.NOT_ENABLED, count)
        if consent is None:
            return self._drop(DropReason.NO_CONSENT, count)
        if self.is_stale(consent):
            self._drop(DropReason.NO_CONSENT, count)
            return None if consent.reminded else Stale()
        allowed = within(consent.purposes, group.offered)
        return (
            Standing(group, replace(consent, purposes=allowed)) if allowed else self._drop(DropReason.NO_CONSENT, count)
        )

    def _drop(self, reason: DropReason, count: CountDrop | None = None) -> Standing | None:
        (count or self._outside.count_drop)(reason)
        return None

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
            group = await known_group(records, address)
            if group.state is not GroupState.ENABLED:
                raise GroupNotEnabled
            if notice != self._log.notice("en").id:
                raise NoticeChanged
            chosen = self._chosen(purposes, group)
            before = await records.consents.get(group.id, account)
            if before is not None and before.purposes == chosen and not self.is_stale(before):
                return Granted(group, before, first=False)
            given_at, receipt = to_the_minute(self._outside.now()), ReceiptId(self._outside.new_id())
            replaces = before is not None and before.replaces
            language = self.notice(group.language).language
            consent = Consent(chosen, notice, given_at, receipt, replaces=replaces, language=language)
            await self._write(records, group, account, consent, before)
            return Granted(group, consent, first=before is None)

    async def let_replace(self, address: GroupAddress, account: Account, *, on: bool) -> Consent:
        """A member lets messages that are nothing but links give way to their cards, or no longer.

        Raises:
            UnknownGroup: as for `grant`.
            NotOnItsOwn: there is no yes of theirs to counting shares.
            NotOffered: the group's admins have not allowed it.
        """
        async with self._outside.storage.transaction() as records:
            group = await known_group(records, address)
            if on and group.taking is not Taking.REPLACE:
                raise NotOffered
            consent = await records.consents.get(group.id, account)
            if consent is None or self.is_stale(consent):
                raise NotOnItsOwn
            changed = replace(consent, replaces=on)
            await records.consents.put(group.id, account, changed)
            return changed

    async def withdraw(self, address: GroupAddress, account: Account) -> bool:
        """A member says no again, or has left: at once, for links already posted too. False if there was no yes."""
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            if group is None or not await records.consents.remove(group.id, account):
                return False
            await recount(records, group.id, await records.shares.forget(group.id, account))
            await records.contributions.forget(group.id, account)
            await self._log.of_group(records, group, ConsentAct.WITHDRAWN)
            return True

    async def _write(
        self, records: Records, group: Group, account: Account, consent: Consent, before: Consent | None
    ) -> None:
        await records.consents.put(group.id, account, consent)
        dropped = before.purposes - consent.purposes if before is not None else frozenset[Purpose]()
        if Purpose.CLICKS in dropped:
            await recount(records, group.id, await records.shares.stop_counting(group.id, account))
        if Purpose.STATISTICS in dropped:
            await records.contributions.forget(group.id, account)
        act = ConsentAct.GRANTED if before is None else ConsentAct.MODIFIED
        await self._log.of_member(records, group, account, act, consent)

    # A yes that has gone stale ----------------------------------------------------------------------------------

    def is_stale(self, consent: Consent) -> bool:
        """Whether a consent allows nothing any more and waits to be renewed."""
        return is_stale(consent, self._log.notice("en").id, self._outside.now())

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
        """Erase consents stale for thirty days, `limit` in a transaction; how many. Safe to do on every replica.

        Those given to an older notice count from the first call that finds them so.
        """
        total = 0
        while True:
            purged = await self._purge(limit)
            total += purged
            if purged < limit:
                return total

    async def _purge(self, limit: int) -> int:
        now = self._outside.now()
        stale_before = now - CONSENT_INERT_FOR
        async with self._outside.storage.transaction() as records:
            await records.consents.age(self._log.notice("en").id, now, limit)
            purged = await records.consents.purge(stale_before - CONSENT_VALID_FOR, stale_before, limit)
            for group in purged:
                await self._log.erased(records, group)
            return len(purged)

    # Shared pieces ----------------------------------------------------------------------------------------------

    def notice(self, language: str) -> Notice:
        """The member notice in force, in a language we have or else in English."""
        return self._log.notice(language)

    def _chosen(self, purposes: frozenset[Purpose], group: Group) -> frozenset[Purpose]:
        if Purpose.SHARES not in purposes:
            raise NotOnItsOwn
        if Purpose.SHARES not in group.offered:
            raise GroupNotEnabled
        return within(purposes, group.offered)
