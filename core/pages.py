"""What the pages of a message's links say of themselves, asked at the same time, and which of them are listed."""

from dataclasses import dataclass

from core.errors import LeadsToListed
from core.links_in import LinkRules
from core.listed import names_of
from core.model import GroupId, Intake, Preview
from core.ports import IsListed, Unfurler
from core.together import Together
from core.urls import CleanUrl

FETCHED_AT_MOST = 5
"""Pages asked per message, so that a list of dead links ends well within the lease; the others go without a title."""


@dataclass(frozen=True, slots=True)
class Unfurled:
    """A link that may be counted, with what its page says of itself."""

    clean: CleanUrl
    preview: Preview | None

    @property
    def title(self) -> str:
        """The page's title, or nothing."""
        return (self.preview.title if self.preview else None) or ""


class Pages:
    """Asks pages what they are, no transaction open meanwhile.

    Args:
        holds: knows the list of addresses that spread malware.
        unfurler: asks a page.
        rules: how addresses are spelled.
        together: the links of one message are asked at the same time.
    """

    def __init__(self, holds: IsListed, unfurler: Unfurler, rules: LinkRules, together: Together) -> None:
        self._holds = holds
        self._unfurler = unfurler
        self._rules = rules
        self._together = together

    async def of(self, intake: Intake) -> list[Unfurled | None]:
        """What may be counted of a message's links, in their order; None for one that is listed or leads to one."""
        shown, bare = intake.links[:FETCHED_AT_MOST], intake.links[FETCHED_AT_MOST:]
        asked = await self._together([self._unfurled(clean, intake.group) for clean in shown])
        return [*asked, *[None if await self.is_listed(each.display) else Unfurled(each, None) for each in bare]]

    async def _unfurled(self, clean: CleanUrl, group: GroupId) -> Unfurled | None:
        """A listed link is not even fetched."""
        if await self.is_listed(clean.display):
            return None
        try:
            preview = await self._unfurler.unfurl(clean.display, group)
        except LeadsToListed:
            return None
        if preview is not None and preview.final_url != clean.display and await self.is_listed(preview.final_url):
            return None
        return Unfurled(clean, preview)

    async def is_listed(self, url: str) -> bool:
        """Whether an address was reported. Raises StorageUnavailable."""
        return await self._holds(names_of(url, self._rules.urls))
