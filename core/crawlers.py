"""Whether a visit is a program's: previewers, scanners and crawlers follow links that no person has followed.

Lists of names age, and what was never listed slips through. So an agent has to look like a person's browser first:
it begins as browsers do, names an engine, and carries no address, no contact and none of the words that programs use
for themselves. Names that look like browsers all the same stand in `data/crawlers.toml`, each with its source.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from core.urls import table

LONGEST_AGENT = 1024
"""Characters looked at. In-app browsers stay under 700; what is longer was made to be slow, or to fill our memory."""
REMEMBERED = 4096
"""Judgements kept in memory, without anything that ties an agent to a visit."""

# An owner's page or mailbox stands in a crawler's agent by custom, and in hardly any browser's.
_CONTACT = r"https?:|www\.|\+http|@[\w-]+\.[a-z]"
_BOT = r"bot(?:s?\b|[_;/\d-])"


@dataclass(frozen=True, slots=True)
class CrawlerRules:
    """The tables of `data/crawlers.toml`, read once."""

    openings: tuple[str, ...]
    phones: re.Pattern[str]
    innocent: re.Pattern[str]
    engines: re.Pattern[str]
    signs: re.Pattern[str]
    names: tuple[str, ...]
    """Of crawlers, and the words that programs use for themselves."""

    @classmethod
    def load(cls) -> "CrawlerRules":
        """Read the tables that come with the package."""
        data = table("crawlers")
        people: Mapping[str, Any] = data["people"]
        stranger = rf"compatible *[;,] *(?!{_either(people['compatible'])})\w"
        return cls(
            openings=tuple(_listed(data["opening"], "names")),
            phones=re.compile(_either(_listed(data["opening"], "inside"))),
            innocent=re.compile("|".join(people["innocent"])),
            engines=re.compile(_either(people["engines"])),
            signs=re.compile(f"{_CONTACT}|{_BOT}|{stranger}"),
            names=tuple(sorted(set(_listed(data["crawler"], "names")))),
        )

    def is_crawler(self, agent: str) -> bool:
        """Judge an agent; nothing is remembered."""
        said = agent[:LONGEST_AGENT].lower().strip(" \"'")
        return self._suspect(said) and self._suspect(self.innocent.sub(" ", said))

    def _suspect(self, said: str) -> bool:
        return (
            not (said.startswith(self.openings) or self.phones.search(said))
            or any(name in said for name in self.names)
            or self.signs.search(said) is not None
            or (said.startswith("mozilla") and self.engines.search(said) is None)
        )


def _listed(entries: Iterable[Mapping[str, Any]], kind: str) -> list[str]:
    return [name for entry in entries for name in entry.get(kind, ())]


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in words)


@cache
def _rules() -> CrawlerRules:
    return CrawlerRules.load()


@lru_cache(maxsize=REMEMBERED)
def _judged(agent: str) -> bool:
    return _rules().is_crawler(agent)


def is_crawler(agent: str) -> bool:
    """Whether a request's `User-Agent` is a program's, so that its visit is not counted; no agent at all is one's.

    An agent can say anything: a scanner that copies a browser's agent to the letter is counted.
    """
    return _judged(agent[:LONGEST_AGENT])
