"""The list of addresses reported for spreading malware: fetched whole, put in the place of the one before."""

from dataclasses import dataclass
from datetime import timedelta

from core.errors import FeedUnavailable
from core.listed_digests import edit_posted
from core.listed_later import ListedAs, listed_nowhere
from core.ports import Feed, Now, Storage

FRESH_FOR = timedelta(hours=1)
"""URLhaus asks not to be fetched more often than every five minutes [https://urlhaus.abuse.ch/api/]."""


@dataclass(frozen=True, slots=True)
class FeedOutside:
    """What the list needs from outside."""

    storage: Storage
    feed: Feed
    now: Now
    listed_as: ListedAs = listed_nowhere
    """What the addresses of posted digests may be listed under."""


class FeedService:
    """Keeps the list up to date.

    Args:
        outside: storage, the feed, the clock.
    """

    def __init__(self, outside: FeedOutside) -> None:
        self._outside = outside

    async def update(self) -> int:
        """Fetch the list, put it in place, and have digests edited that name what is on it; how many entries it has.

        Raises:
            FeedUnavailable: it could not be fetched, or is none. The list from before stays.
        """
        entries = await self._outside.feed.entries()
        if not entries:
            raise FeedUnavailable("The feed answers, but with nothing that is a list of addresses.", which="no_list")
        async with self._outside.storage.transaction() as records:
            await records.listed.replace(entries)
        await edit_posted(
            self._outside.storage,
            lambda url: not entries.isdisjoint(self._outside.listed_as(url)),
            self._outside.now(),
        )
        return len(entries)

    async def update_if_old(self) -> int:
        """The same, unless this or another replica did it less than an hour ago; 0 then."""
        async with self._outside.storage.transaction() as records:
            replaced_at = await records.listed.replaced_at()
        if replaced_at is not None and self._outside.now() - replaced_at < FRESH_FOR:
            return 0
        return await self.update()
