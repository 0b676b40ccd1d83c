"""Taking things elsewhere: a group's published weeks, and where its short links lead, for a server without Penumbra."""

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from config.keys import beside
from config.redirecting import listing
from config.settings import Settings
from core.anonymity import bucket
from core.errors import UnknownGroup
from core.listed_later import ListedAs, listed_nowhere
from core.model import Edition, GroupId
from core.urls import UrlRules
from storage.sql import SqlStorage
from web.redirect import location

_AT_A_TIME: Final = 100
_WEEKS_AT_MOST: Final = 200
"""25 months are kept."""
_COLUMNS: Final = ("week", "frozen_at", "title", "site", "url", "short_url", "shares", "clicks")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run (OWASP, "CSV Injection")."""


async def frozen_weeks(settings: Settings, group: GroupId) -> list[Edition]:
    """Every frozen week of a group, oldest first.

    Raises:
        UnknownGroup: there is none of this id.
    """
    async with beside(settings) as storage, storage.transaction() as records:
        if await records.groups.get(group) is None:
            raise UnknownGroup(f"there is no group {group}", which="id", group=group)
        return (await records.digests.latest(group, _WEEKS_AT_MOST))[::-1]


def as_json(editions: list[Edition]) -> str:
    """Frozen weeks as JSON; clicks as they were shown, in ranges."""
    return json.dumps([_week(each) for each in editions], ensure_ascii=False, indent=2) + "\n"


def as_csv(editions: list[Edition]) -> str:
    """Frozen weeks as CSV, a line for each link; no cell is a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for edition in editions:
        for entry in _entries(edition):
            row = {"week": edition.week, "frozen_at": edition.frozen_at.isoformat(), **entry}
            writer.writerow({name: _harmless(value) for name, value in row.items()})
    return text.getvalue()


def _week(edition: Edition) -> Mapping[str, object]:
    return {
        "week": edition.week,
        "frozen_at": edition.frozen_at.isoformat(),
        "shares": edition.shares,
        "clicks": _shown(edition.clicks),
        "links": list(_entries(edition)),
    }


def _entries(edition: Edition) -> Iterator[dict[str, object]]:
    for each in (*edition.entries, *edition.others):
        yield {
            "title": each.title,
            "site": each.site,
            "url": each.url,
            "short_url": each.short_url,
            "shares": each.shares,
            "clicks": _shown(each.clicks),
        }


def _shown(clicks: int | None) -> str | None:
    """The range that was shown in its place; None where the group was too small to say."""
    return None if clicks is None else str(bucket(clicks))


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


# Where short links lead -------------------------------------------------------------------------------------------


def _nginx(leads: Mapping[str, str]) -> str:
    # a $ would begin a variable, and nginx knows no way to write one plainly
    lines = (f'    /{code} "{url.replace("$", "%24")}";\n' for code, url in leads.items())
    use = "# in http {}; then in server {}: if ($penumbra_to) { return 302 $penumbra_to; }\n"
    return use + 'map $uri $penumbra_to {\n    default "";\n' + "".join(lines) + "}\n"


def _caddy(leads: Mapping[str, str]) -> str:
    return "".join(f'redir /{code} "{url}" 302\n' for code, url in leads.items())


def _netlify(leads: Mapping[str, str]) -> str:
    return "".join(f"/{code} {url} 302\n" for code, url in leads.items())


MAPS: Final = {"nginx": _nginx, "caddy": _caddy, "netlify": _netlify}


async def redirects(settings: Settings, now: datetime) -> dict[str, str]:
    """Every short link that still leads somewhere, and where to; those of erased groups can't be known.

    One whose page was reported for malware leads nowhere: a server without Penumbra has no page that warns.
    """
    leads: dict[str, str] = {}
    listed_as = listing(settings, UrlRules.load()) or listed_nowhere
    async with beside(settings) as storage:
        after = ""
        while groups := await _groups_after(storage, after):
            for group in groups:
                leads |= await _of_group(storage, group, now, listed_as)
            after = groups[-1]
    return leads


async def _groups_after(storage: SqlStorage, after: str) -> list[GroupId]:
    async with storage.transaction() as records:
        return [group.id for group in await records.groups.page(after, _AT_A_TIME)]


async def _of_group(storage: SqlStorage, group: GroupId, now: datetime, listed_as: ListedAs) -> dict[str, str]:
    async with storage.transaction() as records:
        links = [link for link in await records.links.of_group(group) if link.expires_at > now]
        names = {link.code: listed_as(link.clean.display) for link in links}
        listed = await records.listed.among({name for each in names.values() for name in each})
    safe = [link for link in links if not listed & set(names[link.code])]
    return {link.code: location(link.clean.display).decode("ascii") for link in safe}


def write_privately(path: Path, text: str) -> None:
    """A new file that only its owner can read.

    Raises:
        OSError: it is there already, or can't be written.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
