"""Which addresses of the internet a page may be fetched from (pure)."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

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
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".corp", ".home", ".lan", ".home.arpa", ".onion")


def is_public(address: str) -> bool:
    """Whether an address, in the spelling a resolver gives, belongs to the public internet.

    The blocks are those of IANA's special-purpose registries (RFC 6890 and its updates). Anything that is not an
    address, or that names a network interface (`fe80::1%eth0`), is not public.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in block for block in _REFUSED_V4)
    return _is_public_v6(ip)


def _is_public_v6(ip: IPv6Address) -> bool:
    return ip.scope_id is None and ip in _ALLOWED_V6 and not any(ip in block for block in _REFUSED_V6)


def literal(host: str) -> str | None:
    """The IP address that a URL's host is, without brackets; None for a name."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return str(ip_address(bare))
    except ValueError:
        return None


def is_local_name(name: str) -> bool:
    """Whether a name may only mean something inside a network: it is never asked of a resolver."""
    bare = name.rstrip(".").lower()
    return "." not in bare or f".{bare}".endswith(_LOCAL_SUFFIXES)
