"""What the playground asks of the database: what is stored about somebody, and whether anything is still under way."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from core.model import Account, Group, Person, Platform
from playground.people import CAST
from playground.stage import Stage
from storage.laid_open import OF_PEOPLE, LaidOpen, Line

PATIENCE: Final = 5.0
"""Seconds that the visitor waits at most for what is under way."""
_GLANCE: Final = 0.1


async def stored_about(stage: Stage, database: LaidOpen, key: str) -> Mapping[str, object]:
    """What is kept at this moment, for the page's panel.

    Args:
        stage: names the Slack workspace.
        database: looked through.
        key: `Person.key` of the person it is about.

    Returns:
        `theirs`: rows by group and table; nothing for who never said yes. `searched`: the tables looked through.
        `nobodys`: every other table and how many rows it has.
    """
    somebody = CAST[key]
    people = (
        Person(Platform.TELEGRAM, "", Account(str(somebody.telegram_id))),
        Person(Platform.SLACK, stage.slack.workspace.id, Account(somebody.slack_id)),
    )
    found = [each for person in people for each in await database.about(person)]
    return {
        "theirs": [{"group": _name(group), "tables": _tables(lines)} for group, lines in found],
        "searched": list(OF_PEOPLE),
        "nobodys": [{"table": name, "rows": rows} for name, rows in (await database.of_nobody()).items()],
    }


async def quiet(database: LaidOpen) -> None:
    """Wait until what people did is worked off and posted: a clock that jumps in between would take it a week on.

    It has to be quiet twice in a row, for what was delivered is accepted a moment later. Patience ends; some work waits
    for a platform that was told to fail.
    """
    still = 0
    for _ in range(round(PATIENCE / _GLANCE)):
        still = 0 if await database.under_way() else still + 1
        if still == 2:
            return
        await asyncio.sleep(_GLANCE)


def _name(group: Group) -> str:
    return f"{group.address.platform.title()}: {group.name}"


def _tables(lines: Mapping[str, list[Line]]) -> list[Mapping[str, object]]:
    return [
        {"table": name, "rows": [{column: _plain(value) for column, value in row.items()} for row in rows]}
        for name, rows in lines.items()
    ]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else value
