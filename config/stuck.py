"""What Penumbra gave up on, for a person to decide: accepted work that failed, postings nobody knows the end of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from config.keys import beside
from config.settings import Settings
from config.words import OperatorError
from core.digests import POSTED_AGAIN_WITHIN
from core.model import GroupId, OutboxState
from texts.catalogue import Words
from texts.phrases import phrase

LISTED_AT_MOST = 1000


class NotStuck(OperatorError):
    """There is no such work, or not any more."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """One piece of it: no content, since an operator needs none to decide."""

    id: str
    """The group's and its own, as the commands take it."""
    what: str
    """`work` or `posting`."""
    why: str

    def line(self, words: Words) -> str:
        """The line that an operator reads; the reason is the word that the logs have too."""
        what = words.say(f"command.stuck.{self.what}")
        return f"{what:<8} {self.id}  {self.why}".rstrip()


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
                raise NotStuck(phrase("command.stuck.no_work", id=each))
    return len(chosen)


async def resend(settings: Settings, chosen: str, now: Callable[[], datetime]) -> None:
    """Post again what may have been posted already: only a person who looked into the group may say so.

    Raises:
        NotStuck: its end is known, or there is no such posting.
    """
    async with beside(settings) as storage, storage.transaction() as records:
        if not await records.outbox.resend(*_parts(chosen), now() + POSTED_AGAIN_WITHIN):
            raise NotStuck(phrase("command.stuck.no_posting", id=chosen))


def _parts(each: str) -> tuple[GroupId, str]:
    group, slash, item = each.partition("/")
    if not slash or not item or any(letter not in "0123456789abcdef" for letter in item) or len(item) % 2:
        raise NotStuck(phrase("command.stuck.no_id", id=each))
    return GroupId(group), item
