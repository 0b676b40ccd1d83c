"""What the panels of choices and settings say, and what a tap on them wants. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from zoneinfo import available_timezones

from bots.telegram.render import TITLE_AT_MOST, plain
from core.model import Group, GroupState, Purpose, Taking
from texts.catalogue import LANGUAGES, Words

ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Paris",
    "Europe/Berlin",
    "Europe/Madrid",
    "Europe/Athens",
    "Europe/Istanbul",
    "Europe/Moscow",
    "Africa/Casablanca",
    "Africa/Dakar",
    "Africa/Lagos",
    "Africa/Johannesburg",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "America/Sao_Paulo",
    "America/Montreal",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Pacific/Auckland",
)
"""Those with a button; every other is set by its name, in the group: `/settings zone Asia/Tbilisi`."""
SIZES = tuple(range(3, 11))
CLICKS_FROM = (8, 15, 25, 50, 100)
PAUSES = ("1", "2", "4", "0")
"""Weeks; 0 is until switched on again."""
SWITCH = ("0", "1")

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "language": LANGUAGES,
    "zone": ZONES,
    "day": tuple(map(str, range(7))),
    "hour": tuple(map(str, range(24))),
    "topic": ("",),
    "size": tuple(map(str, SIZES)),
    "taking": tuple(Taking),
    "offer": tuple(Purpose),
    "clicks": tuple(map(str, CLICKS_FROM)),
    "lock": SWITCH,
    "pause": PAUSES,
}
"""Every setting by its name, in the order of the panel, with what can be tapped."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the bot may do in a group, as Telegram says at this moment."""

    hears: bool
    """Every message, and not only commands, replies, and what was sent through it."""
    deletes: bool
    whispers: bool
    """To anybody at any time: administrators alone may."""


class UnknownSettingError(ValueError):
    """There is no such setting, or it has no such value."""


def mark(label: str, *, on: bool) -> str:
    """A label with a mark that does not depend on colour."""
    return f"{'✓' if on else '○'} {label}"


def choices(chosen: Mapping[str, bool], words: Words) -> str:
    """What each choice means, in the order of the buttons, and whether it is made."""
    lines = [mark(f"<b>{_bold(name, words)}</b>\n{_about(name, words)}", on=on) for name, on in chosen.items()]
    return "\n\n".join([escape(words.say("choices.title")), *lines])


def _bold(name: str, words: Words) -> str:
    return escape(words.say(f"choices.{name}"))


def _about(name: str, words: Words) -> str:
    return escape(words.say(f"choices.{name}.about"))


# Settings ---------------------------------------------------------------------------------------------------------


def value_of(group: Group, setting: str) -> str:
    """How a setting stands, as `OPTIONS` spells it; for `offer`, all purposes that are offered, with spaces."""
    schedule = group.schedule
    values = {
        "language": group.language,
        "zone": schedule.zone,
        "day": str(schedule.weekday),
        "hour": str(schedule.hour),
        "topic": schedule.topic or "",
        "size": str(group.digest_size),
        "taking": group.taking.value,
        "offer": " ".join(purpose for purpose in Purpose if purpose in group.offered),
        "clicks": str(group.clicks_from),
        "lock": str(int(group.locked)),
        "pause": "" if group.state is GroupState.ENABLED else "on",
    }
    return values[setting]


def label_of(setting: str, value: str, words: Words) -> str:
    """A value of a setting, in words short enough for a button."""
    said = _LABELS.get(setting)
    return said(value, words) if said else words.say(f"panel.{setting}.{value}")


def _offer(value: str, words: Words) -> str:
    return ", ".join(words.say(f"choices.{each}") for each in value.split()) or words.say("panel.offer.none")


def _pause(value: str, words: Words) -> str:
    return words.say("panel.pause.0") if value in {"", "0"} else words.count("panel.pause.weeks", int(value))


_LABELS: Mapping[str, Callable[[str, Words], str]] = {
    "language": lambda value, words: words.name_of(value),
    "zone": lambda value, _: value.replace("_", " "),
    "day": lambda value, words: words.full_weekdays()[int(value)],
    "hour": lambda value, _: f"{int(value):02d}:00",
    "topic": lambda value, words: words.say("panel.topic.set" if value else "panel.topic.none"),
    "size": lambda value, words: words.number(int(value)),
    "clicks": lambda value, words: words.number(int(value)),
    "offer": _offer,
    "pause": _pause,
}


