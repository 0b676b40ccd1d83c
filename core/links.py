"""Tracked links: one code per (group, canonical URL), minted once, resolved on every click, expired in the end."""

import secrets
import string
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from core.address import parse
from core.errors import StorageUnavailable
from core.lately import Lately
from core.listed_later import ListedAs, listed_of
from core.model import CODE_LENGTH, LINK_LIFETIME, Code, Destination, GroupId, LinkId, LinkState, Preview, TrackedLink
from core.ports import GiveWay, LookUp, Mint, NewId, Now, Records, Storage
from core.remembered import Leads, Standing, changed, leads_now, link_in, pack, unpack
from core.urls import CleanUrl, registrable_domain

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
KNOWN_FOR = timedelta(seconds=30)
"""How long an answer of storage is believed, and how long what is remembered is after a look at what has changed."""
UNKNOWN_FOR = timedelta(seconds=5)
LOOK_BACK = timedelta(seconds=30)
"""Each look finds what was written before the last one and committed up to so long after."""
ASKED_ANEW_AFTER = timedelta(minutes=15)
"""However well the looks go: nothing is remembered for ever."""
GONE_THROUGH_AT_A_TIME = 1_000
"""Remembered links looked at for changes while nobody else on this loop gets a turn: some 0.2 ms."""
_KNOWN_FOR, _UNKNOWN_FOR = KNOWN_FOR.total_seconds(), UNKNOWN_FOR.total_seconds()
_ASKED_ANEW_AFTER = ASKED_ANEW_AFTER.total_seconds()


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
    give_way: GiveWay
    listed_as: ListedAs | None = None
    """What an address may be listed under, see `core.listed.names_of`; None where there is no list."""


@dataclass(frozen=True, slots=True)
class PageBehind:
    """Where a short URL leads: the plain address, its site, and what the page said, as far as that may be told."""

    url: str
    site: str
    preview: Preview | None


class LinkCache:
    """The destinations asked for lately, bounded in number and in age; codes nobody minted are remembered shortly.

    An answer is believed for 30 s after it was given, and then for 30 s after every look at what has changed since:
    asking again would tell nothing more. What is too old is no answer any more, but stays until its place is needed:
    for when storage can't be reached.

    Args:
        now: the clock.
        capacity: destinations asked for last that are kept for certain; see `Lately`.
    """

    def __init__(self, now: Now, capacity: int = 100_000) -> None:
        self._now = now
        self._known: Lately[int, bytes] = Lately(capacity)
        self._in_touch_until = now().timestamp()
        self._judged_by = 0

    def __len__(self) -> int:
        return len(self._known)

    def get(self, code: Code, now: datetime) -> tuple[Destination | None] | None:
        """What is remembered, in a tuple since None is an answer too; None for what is not remembered."""
        packed = self._known.get(_key(code))
        if packed is None:
            return None
        destination, standing = unpack(packed)
        return (destination,) if self._is_believed(standing, now.timestamp()) else None

    def leads(self, code: Code, now: float) -> Leads | None:
        """Where a code leads a visitor now, in seconds since 1970; None for what `get` has to be asked."""
        packed = self._known.get(_key(code))
        if packed is None:
            return None
        leads, standing = leads_now(packed, now)
        return leads if self._is_believed(standing, now) else None

    def _is_believed(self, standing: Standing, now: float) -> bool:
        asked_at, confirmed, judged_by = standing
        if judged_by != self._judged_by:
            return False
        if not confirmed:
            return now - asked_at < _UNKNOWN_FOR
        in_touch = now < self._in_touch_until and now - asked_at < _KNOWN_FOR + _ASKED_ANEW_AFTER
        return in_touch or now - asked_at < _KNOWN_FOR

    @property
    def in_touch(self) -> bool:
        """Whether storage was asked lately what has changed."""
        return self._now().timestamp() < self._in_touch_until

    def too_old(self, code: Code) -> Destination | None:
        """What was remembered of a code, of whatever age."""
        packed = self._known.get(_key(code))
        return unpack(packed)[0] if packed is not None else None

    def put(self, code: Code, destination: Destination | None) -> None:
        """Remember an answer of storage."""
        self._remember(code, destination, confirmed=destination is not None)

    def put_for_now(self, code: Code, destination: Destination) -> None:
        """Remember for some seconds what storage could not be asked about."""
        self._remember(code, destination, confirmed=False)

    def _remember(self, code: Code, destination: Destination | None, *, confirmed: bool) -> None:
        self._known.put(_key(code), pack(destination, (self._now().timestamp(), confirmed, self._judged_by)))

    def confirm(self, looked_at: datetime) -> None:
        """Storage has told what changed, and that was learnt: all is as it was at the moment of the look."""
        self._in_touch_until = looked_at.timestamp() + _KNOWN_FOR

    def doubt_all(self) -> None:
        """There is a new list of bad addresses: whatever is remembered is too old, and asked of storage anew."""
        self._judged_by = (self._judged_by + 1) % 256

    def learn(self, links: Mapping[LinkId, LinkState]) -> Iterator[None]:
        """What is remembered of these links is as storage says it is now, when this has come to its end.

        All that is remembered is gone through, some at a time: others may have their turn in between.
        """
        keys = self._known.keys() if links else []
        for start in range(0, len(keys), GONE_THROUGH_AT_A_TIME):
            for key in keys[start : start + GONE_THROUGH_AT_A_TIME]:
                self._known.change(key, partial(_as_it_is_now, links))
            yield


