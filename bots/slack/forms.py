"""Modals: what is asked, and what is told. Pure.

Limits of a view: 24 characters in its title and on its buttons, 75 in an option, 100 blocks, 100 options of a list
[https://docs.slack.dev/reference/views/modal-views].
"""

from collections.abc import Iterable, Sequence
from zoneinfo import available_timezones

from bots.slack.render import Block, Said, button, context, escape, named, plain, section
from core.drafts import Draft
from core.model import Consent, Group, Purpose
from texts.catalogue import LANGUAGES, Words

LABEL_AT_MOST = 75
TITLE_AND_BUTTON_AT_MOST = 24
OPTIONS_AT_MOST = 100
BLOCKS_AT_MOST = 100
SIZES = range(3, 11)
"""Links in a digest that an admin may choose from."""
PAUSE_WEEKS = (1, 2, 4)
OPEN_END = "open"

SHARE, SETTINGS, PAUSE, MINE = "share", "settings", "pause", "mine"
"""`callback_id`s."""


def waiting() -> Block:
    """What is there at once, in no language: whose language it should be is still being asked."""
    return {"type": "modal", "title": _short("Penumbra"), "blocks": [section("…")]}


def told(title: str, *blocks: Block, close: str) -> Block:
    """Something to read."""
    return {"type": "modal", "title": _short(title), "close": _short(close), "blocks": list(blocks)[:BLOCKS_AT_MOST]}


def said(text: str, words: Words, *more: Block) -> Block:
    """Our own words, to read."""
    return told("Penumbra", section(text), *more, close=words.say("slack.close"))


def share(words: Words) -> Block:
    """A link, and the channel it is for: one that is the workspace's own."""
    filter_: Block = {"include": ["public", "private"], "exclude_external_shared_channels": True}
    channels: Block = {"type": "conversations_select", "default_to_current_conversation": True, "filter": filter_}
    return _form(
        SHARE,
        words.say("slack.share.title"),
        words.say("slack.share.submit"),
        [
            _input("url", words.say("slack.share.url"), {"type": "url_text_input"}),
            _input("channel", words.say("slack.share.channel"), channels),
        ],
        words,
    )


def settings(group: Group, words: Words, about: str) -> Block:
    """A channel's language, its digest's day, hour, zone and size, and what its members may choose from."""
    schedule = group.schedule
    languages = [(each, words.say(f"settings.language.{each}")) for each in LANGUAGES]
    weekdays = [(str(day), name) for day, name in enumerate(words.weekdays())]
    hours = [(str(hour), f"{hour:02d}:00") for hour in range(24)]
    sizes = [(str(size), words.number(size)) for size in SIZES]
    offered = [(each.value, words.say(f"settings.offered.{each.value}")) for each in Purpose]
    blocks = [
        _input("language", words.say("settings.language"), _select(languages, group.language)),
        _input("weekday", words.say("settings.weekday"), _select(weekdays, str(schedule.weekday))),
        _input("hour", words.say("settings.hour"), _select(hours, str(schedule.hour))),
        _input("zone", words.say("settings.zone"), _zones(schedule.zone)),
        _input("size", words.say("settings.size"), _select(sizes, str(group.digest_size))),
        _several("offered", words.say("settings.offered"), offered, [each.value for each in group.offered]),
        context(words.say("settings.offered.body")),
    ]
    return _form(SETTINGS, words.say("settings.title"), words.say("settings.save"), blocks, words, about)


def pause(words: Words, about: str) -> Block:
    """For how long."""
    spans = [(str(weeks), words.count("group.pause.week", weeks)) for weeks in PAUSE_WEEKS]
    spans.append((OPEN_END, words.say("group.pause.open")))
    blocks = [
        _input("for", words.say("group.pause.for"), _select(spans, spans[0][0])),
        context(words.say("group.pause.body")),
    ]
    return _form(PAUSE, words.say("group.pause"), words.say("group.pause"), blocks, words, about)


def mine(group: Group, consent: Consent | None, notice: str, words: Words, about: str) -> Block:
    """A member's own choice in one channel: the notice, and each purpose to say yes or no to on its own."""
    offered = [each for each in Purpose if each in group.offered]
    options = [(each.value, words.say(f"slack.mine.{each.value}")) for each in offered]
    given = [each.value for each in consent.purposes] if consent else []
    blocks = [
        section(f"*{named(group.name, words)}*"),
        section(escape(notice)),
        _several("purposes", words.say("slack.mine.label"), options, given),
        *(
            context(f"*{words.say(f'slack.mine.{each.value}')}* – {words.say(f'slack.mine.{each.value}.body')}")
            for each in offered
        ),
        context(words.say("slack.mine.nothing")),
    ]
    return _form(MINE, words.say("slack.mine.title"), words.say("settings.save"), blocks, words, about)


