"""Many spellings of an address into one: wrappers off, trackers off, one key for what is the same page."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from publicsuffixlist import PublicSuffixList

from core import wrappers
from core.address import Address, name_of, parse
from core.hosts import Families, HostTable, literal
from core.wrappers import Wrapper

_UPPER_HEX = re.compile(r"%[0-9a-fA-F]{2}")
_NEEDLESSLY_ENCODED = {
    "%2D": "-",
    "%2E": ".",
    "%5F": "_",
    "%7E": "~",
}  # RFC 3986, 6.2.2.2; letters and digits stay encoded
_UTM_UNSAFE = re.compile(r"[^A-Za-z0-9._~-]")
_PREFIXED = r"[\w.\-]{0,40}"


@dataclass(frozen=True, slots=True)
class CleanUrl:
    """An address without what others put on it.

    Attributes:
        display: the address to show and lead to: trackers and wrappers off, all else in its order, case and encoding.
        key: the canonical URL, the one spelling used for deduplication. It is compared, never followed.
        site: the registrable domain, what a card shows.
        removed: the parameters and wrappers taken off, by name, for the card.
    """

    display: str
    key: str
    site: str
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tracker:
    """Parameter names that track, on paths of some hosts or everywhere."""

    names: frozenset[str]
    prefixed: re.Pattern[str] | None
    path: re.Pattern[str] | None

    def on(self, path: str) -> bool:
        """Whether the rule holds on this path."""
        return self.path is None or self.path.search(path) is not None

    def names_it(self, name: str) -> bool:
        """Whether a parameter of this name, in lower case, is one of them."""
        return name in self.names or (self.prefixed is not None and self.prefixed.fullmatch(name) is not None)


@dataclass(frozen=True, slots=True)
class PathTag:
    """A tracker that a site writes into the path."""

    name: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class UrlRules:
    """The tables of trackers and wrappers, read once from the files in `core/data`."""

    everywhere: Tracker
    on_hosts: HostTable[Tracker]
    in_paths: HostTable[PathTag]
    wrappers: HostTable[Wrapper]

    @classmethod
    def load(cls) -> "UrlRules":
        """Read the tables that come with the package."""
        trackers, carriers = table("trackers"), table("wrappers")
        families: Families = trackers["family"]
        local = [entry for entry in trackers["tracker"] if "hosts" in entry]
        everywhere = [name for entry in trackers["tracker"] if "hosts" not in entry for name in entry["names"]]
        return cls(
            everywhere=_tracker({"names": everywhere}),
            on_hosts=HostTable.build(((entry["hosts"], _tracker(entry)) for entry in local), families),
            in_paths=HostTable.build(
                ((tag["hosts"], PathTag(tag["name"], re.compile(tag["remove"]))) for tag in trackers["path"]), families
            ),
            wrappers=wrappers.build(carriers["wrapper"], families),
        )

    def trackers(self, address: Address) -> tuple[Tracker, ...]:
        """The rules that hold for the query of this address."""
        return (self.everywhere, *(rule for rule in self.on_hosts.at(address.host) if rule.on(address.path)))


def table(name: str) -> Mapping[str, Any]:
    """One of the tables that come with the package."""
    return tomllib.loads(files("core").joinpath("data", f"{name}.toml").read_text("utf-8"))


def _tracker(entry: Mapping[str, Any]) -> Tracker:
    prefixes = [re.escape(name[:-1]) for name in entry["names"] if name.endswith("*")]
    return Tracker(
        names=frozenset(name for name in entry["names"] if not name.endswith("*")),
        prefixed=re.compile(rf"(?:{'|'.join(prefixes)}){_PREFIXED}") if prefixes else None,
        path=re.compile(entry["path"]) if "path" in entry else None,
    )


def canonicalize(url: str, rules: UrlRules) -> CleanUrl:
    """Clean an address. Whether it may be touched at all is for `sensitive.reason`, before: see `links_in.examine`.

    Raises:
        NotALink: it is not an http(s) address.
    """
    return clean(wrappers.layers(parse(url), rules.wrappers), rules)


def clean(layers: tuple[wrappers.Layer, ...], rules: UrlRules) -> CleanUrl:
    """Clean what is innermost; an address wrapped more often than anybody does in good faith keeps its wrappers."""
    if len(layers) > wrappers.MAX_LEVELS + 1:
        layers = layers[:1]
    address = layers[-1].address
    tail, names = _without_trackers(address, rules)
    display = address.origin + tail
    return CleanUrl(
        display=display,
        key=_key(parse(display) if names else address),
        site=registrable_domain(address.host),
        removed=tuple(dict.fromkeys([layer.wrapper for layer in layers if layer.wrapper] + names)),
    )


def _without_trackers(address: Address, rules: UrlRules) -> tuple[str, list[str]]:
    before, hash_, fragment = address.tail.partition("#")
    path, mark, query = before.partition("?")
    names: list[str] = []
    for tag in rules.in_paths.at(address.host):
        path, times = tag.pattern.subn("", path)
        names += [tag.name] * times
    query, taken = _without(query, rules.trackers(address))
    fragment, from_fragment = _without(fragment, (rules.everywhere,))
    mark = "" if taken and not query else mark
    hash_ = "" if from_fragment and not fragment else hash_
    return path + mark + query + hash_ + fragment, names + taken + from_fragment


def _without(query: str, trackers: tuple[Tracker, ...]) -> tuple[str, list[str]]:
    kept: list[str] = []
    taken: list[str] = []
    for token in query.split("&"):
        name = name_of(token.partition("=")[0])
        tracks = any(tracker.names_it(name.lower()) for tracker in trackers)
        (taken if tracks else kept).append(name if tracks else token)
    return ("&".join(kept), taken) if taken else (query, taken)


def _key(address: Address) -> str:
    host = address.host
    while host.startswith("www.") and "." in host.removeprefix("www."):
        host = host.removeprefix("www.")
    port = f":{address.port}" if address.port not in {"", "80", "443"} else ""
    path = _one_encoding(address.path).rstrip("/")
    query = f"?{_one_encoding(address.query)}" if address.query else ""
    fragment = f"#{address.fragment}" if address.fragment.startswith(("!", "/")) else ""
    return f"https://{host}{port}{path}{query}{fragment}"


def _one_encoding(text: str) -> str:
    if "%" not in text:
        return text
    return _UPPER_HEX.sub(lambda code: _NEEDLESSLY_ENCODED.get(code[0].upper(), code[0].upper()), text)


def with_utm(url: str, *, source: str, campaign: str = "private-share") -> str:
    """Add the campaign parameters that make a private share visible to the site's own analytics.

    Args:
        url: an address that is not sensitive and whose owner wants this.
        source: the platform, `telegram` or `slack`; never an id or the name of a group.
        campaign: what the owner called it.

    Returns:
        The address with `utm_source`, `utm_medium=social` and `utm_campaign`, or unchanged when it has UTM of its own.
    """
    before, hash_, fragment = url.partition("#")
    query = before.partition("?")[2]
    if any(name.lower().startswith("utm_") for name in _names(f"{query}&{fragment}")):
        return url
    added = f"utm_source={_quoted(source)}&utm_medium=social&utm_campaign={_quoted(campaign)}"
    joint = "?" if "?" not in before else "" if before.endswith(("?", "&")) else "&"
    return before + joint + added + hash_ + fragment


def _names(query: str) -> Iterator[str]:
    return (name_of(token.partition("=")[0]) for token in query.split("&"))


def _quoted(text: str) -> str:
    return _UTM_UNSAFE.sub(lambda char: "".join(f"%{byte:02X}" for byte in char[0].encode()), text)


def registrable_domain(host: str) -> str:
    """The part of a host that somebody registered, by the public suffix list; an IP address is its own."""
    host = host.lower().removesuffix(".")
    if literal(host) is not None:
        return host
    return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
