"""Which host an address is on: rules tied to hosts, and hosts that are nobody else's business."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Generic, TypeVar

Rule = TypeVar("Rule")
Families = Mapping[str, str]

_GLOBAL_IPV6 = IPv6Network("2000::/3")
# IANA special-purpose registries: protocol assignments, documentation, 6to4, documentation, AS112
_SPECIAL_IPV6 = tuple(
    map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")),
)
_AZURE_WIRE_SERVER = IPv4Address("168.63.129.16")  # public by number, the host's own services by routing
_IPV4 = re.compile(r"\d+\.\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class HostTable(Generic[Rule]):
    """Rules by host: each holds on the host it names and on every subdomain, never on a look-alike."""

    rules: Mapping[str, tuple[Rule, ...]]

    @classmethod
    def build(
        cls, entries: Iterable[tuple[Iterable[str], Rule]], families: Families | None = None
    ) -> "HostTable[Rule]":
        """Index rules by host; `@google` stands for google under each suffix that the families list."""
        rules: dict[str, tuple[Rule, ...]] = {}
        for hosts, rule in entries:
            for host in _spelled_out(hosts, families or {}):
                rules[host] = (*rules.get(host, ()), rule)
        return cls(rules)

    def at(self, host: str) -> Iterator[Rule]:
        """The rules that hold on this host, those of the longest name first."""
        while host:
            yield from self.rules.get(host, ())
            host = host.partition(".")[2]


def _spelled_out(hosts: Iterable[str], families: Families) -> Iterator[str]:
    for host in hosts:
        family = host.removeprefix("@")
        if family == host:
            yield host
        else:
            yield from (f"{family}.{suffix}" for suffix in families[family].split())


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host is, when it is one (ada has brought 0x7f.1 and the like into one spelling)."""
    if host.startswith("[") or _IPV4.fullmatch(host):
        return ip_address(host.strip("[]"))
    return None


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Whether the internet at large can reach an IP address (the table that the guarded transport uses)."""
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast and not ip.is_reserved and ip != _AZURE_WIRE_SERVER
    return ip in _GLOBAL_IPV6 and not any(ip in network for network in _SPECIAL_IPV6)
