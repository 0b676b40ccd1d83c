"""Keeper of previews: found by a look-up of their address, opened by a key that only their address gives."""

from datetime import datetime
from typing import Final

from sqlalchemy import select

from core.model import Preview
from core.ports import CachedPreview
from storage import codec
from storage.tables import PreviewRow, table
from storage.transaction import Transaction

PREVIEWS: Final = table(PreviewRow)


class SqlPreviews:
    """See `core.ports.Previews`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def get(self, key: str) -> CachedPreview | None:
        """See `core.ports.Previews`."""
        mark = self._tx.master.lookup("preview", key)
        query = select(PREVIEWS.c.sealed).where(PREVIEWS.c.mark == mark, PREVIEWS.c.expires_at > self._tx.now())
        row = await self._tx.one(query)
        if row is None:
            return None
        plain = self._tx.master.derive("preview", key).unseal(row.sealed, _place(mark))
        return CachedPreview(codec.read(codec.PREVIEW, plain))

    async def put(self, key: str, preview: Preview | None, expires_at: datetime) -> None:
        """See `core.ports.Previews`."""
        mark = self._tx.master.lookup("preview", key)
        sealed = self._tx.master.derive("preview", key).seal(codec.PREVIEW.dump_json(preview), _place(mark))
        await self._tx.upsert(PREVIEWS, {"mark": mark, "sealed": sealed, "expires_at": expires_at})


def _place(mark: bytes) -> tuple[str, ...]:
    return "preview", "sealed", mark.hex()
