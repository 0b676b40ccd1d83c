"""The words of whoever types commands: in which language, and what went wrong in it. Loaded when something is said."""

import codecs
import errno
import os
import sys
import unicodedata
from collections.abc import Mapping
from functools import cache
from io import TextIOWrapper

from pydantic_settings import SettingsConfigDict

from config.env_file import PREFIX, FromEnvironment
from core.errors import PenumbraError
from texts.catalogue import DOMAINS, FALLBACK, LANGUAGES, OPERATOR_DOMAINS, Texts, Words, read_words
from texts.phrases import Phrase, phrase

_NO_LANGUAGE = frozenset({"", "C", "POSIX"})


class OperatorError(PenumbraError):
    """What an operator did, or must mend: told in their language.

    Args:
        phrases: a line each.
    """

    def __init__(self, *phrases: Phrase) -> None:
        super().__init__()
        self.phrases = phrases

    def __str__(self) -> str:
        """In English, for whoever has no operator in front of them."""
        return "\n".join(lines_of(self, operator_words(FALLBACK)))


class CantListen(OSError):
    """The address can't be listened on.

    Args:
        host: which was asked for.
        port: as well.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"can't listen on {host}:{port}")
        self.phrase = phrase("refusal.CantListen", address=f"{host}:{port}")


def operator_language() -> str:
    """The language commands speak: see the decision of 2026-11-28.

    That of the locale as GNU gettext reads it [https://www.gnu.org/software/gettext/manual/gettext.html#Locale-Environment-Variables],
    where it names one of ours; else that of the settings; else English.
    """
    return of_locale(os.environ) or _of_settings() or FALLBACK


def of_locale(environment: Mapping[str, str]) -> str | None:
    """The language of ours that the environment's locale names; None where it names none.

    Of LC_ALL, LC_MESSAGES and LANG the first that is set is the locale. LANGUAGE, a list, goes before it, except where
    the locale is C.
    """
    chosen = (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name))
    locale = next(chosen, "C")
    listed = [] if locale in _NO_LANGUAGE else environment.get("LANGUAGE", "").split(":")
    named = (each.partition(".")[0].partition("@")[0].partition("_")[0].lower() for each in (*listed, locale))
    return next((each for each in named if each in LANGUAGES), None)


class _Language(FromEnvironment):
    """The one setting that says how the others' mistakes are told: so it is read without them, and never refused."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True
    )

    default_language: str = ""


def _of_settings() -> str | None:
    try:
        chosen = _Language().default_language
    except (OSError, UnicodeDecodeError):  # the command says so, when it reads the settings
        return None
    return chosen if chosen in LANGUAGES else None


def operator_words(language: str | None = None) -> Words:
    """The words of commands, in the operator's language or another."""
    return _words(language or operator_language())


@cache
def _words(language: str) -> Words:
    return read_words(language, (*DOMAINS, *OPERATOR_DOMAINS))


def every_words() -> Texts:
    """Every language's words, those of commands too: for a page that tells what is wrong with settings."""
    return Texts({language: _words(language) for language in LANGUAGES})


def say(said: str | Phrase, /, **values: object) -> None:
    """Tell the operator something: a text by its id with its values, or a phrase."""
    tell((phrase(said, **values) if isinstance(said, str) else said).said(operator_words()))


def tell(line: str) -> None:
    """Tell the operator something that is in words already, or that no language changes."""
    print(line, flush=True)


_PLAIN = {
    "\u202f": " ",
    "\u00a0": " ",
    "’": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "→": "->",
    "…": "...",
    "×": "x",
}


def suit_terminal() -> None:
    """Let a terminal that knows fewer letters than our texts have show them in plainer ones, rather than nothing."""
    codecs.register_error("penumbra.plainer", _plainer)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="penumbra.plainer")


def _plainer(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    bare = unicodedata.normalize("NFKD", "".join(_PLAIN.get(each, each) for each in letters))
    return "".join(each if each.isascii() else "?" for each in bare if not unicodedata.combining(each)), error.end


def lines_of(error: PenumbraError | OSError, words: Words | None = None) -> list[str]:
    """What went wrong, in the operator's language or with these words."""
    words = words or operator_words()
    phrases = error.phrases if isinstance(error, OperatorError) else (_phrase_of(error),)
    return [line for each in phrases for line in each.said(words).splitlines()]


def phrase_of(error: PenumbraError | OSError) -> Phrase:
    """What went wrong, as part of something else that is said."""
    if isinstance(error, OperatorError):
        return error.phrases[0]
    return _phrase_of(error)


def _phrase_of(error: PenumbraError | OSError) -> Phrase:
    if isinstance(error, OSError):
        return _refused(error)
    which = f".{error.which}" if error.which else ""
    return phrase(f"refusal.{type(error).__name__}{which}", **error.values)


def _refused(error: OSError) -> Phrase:
    """What the machine refused, without its number."""
    if isinstance(error, CantListen):
        return error.phrase
    why = why_of(error)
    return phrase("refusal.OSError.named", file=error.filename, why=why) if error.filename else why


def why_of(error: OSError) -> Phrase:
    """Why the machine refused something. It would say so in the language of its own locale, if that is installed."""
    name = errno.errorcode.get(error.errno or 0, "")
    if f"refusal.{name}" in operator_words(FALLBACK).texts:
        return phrase(f"refusal.{name}")
    return phrase("refusal.OSError", name=name or type(error).__name__)
