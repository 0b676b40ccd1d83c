"""What a person's App Home shows: members what they decide, admins also what they run. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from bots.slack.render import (
    HEADER_AT_MOST,
    SEPARATOR,
    Block,
    about,
    button,
    context,
    escape,
    named,
    next_digest,
    plain,
    section,
)
from core.model import Consent, Group, GroupState, Missed, Purpose
from texts.catalogue import LANGUAGES, Words
from texts.missed import missed

PLACES_AT_MOST = 45
"""Two blocks each, in a view of a hundred."""


@dataclass(frozen=True, slots=True)
class Editing:
    """Whether a member's own messages there are edited with their own token."""

    possible: bool
    on: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, as one person sees it."""

    group: Group
    consent: Consent | None
    may_administer: bool
    editing: Editing
    missed: Missed | None = None
    """The latest digest that it did not get, for its admins."""


def home(places: Iterable[Place], words: Words, said: str | None = None) -> tuple[Block, ...]:
    """A person's App Home: each channel's state, its next digest, what this person said yes to, and what they run."""
    shown = list(places)[:PLACES_AT_MOST]
    title = "slack.home.title_admin" if any(place.may_administer for place in shown) else "slack.home.title"
    head: Block = {"type": "plain_text", "text": plain(words.say(title), HEADER_AT_MOST)}
    blocks: list[Block] = [{"type": "header", "text": head}]
    if said:
        blocks.append(section(escape(said)))
    for place in shown:
        blocks += _place(place, words)
    if not shown:
        blocks.append(section(words.say("slack.home.none")))
    return (*blocks, _for_oneself(words, runs_some=any(place.may_administer for place in shown)), _help(words))


def _help(words: Words) -> Block:
    return context(words.say("slack.help"))


def _for_oneself(words: Words, *, runs_some: bool) -> Block:
    elements = [button(words.say("slack.home.mydata"), "home_mydata")]
    if runs_some:
        elements.append(button(words.say("slack.home.pages"), "home_pages"))
    return {"type": "actions", "block_id": "home-self", "elements": elements}


def _place(place: Place, words: Words) -> Iterable[Block]:
    group, channel = place.group, place.group.address.conversation
    told = section("\n".join(_lines(place, words)))
    runs_it = place.may_administer and group.state in {GroupState.ENABLED, GroupState.PAUSED}
    yield {**told, "block_id": f"state-{channel}"} | ({"accessory": _language(group, words)} if runs_it else {})
    switches = [*_own_switches(place, words), *(_admin_switches(group, words) if place.may_administer else [])]
    elements = [about(each, group.name) for each in switches]
    if elements:
        yield {"type": "actions", "block_id": f"home-{channel}", "elements": elements}


def _lines(place: Place, words: Words) -> Iterable[str]:
    group = place.group
    yield f"*{named(group.name, words)}*"
    yield words.say(f"state.{group.state.value}")
    if group.state is GroupState.PAUSED and group.paused_until is not None:
        yield words.say("group.paused_until", moment=words.moment(group.paused_until, group.schedule.zone))
    if place.missed is not None:
        yield escape(missed(place.missed, words))
    if group.next_digest is not None:
        yield words.say("slack.home.next", next_digest=next_digest(group, words))
    if group.state is GroupState.ENABLED:
        yield _mine(place, words)


def _mine(place: Place, words: Words) -> str:
    said = [words.say("slack.home.mine.none")]
    if place.consent is not None and Purpose.SHARES in place.consent.purposes:
        counted = [words.say(f"slack.mine.{each.value}") for each in Purpose if each in place.consent.purposes]
        said = [words.say("slack.home.mine", purposes=", ".join(counted))]
    if place.editing.on:
        said.append(words.say("slack.home.edited"))
    return SEPARATOR.join(said)


def _own_switches(place: Place, words: Words) -> Iterable[Block]:
    channel = place.group.address.conversation
    if place.group.state is GroupState.ENABLED:
        yes = "slack.home.my_sharing" if place.consent else "slack.home.choose"
        yield button(words.say(yes), "home_mine", value=channel)
    if place.consent is None:
        return
    yield button(words.say("member.no"), "home_no", value=channel)
    yield button(words.say("slack.receipt_how"), "home_receipt", value=channel)
    if place.editing.on:
        yield button(words.say("slack.own.stop"), "home_keep_out", value=channel)
    elif place.editing.possible and place.group.state is GroupState.ENABLED:
        yield button(words.say("slack.own.start"), "home_connect", value=channel)


def _admin_switches(group: Group, words: Words) -> Iterable[Block]:
    channel = group.address.conversation
    if group.state in {GroupState.PENDING, GroupState.PAUSED}:
        yield button(words.say("slack.home.enable"), "home_enable", value=channel, style="primary")
    if group.state is GroupState.ENABLED:
        yield button(words.say("slack.home.pause"), "home_pause", value=channel)
        yield button(words.say("slack.home.preview"), "home_preview", value=channel)
    if group.state in {GroupState.ENABLED, GroupState.PAUSED}:
        yield button(words.say("slack.home.settings"), "home_settings", value=channel)


def _language(group: Group, words: Words) -> Block:
    channel = group.address.conversation
    options = {
        each: {
            "text": {"type": "plain_text", "text": words.say(f"settings.language.{each}")},
            "value": f"{channel} {each}",
        }
        for each in LANGUAGES
    }
    menu: Block = {"type": "static_select", "action_id": "home_language", "options": list(options.values())}
    return menu | ({"initial_option": options[group.language]} if group.language in options else {})
