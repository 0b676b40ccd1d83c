"""What was looked at, as `penumbra doctor` tells it."""

from dataclasses import dataclass
from enum import StrEnum

from texts.catalogue import Words
from texts.phrases import Phrase, phrase


class Level(StrEnum):
    """How bad it is."""

    FINE = "ok"
    ODD = "look"
    RED = "RED"


_COLOURS = {Level.FINE: "\x1b[32m", Level.ODD: "\x1b[33m", Level.RED: "\x1b[1;31m"}


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in a language."""

    level: Level
    label: str
    """The level, as the language says it."""
    what: str
    state: str
    mend: str

    @property
    def is_red(self) -> bool:
        """Whether something must be done."""
        return self.level is Level.RED

    def line(self, *, in_colour: bool = False) -> str:
        """The line that an operator reads."""
        level = f"{_COLOURS[self.level]}{self.label:<5}\x1b[0m" if in_colour else f"{self.label:<5}"
        mend = f" → {self.mend}" if self.mend else ""
        return f"{level} {self.what:<16} {self.state}{mend}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, before it is told in a language."""

    level: Level
    what: Phrase
    state: Phrase
    mend: Phrase | None = None

    @property
    def is_red(self) -> bool:
        """Whether something must be done."""
        return self.level is Level.RED

    def told(self, words: Words) -> Told:
        """The same in a language."""
        label = words.say(f"doctor.level.{self.level}")
        mend = self.mend.said(words) if self.mend else ""
        return Told(self.level, label, self.what.said(words), self.state.said(words), mend)


def about(text_id: str, /, **values: object) -> Phrase:
    """A text of the doctor's, by its id behind `doctor.`."""
    return phrase(f"doctor.{text_id}", **values)


def name(which: str, /, **values: object) -> Phrase:
    """The name of something that is looked at, by its id behind `doctor.what.`."""
    return phrase(f"doctor.what.{which}", **values)
