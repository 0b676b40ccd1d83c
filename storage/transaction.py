"""One open transaction: what every record keeper works with."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CursorResult,
    Executable,
    Row,
    Select,
    Table,
    cast,
    func,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import UnknownGroup
from core.model import GroupId
from core.ports import Now
from storage.journal import Erased, Erasure
from storage.keys import Keys
from storage.tables import GroupRow, key_of, table
from storage.vault import Key

GROUPS = table(GroupRow)

Values = Mapping[str, object]


@dataclass
class Transaction:
    """An open transaction with its keys and clocks.

    Attributes:
        connection: SQLAlchemy's.
        keys: the groups' keys.
        master: look-ups and keys that belong to no group.
        now: the application's clock: what is due, what is over.
        lease_clock: the clock of leases; None for the database's own, which all replicas share.
        new_lease: gives a random token per claim.
        erased: what a backup must not bring back: goes into the journal before this transaction is committed.
    """

    connection: AsyncConnection
    keys: Keys
    master: Key
    now: Now
    lease_clock: Now | None
    new_lease: Callable[[], str]
    erased: list[Erasure] = field(default_factory=list)
    _locked: set[GroupId] = field(default_factory=set)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self.connection.dialect.name == "sqlite"

    def journal(self, what: Erased, group: str, marks: Iterable[bytes] = (), purposes: Iterable[str] = ()) -> None:
        """Note that rows go with this transaction."""
        spelled = tuple(mark.hex() for mark in marks)
        self.erased.append(Erasure(what, self.now(), group, spelled, tuple(sorted(purposes))))

    async def run(self, statement: Executable, rows: Sequence[Values] | None = None) -> CursorResult[Any]:
        """Execute a statement, once or once per row."""
        result = await self.connection.execute(statement, rows)
        assert isinstance(result, CursorResult)  # noqa: S101 - what Core statements give
        return result

    async def one(self, query: Select[Any]) -> Row[Any] | None:
        """The only row of a query, if there is one."""
        row: Row[Any] | None = (await self.connection.execute(query)).one_or_none()
        return row

    async def all(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """Every row of a query."""
        rows: Sequence[Row[Any]] = (await self.connection.execute(query)).all()
        return rows

    async def some(
        self, of: Table, columns: Sequence[ColumnElement[Any]], wanted: Collection[tuple[object, ...]]
    ) -> Sequence[Row[Any]]:
        """The rows that have the wanted values in these columns, all in one statement. See `one_of`."""
        return await self.all(select(of).where(*one_of(columns, wanted))) if wanted else []

    async def clock(self) -> datetime:
        """The moment by the clock of leases."""
        if self.lease_clock is not None:
            return self.lease_clock()
        moment = (await self.connection.execute(select(func.clock_timestamp()))).scalar_one()
        assert isinstance(moment, datetime)  # noqa: S101 - PostgreSQL's timestamptz
        return moment

    async def write(self, group: GroupId) -> Key:
        """Begin to write in a group, and get its key. Writers of one group take turns, so none sees half a change.

        Raises:
            UnknownGroup: the group is not kept, or no longer.
        """
        await self.write_in([group])
        return await self.key(group)

    async def write_in(self, groups: Iterable[GroupId]) -> None:
        """The same for several groups, in the order of their ids, so that two writers never wait for each other.

        Raises:
            UnknownGroup: one of them is not kept, or no longer.
        """
        new = set(groups) - self._locked
        if len(await self.hold(new)) < len(new):
            raise UnknownGroup

    async def hold(self, groups: Collection[GroupId]) -> Sequence[Row[Any]]:
        """The rows of groups, as they are and as they stay until this transaction ends; not of those not kept."""
        if not groups:
            return []
        query = select(GROUPS).where(GROUPS.c.id.in_(sorted(groups))).order_by(GROUPS.c.id)
        rows = await self.all(query.with_for_update(key_share=True))
        self._locked.update(GroupId(row.id) for row in rows)
        return rows

    async def key(self, group: GroupId) -> Key:
        """A group's key.

        Raises:
            UnknownGroup: the group is not kept, or no longer.
        """
        key = await self.keys.of(group)
        if key is None:
            raise UnknownGroup
        return key

    async def insert_new(self, into: Table, values: Values) -> bool:
        """Insert a row; False when one of the same key is there."""
        statement = self.inserting(into).values(values).on_conflict_do_nothing().returning(key_of(into)[0])
        return (await self.run(statement)).one_or_none() is not None

    async def insert_all_new(self, into: Table, rows: Sequence[Values]) -> set[tuple[object, ...]]:
        """Insert rows in the order of their keys, in one statement; the keys of those that were not there before."""
        keys = [key.name for key in key_of(into)]
        named = {tuple(row[name] for name in keys): row for row in reversed(rows)}  # of two alike the first stays
        if not named:
            return set()
        new = self.inserting(into).on_conflict_do_nothing().returning(*key_of(into))
        return {tuple(done) for done in (await self.run(new, [named[key] for key in sorted(named)])).all()}

    async def upsert(self, into: Table, values: Values) -> None:
        """Insert a row, or write over the one of the same key."""
        statement = self.inserting(into).values(values)
        keys = key_of(into)
        changed = {name: statement.excluded[name] for name in values if name not in {key.name for key in keys}}
        await self.run(statement.on_conflict_do_update(index_elements=keys, set_=changed))

    async def add_up(self, into: Table, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Insert rows of counters, or add them to the rows of the same keys; all of them in one statement.

        Args:
            into: the table.
            names: its columns, in the order of each row's values; those that are no key are counters.
            rows: one at least.
        """
        statement = self.inserting(into).from_select(list(names), self._unpacked(into, names, rows))
        keys = key_of(into)
        counters = [name for name in names if name not in {key.name for key in keys}]
        sums = {name: into.c[name] + statement.excluded[name] for name in counters}
        await self.run(statement.on_conflict_do_update(index_elements=keys, set_=sums))

    def _unpacked(self, into: Table, names: Sequence[str], rows: Sequence[Sequence[object]]) -> Select[Any]:
        """Values as rows: one parameter for the driver, or one a column, however many rows there are."""
        if self.is_sqlite:
            packed = func.json_each(_PACKED.encode(rows)).table_valued("value")
            values = [func.json_extract(packed.c.value, f"$[{place}]") for place in range(len(names))]
            return select(*values).where(true())  # SQLite takes ON CONFLICT for a join without it
        columns = zip(names, zip(*rows, strict=True), strict=True)
        return select(*(func.unnest(cast(list(column), ARRAY(into.c[name].type))) for name, column in columns))

    def inserting(self, into: Table) -> "sqlite.Insert | postgresql.Insert":
        """An INSERT that knows ON CONFLICT, as this database says it."""
        return sqlite.insert(into) if self.is_sqlite else postgresql.insert(into)


def one_of(columns: Sequence[ColumnElement[Any]], wanted: Collection[tuple[object, ...]]) -> list[ColumnElement[bool]]:
    """Whether a row has one of the wanted values: a group, then what can't stand in two groups (its look-up, our id).

    Each column is asked for alone: for pairs SQLite uses no index, and reads the whole table.
    """
    return [column.in_(sorted({each[place] for each in wanted})) for place, column in enumerate(columns)]


@lru_cache(maxsize=64)
def _plain(day: object) -> str:
    """What JSON has no word for, as SQLite has it: a day as text."""
    assert isinstance(day, date)  # noqa: S101 - nothing else is counted by
    return day.isoformat()


_PACKED = json.JSONEncoder(default=_plain, check_circular=False, separators=(",", ":"))
"""Made once: it packs a row in half the time that `json.dumps` takes."""
