"""A process that only redirects: it leads on and counts, says what it is, and has nobody's settings."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench.stock import code, fill
from config.keys import make_root_key
from config.process import Surroundings
from config.redirecting import open_redirects
from config.service import opened
from config.settings import Role, Settings
from core.model import GroupId
from storage.database import Database
from storage.migrate import upgrade
from storage.sql import Clocks, SqlStorage, root_keys
from texts.catalogue import Texts

BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def now() -> datetime:
    return datetime(2026, 11, 28, 12, tzinfo=UTC)


async def stocked(folder: Path, links: int) -> Settings:
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{folder / 'penumbra.db'}",
        data_dir=folder / "clicks",
        journal_dir=folder / "journal",
        root_key=make_root_key(),
        roles=frozenset({Role.REDIRECT}),
    )
    await upgrade(settings.database_url)
    database = Database.open(settings.database_url)
    storage = await SqlStorage.open(database, root_keys(settings.root()), Clocks(now))
    await fill(storage, links)
    await storage.close()
    return settings


async def clicks_in(settings: Settings) -> int:
    database = Database.open(settings.database_url)
    storage = await SqlStorage.open(database, root_keys(settings.root()), Clocks(now))
    async with storage.transaction() as records:
        counts = await records.clicks.counts(GroupId(f"{0:032x}"), now().date())
    await storage.close()
    return sum(each.browsers for each in counts)


async def test_it_leads_on_counts_and_shows_public_pages_and_no_others(tmp_path: Path):
    settings = await stocked(tmp_path, 3)
    around = Surroundings(settings, Texts.load(), now, asyncio.sleep)
    async with open_redirects(settings, around, now) as process:
        transport = httpx.ASGITransport(app=process.server, client=("203.0.113.9", 50000))
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url, headers=BROWSER) as client:
            led = await client.get(f"/{code(1)}")
            shown = await client.get(f"/{code(1)}+")
            answers = {
                path: (await client.get(path)).status_code for path in ("/privacy", "/readyz", "/groups", "/metrics")
            }
        await process.ticking.all_once()
    assert led.status_code == 302
    assert led.headers["location"].startswith("https://www.news-of-the-day.example/")
    assert "news-of-the-day.example" in shown.text
    assert answers == {"/privacy": 200, "/readyz": 200, "/groups": 404, "/metrics": 404}
    assert await clicks_in(settings) == 1


async def test_roles_choose_the_house(tmp_path: Path):
    settings = await stocked(tmp_path, 1)
    async with opened(settings) as process:
        assert {tick.name for tick in process.ticking.ticks} == {"clicks", "link_changes", "visitors", "journal"}
    worker = settings.model_copy(update={"roles": frozenset({Role.WORKER})})
    async with opened(worker) as process:
        assert {"inbox", "outbox", "journal"} <= {tick.name for tick in process.ticking.ticks}
        assert "clicks" not in {tick.name for tick in process.ticking.ticks}
