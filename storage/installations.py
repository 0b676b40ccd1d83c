"""Keeper of installations. Tokens are sealed under a key that belongs to installations alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import SecretStr, TypeAdapter
from sqlalchemy import Row, delete, func, select

from core.errors import Tampered, WrongRootKey
from core.model import Account, Installation, Platform
from storage import codec
from storage.groups import workspace_mark
from storage.journal import Erased
from storage.sql import SqlStorage
from storage.tables import InstallationRow, table
from storage.transaction import Transaction
from storage.vault import Key

INSTALLATIONS: Final = table(InstallationRow)


@dataclass(frozen=True, slots=True)
class _Sealed:
    """An installation as it is sealed: the one place where its token is plain text."""

    name: str
    token: str
    bot: Account
    bot_id: str
    scopes: frozenset[str]


_CODEC: Final = TypeAdapter(_Sealed)


class SqlInstallations:
    """See `core.ports.Installations`.

    Args:
        storage: where they are kept.
    """

    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage

    async def get(self, platform: Platform, workspace: str) -> Installation | None:
        """See `core.ports.Installations`."""
        async with self._storage.transaction() as records:
            tx = records.transaction
            mark = workspace_mark(tx.master, platform, workspace)
            row = await tx.one(select(INSTALLATIONS).where(INSTALLATIONS.c.workspace == mark))
            if row is None:
                return None
            kept = codec.read(_CODEC, _key(tx).unseal(row.sealed, _place(mark)))
            return Installation(
                platform,
                workspace,
                kept.name,
                SecretStr(kept.token),
                kept.bot,
                kept.bot_id,
                kept.scopes,
                row.installed_at,
            )

    async def put(self, installation: Installation) -> None:
        """See `core.ports.Installations`."""
        token = installation.token.get_secret_value()
        plain = _Sealed(installation.name, token, installation.bot, installation.bot_id, installation.scopes)
        async with self._storage.transaction() as records:
            tx = records.transaction
            mark = workspace_mark(tx.master, installation.platform, installation.workspace)
            sealed = _key(tx).seal(_CODEC.dump_json(plain), _place(mark))
            values = {"workspace": mark, "sealed": sealed, "installed_at": installation.installed_at}
            await tx.upsert(INSTALLATIONS, values)

    async def remove(self, platform: Platform, workspace: str) -> bool:
        """See `core.ports.Installations`."""
        async with self._storage.transaction() as records:
            mark = workspace_mark(records.transaction.master, platform, workspace)
            records.transaction.journal(Erased.INSTALLATION, "", [mark])
            gone = delete(INSTALLATIONS).where(INSTALLATIONS.c.workspace == mark)
            return (await records.transaction.run(gone)).rowcount == 1


@dataclass(frozen=True, slots=True)
class Held:
    """One workspace's token, for whoever looks after the server.

    Attributes:
        name: the workspace's; empty when the row can't be read.
        token: its bot's; None when the row can't be read.
        installed_at: when it was handed over.
    """

    name: str
    token: SecretStr | None
    installed_at: datetime


async def held(storage: SqlStorage, at_most: int) -> tuple[int, Sequence[Held]]:
    """How many workspaces there are, and those that came last. Changes nothing. Raises StorageUnavailable."""
    async with storage.transaction() as records:
        tx = records.transaction
        counted = await tx.one(select(func.count().label("number")).select_from(INSTALLATIONS))
        latest = select(INSTALLATIONS).order_by(INSTALLATIONS.c.installed_at.desc()).limit(at_most)
        rows = await tx.all(latest)
        return int(counted.number) if counted else 0, [_held(tx, row) for row in rows]


def _held(tx: Transaction, row: Row[Any]) -> Held:
    try:
        kept = codec.read(_CODEC, _key(tx).unseal(row.sealed, _place(row.workspace)))
    except (Tampered, WrongRootKey):
        return Held("", None, row.installed_at)
    return Held(kept.name, SecretStr(kept.token), row.installed_at)


def _key(tx: Transaction) -> Key:
    return tx.master.derive("installations")


def _place(mark: bytes) -> tuple[str, ...]:
    return "installation", "sealed", mark.hex()
