"""What Penumbra gave up on, for a person to decide: accepted work that failed, postings nobody knows the end of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from config.keys import beside
from config.settings import Settings
from core.digests import POSTED_AGAIN_WITHIN
from core.errors import PenumbraError
from core.model import GroupId, OutboxState

LISTED_AT_MOST = 1000


class NotStuck(PenumbraError):
    """There is no such work, or not any more."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """One piece of it: no content, since an operator needs none to decide."""

    id: str
    """The group's and its own, as the commands take it."""
    what: str
    why: str

    def line(self) -> str:
        """The line that an operator reads."""
        return f"{self.what:<8} {self.id}  {self.why}".rstrip()


async def stuck(settings: Settings) -> list[Stuck]:
    """Everything that waits for a person: dead work, newest refusal last, then postings of unknown end."""
    async with beside(settings) as storage, storage.transaction() as records:
        dead = await records.inbox.dead(LISTED_AT_MOST)
        unsettled = await records.outbox.unsettled(LISTED_AT_MOST)
    work = [Stuck(f"{group}/{item}", "work", why) for group, item, why in dead]
    return work + [
        Stuck(f"{group}/{item}", "posting", why)
        for group, item, state, why in unsettled
        if state is OutboxState.UNKNOWN
    ]


async def replay(settings: Settings, ids: list[str]) -> int:
    """Try dead work again from the start: these pieces, or all of it; how many.

    Raises:
        NotStuck: one of them is not dead; then nothing is done.
    """
    chosen = ids or [each.id for each in await stuck(settings) if each.what == "work"]
    async with beside(settings) as storage, storage.transaction() as records:
        for each in chosen:
            if not await records.inbox.replay(*_parts(each)):
                raise NotStuck(f"{each}: no such work has failed; `penumbra doctor stuck` lists what has")
    return len(chosen)


async def resend(settings: Settings, chosen: str, now: Callable[[], datetime]) -> None:
    """Post again what may have been posted already: only a person who looked into the group may say so.

    Raises:
        NotStuck: its end is known, or there is no such posting.
    """
    async with beside(settings) as storage, storage.transaction() as records:
        if not await records.outbox.resend(*_parts(chosen), now() + POSTED_AGAIN_WITHIN):
            raise NotStuck(f"{chosen}: no such posting is of unknown end; `penumbra doctor stuck` lists those that are")


def _parts(each: str) -> tuple[GroupId, str]:
    group, slash, item = each.partition("/")
    if not slash or not item or any(letter not in "0123456789abcdef" for letter in item) or len(item) % 2:
        raise NotStuck(f"{each}: an id looks like GROUP/ITEM; `penumbra doctor stuck` lists them")
    return GroupId(group), item
