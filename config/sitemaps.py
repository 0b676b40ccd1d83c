"""Sitemaps of the domains that the operator vouches for: files, which something else keeps up to date."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import structlog

from core.errors import SitemapUnreadable, TooManyPages
from core.figures import FigureService
from core.model import Sitemap
from core.sitemaps import read_sitemap
from core.urls import UrlRules

BYTES = 50 * 1024 * 1024
"""sitemaps.org: a sitemap has 50 MB at most."""
_log = structlog.get_logger("penumbra.sitemaps")


class FileSitemaps:
    """See `core.ports.Sitemaps`.

    Args:
        files: by domain.
        rules: the tables that make one spelling of many.
    """

    def __init__(self, files: Mapping[str, Path], rules: UrlRules) -> None:
        self._files = files
        self._rules = rules

    async def read(self) -> list[Sitemap]:
        """See `core.ports.Sitemaps`."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> list[Sitemap]:
        return [read_file(domain, path, self._rules) for domain, path in sorted(self._files.items())]


def read_file(domain: str, path: Path, rules: UrlRules) -> Sitemap:
    """What a file lists.

    Raises:
        SitemapUnreadable, TooManyPages: as `read_sitemap`, and where the file can't be read.
    """
    try:
        if path.stat().st_size > BYTES:
            raise TooManyPages
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = type(error).__name__
        message = f"The sitemap of {domain} can't be read: {why}."
        raise SitemapUnreadable(message, which="file", domain=domain, why=why) from error
    return read_sitemap(domain, text, rules)


class SitemapTick:
    """Takes sitemaps for the week to come. A file that can't be read is no reason to stop serving.

    Args:
        service: keeps them.
    """

    def __init__(self, service: FigureService) -> None:
        self._service = service

    async def __call__(self) -> None:
        """Take them; those from before stay when that fails."""
        try:
            await self._service.take_sitemaps()
        except (SitemapUnreadable, TooManyPages) as error:
            _log.warning("sitemaps_not_taken", why=type(error).__name__)
