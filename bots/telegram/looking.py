"""A digest that one person looks at: the latest one, or what the next would be. Pure, but for drawing."""

from functools import lru_cache
from html import escape

from bots.telegram import editions
from bots.telegram.asides import Said
from core.drafts import Draft, Kind
from core.editions import is_full
from core.model import Edition
from texts.catalogue import Words
from texts.pictures import chart, png

DRAWN_AT_MOST = 32
"""Pictures of some 50 kB that are remembered."""


def latest(edition: Edition, words: Words) -> Said:
    """An edition as it was frozen, with its chart."""
    return Said(editions.digest(edition, words), picture=_picture(edition, words, Kind.FROZEN))


def draft(shown: Draft, words: Words, asker: Words) -> Said:
    """The next digest in its group's language, below what it is in the asker's own.

    Args:
        shown: the digest, or a sample of one.
        words: the group's language.
        asker: the language of who looks at it.
    """
    intro = f"<b>{escape(asker.say(f'draft.{shown.kind}'))}</b>"
    html = f"{intro}\n\n{editions.digest(shown.edition, words)}"
    return Said(html, picture=_picture(shown.edition, words, shown.kind))


def _picture(edition: Edition, words: Words, kind: Kind) -> bytes | None:
    return _drawn(chart(edition, words, kind)) if is_full(edition) else None


@lru_cache(maxsize=DRAWN_AT_MOST)
def _drawn(svg: str) -> bytes:
    """A picture that was drawn lately is not drawn again: it takes a tenth of a second, and anybody may ask often."""
    return png(svg)
