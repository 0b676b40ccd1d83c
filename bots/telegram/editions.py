"""An edition of the digest in Telegram's HTML. Pure.

Photos have no alternative text on Telegram, so that every figure of the chart stands in the words too.
"""

import re
from collections.abc import Iterable
from html import escape, unescape

from bots.telegram.render import SEPARATOR, SITE_AT_MOST, TITLE_AT_MOST, italic, link, plain, utf16_length
from core.anonymity import bucket
from core.digests import is_full, sources_of
from core.model import Edition, Entry
from core.schedules import last_day_of, monday_of
from texts.catalogue import Words
from texts.pictures import by_day
from texts.reasons import reasons

CAPTION_AT_MOST = 1024
"""Of a photo, after its entities are taken out [https://core.telegram.org/bots/api#sendphoto]."""
ENTRIES_AT_MOST = 10

_TAG = re.compile(r"<[^>]*>")


def digest(edition: Edition, words: Words) -> str:
    """A frozen edition: dates, totals, the chosen links, how many more there are, how numbers are protected."""
    shown = edition.entries[:ENTRIES_AT_MOST]
    more = len(edition.entries) + len(edition.others) - len(shown)
    parts = [_head(edition, words), *(_entry(number, each, words) for number, each in enumerate(shown, start=1))]
    if more:
        parts.append(escape(words.count("digest.more", more)))
    parts.append(italic([words.say("digest.how")]))
    return "\n\n".join(parts)


def fits_under_a_photo(html: str) -> bool:
    """Whether words are short enough to be the caption of the chart."""
    return utf16_length(unescape(_TAG.sub("", html))) <= CAPTION_AT_MOST


def why(edition: Edition, words: Words) -> str:
    """Why the links of an edition are in it, in their order: the terms of each score."""
    lines = [f"<b>{escape(words.say('why.title'))}</b>\n{escape(words.say('why.intro'))}"]
    for number, each in enumerate(edition.entries[:ENTRIES_AT_MOST], start=1):
        lines.append(f"{number}. {escape(title(each))}\n{italic([reasons(each, words)])}")
    return "\n\n".join(lines)


def _head(edition: Edition, words: Words) -> str:
    first, last = words.day(monday_of(edition.week)), words.day(last_day_of(edition.week))
    links = len(edition.entries) + len(edition.others)
    totals = [words.count("digest.shares", edition.shares), words.count("digest.links", links)]
    lines = [SEPARATOR.join([*totals, *_clicks(edition.clicks, words)]), *_at_length(edition, words)]
    title = escape(words.say("digest.title", first=first, last=last))
    return "\n".join([f"<b>{title}</b>", *map(escape, lines)])


def _at_length(edition: Edition, words: Words) -> Iterable[str]:
    if not is_full(edition):
        return
    yield by_day(edition, words)
    sources = sources_of(edition)
    if sources is not None:
        varied = words.number(round(sources.effective, 1))
        yield words.count("digest.sources", sources.sites, largest=words.percent(sources.largest), varied=varied)


def _entry(number: int, each: Entry, words: Words) -> str:
    facts = [plain(each.site, SITE_AT_MOST), words.count("digest.shares", each.shares), *_clicks(each.clicks, words)]
    return f"{number}. {link(each.short_url, title(each))}\n{italic(facts)}"


def title(each: Entry) -> str:
    """What a line of the digest is called."""
    return plain(each.title, TITLE_AT_MOST) or plain(each.url, TITLE_AT_MOST)


def _clicks(noisy: int | None, words: Words) -> list[str]:
    if noisy is None:
        return []
    return [words.say("digest.clicks", bucket=words.say(f"bucket.{bucket(noisy).value}"))]
