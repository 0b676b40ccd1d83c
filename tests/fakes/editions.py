"""Frozen weeks to show: a full one, one of a small group, a short one."""

from datetime import UTC, datetime, timedelta

from core.anonymity import Gate
from core.model import Edition, Entry, GroupId, LinkId, Week
from core.ranking import Candidate, explain

FROZEN_AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOSTILE = '<b>Free</b> & "safe" \u202egnp.exe\u202c \U0001f600\n' + "very " * 400 + "long"
PAGES = (
    ("How a letter travels", "post.example", 9, 120),
    ("Le train de nuit, et pourquoi il revient", "gazette.example", 6, 14),
    (HOSTILE, "a-rather-long-registrable-domain-of-somebody.example", 3, -1),
    ("A map of every lighthouse", "atlas.example", 2, 7),
    ("", "gazette.example", 1, 4),
)


def entry(place: int, *, told: bool = True) -> Entry:
    """A line of a digest."""
    title, site, shares, clicks = PAGES[place % len(PAGES)]
    noisy = clicks if told else None
    shared = FROZEN_AT - timedelta(days=3, hours=place)
    reactions = (4, 1, 0, 0, 0)[place % len(PAGES)]
    candidate = Candidate(f"{place:064x}", site, shares, reactions, noisy, shared)
    return Entry(
        link=LinkId(f"link-{place}"),
        title=title,
        site=site,
        url=f"{site}/page/{place}",
        short_url=f"https://links.example/Code{place:012d}",
        shares=shares,
        clicks=noisy,
        first_shared_at=shared,
        terms=explain(candidate, FROZEN_AT, earlier_of_site=int(site == "gazette.example" and not title)),
        reactions=reactions,
    )


def week_of(links: int, gate: Gate = Gate.PER_LINK, language: str = "en", size: int = 5) -> Edition:
    """The edition of a week with so many links, in a group whose size lets it read what `gate` says."""
    told = gate is Gate.PER_LINK
    shared = (entry(place, told=told) for place in range(links))
    entries = tuple(sorted(shared, key=lambda each: -each.terms.score))
    shares = sum(each.shares for each in entries)
    clicks = {Gate.PER_LINK: 144, Gate.TOTAL: 23, Gate.NOTHING: None}[gate]
    by_day = (0, 0, 0, shares - 1, 0, 1, 0) if shares else (0,) * 7
    return Edition(
        GroupId("g"), Week("2026-W47"), language, entries[:size], entries[size:], shares, clicks, by_day, FROZEN_AT
    )
