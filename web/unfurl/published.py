"""When a page says it was published: the plainest word first, a date that merely stands there last (pure)."""

import re
from collections.abc import Iterator
from datetime import date

from web.unfurl import dates, jsonld, markup
from web.unfurl.jsonld import Json
from web.unfurl.markup import Element
from web.unfurl.sources import Sources

_DATED = re.compile(r"publi|date|timestamp|fecha|datum|upload|issued|created|create_(?:at|time)|\bptime")
_BEYOND_PATH = re.compile(r"[?#]")
_FRONT = re.compile(r"[^/?#]+(?:/([a-z]{2})(?:[-_][a-z]{2})?)?(?:/|/(?:index|default|home)\.\w{2,5})?", re.IGNORECASE)
"""The address of a site's front page, or of the one in a language."""
_OWN_MARK = 120
"""Bytes before a line, in which its own start tag may be marked."""
_SHOWN = re.compile(r"update[-_]?(?:time|date)\b")
"""Names that some sites give to the day that readers see, changed or not."""
_MARKS = (b"publish", b"date", b"timestamp", b"fecha", b"datum")
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
_CHANGES = ("datemodified", "dateupdate", "article:modified_time", "og:updated_time", "last-modified")


def published(sources: Sources, language: str | None) -> date | None:
    """The day a page was published, as it is printed there.

    Args:
        sources: the page.
        language: its language, for the names of months and the order of figures.
    """
    order = sources.markup.html.get("lang") or language
    for raw in _for_machines(sources):
        if (found := dates.read(raw, order)) is not None:
            return _at_home(found, raw, sources)
    if _is_front(sources):
        return None
    for raw in _for_readers(sources, order):
        if (found := dates.read(raw, order)) is not None:
            return found
    return None


def _for_machines(sources: Sources) -> Iterator[object]:
    yield from map(_plain, sources.said("datePublished"))
    yield from sources.markup.meta(*_DATES)
    yield from map(_plain, sources.said("uploadDate", "dateCreated"))


def _plain(value: Json) -> object:
    """The first of several values, bare of its type."""
    first = next(iter(jsonld.as_list(value)), None)
    return first.get("@value") if isinstance(first, dict) else first


def _at_home(day: date, raw: object, sources: Sources) -> date:
    """The day as the site counts it, where the page says a moment of UTC and its address the day before or after."""
    near = dates.days_elsewhere(raw, day)
    return next((addressed for addressed in _addressed(sources) if addressed in near), day) if near else day


def _is_front(sources: Sources) -> bool:
    """Whether this is a site's front page: the days on it are the ones of other pages, or today."""
    if "article" in sources.markup.meta("og:type"):
        return False
    language = sources.markup.html.get("lang", "").lower()
    found = [_FRONT.fullmatch(_without_scheme(address)) for address in _addresses(sources)]
    return all(each is not None and language.startswith(each[1] or "") for each in found)


def _for_readers(sources: Sources, language: str | None) -> Iterator[object]:
    yield from (day.isoformat() for day in _addressed(sources))
    times = sources.markup.times
    yield from map(_moment, filter(_is_marked, times))
    if sources.is_headed:
        if (day := dates.in_lines(sources.beside.text, language)) is not None:
            yield day.isoformat()
        yield from _marked_beside(sources)
        if (day := dates.in_short(sources.beside.text, language)) is not None:
            yield day.isoformat()
    marked = next((raw for raw in _marked(sources) if dates.read(raw, language) is not None), None)
    if marked is not None:
        yield from _signed(sources, language)
        yield marked
    yield from _unusual(sources, language)


def _marked(sources: Sources) -> Iterator[str]:
    """What is marked as a date anywhere."""
    yield from map(_moment, filter(_publishes, sources.markup.times))
    for word in _MARKS:
        yield from (_said(each) for each in markup.elements(sources.picked, word) if _publishes(each))
    yield from (time.attribute("datetime") or time.text for time in sources.markup.times)


