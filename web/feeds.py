"""Core's Feed over HTTP: a list that URLhaus or another publishes, fetched whole and read in a thread of its own."""

import asyncio

import httpx
from pydantic import SecretStr

from core.errors import FeedUnavailable
from core.listed import read_list
from core.urls import UrlRules
from web.outgoing import CallFailed, fetch

BYTES = 32 * 1024 * 1024
"""About 300,000 addresses; URLhaus's lists of what is online, and of the last 30 days, are far shorter."""
SECONDS = 120.0


class HttpFeed:
    """See `core.ports.Feed`.

    Args:
        client: from `web.outgoing.open_client`.
        url: of the list; a secret, since abuse.ch puts the key of an account into it.
        rules: the tables that make one spelling of many.
    """

    def __init__(self, client: httpx.AsyncClient, url: SecretStr, rules: UrlRules) -> None:
        self._client = client
        self._url = url
        self._rules = rules

    async def entries(self) -> frozenset[str]:
        """See `core.ports.Feed`."""
        try:
            url = httpx.URL(self._url.get_secret_value())
            body = await fetch(self._client, url, {}, at_most=BYTES, seconds=SECONDS)
        except (CallFailed, httpx.InvalidURL):
            raise FeedUnavailable from None
        return await asyncio.to_thread(self._read, body)

    def _read(self, body: bytes) -> frozenset[str]:
        return read_list(body.decode("utf-8", "replace").splitlines(), self._rules)
