"""What the segments of a path say: words without their spelling, and collocations of several."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import combining, normalize

from core.address import decode

BETWEEN_WORDS = re.compile(r"[-_.\[\]$]|%5B|%5D", re.IGNORECASE)
_BETWEEN_PARTS = re.compile(rf"{BETWEEN_WORDS.pattern}|[ +]", re.IGNORECASE)
_NO_MARKS = dict.fromkeys(map(ord, "-_.[]$"))
_KEYHOLDERS = ("token", "link", "code", "key")
"""How a word ends that carries the key for what it says before: `confirm-email-token`."""
_ENDING = re.compile(r"\.(?:php|aspx?|jsp|do|action|cgi|html?|json|pdf|ics|zip)$")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ı": "i", "ß": "ss", "đ": "d", "æ": "ae", "œ": "oe"})
"""Letters that are no others with a mark on them, as people type them where they can't."""


def folded(text: str) -> str:
    """Lower case, without accents: *Réinitialisation* and *reinitialisation* are one word."""
    return "".join(char for char in normalize("NFKD", text.lower()) if not combining(char)).translate(_LETTERS)


@dataclass(frozen=True, slots=True)
class Collocation:
    """What a segment says in several words, in whatever order a language has them: `sifre-sifirla`."""

    acts: frozenset[str]
    things: frozenset[str]
    known: frozenset[str]
    """Both of them, and what may stand between: articles, pronouns."""

    def says(self, parts: Sequence[str]) -> bool:
        """Whether the parts are nothing but words of the phrase, an act and a thing among them."""
        return self.known.issuperset(parts) and not self.acts.isdisjoint(parts) and not self.things.isdisjoint(parts)


def spoken(segment: str) -> str:
    """A segment as it is compared: decoded and folded, without an ending such as `.php` or `.pdf`."""
    said = folded(decode(segment)) if "%" in segment else segment.lower()
    return _ENDING.sub("", said) if "." in said else said


def parts_of(said: str) -> list[str]:
    """The words of a segment that is spoken."""
    return [part for part in _BETWEEN_PARTS.split(said) if part]


def spellings(said: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """For each spoken segment, the words it may be: together with the next one, alone, and without `-token`."""
    plain = [segment.translate(_NO_MARKS) for segment in said]
    for word, following in zip(plain, [*plain[1:], ""], strict=True):
        yield word + following, word, _about(word) if word.endswith(_KEYHOLDERS) else word


def _about(word: str) -> str:
    """What the key is for, or the word itself when it says nothing else."""
    return next(word.removesuffix(end) for end in _KEYHOLDERS if word.endswith(end)) or word
