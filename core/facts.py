"""Somebody asks whether there is a fact check: what others published goes to the asker alone, and is forgotten."""

from dataclasses import dataclass

from core.errors import FactChecksUnavailable, LinkGone
from core.model import FactCheck, GroupAddress, LinkId
from core.ports import FactChecks, Storage


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up gave."""

    title: str
    """What was looked up: the page's own title."""
    checks: tuple[FactCheck, ...]


class FactService:
    """Looks fact checks up, only when asked. Nothing about it is kept, counted or logged.

    Args:
        storage: knows the title of a link.
        checks: the published fact checks; None where the operator has no access to any.
    """

    def __init__(self, storage: Storage, checks: FactChecks | None) -> None:
        self._storage = storage
        self._checks = checks

    async def about(self, address: GroupAddress, link: LinkId) -> Found:
        """The fact checks that have to do with a link of a group.

        Raises:
            LinkGone: it is not kept any more, or its page never told a title.
            FactChecksUnavailable: nobody can be asked now.
        """
        if self._checks is None:
            raise FactChecksUnavailable
        title = await self._title(address, link)
        return Found(title, tuple(await self._checks.about(title)))

    async def _title(self, address: GroupAddress, link: LinkId) -> str:
        async with self._storage.transaction() as records:
            group = await records.groups.at(address)
            kept = await records.links.get(group.id, link) if group is not None else None
        if kept is None or not kept.title:
            raise LinkGone
        return kept.title
