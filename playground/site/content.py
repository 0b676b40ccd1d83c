"""What the local sites hold, read from `pages.toml`, and the links that the playground suggests."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

_TRACKED = "utm_source=newsletter&utm_medium=email&utm_campaign=weekend&fbclid=IwAR2kQ9vJc7xTz0mLr5"
_QUERIES = {"tracked": _TRACKED, "reset": "token=9f2c41d07be84a6f93d15c08e7ab6420"}
SUGGESTED = (
    ("news", "news"),
    ("tracked", "news"),
    ("french", "french"),
    ("recipe", "recipe"),
    ("video", "video"),
    ("docs", "docs"),
    ("old", "old"),
    ("plain", "plain"),
    ("hostile", "hostile"),
    ("reset", "reset"),
    ("slow", "slow"),
)
"""Key of the suggestion, key of the page."""


@dataclass(frozen=True, slots=True)
class SitePage:
    """One page.

    Args:
        key: what the suggestions call it.
        path: its path.
        kind: `article`, `recipe`, `video`, `docs`, `slow`, or `bare`: no preview tags.
        title: as its author wrote it; may be hostile.
        description: for previews.
        author: who wrote it; empty for nobody.
        published: when, aware UTC; None says nothing.
        picture: a palette's name; empty for none.
        text: its paragraphs.
    """

    key: str
    path: str
    kind: str
    title: str
    description: str
    author: str
    published: datetime | None
    picture: str
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """One site: a host and its pages by path."""

    host: str
    name: str
    language: str
    accent: str
    motto: str
    pages: Mapping[str, SitePage]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A link to share: what the words call it, and its address."""

    key: str
    url: str


def sites(today: datetime) -> tuple[Site, ...]:
    """Read all sites; pages dated `days_ago` count back from `today` (aware UTC)."""
    data = tomllib.loads(files("playground.site").joinpath("pages.toml").read_text("utf-8"))
    return tuple(_site(entry, today) for entry in data["site"])


def suggestions(known: Iterable[Site], port: int | None) -> tuple[Suggestion, ...]:
    """The links worth sharing, in the order in which they are offered; the last leads to a page that is not there."""
    found = {page.key: (site, page) for site in known for page in site.pages.values()}
    listed = [Suggestion(key, _url(*found[page], port, _QUERIES.get(key, ""))) for key, page in SUGGESTED]
    missing = origin(found["slow"][0].host, port) + "/gone"
    return (*listed, Suggestion("missing", missing))


def origin(host: str, port: int | None) -> str:
    """The address of a host, with the port where it is not HTTP's own."""
    return f"http://{host}" if port in {None, 80} else f"http://{host}:{port}"


def _url(site: Site, page: SitePage, port: int | None, query: str) -> str:
    return origin(site.host, port) + page.path + (f"?{query}" if query else "")


def _site(entry: Mapping[str, Any], today: datetime) -> Site:
    pages = {one["path"]: _page(one, today) for one in entry["page"]}
    return Site(entry["host"], entry["name"], entry["language"], entry["accent"], entry["motto"], pages)


def _page(entry: Mapping[str, Any], today: datetime) -> SitePage:
    return SitePage(
        key=entry["key"],
        path=entry["path"],
        kind=entry.get("kind", "article"),
        title=entry["title"],
        description=entry["description"],
        author=entry.get("author", ""),
        published=_published(entry, today),
        picture=entry.get("picture", ""),
        text=tuple(entry["text"]),
    )


def _published(entry: Mapping[str, Any], today: datetime) -> datetime | None:
    if "days_ago" in entry:
        return (today - timedelta(days=entry["days_ago"])).replace(hour=6, minute=30, second=0, microsecond=0)
    day: date | None = entry.get("published")
    return None if day is None else datetime(day.year, day.month, day.day, 6, 30, tzinfo=UTC)