def wanted(group: Group, setting: str, value: str) -> Group:
    """The group with one setting changed; a purpose of `offer` is named with `+` or `-` before it.

    Raises:
        UnknownSettingError: there is no such setting, or it has no such value.
    """
    change = _CHANGES.get(setting)
    if change is None or not _is_known(setting, value):
        raise UnknownSettingError
    return change(group, value)


def _is_known(setting: str, value: str) -> bool:
    if setting == "zone":
        return value in available_timezones()
    if setting == "offer":
        return value[:1] in {"+", "-"} and value[1:] in OPTIONS[setting]
    return value in OPTIONS[setting] or (setting == "topic" and value.isdecimal())


_CHANGES: Mapping[str, Callable[[Group, str], Group]] = {
    "language": lambda group, value: replace(group, language=value),
    "zone": lambda group, value: replace(group, schedule=replace(group.schedule, zone=value)),
    "day": lambda group, value: replace(group, schedule=replace(group.schedule, weekday=int(value))),
    "hour": lambda group, value: replace(group, schedule=replace(group.schedule, hour=int(value))),
    "topic": lambda group, value: replace(group, schedule=replace(group.schedule, topic=value or None)),
    "size": lambda group, value: replace(group, digest_size=int(value)),
    "taking": lambda group, value: replace(group, taking=Taking(value)),
    "clicks": lambda group, value: replace(group, clicks_from=int(value)),
    "lock": lambda group, value: replace(group, locked=value == "1"),
    "offer": lambda group, value: replace(group, offered=_offered(group, value)),
}


def _offered(group: Group, value: str) -> frozenset[Purpose]:
    purpose = {Purpose(value[1:])}
    return group.offered | purpose if value.startswith("+") else group.offered - purpose


def paused_until(weeks: str, now: datetime) -> datetime | None:
    """When a pause of so many weeks is over; None for one without an end.

    Raises:
        UnknownSettingError: it is none of those that can be chosen.
    """
    if weeks not in PAUSES:
        raise UnknownSettingError
    return now + timedelta(weeks=int(weeks)) if int(weeks) else None


def settings(group: Group, rights: Rights, words: Words) -> str:
    """The settings' first page: where the group stands, its next digest, and what the bot may do there."""
    name = plain(group.name, TITLE_AT_MOST) or words.say("groups.unnamed")
    lines = [f"<b>{escape(name)}</b>", escape(_standing(group, words))]
    lines += [escape(line) for line in _rights(group, rights, words)]
    return "\n".join([*lines, "", escape(words.say("panel.body"))])


def page(setting: str, words: Words) -> str:
    """One setting's page: its name, and what it does."""
    return f"<b>{escape(words.say(f'panel.{setting}'))}</b>\n{escape(words.say(f'panel.{setting}.about'))}"


def _standing(group: Group, words: Words) -> str:
    if group.state is GroupState.PAUSED and group.paused_until is not None:
        return words.say("group.paused_until", moment=words.moment(group.paused_until, group.schedule.zone))
    if group.next_digest is None:
        return words.say(f"state.{group.state}")
    moment = words.moment(group.next_digest, group.schedule.zone)
    return f"{words.say(f'state.{group.state}')} {words.say('group.next', moment=moment)}"


def lost(group: Group, rights: Rights, words: Words) -> str:
    """What does not work in a group for want of a right; empty when everything does."""
    wanting = []
    if group.taking is not Taking.ASKED and not rights.hears:
        wanting.append(words.say("telegram.deaf_why"))
    if group.taking is Taking.REPLACE and not rights.deletes:
        wanting.append(words.say("panel.cannot_delete"))
    return " ".join(wanting)


def _rights(group: Group, rights: Rights, words: Words) -> Iterable[str]:
    if group.taking is not Taking.ASKED:
        yield words.say("panel.hears" if rights.hears else "telegram.deaf_why")
    if group.taking is Taking.REPLACE and not rights.deletes:
        yield words.say("panel.cannot_delete")
    if not rights.whispers:
        yield words.say("panel.no_whispers")
