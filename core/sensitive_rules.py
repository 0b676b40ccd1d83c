"""The table of addresses that are never touched, read into rules: places, parameters, words, phrases, shapes."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.address import Address
from core.hosts import Families, HostTable
from core.spoken import Collocation, folded
from core.urls import Tracker, UrlRules, table


class Sensitive(StrEnum):
    """Why an address is left alone. The value is what is counted as the drop reason."""

    ONE_TIME = "one_time"
    SIGNED = "signed"
    PRIVATE_SHARE = "private_share"
    INVITATION = "invitation"
    MEETING = "meeting"
    PERSONAL_BUSINESS = "personal_business"
    CREDENTIALS = "credentials"
    INTRANET = "intranet"
    OTHER_SCHEME = "other_scheme"
    SIDE_EFFECT = "side_effect"


@dataclass(frozen=True, slots=True)
class Place:
    """What addresses of one service look like when they are private: all parts given must match."""

    reason: Sensitive | None
    parts: tuple[tuple[str, re.Pattern[str]], ...]
    unless: re.Pattern[str] | None

    def matches(self, address: Address) -> bool:
        """Whether the address is such a place."""
        if self.unless is not None and self.unless.search(address.path):
            return False
        return all(pattern.search(getattr(address, part)) for part, pattern in self.parts)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a parameter of some name must look like, and what must stand beside it, to be sensitive."""

    reason: Sensitive
    value: re.Pattern[str]
    beside: frozenset[str]

    def matches(self, value: str, names: frozenset[str]) -> bool:
        """Whether the value has the shape and one of the other names is there."""
        return self.value.search(value) is not None and (not self.beside or bool(self.beside & names))


