"""Addresses that somebody reported for spreading malware: how a list is read, how an address is looked up. Pure."""

import csv
from collections.abc import Iterable

from core.address import parse
from core.errors import NotALink
from core.urls import UrlRules, canonicalize

_NOBODY = frozenset({"0.0.0.0", "127.0.0.1", "::1"})  # noqa: S104 - what a hosts file points a bad name to
_HOSTS_FIELDS = 2


def names_of(url: str, rules: UrlRules) -> tuple[str, ...]:
    """What an address may be listed under: its canonical URL, and its host for lists that name whole hosts.

    Args:
        url: any spelling of it.
        rules: the tables that make one spelling of many.

    Returns:
        Nothing for what is not a link.
    """
    try:
        return names_of_key(canonicalize(url, rules).key)
    except NotALink:
        return ()


def names_of_key(key: str) -> tuple[str, ...]:
    """The same, for a canonical URL.

    Raises:
        NotALink: it is none.
    """
    return (key, parse(key).host)


def read_list(lines: Iterable[str], rules: UrlRules) -> frozenset[str]:
    """The entries of a list, as `names_of` spells them; lines that name nothing are passed over.

    Three formats are understood, line by line, as URLhaus publishes them [https://urlhaus.abuse.ch/api/]: one URL a
    line, a hosts file, quoted CSV whose first address is the reported one. A `#` begins a comment.
    """
    return frozenset(entry for line in lines if (entry := _entry(line.strip(), rules)) is not None)


def _entry(line: str, rules: UrlRules) -> str | None:
    if not line or line.startswith("#"):
        return None
    if line.startswith('"'):
        line = next((field for field in next(csv.reader([line])) if _is_url(field)), "")
    if _is_url(line):
        return next(iter(names_of(line, rules)), None)
    return _host(line.split())


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _host(fields: list[str]) -> str | None:
    if len(fields) == _HOSTS_FIELDS and fields[0] in _NOBODY:
        fields = fields[1:]
    if len(fields) != 1:
        return None
    try:
        address = parse(fields[0])
    except NotALink:
        return None
    is_bare = address.tail in {"", "/"} and not address.userinfo and not address.port
    return address.host.removeprefix("www.") if is_bare else None
