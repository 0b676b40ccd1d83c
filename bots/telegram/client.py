"""python-telegram-bot, opened the way we need it: no updater of its own, no retries, no hidden errors."""

import os
from typing import Any

from pydantic import SecretStr
from telegram import LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.ext import Application, ApplicationBuilder, CallbackContext, Defaults, ExtBot
from telegram.request import HTTPXRequest

PUBLIC_API = "https://api.telegram.org/bot"
CONNECTIONS = 32
ANSWER_WITHIN = 20.0
"""Seconds; two of them fit into the lease of a posting."""
POLL_FOR = 25
"""Seconds that Telegram holds an empty long poll open."""

Context = CallbackContext["Client", dict[Any, Any], dict[Any, Any], dict[Any, Any]]


class Client(ExtBot[None]):
    """The Bot API, with one call added."""

    async def fetch(self, offset: int, allowed: list[str], *, wait: int = POLL_FOR) -> list[dict[str, Any]]:
        """Fetch updates as they come, unparsed; confirms every update before `offset`.

        `get_updates` parses a batch as a whole: one update it does not understand would lose the others, and be logged.
        """
        asked = {"offset": offset, "timeout": wait, "allowed_updates": allowed}
        answer: Any = await self._post("getUpdates", asked, read_timeout=wait + ANSWER_WITHIN)
        return [each for each in answer if isinstance(each, dict) and isinstance(each.get("update_id"), int)]


class TelegramApplication(Application["Client", Context, dict[Any, Any], dict[Any, Any], dict[Any, Any], None]):
    """Sends each update to its handler, and lets whoever delivered it hear of an error.

    The library logs what a handler raises and goes on; but an update that could not be stored must come again.
    """

    async def process_error(
        self, update: object | None, error: Exception, job: object = None, coroutine: object = None
    ) -> bool:
        """Raise the error of a handler to the caller of `process_update`."""
        raise error


def open_application(token: SecretStr, api_url: str = PUBLIC_API) -> TelegramApplication:
    """Build the client; it speaks to nobody yet.

    Args:
        token: the bot's token from @BotFather.
        api_url: the Bot API up to and including `/bot`.
    """
    # the library's own switch from seconds to timedelta: without it each 429 gives a deprecation warning
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    client = Client(
        token.get_secret_value(),
        base_url=api_url,
        request=_requests(CONNECTIONS),
        get_updates_request=_requests(1),
        defaults=Defaults(parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)),
    )
    builder = ApplicationBuilder().application_class(TelegramApplication)
    application = builder.bot(client).updater(None).job_queue(None).build()
    if not isinstance(application, TelegramApplication):
        raise TypeError("python-telegram-bot built another kind of application")
    return application


def _requests(connections: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=5.0,
        pool_timeout=5.0,
        read_timeout=ANSWER_WITHIN,
        write_timeout=ANSWER_WITHIN,
    )
