"""A messenger that keeps what it posts, and answers as it is told."""

from collections import deque

from core.model import Account, GroupAddress, Offer, Outcome, Posting, Sent


class RecordingMessenger:
    """`Messenger` (and `Roles`) on paper."""

    def __init__(self, *, members: int = 20, can_find: bool = True) -> None:
        self.admins: set[Account] = set()
        self.shared_outside: set[GroupAddress] = set()
        self.size = members
        self.posted: list[tuple[GroupAddress, Posting, str]] = []
        self.offers: list[tuple[GroupAddress, Offer, str]] = []
        """The notices of groups just switched on, apart from what the stories script answers for."""
        self.answers: deque[Outcome] = deque()
        self.loses_answers = False
        self._can_find = can_find
        self._found: dict[str, str] = {}

    @property
    def can_find(self) -> bool:
        return self._can_find

    async def is_admin(self, address: GroupAddress, account: Account) -> bool:
        return account in self.admins

    async def is_shared_outside(self, address: GroupAddress) -> bool:
        return address in self.shared_outside

    async def members(self, address: GroupAddress) -> int:
        return self.size

    async def post(self, address: GroupAddress, posting: Posting, key: str) -> Outcome:
        if isinstance(posting, Offer):
            self.offers.append((address, posting, key))
            return Sent("notice")
        answer = self.answers.popleft() if self.answers else Sent(f"m{len(self.posted) + 1}")
        if isinstance(answer, Sent) or self.loses_answers:
            self.posted.append((address, posting, key))
            self._found[key] = f"m{len(self.posted)}"
        return answer

    async def find(self, address: GroupAddress, key: str) -> str | None:
        return self._found.get(key)
