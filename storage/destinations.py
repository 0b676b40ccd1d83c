"""Where codes lead, looked up for visitors: what many ask for at the same time is one look."""

from collections.abc import Sequence
from typing import Final

from core.model import Code, Destination
from storage.sql import SqlStorage
from storage.together import Together

AT_MOST: Final = 200
"""Codes in one look: their addresses are decrypted while nobody else on this loop gets a turn."""


class Destinations:
    """See `core.ports.LookUp`.

    Args:
        storage: where links are kept.
    """

    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._together: Together[Code, Destination | None] = Together(self._look, AT_MOST)

    async def __call__(self, code: Code) -> Destination | None:
        """Where a code leads; None for a code never minted. Raises StorageUnavailable."""
        return await self._together.ask(code)

    async def _look(self, codes: Sequence[Code]) -> list[Destination | None]:
        async with self._storage.reading() as records:
            found = await records.links.destinations(codes)
        return [found.get(code) for code in codes]
