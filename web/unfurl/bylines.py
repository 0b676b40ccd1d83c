"""Who a page says wrote it, in the order of who says so: its data, its tags, what it shows (pure)."""

from collections.abc import Iterable, Iterator
from itertools import chain

from web.unfurl import authors, markup
from web.unfurl.sources import Sources

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

_WORDS = (b"author", b"byline", b"submitted")
"""In the tags of bylines; few, for each is looked for in the whole page."""
_WORDS_BESIDE = (b"contributor", b"creator", b"auteur", b"autor", b"journalist", b"writer")
"""The same, near the headline."""


def author(sources: Sources, sites: list[str]) -> str | None:
    """The people who wrote a page, joined by commas.

    Args:
        sources: the page.
        sites: names of the site, which is nobody's name.
    """
    said = [*_said(sources), *map(list, _metas(sources))]
    found = authors.fullest(names for raw in said if (names := authors.named(raw, not_these=sites)))
    shown = list(_shown(sources)) if found is None or authors.is_handle(found) else []
    byline = authors.named(shown, not_these=sites)
    if found is None or (byline is not None and authors.is_written_out(byline)):
        found = byline or found
    if found is not None:
        return found
    organisations = [name for value in sources.said("author") for name, _ in sources.graph.names(value)]
    everybody = chain(organisations, *said, shown)
    return authors.in_text(sources.beside.text) or authors.named(list(everybody)[:1])


def _said(sources: Sources) -> Iterator[list[object]]:
    """The people whom each of the page's subjects names."""
    for property_ in ("author", "creator"):
        for value in sources.said(property_):
            yield [name for name, organisation in sources.graph.names(value) if not organisation]


def _metas(sources: Sources) -> Iterator[Iterable[object]]:
    meta = sources.markup.meta
    yield map(authors.in_reading_order, meta("citation_author"))
    yield from filter(None, map(meta, _AUTHORS))
    for number in "12":
        if authors.is_label("".join(meta(f"twitter:label{number}")[:1])):
            yield meta(f"twitter:data{number}")


def _shown(sources: Sources) -> Iterator[object]:
    everywhere = (markup.elements(sources.picked, word) for word in _WORDS)
    beside = (markup.elements_beside(sources.picked, word, sources.place) for word in _WORDS_BESIDE)
    for marked in chain(everywhere, beside):
        first = None
        for element in marked:
            found = authors.shown(element)
            if found and authors.is_marked(element):
                yield found
                return
            first = first or found
        if first:
            yield first
            return
