"""Our words into Telegram's HTML. Pure.

Only `<b>`, `<i>` and `<a>` are used [https://core.telegram.org/bots/api#html-style]. Whatever comes from a web page is
cut and escaped here; a message has 4096 characters after its entities are taken out, counted in UTF-16.
"""

import unicodedata
from collections.abc import Iterable
from datetime import date
from html import escape

from core.facts import Found
from core.model import Card, CardLink, FactCheck, Group, Offer, TrackedLink
from texts.catalogue import Words
from texts.operator import Operator

MESSAGE_AT_MOST = 4096
TITLE_AT_MOST = 160
DESCRIPTION_AT_MOST = 280
SITE_AT_MOST = 80
ADDRESS_AT_MOST = 300
NAMES_AT_MOST = 120
OLD_AFTER_YEARS = 2

SEPARATOR = " · "
_ELLIPSIS = "…"


def utf16_length(text: str) -> int:
    """How long Telegram says a text is."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain(text: str, at_most: int) -> str:
    """One line of a stranger's text: no controls that could reorder or hide what stands beside it, cut to a length."""
    line = " ".join("".join(each if _harmless(each) else " " for each in text).split())
    if utf16_length(line) <= at_most:
        return line
    kept, room = [], at_most - 1
    for each in line:
        room -= utf16_length(each)
        if room < 0:
            break
        kept.append(each)
    return "".join(kept).rstrip() + _ELLIPSIS


def _harmless(character: str) -> bool:
    if character in "\u200c\u200d":  # joiners, which some scripts and emoji need
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def link(url: str, label: str) -> str:
    """A link, both sides escaped."""
    return f'<a href="{escape(url)}">{escape(label)}</a>'


# Cards ------------------------------------------------------------------------------------------------------------


def card(posting: Card, words: Words, today: date, by: str | None = None) -> str:
    """What is posted under a member's message: what each page is, its plain address and the tracked one.

    Args:
        posting: the card.
        words: in the group's language.
        today: for "more than two years old".
        by: who shared it, for a card that takes the message's place.
    """
    head = [escape(words.say("card.by", name=plain(by, SITE_AT_MOST)))] if by else []
    return "\n\n".join([*head, *(_card_link(each, words, today) for each in posting.links)])


def _card_link(each: CardLink, words: Words, today: date) -> str:
    lines = [*_about(each, words), italic(_facts(each, words, today)), _removed(each, words)]
    lines.append(words.say("card.tracked", short_url=link(each.short_url, each.short_url)))
    return "\n".join(line for line in lines if line)


def _about(each: CardLink, words: Words) -> list[str]:
    preview = each.preview
    title = plain(preview.title or "", TITLE_AT_MOST) if preview else ""
    shown = title or plain(each.url, ADDRESS_AT_MOST)
    head = f"<b>{link(each.url, shown)}</b>"
    if preview is None:
        return [head, escape(words.say("card.no_preview"))]
    return [head, escape(plain(preview.description or "", DESCRIPTION_AT_MOST))]


def _facts(each: CardLink, words: Words, today: date) -> Iterable[str]:
    yield plain(each.site, SITE_AT_MOST)
    preview = each.preview
    if preview is None:
        return
    if preview.site != each.site:
        yield words.say("card.redirects", site=plain(preview.site, SITE_AT_MOST))
    if preview.published is not None:
        yield words.say("card.published", day=words.day(preview.published))
        if is_old(preview.published, today):
            yield words.say("card.old")
    if preview.noindex:
        yield words.say("card.noindex")


def is_old(published: date, today: date) -> bool:
    """Whether a page is more than two years old; one of 29 February grows old on 1 March."""
    return (published.year + OLD_AFTER_YEARS, published.month, published.day) < (today.year, today.month, today.day)


def _removed(each: CardLink, words: Words) -> str:
    if not each.removed:
        return ""
    names = plain(", ".join(each.removed), NAMES_AT_MOST)
    return escape(words.count("card.removed", len(each.removed), names=names))


def undone(urls: Iterable[str], words: Words) -> str:
    """What is left of a card that its member took back: the plain addresses."""
    given_back = "\n".join(link(url, plain(url, ADDRESS_AT_MOST)) for url in urls if url)
    return words.say("card.undone", url=given_back)


def disowned(links: Iterable[TrackedLink], words: Words) -> str:
    """What is left of a card whose links are not counted any more: the pages and their plain addresses."""
    pages = [f"<b>{link(each.clean.display, _named(each))}</b>\n{italic([each.clean.site])}" for each in links]
    return "\n\n".join([*pages, escape(words.say("card.not_counted"))])


def _named(each: TrackedLink) -> str:
    return plain(each.title, TITLE_AT_MOST) or plain(each.clean.display, ADDRESS_AT_MOST)


def fact_checks(found: Found, words: Words) -> str:
    """What others published that has to do with a page, in their words, each with its author; no judgement of ours."""
    title = plain(found.title, TITLE_AT_MOST)
    if not found.checks:
        return escape(words.say("factcheck.none", title=title))
    head = escape(words.say("factcheck.found", title=title))
    return "\n\n".join([head, *(_fact_check(each, words) for each in found.checks)])


def _fact_check(each: FactCheck, words: Words) -> str:
    author, rating = plain(each.author, TITLE_AT_MOST), plain(each.rating, TITLE_AT_MOST)
    claim = plain(each.claim, DESCRIPTION_AT_MOST)
    read = words.say("factcheck.read", site=plain(each.site, SITE_AT_MOST))
    day = words.say("card.published", day=words.day(each.reviewed)) if each.reviewed else ""
    lines = [f"<b>{escape(words.say('factcheck.rated', author=author, rating=rating))}</b>"]
    lines += [escape(words.say("factcheck.claim", claim=claim))] if claim else []
    return "\n".join([*lines, link(each.url, read) + (escape(SEPARATOR + day) if day else "")])


def italic(facts: Iterable[str]) -> str:
    """Small facts in one line, escaped; nothing when there are none."""
    line = SEPARATOR.join(fact for fact in facts if fact)
    return f"<i>{escape(line)}</i>" if line else ""


# Words of our own -------------------------------------------------------------------------------------------------


def onboarding(operator: Operator, words: Words) -> str:
    """The one message a group gets when the bot comes in: who runs it, what it reads, what it never keeps."""
    return escape(words.say("onboarding.body", operator=operator.name))


def privacy(operator: Operator, words: Words) -> str:
    """What `/privacy` answers, always."""
    text = words.say("privacy.body", operator=operator.name, contact=operator.contact, url=operator.privacy_url)
    return escape(text)


def notice(offer: Offer, words: Words) -> str:
    """The notice that a group gets when it is switched on: nothing counted yet, and what a yes would mean."""
    return "\n\n".join([escape(enabled(offer, words)), member_notice(words)])


def enabled(offer: Offer, words: Words) -> str:
    """That a group is on, and when it reads its next digest."""
    if offer.next_digest is None:
        return words.say("state.enabled")
    return words.say("enabled.body", next_digest=words.moment(offer.next_digest, offer.zone))


def member_notice(words: Words) -> str:
    """What a member reads before saying yes."""
    return f"<b>{escape(words.say('member.read'))}</b>\n{escape(words.say('notice.member-1'))}"


def no_digest(group: Group | None, words: Words) -> str:
    """That there is no digest yet."""
    if group is None or group.next_digest is None:
        return words.say("digest.none_unscheduled")
    return words.say("digest.none", next_digest=words.moment(group.next_digest, group.schedule.zone))
