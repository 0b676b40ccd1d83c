"""When a message gets a card, and what is on it."""

from dataclasses import replace
from datetime import datetime, timedelta

from core.links import short_url
from core.model import Card, CardLink, Intake, Standing, Taking, TrackedLink
from core.pages import Unfurled
from core.ports import Now, Records

CARD_FOR_AT_MOST = 2
"""Three links or more in one message get no card (product.md, rule 8)."""
NOT_SHOWN_AGAIN_FOR = timedelta(minutes=30)
CARD_CUTOFF = timedelta(minutes=30)
"""A card that could not be posted for so long would surprise more than it helps."""


class Cards:
    """Asks for the cards of messages.

    Args:
        now: the clock.
        public_url: what short URLs begin with.
        offers_fact_checks: whether a card may offer to look for them.
    """

    def __init__(self, now: Now, public_url: str, *, offers_fact_checks: bool) -> None:
        self._now = now
        self._public_url = public_url
        self._offers_fact_checks = offers_fact_checks

    async def ask_for(
        self, records: Records, standing: Standing, intake: Intake, links: list[tuple[TrackedLink, Unfurled]]
    ) -> None:
        """Put a message's card into the outbox, if it gets one."""
        now, group = self._now(), standing.group
        fresh = [each for each in links if not _shown_lately(each[0], now)]
        if intake.edited or not fresh or len(links) > CARD_FOR_AT_MOST:
            return
        for link, _ in fresh:
            await records.links.save(replace(link, shown_at=now))
        shown = tuple(self._card_link(link, unfurled) for link, unfurled in fresh)
        whole = intake.bare and len(shown) == len(intake.links)  # nothing of the message would be lost
        replaces = whole and standing.consent.replaces and group.taking is Taking.REPLACE
        card = Card(intake.account, intake.message, shown, group.language, intake.topic, replaces)
        if not await records.outbox.put(group.id, f"card:{intake.message}", card, now + CARD_CUTOFF):
            # the message had its card for other links; now its member has handed over the rest
            await records.outbox.put(group.id, f"again:{intake.message}", card, now + CARD_CUTOFF)

    def _card_link(self, link: TrackedLink, unfurled: Unfurled) -> CardLink:
        return CardLink(
            link.id,
            link.clean.display,
            short_url(self._public_url, link.code),
            link.clean.site,
            unfurled.clean.removed,
            unfurled.preview,
            checkable=self._offers_fact_checks and bool(unfurled.title),
        )


def _shown_lately(link: TrackedLink, now: datetime) -> bool:
    return link.shown_at is not None and now - link.shown_at < NOT_SHOWN_AGAIN_FOR
