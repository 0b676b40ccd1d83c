"""The redirect and its click log, as a process to be killed: `python -m … DATABASE_URL FOLDER PORT`."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import uvloop

from config.run import Listen, serving
from core.clicks import ClickOutside, ClickService, MemoryVisitors
from core.crawlers import is_crawler
from core.links import LinkCache, LinkOutside, LinkService, mint_code
from storage.database import Database
from storage.destinations import Destinations
from storage.segments import SegmentClickLog, random_name
from storage.sql import Clocks, SqlStorage, root_keys
from web.redirect import Receive, Redirect, Scope, Send

ROOT = b"r" * 32
FLUSHED_EVERY = 0.05


def utc_now() -> datetime:
    return datetime.now(UTC)


async def no_pages(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def main(url: str, folder: Path, port: int) -> None:
    storage = await SqlStorage.open(Database.open(url), root_keys(ROOT), Clocks(utc_now))
    give_way = partial(asyncio.sleep, 0)
    outside = LinkOutside(storage, Destinations(storage), utc_now, random_name, mint_code, give_way)
    links = LinkService(outside, LinkCache(utc_now))
    with SegmentClickLog.open(folder) as log:
        visitors = MemoryVisitors(lambda: os.urandom(32))
        clicks = ClickService(ClickOutside(storage, log, visitors, utc_now, is_crawler, lambda _: None), links)
        async with serving(Redirect(clicks, no_pages), Listen("127.0.0.1", port)):
            while True:
                await clicks.flush()
                await asyncio.sleep(FLUSHED_EVERY)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
