"""One update from the wire to its handler, the same for polling and webhook. What can't be stored must come again."""

from pathlib import PurePath
from traceback import walk_tb
from typing import Any

import structlog
from telegram import Update

from bots.telegram.client import TelegramApplication
from core.errors import IntakeFull, StorageUnavailable

MUST_COME_AGAIN = (StorageUnavailable, IntakeFull)


class MalformedUpdate(ValueError):
    """What came is no update that the Bot API describes."""


def read_update(application: TelegramApplication, sent: Any) -> Update:  # noqa: ANN401 - whatever JSON brings
    """Read an update as it came over the wire.

    Raises:
        MalformedUpdate: it is none; what is wrong with it is not told, since it may be somebody's words.
    """
    if not isinstance(sent, dict) or not isinstance(sent.get("update_id"), int):
        raise MalformedUpdate
    try:
        return Update.de_json(sent, application.bot)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, OSError):
        raise MalformedUpdate from None


async def take(application: TelegramApplication, update: Update) -> None:
    """Let an update be handled to its end.

    Raises:
        StorageUnavailable: it could not be stored; it must come again.
        IntakeFull: as above.
    """
    try:
        await application.process_update(update)
    except MUST_COME_AGAIN:
        raise
    except Exception as error:  # noqa: BLE001 - the edge of an update: a poisoned one must not stop the others
        log("telegram.update.failed", error=type(error).__name__, at=_origin(error))


def log(event: str, **facts: str | float) -> None:
    """Log an event by its name, with nothing in it that a person wrote."""
    structlog.get_logger("bots.telegram").warning(event, **facts)


def _origin(error: BaseException) -> str:
    """Where an error began, without its words: file and line."""
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    name, line = frames[-1] if frames else ("", 0)
    return f"{PurePath(name).name}:{line}"
