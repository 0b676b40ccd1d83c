"""Services on the internet that the operator may choose: a list of addresses that spread malware, and fact checks."""

from dataclasses import dataclass
from functools import partial

import httpx
import structlog

from config.settings import Settings
from core.errors import FeedUnavailable
from core.feeds import FeedOutside, FeedService
from core.listed import names_of
from core.ports import FactChecks, Feed, Now, Storage
from core.urls import UrlRules
from storage.database import Database
from storage.sql import Clocks, SqlStorage, root_keys
from web.factchecks import Access, GoogleFactChecks
from web.feeds import HttpFeed
from web.outgoing import open_client

AGENT = "Penumbra/0.1"
_log = structlog.get_logger("penumbra.lookups")


@dataclass(frozen=True, slots=True)
class Lookups:
    """What the operator chose; None for what is off."""

    client: httpx.AsyncClient
    feed: Feed | None
    checks: FactChecks | None


def open_lookups(settings: Settings, rules: UrlRules, storage: Storage) -> Lookups:
    """Set up what the settings name; nothing is asked yet. The caller closes the client."""
    client = open_client(AGENT, settings.unfurl_proxy)
    feed = HttpFeed(client, settings.urlhaus_url, rules) if settings.urlhaus_url else None
    key, base = settings.factcheck_key, settings.factcheck_url
    return Lookups(client, feed, GoogleFactChecks(client, Access(base, key), storage) if key else None)


class FeedTick:
    """Keeps the list up to date while a process runs. A feed that is away is no reason to stop serving.

    Args:
        service: fetches the list.
    """

    def __init__(self, service: FeedService) -> None:
        self._service = service

    async def __call__(self) -> None:
        """Fetch the list if it is old; the one from before stays when that fails."""
        try:
            if entries := await self._service.update_if_old():
                _log.info("feed_updated", entries=entries)
        except FeedUnavailable:
            _log.warning("feed_not_updated")


async def update_feed(settings: Settings, now: Now) -> int | None:
    """Fetch the list now; how many entries it has, None when the operator has chosen none.

    Raises:
        FeedUnavailable: it can't be fetched.
        DatabaseInUse: a running process has this SQLite database open, and keeps the list up to date itself.
    """
    if settings.urlhaus_url is None:
        return None
    rules, database = UrlRules.load(), Database.open(settings.database_url)
    try:
        storage = await SqlStorage.open(database, root_keys(settings.root()), Clocks(now))
        async with open_client(AGENT, settings.unfurl_proxy) as client:
            feed = HttpFeed(client, settings.urlhaus_url, rules)
            outside = FeedOutside(storage, feed, now, partial(names_of, rules=rules))
            return await FeedService(outside).update()
    finally:
        await database.close()
