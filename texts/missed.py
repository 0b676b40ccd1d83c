"""Why a group did not get a digest, in words for its admins."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from core.digests import TOO_LATE, UNREADABLE
from core.model import NO_ANSWER, Missed
from core.schedules import last_day_of, monday_of
from texts.catalogue import Words

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        TOO_LATE: "missed.too_late",
        UNREADABLE: "missed.unreadable",
        "past its cutoff": "missed.too_late",
        "topic closed": "missed.closed",
        "topic gone": "missed.closed",
        "is_archived": "missed.archived",
        "no right to write": "missed.forbidden",
        "forbidden": "missed.forbidden",
        "restricted_action": "missed.forbidden",
        NO_ANSWER: "missed.unknown",
    }
)
"""The short words of core, storage and both messengers."""


def missed(digest: Missed, words: Words) -> str:
    """Which digest did not come, and why."""
    why = words.say(REASONS.get(digest.why, "missed.other"), word=digest.why)
    first, last = words.day(monday_of(digest.week)), words.day(last_day_of(digest.week))
    return words.say("digest.missed", first=first, last=last, why=why)
