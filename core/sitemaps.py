"""A domain's list of its own pages, as sitemaps write it, into canonical URLs (sitemaps.org, protocol 0.9). Pure."""

import re
from collections.abc import Iterable
from html import unescape

from core.across import shown_threshold
from core.errors import NotALink, SitemapUnreadable
from core.model import Sitemap
from core.urls import UrlRules, canonicalize

_LOC = re.compile(r"<loc>\s*(.*?)\s*</loc>", re.DOTALL)


def read_sitemap(domain: str, text: str, rules: UrlRules) -> Sitemap:
    """The pages that a sitemap lists, each once: XML with `<loc>` elements, or plain text with one address a line.

    Addresses of other domains are passed over, since nobody can list pages but their own.

    Args:
        domain: whose pages; its subdomains are its own.
        text: the file, without compression. The index of several sitemaps is none.
        rules: the tables that make one spelling of many.

    Raises:
        SitemapUnreadable: it is an index, or names no page of the domain.
        TooManyPages: more pages than there is a threshold for.
    """
    if "<sitemapindex" in text:
        raise SitemapUnreadable(
            f"The sitemap of {domain} is an index: give the pages themselves.", which="index", domain=domain
        )
    pages = tuple(dict.fromkeys(_pages(domain, _addresses(text), rules)))
    if not pages:
        raise SitemapUnreadable(f"The sitemap of {domain} names no page of it.", which="empty", domain=domain)
    shown_threshold(len(pages))
    return Sitemap(domain, pages)


def _addresses(text: str) -> list[str]:
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return [unescape(found) for found in _LOC.findall(text)]
    return [line.strip() for line in text.splitlines()]


def _pages(domain: str, addresses: Iterable[str], rules: UrlRules) -> Iterable[str]:
    for address in addresses:
        try:
            key = canonicalize(address, rules).key
        except NotALink:
            continue
        host = key.removeprefix("https://").partition("/")[0].partition("?")[0]
        if f".{host}".endswith(f".{domain}"):
            yield key