def preview(draft: Draft, shown: Said, words: Words) -> Block:
    """The next digest without anything to press, below what it is. A view has no room for Slack's own chart."""
    intro, chart = section(words.say(f"draft.{draft.kind}")), context(words.say("slack.preview.chart"))
    return told(words.say("slack.preview.title"), intro, *still(shown), chart, close=words.say("slack.close"))


def still(shown: Said) -> Iterable[Block]:
    """The blocks of a message without anything to press."""
    return (_dead(block) for block in shown.blocks if block["type"] != "actions")


def paper(written: Said, words: Words) -> Block:
    """A file as text."""
    return told("Penumbra", *written.blocks, close=words.say("slack.close"))


def door(url: str, words: Words) -> Block:
    """The way to the pages: a link for one person, once."""
    way: Block = {"type": "actions", "elements": [button(words.say("signin.button"), "open", url=url)]}
    return said(words.say("signin.body"), words, way)


def connect(url: str, words: Words) -> Block:
    """What handing over one's own token means, and the way to do it."""
    way: Block = {"type": "actions", "elements": [button(words.say("slack.own.button"), "open", url=url)]}
    return told(words.say("slack.own.title"), section(words.say("slack.own.body")), way, close=words.say("slack.close"))


# Pieces -----------------------------------------------------------------------------------------------------------


def _form(callback: str, title: str, submit: str, blocks: Sequence[Block], words: Words, about: str = "") -> Block:
    return {
        "type": "modal",
        "callback_id": callback,
        "title": _short(title),
        "submit": _short(submit),
        "close": _short(words.say("slack.close")),
        "private_metadata": about,
        "blocks": list(blocks),
    }


def _short(text: str) -> Block:
    return {"type": "plain_text", "text": plain(text, TITLE_AND_BUTTON_AT_MOST)}


def _input(block: str, label: str, element: Block, *, optional: bool = False) -> Block:
    made = {"type": "input", "block_id": block, "label": {"type": "plain_text", "text": label}}
    return {**made, "element": {"action_id": block, **element}, "optional": optional}


def _option(value: str, label: str) -> Block:
    return {"text": {"type": "plain_text", "text": plain(label, LABEL_AT_MOST)}, "value": value}


def _select(options: Iterable[tuple[str, str]], chosen: str) -> Block:
    listed = {value: _option(value, label) for value, label in options}
    element: Block = {"type": "static_select", "options": list(listed.values())}
    return element | ({"initial_option": listed[chosen]} if chosen in listed else {})


def _several(block: str, label: str, options: Sequence[tuple[str, str]], chosen: Sequence[str]) -> Block:
    listed = {value: _option(value, label) for value, label in options}
    element: Block = {"type": "checkboxes", "options": list(listed.values())}
    ticked = [listed[each] for each in sorted(chosen) if each in listed]
    return _input(block, label, element | ({"initial_options": ticked} if ticked else {}), optional=True)


def _zones(current: str) -> Block:
    """Every zone that names a place, by part of the world; a part of more than a hundred is parted once more."""
    by_part: dict[str, list[str]] = {"UTC": ["UTC"]}
    for zone in sorted(available_timezones() | {current}):
        part, _, place = zone.partition("/")
        if (place and part not in {"Etc", "posix", "right", "SystemV"}) or (zone == current and zone != "UTC"):
            by_part.setdefault(part, []).append(zone)
    groups = [_zone_group(part, some) for part, zones in by_part.items() for some in _hundreds(zones)]
    return {"type": "static_select", "option_groups": groups, "initial_option": _option(current, current)}


def _hundreds(zones: Sequence[str]) -> Iterable[Sequence[str]]:
    return (zones[start : start + OPTIONS_AT_MOST] for start in range(0, len(zones), OPTIONS_AT_MOST))


def _zone_group(part: str, zones: Sequence[str]) -> Block:
    return {"label": {"type": "plain_text", "text": part}, "options": [_option(zone, zone) for zone in zones]}


def _dead(block: Block) -> Block:
    return {name: value for name, value in block.items() if name != "accessory"}
