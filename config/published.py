"""What an operator reads of the figures across groups: a frozen week, in words."""

from config.keys import beside
from config.settings import Settings
from core.model import PublishedWeek, Week
from texts.across import lines
from texts.catalogue import Words


async def published(settings: Settings, week: str, words: Words) -> list[str] | None:
    """A week's figures across groups in the operator's words, as they were frozen; None where there are none.

    Args:
        settings: which database, which key.
        week: an ISO week in UTC, as `2026-W47`, or `latest`.
        words: the operator's.
    """
    async with beside(settings) as storage, storage.transaction() as records:
        found = await records.figures.latest(1) if week == "latest" else [await records.figures.get(Week(week))]
    weeks: list[PublishedWeek] = [each for each in found if each is not None]
    return list(lines(weeks[0], words)) if weeks else None
