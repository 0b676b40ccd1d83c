"""Members' own tokens, kept in a dictionary beside the consents of a `MemoryStorage`."""

from collections.abc import Collection

from pydantic import SecretStr

from core.model import Account, GroupAddress, Platform
from tests.fakes.memory_storage import MemoryStorage


class MemoryOwnTokens:
    """`OwnTokens` on paper."""

    def __init__(self, storage: MemoryStorage) -> None:
        self._storage = storage
        self.kept: dict[tuple[GroupAddress, Account], SecretStr] = {}

    async def get(self, address: GroupAddress, account: Account) -> SecretStr | None:
        return self.kept.get((address, account)) if self._says_yes(address, account) else None

    async def put(self, address: GroupAddress, account: Account, token: SecretStr) -> bool:
        if not self._says_yes(address, account):
            return False
        self.kept[address, account] = token
        return True

    async def remove(self, address: GroupAddress, account: Account) -> bool:
        return self.kept.pop((address, account), None) is not None

    async def revoked(self, platform: Platform, workspace: str, accounts: Collection[Account]) -> int:
        where = (platform, workspace)
        dead = [key for key in self.kept if (key[0].platform, key[0].workspace) == where and key[1] in accounts]
        for key in dead:
            del self.kept[key]
        return len(dead)

    def _says_yes(self, address: GroupAddress, account: Account) -> bool:
        """A token whose consent is gone is gone with it."""
        groups = {each.id for each in self._storage.state.groups.values() if each.address == address}
        if any((group, account) in self._storage.state.consents for group in groups):
            return True
        self.kept.pop((address, account), None)
        return False
