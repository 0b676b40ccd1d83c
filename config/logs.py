"""Logs: event names and our own ids, as JSON or for people; a scrubber on the handler that nothing gets round.

Libraries log through the standard library, so the scrubber sits on its handler and sees the finished line, traceback
included, not on a logger of ours that they would bypass.
"""

import logging
import re
import sys
from collections.abc import Iterable
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor

SCRUBBED = "***"
_PATTERNS = (
    re.compile(r"\b\d{6,12}:[A-Za-z0-9_-]{30,}"),  # Telegram bot tokens, also inside /bot<token>/ paths
    re.compile(r"\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{6,}"),  # Slack tokens
    re.compile(r"(?i)\b[a-z][a-z0-9+.-]{1,30}://[^\s\"'<>\\]+"),  # addresses of any scheme
    re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{16}(?![A-Za-z0-9])"),  # codes; a word of 16 letters goes with them
)


class Scrubber(logging.Formatter):
    """Formats a line and then takes out tokens, addresses, codes and every secret it was told of.

    Args:
        inner: does the formatting.
        secrets: exact strings that must never appear.
    """

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._inner = inner
        self._secrets = tuple(sorted((each for each in secrets if each), key=len, reverse=True))

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        return scrub(self._inner.format(record), self._secrets)


def scrub(line: str, secrets: Iterable[str] = ()) -> str:
    """Take out of a finished line whatever must not be logged."""
    for secret in secrets:
        line = line.replace(secret, SCRUBBED)
    for pattern in _PATTERNS:
        line = pattern.sub(SCRUBBED, line)
    return line


def set_up_logs(log_format: str, level: str, secrets: Iterable[str], stream: TextIO | None = None) -> None:
    """Send every logger of this process through one scrubbed handler.

    Args:
        log_format: `json` or `console`.
        level: the least that is logged.
        secrets: exact strings that must never appear: tokens, keys, passwords.
        stream: where to; the standard error by default.
    """
    steps: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Processor = structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=steps,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _name_errors, last],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Scrubber(formatter, secrets))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for loud in ("httpx", "httpcore", "slack_bolt", "slack_sdk", "aiosqlite", "uvicorn", "alembic"):
        logging.getLogger(loud).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    # python-telegram-bot quotes updates in its errors; what matters of them our own events say
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)
    # it warns of each tick that takes longer than its pause; `/readyz` tells when that matters
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    structlog.configure(
        processors=[*steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _name_errors(_: object, __: str, event: EventDict) -> EventDict:
    """A traceback shows local words of libraries; keep the chain of error types and where they arose."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exception()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["error"] = _chain(error)
    return event


def _chain(error: BaseException) -> str:
    names: list[str] = []
    link: BaseException | None = error
    while link is not None and len(names) < 5:
        frame = link.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = f" at {frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno}" if frame else ""
        names.append(f"{type(link).__name__}{where}")
        link = link.__cause__ or link.__context__
    return " from ".join(names)
