"""One address, taken apart once, the way browsers do it (WHATWG URL, by ada)."""

import re
from dataclasses import dataclass, replace

from ada_url import URL

from core.errors import NotALink

LONGEST = 4096  # a whole Telegram message; nobody shares more by hand, and every pattern stays fast

_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_TABS_AND_NEWLINES = dict.fromkeys(map(ord, "\t\n\r"))
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_BARE_DOMAIN = re.compile(r"[^\s/?#@:\\]+\.[^\s/?#@:\\]+(?::\d{1,5})?(?=[/?#]|\Z)")
_UP_TO_PATH = re.compile(r"https?:[/\\]*[^/\\?#]*", re.IGNORECASE)
_SAFE_TO_SHOW = re.compile(r"[^\s\\<>\"`]*")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Address:
    """An http(s) address in its parts.

    Attributes:
        text: what was written, from the host's normal form on: path, query and fragment keep their spelling.
        host: lower case, IDNA, no trailing dot; IPv6 in brackets.
        port: empty when it is the scheme's own.
        path, query, fragment: percent-encoded by ada, without `?` and `#`.
        userinfo: whether a user name or password stands before the host.
    """

    text: str
    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str
    userinfo: bool

    @property
    def origin(self) -> str:
        """Scheme, host and port, as they begin `text`."""
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port else "")

    @property
    def tail(self) -> str:
        """Path, query and fragment as they were written."""
        return self.text[len(self.origin) :]

    @property
    def pairs(self) -> Pairs:
        """The query's parameters, decoded, in their order."""
        return pairs(self.query)


def parse(url: str, *, base: str | None = None) -> Address:
    """Take an address apart. A bare domain (`example.com/x`, as chat platforms give it) is read as https.

    Args:
        url: what was found.
        base: an absolute address that a relative one is resolved against.

    Raises:
        NotALink: it is not an http(s) address that a browser could open, or it is longer than `LONGEST`.
    """
    if len(url) > LONGEST:
        raise NotALink
    text = _with_scheme(url.strip(_C0_AND_SPACE).translate(_TABS_AND_NEWLINES), base)
    try:
        parsed = URL(text)
    except ValueError:
        raise NotALink from None
    host = parsed.hostname.removesuffix(".")
    if not all(host.split(".")):
        raise NotALink
    address = Address(
        text="",
        scheme=parsed.protocol[:-1],
        host=host,
        port=parsed.port,
        path=parsed.pathname,
        query=parsed.search[1:],
        fragment=parsed.hash[1:],
        userinfo=bool(parsed.username or parsed.password),
    )
    return _spelled(address, text, parsed)


def _with_scheme(text: str, base: str | None) -> str:
    if base is not None and text.startswith("/"):
        return base + text
    if text.startswith("//"):
        return "https:" + text
    scheme = _SCHEME.match(text)
    if scheme is not None and scheme[1].lower() in {"http", "https"}:
        return text
    if _BARE_DOMAIN.match(text):
        return "https://" + text
    raise NotALink


def _spelled(address: Address, text: str, parsed: URL) -> Address:
    """Give the address its text: the writer's own spelling where that is safe to show and means the same."""
    start = _UP_TO_PATH.match(text)
    written = text[start.end() :] if start else ""
    normal = _tail(parsed)
    keep = written == normal or (_is_safe_to_show(written) and _tail(URL(address.origin + written)) == normal)
    return replace(address, text=address.origin + (written if keep else normal))


def _tail(parsed: URL) -> str:
    return parsed.pathname + parsed.search + parsed.hash


def _is_safe_to_show(written: str) -> bool:
    return written.isprintable() and _SAFE_TO_SHOW.fullmatch(written) is not None


def decode(text: str) -> str:
    """Percent-decode once; what is not UTF-8 becomes the replacement character."""
    if "%" not in text:
        return text
    return _ESCAPES.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace"), text)


def pairs(query: str) -> Pairs:
    """Split a query into decoded names and values, in their order."""
    split = (token.partition("=") for token in query.split("&") if token)
    return tuple((name_of(name), decode(value.replace("+", " "))) for name, _, value in split)


def name_of(written: str) -> str:
    """The name of a parameter, decoded; `amp;` is what a twice escaped `&` leaves in front."""
    return decode(written).removeprefix("amp;")
