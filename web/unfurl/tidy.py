"""Texts and addresses of strangers, made safe to show (pure)."""

import html
import re

import ada_url

from web.unfurl.addresses import is_local_name, is_public, literal

TITLE = 300
DESCRIPTION = 500
NAME = 120
"""Of a site or of all authors together."""
_ADDRESS = 2_000

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff\ud800-\udfff]"
)
"""Controls, bidi and zero-width characters, soft hyphens, fillers, tags, lone surrogates."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_PLAINLY_WRITTEN = re.compile(r"https?://[a-z0-9.-]+(?:/[^\s\\<>\"`{}|^\x00-\x20\x7f-\xa0\u200b-\u206f\ufeff]*)?")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")


def text(raw: object, limit: int) -> str | None:
    """A plain text of one line; None when nothing is left of it.

    Args:
        raw: as a page gives it, perhaps with markup or with entities that were escaped twice.
        limit: characters; longer texts end in an ellipsis.
    """
    if not isinstance(raw, str):
        return None
    shown = raw[: 4 * limit + 1_000]
    if "&" in shown:
        shown = html.unescape(shown) if _ENTITY.search(shown) else shown
    if "<" in shown:
        shown = _MARKUP.sub(" ", shown)
    shown = " ".join(_INVISIBLE.sub("", shown).split())
    return (shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…") or None


def address(raw: object, base: str) -> str | None:
    """An absolute http or https address without credentials, in its own spelling; None for anything else."""
    if not isinstance(raw, str) or not 0 < len(raw) <= _ADDRESS:
        return None
    written = raw.strip()
    try:
        if _PLAINLY_WRITTEN.fullmatch(written):  # absolute, and nobody's credentials: most are
            return written if ada_url.URL.can_parse(written) else None
        if written.lower().startswith(f"{ada_url.URL(base).hostname}/"):
            written = f"//{written}"  # the site's own name, its scheme forgotten
        url = ada_url.URL(ada_url.join_url(base, written))
    except ValueError:
        return None
    if url.protocol not in {"http:", "https:"} or url.username or url.password:
        return None
    return str(url.href)


def image(raw: object, base: str) -> str | None:
    """The address of a picture as a card may show it: https, public, never SVG. It is never fetched here."""
    found = address(raw, base)
    if found is None:
        return None
    url = ada_url.URL(found)
    host = url.hostname
    number = literal(host)
    hidden = is_local_name(host) if number is None else not is_public(number)
    if hidden or url.port or url.pathname.lower().endswith((".svg", ".svgz")):
        return None
    return "https:" + found.removeprefix("http:").removeprefix("https:")
