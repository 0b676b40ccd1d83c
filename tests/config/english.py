"""What the doctor finds, in English."""

from collections.abc import Iterable

from config.findings import Finding, Told
from config.words import operator_words


def english(found: Finding) -> Told:
    return found.told(operator_words("en"))


def by_name(found: Iterable[Finding]) -> dict[str, Told]:
    return {each.what: each for each in map(english, found)}
