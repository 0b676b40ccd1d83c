"""The plain in-memory twin of `core.ports.Storage`; the storage suite runs on it too, so it tells no kinder story."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import date, datetime

from core.ledger import Spending
from core.model import (
    Account,
    Code,
    Consent,
    ConsentEvent,
    Contribution,
    Edition,
    Group,
    GroupId,
    LinkId,
    Missed,
    Pass,
    PassKind,
    Preview,
    PublishedWeek,
    Reaction,
    Share,
    Sitemap,
    TrackedLink,
    Week,
)
from core.ports import Now
from tests.fakes.memory_figures import MemoryContributions, MemoryFigures
from tests.fakes.memory_keepers import (
    ClickRow,
    InboxRow,
    MemoryClicks,
    MemoryConsents,
    MemoryDigests,
    MemoryGroups,
    MemoryLinks,
    MemoryListed,
    MemoryPasses,
    MemoryPreviews,
    MemoryReactions,
    MemoryShares,
    Target,
)
from tests.fakes.memory_queues import MemoryInbox, MemoryOutbox, OutboxRow
from tests.fakes.memory_rates import MemoryRates


@dataclass
class State:
    """Everything that is kept; its values are frozen, so that copying the dictionaries copies it all."""

    groups: dict[GroupId, Group] = field(default_factory=dict)
    group_leases: dict[GroupId, datetime] = field(default_factory=dict)
    group_holds: dict[GroupId, datetime] = field(default_factory=dict)
    group_touched: dict[GroupId, datetime] = field(default_factory=dict)
    consents: dict[tuple[GroupId, Account], Consent] = field(default_factory=dict)
    stale: dict[tuple[GroupId, Account], datetime] = field(default_factory=dict)
    log: dict[int, ConsentEvent] = field(default_factory=dict)
    links: dict[LinkId, TrackedLink] = field(default_factory=dict)
    targets: dict[Code, Target] = field(default_factory=dict)
    link_touched: dict[LinkId, datetime] = field(default_factory=dict)
    shares: dict[tuple[GroupId, Account, LinkId, Week], Share] = field(default_factory=dict)
    messages: dict[tuple[GroupId, str], tuple[frozenset[LinkId], datetime]] = field(default_factory=dict)
    clicks: dict[tuple[GroupId, LinkId, date], ClickRow] = field(default_factory=dict)
    batches: dict[str, bool] = field(default_factory=dict)
    editions: dict[tuple[GroupId, Week], Edition] = field(default_factory=dict)
    contributions: dict[tuple[GroupId, Account, str, Week], Contribution] = field(default_factory=dict)
    figures: dict[Week, PublishedWeek] = field(default_factory=dict)
    ledger: dict[tuple[str, str], Spending] = field(default_factory=dict)
    sitemaps: dict[tuple[Week, str], Sitemap] = field(default_factory=dict)
    missed: dict[tuple[GroupId, Week], Missed] = field(default_factory=dict)
    reactions: dict[tuple[GroupId, Week, LinkId, str], Reaction] = field(default_factory=dict)
    inbox: dict[str, InboxRow] = field(default_factory=dict)
    outbox: dict[tuple[GroupId, str], OutboxRow] = field(default_factory=dict)
    previews: dict[str, tuple[Preview | None, datetime]] = field(default_factory=dict)
    listed: dict[str, datetime] = field(default_factory=dict)
    rates: dict[tuple[str, tuple[str, ...]], float] = field(default_factory=dict)
    passes: dict[tuple[PassKind, str], tuple[Pass, datetime]] = field(default_factory=dict)
    leases: dict[str, int] = field(default_factory=dict)

    def copy(self) -> "State":
        return State(**{each.name: dict(getattr(self, each.name)) for each in fields(self)})


class MemoryRecords:
    """One open transaction."""

    def __init__(self, state: State, now: Now) -> None:
        self.state = state
        self.groups = MemoryGroups(state, now)
        self.consents = MemoryConsents(state)
        self.links = MemoryLinks(state, now)
        self.shares = MemoryShares(state)
        self.clicks = MemoryClicks(state, now)
        self.digests = MemoryDigests(state)
        self.reactions = MemoryReactions(state)
        self.contributions = MemoryContributions(state)
        self.figures = MemoryFigures(state)
        self.inbox = MemoryInbox(state, now)
        self.outbox = MemoryOutbox(state, now)
        self.previews = MemoryPreviews(state, now)
        self.listed = MemoryListed(state, now)
        self.rates = MemoryRates(state, now)
        self.passes = MemoryPasses(state, now)


class MemoryStorage:
    """Keeps records in this process; one transaction at a time, rolled back on an error.

    Args:
        now: one clock for due times and leases.
    """

    def __init__(self, now: Now) -> None:
        self._now = now
        self._one_at_a_time = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None
        self.state = State()
        """What is committed, for a test to look at."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryRecords]:
        task = asyncio.current_task()
        assert task is None or task is not self._holder, "a transaction inside a transaction would wait for itself"
        async with self._one_at_a_time:
            self._holder = task
            draft = self.state.copy()
            try:
                yield MemoryRecords(draft, self._now)
                self.state = draft
            finally:
                self._holder = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[MemoryRecords]:
        """A copy: what is written into it is lost."""
        yield MemoryRecords(self.state.copy(), self._now)
