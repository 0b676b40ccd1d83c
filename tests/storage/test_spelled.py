"""A query asked of SQLite's driver itself gives what SQLAlchemy would, and has few texts."""

from dataclasses import replace

from sqlalchemy import bindparam, select

from core.model import GroupId
from storage.spelled import Spelled
from storage.sql import AtHand, SqlStorage
from storage.transaction import GROUPS
from tests.fakes.clock import Clock
from tests.fakes.house import GROUP as ADDRESS
from tests.storage.stories import a_group

QUERY = select(GROUPS.c.id, GROUPS.c.since, GROUPS.c.paused_until, GROUPS.c.sealed).where(
    GROUPS.c.id.in_(bindparam("ids", expanding=True)), GROUPS.c.state.in_(bindparam("states", expanding=True))
)


async def with_groups(storage: SqlStorage, clock: Clock, number: int) -> list[str]:
    ids = [f"g{each}" for each in range(number)]
    async with storage.transaction() as records:
        for each in ids:
            elsewhere = replace(ADDRESS, conversation=f"-{each}")
            await records.groups.add(replace(a_group(clock, each), address=elsewhere, paused_until=clock()))
    return [GroupId(each) for each in ids]


async def test_it_finds_what_sqlalchemy_finds(sql_storage: SqlStorage, clock: Clock) -> None:
    ids, spelled = await with_groups(sql_storage, clock, 5), Spelled(QUERY)

    def both(hand: AtHand) -> None:
        for some in (ids, ids[:1], ids[2:], ["nobody"]):
            asked = {"ids": some, "states": ["enabled", "paused"]}
            usual = hand.connection.execute(QUERY, asked).all()
            found = spelled.rows(hand.connection, asked)
            assert sorted(map(tuple, found)) == sorted(map(tuple, usual))
            assert len(found) == len({each.id for each in found} & set(some))

    await sql_storage.glance(both)


async def test_lists_of_many_lengths_have_few_texts(sql_storage: SqlStorage, clock: Clock) -> None:
    ids, spelled = await with_groups(sql_storage, clock, 1), Spelled(QUERY)

    def ask(hand: AtHand) -> None:
        for length in range(1, 101):
            some = [*ids, *(f"nobody-{number}" for number in range(1, length))]
            assert [each.id for each in spelled.rows(hand.connection, {"ids": some, "states": ["enabled"]})] == ids

    await sql_storage.glance(ask)
    assert len(spelled._texts) <= 8
