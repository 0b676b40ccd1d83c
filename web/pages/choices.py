"""The form of a group's settings, and what an admin chose in it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, Field, ValidationError, field_validator

from core.anonymity import SMALLEST_GROUP_WITH_A_TOTAL
from core.model import Group, Purpose, Schedule, Taking
from web.pages.sessions import Form, field

SIZES = range(3, 11)
LARGEST_GATE = 100_000
_ONE_EACH = ("zone", "weekday", "hour", "size", "language", "taking", "clicks_from")
PAUSES = {"1": timedelta(weeks=1), "2": timedelta(weeks=2), "4": timedelta(weeks=4), "open": None}
"""What a pause may be asked for: weeks, or until somebody switches on again."""


class ChoiceRefused(ValueError):
    """Something in the form can't be used."""


class _Chosen(BaseModel):
    zone: str
    weekday: int = Field(ge=0, le=6)
    hour: int = Field(ge=0, le=23)
    size: int = Field(ge=SIZES.start, lt=SIZES.stop)
    language: Literal["en", "fr"]
    offered: frozenset[Purpose]
    taking: Taking
    clicks_from: int = Field(ge=SMALLEST_GROUP_WITH_A_TOTAL, le=LARGEST_GATE)
    locked: bool

    @field_validator("zone")
    @classmethod
    def _there_is_such_a_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("no such zone")
        return value


def chosen(form: Form, group: Group) -> Group:
    """A group as an admin wants it.

    Raises:
        ChoiceRefused: something can't be used; nothing of it is taken.
    """
    fields = {name: field(form, name) for name in _ONE_EACH}
    try:
        several = {"offered": frozenset(form.get("offered", ())), "locked": "locked" in form}
        wanted = _Chosen.model_validate({**fields, **several})
    except ValidationError as error:
        raise ChoiceRefused from error
    schedule = Schedule(wanted.zone, wanted.weekday, wanted.hour, group.schedule.topic)
    return replace(
        group,
        schedule=schedule,
        digest_size=wanted.size,
        language=wanted.language,
        offered=wanted.offered,
        taking=wanted.taking,
        clicks_from=wanted.clicks_from,
        locked=wanted.locked,
    )


def pause_asked(form: Form) -> timedelta | None:
    """How long a pause was asked for; None: until switched on again.

    Raises:
        ChoiceRefused: no pause of ours.
    """
    try:
        return PAUSES[field(form, "for")]
    except KeyError as error:
        raise ChoiceRefused from error


@dataclass(frozen=True, slots=True)
class Region:
    """Zones of one part of the world, for a grouped list."""

    name: str
    zones: Sequence[str]


def regions(current: str) -> list[Region]:
    """Every zone that names a place, by part of the world, and UTC; the one in force is always there."""
    by_name: dict[str, list[str]] = {"UTC": ["UTC"]}
    for zone in sorted(available_timezones() | {current}):
        region, _, place = zone.partition("/")
        if (place and region not in {"Etc", "posix", "right", "SystemV"}) or (zone == current and zone != "UTC"):
            by_name.setdefault(region, []).append(zone)
    return [Region(name, zones) for name, zones in by_name.items()]


def offered(group: Group) -> Mapping[str, bool]:
    """Each purpose, and whether members may say yes to it."""
    return {purpose.value: purpose in group.offered for purpose in Purpose}
