"""Core's Feed over HTTP: a list that URLhaus or another publishes, fetched whole and read in a thread of its own."""

import asyncio
import gzip
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import IO, cast
from zipfile import BadZipFile, ZipFile

import httpx
from pydantic import SecretStr

from core.errors import FeedUnavailable
from core.listed import read_list
from core.urls import UrlRules
from web.outgoing import CallFailed, fetch

BYTES = 32 * 1024 * 1024
"""About 300,000 addresses; URLhaus's lists of what is online, and of the last 30 days, are far shorter."""
UNPACKED = 128 * 1024 * 1024
"""A million addresses of a CSV."""
LINE = 64 * 1024
SECONDS = 120.0
_BROKEN = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)
"""What the standard library raises for an archive that is damaged, locked, or packed in a way it does not know."""


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
            return await asyncio.to_thread(self._read, body)
        except (CallFailed, httpx.InvalidURL, *_BROKEN):
            raise FeedUnavailable from None

    def _read(self, body: bytes) -> frozenset[str]:
        return read_list(lines_of(body), self._rules)


def lines_of(body: bytes) -> Iterator[str]:
    """The lines of a list, unpacked on the way: never more of it in memory than one line.

    Args:
        body: plain, gzipped, or a ZIP archive, whose first file is the list.

    Raises:
        CallFailed: it is longer than `UNPACKED`.
        BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError: it can't be unpacked.
    """
    left = UNPACKED
    with _opened(body) as file:
        while line := file.readline(LINE):
            left -= len(line)
            if left < 0:
                raise CallFailed("too long")
            yield line.decode("utf-8", "replace")


def _opened(body: bytes) -> IO[bytes]:
    if body.startswith(b"PK"):
        archive = ZipFile(BytesIO(body))
        names = archive.namelist()
        if not names:
            raise BadZipFile
        return archive.open(names[0])
    if body.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.open(BytesIO(body)))  # typeshed's GzipFile lacks a method that nobody calls here
    return BytesIO(body)
