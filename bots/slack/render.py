"""Our words into Slack's blocks. Pure.

Every message has blocks to look at and a complete `text` for screen readers and notifications
[https://docs.slack.dev/reference/methods/chat.postMessage#text_blocks_attachments]. Whatever comes from a web page is
made one harmless line, cut, and escaped; `verbatim` keeps Slack from finding mentions and addresses in it by itself.
Limits of Block Kit: 3000 characters in a section, 150 in a header, 75 on a button, 50 blocks in a message.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.facts import Found
from core.links import PageBehind
from core.model import Card, CardLink, FactCheck, Group, Preview
from texts.catalogue import Words
from texts.operator import Operator

Block = dict[str, Any]

TEXT_AT_MOST = 4000
"""Slack's advice for `text`; it cuts at 40,000."""
SECTION_AT_MOST = 3000
HEADER_AT_MOST = 150
LABEL_AT_MOST = 75
URL_AT_MOST = 3000
"""On a button; a longer address stands in the text alone."""
LINKED_URL_AT_MOST = 800
"""In a section, escaped."""
TITLE_AT_MOST = 140
DESCRIPTION_AT_MOST = 220
"""Escaped, each of these may be five times as long; a section still holds them all."""
SITE_AT_MOST = 80
NAMES_AT_MOST = 120
ADDRESS_AT_MOST = 120
PIECE_AT_MOST = 2900
PIECES_AT_MOST = 45
"""Of a file shown as text; a message has 50 blocks at most."""
OLD_AFTER_YEARS = 2

SEPARATOR = " · "
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Said:
    """A message for Slack: what is seen, and what is read aloud."""

    text: str
    blocks: tuple[Block, ...]

    def fields(self) -> dict[str, Any]:
        """The message's own arguments, as every posting method takes them."""
        return {"text": self.text, "blocks": list(self.blocks)}


# A stranger's text ------------------------------------------------------------------------------------------------


def plain(text: str, at_most: int) -> str:
    """One line of a stranger's text: no controls that could reorder or hide what stands beside it, cut to a length."""
    line = " ".join("".join(each if _harmless(each) else " " for each in text).split())
    return line if len(line) <= at_most else line[: at_most - 1].rstrip() + _ELLIPSIS


def _harmless(character: str) -> bool:
    if character in "\u200c\u200d":  # joiners, which some scripts and emoji need
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def escape(text: str) -> str:
    """Take the meaning from the three characters that have one: no mention, no channel, no link is left.

    Source: https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """A link in mrkdwn; an address too long to stand in one gives its label alone."""
    shown = escape(label)
    target = escape(url.replace("|", "%7C"))
    return f"<{target}|{shown}>" if len(target) <= LINKED_URL_AT_MOST else shown


def named(name: str, words: Words) -> str:
    """A channel's name, escaped; words of ours for one that has none, or none that can be seen."""
    return escape(plain(name, TITLE_AT_MOST) or words.say("groups.unnamed"))


# Pieces -----------------------------------------------------------------------------------------------------------


def section(mrkdwn: str) -> Block:
    """A paragraph; the caller has escaped what is not ours."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": _fit(mrkdwn, SECTION_AT_MOST), "verbatim": True}}


def context(mrkdwn: str) -> Block:
    """A paragraph in small grey letters."""
    element = {"type": "mrkdwn", "text": _fit(mrkdwn, SECTION_AT_MOST), "verbatim": True}
    return {"type": "context", "elements": [element]}


def button(label: str, action: str, *, value: str = "", url: str = "", style: str = "") -> Block:
    """A button. `action` is what Slack tells us was pressed."""
    made: Block = {"type": "button", "action_id": action, "text": _label(label)}
    optional = {"value": value, "url": url, "style": style}
    return made | {name: given for name, given in optional.items() if given}


def about(made: Block, what: str) -> Block:
    """A button that says aloud what it is about, where several of one label stand in a message or view.

    Screen readers read it in the label's stead [https://docs.slack.dev/reference/block-kit/block-elements/button-element].
    """
    aloud = what.replace("<", " ").replace(">", " ")  # no markup is read here, nor should any be heard
    return made | {"accessibility_label": plain(f"{made['text']['text']} – {aloud}", LABEL_AT_MOST)}


def _label(label: str) -> Block:
    return {"type": "plain_text", "text": plain(label, LABEL_AT_MOST)}


def _fit(text: str, at_most: int) -> str:
    """Our own words and escaped pieces that were cut before: this only guards against a very long catalogue."""
    return text if len(text) <= at_most else text[: at_most - 1] + _ELLIPSIS


def said(text: str, *blocks: Block) -> Said:
    """A message whose `text` is our own words, or escaped; without blocks the text is what is seen."""
    return Said(_fit(text, TEXT_AT_MOST), blocks or (section(text),))


# Cards ------------------------------------------------------------------------------------------------------------


def card(posting: Card, words: Words, today: date) -> Said:
    """What is posted under a member's message: what each page is, its plain address and the tracked one."""
    blocks: list[Block] = []
    for number, each in enumerate(posting.links, start=1):
        blocks += [section(_about(each, words)), context(_small_print(each, words, today))]
        blocks.append(_buttons(posting, number, words))
    text = "\n\n".join(_read_aloud(each, words, today) for each in posting.links)
    return Said(_fit(text, TEXT_AT_MOST), tuple(blocks))


