"""Addresses that only carry another address: redirects of search engines, social networks and mail filters."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

from core.address import Address, decode, parse
from core.errors import NotALink
from core.hosts import Families, HostTable

MAX_LEVELS = 4

_WEB = re.compile(r"https?:/", re.IGNORECASE)
_RUN_LENGTHS = {
    letter: length for length, letter in enumerate(ascii_uppercase + ascii_lowercase + digits + "-_", start=2)
}
_STAND_INS = re.compile(r"\*(?:\*(.))?")
_QUESTION = re.compile("%3f", re.IGNORECASE)
_DISQUS_SIGNATURE = re.compile(r":[A-Za-z0-9_-]{20,}$")


@dataclass(frozen=True, slots=True)
class Wrapper:
    """How one service carries an address: see `data/wrappers.toml` for what each field means."""

    name: str
    path: re.Pattern[str] | None
    tail: re.Pattern[str] | None
    parameters: tuple[str, ...]
    decoding: str
    scheme: str
    rest: bool
    relative: bool


@dataclass(frozen=True, slots=True)
class Layer:
    """One address on the way inwards, and the name of the wrapper it was taken out of (none for the outermost)."""

    address: Address
    wrapper: str | None


def build(entries: list[dict[str, Any]], families: Families) -> HostTable[Wrapper]:
    """Index the entries of the wrapper table by host."""
    return HostTable.build(((entry["hosts"], _wrapper(entry)) for entry in entries), families)


def _wrapper(entry: dict[str, Any]) -> Wrapper:
    return Wrapper(
        name=entry["name"],
        path=re.compile(entry["path"]) if "path" in entry else None,
        tail=re.compile(entry["tail"]) if "tail" in entry else None,
        parameters=tuple(entry.get("parameters", ())),
        decoding=entry.get("decode", "percent"),
        scheme=entry.get("scheme", ""),
        rest=entry.get("rest", False),
        relative=entry.get("relative", False),
    )


def layers(address: Address, wrappers: HostTable[Wrapper]) -> tuple[Layer, ...]:
    """The address and what is wrapped in it, outermost first: at most one level more than may be unwrapped."""
    found = [Layer(address, None)]
    while len(found) <= MAX_LEVELS + 1:
        inner = _inside(found[-1].address, wrappers)
        if inner is None:
            break
        found.append(inner)
    return tuple(found)


def _inside(address: Address, wrappers: HostTable[Wrapper]) -> Layer | None:
    for wrapper in wrappers.at(address.host):
        if wrapper.path is not None and not wrapper.path.search(address.path):
            continue
        for carried in _carried(address, wrapper):
            target = _target(carried, address, wrapper)
            if target is not None:
                return Layer(target, wrapper.name)
    return None


def _target(carried: str, address: Address, wrapper: Wrapper) -> Address | None:
    base = address.origin if wrapper.relative else None
    if not (_WEB.match(carried) or (base and carried.startswith("/"))):
        return None
    try:
        return parse(carried, base=base)
    except NotALink:
        return None


def _carried(address: Address, wrapper: Wrapper) -> Iterator[str]:
    if wrapper.tail is not None:
        match = wrapper.tail.search(address.tail)
        if match is not None:
            yield wrapper.scheme + _decoded(match["url"], wrapper, match.groupdict().get("bytes") or "")
        return
    for name in wrapper.parameters:
        raw = _raw_value(address, name, rest=wrapper.rest)
        if raw:
            yield _decoded(raw, wrapper)


def _raw_value(address: Address, name: str, *, rest: bool) -> str:
    """The value of a parameter as written; with `rest`, an address that was not encoded runs on to the end."""
    query = address.tail.partition("#")[0].partition("?")[2]
    place = re.search(rf"(?:^|&)(?:amp;)?{re.escape(name)}=([^&]*)", query)
    if place is None:
        return ""
    return query[place.start(1) :] if rest and _WEB.match(place[1]) else place[1]


def _decoded(raw: str, wrapper: Wrapper, extra: str = "") -> str:
    """Undo what the wrapper did to the address; empty when it can't be undone."""
    try:
        if wrapper.decoding == "proofpoint3":
            return _proofpoint3(raw, extra)
        if wrapper.rest and _WEB.match(raw):
            return raw
        return _DECODINGS[wrapper.decoding](raw)
    except ValueError:
        return ""


def _bing(raw: str) -> str:
    """`a1` and base64url without padding."""
    return _base64url(decode(raw).removeprefix("a1"))


def _base64url(raw: str) -> str:
    return urlsafe_b64decode(raw.rstrip("=") + "==").decode()


def _proofpoint2(raw: str) -> str:
    """`-` stands for `%` and `_` for `/`, as in Proofpoint's published decoder."""
    return unescape(decode(raw.replace("-", "%").replace("_", "/")))


def _proofpoint3(raw: str, extra: str) -> str:
    """Put back what stands for the characters that v3 keeps aside, as in Proofpoint's published decoder.

    `*` stands for the next of them, `**X` for a run whose length the letter X gives (A is 2).
    """
    kept = _base64url(extra)
    place = 0

    def put_back(stand_in: re.Match[str]) -> str:
        nonlocal place
        start, place = place, place + (_RUN_LENGTHS.get(stand_in[1], 1) if stand_in[1] else 1)
        return kept[start:place]

    return re.sub(r"^(https?:/)(?!/)", r"\1/", _STAND_INS.sub(put_back, decode(raw)))


_DECODINGS: Mapping[str, Callable[[str], str]] = {
    "none": str,
    "question": lambda raw: raw if "?" in raw else _QUESTION.sub("?", raw, count=1),
    "percent": decode,
    "percent2": lambda raw: decode(decode(raw)),
    "disqus": lambda raw: _DISQUS_SIGNATURE.sub("", decode(raw)),
    "base64": lambda raw: _base64url(decode(raw).replace("+", "-").replace("/", "_")),
    "bing": _bing,
    "proofpoint2": _proofpoint2,
}
