"""Something to be told, before it is told in a language: which text, and what it names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from texts.catalogue import Words


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text by its id, with its values. Whoever finds something out makes one; whoever speaks chooses the language.

    Attributes:
        text_id: where it stands in the catalogues.
        values: what is put in: other phrases, numbers and moments are written as the language writes them, a tuple as
            its parts with commas between, anything else as it is. A text with plural forms takes its number as `n`.
    """

    text_id: str
    values: Mapping[str, object]

    def said(self, words: Words) -> str:
        """The text in a language.

        Raises:
            UnknownText: it is missing there.
        """
        if isinstance(words.texts.get(self.text_id), tuple):
            number = self.values["n"]
            if not isinstance(number, int):
                raise TypeError(f"{self.text_id} counts something else than whole numbers: {number!r}")
            others = {name: _said(value, words) for name, value in self.values.items() if name != "n"}
            return words.count(self.text_id, number, **others)
        return words.say(self.text_id, **{name: _said(value, words) for name, value in self.values.items()})


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value that can't be told yet: one of these, told as `a, b or c` is in the language."""

    choices: tuple[str, ...]


def phrase(text_id: str, /, **values: object) -> Phrase:
    """A text by its id, with its values."""
    return Phrase(text_id, values)


def _said(value: object, words: Words) -> str:
    if isinstance(value, Phrase):
        return value.said(words)
    if isinstance(value, OneOf):
        return words.one_of(value.choices)
    if isinstance(value, tuple | list):
        return ", ".join(_said(part, words) for part in value)
    if isinstance(value, datetime):
        return words.stamp(value)
    if isinstance(value, int | float):
        return words.number(value)
    return str(value)
