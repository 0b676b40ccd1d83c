"""What the stories of storage begin with."""

from datetime import datetime, timedelta

from core.anonymity import Figure
from core.model import (
    LINK_LIFETIME,
    Account,
    Code,
    Consent,
    Contribution,
    DomainFigures,
    Edition,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    Intake,
    LinkId,
    Person,
    Platform,
    PublishedWeek,
    Purpose,
    ReceiptId,
    Share,
    TrackedLink,
    Week,
)
from core.ports import Now, Storage
from core.urls import CleanUrl

GROUP = GroupId("g1")
ALICE = Account("4711")
BOB = Account("4712")
WEEK = Week("2026-W47")
LEASE = timedelta(seconds=60)


def a_group(now: Now, name: str = GROUP) -> Group:
    address = GroupAddress(Platform.TELEGRAM, "", "-1001")
    return Group(GroupId(name), address, GroupState.ENABLED, now(), "Book club")


def a_clean_url(page: str = "a") -> CleanUrl:
    return CleanUrl(f"https://news.example/{page}?q=1", f"news.example/{page}", "news.example", ("utm_source",))


def a_link(now: Now, page: str = "a", group: GroupId = GROUP) -> TrackedLink:
    code = Code(f"{page:0>16}")
    return TrackedLink(
        LinkId(f"link-{page}"), group, code, a_clean_url(page), f"Title {page}", now(), now() + LINK_LIFETIME
    )


def a_consent(now: Now, *purposes: Purpose, receipt: str = "receipt-1") -> Consent:
    return Consent(frozenset(purposes or {Purpose.SHARES}), "member-1", now(), ReceiptId(receipt))


def a_share(
    at: datetime,
    page: str = "a",
    account: Account = ALICE,
    *,
    week: Week = WEEK,
    message: str = "m1",
    counts: bool = True,
) -> Share:
    return Share(GROUP, LinkId(f"link-{page}"), account, week, at, message, counts)


def an_intake(now: Now, group: GroupId = GROUP) -> Intake:
    return Intake(group, ALICE, "m1", (a_clean_url(),), now())


def an_edition(now: Now, week: Week = WEEK) -> Edition:
    return Edition(GROUP, week, "fr", (), (), 3, None, (1, 0, 2, 0, 0, 0, 0), now())


def a_person(account: Account = ALICE, platform: Platform = Platform.TELEGRAM, workspace: str = "") -> Person:
    return Person(platform, workspace, account)


def a_contribution(
    page: str = "a", account: Account = ALICE, group: GroupId = GROUP, week: Week = WEEK, site: str = "news.example"
) -> Contribution:
    return Contribution(group, a_person(account), f"https://{site}/{page}", site, week)


def a_published_week(now: Now, week: Week = WEEK) -> PublishedWeek:
    listed = DomainFigures("news.example", 2, 17, (Figure("https://news.example/a", 19),))
    pages = Figure("https://blog.example/\u00e9", 51), Figure("https://blog.example/z", 44)
    return PublishedWeek(week, (listed,), pages, (Figure("blog.example", 60),), 1.5, 1.685e-06, 3.0, 3.37e-06, now())


async def kept(storage: Storage, group: Group) -> Group:
    """Keep a group in a transaction of its own."""
    async with storage.transaction() as records:
        await records.groups.add(group)
    return group


async def a_kept_link(storage: Storage, now: Now, page: str = "a") -> TrackedLink:
    """Keep a link in a transaction of its own."""
    link = a_link(now, page)
    async with storage.transaction() as records:
        await records.links.add(link)
    return link
