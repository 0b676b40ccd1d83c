"""Which of a page's titles is its headline, and what the site calls itself (pure)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_SEPARATOR = re.compile(r"\s+[|\-–—·•«»:/~]+\s+|\s*[|｜»‹›•]\s*|\s+::\s+|\s*:\s+|(?<=\S)\s*[–—]\s+|\s*[-_](?=[^-_]+$)")
_MARK = re.compile(r"[|\-–—·•«»:/~_｜‹›]")
_SURE = re.compile(r"\s+[|\-–—·•«»~/]+\s+|\s*[|｜»]\s*|\s+::\s+")
_BAR = re.compile(r"\s+(?:[|»·•]|::)\s+")
_NOT_LETTERS = re.compile(r"[\W_]+")
_WORD = re.compile(r"\w+")
_ANCHOR = re.compile(r"\s*[¶§#🔗]+$")
_ENOUGH = 12
"""Folded characters from which a heading that stands inside a title is the headline itself."""
_SENTENCE = 3
"""Words."""


@dataclass(frozen=True, slots=True)
class Titles:
    """What a page offers as its title."""

    social: Sequence[str]
    """og:title, twitter:title, in this order."""
    headlines: Sequence[str]
    """JSON-LD's headline or name, microdata's, other metadata's."""
    document: str
    """The title element."""
    headings: Sequence[str]
    """The h1 elements."""


def folded(text: str) -> str:
    """A text as it is compared: letters and figures, in one case."""
    return _NOT_LETTERS.sub("", text.casefold())


def headline(titles: Titles, sites: Iterable[str], host: str) -> str | None:
    """The headline: what a reader sees over the text, confirmed by what the page says of itself.

    Args:
        titles: the candidates, tidied.
        sites: names of the site, to be taken off a title's end or beginning.
        host: where the page is, whose name a title may end in too.
    """
    names = {folded(name) for name in sites if name} | host_names(host)
    claims = [
        bare for text in (*titles.social, *titles.headlines, titles.document) if (bare := without_site(text, names))
    ]
    folds = {claim: folded(claim) for claim in claims}
    claims = [claim for claim in claims if folds[claim] not in names] or claims
    headings = [_ANCHOR.sub("", text) for text in titles.headings]
    headings = [text for text in headings if len(folded(text)) > 1 and folded(text) not in names]
    if not headings and not titles.social and not titles.headlines:
        return _longest_part(titles.document if not claims else claims[0])
    if headings and len(headings[0].split()) >= _SENTENCE and all(folds[claim] in names for claim in claims):
        return headings[0]  # the page's data name the site on every page of it
    return _confirmed(headings, claims, folds) or _voted(claims, folds) or next(iter(headings), None)


def host_names(host: str) -> set[str]:
    """What a title may call a site, going by its host: `bbc`, `bbcco`, `bbccouk`, `wwwbbccouk`."""
    labels = host.removeprefix("www.").split(".")
    folds = [folded(label) for label in labels]
    joined = {"".join(folds[:count]) for count in range(1, len(folds) + 1)}
    inner = {fold for label, fold in zip(labels[:-1], folds, strict=False) if len(label) > 3}
    return joined | inner | {f"{before}{name}" for name in joined for before in ("the", "www")}


def without_site(text: str, names: set[str]) -> str:
    """A title without the site's name at its end or beginning."""
    for _ in range(3):
        cut = _cut_once(text, names)
        if cut == text:
            break
        text = cut
    return text


def _cut_once(text: str, names: set[str]) -> str:
    if not _MARK.search(text):
        return text
    breaks = list(_SEPARATOR.finditer(text))[:12]
    for found in breaks[::-1][:4]:
        if found.start() > 0 and folded(text[found.end() :]) in names:
            return text[: found.start()].rstrip()
    for found in breaks[:2]:
        if found.end() < len(text) and folded(text[: found.start()]) in names:
            return text[found.end() :].lstrip()
    return text


def site_in(document: str, others: Iterable[str]) -> str | None:
    """The site's name at the end of a title element that begins with the headline."""
    whole = document.strip()
    for other in others:
        rest = whole[len(other) :]
        if other and whole.startswith(other) and (found := _SURE.match(rest)):
            parts = _SURE.split(rest[found.end() :])
            return parts[-1].strip() or None
    return None


def _longest_part(document: str) -> str | None:
    # Nothing else tells the headline from the site's name and the section's.
    return max((part.strip() for part in _SURE.split(document)), key=len) or None


def _confirmed(headings: Sequence[str], claims: Sequence[str], folds: Mapping[str, str]) -> str | None:
    """A heading that is one of the claims, stands in one, or says nearly the same."""
    owns = [folded(heading) for heading in headings]
    told = {folds[claim] for claim in claims}
    for heading, own in zip(headings, owns, strict=True):
        if own in told:
            return heading
    for heading, own in zip(headings, owns, strict=True):
        for claim in claims:
            if _stands_in(own, folds[claim]):
                return heading
            if _stands_in(folds[claim], own):
                return claim
    if len(headings) == 1 and any(_alike(headings[0], claim) for claim in claims):
        return headings[0]
    return None


def _stands_in(part: str, whole: str) -> bool:
    # A section's name stands in a title too, but it is short against it.
    share = 0.34 if whole.startswith(part) else 0.5
    return len(part) >= _ENOUGH and part in whole and len(part) >= share * len(whole)


def _alike(one: str, other: str) -> bool:
    first, second = set(_WORD.findall(one.casefold())), set(_WORD.findall(other.casefold()))
    return min(len(first), len(second)) > 2 and len(first & second) >= 0.5 * min(len(first), len(second))


def _voted(claims: Sequence[str], folds: Mapping[str, str]) -> str | None:
    # Said twice beats said once; then the order in which they were given.
    votes: dict[str, list[str]] = {}
    for claim in claims:
        votes.setdefault(folds[claim], []).append(claim)
    return _without_last_part(max(votes.values(), key=len)[0]) if votes else None


def _without_last_part(title: str) -> str:
    # After a bar, and shorter than what stands before it, it is a site whose name the page does not say elsewhere.
    before, *after = _BAR.split(title)
    return before if after and max(map(len, after)) < len(before) else title
