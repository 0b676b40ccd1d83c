"""Tracked links: one code per (group, canonical URL), minted once, resolved on every click, expired in the end."""

import secrets
import string
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.errors import StorageUnavailable
from core.model import CODE_LENGTH, LINK_LIFETIME, Code, Destination, GroupId, LinkId, TrackedLink
from core.ports import LookUp, Mint, NewId, Now, Records, Storage
from core.urls import CleanUrl

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
KNOWN_FOR = timedelta(seconds=30)
UNKNOWN_FOR = timedelta(seconds=5)
LOOK_BACK = KNOWN_FOR
"""How far clocks may stand apart: what a look misses beyond that, the age of the cache catches."""
AHEAD = timedelta(seconds=10)
"""What is asked for often is asked of storage anew so long before it is too old, many links in one question."""
RENEWED_AT_A_TIME = 200
WARM_FOR = 10
"""How often a link is renewed that nobody asks for any more: some three minutes; renewing costs a third of asking."""


def mint_code() -> Code:
    """A new code: 16 base62 characters, 95 bits of the system's randomness; can't be guessed or walked through."""
    return Code("".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)))


def read_code(text: str) -> Code | None:
    """A code as it stands in a short URL; None for anything that was never minted."""
    well_formed = len(text) == CODE_LENGTH and text.isascii() and text.isalnum()
    return Code(text) if well_formed else None


def short_url(public_url: str, code: Code) -> str:
    """Our address that ends in a code."""
    return f"{public_url.rstrip('/')}/{code}"


def is_short_url(public_url: str, url: str) -> bool:
    """Whether an address is a short URL of ours, with or without its `+`: it is tracked already."""
    ours, _, text = url.rpartition("/")
    bare = public_url.rstrip("/").partition("://")[2]
    return ours.partition("://")[2] == bare and read_code(text.removesuffix("+")) is not None


@dataclass(frozen=True, slots=True)
class LinkOutside:
    """What links need from outside."""

    storage: Storage
    look_up: LookUp
    now: Now
    new_id: NewId
    mint: Mint
    listed_as: Callable[[str], Collection[str]] | None = None
    """What an address may be listed under, see `core.listed.names_of`; None where there is no list."""


class _Known:
    """What storage said of a code, and until when that is believed."""

    __slots__ = ("destination", "until", "warm")

    def __init__(self, destination: Destination | None, until: datetime) -> None:
        self.destination = destination
        self.until = until
        self.warm = 0
        """How often it may still be renewed unasked; nobody has asked a second time when it is 0."""


class LinkCache:
    """The destinations asked for lately, bounded in number and in age; codes nobody minted are remembered shortly.

    What is too old is no answer any more, but stays until its place is needed: for when storage can't be reached.

    Args:
        now: the clock.
        capacity: destinations kept; the one not asked for longest goes first.
    """

    def __init__(self, now: Now, capacity: int = 100_000) -> None:
        self._now = now
        self._capacity = capacity
        self._known: OrderedDict[Code, _Known] = OrderedDict()
        self._by_age: deque[Code] = deque(maxlen=2 * capacity)

    def __len__(self) -> int:
        return len(self._known)

    def get(self, code: Code) -> tuple[Destination | None] | None:
        """What is remembered, in a tuple since None is an answer too; None for what is not remembered."""
        found = self._known.get(code)
        if found is None or found.until <= self._now():
            return None
        found.warm = WARM_FOR
        self._known.move_to_end(code)
        return (found.destination,)

    def too_old(self, code: Code) -> Destination | None:
        """What was remembered of a code, of whatever age."""
        found = self._known.get(code)
        return found.destination if found is not None else None

    def put(self, code: Code, destination: Destination | None, known_for: timedelta = KNOWN_FOR) -> None:
        """Remember an answer of storage."""
        until = self._now() + (known_for if destination else UNKNOWN_FOR)
        self._known[code] = _Known(destination, until)
        self._known.move_to_end(code)
        if destination is not None:
            self._by_age.append(code)
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def renew(self, code: Code, destination: Destination) -> None:
        """Believe what is remembered for as long again; whoever asks keeps its place, not who renews."""
        known = self._known.get(code)
        if known is not None:
            known.destination, known.until = destination, self._now() + KNOWN_FOR
            known.warm -= 1
            self._by_age.append(code)

    def ageing(self, limit: int) -> dict[Code, Destination]:
        """Some of what was asked for lately and will soon be too old; each is told once."""
        soon = self._now() + AHEAD
        found: dict[Code, Destination] = {}
        while self._by_age and len(found) < limit:
            known = self._known.get(self._by_age[0])
            if known is not None and known.until > soon:
                break
            code = self._by_age.popleft()
            if known is not None and known.warm and known.destination is not None:
                found[code] = known.destination
        return found

    def doubt_all(self) -> None:
        """There is a new list of bad addresses: whatever is remembered is too old, and asked of storage anew."""
        for known in self._known.values():
            known.until = self._now()
            known.warm = 0  # renewing would keep the judgement of the list before

    def forget(self, links: Collection[LinkId]) -> None:
        """Have what has changed asked of storage anew; where that can't be reached, it leads on uncounted."""
        for known in self._known.values() if links else ():
            if known.destination is not None and known.destination.link in links:
                known.destination, known.until = replace(known.destination, counted_until=None), self._now()


