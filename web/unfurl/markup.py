"""What the picked tags say, read by lexbor: attributes, entities and texts as a browser would (pure)."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from web.unfurl import dates, picker
from web.unfurl.picker import Picked, dated_texts, elements_with

_KEYS = ("property", "name", "itemprop", "http-equiv")
_ELEMENT_BYTES = 700
_BROKEN = re.compile(rb"<br|</(?:div|p|li|span|small|a)>\s*<", re.IGNORECASE)
"""Where the text of a heading goes on in another line or box."""
_BEFORE_HEADING, _AFTER_HEADING = 900, 4_000
_NEAR = 8_000
_TITLES_LOOKED_FOR = (60, 24)
"""Bytes of the headline; the second where other markup stands in it."""
_MOMENT_IN = ("datetime", "data-datetime", "data-date", "data-published", "data-timestamp", "data-time", "title")
_MOMENTS = ", ".join(f"[{name}]" for name in _MOMENT_IN[:-1]) + ", abbr[title], span[title]"
_MOMENT_NEAR = re.compile(rb"datetime|data-|title", re.IGNORECASE)
_OTHERS = "[class*=comment], [class*=updat], [class*=modif]"
_OTHERS_AT_MOST = 200
_NO_PICTURE = re.compile(
    r"logo|icon|avatar|author|sprite|pixel|blank|spacer|emoji|gravatar|badge|button|placeholder|loading|[\b/._-]ads?\b|\.gif"
)
_LARGE = 180
"""Pixels, of the shorter side."""
_SIZED = re.compile(rb"width|height", re.IGNORECASE)
_PLAIN_HEADING = re.compile(rb"<h1(?:\s+[a-z-]+=\"[^\"<>]*\")*\s*>([^<&\x00\r]*)</h1>", re.IGNORECASE)
"""One that is the same to any parser: nothing in it is markup or an entity."""
_HOME = re.compile(r"/|\./|(?:https?:)?//[^/?#]+/?")


@dataclass(frozen=True, slots=True)
class Element:
    """A start tag with some of the text after it."""

    attributes: dict[str, str]
    text: str
    names: tuple[str, ...] = ()
    """The texts of links and of `itemprop="name"` inside it."""
    leads_home: bool = False
    """Whether a link inside it goes to a front page."""

    def attribute(self, *names: str) -> str:
        """The first of some attributes that says something."""
        return next((value for name in names if (value := self.attributes.get(name, ""))), "")


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands next to a page's headline."""

    text: str = ""
    """One line for each element."""


@dataclass(slots=True)
class Markup:
    """The picked tags of a page, read."""

    html: dict[str, str] = field(default_factory=dict)
    base: str = ""
    title: str = ""
    metas: dict[str, list[str]] = field(default_factory=dict)
    """Name or property, in small letters, to every content that was given, in order."""
    links: dict[str, list[str]] = field(default_factory=dict)
    """Each word of `rel` to its addresses."""
    times: list[Element] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    home: list[str] = field(default_factory=list)
    """Headings that lead to the front page: the site's name, not the page's."""

    def meta(self, *names: str) -> list[str]:
        """Everything said under some names, in the order of the names."""
        return [content for name in names if name in self.metas for content in self.metas[name]]


def read(picked: Picked) -> Markup:
    """Read the tags that the picker kept."""
    markup = Markup()
    tree = LexborHTMLParser(picked.flat())
    if tree.root is not None:
        markup.html = _attributes(tree.root)
    for node in tree.css("base, title, meta, link, time"):
        _read_node(markup, node)
    for heading in picked.kept.get(b"h1", ()):
        _read_heading(markup, heading)
    return markup


def _read_heading(markup: Markup, heading: bytes) -> None:
    if (plain := _PLAIN_HEADING.fullmatch(heading)) is not None:
        text, leads_home = plain[1].decode("utf-8", "replace"), False
    elif (element := element_of(_BROKEN.sub(rb" \g<0>", heading), "h1", "")) is not None:
        text, leads_home = element.text, element.leads_home
    else:
        return
    if text.strip():
        (markup.home if leads_home else markup.headings).append(text)


def elements(picked: Picked, word: bytes) -> Iterator[Element]:
    """Elements with a word in their start tag, with at most some hundred characters of their text."""
    for piece in elements_with(picked, word, _ELEMENT_BYTES):
        if (element := element_of(piece)) is not None:
            yield element


def elements_beside(picked: Picked, word: bytes, place: int) -> Iterator[Element]:
    """The same, of those that stand near a place."""
    for piece in elements_with(picked, word, _ELEMENT_BYTES, (max(0, place - _NEAR), place + _NEAR)):
        if (element := element_of(piece)) is not None:
            yield element


def elements_beside_heading(picked: Picked, word: bytes, place: int, until: int | None = None) -> Iterator[Element]:
    """The same, of those right beside the headline at a place, or from there on until another place."""
    span = (max(0, place - _BEFORE_HEADING), place + _AFTER_HEADING if until is None else until)
    for piece in elements_with(picked, word, _ELEMENT_BYTES, span):
        if (element := element_of(piece)) is not None:
            yield element


