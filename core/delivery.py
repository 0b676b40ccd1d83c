"""Posting without doubles: claim, say so, post once, write down how it went (scale.md, "Outbox")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from core.consent import ConsentService
from core.errors import LeaseLost, PlatformUnavailable, StorageUnavailable, TooSoon, UnknownGroup
from core.groups import GroupService
from core.hands import Hands
from core.listed_later import ListedAs, listed_nowhere, posting_to_send
from core.model import (
    NO_ANSWER,
    Aside,
    Card,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    InDoubt,
    Later,
    OutboxItem,
    OutboxState,
    Outcome,
    Platform,
    Posting,
    Question,
    Refused,
    Removal,
    Revision,
    Sent,
    Taking,
)
from core.ports import CountWait, Messenger, Now, Records, Storage
from core.rates import Bucket, Limits
from core.revisions import as_it_is_now
from core.together import Beside, InTurn

LEASE = timedelta(seconds=60)
"""Outlives the HTTP time-outs of both messengers."""
AT_ONCE = 8
"""Postings under way at the same time: a slow answer does not hold up the other groups."""
IN_HAND = 20
"""Postings that one process has claimed and not finished: more are claimed when half of them are done."""
AT_MOST_TRIES = 5
KEEPABLE_FOR = timedelta(seconds=15)
"""How long a member can keep a message that a card takes the place of."""
REMOVAL_CUTOFF = timedelta(minutes=30)
"""A message that disappears later than this would surprise more than it helps."""
ASIDE_CUTOFF = timedelta(minutes=30)
LISTED_LATER = "listed_later.aside"
PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class DeliveryOutside:
    """What delivery needs from outside."""

    storage: Storage
    messengers: Mapping[Platform, Messenger]
    now: Now
    limits: Limits
    count_wait: CountWait
    listed_as: ListedAs = listed_nowhere
    beside: Beside = field(default_factory=InTurn)


class DeliveryService:
    """Posts what waits in the outbox.

    Args:
        outside: storage and the platforms' messengers.
        consent: asked again at the moment of posting.
        groups: hears of groups that are gone.
    """

    def __init__(self, outside: DeliveryOutside, consent: ConsentService, groups: GroupService) -> None:
        self._outside = outside
        self._consent = consent
        self._groups = groups
        self._hands = Hands(outside.beside, self._post, AT_ONCE)

    async def keep_up(self, in_hand: int = IN_HAND) -> int:
        """Claim what is due when there are hands for it, and leave it to them; how many postings were claimed.

        Several are posted at the same time, each another group's: a slow answer holds up neither the other groups nor
        the next claim.

        Args:
            in_hand: postings at most that are claimed and not done with.
        """
        room = await self._hands.room(in_hand)
        async with self._outside.storage.transaction() as records:
            items = await records.outbox.claim(LEASE, room)
        self._hands.take(items, len(items))
        return len(items)

    async def post_due(self, limit: int = IN_HAND) -> int:
        """As `keep_up`, and wait until all of it is done."""
        claimed = await self.keep_up(limit)
        await self.finish()
        return claimed

    async def finish(self) -> None:
        """Wait until nothing that was claimed is under way any more."""
        await self._hands.finish()

    async def _post(self, item: OutboxItem) -> None:
        try:
            await self._deliver(item)
        except (StorageUnavailable, LeaseLost, PlatformUnavailable, UnknownGroup):
            return  # the posting stays INTENDED; whoever claims it next knows that it is in doubt
        finally:
            self._hands.put_down()

    async def _deliver(self, item: OutboxItem) -> None:
        try:
            group = await self._begin(item)
        except TooSoon as full:
            self._outside.count_wait(full.kind)
            return await self._later(item, full.seconds)
        if group is None:
            return await self._close(item, OutboxState.REFUSED, "no longer wanted")
        messenger = self._outside.messengers.get(group.address.platform)
        if messenger is None:
            return await self._close(item, OutboxState.REFUSED, "platform not set up")
        if item.in_doubt and not isinstance(item.posting, Revision):
            return await self._clear_up(item, messenger, group.address)
        posting = await self._to_send(item)
        if posting is None:
            return await self._close(item, OutboxState.REFUSED, "nothing was posted")
        outcome = await messenger.post(group.address, posting, item.key)
        if isinstance(outcome, Later):
            await self._push(item, group.address, outcome)
        return await self._write_down(item, outcome, group.address)

    async def _to_send(self, item: OutboxItem) -> Posting | None:
        """What is left to say by now; the poster of a card that lost a link is told, alone."""
        async with self._outside.storage.reading() as records:
            current = await as_it_is_now(records, item)
            posting = await posting_to_send(records, current, self._outside.listed_as) if current else None
        if isinstance(current, Card) and posting != current:
            await self._tell_poster(item.group, current)
        return posting

    async def _tell_poster(self, group: GroupId, card: Card) -> None:
        aside = Aside(card.account, card.message, LISTED_LATER, card.language, card.topic)
        async with self._outside.storage.transaction() as records:
            await records.outbox.put(group, f"aside:{card.message}", aside, self._outside.now() + ASIDE_CUTOFF)

    async def _begin(self, item: OutboxItem) -> Group | None:
        """Ask once more and say that it will be posted, in one: no withdrawal comes between the two.

        Raises:
            TooSoon: the platform may not be called yet; nothing was said.
        """
        async with self._outside.storage.transaction() as records:
            group = await self._wanted(records, item)
            if group is not None and group.address.platform in self._outside.messengers:
                await records.rates.take(self._buckets(group.address, item))
                if not item.in_doubt:
                    await records.outbox.intend(item)
            return group

    async def _still_wanted(self, item: OutboxItem) -> Group | None:
        async with self._outside.storage.transaction() as records:
            return await self._wanted(records, item)

    async def _wanted(self, records: Records, item: OutboxItem) -> Group | None:
        if isinstance(item.posting, Removal):
            return await self._may_remove(records, item.group, item.posting)
        if isinstance(item.posting, Card | Aside):
            standing = await self._consent.still(records, item.group, item.posting.account)
            return standing.group if standing else None
        group = await records.groups.get(item.group)
        return group if group and group.state is GroupState.ENABLED else None

    async def _make_room(self, records: Records, item: OutboxItem) -> None:
        """A card that takes a message's place is there: the message goes when its member had time to keep it."""
        card, now = item.posting, self._outside.now()
        if isinstance(card, Card) and card.replaces:
            removal = Removal(card.account, card.message)
            await records.outbox.put(
                item.group, f"removal:{card.message}", removal, now + REMOVAL_CUTOFF, now + KEEPABLE_FOR
            )

    async def _may_remove(self, records: Records, group: GroupId, removal: Removal) -> Group | None:
        """Only while both still want it, and what the message shared was not taken back."""
        standing = await self._consent.still(records, group, removal.account)
        if standing is None or not standing.consent.replaces or standing.group.taking is not Taking.REPLACE:
            return None
        return standing.group if await records.shares.of_message(group, removal.message) else None

    async def _push(self, item: OutboxItem, address: GroupAddress, asked: Later) -> None:
        """The platform asked to wait, and does not say for which of its limits: all replicas wait for all of them."""
        async with self._outside.storage.transaction() as records:
            await records.rates.push(self._buckets(address, item), asked.seconds)

    def _buckets(self, address: GroupAddress, item: OutboxItem) -> Sequence[Bucket]:
        return self._outside.limits(address, item.posting)

    async def _clear_up(self, item: OutboxItem, messenger: Messenger, address: GroupAddress) -> None:
        """An earlier try got no answer: ask the platform where it can be asked, else leave it to a person."""
        if not _can_find(item, messenger):
            return await self._close(item, OutboxState.UNKNOWN, NO_ANSWER)
        remote_id = await messenger.find(address, item.key)
        if remote_id is not None:
            return await self._write_down(item, Sent(remote_id), address)
        return await self._write_down(item, Later(PAUSE_SECONDS), address)

    async def _write_down(self, item: OutboxItem, outcome: Outcome, address: GroupAddress) -> None:
        match outcome:
            case Sent(remote_id):
                async with self._outside.storage.transaction() as records:
                    await records.outbox.sent(item, remote_id)
                    await self._make_room(records, item)
            case Later(seconds):
                await self._later(item, seconds)
            case InDoubt():
                await self._in_doubt(item)
            case refused:
                await self._refused(item, refused, address)

    async def _refused(self, item: OutboxItem, refused: Refused, address: GroupAddress) -> None:
        if refused.try_again and item.attempts < AT_MOST_TRIES:
            return await self._later(item, PAUSE_SECONDS * 2**item.attempts)
        await self._close(item, OutboxState.REFUSED, refused.why)
        if refused.group_gone:
            await self._groups.bot_removed(address)
        return None

    async def _in_doubt(self, item: OutboxItem) -> None:
        """Left INTENDED where the platform can be asked: the next claim finds it in doubt and asks.

        An edit may be made twice: it says the same again.
        """
        if isinstance(item.posting, Revision):
            return await self._later(item, PAUSE_SECONDS)
        group = await self._still_wanted(item)
        messenger = self._outside.messengers.get(group.address.platform) if group else None
        if messenger is None or not _can_find(item, messenger):
            return await self._close(item, OutboxState.UNKNOWN, NO_ANSWER)
        return None

    async def _later(self, item: OutboxItem, seconds: float) -> None:
        async with self._outside.storage.transaction() as records:
            await records.outbox.later(item, seconds)

    async def _close(self, item: OutboxItem, state: OutboxState, why: str) -> None:
        async with self._outside.storage.transaction() as records:
            await records.outbox.close(item, state, why)


def _can_find(item: OutboxItem, messenger: Messenger) -> bool:
    """What is said to one member alone stands in no history."""
    return messenger.can_find and not isinstance(item.posting, Aside | Question)
