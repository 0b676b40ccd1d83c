"""When a message gets a card, and what is on it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.links import short_url
from core.model import Card, CardLink, Intake, Standing, Taking, TrackedLink
from core.pages import Unfurled
from core.ports import Now

CARD_FOR_AT_MOST = 2
"""Three links or more in one message get no card (product.md, rule 8)."""
NOT_SHOWN_AGAIN_FOR = timedelta(minutes=30)
CARD_CUTOFF = timedelta(minutes=30)
"""A card that could not be posted for so long would surprise more than it helps."""


class Cards:
    """Makes the cards of messages.

    Args:
        now: the clock.
        public_url: what short URLs begin with.
        offers_fact_checks: whether a card may offer to look for them.
    """

    def __init__(self, now: Now, public_url: str, *, offers_fact_checks: bool) -> None:
        self._now = now
        self._public_url = public_url
        self._offers_fact_checks = offers_fact_checks

    def card(self, standing: Standing, intake: Intake, links: Sequence[tuple[TrackedLink, Unfurled]]) -> Card | None:
        """A message's card, for those of its links that were not shown a short while ago; None when it gets none."""
        fresh = [each for each in links if not _shown_lately(each[0], self._now())]
        if intake.edited or not fresh or len(links) > CARD_FOR_AT_MOST:
            return None
        shown = tuple(self._card_link(link, unfurled) for link, unfurled in fresh)
        whole = intake.bare and len(shown) == len(intake.links)  # nothing of the message would be lost
        replaces = whole and standing.consent.replaces and standing.group.taking is Taking.REPLACE
        return Card(intake.account, intake.message, shown, standing.group.language, intake.topic, replaces)

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
