"""What was looked at, as `penumbra doctor` tells it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    FINE = "ok"
    ODD = "look"
    RED = "RED"


_COLOURS = {Level.FINE: "\x1b[32m", Level.ODD: "\x1b[33m", Level.RED: "\x1b[1;31m"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str
    state: str
    mend: str = ""

    @property
    def is_red(self) -> bool:
        """Whether something must be done."""
        return self.level is Level.RED

    def line(self, *, in_colour: bool = False) -> str:
        """The line that an operator reads."""
        level = f"{_COLOURS[self.level]}{self.level:<5}\x1b[0m" if in_colour else f"{self.level:<5}"
        mend = f" → {self.mend}" if self.mend else ""
        return f"{level} {self.what:<16} {self.state}{mend}"
