"""Who wrote a page, out of the many ways pages say it (pure)."""

import re
from collections.abc import Iterable

from web.unfurl import tidy
from web.unfurl.markup import Element

_BY = re.compile(
    r"^\s*(?:(?:written|posted|published|submitted|words|text|story|reviewed|created|photos?|geschrieben|gespeichert|verfasst|"
    r"veröffentlicht|erstellt|écrit|rédigé|publié|posté|soumis|escrito|publicado|enviado|scritto|pubblicato|geschreven|skrevet|"
    r"skriven)\s+)?(?:by|von|par|por|di|da|door|av|af|"
    r"przez|authors?|autorzy?|autore?s?|autorin|autoren|auteure?s?|tekijä|kirjoittaja|yazan|oleh|penulis|szerző|автор[ы]?|текст|著者|"
    r"作者|記者|文|撰文|기자|글)(?:\s*[:：]\s*|\s+)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^\s*(?:author|authors|byline|name)\s*[:：]\s*", re.IGNORECASE)
_AFTER = re.compile(
    r"\s*(?:[|•·—–]|\s-\s|\s\(|\d{4}-\d\d-\d\d|\d{1,2}[./:]\d|"
    r"\b(?:published|posted|updated|last modified|follow|contributor|on (?=\w+ \d)|"
    r"on (?=(?:mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*day)?\b)|"
    r"(?:on|am|le|el|il|op|den|em) \d|\d{1,2} \w+ \d{4}|[^\W\d_]{3,9}\.? \d{1,2}(?!\w))).*$",
    re.IGNORECASE | re.DOTALL,
)
_NOBODY = {
    *("admin", "administrator", "author", "authors", "editor", "editors", "staff", "team", "webmaster", "wordpress"),
    *("anonymous", "by", "guest", "none", "null", "root", "test", "undefined", "unknown", "user", "public domain"),
    *("e-mail", "email", "profile", "profil", "unfollow", "following", "share", "reply", "subscribe", "name"),
    *("photo", "photos", "foto", "image", "images", "credit", "getty images", "all posts", "view all posts", "more"),
    *("redaccion", "redacción", "redacao", "redaktion", "redaction", "rédaction", "redazione"),
}
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@\w|[{}<>=\[\]#*?]|\.(?:com|html?|php)\b|\b(?:required|erforderlich|obligatoire|says|sagt|dit)$"
    r"|^(?:submitted|posted|published|updated|created|read|follow|contact|email)\b",
    re.IGNORECASE,
)
_IS_DAY = re.compile(r"^\d{1,2}\.? \w+(?: \d{4})?$|\b(?:19|20)\d\d$|\b\d{1,2}(?:st|nd|rd|th)\b")
_PARTICLE = re.compile(
    r"(?:al|bin|d|da|das|de|del|den|der|di|do|dos|du|el|ibn|la|le|ten|ter|van|vom|von|zu)\b|.{0,2}['’]"
)
_JOINED = re.compile(
    r"\s*(?:,\s*(?:and|&|und|et|och|og|y|e|en|и)\s|;|\s/\s|,(?!\s*(?:jr|sr|ph\.?d|md|m\.d)\b)|、|\s(?:and|&|und|et|och|og|и|(?:y|e|en)(?=\s\S+\s\S))\s)\s*",
    re.IGNORECASE,
)
_NAMES = 8
_LABELS = re.compile(
    r"\b(?:written|author|by|écrit|auteur|verfasst|autor|escrito|scritto|geschreven|skriven|автор|написано)"
)
_IN_TEXT = re.compile(
    r"(?:^|[|•·—–] ?)(?:[Ww]ritten by|[Pp]osted by|[Bb]y|BY|Von|VON|Par|PAR|Por|POR|Di|Door|Av|Af|Автор:?) "
    r"((?:[^\W\d_a-z][\w.’'-]*)(?: (?:de|van|von|der|da|di|el|al|[^\W\d_a-z][\w.’'-]*)){1,3})(?= ?[|•·—–,]|\n|$)",
    re.MULTILINE,
)
"""A byline fills its line: a name after such a word in the middle of a sentence is somebody else's."""
_REPLY = re.compile(r"comment|reply|respond|avatar|photo|image")
"""Somebody else on the same page."""
_BYLINE = re.compile(
    r"(?<![a-z])(?:authors?(?!i)|submitted|contributor|creator|auteur|autor(?!i)|writer|verfasser|redakteur)|by-?line|"
    r"(?:article|post|entry|story)author"
)
_PEOPLE = re.compile(
    r"/(?:authors?|auteurs?|autor(?:en|es)?|contributors?|journalistes?|redakteure?|writers?|reporters?)[/.]"
)
"""Where sites keep the pages of those who write them."""


