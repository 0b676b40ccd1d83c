"""Databases with many links in them, made quickly: what the benches of the redirect begin with."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from config.keys import make_root_key
from config.service import utc_now
from config.settings import read_root_key
from core.model import Code, Group, GroupAddress, GroupId, GroupState, LinkId, Platform, TrackedLink
from core.urls import CleanUrl
from storage.database import Database
from storage.links import LINKS, row_of
from storage.migrate import upgrade
from storage.sql import Clocks, SqlStorage, root_keys
from storage.transaction import GROUPS

AT_A_TIME = 5_000
LINKS_A_GROUP = 100


def code(number: int) -> Code:
    """The code of a link; `redirect.lua` spells it the same way."""
    return Code(f"{number:016d}")


async def stocked(folder: Path, number: int) -> tuple[str, str]:
    """A SQLite database with so many links, all of them counted; its URL and its root key."""
    url = f"sqlite:///{folder / f'links-{number}.db'}"
    return url, await stock(url, number)


async def stock(url: str, number: int) -> str:
    """Migrate a database and put so many links into it; its root key."""
    root = make_root_key()
    await upgrade(url)
    storage = await SqlStorage.open(Database.open(url), root_keys(read_root_key(root)), Clocks(_a_while_ago))
    try:
        await fill(storage, number)
    finally:
        await storage.close()
    return root


def _a_while_ago() -> datetime:
    """What changed within this minute is asked for anew each second; links and groups here are older."""
    return utc_now() - timedelta(hours=1)


async def fill(storage: SqlStorage, number: int) -> None:
    now = utc_now()
    for start in range(0, number, AT_A_TIME):
        async with storage.transaction() as records:
            for link in _links(start, min(start + AT_A_TIME, number), now):
                if int(link.code) % LINKS_A_GROUP == 0:
                    await records.groups.add(_group(link.group, now))
            some = _links(start, min(start + AT_A_TIME, number), now)
            rows = [await row_of(records.transaction, link, _a_while_ago()) for link in some]
            await records.transaction.run(LINKS.insert(), rows)
    async with storage.transaction() as records:
        await records.transaction.run(GROUPS.update().values(touched_at=_a_while_ago()))


def _group(group: GroupId, now: datetime) -> Group:
    return Group(group, GroupAddress(Platform.TELEGRAM, "", group), GroupState.ENABLED, now, "bench")


def _links(start: int, end: int, now: datetime) -> Iterator[TrackedLink]:
    until = now + timedelta(days=14)
    for number in range(start, end):
        group = GroupId(f"{number // LINKS_A_GROUP:032x}")
        url = f"https://www.news-of-the-day.example/2026/11/{number:08d}/a-title-of-some-length-as-papers-have-them"
        clean = CleanUrl(url, url, "news-of-the-day.example", ())
        yield TrackedLink(LinkId(os.urandom(16).hex()), group, code(number), clean, "", now, until, until)
