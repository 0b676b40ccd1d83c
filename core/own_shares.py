"""What a member shared in a week that is already told, and how it is taken out again."""

from dataclasses import dataclass

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


class OwnShareService:
    """Members take their shares out of a digest.

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
            await self._shares.uncount(records, group.id, account, link)
            await take_out(records, group, [taken], self._now())
