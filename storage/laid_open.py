"""The whole database laid open as it is about one person: every table is either looked through for them, or nobody's.

The playground's panel shows it, so that "nothing is recorded" can be seen. A table in neither list fails a test.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Row, func, select

from core.model import Account, Group, GroupState, Intake, Person
from storage.consents import CONSENTS, LOG, group_mark, member_mark, open_consent
from storage.contributions import CONTRIBUTIONS, contributed, opened_page
from storage.digests import EDITIONS
from storage.inbox import INBOX, WorkState, opened_intake
from storage.links import links_by_id
from storage.outbox import OUTBOX, opened_parcel
from storage.shares import MESSAGES, SHARES, message_mark, opened_message
from storage.sql import SqlRecords, SqlStorage
from storage.tables import METADATA
from storage.transaction import GROUPS
from storage.vault import Key

Line = Mapping[str, object]
"""A row with its seals opened, as plain values; look-ups are left out."""

_AT_A_TIME: Final = 50


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose rows are looked for, and where."""

    records: SqlRecords
    group: Group
    key: Key
    account: Account

    async def rows(self, query: Any) -> Sequence[Row[Any]]:  # noqa: ANN401 - any SELECT
        return await self.records.transaction.all(query)


async def _consents(asked: _Asked) -> list[Line]:
    member = member_mark(asked.key, asked.account)
    rows = await asked.rows(select(CONSENTS).where(CONSENTS.c.group_id == asked.group.id, CONSENTS.c.member == member))
    return [_consent(asked, row) for row in rows]


def _consent(asked: _Asked, row: Row[Any]) -> Line:
    consent = open_consent(asked.key, row.group_id, row.member, row.sealed)
    return {
        "given_at": row.given_at,
        "purposes": sorted(consent.purposes),
        "notice": row.notice,
        "receipt": consent.receipt,
        "stale_since": row.stale_since,
        "own_token": row.own_token is not None,
    }


async def _log(asked: _Asked) -> list[Line]:
    """Lines of the log that are theirs: also of a yes that is over, as long as the group's key tells it."""
    of_group = LOG.c.group_mark == group_mark(asked.records.transaction, asked.group.id)
    rows = await asked.rows(select(LOG).where(of_group, LOG.c.subject.is_not(None)).order_by(LOG.c.seq))
    told = ("at", "act", "purposes", "notice", "receipt", "keep_until")
    return [{name: getattr(row, name) for name in told} for row in rows if row.subject == _subject(asked, row)]


def _subject(asked: _Asked, row: Row[Any]) -> bytes:
    return asked.key.lookup("log subject", asked.account, row.receipt)


async def _shares(asked: _Asked) -> list[Line]:
    rows = await _shares_of(asked)
    links = await links_by_id(asked.records.transaction, asked.group.id, [row.link_id for row in rows])
    return [
        {
            "week": row.week,
            "at": row.at,
            "page": links[row.link_id].clean.display if row.link_id in links else None,
            "counts_clicks": row.counts_clicks,
            "message": opened_message(asked.key, row),
        }
        for row in rows
    ]


async def _shares_of(asked: _Asked) -> Sequence[Row[Any]]:
    rows = await asked.rows(select(SHARES).where(SHARES.c.group_id == asked.group.id).order_by(SHARES.c.at))
    return [row for row in rows if row.mark == asked.key.lookup("share", asked.account, row.link_id)]


async def _messages(asked: _Asked) -> list[Line]:
    """Which links their messages hold; a message is theirs by a share of it, or by work that is not done."""
    shared = [opened_message(asked.key, row) for row in await _shares_of(asked)]
    waiting = [intake.message for _, intake in await _intakes(asked)]
    named = {message_mark(asked.key, message): message for message in (*shared, *waiting)}
    mine = (MESSAGES.c.group_id == asked.group.id, MESSAGES.c.mark.in_(list(named)))
    rows = await asked.rows(select(MESSAGES).where(*mine).order_by(MESSAGES.c.kept_at))
    return [{"message": named[row.mark], "links": len(json.loads(row.links)), "kept_at": row.kept_at} for row in rows]


async def _inbox(asked: _Asked) -> list[Line]:
    return [
        {
            "accepted_at": row.accepted_at,
            "state": row.state,
            "message": intake.message,
            "page": [clean.display for clean in intake.links],
        }
        for row, intake in await _intakes(asked)
    ]


async def _intakes(asked: _Asked) -> list[tuple[Row[Any], Intake]]:
    mine = (INBOX.c.group_id == asked.group.id, INBOX.c.sealed.is_not(None))
    rows = await asked.rows(select(INBOX).where(*mine).order_by(INBOX.c.accepted_at))
    opened = [(row, opened_intake(asked.key, row)) for row in rows]
    return [(row, intake) for row, intake in opened if intake.account == asked.account]


