"""oEmbed (oembed.com, version 1.0), from an allow-list of providers alone: never from an address that a page names."""

import json
from dataclasses import dataclass
from urllib.parse import quote

import ada_url

from core.model import Preview
from core.urls import registrable_domain
from web.unfurl import tidy


@dataclass(frozen=True, slots=True)
class Provider:
    """A site that describes its own pages."""

    endpoint: str
    """Takes the page's address as its last parameter."""
    hosts: frozenset[str]
    parts: tuple[str, ...]
    """What the path of a described page begins with; empty for every path but the front page."""


PROVIDERS = (
    Provider(  # https://oembed.com, "YouTube"
        "https://www.youtube.com/oembed?format=json&url=",
        frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be"}),
        (),
    ),
    Provider(  # https://developer.vimeo.com/api/oembed/videos
        "https://vimeo.com/api/oembed.json?url=", frozenset({"vimeo.com", "www.vimeo.com", "player.vimeo.com"}), ()
    ),
    Provider(  # https://developer.spotify.com/documentation/embeds/reference/oembed
        "https://open.spotify.com/oembed?url=",
        frozenset({"open.spotify.com"}),
        ("/track/", "/album/", "/playlist/", "/artist/", "/show/", "/episode/", "/intl-"),
    ),
    Provider(  # https://developers.soundcloud.com/docs/oembed
        "https://soundcloud.com/oembed?format=json&url=",
        frozenset({"soundcloud.com", "www.soundcloud.com", "m.soundcloud.com"}),
        (),
    ),
    Provider(  # https://oembed.com, "Reddit"
        "https://www.reddit.com/oembed?url=",
        frozenset({"reddit.com", "www.reddit.com", "old.reddit.com"}),
        ("/r/", "/user/"),
    ),
    Provider(  # https://developers.tiktok.com/doc/embed-videos
        "https://www.tiktok.com/oembed?url=", frozenset({"tiktok.com", "www.tiktok.com", "m.tiktok.com"}), ("/@",)
    ),
    Provider(  # https://www.flickr.com/services/oembed
        "https://www.flickr.com/services/oembed/?format=json&url=",
        frozenset({"flickr.com", "www.flickr.com", "flic.kr"}),
        ("/photos/", "/p/"),
    ),
)


def endpoint(url: str) -> str | None:
    """Where the provider of a page describes it; None for pages of everybody else."""
    page = ada_url.URL(url)
    for provider in PROVIDERS:
        described = page.pathname.startswith(provider.parts) if provider.parts else len(page.pathname) > 1
        if page.hostname in provider.hosts and described:
            return provider.endpoint + quote(url, safe="")
    return None


def parse(body: bytes, url: str) -> Preview | None:
    """What a provider says about a page of its own; None when it says nothing.

    Args:
        body: the answer, JSON.
        url: the page.
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    title = tidy.text(told.get("title"), tidy.TITLE) if isinstance(told, dict) else None
    if title is None:
        return None
    return Preview(
        final_url=url,
        site=registrable_domain(ada_url.URL(url).hostname),
        title=title,
        description=tidy.text(told.get("description"), tidy.DESCRIPTION),
        image=tidy.image(told.get("thumbnail_url"), url),
        site_name=tidy.text(told.get("provider_name"), tidy.NAME),
        author=tidy.text(told.get("author_name"), tidy.NAME),
        canonical=url,
        by_provider=True,
    )
