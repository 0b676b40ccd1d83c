"""Which host an address is on: rules tied to hosts, and hosts that are nobody else's business."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Generic, TypeVar

Rule = TypeVar("Rule")
Families = Mapping[str, str]

_REFUSED_V4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # "this network", RFC 791
        "10.0.0.0/8",  # private, RFC 1918
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598; cloud metadata of Alibaba lives at 100.100.100.200
        "127.0.0.0/8",  # loopback, RFC 1122
        "168.63.129.16/32",  # Azure's host, public by its number only
        "169.254.0.0/16",  # link-local, RFC 3927; cloud metadata
        "172.16.0.0/12",  # private, RFC 1918
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.0.2.0/24",  # documentation, RFC 5737
        "192.31.196.0/24",  # AS112, RFC 7535
        "192.52.193.0/24",  # AMT, RFC 7450
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "192.168.0.0/16",  # private, RFC 1918
        "192.175.48.0/24",  # AS112, RFC 7534
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "198.51.100.0/24",  # documentation, RFC 5737
        "203.0.113.0/24",  # documentation, RFC 5737
        "224.0.0.0/4",  # multicast, RFC 5771
        "240.0.0.0/4",  # reserved and broadcast, RFC 1112
    )
)
_ALLOWED_V6 = IPv6Network("2000::/3")  # all that IANA has given out; NAT64, mapped, local and multicast are outside
_REFUSED_V6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments with Teredo and ORCHID, RFC 2928
        "2001:db8::/32",  # documentation, RFC 3849
        "2002::/16",  # 6to4: carries an IPv4 address, RFC 3056
        "3fff::/20",  # documentation, RFC 9637
        "2620:4f:8000::/48",  # AS112, RFC 7534
    )
)
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
    """Whether the internet at large can reach an IP address: what a link may lead to, and what the transport may dial.

    The blocks are those of IANA's special-purpose registries (RFC 6890 and its updates).
    """
    if isinstance(ip, IPv4Address):
        return not any(ip in block for block in _REFUSED_V4)
    return ip.scope_id is None and ip in _ALLOWED_V6 and not any(ip in block for block in _REFUSED_V6)
