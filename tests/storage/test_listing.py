"""The list of bad addresses, asked for many links at once."""

import asyncio

from storage.listing import Listing
from storage.sql import SqlStorage


async def test_each_gets_the_answer_to_its_own_question(sql_storage: SqlStorage) -> None:
    listing = Listing(sql_storage)
    assert not await listing(["bad.example"])
    async with sql_storage.transaction() as records:
        await records.listed.replace(["bad.example", "worse.example/page"])
    asked = [["fine.example"], ["x.example", "bad.example"], [], ["worse.example/page"], ["worse.example"]]
    assert await asyncio.gather(*map(listing, asked)) == [False, True, False, True, False]
