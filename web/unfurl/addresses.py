"""Which addresses of the internet a page may be fetched from (pure)."""

from ipaddress import ip_address

from core import hosts

_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".corp", ".home", ".lan", ".home.arpa", ".onion")


def is_public(address: str) -> bool:
    """Whether an address, in the spelling a resolver gives, belongs to the public internet: see `core.hosts.is_public`.

    Anything that is not an address, or that names a network interface (`fe80::1%eth0`), is not public.
    """
    try:
        return hosts.is_public(ip_address(address))
    except ValueError:
        return False


def literal(host: str) -> str | None:
    """The IP address that a URL's host is, without brackets; None for a name."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" not in bare and not bare[-1:].isdecimal():
        return None  # a name, as nearly all are: seen without raising an error
    try:
        return str(ip_address(bare))
    except ValueError:
        return None


def is_local_name(name: str) -> bool:
    """Whether a name may only mean something inside a network: it is never asked of a resolver."""
    bare = name.rstrip(".").lower()
    return "." not in bare or f".{bare}".endswith(_LOCAL_SUFFIXES)
