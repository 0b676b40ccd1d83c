"""What is asked for each message is found by an index: what a message costs does not grow with all there is."""

import pytest
from sqlalchemy import Column, Table, select, text
from sqlalchemy.dialects import sqlite

from storage.consents import CONSENTS
from storage.database import Database
from storage.inbox import INBOX
from storage.links import LINKS
from storage.shares import MESSAGES, SHARES
from storage.transaction import one_of

ASKED = [
    (CONSENTS, (CONSENTS.c.group_id, CONSENTS.c.member), b"m"),
    (INBOX, (INBOX.c.group_id, INBOX.c.event), b"e"),
    (LINKS, (LINKS.c.group_id, LINKS.c.key), b"k"),
    (MESSAGES, (MESSAGES.c.group_id, MESSAGES.c.mark), b"m"),
    (SHARES, (SHARES.c.group_id, SHARES.c.link_id), "l"),
]


@pytest.mark.parametrize(("of", "columns", "value"), ASKED, ids=[table.name for table, _, _ in ASKED])
async def test_many_rows_are_found_without_reading_the_table(
    sqlite_url: str, of: Table, columns: tuple[Column[object], ...], value: object
) -> None:
    """Asked for in pairs, as `(a, b) IN (…)`, SQLite reads all of it."""
    wanted = [("g1", value), ("g2", value)]
    query = select(of).where(*one_of(columns, wanted))
    spelled = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    database = Database.open(sqlite_url)
    async with database.begin() as connection:
        plan = [row.detail for row in await connection.execute(text(f"EXPLAIN QUERY PLAN {spelled}"))]
    await database.close()
    assert len(plan) == 1
    assert plan[0].startswith("SEARCH")
    assert plan[0].count("=?") == len(columns)
