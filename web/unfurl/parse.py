"""A page's bytes into a preview (pure). Each field is read by itself: as much as possible comes back."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import ada_url

from core.model import Preview
from core.urls import registrable_domain
from web.unfurl import charset, markup, scripts, tidy, titles
from web.unfurl.bylines import author
from web.unfurl.jsonld import as_list
from web.unfurl.published import published
from web.unfurl.sources import Sources

_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?![A-Za-z])")
_RENAMED = {"iw": "he", "in": "id", "ji": "yi", "jp": "ja", "cz": "cs", "gr": "el", "dk": "da", "se": "sv", "ua": "uk"}
_NO_LANGUAGE = {"und", "mul", "zxx", "mis", "xx"}
_NOINDEX = re.compile(r"\b(?:noindex|none)\b", re.IGNORECASE)
_HEADLINES = ("headline", "citation_title", "parsely-title", "sailthru.title", "dc.title", "dcterms.title", "title")
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description", "dcterms.description")
_IMAGES = ("og:image", "og:image:url", "twitter:image", "twitter:image:src", "image", "thumbnail", "parsely-image-url")
_SITES = ("og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher", "citation_journal_title")


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
        self._sources = Sources(body, url)
        self._markup, self._graph = self._sources.markup, self._sources.graph
        self._base = tidy.address(self._markup.base, url) or url

    def preview(self, robots: str) -> Preview:
        """All fields, each as good as it can be had."""
        sites = list(self._site_names())
        title = self._sources.headline = self._title(sites)
        language = self._language()
        return Preview(
            final_url=self._url,
            site=registrable_domain(self._host),
            title=title,
            description=_first(self._descriptions(), tidy.DESCRIPTION),
            image=next(self._images(), None),
            site_name=next(iter(sites), None) or self._site_in_title(title),
            author=author(self._sources, sites),
            published=published(self._sources, language),
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
        yield from self._sources.said("description")

    def _images(self) -> Iterator[str]:
        links = self._markup.links.get("image_src", ())
        told = chain(self._secured(), self._said_images(), links, self._item_images(), self._shown_images())
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
            for value in self._sources.said(name):
                for item in as_list(value)[:3]:
                    node = self._graph.resolved(item)
                    yield node.get("url") or node.get("contentUrl") if isinstance(node, dict) else node

    def _item_images(self) -> Iterator[str]:
        for element in markup.elements(self._sources.picked, b'itemprop="image'):
            yield element.attribute("src", "content", "href", "data-src")

    def _shown_images(self) -> Iterator[str]:
        for picture in markup.pictures(self._sources.picked, self._sources.place):
            yield picture.attribute("data-src", "src", "data-lazy-src", "data-original")

    def _site_names(self) -> Iterator[str]:
        raw: list[object] = list(self._markup.meta("og:site_name"))
        for node in chain(self._sources.subjects, self._graph.of("website")):
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

    def _language(self) -> str | None:
        html, meta = self._markup.html, self._markup.meta
        told = [
            html.get("lang"),
            html.get("xml:lang"),
            *meta("content-language", "og:locale"),
            *self._sources.said("inLanguage"),
        ]
        for raw in [*told, *meta("dc.language", "dcterms.language", "language")]:
            if isinstance(raw, str) and (found := _LANGUAGE.match(raw)) and found[1].lower() not in _NO_LANGUAGE:
                return _RENAMED.get(found[1].lower(), found[1].lower())
        shown = self._markup.title + " ".join(self._markup.headings)
        return scripts.language_of(shown) or scripts.language_by_words(self._sources.beside.text)

    def _canonical(self) -> str | None:
        told = [*self._markup.links.get("canonical", ()), *self._markup.meta("og:url")]
        return next((found for raw in told if (found := tidy.address(raw, self._base))), self._url)


def _texts(raw: Iterable[object], limit: int) -> list[str]:
    return [found for item in raw if (found := tidy.text(item, limit))]


def _first(raw: Iterable[object], limit: int) -> str | None:
    return next((found for item in raw if (found := tidy.text(item, limit))), None)
