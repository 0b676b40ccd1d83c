"""When a page says it was published: the plainest word first, a date that merely stands there last (pure)."""

import re
from collections.abc import Iterator
from datetime import date

from web.unfurl import dates, markup
from web.unfurl.markup import Element
from web.unfurl.sources import Sources

_DATED = re.compile(r"publi|date|timestamp|fecha|datum|upload|issued|created")
_BEYOND_PATH = re.compile(r"[?#]")
_BYLINES = (b"-meta", b'"meta"', b"submitted")
_DATES = (
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "og:published_time",
    "og:pubdate",
    "datepublished",
    "rnews:datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "bt:pubdate",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "published-date",
    "published_date",
    "publication_date",
    "article_date_original",
    "originalpublicationdate",
    "article.published",
    "article.created",
    "citation_online_date",
    "citation_publication_date",
    "citation_date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.created",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "date",
    "displaydate",
    "video:release_date",
    "og:video:release_date",
    "music:release_date",
    "book:release_date",
    "og:release_date",
    "uploaddate",
    "datecreated",
    "created",
)


def published(sources: Sources, language: str | None) -> date | None:
    """The day a page was published, as it is printed there.

    Args:
        sources: the page.
        language: its language, for the names of months and the order of figures.
    """
    order = sources.markup.html.get("lang") or language
    for raw in _told(sources, order):
        if (found := dates.read(raw, order)) is not None:
            return found
    return None


def _told(sources: Sources, language: str | None) -> Iterator[object]:
    yield from sources.said("datePublished")
    yield from sources.markup.meta(*_DATES)
    yield from sources.said("uploadDate", "dateCreated")
    yield from _addressed(sources)
    times = sources.markup.times
    yield from map(_moment, filter(_is_marked, times))
    if (day := dates.in_lines(sources.beside.text, language)) is not None:
        yield day.isoformat()
    yield from map(_moment, filter(_publishes, times))
    for word in (b"publish", b"date", b"timestamp", b"fecha", b"datum"):
        for element in markup.elements(sources.picked, word):
            if _publishes(element):
                yield element.attribute("datetime", "content", "title") or element.text
    yield from (time.attribute("datetime") or time.text for time in times)
    yield from _unusual(sources, language)


def _addressed(sources: Sources) -> Iterator[str]:
    """The day in the page's address, or in the one that it calls its own."""
    for address in (sources.url, *sources.markup.links.get("canonical", ()), *sources.markup.meta("og:url")):
        path = _BEYOND_PATH.split(address.partition("//")[2] or address, maxsplit=1)[0]
        if day := dates.in_address(path):
            yield day.isoformat()


def _unusual(sources: Sources, language: str | None) -> Iterator[object]:
    """Dates that are told in a site's own way."""
    yield from (said for name, told in sources.markup.metas.items() if _is_dated(name) for said in told)
    bylines = (element for word in _BYLINES for element in markup.elements(sources.picked, word))
    byline = " ".join(each.text for each in bylines if not dates.tells_of_change(each.attribute("class")))
    if (day := dates.in_text(byline, language)) is not None:
        yield day.isoformat()
    yield from dates.told(sources.picked.lower, language)
    if (day := dates.in_text(sources.beside.text, language)) is not None:
        yield day.isoformat()
    if (day := dates.only_one(markup.lines(sources.picked, sources.place), language)) is not None:
        yield day.isoformat()


def _moment(time: Element) -> str:
    """A moment as machines read it; the printed one where words say that it is the one of publishing."""
    if dates.tells_of_publishing(time.text) and dates.read(time.text) is not None:
        return time.text
    return time.attribute("datetime", "content") or time.text


def _is_marked(time: Element) -> bool:
    return "pubdate" in time.attributes or "datepublished" in time.attribute("itemprop").lower()


def _publishes(element: Element) -> bool:
    told = " ".join(element.attribute(name) for name in ("itemprop", "class", "id")).lower()
    return "pubdate" in element.attributes or _is_dated(told)


def _is_dated(told: str) -> bool:
    # hAtom says `published updated` of what was never changed since
    return _DATED.search(told) is not None and ("publi" in told or not dates.tells_of_change(told))
