"""A page's bytes into a preview (pure). Each field is read by itself: as much as possible comes back."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from typing import Any

import ada_url

from core.model import Preview
from core.urls import registrable_domain
from web.unfurl import authors, charset, dates, jsonld, markup, picker, scripts, tidy, titles
from web.unfurl.jsonld import as_list
from web.unfurl.markup import Element

_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?![A-Za-z])")
_RENAMED = {"iw": "he", "in": "id", "ji": "yi", "jp": "ja", "cz": "cs", "gr": "el", "dk": "da", "se": "sv", "ua": "uk"}
_NO_LANGUAGE = {"und", "mul", "zxx", "mis", "xx"}
_NOINDEX = re.compile(r"\b(?:noindex|none)\b", re.IGNORECASE)
_DATED = re.compile(r"publi|date|timestamp|fecha|datum|upload|issued|created")
_BYLINES = (b"-meta", b'"meta"', b"submitted")
_CHANGED = re.compile(r"modif|updat|expir|event|valid|accept|comment")
_HEADLINES = ("headline", "citation_title", "parsely-title", "sailthru.title", "dc.title", "dcterms.title", "title")
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description", "dcterms.description")
_IMAGES = ("og:image", "og:image:url", "twitter:image", "twitter:image:src", "image", "thumbnail", "parsely-image-url")
_SITES = ("og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher", "citation_journal_title")
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
_AUTHORS = (
    "author",
    "parsely-author",
    "sailthru.author",
    "article:author_name",
    "byl",
    "article:author",
    "og:article:author",
    "og:author",
    "book:author",
    "dc.creator",
    "dcterms.creator",
    "cxenseparse:author",
    "creator",
)


def parse(body: bytes, url: str, content_type: str = "", robots: str = "") -> Preview:
    """What a page says about itself.

    Args:
        body: as fetched, unpacked.
        url: where it was found, trackers off.
        content_type: the header, for its charset.
        robots: the `X-Robots-Tag` header.
    """
    return Reading(charset.to_utf8(body, content_type), url).preview(robots)


class Reading:
    """One page on its way to a preview.

    Args:
        body: the page in UTF-8.
        url: where it was found.
    """

    def __init__(self, body: bytes, url: str) -> None:
        self._url = url
        self._host = ada_url.URL(url).hostname
        self._picked = picker.pick(body)
        self._markup = markup.read(self._picked)
        self._graph = jsonld.read(self._picked.scripts)
        self._subjects = self._graph.subjects()
        self._headline: str | None = None
        self._beside: str | None = None
        self._base = tidy.address(self._markup.base, url) or url

    def preview(self, robots: str) -> Preview:
        """All fields, each as good as it can be had."""
        language = self._language()
        sites = list(self._site_names())
        title = self._headline = self._title(sites)
        return Preview(
            final_url=self._url,
            site=registrable_domain(self._host),
            title=title,
            description=_first(self._descriptions(), tidy.DESCRIPTION),
            image=next(self._images(), None),
            site_name=next(iter(sites), None) or self._site_in_title(title),
            author=self._author(sites),
            published=self._published(language),
            language=language,
            canonical=self._canonical(),
            noindex=any(map(_NOINDEX.search, [robots, *self._markup.meta("robots", "googlebot")])),
        )

    def _title(self, sites: list[str]) -> str | None:
        meta = self._markup.meta
        offered = titles.Titles(
            social=_texts(meta("og:title", "twitter:title"), tidy.TITLE),
            headlines=_texts(chain(self._graph.titles(), meta(*_HEADLINES)), tidy.TITLE),
            document=tidy.text(self._markup.title, tidy.TITLE) or "",
            headings=_texts(self._markup.headings, tidy.TITLE),
        )
        return titles.headline(offered, sites, self._host)

    def _descriptions(self) -> Iterator[object]:
        yield from self._markup.meta(*_DESCRIPTIONS)
        yield from self._said("description")

    def _images(self) -> Iterator[str]:
        told = chain(self._secured(), self._said_images(), self._markup.links.get("image_src", ()), self._item_images())
        for raw in told:
            if (image := tidy.image(raw, self._base)) is not None:
                yield image

    def _secured(self) -> list[str]:
        found = self._markup.meta(*_IMAGES)
        if found and not found[0].startswith("https:"):
            return self._markup.meta("og:image:secure_url") + found
        return found

    def _said_images(self) -> Iterator[Any]:
        for name in ("image", "thumbnailUrl", "thumbnail", "primaryImageOfPage"):
            for value in self._said(name):
                for item in as_list(value)[:3]:
                    node = self._graph.resolved(item)
                    yield node.get("url") or node.get("contentUrl") if isinstance(node, dict) else node

    def _item_images(self) -> Iterator[str]:
        for element in markup.elements(self._picked, b'itemprop="image'):
            yield element.attribute("src", "content", "href", "data-src")

    def _site_names(self) -> Iterator[str]:
        raw: list[object] = list(self._markup.meta("og:site_name"))
        for node in chain(self._subjects, self._graph.of("website")):
            raw += [name for name, _ in self._graph.names(node.get("publisher"))]
        raw += [node.get("name") for node in self._graph.of("website", "newsmediaorganization", "organization")]
        raw += self._markup.meta(*_SITES)
        raw += self._markup.home
        for item in raw:
            if name := tidy.text(item, tidy.NAME):
                yield name

    def _site_in_title(self, title: str | None) -> str | None:
        document = tidy.text(self._markup.title, tidy.TITLE) or ""
        others = _texts(
            chain([title], self._markup.meta("og:title", "twitter:title"), self._markup.headings), tidy.TITLE
        )
        return titles.site_in(document, others)

    def _author(self, sites: list[str]) -> str | None:
        said = [self._said_authors(), *map(list, self._meta_authors())]
        found = next((names for raw in said if (names := authors.named(raw, not_these=sites))), None)
        shown = list(self._shown_authors()) if found is None or authors.is_handle(found) else []
        byline = authors.named(shown, not_these=sites)
        if found is None or (byline is not None and not authors.is_handle(byline)):
            found = byline or found
        if found is not None:
            return found
        organisations = [name for value in self._said("author") for name, _ in self._graph.names(value)]
        everybody = chain(organisations, *said, shown)
        return authors.in_text(self._beside_heading()) or authors.named(list(everybody)[:1])

    def _said_authors(self) -> list[object]:
        for property_ in ("author", "creator"):
            for value in self._said(property_):
                if people := [name for name, organisation in self._graph.names(value) if not organisation]:
                    return list(people)
        return []

    def _meta_authors(self) -> Iterator[Iterable[object]]:
        meta = self._markup.meta
        yield map(authors.in_reading_order, meta("citation_author"))
        yield from (meta(name) for name in _AUTHORS)
        for number in "12":
            if authors.is_label("".join(meta(f"twitter:label{number}")[:1])):
                yield meta(f"twitter:data{number}")

    def _shown_authors(self) -> Iterator[object]:
        for word in (b"author", b"byline", b"submitted"):
            first = None
            for element in markup.elements(self._picked, word):
                found = authors.shown(element)
                if found and authors.is_marked(element):
                    yield found
                    return
                first = first or found
            if first:
                yield first
                return

    def _published(self, language: str | None) -> date | None:
        order = self._markup.html.get("lang") or language
        for raw in self._dates():
            if (found := dates.read(raw, order)) is not None:
                return found
        return None

    def _dates(self) -> Iterator[object]:
        yield from self._said("datePublished")
        yield from self._markup.meta(*_DATES)
        yield from self._said("uploadDate", "dateCreated")
        times = self._markup.times
        yield from (time.attribute("datetime", "content") or time.text for time in times if _publishes(time))
        if day := dates.in_address(ada_url.URL(self._url).pathname):
            yield day.isoformat()
        for word in (b"publish", b"date", b"timestamp", b"fecha", b"datum"):
            for element in markup.elements(self._picked, word):
                if _publishes(element):
                    yield element.attribute("datetime", "content", "title") or element.text
        yield from (time.attribute("datetime") or time.text for time in times)
        yield from self._unusual_dates()

    def _unusual_dates(self) -> Iterator[object]:
        """Dates that are told in a site's own way."""
        yield from (said for name, told in self._markup.metas.items() if _is_dated(name) for said in told)
        language = self._markup.html.get("lang")
        bylines = (element for word in _BYLINES for element in markup.elements(self._picked, word))
        byline = " ".join(each.text for each in bylines if not _CHANGED.search(each.attribute("class")))
        if (day := dates.in_text(byline, language)) is not None:
            yield day.isoformat()
        yield from dates.told(self._picked.lower, language)
        if (day := dates.in_text(self._beside_heading(), language)) is not None:
            yield day.isoformat()

    def _beside_heading(self) -> str:
        if self._beside is None:
            self._beside = markup.text_around_heading(self._picked, self._headline or "")
        return self._beside

    def _language(self) -> str | None:
        html, meta = self._markup.html, self._markup.meta
        told = [
            html.get("lang"),
            html.get("xml:lang"),
            *meta("content-language", "og:locale"),
            *self._said("inLanguage"),
        ]
        for raw in [*told, *meta("dc.language", "dcterms.language", "language")]:
            if isinstance(raw, str) and (found := _LANGUAGE.match(raw)) and found[1].lower() not in _NO_LANGUAGE:
                return _RENAMED.get(found[1].lower(), found[1].lower())
        return scripts.language_of(self._markup.title + " ".join(self._markup.headings))

    def _canonical(self) -> str | None:
        told = [*self._markup.links.get("canonical", ()), *self._markup.meta("og:url")]
        return next((found for raw in told if (found := tidy.address(raw, self._base))), self._url)

    def _said(self, *names: str) -> Iterator[Any]:
        """Values of a property of the page's subjects, in JSON-LD."""
        for node in self._subjects:
            for name in names:
                if (value := node.get(name)) is not None:
                    yield value


def _publishes(element: Element) -> bool:
    told = " ".join(element.attribute(name) for name in ("itemprop", "class", "id")).lower()
    return "pubdate" in element.attributes or _is_dated(told)


def _is_dated(told: str) -> bool:
    return _DATED.search(told) is not None and _CHANGED.search(told) is None


def _texts(raw: Iterable[object], limit: int) -> list[str]:
    return [found for item in raw if (found := tidy.text(item, limit))]


def _first(raw: Iterable[object], limit: int) -> str | None:
    return next(iter(_texts(raw, limit)), None)
