"""What accepted messages come to is written down: many messages in one transaction, each kind of row in one go."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.cards import CARD_CUTOFF, Cards
from core.consent import ConsentService
from core.figures import contribute
from core.links import LinkService, Tracked
from core.model import (
    Account,
    Aside,
    DropReason,
    GroupId,
    InboxItem,
    Intake,
    LinkId,
    MessageState,
    Purpose,
    Share,
    Standing,
    ToPost,
    TrackedLink,
)
from core.pages import Unfurled
from core.ports import CountDrop, Now, Records
from core.revisions import take_out
from core.schedules import week_of

LISTED_ASIDE = "listed.aside"


@dataclass(frozen=True, slots=True)
class Ready:
    """A piece of accepted work whose pages have answered."""

    item: InboxItem
    asked: Sequence[Unfurled | None] | None
    """Its links, None for one that is listed; None for all of it when the member's yes was gone before any was."""
    again: bool = False
    """Whether it was tried a moment ago."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """A message that still may be counted."""

    standing: Standing
    intake: Intake
    unfurled: Sequence[Unfurled]
    leaves_out: bool
    """Whether a listed link was left as it is."""

    @property
    def place(self) -> tuple[GroupId, str]:
        return self.intake.group, self.intake.message


class Counting:
    """Writes down what messages came to. All of it happens in the caller's transaction.

    Args:
        consent: asked again, before anything is counted.
        links: mints and finds tracked links.
        cards: when a message gets one.
        now: the clock.
    """

    def __init__(self, consent: ConsentService, links: LinkService, cards: Cards, now: Now) -> None:
        self._consent = consent
        self._links = links
        self._cards = cards
        self._now = now

    async def write(self, records: Records, ready: Sequence[Ready]) -> list[DropReason]:
        """Count what may be counted, ask for cards, and finish the work.

        Args:
            records: the open transaction; the groups stay as they are until it ends.
            ready: at most one piece of work about each message.

        Returns:
            Why some of it came to nothing: to be counted once the transaction is through, for it may be done anew.

        Raises:
            LeaseLost: one of them was taken over by another worker; nothing may be kept.
        """
        dropped: list[DropReason] = []
        heard = await self._heard(records, ready, dropped.append)
        before = await records.shares.messages([each.place for each in heard])
        fresh = [each for each in heard if _is_news(each, before.get(each.place))]
        dropped += [DropReason.ALREADY_SEEN] * (len(heard) - len(fresh))
        wanted = [(each.intake.group, page.clean, page.title) for each in fresh for page in each.unfurled]
        tracked = await self._links.track(records, wanted)
        for each in fresh:
            await self._take_back_missing(records, each, before.get(each.place), tracked)
        await self._share(records, fresh, tracked)
        await self._links.settle(records, tracked)
        warnings = [self._warning(each) for each in heard if each.leaves_out]
        cards = [card for each in fresh for card in self._card(each, tracked)]
        await self._links.keep(records, tracked)
        await self._ask_for(records, warnings, cards)
        await records.inbox.done(*(each.item for each in ready))
        return dropped + [DropReason.LISTED] * len(warnings)

    async def _heard(self, records: Records, ready: Sequence[Ready], count: CountDrop) -> list[_Counted]:
        asked = [(each.item.intake, each.asked) for each in ready if each.asked is not None]
        standings = await self._consent.still_all(
            records, [(intake.group, intake.account) for intake, _ in asked], count
        )
        return [
            _Counted(standing, intake, pages, leaves_out=len(pages) < len(links))
            for standing, (intake, links) in zip(standings, asked, strict=True)
            if standing is not None
            for pages in [[each for each in links if each is not None]]
        ]

    async def _take_back_missing(
        self, records: Records, each: _Counted, before: MessageState | None, tracked: Tracked
    ) -> None:
        """What an edit took out of a message, or all of it when the message was deleted: also out of a digest."""
        if before is None and not each.intake.edited:
            return
        group, intake = each.standing.group, each.intake
        now_there = {link.id for link in _links(each, tracked)}
        brought = await records.shares.brought(group.id, intake.message)
        had = (before.links if before else frozenset()) | {share.link for share in brought}
        taken = await records.shares.take_back(group.id, intake.account, intake.message, had - now_there)
        for link in sorted(taken):
            await uncount(records, group.id, intake.account, link)
        await take_out(records, group, [share for share in brought if share.link in taken], self._now())

    async def _share(self, records: Records, fresh: Sequence[_Counted], tracked: Tracked) -> None:
        await records.shares.add_all([_share(each, link) for each in fresh for link in _links(each, tracked)])
        for each in fresh:
            seen = [(page.clean, page.preview) for page in each.unfurled]
            await contribute(records, each.standing, each.intake, seen, self._now())
        held = {each.place: frozenset(link.id for link in _links(each, tracked)) for each in fresh}
        await records.shares.set_messages(
            {each.place: MessageState(held[each.place], each.intake.version) for each in fresh}
        )

    def _warning(self, each: _Counted) -> ToPost:
        """Tell the poster alone that a link was left as it is, and why."""
        intake, language = each.intake, each.standing.group.language
        aside = Aside(intake.account, intake.message, LISTED_ASIDE, language, intake.topic)
        return ToPost(intake.group, f"aside:{intake.message}", aside, self._now() + CARD_CUTOFF)

    def _card(self, each: _Counted, tracked: Tracked) -> list[ToPost]:
        """The message's card, if it gets one; its links have been shown then."""
        links = list(zip(_links(each, tracked), each.unfurled, strict=True))
        card = self._cards.card(each.standing, each.intake, links)
        if card is None:
            return []
        now, shown = self._now(), {link.link for link in card.links}
        for link, page in links:
            if link.id in shown:
                tracked.links[link.group, page.clean.key] = replace(link, shown_at=now)
        return [ToPost(each.intake.group, f"card:{each.intake.message}", card, now + CARD_CUTOFF)]

    async def _ask_for(self, records: Records, warnings: Sequence[ToPost], cards: Sequence[ToPost]) -> None:
        asked = await records.outbox.put_all([*cards, *warnings])
        had_one = [card for card, new in zip(cards, asked, strict=False) if not new]
        # the message had its card for other links; now its member has handed over the rest
        await records.outbox.put_all([replace(each, key=f"again:{each.key.partition(':')[2]}") for each in had_one])


def _is_news(each: _Counted, before: MessageState | None) -> bool:
    """An older version than the one that was worked off adds nothing."""
    return before is None or before.version < each.intake.version


def _links(each: _Counted, tracked: Tracked) -> list[TrackedLink]:
    return [tracked.links[each.intake.group, page.clean.key] for page in each.unfurled]


def _share(each: _Counted, link: TrackedLink) -> Share:
    intake, standing = each.intake, each.standing
    return Share(
        intake.group,
        link.id,
        intake.account,
        week_of(intake.version, standing.group.schedule.zone),
        intake.version,
        intake.message,
        Purpose.CLICKS in standing.consent.purposes,
    )


async def uncount(records: Records, group: GroupId, account: Account, link_id: LinkId) -> TrackedLink | None:
    """What hangs on a share that was taken back; its link, if it is still kept."""
    link = await records.links.get(group, link_id)
    if link is None:
        return None
    until = await records.shares.counted_until(group, link_id)
    await records.links.save(replace(link, counted_until=until))
    await records.contributions.take_back(group, account, (link.clean.key,))
    return link