def lines(picked: Picked, place: int) -> Iterator[tuple[int, str]]:
    """Short texts below a place that hold a year, each as a line and where it stands."""
    for start, piece in dated_texts(picked, place):
        yield start, " ".join(html.unescape(piece.decode("utf-8", "replace")).split())


def pictures(picked: Picked, place: int) -> Iterator[Element]:
    """Pictures after a place that look like an article's own: large, or in a figure."""
    for tag, before in picker.pictures(picked, place):
        framed = b"<figure" in before or b"<picture" in before
        if not framed and not _SIZED.search(tag):
            continue
        element = element_of(tag, "img")
        if element is not None and _is_large(element, framed=framed):
            yield element


def _is_large(picture: Element, *, framed: bool) -> bool:
    told = " ".join(picture.attribute(name) for name in ("class", "id", "src", "data-src", "alt")).lower()
    if _NO_PICTURE.search(told):
        return False
    size = [int(told) for name in ("width", "height") if (told := picture.attribute(name)).isdecimal()]
    return min(size) >= _LARGE if size else framed


def heading(picked: Picked, title: str) -> int:
    """Where the headline stands on a page, or else where the page begins in earnest."""
    return picked.heading(_beginning(picked, title))


def beside_heading(picked: Picked, place: int) -> Beside:
    """What stands next to the headline.

    Args:
        picked: the page.
        place: of the headline.
    """
    piece = picked.around(place, _BEFORE_HEADING, _AFTER_HEADING)
    tree = LexborHTMLParser(piece)
    for node in tree.css("script, style, nav, noscript"):
        node.decompose()
    for node in tree.css(_OTHERS):
        if len(node.text()) < _OTHERS_AT_MOST:  # a longer one is the article, which may be commented
            node.decompose()
    for link in tree.css("a"):
        if dates.tells_of_another(link.text()):
            link.decompose()
    if _MOMENT_NEAR.search(piece):  # many selectors: dear where there is nothing to find
        for node in tree.css(_MOMENTS):
            _spell_out(node)
    text = tree.body.text(separator="\n") if tree.body is not None else ""
    return Beside("\n".join([words for line in text.split("\n") if (words := " ".join(line.split()))]))


def _beginning(picked: Picked, title: str) -> bytes:
    """As much of the headline as stands on the page in one piece."""
    told = (title.encode("utf-8", "replace")[:length] for length in _TITLES_LOOKED_FOR)
    body = max(0, picked.lower.find(b"<body"))
    return next((beginning for beginning in told if picked.body.find(beginning, body) >= 0), b"")


def _spell_out(node: LexborNode) -> None:
    """A moment's day in place of words like `yesterday`; the words stay where they say that something was published."""
    attributes = _attributes(node)
    told = next((day for name in _MOMENT_IN if (day := dates.moment(attributes.get(name, ""))) is not None), None)
    if told is not None and not dates.tells_of_publishing(node.text()):
        changed = dates.tells_of_change(attributes.get("class", "") + attributes.get("itemprop", ""))
        node.replace_with("" if changed else told.isoformat())


def element_of(piece: bytes, name: str = "", separator: str = " ") -> Element | None:
    """The first element of a small piece of a page.

    Args:
        piece: some bytes of a page.
        name: the element's; by default any.
        separator: what to put between texts of different elements.
    """
    body = LexborHTMLParser(piece).body
    node = body.css_first(name) if body is not None and name else body.child if body is not None else None
    if node is None or not node.tag or node.tag.startswith("-"):
        return None
    inner = [found for found in node.css("[itemprop~=name], a:not([href^='#'])") if found != node]
    return Element(
        _attributes(node),
        node.text(separator=separator),
        tuple(_name(found) for found in inner),
        any(_HOME.fullmatch(found.attributes.get("href") or "") for found in inner),
    )


def _name(node: LexborNode) -> str:
    """What a link or a property says: a `meta` says it in an attribute."""
    return (node.attributes.get("content") or "") if node.tag == "meta" else node.text(separator=" ")


def _read_node(markup: Markup, node: LexborNode) -> None:
    tag, attributes = node.tag, _attributes(node)
    if tag == "meta":
        _read_meta(markup, attributes)
    elif tag == "link":
        for word in attributes.get("rel", "").lower().split()[:4]:
            markup.links.setdefault(word, []).append(attributes.get("href", ""))
    elif tag == "time":
        markup.times.append(Element(attributes, node.text()))
    elif tag == "base":
        markup.base = markup.base or attributes.get("href", "")
    else:
        markup.title = markup.title or node.text()


def _read_meta(markup: Markup, attributes: dict[str, str]) -> None:
    if content := attributes.get("content", "").strip():
        for key in _KEYS:
            if key in attributes:
                for word in attributes[key].lower().split()[:3]:
                    markup.metas.setdefault(word, []).append(content)


def _attributes(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}
