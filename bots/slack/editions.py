"""An edition of the digest in Slack's blocks. Pure.

`digest` is complete without a picture; `with_chart` adds Slack's own, for workspaces that know it. Every figure of the
chart stands in the blocks and in `text` too.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from bots.slack import forms
from bots.slack.render import (
    HEADER_AT_MOST,
    LABEL_AT_MOST,
    SEPARATOR,
    SITE_AT_MOST,
    TITLE_AT_MOST,
    Block,
    Said,
    button,
    context,
    escape,
    link,
    member_buttons,
    plain,
    said,
    section,
)
from core.anonymity import bucket
from core.drafts import Kind
from core.editions import is_full, sources_of
from core.model import Edition, Entry, LinkId, Question
from core.schedules import last_day_of, monday_of
from texts.catalogue import Words
from texts.pictures import by_day
from texts.reasons import reasons

ENTRIES_AT_MOST = 10
CHART_TITLE_AT_MOST, CHART_LABEL_AT_MOST = 50, 20
"""Of `data_visualization` [https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block]."""
ALT_AT_MOST = 2000
LINKS_AT_MOST = 90
"""In a modal, which has a hundred blocks."""
ENTRY, ALL, OPTIONS, GO_ON, PAUSE = "entry", "digest_all", "digest_settings", "question_on", "question_pause"
"""`action_id`s: an entry's menu, and the buttons."""
WHY, REMOVE = "why", "remove"
"""What can be chosen from that menu."""

Talks = Mapping[LinkId, str]
"""Where each link was shared, as an address."""
NO_TALKS: Final[Talks] = MappingProxyType({})
_CHART_AT = 2
"""Below header and totals: the first block carries our mark."""


def digest(edition: Edition, words: Words, notice: str, talks: Talks = NO_TALKS) -> Said:
    """A frozen edition: dates, totals, the chosen links, how many more there are, how numbers are protected.

    Args:
        edition: what was frozen.
        words: the reader's language.
        notice: id of the member notice in force, for the buttons.
        talks: where each link was shared, as far as that is known and still there.
    """
    shown = edition.entries[:ENTRIES_AT_MOST]
    more = len(edition.entries) + len(edition.others) - len(shown)
    dates, summary = _dates(edition, words), "\n".join(_summary(edition, words))
    blocks: list[Block] = [
        {"type": "header", "text": {"type": "plain_text", "text": plain(dates, HEADER_AT_MOST)}},
        section(summary),
    ]
    blocks += [_entry(number, edition, words, talks) for number in range(1, len(shown) + 1)]
    if more > 0:
        blocks.append(context(words.count("digest.more", more)))
    asked = [button(words.say("digest.all"), ALL, value=edition.week), button(words.say("digest.settings"), OPTIONS)]
    blocks += [{"type": "actions", "elements": asked}, member_buttons(words, notice), context(words.say("digest.how"))]
    lines = [dates, summary, *(_aloud(number, each, words) for number, each in enumerate(shown, start=1))]
    return said("\n".join([*lines, words.say("digest.how")]), *blocks)


def with_chart(plainly: Said, edition: Edition, words: Words, kind: Kind = Kind.FROZEN) -> Said:
    """The same, with the shares of each day as Slack's own chart; that of a sample says so."""
    days = [plain(day, CHART_LABEL_AT_MOST) for day in words.weekdays()]
    points = [{"label": day, "value": shares} for day, shares in zip(days, edition.shares_by_day, strict=True)]
    series = {"name": plain(words.say("chart.shares"), CHART_LABEL_AT_MOST), "data": points}
    chart: Block = {
        "type": "data_visualization",
        "title": plain(words.say(f"chart.by_day.{kind}"), CHART_TITLE_AT_MOST),
        "chart": {"type": "bar", "series": [series], "axis_config": {"categories": days}},
    }
    blocks = plainly.blocks
    return Said(plainly.text, (*blocks[:_CHART_AT], chart, *blocks[_CHART_AT:]))


