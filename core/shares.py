"""A member posted links in a group: take in, work off, correct, undo."""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from core.cards import CARD_CUTOFF, Cards
from core.consent import ConsentService
from core.counting import LISTED_ASIDE, Counting, Ready, uncount
from core.errors import AlreadyKept, LeaseLost, NotYours, StorageUnavailable
from core.hands import Hands
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
    Message,
    Standing,
    TrackedLink,
)
from core.pages import Pages, Unfurled
from core.ports import Accept, CountDrop, IsListed, Now, Storage, Unfurler
from core.ready import ReadyWork
from core.revisions import take_out
from core.together import Beside, InTurn, Together, in_turn
from core.urls import CleanUrl

LEASE = timedelta(seconds=60)
AT_ONCE = 16
"""Messages whose pages are asked at the same time: slow ones wait side by side, and hold no database connection."""
IN_HAND = 80
"""Pieces of work that one process has claimed and not finished: more are claimed when half of them are done."""
EDITABLE_FOR = timedelta(hours=48)


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
    is_listed: IsListed | None = None
    """A quicker way to ask than one look of its own for each address; None: there is none."""
    beside: Beside = field(default_factory=InTurn)


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
        self._pages = Pages(outside.is_listed or self._look_up, outside.unfurler, rules, outside.together)
        cards = Cards(outside.now, outside.public_url, offers_fact_checks=outside.offers_fact_checks)
        self._counting = Counting(consent, links, cards, outside.now)
        self._ready = ReadyWork(self._settle)
        self._lines: dict[tuple[GroupId, str], deque[InboxItem]] = {}
        self._hands: Hands[deque[InboxItem]] = Hands(outside.beside, self._line, AT_ONCE)

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

    async def _look_up(self, names: Collection[str]) -> bool:
        async with self._outside.storage.reading() as records:
            return await records.listed.holds(names)

    def _sift(self, message: Message, *, deliberate: bool) -> Sifted:
        sifted = sift(message.urls, self._rules, self._outside.public_url, deliberate=deliberate)
        for reason in sifted.dropped:
            self._outside.count_drop(reason)
        return sifted

    # Working off ------------------------------------------------------------------------------------------------

    async def keep_up(self, in_hand: int = IN_HAND) -> int:
        """Claim accepted work when there are hands for it, and leave it to them; how many pieces were claimed.

        Several messages are worked off at the same time: a failing piece does not hold up the others, nor does a slow
        page, nor the next claim; what one message became is done in order. Whatever is ready at the same moment is
        written down together.

        Args:
            in_hand: pieces at most that are claimed and not done with.
        """
        room = await self._hands.room(in_hand)
        async with self._outside.storage.transaction() as records:
            items = await records.inbox.claim(LEASE, room)
        self._hands.take(self._new_lines(items), len(items))
        return len(items)

    async def work_off(self, limit: int = 40) -> int:
        """As `keep_up`, and wait until all of it is done."""
        claimed = await self.keep_up(limit)
        await self.finish()
        return claimed

    async def finish(self) -> None:
        """Wait until nothing that was claimed is under way any more."""
        await self._hands.finish()

    def _new_lines(self, items: Iterable[InboxItem]) -> list[deque[InboxItem]]:
        """Work by its message; of a message that somebody has in hand already, they do the rest too."""
        new: list[deque[InboxItem]] = []
        for line in in_lines(items):
            in_hand = self._lines.get(_place(line[0]))
            if in_hand is not None:
                in_hand.extend(line)
            else:
                self._lines[_place(line[0])] = deque(line)
                new.append(self._lines[_place(line[0])])
        return new

    async def _line(self, line: deque[InboxItem]) -> None:
        """Do everything that one message became, also what is claimed meanwhile."""
        place = _place(line[0])
        try:
            while line:
                await self._try(line.popleft())
        finally:
            del self._lines[place]

    async def _try(self, item: InboxItem) -> None:
        try:
            asked = await self._asked(item)
        except StorageUnavailable:
            self._hands.put_down()  # the lease runs out, and whoever can reach the database takes the work
        except Exception as error:  # noqa: BLE001 - the edge of a piece of work: a poisoned one must not stop the others
            await self._failed(item, error)
            self._hands.put_down()
        else:
            await self._ready.add(Ready(item, asked))

    async def _asked(self, item: InboxItem) -> list[Unfurled | None] | None:
        """What the pages of a message say; nothing is fetched when the member's yes is gone."""
        stands = await self._consent.seems_to_stand(item.intake.group, item.intake.account)
        return await self._pages.of(item.intake) if stands else None

    async def _settle(self, ready: Sequence[Ready]) -> None:
        try:
            await self._write_down(ready)
        finally:
            self._hands.put_down(len(ready))

    async def _write_down(self, ready: Sequence[Ready]) -> None:
        """All in one transaction; when one of them breaks it, each in its own, so that the others are unharmed."""
        try:
            return await self._finish(ready)
        except StorageUnavailable:
            return None
        except Exception as error:  # noqa: BLE001 - as above
            if len(ready) == 1:
                return await self._alone(ready[0], error)
        for each in ready:
            await self._write_down([each])
        return None

    async def _alone(self, ready: Ready, error: Exception) -> None:
        """What becomes of a piece that could not be written down even alone."""
        if isinstance(error, AlreadyKept) and not ready.again:
            # somebody minted the link of such a page at this very moment: now it is found
            return await self._write_down([replace(ready, again=True)])
        return await self._failed(ready.item, error)

    async def _finish(self, ready: Sequence[Ready]) -> None:
        async with self._outside.storage.transaction() as records:
            dropped = await self._counting.write(records, ready)
        for reason in dropped:
            self._outside.count_drop(reason)

    async def _failed(self, item: InboxItem, error: Exception) -> None:
        with suppress(LeaseLost, StorageUnavailable):  # whoever has it now, or takes it next, finds out for themselves
            async with self._outside.storage.transaction() as records:
                await records.inbox.failed(item, type(error).__name__)

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
            taken = [await uncount(records, group.id, account, link) for link in sorted(undone)]
            return tuple(link for link in taken if link is not None)


def in_lines(items: Iterable[InboxItem]) -> list[list[InboxItem]]:
    """Work by the message it is about, each message's in the order of its versions: no edit overtakes its message."""
    lines: dict[tuple[GroupId, str], list[InboxItem]] = {}
    for item in items:
        lines.setdefault(_place(item), []).append(item)
    return [sorted(line, key=lambda item: item.intake.version) for line in lines.values()]


def _place(item: InboxItem) -> tuple[GroupId, str]:
    return item.intake.group, item.intake.message
