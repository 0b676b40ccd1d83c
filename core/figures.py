"""Figures across groups: taken in from those who said yes to it, released once a week, frozen (privacy.md)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from core.across import Drawn, costs, release_across
from core.anonymity import Noise
from core.errors import AlreadyKept
from core.ledger import Ledger
from core.model import Contribution, Intake, Person, Preview, PublishedWeek, Purpose, Standing, Week
from core.opaque import is_opaque
from core.ports import Now, Records, Sitemaps, Storage
from core.schedules import finished_week, monday_of, week_of
from core.urls import CleanUrl

ZONE = "UTC"
"""Weeks across groups are those of UTC, for groups of every zone."""
RELEASED_AFTER = timedelta(hours=1)
"""From a week's end to its release: for what was posted in it and is still to be worked off."""
AT_MOST_LATE = timedelta(hours=24)
"""A week that could not be released within a day of its end is destroyed unread: nothing waits for more than 8 days."""


@dataclass(frozen=True, slots=True)
class FigureOutside:
    """What figures need from outside."""

    storage: Storage
    noise: Noise
    sitemaps: Sitemaps
    now: Now


class FigureService:
    """Releases each week's figures once. The calendar alone says when: a week in which nobody shared is released too.

    Args:
        outside: storage, noise, the operator's sitemaps, the clock.
    """

    def __init__(self, outside: FigureOutside) -> None:
        self._outside = outside

    async def tick(self) -> bool:
        """Release the week that is over, if it is time to; whether it was done now. Safe on every replica.

        Raises:
            BudgetSpent: the ledger has no room for it, so that nothing is released.
        """
        now = self._outside.now()
        week = finished_week(now, ZONE)
        try:
            async with self._outside.storage.transaction() as records:
                released = is_due(week, now) and await self._release(records, week)
                await records.contributions.destroy(over(now))
                return released
        except AlreadyKept:
            return False  # another replica released it at the same moment

    async def of_week(self, week: Week) -> PublishedWeek | None:
        """A week's figures, as they were frozen; None when there are none, or no longer."""
        async with self._outside.storage.transaction() as records:
            return await records.figures.get(week)

    async def latest(self, limit: int = 1) -> list[PublishedWeek]:
        """The newest weeks, newest first."""
        async with self._outside.storage.transaction() as records:
            return await records.figures.latest(limit)

    async def take_sitemaps(self) -> int:
        """Write down which pages domains list, for the week to come; how many domains there are.

        Raises:
            SitemapUnreadable, TooManyPages: as `Sitemaps.read`.
        """
        sitemaps = await self._outside.sitemaps.read()
        coming = week_of(self._outside.now() + timedelta(days=7), ZONE)
        async with self._outside.storage.transaction() as records:
            for sitemap in sitemaps:
                await records.figures.set_sitemap(coming, sitemap)
        return len(sitemaps)

    async def _release(self, records: Records, week: Week) -> bool:
        ledger = Ledger(await records.figures.spent())  # read first: it has no line of a release not found below
        if await records.figures.get(week) is not None:
            return False
        for spending in costs(week):
            ledger = ledger.spend(spending)
            await records.figures.spend(spending)
        sitemaps = await records.figures.sitemaps(week)
        drawn = release_across(await records.contributions.take(week), sitemaps, self._outside.noise)
        await records.figures.add(published(week, drawn, ledger, self._outside.now()))
        return True


def published(week: Week, drawn: Drawn, ledger: Ledger, at: datetime) -> PublishedWeek:
    """What is frozen of a week, its price with it."""
    cost, year = ledger.week(week), ledger.year(monday_of(week).isocalendar().year)
    return PublishedWeek(
        week, drawn.domains, drawn.pages, drawn.sites, cost.epsilon, cost.delta, year.epsilon, year.delta, at
    )


# When -------------------------------------------------------------------------------------------------------------


def ends_at(week: Week) -> datetime:
    """The moment a week is over."""
    return datetime.combine(monday_of(week) + timedelta(days=7), time(), UTC)


def is_due(week: Week, now: datetime) -> bool:
    """Whether a week is to be released by now, and not too late."""
    return RELEASED_AFTER <= now - ends_at(week) < AT_MOST_LATE


def over(now: datetime) -> Week:
    """The latest week of which nothing may be left by now."""
    return finished_week(now - RELEASED_AFTER, ZONE)


def next_release(now: datetime) -> datetime:
    """When the next week is released."""
    return ends_at(week_of(now - RELEASED_AFTER, ZONE)) + RELEASED_AFTER


# What members contribute ------------------------------------------------------------------------------------------


async def contribute(
    records: Records, standing: Standing, intake: Intake, seen: Iterable[tuple[CleanUrl, Preview | None]], now: datetime
) -> None:
    """Take in what a member who said yes to statistics shared: pages that anybody can read, and nothing else.

    A page that we could not read ourselves may be behind a login, or unlisted where its site describes it to whoever
    has its address; one that says `noindex` does not want to be found; and an opaque address may be somebody's key,
    also when its member knows that it is not: none of them is counted.
    Nor is what is worked off when its week is over.
    """
    week = week_of(intake.version, ZONE)
    if Purpose.STATISTICS not in standing.consent.purposes or week <= over(now):
        return
    address = standing.group.address
    person = Person(address.platform, address.workspace, intake.account)
    for clean, preview in seen:
        read = preview is not None and not preview.by_provider and not preview.noindex
        if read and not is_opaque(clean.display):
            await records.contributions.add(Contribution(intake.group, person, clean.key, clean.site, week))