def with_picture(plainly: Said, file: str, alt: str) -> Said:
    """The same, with the chart as an uploaded picture, for workspaces that don't know Slack's own.

    Args:
        plainly: the digest in words.
        file: Slack's id of the picture.
        alt: all that is drawn, in words.
    """
    image: Block = {"type": "image", "slack_file": {"id": file}, "alt_text": plain(alt, ALT_AT_MOST)}
    return Said(plainly.text, (*plainly.blocks[:_CHART_AT], image, *plainly.blocks[_CHART_AT:]))


def all_links(edition: Edition | None, words: Words) -> Block:
    """Every link of a week in a modal, as far as it has room."""
    if edition is None:
        return forms.said(words.say("why.gone"), words)
    every = (*edition.entries, *edition.others)
    blocks = [section(_line(number, each, words, NO_TALKS)) for number, each in enumerate(every, start=1)]
    if len(blocks) > LINKS_AT_MOST:
        blocks[LINKS_AT_MOST:] = [context(words.count("digest.more", len(blocks) - LINKS_AT_MOST))]
    return forms.told(words.say("digest.all"), section(_dates(edition, words)), *blocks, close=words.say("slack.close"))


def question(asked: Question, words: Words) -> Said:
    """Whether the digest is to go on, with the two answers."""
    text = words.say("question.body", group=escape(plain(asked.name, TITLE_AT_MOST)) or words.say("question.unnamed"))
    answers = [button(words.say("question.go_on"), GO_ON), button(words.say("question.pause"), PAUSE)]
    return said(text, section(text), {"type": "actions", "elements": answers})


def why(each: Entry, words: Words) -> Said:
    """Why one link is in the digest: the terms of its score."""
    head = f"*{escape(words.say('why.title'))}* {escape(_title(each))}"
    return said(f"{head}\n{escape(reasons(each, words))}\n{escape(words.say('why.intro'))}")


def _dates(edition: Edition, words: Words) -> str:
    first, last = words.day(monday_of(edition.week)), words.day(last_day_of(edition.week))
    return words.say("digest.title", first=first, last=last)


def _summary(edition: Edition, words: Words) -> Iterable[str]:
    links = len(edition.entries) + len(edition.others)
    totals = [words.count("digest.shares", edition.shares), words.count("digest.links", links)]
    yield SEPARATOR.join([*totals, *_clicks(edition.clicks, words)])
    if not is_full(edition):
        return
    yield by_day(edition, words)
    sources = sources_of(edition)
    if sources is not None:
        varied = words.number(round(sources.effective, 1))
        yield words.count("digest.sources", sources.sites, largest=words.percent(sources.largest), varied=varied)


def _entry(number: int, edition: Edition, words: Words, talks: Talks) -> Block:
    each = edition.entries[number - 1]
    options = [
        _option(words.say("why.title"), f"{WHY} {edition.week} {each.link}"),
        _option(words.say("digest.remove"), f"{REMOVE} {edition.week} {each.link}"),
    ]
    menu = {"type": "overflow", "action_id": ENTRY, "options": options}
    return {**section(_line(number, each, words, talks)), "block_id": f"entry-{number}", "accessory": menu}


def _line(number: int, each: Entry, words: Words, talks: Talks) -> str:
    line = f"{number}. *{link(each.short_url, _title(each))}*\n{_facts(each, words)}"
    talk = talks.get(each.link)
    return line if talk is None else f"{line}{SEPARATOR}{link(talk, words.say('digest.talk'))}"


def _option(label: str, value: str) -> Block:
    return {"text": {"type": "plain_text", "text": plain(label, LABEL_AT_MOST)}, "value": value}


def _title(each: Entry) -> str:
    return plain(each.title, TITLE_AT_MOST) or plain(each.url, TITLE_AT_MOST)


def _facts(each: Entry, words: Words) -> str:
    site = escape(plain(each.site, SITE_AT_MOST))
    reacted = [words.count("digest.reactions", each.reactions)] if each.reactions else []
    return SEPARATOR.join([site, words.count("digest.shares", each.shares), *reacted, *_clicks(each.clicks, words)])


def _aloud(number: int, each: Entry, words: Words) -> str:
    return f"{number}. {escape(_title(each))} ({_facts(each, words)}) {escape(each.short_url)}"


def _clicks(noisy: int | None, words: Words) -> Iterable[str]:
    if noisy is not None:
        yield words.say("digest.clicks", bucket=words.say(f"bucket.{bucket(noisy).value}"))
