"""An edition of the digest in Telegram's HTML. Pure.

Photos have no alternative text on Telegram, so that every figure of the chart stands in the words too.
"""

import re
from collections.abc import Iterable, Mapping
from html import escape, unescape
from types import MappingProxyType
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bots.telegram.render import (
    MESSAGE_AT_MOST,
    SEPARATOR,
    SITE_AT_MOST,
    TITLE_AT_MOST,
    italic,
    link,
    plain,
    utf16_length,
)
from core.anonymity import bucket
from core.editions import is_full, sources_of
from core.model import Edition, Entry, LinkId
from core.schedules import last_day_of, monday_of
from texts.catalogue import Words
from texts.pictures import by_day
from texts.reasons import reasons

CAPTION_AT_MOST = 1024
"""Of a photo, after its entities are taken out [https://core.telegram.org/bots/api#sendphoto]."""
ENTRIES_AT_MOST = 10
ON_A_BUTTON = 40
ROOM_FOR_THE_REST = 60
SUPERGROUP = "-100"
"""What the ids of supergroups begin with."""

Talks = Mapping[LinkId, str]
"""Where each link was shared, as an address."""
NO_TALKS: Final[Talks] = MappingProxyType({})

_TAG = re.compile(r"<[^>]*>")


def digest(edition: Edition, words: Words, talks: Talks = NO_TALKS) -> str:
    """A frozen edition: dates, totals, the chosen links, how many more there are, how numbers are protected.

    Args:
        edition: what was frozen.
        words: the reader's language.
        talks: where each link was shared, as far as that is known and can be linked to.
    """
    shown = edition.entries[:ENTRIES_AT_MOST]
    more = len(edition.entries) + len(edition.others) - len(shown)
    entries = (_entry(number, each, words, talks.get(each.link)) for number, each in enumerate(shown, start=1))
    parts = [_head(edition, words), *entries]
    if more:
        parts.append(escape(words.count("digest.more", more)))
    parts.append(italic([words.say("digest.how")]))
    return "\n\n".join(parts)


def all_links(edition: Edition, words: Words) -> str:
    """Every link of a week, as far as a message has room, in the order of the digest."""
    first, last = words.day(monday_of(edition.week)), words.day(last_day_of(edition.week))
    text = f"<b>{escape(words.say('digest.title', first=first, last=last))}</b>"
    every = (*edition.entries, *edition.others)
    for number, each in enumerate(every, start=1):
        longer = f"{text}\n\n{_entry(number, each, words, None)}"
        if utf16_length(unescape(_TAG.sub("", longer))) > MESSAGE_AT_MOST - ROOM_FOR_THE_REST:
            rest = escape(words.count("digest.more", len(every) - number + 1))
            return f"{text}\n\n{rest}"
        text = longer
    return text


def past(url: str, words: Words) -> InlineKeyboardMarkup:
    """The way to the page of past digests."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(words.say("signin.editions_button"), url=url)]])


def talks_in(conversation: str, messages: Mapping[LinkId, str]) -> Talks:
    """The addresses of messages, which lead whoever is in a group to them.

    Only supergroups have such addresses; the bot can't ask whether a message is still there
    [https://core.telegram.org/api/links#message-links].
    """
    if not conversation.startswith(SUPERGROUP):
        return NO_TALKS
    chat = conversation.removeprefix(SUPERGROUP)
    return {each: f"https://t.me/c/{chat}/{message}" for each, message in messages.items() if message.isdecimal()}


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


def _entry(number: int, each: Entry, words: Words, talk: str | None) -> str:
    facts = [plain(each.site, SITE_AT_MOST), words.count("digest.shares", each.shares), *_reactions(each, words)]
    line = f"{number}. {link(each.short_url, title(each))}\n{italic([*facts, *_clicks(each.clicks, words)])}"
    return line if talk is None else f"{line}{SEPARATOR}{link(talk, words.say('digest.talk'))}"


def _reactions(each: Entry, words: Words) -> list[str]:
    return [words.count("digest.reactions", each.reactions)] if each.reactions else []


def title(each: Entry) -> str:
    """What a line of the digest is called."""
    return plain(each.title, TITLE_AT_MOST) or plain(each.url, TITLE_AT_MOST)


def short(each: Entry) -> str:
    """The same, as short as a button wants it."""
    return plain(title(each), ON_A_BUTTON)


def _clicks(noisy: int | None, words: Words) -> list[str]:
    if noisy is None:
        return []
    return [words.say("digest.clicks", bucket=words.say(f"bucket.{bucket(noisy).value}"))]
