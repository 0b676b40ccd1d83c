"""What a member shared in a week that is already told, and how it is taken out again."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.counting import uncount
from core.errors import NotYours, UnknownGroup
from core.model import Account, Edition, Entry, GroupAddress, LinkId, Week
from core.ports import Now, Storage
from core.revisions import take_out
from core.shares import ShareService


@dataclass(frozen=True, slots=True)
class OwnShares:
    """What one member shared in the week of an edition: for that member's eyes only."""

    edition: Edition
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a member took back."""

    message: str
    urls: tuple[str, ...]
    """The plain addresses."""
    cards: Mapping[str, str]
    """Cards that stand about it: each one's key in the outbox -> its id on the platform."""


class OwnShareService:
    """Members take back what they shared: the last of it, or one share out of a digest.

    Args:
        storage: records.
        shares: what hangs on a share goes with it.
        now: the clock.
    """

    def __init__(self, storage: Storage, shares: ShareService, now: Now) -> None:
        self._storage = storage
        self._shares = shares
        self._now = now

    async def of_week(self, address: GroupAddress, account: Account, week: Week) -> OwnShares:
        """What this member shared of a digest, as far as who shared it is still kept.

        Raises:
            UnknownGroup: there is no group, or no digest of that week.
        """
        async with self._storage.reading() as records:
            group = await records.groups.at(address)
            edition = await records.digests.get(group.id, week) if group else None
            if group is None or edition is None:
                raise UnknownGroup
            mine = await records.shares.shared_by(group.id, account, week)
            every = (*edition.entries, *edition.others)
            return OwnShares(edition, tuple(each for each in every if each.link in mine))

    async def undo_last(self, address: GroupAddress, account: Account) -> TakenBack | None:
        """A member takes back what they shared last, as the card's button does; asked again, what came before it.

        Returns:
            None when nothing is left that could be taken back: never shared, undone before, or too old.
        """
        async with self._storage.reading() as records:
            group = await records.groups.at(address)
            message = await records.shares.last_message(group.id, account) if group else None
            if group is None or message is None:
                return None
            keys = (f"card:{message}", f"again:{message}")
            posted = {key: await records.outbox.remote_id(group.id, key) for key in keys}
        try:
            urls = await self._shares.undo(address, account, message)
        except NotYours:
            return None
        return TakenBack(message, urls, {key: card for key, card in posted.items() if card is not None})

    async def remove(self, address: GroupAddress, account: Account, week: Week, link: LinkId) -> None:
        """Take one's share out of a digest at once, also out of the one that is posted.

        Raises:
            NotYours: this account did not share that link in that week, or who did is no longer kept.
        """
        async with self._storage.transaction() as records:
            group = await records.groups.at(address)
            taken = await records.shares.take_one(group.id, account, link, week) if group else None
            if group is None or taken is None:
                raise NotYours
            await uncount(records, group.id, account, link)
            await take_out(records, group, [taken], self._now())
