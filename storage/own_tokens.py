"""Keeper of members' own tokens: a column beside the consent, so that whatever erases a consent erases its token."""

from collections.abc import Collection
from typing import Final

from pydantic import SecretStr
from sqlalchemy import ColumnElement, select, update

from core.model import Account, GroupAddress, GroupId, Platform
from storage.consents import CONSENTS, member_mark
from storage.journal import Erased
from storage.sql import SqlRecords, SqlStorage
from storage.vault import Key

_PURPOSE: Final = "own token"


class SqlOwnTokens:
    """See `core.ports.OwnTokens`.

    Args:
        storage: where consents are kept.
    """

    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage

    async def get(self, address: GroupAddress, account: Account) -> SecretStr | None:
        """See `core.ports.OwnTokens`."""
        async with self._storage.reading() as records:
            group = await records.groups.at(address)
            key = await records.transaction.keys.of(group.id) if group else None
            if group is None or key is None:
                return None
            member = member_mark(key, account)
            row = await records.transaction.one(select(CONSENTS.c.own_token).where(*_mine(group.id, member)))
            if row is None or row.own_token is None:
                return None
            plain = key.derive(_PURPOSE).unseal(row.own_token, _place(group.id, member))
            return SecretStr(plain.decode())

    async def put(self, address: GroupAddress, account: Account, token: SecretStr) -> bool:
        """See `core.ports.OwnTokens`."""
        async with self._storage.transaction() as records:
            group = await records.groups.at(address)
            if group is None:
                return False
            key = await records.transaction.write(group.id)
            member = member_mark(key, account)
            plain = token.get_secret_value().encode()
            sealed = key.derive(_PURPOSE).seal(plain, _place(group.id, member))
            kept = update(CONSENTS).where(*_mine(group.id, member)).values(own_token=sealed)
            return (await records.transaction.run(kept)).rowcount == 1

    async def remove(self, address: GroupAddress, account: Account) -> bool:
        """See `core.ports.OwnTokens`."""
        async with self._storage.transaction() as records:
            group = await records.groups.at(address)
            return group is not None and await _erase(records, group.id, account)

    async def revoked(self, platform: Platform, workspace: str, accounts: Collection[Account]) -> int:
        """See `core.ports.OwnTokens`."""
        async with self._storage.transaction() as records:
            groups = await records.groups.of_workspace(platform, workspace)
            erased = [await _erase(records, group.id, account) for group in groups for account in accounts]
        return sum(erased)


async def _erase(records: SqlRecords, group: GroupId, account: Account) -> bool:
    tx = records.transaction
    key: Key | None = await tx.keys.of(group)
    if key is None:
        return False
    member = member_mark(key, account)
    gone = update(CONSENTS).where(*_mine(group, member), CONSENTS.c.own_token.is_not(None)).values(own_token=None)
    if (await tx.run(gone)).rowcount == 0:
        return False
    tx.journal(Erased.HANDED_OVER, group, [member])
    return True


def _mine(group: GroupId, member: bytes) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return CONSENTS.c.group_id == group, CONSENTS.c.member == member


def _place(group: GroupId, member: bytes) -> tuple[str, ...]:
    return "member_consent", "own_token", group, member.hex()