class LinkService:
    """Mints, finds and resolves tracked links.

    Args:
        outside: storage, clock, ids and the source of codes.
        cache: the destinations asked for lately.
    """

    def __init__(self, outside: LinkOutside, cache: LinkCache) -> None:
        self._outside = outside
        self._cache = cache
        self._looked_at = outside.now() - LOOK_BACK
        self._listed_at: datetime | None = None

    async def track(self, records: Records, group: GroupId, clean: CleanUrl, title: str) -> TrackedLink:
        """Mint the group's link to a canonical URL, or find it and give it another 90 days."""
        now = self._outside.now()
        known = await records.links.find(group, clean.key)
        if known is not None:
            renewed = replace(known, expires_at=now + LINK_LIFETIME, title=title or known.title)
            await records.links.save(renewed)
            return renewed
        link = TrackedLink(
            LinkId(self._outside.new_id()), group, self._outside.mint(), clean, title, now, now + LINK_LIFETIME
        )
        await records.links.add(link)
        return link

    def remembered(self, code: Code) -> tuple[Destination | None] | None:
        """As `LinkCache.get`: where a code leads as far as this process knows, without asking anybody."""
        return self._cache.get(code)

    async def resolve(self, code: Code) -> Destination | None:
        """Where a code leads, from the cache or storage, expired or not; None for a code never minted.

        Raises:
            StorageUnavailable: never heard of, and the database can't be reached.
        """
        remembered = self._cache.get(code)
        if remembered is not None:
            return remembered[0]
        try:
            destination = await self._judged(await self._outside.look_up(code))
        except StorageUnavailable:
            return self._without_storage(code)
        self._cache.put(code, destination)
        return destination

    async def _judged(self, destination: Destination | None) -> Destination | None:
        """Asked of the list once, when a destination comes into memory: a click costs nothing more."""
        if destination is None or self._outside.listed_as is None:
            return destination
        async with self._outside.storage.reading() as records:
            listed = await records.listed.holds(self._outside.listed_as(destination.url))
        return replace(destination, listed=True) if listed else destination

    def _without_storage(self, code: Code) -> Destination | None:
        """Lead on as long as it is remembered; count only if nobody can have taken a yes back unheard."""
        known = self._cache.too_old(code)
        if known is None:
            raise StorageUnavailable
        in_touch = self._outside.now() < self._looked_at + KNOWN_FOR
        leads = known if in_touch else replace(known, counted_until=None)
        self._cache.put(code, leads, UNKNOWN_FOR)  # so that not every visitor waits for the database in vain
        return leads

    async def refresh(self) -> None:
        """Drop from the cache what changed since the last look: a withdrawal reaches every replica within a tick.

        What is asked for often is renewed before it is too old, so that its visitors never wait for storage.
        """
        looked_at = self._outside.now()
        async with self._outside.storage.reading() as records:
            changed = await records.links.changed_since(self._looked_at - LOOK_BACK)
            listed_at = await records.listed.replaced_at() if self._outside.listed_as is not None else None
        self._cache.forget(changed)
        self._looked_at = looked_at
        if listed_at != self._listed_at:
            self._cache.doubt_all()
            self._listed_at = listed_at
        while ageing := self._cache.ageing(RENEWED_AT_A_TIME):
            await self._renew(ageing)

    async def _renew(self, ageing: Mapping[Code, Destination]) -> None:
        async with self._outside.storage.reading() as records:
            still = await records.links.still(ageing)
        for code, destination in still.items():
            self._cache.renew(code, destination)