def _about(each: CardLink, words: Words) -> str:
    head = f"*{link(each.url, _title(each))}*"
    preview = each.preview
    below = escape(plain(preview.description or "", DESCRIPTION_AT_MOST)) if preview else words.say("card.no_preview")
    tracked = words.say("card.tracked", short_url=link(each.short_url, each.short_url))
    return "\n".join(line for line in (head, below, tracked) if line)


def _title(each: CardLink) -> str:
    title = plain(each.preview.title or "", TITLE_AT_MOST) if each.preview else ""
    return title or plain(each.url, TITLE_AT_MOST)


def _small_print(each: CardLink, words: Words, today: date) -> str:
    return escape(SEPARATOR.join(_facts(each, words, today)))


def _facts(each: CardLink, words: Words, today: date) -> Iterable[str]:
    yield plain(each.site, SITE_AT_MOST) or plain(each.url, SITE_AT_MOST)
    if each.preview is not None:
        yield from _observed(each.preview, each.site, words, today)
    if each.removed:
        names = plain(", ".join(each.removed), NAMES_AT_MOST)
        yield words.count("card.removed", len(each.removed), names=names)


def _observed(preview: Preview, site: str, words: Words, today: date) -> Iterable[str]:
    """What a page says and does beside its title: context, never a verdict."""
    if preview.site != site:
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


def _buttons(posting: Card, number: int, words: Words) -> Block:
    each = posting.links[number - 1]
    elements = [button(words.say("card.open_counted"), "open_counted", url=each.short_url)]
    if len(each.url) <= URL_AT_MOST:
        elements.insert(0, button(words.say("card.open"), "open", url=each.url))
    if each.checkable:
        elements.append(button(words.say("card.fact_check"), "fact_check", value=each.link))
    if number == len(posting.links):
        elements.append(button(words.say("card.undo"), "undo", value=posting.message))
    named = [about(element, _title(each)) for element in elements]
    return {"type": "actions", "block_id": f"card-{number}", "elements": named}


def _read_aloud(each: CardLink, words: Words, today: date) -> str:
    lines = [escape(_title(each)), _small_print(each, words, today), escape(plain(each.url, ADDRESS_AT_MOST))]
    lines.append(words.say("card.tracked", short_url=escape(each.short_url)))
    return "\n".join(dict.fromkeys(lines))


def undone(urls: Iterable[str], words: Words) -> Said:
    """What is left of a card that its member took back: the plain addresses."""
    given_back = "\n".join(link(url, plain(url, ADDRESS_AT_MOST)) for url in urls if url)
    return said(words.say("card.undone", url=given_back))


def fact_checks(found: Found, words: Words) -> Said:
    """What others published that has to do with a page, in their words, each with its author; no judgement of ours."""
    title = escape(plain(found.title, TITLE_AT_MOST))
    if not found.checks:
        return said(words.say("factcheck.none", title=title))
    lines = [words.say("factcheck.found", title=title), *(_fact_check(each, words) for each in found.checks)]
    return said("\n\n".join(lines), *map(section, lines))


def _fact_check(each: FactCheck, words: Words) -> str:
    author, rating = (escape(plain(text, TITLE_AT_MOST)) for text in (each.author, each.rating))
    claim = escape(plain(each.claim, DESCRIPTION_AT_MOST))
    read = link(each.url, words.say("factcheck.read", site=plain(each.site, SITE_AT_MOST)))
    day = words.say("card.published", day=words.day(each.reviewed)) if each.reviewed else ""
    lines = [words.say("factcheck.rated", author=f"*{author}*", rating=rating)]
    lines += [words.say("factcheck.claim", claim=claim)] if claim else []
    return "\n".join([*lines, SEPARATOR.join(part for part in (read, day) if part)])


