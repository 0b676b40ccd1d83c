"""Who may ask the page to act: the page itself, in the browser of the person at this machine (pure)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def is_own_host(host: str, base_url: str) -> bool:
    """Whether a Host header names us: the served address, or loopback at any port.

    Any other name was pointed at this machine by somebody else (DNS rebinding).
    """
    return host.lower() == urlsplit(base_url).netloc.lower() or _name(host) in _LOOPBACK


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from our own page, or from no page at all.

    Browsers say so in `Sec-Fetch-Site` [https://www.w3.org/TR/fetch-metadata/] and `Origin`; programs say neither.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def is_from_a_browser(headers: Mapping[str, str]) -> bool:
    """Whether a page in a browser sent the request, as no bot does."""
    return "sec-fetch-site" in headers or "origin" in headers


def _name(host: str) -> str:
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdigit() else host.lower()
