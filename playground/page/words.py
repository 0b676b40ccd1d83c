"""The page's own words, in both languages, from `words/en.json` and `words/fr.json`."""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files

LANGUAGES = ("en", "fr")
Words = Mapping[str, str]


def words(language: str) -> Words:
    """All words of a language, by key; a key ending in `.one` or `.other` is a plural form.

    Raises:
        KeyError: the page does not speak it.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    text = files("playground.page").joinpath("words", f"{language}.json").read_text("utf-8")
    known: dict[str, str] = json.loads(text)
    return known


def preferred(asked: str | None, accepted: str, known: Iterable[str] = LANGUAGES) -> str:
    """The language to speak: the one asked for, else the first accepted one that is known, else English.

    Args:
        asked: the `lang` of the address.
        accepted: an Accept-Language header, in the order in which browsers write it.
        known: what there is to choose from.
    """
    wanted = [asked or "", *(part.partition(";")[0].strip() for part in accepted.split(","))]
    return next((tag for one in wanted for tag in known if one.lower().partition("-")[0] == tag), "en")
