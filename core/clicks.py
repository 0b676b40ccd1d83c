"""Somebody followed a tracked link: lead on first, then count a browser once per link and UTC day, or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, IPv6Network
from struct import Struct
from typing import NamedTuple

from core.anonymity import BrowserDayBound
from core.errors import ClickLogFull
from core.links import LinkService, read_code
from core.marks import Marks
from core.model import Click, ClickBatch, Code, Destination, DropReason, GroupId, LinkId
from core.ports import ClickLog, CountDrop, Now, Storage, Visit, Visitors
from core.remembered import Leads

_MARK = Struct(">Q")
"""The first 8 bytes of an HMAC."""
_VISITS = Visit(in_total=False), Visit(in_total=True)
GRACE = timedelta(minutes=10)
"""A day's sets are kept until 00:10 UTC, for answers under way at midnight."""
APPLIED_AT_A_TIME = 32
"""Batches in one transaction: what lies side by side in the database is written once for all of them."""


class Visitor(NamedTuple):
    """What a request tells about itself; lives for that request only."""

    address: str
    agent: str
    method: str = "GET"
    opted_out: bool = False
    """`Sec-GPC: 1` or `DNT: 1`."""
    prefetch: bool = False
    """`Purpose`, `Sec-Purpose` or `X-Moz` says that nobody has clicked yet."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The code was minted once; its link has expired."""


def browser_of(address: str, agent: str) -> bytes:
    """A browser, as far as counting tells one from another: its address (IPv6 cut to the /64) and its agent.

    Every part is length-prefixed, so that no two different pairs give the same bytes.
    """
    network, named = network_of(address).encode(), agent.encode()
    return len(network).to_bytes(4) + network + len(named).to_bytes(4) + named


def network_of(address: str) -> str:
    """An IPv4 address as it is; an IPv6 address cut to its /64, which one subscriber holds (RFC 6177)."""
    if ":" not in address:
        return address
    try:
        parsed = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(parsed.ipv4_mapped or IPv6Network((parsed, 64), strict=False).network_address)


class Turn(NamedTuple):
    """The moment at which visitors came who are answered together: it is asked for once for all of them."""

    seconds: float
    """Since 1970."""
    day: date
    """UTC."""

    @classmethod
    def at(cls, moment: datetime) -> "Turn":
        """The turn of a moment in UTC."""
        return cls(moment.timestamp(), moment.date())


class Day:
    """One UTC day's visitor sets: 8 bytes of a keyed hash per link and browser, under a key that dies with the day.

    The link is part of what is hashed, so one set holds the marks of all links without tying them together.
    """

    def __init__(self, day: date, key: bytes) -> None:
        self.day = day
        self._hmac = Hmac(key)
        self._seen = Marks()
        self._bound = BrowserDayBound()

    def first_visit(self, link: LinkId, group: GroupId, browser: bytes) -> Visit | None:
        """The browser's first visit of this link today, or None."""
        if not self._seen.add(self._mark(b"link", link, browser)):
            return None
        return _VISITS[self._bound.admit(self._mark(b"group", group, browser))]

    def _mark(self, role: bytes, owner: str, browser: bytes) -> int:
        named = owner.encode()
        mark: int = _MARK.unpack_from(self._hmac(role + len(named).to_bytes(4) + named + browser))[0]
        return mark


class Hmac:
    """HMAC-SHA256 (RFC 2104) under one key, in half the time of `hmac.digest`: what the key gives is hashed once.

    Args:
        key: at most 64 bytes.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))

    def __call__(self, message: bytes) -> bytes:
        """The 32 bytes of a message."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


class MemoryVisitors:
    """The day's distinct browsers in this process's memory, and nowhere else.

    Args:
        random_key: 32 random bytes, asked for once a day.
    """

    def __init__(self, random_key: Callable[[], bytes]) -> None:
        self._random_key = random_key
        self._days: dict[date, Day] = {}

    def first_visit(self, link: LinkId, group: GroupId, browser: bytes, day: date) -> Visit | None:
        """See `Visitors`."""
        if day not in self._days:
            self._days[day] = Day(day, self._random_key())
        return self._days[day].first_visit(link, group, browser)

    def forget_before(self, moment: datetime) -> None:
        """Destroy the sets and keys of days that ended ten minutes ago or earlier."""
        kept = (moment.astimezone(UTC) - GRACE).date()
        self._days = {day: sets for day, sets in self._days.items() if day >= kept}


