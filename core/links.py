"""Tracked links: one code per (group, canonical URL), minted once, resolved on every click, expired in the end."""

import secrets
import string
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.model import CODE_LENGTH, LINK_LIFETIME, Code, Destination, GroupId, LinkId, TrackedLink
from core.ports import Mint, NewId, Now, Records, Storage
from core.urls import CleanUrl

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
KNOWN_FOR = timedelta(seconds=30)
UNKNOWN_FOR = timedelta(seconds=5)
LOOK_BACK = KNOWN_FOR
"""How far clocks may stand apart: what a look misses beyond that, the age of the cache catches."""


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
    now: Now
    new_id: NewId
    mint: Mint


class LinkCache:
    """The destinations asked for lately, bounded in number and in age; codes nobody minted are remembered shortly.

    Args:
        now: the clock.
        capacity: destinations kept; the one not asked for longest goes first.
    """

    def __init__(self, now: Now, capacity: int = 100_000) -> None:
        self._now = now
        self._capacity = capacity
        self._known: OrderedDict[Code, tuple[Destination | None, datetime]] = OrderedDict()
        self._codes: dict[LinkId, Code] = {}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, code: Code) -> tuple[Destination | None] | None:
        """What is remembered, in a tuple since None is an answer too; None for what is not remembered."""
        found = self._known.get(code)
        if found is None or found[1] <= self._now():
            return None
        self._known.move_to_end(code)
        return (found[0],)

    def put(self, code: Code, destination: Destination | None) -> None:
        """Remember an answer of storage."""
        self._known[code] = destination, self._now() + (KNOWN_FOR if destination else UNKNOWN_FOR)
        self._known.move_to_end(code)
        if destination is not None:
            self._codes[destination.link] = code
        if len(self._known) > self._capacity:
            _, (oldest, _) = self._known.popitem(last=False)
            if oldest is not None:
                self._codes.pop(oldest.link, None)

    def forget(self, links: Iterable[LinkId]) -> None:
        """Drop what has changed, so that the next click asks storage."""
        for link in links:
            code = self._codes.pop(link, None)
            if code is not None:
                self._known.pop(code, None)


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

    async def resolve(self, code: Code) -> Destination | None:
        """Where a code leads, from the cache or storage, expired or not; None for a code never minted.

        Raises:
            StorageUnavailable: not in the cache, and the database can't be reached.
        """
        remembered = self._cache.get(code)
        if remembered is not None:
            return remembered[0]
        async with self._outside.storage.transaction() as records:
            destination = await records.links.destination(code)
        self._cache.put(code, destination)
        return destination

    async def refresh(self) -> None:
        """Drop from the cache what changed since the last look: a withdrawal reaches every replica within a tick."""
        looked_at = self._outside.now()
        async with self._outside.storage.transaction() as records:
            changed = await records.links.changed_since(self._looked_at - LOOK_BACK)
        self._cache.forget(changed)
        self._looked_at = looked_at