@dataclass(frozen=True, slots=True)
class Word:
    """A word in a path, and what it needs beside it to mean what it says."""

    reason: Sensitive
    needs: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern that is sensitive wherever it stands, or where a path begins with it."""

    reason: Sensitive
    finds: Callable[[str], re.Match[str] | None]
    has: str
    """What every address that it finds has in it: most have not, and cost no search."""


@dataclass(frozen=True, slots=True)
class SensitiveRules:
    """The table of sensitive addresses, read once from `core/data/sensitive.toml`."""

    places: HostTable[Place]
    ordinary: HostTable[Place]
    labels: HostTable[Place]
    parameters: Mapping[str, tuple[Parameter, ...]]
    endings: tuple[tuple[str, Parameter], ...]
    within: tuple[tuple[re.Pattern[str], Parameter], ...]
    """The same for a part that may stand anywhere in a name: `inAuthSession`, `doc_share_hash`."""
    words: Mapping[str, Word]
    phrases: tuple[tuple[Collocation, Word], ...]
    in_phrases: frozenset[str]
    begins_phrase: frozenset[str]
    """How a segment begins that begins with a word of a phrase; most begin with none, and need no further look."""
    shapes: tuple[Shape, ...]
    value_shapes: Mapping[str, re.Pattern[str]]
    telling: Mapping[str, frozenset[str]]
    member_acts: frozenset[str]
    done_to_one: Sensitive
    titled: frozenset[str]
    """Segments of things whose number a title follows: `questions/12345678/reset-password`."""
    for_many: frozenset[str]
    """Segments that say of what a UUID names that it is a page for many: an article, a dataset, a vacancy."""
    named_by_uuid: Sensitive
    documentation: frozenset[str]
    documentation_labels: frozenset[str]
    intranet_suffixes: frozenset[str]
    intranet_labels: frozenset[str]
    intranet_zones: frozenset[str]
    trackers: Tracker
    """Parameters that say nothing about the page: a campaign's id is nobody's key."""
    served_here: frozenset[str] = frozenset()
    """Names that the playground and tests serve on loopback: exactly these are not taken for intranet."""

    @classmethod
    def load(cls) -> "SensitiveRules":
        """Read the table that comes with the package."""
        data, families = table("sensitive"), table("trackers")["family"]
        phrases = tuple((_phrase(entry), Word(Sensitive(entry["reason"]), entry["needs"])) for entry in data["phrase"])
        values = {name: re.compile(pattern) for name, pattern in data["shapes"].items()}
        in_phrases = frozenset().union(*(phrase.known for phrase, _ in phrases))
        return cls(
            places=_places(data["host"], data["unless"], families),
            ordinary=_places(data["ordinary"], data["unless"], families),
            labels=HostTable.build((entry["labels"], _place(entry, data["unless"])) for entry in data["label"]),
            parameters=_parameters(data["parameter"], values),
            endings=tuple(
                (ending, Parameter(Sensitive(entry["reason"]), values[entry["value"]], frozenset()))
                for entry in data["ending"]
                for ending in entry["endings"].split()
            ),
            within=tuple(
                (re.compile(entry["parts"]), Parameter(Sensitive(entry["reason"]), values[entry["value"]], frozenset()))
                for entry in data["within"]
            ),
            words={
                word: Word(Sensitive(entry["reason"]), entry["needs"])
                for entry in reversed(data["word"])
                for word in folded(entry["words"]).split()
            },
            phrases=phrases,
            in_phrases=in_phrases,
            begins_phrase=frozenset((word + mark)[:3] for word in in_phrases for mark in "-_." if word[1:]),
            shapes=tuple(_shape(entry) for entry in data["shape"]),
            value_shapes=values,
            telling={need: frozenset(names.split()) for need, names in data["telling"].items()},
            member_acts=frozenset(data["member"]["acts"].split()),
            done_to_one=Sensitive(data["member"]["reason"]),
            titled=frozenset(data["documentation"]["titled"].split()),
            for_many=frozenset(f"{data['uuid']['for_many']} {table('opaque')['published']}".split()),
            named_by_uuid=Sensitive(data["uuid"]["reason"]),
            documentation=frozenset(data["documentation"]["segments"].split()),
            documentation_labels=frozenset(data["documentation"]["labels"].split()),
            intranet_suffixes=frozenset(data["intranet"]["suffixes"]),
            intranet_labels=frozenset(data["intranet"]["labels"]),
            intranet_zones=frozenset(data["intranet"]["zones"]),
            trackers=UrlRules.load().everywhere,
        )


def _places(entries: Iterable[Mapping[str, Any]], named: Mapping[str, str], families: Families) -> HostTable[Place]:
    return HostTable.build(((entry["hosts"], _place(entry, named)) for entry in entries), families)


def _place(entry: Mapping[str, Any], named: Mapping[str, str]) -> Place:
    unless = named[entry["unless_named"]] if "unless_named" in entry else entry.get("unless")
    return Place(
        reason=Sensitive(entry["reason"]) if "reason" in entry else None,
        parts=tuple((part, re.compile(entry[part])) for part in ("path", "query", "fragment") if part in entry),
        unless=re.compile(unless) if unless else None,
    )


def _shape(entry: Mapping[str, Any]) -> Shape:
    finds = re.compile(entry["start"]).match if "start" in entry else re.compile(entry["pattern"]).search
    return Shape(Sensitive(entry["reason"]), finds, entry.get("has", ""))


def _phrase(entry: Mapping[str, Any]) -> Collocation:
    acts, things, between = (frozenset(folded(entry[part]).split()) for part in ("acts", "things", "between"))
    return Collocation(acts, things, acts | things | between)


def _parameters(
    entries: Iterable[Mapping[str, Any]], values: Mapping[str, re.Pattern[str]]
) -> Mapping[str, tuple[Parameter, ...]]:
    by_name: dict[str, tuple[Parameter, ...]] = {}
    for entry in entries:
        rule = Parameter(Sensitive(entry["reason"]), values[entry["value"]], frozenset(entry.get("with", "").split()))
        for name in entry["names"].split():
            by_name[name] = (*by_name.get(name, ()), rule)
    return by_name
