"""What may be done with a link that a member posted: the order of steps, in one place."""

from dataclasses import dataclass

from core.address import parse
from core.errors import NotALink
from core.sensitive import Sensitive, SensitiveRules, reason_of
from core.urls import CleanUrl, UrlRules, clean
from core.wrappers import layers


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
