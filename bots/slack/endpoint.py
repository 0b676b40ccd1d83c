"""The door: `POST /slack/events` as a plain ASGI callable, for events, interactions and commands alike.

The signature is checked over the bytes before anything in them is looked at; Bolt's own check comes after its parser,
prints the body of what it refuses, and falls over a timestamp that is no number. So it is switched off in `app`.
"""

import json
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from pydantic import SecretStr
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import Clock, SignatureVerifier

from bots.slack import parse
from bots.slack.concern import ASKED, Concern
from bots.slack.edge import answer_to_event
from bots.slack.handlers import Body

Handler = Callable[[Body], Awaitable[object]]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODY_AT_MOST = 1_000_000
"""Bytes. A view has at most 250 kB, a message 40,000 characters, twice where it was edited."""

_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_TIMESTAMP = re.compile(r"\d{1,12}")


class _UnixTime(Clock):
    def __init__(self, unix_time: Callable[[], float]) -> None:
        self._unix_time = unix_time

    def now(self) -> float:
        return self._unix_time()


class SlackEndpoint:
    """Takes deliveries of Slack in.

    Args:
        app: the Bolt app they go to, but for messages: nearly everything that comes is one, there is nothing to say
            to it and nobody to look up for it, so of Bolt's way they need nothing.
        messages: the handler of messages, which `app` has too, for Socket Mode.
        concern: says which of the others are for us.
        signing_secret: of the Slack app; each delivery is signed with it.
        unix_time: the machine's clock; a delivery more than five minutes away from it is a replay.
    """

    def __init__(
        self,
        app: AsyncApp,
        messages: Handler,
        concern: Concern,
        signing_secret: SecretStr,
        unix_time: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._messages = messages
        self._concern = concern
        self._verifier = SignatureVerifier(signing_secret.get_secret_value(), _UnixTime(unix_time))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks."""
        if scope["type"] != "http":
            raise ValueError(f"no ASGI {scope['type']} here")
        await _reply(send, await self._answer(scope, receive))

    async def _answer(self, scope: Message, receive: Receive) -> BoltResponse:
        if scope["method"] != "POST":
            return BoltResponse(status=405, headers={"allow": "POST"})
        raw = await _body(receive)
        if raw is None:
            return BoltResponse(status=413)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._is_signed(raw, headers):
            return BoltResponse(status=401, body={"error": "invalid_signature"})
        return await self._taken_in(raw, headers)

    async def _taken_in(self, raw: bytes, headers: dict[str, str]) -> BoltResponse:
        """Events are JSON; everything else goes straight to Bolt."""
        event = _json(raw) if headers.get("content-type", "").startswith("application/json") else None
        try:
            if event is not None and await self._is_done_with(event):
                return BoltResponse(status=200)
        except Exception as error:  # noqa: BLE001 - as Bolt's own edge, which these never reach
            return answer_to_event(error)
        request = _read(raw, headers, asked=event is not None)
        return BoltResponse(status=400) if request is None else await self._app.async_dispatch(request)

    async def _is_done_with(self, event: Body) -> bool:
        """Whether a delivery was a message, and is taken in, or is not for us."""
        if parse.is_about_a_message(event):
            await self._messages(event)
            return True
        return not await self._concern(event)

    def _is_signed(self, raw: bytes, headers: dict[str, str]) -> bool:
        signature, timestamp = headers.get("x-slack-signature", ""), headers.get("x-slack-request-timestamp", "")
        if not _SIGNATURE.fullmatch(signature) or not _TIMESTAMP.fullmatch(timestamp):
            return False
        try:
            return self._verifier.is_valid(raw, timestamp, signature)
        except UnicodeDecodeError:
            return False  # Slack signs UTF-8


async def _body(receive: Receive) -> bytes | None:
    """The body; None as soon as it is too long, or when the sender hangs up."""
    raw = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        raw += message.get("body", b"")
        if len(raw) > BODY_AT_MOST:
            return None
        if not message.get("more_body", False):
            return bytes(raw)


def _json(raw: bytes) -> Body | None:
    """The object in a body; None for anything else."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _read(raw: bytes, headers: dict[str, str], *, asked: bool) -> AsyncBoltRequest | None:
    """The request as Bolt knows it; None for a body that Slack would not have sent."""
    context = {ASKED: True} if asked else {}
    try:
        request = AsyncBoltRequest(body=raw.decode(), headers=dict(headers), context=context)
    except (ValueError, TypeError, AttributeError, RecursionError):  # Bolt reads ids out of whatever JSON it finds
        return None
    return request if parse.is_whole(request.body) else None


async def _reply(send: Send, response: BoltResponse) -> None:
    body = response.body.encode()
    headers = [(name.encode(), value.encode()) for name, values in response.headers.items() for value in values]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
