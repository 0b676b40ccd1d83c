"""What a person's App Home shows. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from bots.slack.render import (
    HEADER_AT_MOST,
    TITLE_AT_MOST,
    Block,
    button,
    context,
    escape,
    next_digest,
    plain,
    section,
)
from core.model import Consent, Group, GroupState, Purpose
from texts.catalogue import Words

PLACES_AT_MOST = 45
"""Two blocks each, in a view of a hundred."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, as one person sees it."""

    group: Group
    consent: Consent | None
    may_administer: bool


def home(places: Iterable[Place], words: Words, notice_id: str) -> tuple[Block, ...]:
    """A person's App Home: each channel's state, its next digest, and whether this person's links are counted."""
    blocks: list[Block] = [
        {"type": "header", "text": {"type": "plain_text", "text": plain(words.say("slack.home.title"), HEADER_AT_MOST)}}
    ]
    for place in list(places)[:PLACES_AT_MOST]:
        blocks += _place(place, words, notice_id)
    if len(blocks) == 1:
        blocks.append(section(words.say("slack.home.none")))
    return (*blocks, context(words.say("slack.help")))


def _place(place: Place, words: Words, notice_id: str) -> Iterable[Block]:
    group, channel = place.group, place.group.address.conversation
    lines = [f"*{escape(plain(group.name, TITLE_AT_MOST))}*", words.say(f"state.{group.state.value}")]
    if group.next_digest is not None:
        lines.append(words.say("slack.home.next", next_digest=next_digest(group, words)))
    if group.state is GroupState.ENABLED:
        lines.append(words.say(f"slack.home.mine.{_mine(place.consent)}"))
    yield section("\n".join(lines))
    elements = _switches(place, channel, words, notice_id)
    if elements:
        yield {"type": "actions", "block_id": f"home-{channel}", "elements": elements}


def _mine(consent: Consent | None) -> str:
    if consent is None or Purpose.SHARES not in consent.purposes:
        return "none"
    return "all" if Purpose.CLICKS in consent.purposes else "shares"


def _switches(place: Place, channel: str, words: Words, notice_id: str) -> list[Block]:
    match place.group.state:
        case GroupState.ENABLED:
            about = f"{channel} {notice_id}"
            return [
                button(words.say("member.yes"), "home_yes", value=about),
                button(words.say("member.yes_shares"), "home_shares", value=about),
                button(words.say("member.no"), "home_no", value=about),
            ]
        case GroupState.PENDING | GroupState.PAUSED if place.may_administer:
            return [button(words.say("slack.home.enable"), "home_enable", value=channel, style="primary")]
        case _:
            return []
