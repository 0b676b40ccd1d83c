"""Nothing is kept longer than privacy.md says ("Keys and retention"). Runs hourly, in small batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Table, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.sql.schema import Column

from storage.clicks import BATCHES, CLICKS
from storage.clicks import KEPT_FOR as CLICKS_KEPT_FOR
from storage.consents import CONSENTS, HEAD, LOG, SAID
from storage.contributions import CONTRIBUTIONS
from storage.digests import EDITIONS
from storage.figures import FIGURES, SITEMAPS
from storage.inbox import INBOX, WorkState
from storage.keys import KEYS, WEEK
from storage.links import LINKS
from storage.listed import LISTED
from storage.missed import KEPT_FOR as MISSED_KEPT_FOR
from storage.missed import MISSED
from storage.outbox import OUTBOX
from storage.passes import PASSES
from storage.previews import PREVIEWS
from storage.rates import RATES
from storage.reactions import KEPT_FOR as REACTIONS_KEPT_FOR
from storage.reactions import REACTIONS
from storage.shares import MESSAGES, SHARES
from storage.sql import SqlStorage
from storage.tables import key_of
from storage.transaction import Transaction

BATCH: Final = 500
CONSENT_KEPT_FOR: Final = timedelta(days=365 + 30)
"""Twelve months, then inert for thirty days."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How long one kind of row is kept.

    Attributes:
        kind: what it is called in counts and in `doctor`.
        of: its table.
        since: the column its time runs from.
        kept_for: for how long.
        only: which rows of the table.
        blank: columns emptied instead of the row deleted.
    """

    kind: str
    of: Table
    since: Column[Any]
    kept_for: timedelta
    only: Sequence[ColumnElement[bool]] = ()
    blank: Mapping[str, None] = field(default_factory=dict)

    def over(self, now: datetime) -> ColumnElement[bool]:
        """Rows whose time is over."""
        return and_(self.since <= self.limit(now), *self.only)

    def limit(self, now: datetime) -> datetime | date:
        """The latest moment, or day, whose time is over."""
        moment = now - self.kept_for
        return moment.date() if isinstance(self.since.type, Date) else moment


_LINK: Final = dict.fromkeys(("target", "key", "sealed", "counted_until", "shown_at"))

RULES: Final = (
    Rule("events", INBOX, INBOX.c.accepted_at, timedelta(hours=24), [INBOX.c.state == WorkState.DONE]),
    Rule("dead_work", INBOX, INBOX.c.accepted_at, timedelta(days=7), [INBOX.c.state == WorkState.DEAD]),
    Rule("messages", MESSAGES, MESSAGES.c.kept_at, timedelta(hours=48)),
    Rule("shares", SHARES, SHARES.c.at, timedelta(days=14)),
    Rule("clicks", CLICKS, CLICKS.c.day, CLICKS_KEPT_FOR + timedelta(days=1)),
    Rule("click_batches", BATCHES, BATCHES.c.applied_at, CLICKS_KEPT_FOR + timedelta(days=2)),
    Rule("links", LINKS, LINKS.c.expires_at, timedelta(), [LINKS.c.target.is_not(None)], _LINK),
    Rule("reactions", REACTIONS, REACTIONS.c.at, REACTIONS_KEPT_FOR),
    Rule("missed", MISSED, MISSED.c.at, MISSED_KEPT_FOR),
    Rule("editions", EDITIONS, EDITIONS.c.frozen_at, timedelta(days=761)),  # 25 months
    Rule("rate_buckets", RATES, RATES.c.used_at, timedelta(hours=1)),
    Rule("previews", PREVIEWS, PREVIEWS.c.expires_at, timedelta()),
    Rule("passes", PASSES, PASSES.c.expires_at, timedelta()),
    Rule("listed", LISTED, LISTED.c.replaced_at, timedelta(days=30)),  # nobody keeps it up to date any more
    Rule("postings", OUTBOX, OUTBOX.c.closed_at, timedelta(days=8)),
    Rule("log_lines", LOG, LOG.c.keep_until, timedelta(), [LOG.c.act.is_not(None)], dict.fromkeys(SAID)),
    Rule("contributions", CONTRIBUTIONS, CONTRIBUTIONS.c.day, timedelta(days=8)),
    Rule("week_keys", KEYS, KEYS.c.made_at, timedelta(days=8), [KEYS.c.kind == WEEK]),
    Rule("figures", FIGURES, FIGURES.c.released_at, timedelta(days=761)),  # 25 months
    Rule("sitemaps", SITEMAPS, SITEMAPS.c.taken_at, timedelta(days=15)),  # taken before the week, until its release
)
_CONSENTS: Final = Rule("consents", CONSENTS, CONSENTS.c.given_at, CONSENT_KEPT_FOR)
"""Only watched here: `core.consent` erases them, since each leaves a line in the log."""

_LOG_REST: Final = "log_rest"
KINDS: Final = (*(rule.kind for rule in RULES), _LOG_REST)
"""What rows that go are counted under."""


class Retention:
    """Deletes and blanks what has been kept for long enough.

    Args:
        storage: where it is kept.
        batch: rows per transaction.
    """

    def __init__(self, storage: SqlStorage, batch: int = BATCH) -> None:
        self._storage = storage
        self._batch = batch

    async def run(self) -> dict[str, int]:
        """Go through every rule; how many rows of each kind went.

        Raises:
            StorageUnavailable: no connection; the next run goes on.
        """
        counts = {rule.kind: await self._until_done(rule) for rule in RULES}
        counts[_LOG_REST] = await self._log_rest()
        return {kind: number for kind, number in counts.items() if number}

    async def oldest(self) -> dict[str, timedelta]:
        """By how long the oldest row of each kind has outlived its time; kinds in order are left out."""
        late: dict[str, timedelta] = {}
        async with self._storage.transaction() as records:
            now = records.transaction.now()
            for rule in (*RULES, _CONSENTS):
                row = await records.transaction.one(select(func.min(rule.since).label("at")).where(rule.over(now)))
                if row is not None and row.at is not None:
                    late[rule.kind] = rule.limit(now) - row.at
        return late

    async def time_left(self) -> dict[str, timedelta]:
        """How long the oldest row of each kind may still be kept; negative when its time is over."""
        left: dict[str, timedelta] = {}
        async with self._storage.transaction() as records:
            now = records.transaction.now()
            for rule in (*RULES, _CONSENTS):
                oldest = select(func.min(rule.since).label("at")).where(*rule.only)
                row = await records.transaction.one(oldest)
                if row is not None and row.at is not None:
                    left[rule.kind] = row.at - rule.limit(now)
        return left

    async def _until_done(self, rule: Rule) -> int:
        total = 0
        while True:
            async with self._storage.transaction() as records:
                done = await self._apply(records.transaction, rule)
            total += done
            if done < self._batch:
                return total

    async def _apply(self, tx: Transaction, rule: Rule) -> int:
        which = _some(rule, tx.now(), self._batch)
        statement = update(rule.of).values(dict(rule.blank)) if rule.blank else delete(rule.of)
        return (await tx.run(statement.where(which))).rowcount

    async def _log_rest(self) -> int:
        """Blank lines at the beginning of the chain. The last line stays: the chain's end is checked against it."""
        async with self._storage.transaction() as records:
            tx = records.transaction
            first = select(func.min(LOG.c.seq)).where(LOG.c.act.is_not(None)).scalar_subquery()
            last = select(HEAD.c.seq).scalar_subquery()
            before_all = or_(LOG.c.seq < first, first.is_(None))
            return (await tx.run(delete(LOG).where(before_all, LOG.c.seq < last))).rowcount


def _some(rule: Rule, now: datetime, limit: int) -> ColumnElement[bool]:
    """At most so many rows whose time is over, none that somebody else is busy with."""
    keys = key_of(rule.of)
    some = select(*keys).where(rule.over(now)).limit(limit).with_for_update(skip_locked=True)
    return tuple_(*keys).in_(some)
