"""A member posted links in a group: take in, work off, correct, undo."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from core.cards import CARD_CUTOFF, Cards
from core.consent import ConsentService
from core.errors import AlreadyKept, LeaseLost, NotYours, StorageUnavailable
from core.figures import contribute
from core.links import LinkService
from core.links_in import LinkRules, Sifted, sift
from core.model import (
    Account,
    Aside,
    DropReason,
    Group,
    GroupAddress,
    GroupId,
    InboxItem,
    Intake,
    LinkId,
    Message,
    Purpose,
    Share,
    Standing,
    TrackedLink,
)
from core.pages import Pages, Unfurled
from core.ports import Accept, CountDrop, Now, Records, Storage, Unfurler
from core.revisions import take_out
from core.schedules import week_of
from core.together import Together, in_turn
from core.urls import CleanUrl

LEASE = timedelta(seconds=60)
AT_ONCE = 8
"""Messages worked off at the same time: slow pages wait side by side, and the web keeps some database connections."""
EDITABLE_FOR = timedelta(hours=48)
LISTED_ASIDE = "listed.aside"


@dataclass(frozen=True, slots=True)
class ShareOutside:
    """What sharing needs from outside."""

    storage: Storage
    accept: Accept
    unfurler: Unfurler
    now: Now
    count_drop: CountDrop
    public_url: str
    offers_fact_checks: bool = False
    together: Together = in_turn


class ShareService:
    """Takes in what consenting members post and works it off.

    Args:
        outside: storage, unfurler, clock, the counter of drops, the address that short URLs begin with.
        rules: which links are cleaned, and which are never touched.
        consent: asked before reading, and again before counting.
        links: mints and finds tracked links.
    """

    def __init__(self, outside: ShareOutside, rules: LinkRules, consent: ConsentService, links: LinkService) -> None:
        self._outside = outside
        self._rules = rules
        self._consent = consent
        self._links = links
        self._pages = Pages(outside.storage, outside.unfurler, rules, outside.together)
        self._cards = Cards(outside.now, outside.public_url, offers_fact_checks=outside.offers_fact_checks)

    # Taking in --------------------------------------------------------------------------------------------------

    async def take_in(self, standing: Standing, message: Message, event: str, *, deliberate: bool = False) -> bool:
        """Accept a message of a member who said yes: one inbox row, before the platform gets its answer.

        Links that must not be touched are dropped here and leave nothing but a count. An edited message is taken in
        also when no link is left in it, so that what it had is taken back. Who posted a link of which nobody can tell
        whether it is somebody's key is asked, alone.

        Args:
            standing: the answer of `ConsentService.may_count` for this message.
            message: what was posted, links as found.
            event: the platform's id of this delivery; a second delivery is not accepted again.
            deliberate: the member handed the links over with a command: nothing needs to be asked.

        Returns:
            Whether there is something to work off.
        """
        sifted = self._sift(message, deliberate=deliberate)
        if sifted.asked_about:
            await self._ask(standing.group, message, sifted.asked_about)
        if not sifted.links and message.edited_at is None:
            return False
        intake = Intake(
            standing.group.id,
            message.account,
            message.id,
            sifted.links,
            self._outside.now() if deliberate else message.version,  # later than the version that was asked about
            edited=message.edited_at is not None,
            topic=message.topic,
            bare=message.bare and len(sifted.links) == len(message.urls),
        )
        accepted = await self._outside.accept(event, intake)
        if not accepted:
            self._outside.count_drop(DropReason.ALREADY_SEEN)
        return accepted

    async def cleaned(self, url: str) -> CleanUrl | None:
        """What a link is without trackers; None for one that is never touched or listed, or no page's. Keeps nothing.

        For a person who hands a link over before anybody knows which group it is for.

        Raises:
            StorageUnavailable: nobody can say whether it is listed.
        """
        sifted = sift((url,), self._rules, self._outside.public_url, deliberate=True)
        clean = sifted.links[0] if sifted.links else None
        return None if clean is None or await self._pages.is_listed(clean.display) else clean

    async def _ask(self, group: Group, message: Message, opaque: Iterable[CleanUrl]) -> None:
        """Tell the poster alone, once a message, that a link was left as it is, and how it is shared all the same.

        No way is offered to share one that is listed.
        """
        key, text_id = f"ask:{message.id}", f"{group.address.platform}.opaque"
        if any([await self._pages.is_listed(each.display) for each in opaque]):
            self._outside.count_drop(DropReason.LISTED)
            key, text_id = f"aside:{message.id}", LISTED_ASIDE
        aside = Aside(message.account, message.id, text_id, group.language, message.topic)
        async with self._outside.storage.transaction() as records:
            await records.outbox.put(group.id, key, aside, self._outside.now() + CARD_CUTOFF)

    def _sift(self, message: Message, *, deliberate: bool) -> Sifted:
        sifted = sift(message.urls, self._rules, self._outside.public_url, deliberate=deliberate)
        for reason in sifted.dropped:
            self._outside.count_drop(reason)
        return sifted

    # Working off ------------------------------------------------------------------------------------------------

    async def work_off(self, limit: int = 20) -> int:
        """Claim accepted work and do it, several messages at the same time; how many pieces were claimed.

        A failing piece does not hold up the others, nor does a slow page; what one message became is done in order.
        """
        async with self._outside.storage.transaction() as records:
            items = await records.inbox.claim(LEASE, limit)
        lines = in_lines(items)
        waiting = iter(lines)
        await self._outside.together([self._lane(waiting) for _ in lines[:AT_ONCE]])
        return len(items)

    async def _lane(self, waiting: Iterator[list[InboxItem]]) -> None:
        """Take whichever message is next, until none is left; several lanes share what waits."""
        for line in waiting:
            for item in line:
                await self._try(item)

    async def _try(self, item: InboxItem) -> None:
        try:
            await self._work_off_one(item)
        except (StorageUnavailable, LeaseLost):
            return  # the lease runs out, and whoever can reach the database takes the work
        except Exception as error:  # noqa: BLE001 - the edge of a piece of work: a poisoned one must not stop the others
            async with self._outside.storage.transaction() as records:
                await records.inbox.failed(item, type(error).__name__)

    async def _work_off_one(self, item: InboxItem) -> None:
        if not await self._may_still(item):
            return
        asked = await self._pages.of(item.intake)
        try:
            await self._finish(item, asked)
        except AlreadyKept:  # somebody minted the link of such a page at this very moment: now it is found
            await self._finish(item, asked)

    async def _finish(self, item: InboxItem, asked: list[Unfurled | None]) -> None:
        unfurled = [each for each in asked if each is not None]
        async with self._outside.storage.transaction() as records:
            standing = await self._consent.still(records, item.intake.group, item.intake.account)
            if standing is not None:
                await self._count(records, standing, item.intake, unfurled)
                if len(unfurled) < len(asked):
                    await self._warn(records, standing.group, item.intake)
            await records.inbox.done(item)

    async def _may_still(self, item: InboxItem) -> bool:
        """Whether the member's yes still stands, asked before anything is fetched; work without one is done."""
        async with self._outside.storage.transaction() as records:
            if await self._consent.still(records, item.intake.group, item.intake.account) is not None:
                return True
            await records.inbox.done(item)
            return False

    async def _warn(self, records: Records, group: Group, intake: Intake) -> None:
        """Tell the poster alone that a link was left as it is, and why."""
        self._outside.count_drop(DropReason.LISTED)
        aside = Aside(intake.account, intake.message, LISTED_ASIDE, group.language, intake.topic)
        await records.outbox.put(group.id, f"aside:{intake.message}", aside, self._outside.now() + CARD_CUTOFF)

    async def _count(self, records: Records, standing: Standing, intake: Intake, unfurled: list[Unfurled]) -> None:
        before = await records.shares.message_version(intake.group, intake.message)
        if before is not None and before >= intake.version:
            return self._outside.count_drop(DropReason.ALREADY_SEEN)
        tracked = [await self._links.track(records, intake.group, each.clean, each.title) for each in unfurled]
        await self._take_back_missing(records, standing.group, intake, frozenset(link.id for link in tracked))
        for link in tracked:
            await records.shares.add(self._share(standing, intake, link))
        seen = [(each.clean, each.preview) for each in unfurled]
        await contribute(records, standing, intake, seen, self._outside.now())
        await records.shares.set_message(
            intake.group, intake.message, frozenset(link.id for link in tracked), intake.version
        )
        settled = [await self._settle(records, link) for link in tracked]
        await self._cards.ask_for(records, standing, intake, list(zip(settled, unfurled, strict=True)))
        return None

    async def _take_back_missing(
        self, records: Records, group: Group, intake: Intake, now_there: frozenset[LinkId]
    ) -> None:
        """What an edit took out of a message, or all of it when the message was deleted: also out of a digest."""
        brought = await records.shares.brought(group.id, intake.message)
        had = await records.shares.of_message(group.id, intake.message) | {each.link for each in brought}
        taken = await records.shares.take_back(group.id, intake.account, intake.message, had - now_there)
        for link in sorted(taken):
            await self.uncount(records, group.id, intake.account, link)
        await take_out(records, group, [each for each in brought if each.link in taken], self._outside.now())

    def _share(self, standing: Standing, intake: Intake, link: TrackedLink) -> Share:
        return Share(
            intake.group,
            link.id,
            intake.account,
            week_of(intake.version, standing.group.schedule.zone),
            intake.version,
            intake.message,
            Purpose.CLICKS in standing.consent.purposes,
        )

    async def _settle(self, records: Records, link: TrackedLink) -> TrackedLink:
        until = await records.shares.counted_until(link.group, link.id)
        if until == link.counted_until:
            return link
        settled = replace(link, counted_until=until)
        await records.links.save(settled)
        return settled

    async def uncount(self, records: Records, group: GroupId, account: Account, link_id: LinkId) -> TrackedLink | None:
        """What hangs on a share that was taken back; its link, if it is still kept."""
        link = await records.links.get(group, link_id)
        if link is None:
            return None
        await self._settle(records, link)
        await records.contributions.take_back(group, account, (link.clean.key,))
        return link

    # Taking back ------------------------------------------------------------------------------------------------

    async def undo(self, address: GroupAddress, account: Account, message: str) -> tuple[str, ...]:
        """A member takes back what one message shared: uncounted at once, the plain addresses are given back.

        Raises:
            NotYours: as for `disown`.
        """
        return tuple(link.clean.display for link in await self.disown(address, account, message))

    async def disown(self, address: GroupAddress, account: Account, message: str) -> tuple[TrackedLink, ...]:
        """The same; the links themselves are given back, for a card that goes on standing there, uncounted.

        Raises:
            NotYours: this account has no share by that message: somebody else's, undone before, or too old.
        """
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(address)
            if group is None:
                raise NotYours
            held = await records.shares.of_message(group.id, message)
            brought = await records.shares.brought(group.id, message)
            undone = await records.shares.take_back(group.id, account, message, held)
            if not undone:
                raise NotYours
            await take_out(records, group, [each for each in brought if each.link in undone], self._outside.now())
            # a version later than any edit that may still come: what was undone stays undone
            await records.shares.set_message(group.id, message, held - undone, self._outside.now() + EDITABLE_FOR)
            taken = [await self.uncount(records, group.id, account, link) for link in sorted(undone)]
            return tuple(link for link in taken if link is not None)


def in_lines(items: Iterable[InboxItem]) -> list[list[InboxItem]]:
    """Work by the message it is about, each message's in the order of its versions: no edit overtakes its message."""
    lines: dict[tuple[GroupId, str], list[InboxItem]] = {}
    for item in items:
        lines.setdefault((item.intake.group, item.intake.message), []).append(item)
    return [sorted(line, key=lambda item: item.intake.version) for line in lines.values()]
