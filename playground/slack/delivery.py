"""Bringing events and interactions to the app's request URL, signed, within three seconds, with Slack's retries."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from playground.slack.signing import headers
from playground.slack.state import Json
from playground.traffic import Traffic

ACK_SECONDS = 3.0
RETRY_AFTER = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
"""Slack tries three times more: at once, after one minute, after five (platforms.md 1.4)."""
_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


@dataclass(frozen=True, slots=True)
class Ack:
    """What the app answered; `failure` is Slack's word for no good answer, None when there was one."""

    status: int
    text: str
    failure: str | None = None

    @property
    def data(self) -> Json | None:
        """The answer as a JSON object, None when it is none."""
        try:
            parsed = json.loads(self.text)
        except ValueError:
            return None
        return parsed if isinstance(parsed, dict) else None


@dataclass(frozen=True, slots=True)
class Pending:
    """An event whose delivery failed, waiting for its next attempt."""

    kind: str
    envelope: Json
    retry: int
    reason: str
    due: datetime


class Courier:
    """Delivers to the app.

    Args:
        http: the client to speak with; closing it is the caller's business.
        now: the playground's time, for retries and the record.
        signed_at: the time in the signature's header; the real time by default, because slack_sdk compares it with
            the machine's own clock.
        traffic: where deliveries are remembered.
        signing_secret: shared with the app.
        request_url: where the app listens; None delivers nothing.
        ack_seconds: how long the app may take.
    """

    def __init__(
        self,
        *,
        http: httpx.AsyncClient,
        now: Callable[[], datetime],
        signed_at: Callable[[], datetime],
        traffic: Traffic,
        signing_secret: str,
        request_url: str | None,
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        self._http = http
        self._now = now
        self._signed_at = signed_at
        self._traffic = traffic
        self._secret = signing_secret
        self._ack_seconds = ack_seconds
        self._flights: set[asyncio.Task[None]] = set()
        self._in_order = asyncio.Lock()
        self.request_url = request_url
        self.pending: list[Pending] = []

    def send_event(self, kind: str, envelope: Json) -> None:
        """Deliver an event in the background, after those sent before it."""
        if self.request_url is not None:
            self._fly(self._attempt(Pending(kind, envelope, 0, "", self._now())))

    async def interact(self, kind: str, fields: dict[str, str], shown: Json) -> Ack:
        """Deliver an interaction or a command, form-encoded, and return the app's answer; Slack never repeats these.

        Args:
            kind: for the record, such as `block_actions`.
            fields: the form.
            shown: the payload as data, for the record.
        """
        body = urlencode(fields).encode()
        ack = await self._post(body, "application/x-www-form-urlencoded", {})
        self._record(kind, shown, ack)
        return ack

    async def settled(self) -> None:
        """Return when nothing is in flight and no retry is due."""
        while True:
            while self._flights:
                await asyncio.wait(set(self._flights))
            due = [one for one in self.pending if one.due <= self._now()]
            if not due:
                return
            self._relaunch(due)

    async def retry_pending(self) -> int:
        """Try every waiting event now, whatever the clock says; return how many there were."""
        waiting = list(self.pending)
        self._relaunch(waiting)
        while self._flights:
            await asyncio.wait(set(self._flights))
        return len(waiting)

    async def challenge(self) -> bool:
        """Ask the request URL to prove itself (`url_verification`) and say whether it did."""
        word = "playground-challenge"
        question: Json = {"token": "verification", "challenge": word, "type": "url_verification"}
        ack = await self._post(json.dumps(question).encode(), "application/json", {})
        self._record("url_verification", question, ack)
        return ack.failure is None and (ack.text == word or (ack.data or {}).get("challenge") == word)

    def _relaunch(self, waiting: list[Pending]) -> None:
        for one in waiting:
            self.pending.remove(one)
            self._fly(self._attempt(one))

    def _fly(self, flight: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(flight)
        self._flights.add(task)
        task.add_done_callback(self._flights.discard)

    async def _attempt(self, one: Pending) -> None:
        extra = {}
        if one.retry:
            extra = {"x-slack-retry-num": str(one.retry), "x-slack-retry-reason": one.reason}
        async with self._in_order:
            response = await self._post(json.dumps(one.envelope).encode(), "application/json", extra)
        self._record(f"event:{one.kind}", one.envelope, response)
        if response.failure is None or response.failure == "no_retry" or one.retry >= len(RETRY_AFTER):
            return
        due = self._now() + RETRY_AFTER[one.retry]
        self.pending.append(Pending(one.kind, one.envelope, one.retry + 1, response.failure, due))

    async def _post(self, body: bytes, content_type: str, extra: dict[str, str]) -> Ack:
        if self.request_url is None:
            return Ack(0, "", "connection_failed")
        timestamp = str(int(self._signed_at().timestamp()))
        sent = {"Content-Type": content_type, "User-Agent": _AGENT, **headers(self._secret, timestamp, body), **extra}
        try:
            async with asyncio.timeout(self._ack_seconds):
                response = await self._http.post(self.request_url, content=body, headers=sent)
        except (TimeoutError, httpx.TimeoutException):
            return Ack(0, "", "http_timeout")
        except httpx.TransportError:
            return Ack(0, "", "connection_failed")
        if response.is_success:
            return Ack(response.status_code, response.text)
        gave_up = response.headers.get("x-slack-no-retry") == "1"
        return Ack(response.status_code, response.text, "no_retry" if gave_up else "http_error")

    def _record(self, kind: str, shown: Json, ack: Ack) -> None:
        self._traffic.record(
            at=self._now(),
            platform="slack",
            method=kind,
            request=shown,
            response={"status": ack.status, "text": ack.text[:2000], "failure": ack.failure},
            ok=ack.failure is None,
            direction="to_bot",
        )