# Standing messages ------------------------------------------------------------------------------------------------


def onboarding(words: Words, operator: Operator) -> Said:
    """The one message a channel gets when the bot is invited."""
    body = words.say("onboarding.body", operator=escape(plain(operator.name, TITLE_AT_MOST)))
    elements = [
        button(words.say("onboarding.enable"), "enable", style="primary"),
        button(words.say("onboarding.privacy"), "privacy"),
    ]
    return said(body, section(body), {"type": "actions", "elements": elements})


def notice(text: str, words: Words, notice_id: str) -> Said:
    """The one notice a channel gets when it was switched on: what a yes means, and the buttons that say it."""
    return said(text, section(escape(text)), member_buttons(words, notice_id))


def member_buttons(words: Words, notice_id: str) -> Block:
    """A member's own switches; each purpose can be refused on its own, and no is as near as yes."""
    return {
        "type": "actions",
        "elements": [
            button(words.say("member.yes"), "member_yes", value=notice_id, style="primary"),
            button(words.say("member.yes_shares"), "member_shares", value=notice_id),
            button(words.say("member.no"), "member_no"),
        ],
    }


def leads_to(page: PageBehind, words: Words, today: date) -> tuple[Block, ...]:
    """What a short URL of ours leads to, for the message that somebody put it in: the page's card, with no buttons."""
    site, plainly = escape(plain(page.site, SITE_AT_MOST)), link(page.url, plain(page.url, ADDRESS_AT_MOST))
    leads = words.say("slack.unfurl.leads", site=site, url=plainly)
    preview = page.preview
    if preview is None or not preview.title:
        return (section(leads),)
    head = f"*{link(page.url, plain(preview.title, TITLE_AT_MOST))}*"
    below = escape(plain(preview.description or "", DESCRIPTION_AT_MOST))
    facts = escape(SEPARATOR.join(_observed(preview, page.site, words, today)))
    about = section("\n".join(line for line in (head, below, leads) if line))
    return (about, context(facts)) if facts else (about,)


def enabled(group: Group, words: Words) -> Said:
    """What the onboarding message becomes."""
    return said(words.say("enabled.body", next_digest=next_digest(group, words)))


def no_digest(group: Group | None, words: Words) -> Said:
    """An answer to who asks for a digest that is not there."""
    if group is None or group.next_digest is None:
        return said(words.say("digest.none_unscheduled"))
    return said(words.say("digest.none", next_digest=next_digest(group, words)))


def next_digest(group: Group, words: Words) -> str:
    """When a group reads its next digest, in words; nothing where it reads none."""
    return words.moment(group.next_digest, group.schedule.zone) if group.next_digest else ""


def paper(caption: str, content: str, words: Words, operator: Operator) -> Said:
    """A file as text, for one person: our scopes let us upload none. What is too long for a message says so."""
    pieces = list(_pieces(content, PIECE_AT_MOST))
    blocks = [section(escape(caption)), *(section(f"```{piece}```") for piece in pieces[:PIECES_AT_MOST])]
    if len(pieces) > PIECES_AT_MOST:
        blocks.append(section(words.say("slack.mydata.cut", contact=escape(plain(operator.contact, TITLE_AT_MOST)))))
    return Said(_fit(escape(caption), TEXT_AT_MOST), tuple(blocks))


def _pieces(content: str, at_most: int) -> Iterable[str]:
    """A text in escaped pieces, cut between characters so that no entity is cut in two."""
    piece: list[str] = []
    length = 0
    for character in map(escape, content.replace("```", "`\u200b``")):
        if length + len(character) > at_most:
            yield "".join(piece)
            piece, length = [], 0
        piece.append(character)
        length += len(character)
    yield "".join(piece)


def thanks(text: str, words: Words) -> Said:
    """What follows a yes, with the way to its receipt."""
    receipt = button(words.say("slack.receipt_how"), "receipt")
    return said(text, section(text), {"type": "actions", "elements": [receipt]})


def privacy(words: Words, operator: Operator) -> Said:
    """What is read and kept."""
    name, contact = escape(plain(operator.name, TITLE_AT_MOST)), escape(plain(operator.contact, TITLE_AT_MOST))
    whole = link(operator.privacy_url, operator.privacy_url)
    return said(words.say("privacy.body", operator=name, contact=contact, url=whole))