def _marked_beside(sources: Sources) -> Iterator[str]:
    """What is marked as a date next to the headline, by `updatetime` too, if no word beside it tells of a change."""
    for word in _MARKS:
        for element in markup.elements_beside_heading(sources.picked, word, sources.place):
            if _is_named(element) and not dates.tells_of_change(element.text):
                yield _said(element)


def _signed(sources: Sources, language: str | None) -> Iterator[str]:
    """The day of the one line below a text that says when it was published, if no marked day stands before it."""
    lines = markup.lines(sources.picked, sources.place)
    told = [(place, line) for place, line in lines if dates.tells_of_publishing(line)]
    day = dates.only_one((line for _, line in told), language)
    if day is not None and not any(
        _publishes(element) and dates.read(_said(element), language) is not None
        for word in _MARKS
        for element in markup.elements_beside_heading(sources.picked, word, sources.place, told[0][0] - _OWN_MARK)
    ):
        yield day.isoformat()


def _said(element: Element) -> str:
    return element.attribute("datetime", "content", "title") or element.text


def _addresses(sources: Sources) -> Iterator[str]:
    """The page's address, and those that it calls its own."""
    yield sources.url
    yield from sources.markup.links.get("canonical", ())
    yield from sources.markup.meta("og:url")


def _without_scheme(address: str) -> str:
    return address.partition("//")[2] or address


def _addressed(sources: Sources) -> Iterator[date]:
    """The day in the page's address, or in the one that it calls its own."""
    for address in _addresses(sources):
        if day := dates.in_address(_BEYOND_PATH.split(_without_scheme(address), maxsplit=1)[0]):
            yield day


def _unusual(sources: Sources, language: str | None) -> Iterator[object]:
    """Dates that are told in a site's own way."""
    yield from (said for name, told in sources.markup.metas.items() if _is_dated(name) for said in told)
    bylines = (element for word in _BYLINES for element in markup.elements(sources.picked, word))
    byline = " ".join(each.text for each in bylines if not dates.tells_of_change(each.attribute("class")))
    if (day := dates.in_text(byline, language)) is not None:
        yield day.isoformat()
    yield from dates.told(sources.picked.lower, language)
    if sources.is_headed and (day := dates.in_datelines(sources.beside.text, language)) is not None:
        yield day.isoformat()
    yield from _confirmed(sources)
    lines = [line for _, line in markup.lines(sources.picked, sources.place)]
    for some in (lines if sources.is_headed else (), filter(dates.tells_of_publishing, lines)):
        if (day := dates.only_one(some, language)) is not None:
            yield day.isoformat()


def _confirmed(sources: Sources) -> Iterator[str]:
    """A change's day that stands beside the headline without its year: readers see it as the page's."""
    for raw in (*sources.said("dateModified"), *sources.markup.meta(*_CHANGES)):
        if (day := dates.read(raw)) is not None and sources.is_headed and dates.shown(sources.beside.text, day):
            yield day.isoformat()


def _moment(time: Element) -> str:
    """A moment as machines read it; the printed one where words say that it is the one of publishing."""
    if dates.tells_of_publishing(time.text) and dates.read(time.text) is not None:
        return time.text
    return time.attribute("datetime", "content") or time.text


def _is_marked(time: Element) -> bool:
    return "pubdate" in time.attributes or "datepublished" in time.attribute("itemprop").lower()


def _publishes(element: Element) -> bool:
    return "pubdate" in element.attributes or _is_dated(_names(element))


def _is_named(element: Element) -> bool:
    return _publishes(element) or _SHOWN.search(_names(element)) is not None


def _names(element: Element) -> str:
    return " ".join(element.attribute(name) for name in ("itemprop", "property", "class", "id")).lower()


def _is_dated(told: str) -> bool:
    # hAtom says `published updated` of what was never changed since
    return _DATED.search(told) is not None and ("publi" in told or not dates.tells_of_change(told))
