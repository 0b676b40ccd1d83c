"""Catalogues of words: every text a person sees has an id, stands in every language, and is asked for here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources
from io import BytesIO
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, get_day_names
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from core.errors import PenumbraError

LANGUAGES = ("en", "fr")
DOMAINS = ("common", "digest", "telegram", "slack", "web", "admin", "setup")
OPERATOR_DOMAINS = ("command", "doctor", "refusal", "argparse")
"""What only who types commands reads: a process that serves loads none of it."""
FALLBACK = "en"

Text = str | tuple[str, ...]
"""One form, or one per plural form of the language."""


class UnknownText(PenumbraError):
    """There is no text of this id: it is missing from the catalogue."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language's texts. Values are put in as they are: escape them for their platform first."""

    language: str
    texts: Mapping[str, Text]

    @property
    def locale(self) -> Locale:
        """Babel's rules for this language."""
        return Locale.parse(self.language)

    def say(self, text_id: str, **values: object) -> str:
        """A text by its id, with values put in.

        Raises:
            UnknownText: no such text.
        """
        found = self.texts.get(text_id)
        if found is None:
            raise UnknownText(f"no text {text_id!r} in {self.language!r}")
        return (found if isinstance(found, str) else found[-1]).format_map(values)

    def count(self, text_id: str, number: int, **values: object) -> str:
        """A text that depends on a number, in the plural form of this language; the number is put in as `{n}`.

        Raises:
            UnknownText: no such text.
        """
        found = self.texts.get(text_id)
        if not isinstance(found, tuple):
            raise UnknownText(f"no text {text_id!r} with plural forms in {self.language!r}")
        form = found[min(_plural_index(self.language, number), len(found) - 1)]
        return form.format_map({"n": self.number(number), **values})

    def stamp(self, moment: datetime) -> str:
        """A moment in UTC as an operator compares it with logs: in digits, in the order of this language."""
        return f"{format_datetime(moment, self.say('command.stamp'), tzinfo=UTC, locale=self.locale)} UTC"

    def one_of(self, choices: Sequence[str]) -> str:
        """Several things of which one is meant."""
        from babel.lists import format_list  # noqa: PLC0415 - only commands say such a thing

        return format_list(choices, style="or", locale=self.locale)

    def number(self, number: float) -> str:
        """A number as this language writes it; French groups thousands with a narrow no-break space."""
        return format_decimal(number, locale=self.locale)

    def percent(self, share: float) -> str:
        """A share from 0 to 1 as whole percent."""
        return format_percent(share, locale=self.locale)

    def day(self, day: date) -> str:
        """A date in words, without the weekday."""
        return format_date(day, format="long", locale=self.locale)

    def span(self, first: date, last: date) -> str:
        """The days from one to another, as short as may be: `16–22 nov. 2026`."""
        return format_interval(first, last, "yMMMd", locale=self.locale)

    def weekdays(self) -> tuple[str, ...]:
        """The short names of the days, Monday first."""
        names = get_day_names("abbreviated", locale=self.locale)
        return tuple(names[day] for day in range(7))

    def full_weekdays(self) -> tuple[str, ...]:
        """The whole names of the days, Monday first."""
        names = get_day_names("wide", locale=self.locale)
        return tuple(names[day] for day in range(7))

    def name_of(self, language: str) -> str:
        """A language's own name, as somebody who speaks no other would look for it."""
        name = Locale.parse(language).get_display_name(language) or language
        return name[:1].upper() + name[1:]

    def moment(self, moment: datetime, zone: str) -> str:
        """A moment on a group's wall clock, with its weekday."""
        return format_datetime(moment, "EEEE d MMMM y, HH:mm", tzinfo=ZoneInfo(zone), locale=self.locale)


def _plural_index(language: str, number: int) -> int:
    """Gettext's rule: English has one form for exactly 1; French uses the singular for 0 too."""
    return int(number > 1) if language == "fr" else int(number != 1)


class Texts:
    """Every language's words, read once.

    Args:
        words: by language; must hold English, which stands in for languages we don't speak.
    """

    def __init__(self, words: Mapping[str, Words]) -> None:
        self._words = words

    @classmethod
    def load(cls) -> "Texts":
        """Read the catalogues that are shipped with this package."""
        return cls({language: read_words(language) for language in LANGUAGES})

    def speak(self, language: str | None) -> Words:
        """The words of a language as a platform names it (`fr`, `fr-FR`, `pt_BR`), English where we lack it."""
        short = (language or FALLBACK).replace("_", "-").partition("-")[0].lower()
        return self._words.get(short, self._words[FALLBACK])


def read_words(language: str, domains: Iterable[str] = DOMAINS) -> Words:
    """One language's words.

    Args:
        language: one of `LANGUAGES`.
        domains: which catalogues.
    """
    texts: dict[str, Text] = {}
    for domain in domains:
        source = resources.files("texts").joinpath("locale", language, f"{domain}.po").read_bytes()
        for message in read_po(BytesIO(source), locale=language):
            if message.id:
                text_id = message.id if isinstance(message.id, str) else message.id[0]
                texts[text_id] = message.string if isinstance(message.string, str) else tuple(message.string or ())
    return Words(language, texts)
