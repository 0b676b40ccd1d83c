"""What came onto the list of bad addresses after it was shared: no card is posted for it, and no digest names it."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from core.model import Card, CardLink, Digest, Edition, Posting, Revision, WeekOfLink
from core.ports import Records

ListedAs = Callable[[str], Collection[str]]
"""What an address may be listed under, see `core.listed.names_of`."""


def listed_nowhere(_: str) -> Collection[str]:
    """The default, where there is no list."""
    return ()


async def listed_of(records: Records, urls: Iterable[str], listed_as: ListedAs) -> frozenset[str]:
    """Which of some addresses are on the list by now, asked for all of them at once."""
    names = {url: listed_as(url) for url in urls}
    asked = {name for some in names.values() for name in some}
    found = await records.listed.among(asked) if asked else frozenset()
    return frozenset(url for url, some in names.items() if not found.isdisjoint(some))


async def links_to_tell(records: Records, links: Collection[WeekOfLink], listed_as: ListedAs) -> tuple[WeekOfLink, ...]:
    """The links of a week that a digest may name."""
    listed = await listed_of(records, [each.link.clean.display for each in links], listed_as)
    return tuple(each for each in links if each.link.clean.display not in listed)


async def editions_to_show(records: Records, editions: Iterable[Edition], listed_as: ListedAs) -> list[Edition]:
    """Editions without the entries that are listed by now. Their figures stay as they were frozen."""
    frozen = list(editions)
    urls = {each.url for edition in frozen for each in (*edition.entries, *edition.others)}
    listed = await listed_of(records, urls, listed_as)
    return [_without(edition, listed) for edition in frozen] if listed else frozen


def _without(edition: Edition, listed: Collection[str]) -> Edition:
    return replace(
        edition,
        entries=tuple(each for each in edition.entries if each.url not in listed),
        others=tuple(each for each in edition.others if each.url not in listed),
    )


async def posting_to_send(records: Records, posting: Posting, listed_as: ListedAs) -> Posting | None:
    """A posting without what is listed by now; None when nothing is left that could be said."""
    match posting:
        case Card(links=links):
            listed = await listed_of(records, (url for link in links for url in _addresses(link)), listed_as)
            left = tuple(link for link in links if listed.isdisjoint(_addresses(link)))
            # with a link left out, the card no longer says all that its message did
            return replace(posting, links=left, replaces=posting.replaces and left == links) if left else None
        case Digest(edition=edition) | Revision(edition=edition):
            (shown,) = await editions_to_show(records, [edition], listed_as)
            nothing_left = bool(edition.entries) and not shown.entries and not shown.others
            return None if nothing_left and isinstance(posting, Digest) else replace(posting, edition=shown)
        case _:
            return posting


def _addresses(link: CardLink) -> tuple[str, ...]:
    """Where a link of a card leads: its own address, those on the way to its page, and the one that was found at."""
    return (link.url, *link.preview.passed, link.preview.final_url) if link.preview is not None else (link.url,)
