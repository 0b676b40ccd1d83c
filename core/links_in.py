"""What may be done with a link that a member posted: the order of steps, in one place."""

from dataclasses import dataclass

from core.address import parse
from core.errors import NotALink
from core.links import is_short_url
from core.model import DropReason
from core.opaque import is_opaque
from core.sensitive import reason_of
from core.sensitive_rules import Sensitive, SensitiveRules
from core.urls import CleanUrl, UrlRules, clean
from core.wrappers import layers


@dataclass(frozen=True, slots=True)
class LinkRules:
    """The tables that tell a link to count from a link never to touch."""

    urls: UrlRules
    sensitive: SensitiveRules


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is left of a message's links, each canonical URL once, and why the others are not."""

    links: tuple[CleanUrl, ...]
    dropped: tuple[DropReason, ...]
    asked_about: tuple[CleanUrl, ...] = ()
    """Those dropped as opaque."""


@dataclass(frozen=True, slots=True)
class Examined:
    """Either the clean form of a link, or the reason why it is left byte for byte as it is. Exactly one is set."""

    clean: CleanUrl | None
    reason: Sensitive | None


def examine(url: str, url_rules: UrlRules, sensitive_rules: SensitiveRules) -> Examined:
    """Sensitive? Unwrap. Sensitive again? Only then take the trackers off and make the key.

    Any string is answered; what is not an http(s) address counts as another scheme.
    """
    try:
        address = parse(url)
    except NotALink:
        return Examined(None, Sensitive.OTHER_SCHEME)
    found = layers(address, url_rules.wrappers)
    for layer in found:
        reason = reason_of(layer.address, sensitive_rules)
        if reason is not None:
            return Examined(None, reason)
    return Examined(clean(found, url_rules), None)


def sift(urls: tuple[str, ...], rules: LinkRules, public_url: str, *, deliberate: bool) -> Sifted:
    """Which links of a message may be counted.

    Args:
        urls: as found.
        rules: the tables.
        public_url: what our own short URLs begin with.
        deliberate: the member handed them over with a command, so that opaque ones are no question any more.
    """
    links: dict[str, CleanUrl] = {}
    dropped = [] if urls else [DropReason.NO_LINK]
    asked_about = []
    for url in urls:
        clean = None if is_short_url(public_url, url) else examine(url, rules.urls, rules.sensitive).clean
        if clean is None:
            dropped.append(DropReason.OWN_LINK if is_short_url(public_url, url) else DropReason.SENSITIVE)
        elif is_opaque(clean.display) and not deliberate:
            dropped.append(DropReason.OPAQUE)
            asked_about.append(clean)
        else:
            links.setdefault(clean.key, clean)
    return Sifted(tuple(links.values()), tuple(dropped), tuple(asked_about))