def named(raw: Iterable[object], *, not_these: Iterable[str] = ()) -> str | None:
    """The people named by some texts, joined by commas; None when nobody is.

    Args:
        raw: names or bylines, each of one person or several.
        not_these: names of the site, which is nobody's name.
    """
    found: dict[str, str] = {}
    sites = {site.casefold() for site in not_these}
    for item in raw:
        for name in _JOINED.split(tidy.text(item, 400) or ""):
            clean = name_of(name)
            if clean is not None and clean.casefold() not in sites:
                found.setdefault(clean.casefold(), clean)
    people = list(found.values())
    if any(" " in name for name in people):
        people = [name for name in people if not is_handle(name)]  # what somebody is, after the name: `cook`
    return tidy.text(", ".join(people[:_NAMES]), tidy.NAME)


def fullest(told: Iterable[str]) -> str | None:
    """The first that a page says of its author, or what it says further on, if that is the same name written out.

    Args:
        told: people as `named` gives them, in the order of who says so.
    """
    everybody = list(told)
    first = next((names for names in everybody if not is_handle(names)), next(iter(everybody), None))
    return next((names for names in everybody if names.startswith(f"{first} ") and "," not in names), first)


def name_of(text: str) -> str | None:
    """One name without the words around it; None for what is no name."""
    name = _LABEL.sub("", _BY.sub("", text))
    after = _AFTER.search(name, 1)
    name = name[: after.start() if after else None].strip(" ,;:.-–—|•\"'“”()")
    folded = name.casefold()
    if not 2 <= len(name) <= 60 or folded in _NOBODY or _NOT_A_NAME.search(name) or len(name.split()) > 6:
        return None
    is_name = any(map(str.isalpha, name)) and not _is_sentence(name) and not _IS_DAY.search(name)
    return _in_small_letters(name) if is_name else None


def _in_small_letters(name: str) -> str:
    """`JANE DOE`, as some bylines are set, the way she writes herself."""
    shouted = name.isupper() and all(len(word) > 1 for word in name.split()) and len(max(name.split(), key=len)) > 3
    return name.title() if shouted and " " in name else name


def _is_sentence(name: str) -> bool:
    # Names of several words begin with a capital, or with what stands before a family's name.
    return " " in name and name[0].islower() and not _PARTICLE.match(name)


def in_reading_order(name: str) -> str:
    """`Curie, Marie`, as citations write it, the way she signed."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and "," not in first else name


def is_handle(name: str) -> bool:
    """Whether a name is what somebody signs in with, as `jdoe`: a byline knows better."""
    return " " not in name and name.islower()


def is_written_out(names: str) -> bool:
    """Whether people are named as a byline names them: neither by a handle, nor in words as `About the author`."""
    return not is_handle(names) and not names.rpartition(" ")[2][0].islower()


def is_label(label: str) -> bool:
    """Whether a card's label announces the author, as `Written by`."""
    return bool(_LABELS.search(label.casefold()))


def in_text(text: str) -> str | None:
    """The people that a byline in running text names, as in `By Jane Doe`."""
    found = _IN_TEXT.search(text)
    return named([found[1]]) if found else None


def is_marked(element: Element) -> bool:
    """Whether a page says for machines too that this is its author, not only by how it looks."""
    return "author" in f"{element.attribute('rel')} {element.attribute('itemprop')}".lower()


def shown(element: Element) -> str | None:
    """The people that a visible piece of a page names, if it is a byline."""
    told = f"{element.attribute('rel')} {element.attribute('itemprop')} {element.attribute('class')}".lower()
    if not _BYLINE.search(told) and not _PEOPLE.search(element.attribute("href")):
        return None
    if _REPLY.search(f"{told} {element.attribute('id')} {element.attribute('for')}".lower()):
        return None
    return named(element.names[:3]) or named([element.text] if len(element.text) < 200 else [])
