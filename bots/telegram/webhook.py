"""The webhook as a plain ASGI application, for `config` to mount at `/telegram/webhook`.

Telegram proves itself by a secret in a header, looked at before the body is read; 200 is answered only after the update
was handled to its end, so that what could not be stored (503) is delivered again.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from pydantic import SecretStr
from telegram.error import BadRequest, TelegramError

from bots.telegram.app import ALLOWED_UPDATES
from bots.telegram.client import TelegramApplication
from bots.telegram.connection import Sleep, pause
from bots.telegram.errors import WebhookRefused
from bots.telegram.intake import MUST_COME_AGAIN, MalformedUpdate, log, read_update, take

PATH = "/telegram/webhook"
SECRET_HEADER = b"x-telegram-bot-api-secret-token"
BODY_AT_MOST = 1024 * 1024
"""Bytes; the largest updates are some tens of kilobytes."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Refusal(Exception):
    """A request that is answered with this HTTP status and nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Webhook:
    """Takes updates over HTTP.

    Args:
        application: the client with its handlers; requests before it is opened are put off with 503.
        secret: what Telegram was told to send along, 1-256 characters of `A-Za-z0-9_-`.
    """

    def __init__(self, application: TelegramApplication, secret: SecretStr) -> None:
        self._application = application
        self._secret = secret
        self._open = False

    async def set_up(self, public_url: str, sleep: Sleep = asyncio.sleep) -> None:
        """Tell Telegram where to deliver, and what, for as long as it takes; the application must be open by now.

        Raises:
            WebhookRefused: Telegram does not take the address.
        """
        self._open = True
        attempt = 0
        while not await self._is_set(public_url.rstrip("/") + PATH):
            await sleep(pause(attempt))
            attempt += 1

    async def _is_set(self, url: str) -> bool:
        try:
            return await self._application.bot.set_webhook(
                url,
                secret_token=self._secret.get_secret_value(),
                allowed_updates=ALLOWED_UPDATES,
                drop_pending_updates=False,
            )
        except BadRequest as error:
            raise WebhookRefused from error
        except TelegramError as error:
            log("telegram.webhook.not_set", error=type(error).__name__)
            return False

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            await self._take(scope, receive)
            status = 200
        except Refusal as refusal:
            status = refusal.status
        except MalformedUpdate:
            log("telegram.update.malformed")
            status = 400
        except MUST_COME_AGAIN as error:
            log("telegram.intake.waits", error=type(error).__name__)
            status = 503
        await _answer(send, status)

    async def _take(self, scope: MutableMapping[str, Any], receive: Receive) -> None:
        if scope["method"] != "POST":
            raise Refusal(405)
        if not self._is_telegram(scope["headers"]):
            raise Refusal(401)
        if not self._open:
            raise Refusal(503)
        body = await _body(receive)
        await take(self._application, read_update(self._application, _json(body)))

    def _is_telegram(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        sent = [value for name, value in headers if name.lower() == SECRET_HEADER]
        expected = self._secret.get_secret_value().encode()
        return len(sent) == 1 and bool(expected) and hmac.compare_digest(sent[0], expected)


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        part = await receive()
        if part["type"] != "http.request":
            raise Refusal(400)
        body += part.get("body", b"")
        if len(body) > BODY_AT_MOST:
            raise Refusal(413)
        if not part.get("more_body", False):
            return bytes(body)


def _json(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON brings
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedUpdate from None


async def _answer(send: Send, status: int) -> None:
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