def _key(code: Code) -> int:
    """A code's bytes as a number, which takes 48 bytes where the text takes 80."""
    return int.from_bytes(code.encode())


def _as_it_is_now(states: Mapping[LinkId, LinkState], packed: bytes) -> bytes:
    state = states.get(link_in(packed))
    return changed(packed, state) if state else packed


@dataclass(frozen=True, slots=True)
class Tracked:
    """Tracked links at hand in one transaction: changed here, and written once, by `LinkService.keep`."""

    links: dict[tuple[GroupId, str], TrackedLink]
    """By group and canonical URL."""
    minted: AbstractSet[tuple[GroupId, str]]
    """Those that are new."""


class LinkService:
    """Mints, finds and resolves tracked links.

    Args:
        outside: storage, clock, ids and the source of codes.
        cache: the destinations asked for lately.
    """

    def __init__(self, outside: LinkOutside, cache: LinkCache) -> None:
        self._outside = outside
        self._cache = cache
        self.leads = cache.leads
        """Where a code leads as far as this process knows, without asking anybody: see `LinkCache.leads`."""
        self._looked_at: datetime | None = None
        self._listed_at: datetime | None = None

    async def track(self, records: Records, wanted: Sequence[tuple[GroupId, CleanUrl, str]]) -> Tracked:
        """Mint the groups' links to canonical URLs, or find them and give them another 90 days; see `keep`.

        Args:
            records: the open transaction, which holds the groups.
            wanted: group, URL and the title of its page, as often as it was posted.
        """
        known = await records.links.find_all({(group, clean.key) for group, clean, _ in wanted})
        links = dict(known)
        for group, clean, title in wanted:
            before = links.get((group, clean.key))
            links[group, clean.key] = self._renewed(before, title) if before else self._minted(group, clean, title)
        return Tracked(links, links.keys() - known.keys())

    def _renewed(self, link: TrackedLink, title: str) -> TrackedLink:
        return replace(link, expires_at=self._outside.now() + LINK_LIFETIME, title=title or link.title)

    def _minted(self, group: GroupId, clean: CleanUrl, title: str) -> TrackedLink:
        now, link_id = self._outside.now(), LinkId(self._outside.new_id())
        return TrackedLink(link_id, group, self._outside.mint(), clean, title, now, now + LINK_LIFETIME)

    async def settle(self, records: Records, tracked: Tracked) -> None:
        """Find out anew until when the clicks of these links count, now that their shares are written."""
        links = tracked.links
        until = await records.shares.counted_until_all({(link.group, link.id) for link in links.values()})
        for place, link in links.items():
            links[place] = replace(link, counted_until=until.get((link.group, link.id)))

    async def keep(self, records: Records, tracked: Tracked) -> None:
        """Write what became of these links, each once.

        Raises:
            AlreadyKept: somebody else minted one of them at this very moment.
        """
        links = tracked.links
        await records.links.add_all([links[place] for place in sorted(tracked.minted)])
        await records.links.save_all([links[place] for place in sorted(links.keys() - tracked.minted)])

    async def resolve(self, code: Code) -> Destination | None:
        """Where a code leads, from the cache or storage, expired or not; None for a code never minted.

        Raises:
            StorageUnavailable: never heard of, and the database can't be reached.
        """
        remembered = self._cache.get(code, self._outside.now())
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
        return destination._replace(listed=True) if listed else destination

    async def page_behind(self, group: GroupId, code: Code) -> PageBehind | None:
        """What is known of the page that a code leads to, for telling a group in which it was posted.

        Another group's title and preview are not told: what it shared is its own; the address goes with the code.

        Returns:
            None for a code never minted, expired, or leading to, or by way of, an address that was reported since.

        Raises:
            StorageUnavailable: it can't be reached.
        """
        leads = await self.resolve(code)
        if leads is None or leads.listed or leads.expires_at <= self._outside.now():
            return None
        async with self._outside.storage.reading() as records:
            link = await records.links.get(group, leads.link) if leads.group == group else None
            cached = await records.previews.get(link.clean.key) if link else None
            preview = cached.preview if cached else None
            if await self._is_listed_on_the_way(records, preview):
                return None
        if preview is None and link is not None and link.title:
            preview = Preview(link.clean.display, link.clean.site, link.title)
        return PageBehind(leads.url, registrable_domain(parse(leads.url).host), preview)

    async def _is_listed_on_the_way(self, records: Records, preview: Preview | None) -> bool:
        way = (*preview.passed, preview.final_url) if preview else ()
        listed_as = self._outside.listed_as
        return listed_as is not None and bool(await listed_of(records, way, listed_as))

    def _without_storage(self, code: Code) -> Destination | None:
        """Lead on as long as it is remembered; count only if nobody can have taken a yes back unheard."""
        known = self._cache.too_old(code)
        if known is None:
            raise StorageUnavailable
        leads = known if self._cache.in_touch else known._replace(counted_until=None)
        self._cache.put_for_now(code, leads)  # so that not every visitor waits for the database in vain
        return leads

    async def refresh(self) -> None:
        """Learn what changed since the last look: a withdrawal reaches every replica within a tick."""
        asked_at = self._outside.now()
        async with self._outside.storage.reading() as records:
            changes = await records.links.changes(self._looked_at, LOOK_BACK)
            listed_at = await records.listed.replaced_at() if self._outside.listed_as is not None else None
        for _ in self._cache.learn(changes.links):
            await self._outside.give_way()
        self._cache.confirm(asked_at)
        self._looked_at = changes.looked_at
        if listed_at != self._listed_at:
            self._cache.doubt_all()
            self._listed_at = listed_at