@dataclass(frozen=True, slots=True)
class ClickOutside:
    """What counting clicks needs from outside."""

    storage: Storage
    log: ClickLog
    visitors: Visitors
    now: Now
    is_crawler: Callable[[str], bool]
    count_drop: CountDrop


class ClickService:
    """Leads visitors on and counts them.

    Args:
        outside: storage, the click log, the day's visitors, clock, crawler check, the counter of drops.
        links: resolves codes.
    """

    def __init__(self, outside: ClickOutside, links: LinkService) -> None:
        self._outside = outside
        self._links = links
        self._counted: list[Click] = []
        self._turn: Turn | None = None

    async def follow(self, text: str, visitor: Visitor) -> Destination | Gone | None:
        """Where a visitor should go; None for a code nobody minted. The visit is counted if everything allows it.

        Who is to be warned of a listed destination is told where it is, and not counted.

        Raises:
            StorageUnavailable: the code is not in memory, and the database can't be reached.
        """
        destination = await self.look_up(text)
        if isinstance(destination, Destination):
            self._meet(destination, visitor, self._outside.now())
            self.write_down()
        return destination

    def follow_at_once(self, code: Code, visitor: Visitor) -> str | None:
        """As `follow`, for a code in memory that leads somewhere; the visitor may be answered after `write_down`.

        Returns:
            The address; None: ask `follow`, nothing has been done.
        """
        turn = self._turn or Turn.at(self._outside.now())
        leads = self._links.leads(code, turn.seconds)
        if leads is None:
            return None
        self._turn = turn
        self._count(leads, visitor, turn.day)
        return leads[2]

    def write_down(self) -> None:
        """Write down what `follow_at_once` has counted, together: then it survives the death of this process.

        Where it can't be written, the visitors are led on all the same.
        """
        clicks, self._counted, self._turn = self._counted, [], None
        try:
            if clicks:
                self._outside.log.append(*clicks)
        except ClickLogFull:
            for _ in clicks:
                self._drop(DropReason.LOG_FULL)

    async def look_up(self, text: str) -> Destination | Gone | None:
        """Where a code leads, for showing it; nothing is counted."""
        code = read_code(text)
        destination = await self._links.resolve(code) if code else None
        if destination is None:
            self._drop(DropReason.UNKNOWN_CODE)
            return None
        if destination.expires_at <= self._outside.now():
            self._drop(DropReason.EXPIRED)
            return Gone()
        return destination

    async def flush(self) -> int:
        """Bring sealed clicks into the database, each batch exactly once; how many batches there were."""
        number, some = 0, []
        async for batch in self._outside.log.batches():
            number += 1
            some.append(batch)
            if len(some) == APPLIED_AT_A_TIME:
                await self._apply(some)
                some = []
        await self._apply(some)
        return number

    async def _apply(self, batches: Sequence[ClickBatch]) -> None:
        if batches:
            async with self._outside.storage.transaction() as records:
                await records.clicks.apply(*batches)
            await self._outside.log.discard([batch.id for batch in batches])

    def _meet(self, destination: Destination, visitor: Visitor, now: datetime) -> None:
        if destination.listed:
            return self._drop(DropReason.LISTED)
        until = destination.counted_until
        counted = until is not None and until > now
        return self._count((destination.link, destination.group, destination.url, counted), visitor, now.date())

    def _count(self, leads: Leads, visitor: Visitor, day: date) -> None:
        link, group, _, counted = leads
        reason = self._why_not(visitor, counted=counted)
        if reason is not None:
            return self._drop(reason)
        visit = self._outside.visitors.first_visit(link, group, browser_of(visitor.address, visitor.agent), day)
        if visit is None:
            return self._drop(DropReason.SAME_BROWSER)
        self._counted.append((group, link, day, visit.in_total))
        return None

    def _why_not(self, visitor: Visitor, *, counted: bool) -> DropReason | None:
        if visitor.opted_out:
            return DropReason.OPTED_OUT
        if visitor.method != "GET" or visitor.prefetch:
            return DropReason.NOT_A_VISIT
        if not counted:
            return DropReason.UNCOUNTED_LINK
        return DropReason.CRAWLER if self._outside.is_crawler(visitor.agent) else None

    def _drop(self, reason: DropReason) -> None:
        self._outside.count_drop(reason)
