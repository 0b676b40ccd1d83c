"""Keeper of sign-in links and sessions: found by a look-up of their secret, opened by a key that only it gives."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, select

from core.model import Pass, PassKind
from storage import codec
from storage.tables import PassRow, table
from storage.transaction import Transaction

PASSES: Final = table(PassRow)


class SqlPasses:
    """See `core.ports.Passes`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def put(self, kind: PassKind, secret: str, holder: Pass, expires_at: datetime) -> None:
        """See `core.ports.Passes`."""
        mark = self._mark(kind, secret)
        sealed = self._tx.master.derive("pass", kind, secret).seal(codec.PASS.dump_json(holder), _place(mark))
        await self._tx.run(PASSES.insert().values(mark=mark, sealed=sealed, expires_at=expires_at))

    async def get(self, kind: PassKind, secret: str) -> Pass | None:
        """See `core.ports.Passes`."""
        row = await self._tx.one(select(PASSES.c.sealed).where(*self._in_force(kind, secret)))
        return None if row is None else self._open(kind, secret, row.sealed)

    async def take(self, kind: PassKind, secret: str) -> Pass | None:
        """See `core.ports.Passes`."""
        taken = delete(PASSES).where(*self._in_force(kind, secret)).returning(PASSES.c.sealed)
        row = (await self._tx.run(taken)).one_or_none()
        return None if row is None else self._open(kind, secret, row.sealed)

    def _in_force(self, kind: PassKind, secret: str) -> tuple[ColumnElement[bool], ...]:
        return PASSES.c.mark == self._mark(kind, secret), PASSES.c.expires_at > self._tx.now()

    def _mark(self, kind: PassKind, secret: str) -> bytes:
        return self._tx.master.lookup("pass", kind, secret)

    def _open(self, kind: PassKind, secret: str, sealed: bytes) -> Pass:
        plain = self._tx.master.derive("pass", kind, secret).unseal(sealed, _place(self._mark(kind, secret)))
        return codec.read(codec.PASS, plain)


def _place(mark: bytes) -> tuple[str, ...]:
    return "pass", "sealed", mark.hex()
