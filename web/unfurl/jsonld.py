"""What a page says in JSON-LD, as schema.org nodes (pure)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""Whatever a stranger wrote between the braces; every use looks at its type first."""

Node = dict[str, Json]

NODES = 400
DEPTH = 8
_OPENED = re.compile(r"\s*(?://|/\*)?\s*(?:<!--|<!\[CDATA\[)\s*(?:\*/)?")
_CLOSED = re.compile(r"(?:(?://|/\*)?\s*(?:-->|\]\]>)\s*(?:\*/)?|;)\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_BELOW = ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed", "hasPart", "about", "subjectOf", "video")
_PAGES = (
    "webpage",
    "website",
    "itempage",
    "collectionpage",
    "organization",
    "newsmediaorganization",
    "person",
    "imageobject",
)
_MINOR = frozenset(
    {*_PAGES, "breadcrumblist", "listitem", "searchaction", "itemlist", "sitenavigationelement", "wpheader", "wpfooter"}
)
_NOT_A_WORK = (
    "organization",
    "business",
    "corporation",
    "store",
    "rating",
    "offer",
    "brand",
    "place",
    "address",
    "point",
)
_NO_SUBJECT = 4
_FALLBACK = re.compile(
    r'"(headline|datePublished|inLanguage)"\s*:\s*(?:"((?:[^"\\]|\\.){1,400})"|(\d{4}-\d\d-\d\d[\w:.+-]{0,24}))'
)
"""A moment stands without quotes where a template forgot them: it is what makes such a script unreadable."""


@dataclass
class Graph:
    """All nodes of a page, the ones about its subject first."""

    nodes: list[Node] = field(default_factory=list)
    by_id: dict[str, Node] = field(default_factory=dict)

    def of(self, *types: str) -> Iterator[Node]:
        """Nodes of some types, in small letters."""
        return (node for node in self.nodes if not types_of(node).isdisjoint(types))

    @cached_property
    def subjects(self) -> list[Node]:
        """What the page is about: articles before other things, other things before the page itself."""
        return [node for _, node in self._ranked]

    @cached_property
    def _ranked(self) -> list[tuple[int, Node]]:
        ranked = ((_rank(node), node) for node in self.nodes)
        return sorted((each for each in ranked if each[0] < _NO_SUBJECT), key=itemgetter(0))

    def titles(self) -> Iterator[Json]:
        """Headlines, then names of what is a work and no article: a product, a film, a question."""
        for name in ("headline", "name", "alternativeHeadline"):
            yield from (node[name] for rank, node in self._ranked if name in node and rank < 2)

    def resolved(self, value: Json) -> Json:
        """The node that a bare `@id` points to; anything else as it is."""
        if isinstance(value, dict) and len(value) <= 2 and isinstance(key := value.get("@id"), str):
            return self.by_id.get(key, value)
        return value

    def names(self, value: Json) -> Iterator[tuple[str, bool]]:
        """Names of people or organisations in a value, and whether each is an organisation's."""
        for item in as_list(value)[:12]:
            node = self.resolved(item)
            if isinstance(node, dict):
                organisation = any("organization" in kind for kind in types_of(node))
                yield from ((name, organisation) for name in as_list(node.get("name"))[:12] if isinstance(name, str))
            elif isinstance(node, str):
                yield node, False


def read(scripts: list[bytes]) -> Graph:
    """Read the JSON-LD of a page; what does not parse even after mending is searched for a few plain fields."""
    graph = Graph()
    for script in scripts:
        raw = script.decode("utf-8", "replace")
        for value in _parsed(raw):
            _collect(graph, value, 0)
    return graph


def as_list(value: Json) -> list[Json]:
    """A value, or each of its items."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def types_of(node: Node) -> set[str]:
    """The types of a node, in small letters, without the vocabulary's address."""
    kinds = as_list(node.get("@type"))[:8]
    return {kind.rpartition("/")[2].rpartition(":")[2].lower() for kind in kinds if isinstance(kind, str)}


def _parsed(raw: str) -> list[Json]:
    for attempt in (str, _mended):
        try:
            return [json.loads(attempt(raw), strict=False)]
        except (ValueError, RecursionError):
            continue
    found = {name: quoted or bare for name, quoted, bare in reversed(_FALLBACK.findall(raw))}
    return [{"@type": "Article", **found}] if found else []


def _mended(raw: str) -> str:
    opened = _OPENED.match(raw)
    bare = raw[opened.end() :] if opened else raw
    bare = bare[:-64] + _CLOSED.sub("", bare[-64:])
    return _TRAILING_COMMA.sub("", bare)


def _collect(graph: Graph, value: Json, depth: int) -> None:
    if depth > DEPTH or len(graph.nodes) >= NODES:
        return
    if isinstance(value, list):
        for item in value[:NODES]:
            _collect(graph, item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value or "headline" in value:
            graph.nodes.append(value)
            if isinstance(key := value.get("@id"), str):
                graph.by_id.setdefault(key, value)
        for name in _BELOW:
            if name in value:
                _collect(graph, value[name], depth + 1)


def _rank(node: Node) -> int:
    kinds = types_of(node)
    if any(kind.endswith(("article", "posting", "report", "recipe")) for kind in kinds) or "headline" in node:
        return 0
    if kinds and kinds.isdisjoint(_MINOR) and not any(kind.endswith(_NOT_A_WORK) for kind in kinds):
        return 1
    return 2 if any(kind.endswith("page") for kind in kinds) else _NO_SUBJECT