async def _outbox(asked: _Asked) -> list[Line]:
    mine = (OUTBOX.c.group_id == asked.group.id, OUTBOX.c.sealed.is_not(None))
    rows = await asked.rows(select(OUTBOX).where(*mine).order_by(OUTBOX.c.created_at))
    opened = [(row, opened_parcel(asked.key, row).posting) for row in rows]
    return [
        {"created_at": row.created_at, "state": row.state, "kind": posting.kind}
        for row, posting in opened
        if getattr(posting, "account", None) == asked.account
    ]


async def _contributions(asked: _Asked) -> list[Line]:
    keys = await asked.records.transaction.keys.weeks()
    rows = await asked.rows(select(CONTRIBUTIONS).where(*contributed(keys, asked.group.id, asked.account)))
    return [{"week": row.week, "day": row.day, "page": opened_page(keys[row.week], row)["page"]} for row in rows]


_Reader = Callable[[_Asked], Awaitable[list[Line]]]

OF_PEOPLE: Final[Mapping[str, _Reader]] = MappingProxyType(
    {
        "member_consent": _consents,
        "consent_log": _log,
        "share": _shares,
        "message": _messages,
        "inbox": _inbox,
        "outbox": _outbox,
        "contribution": _contributions,
    }
)
"""Tables with rows that can be told to be somebody's, and how they are found: by the account and the group's key."""

OF_NOBODY: Final = frozenset(
    {
        "click_batch",  # ids of batches that were applied
        "click_day",  # clicks of a link and day: a click carries no person
        "consent_log_head",  # the end of the chain
        "edition",  # what a group was shown, in its own figures
        "figures",  # published across groups
        "group",  # the conversation: name, address, settings; it has no list of members and names no admin
        "installation",  # a workspace's token and the bot's own account; not who installed it
        "key",  # wrapped keys of groups and weeks
        "link",  # a page of one group, whoever shared it
        "listed",  # look-ups of addresses that spread malware
        "missed",  # weeks without a digest
        "pass",  # opens only by the secret in somebody's link or cookie: from the database nobody can say whose
        "preview",  # what a page said of itself
        "rate_bucket",  # how often a platform was called for a conversation or workspace, and pages for a group or site
        "reaction",  # one more or less on a message: the platform's event, not its sender, is in the look-up
        "sitemap",  # a domain's pages
        "spending",  # the ledger of releases
    }
)
"""Tables where no row can be told to be anybody's, each with the reason."""


class LaidOpen:
    """Looks through the database for one person.

    Args:
        storage: the database and its keys.
    """

    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage

    async def about(self, person: Person) -> list[tuple[Group, Mapping[str, list[Line]]]]:
        """Every row that is this person's, by group and table; groups and tables without any are left out."""
        found: list[tuple[Group, Mapping[str, list[Line]]]] = []
        after = ""
        async with self._storage.reading() as records:
            while groups := await records.groups.page(after, _AT_A_TIME):
                theirs = [group for group in groups if person.is_of(group.address)]
                found += [(group, await _in_group(records, group, person.account)) for group in theirs]
                after = groups[-1].id
        return [(group, lines) for group, lines in found if lines]

    async def of_nobody(self) -> Mapping[str, int]:
        """How many rows each table has that is nobody's."""
        async with self._storage.reading() as records:
            return {name: await _count(records, name) for name in sorted(OF_NOBODY)}

    async def reached(self) -> frozenset[str]:
        """How far a first visit has come: `enable`, `opt_in`, `share` and `monday`, each once there is a row of it."""
        tables = {"opt_in": CONSENTS, "share": SHARES, "monday": EDITIONS}
        async with self._storage.reading() as records:
            found = {step for step, each in tables.items() if await _count(records, each.name)}
            on = select(GROUPS.c.id).where(GROUPS.c.state == GroupState.ENABLED).limit(1)
            return frozenset(found | {"enable"} if await records.transaction.one(on) else found)

    async def under_way(self) -> int:
        """How much accepted work is not done, and how much that is due is not posted."""
        rows = func.count().label("rows")
        async with self._storage.reading() as records:
            tx = records.transaction
            work = await tx.one(select(rows).select_from(INBOX).where(INBOX.c.state == WorkState.WAITING))
            due = (OUTBOX.c.closed_at.is_(None), OUTBOX.c.not_before <= tx.now())
            posts = await tx.one(select(rows).select_from(OUTBOX).where(*due))
        return sum(int(row.rows) for row in (work, posts) if row is not None)


async def _in_group(records: SqlRecords, group: Group, account: Account) -> Mapping[str, list[Line]]:
    key = await records.transaction.keys.of(group.id)
    if key is None:
        return {}
    asked = _Asked(records, group, key, account)
    lines = {name: await read(asked) for name, read in OF_PEOPLE.items()}
    return {name: each for name, each in lines.items() if each}


async def _count(records: SqlRecords, name: str) -> int:
    row = await records.transaction.one(select(func.count().label("rows")).select_from(METADATA.tables[name]))
    return int(row.rows) if row is not None else 0
