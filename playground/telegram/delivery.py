"""Updates on their way to the bot: queued, handed out by long polling, or posted to its webhook until it takes them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from playground.clock import PlaygroundClock
from playground.telegram.errors import conflict
from playground.traffic import Traffic

KEPT = timedelta(hours=24)
"""How long an update waits for the bot [https://core.telegram.org/bots/api#getting-updates]."""

BY_REQUEST = frozenset({"chat_member", "message_reaction"})
"""Kinds that come only when `allowed_updates` names them."""

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of the header, not the secret
_FIRST_UPDATE = 518_204_731
_LISTENING = 2.0
_LONGEST_BACKOFF = timedelta(hours=1)


@dataclass(slots=True)
class Pending:
    """An update that the bot has not yet taken.

    Attributes:
        body: The Update as JSON.
        queue: Updates of one queue (a chat, or a person asking inline) keep their order.
        due: When it may be posted (again).
    """

    body: dict[str, Any]
    queue: int
    queued: datetime
    due: datetime
    attempts: int = 0
    tried: bool = False

    @property
    def id(self) -> int:
        """The update_id."""
        return int(self.body["update_id"])


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where updates are posted to, and the secret that goes along."""

    url: str
    secret: str | None
    max_connections: int


class Delivery:
    """The queue of updates and the two ways out of it.

    Args:
        clock: The playground's clock: backoff and expiry follow it.
        traffic: Where deliveries are recorded.
        client: What posts to the webhook; without one a plain client is opened when needed.
        longest_poll: A cap in real seconds on the long poll a bot asks for.
    """

    def __init__(
        self, clock: PlaygroundClock, traffic: Traffic, client: httpx.AsyncClient | None, longest_poll: float
    ) -> None:
        self._clock = clock
        self._traffic = traffic
        self._client = client
        self._owned_client: httpx.AsyncClient | None = None
        self._longest_poll = longest_poll
        self._changed = asyncio.Condition()
        self._pumps: dict[int, asyncio.Task[None]] = {}
        self._last_id = _FIRST_UPDATE
        self._poller = 0
        self._is_polled = False
        self.pending: list[Pending] = []
        self.webhook: Webhook | None = None
        self.allowed: frozenset[str] | None = None
        self.last_error: tuple[datetime, str] | None = None

    def allows(self, kind: str) -> bool:
        """Whether the bot asked for this kind of update, by name or by default."""
        return kind not in BY_REQUEST if self.allowed is None else kind in self.allowed

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Take over `allowed_updates`: an empty list means the default, nothing given the setting before."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def emit(self, kind: str, payload: dict[str, Any], queue: int) -> int | None:
        """Queue an update and start its delivery.

        Returns:
            Its update_id; None when the bot did not ask for this kind.
        """
        if not self.allows(kind):
            return None
        self._last_id += 1
        now = self._clock.now()
        self.pending.append(Pending({"update_id": self._last_id, kind: payload}, queue, now, now))
        self._start_due()
        return self._last_id

    def point_at(self, webhook: Webhook | None) -> None:
        """Post updates there from now on; None: wait to be polled."""
        self.webhook = webhook
        self.last_error = None
        self._start_due()

    def drop_pending(self) -> None:
        """Forget everything that waits."""
        self.pending.clear()

    async def poll(self, offset: int, limit: int, timeout: float) -> list[dict[str, Any]]:
        """Hand out what waits, or wait for something; updates before `offset` are confirmed and forgotten.

        Raises:
            ApiError: 409, a webhook is set or another poll took over.
        """
        if self.webhook is not None:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        self._poller += 1
        mine = self._poller
        async with self._changed:
            self._is_polled = True
            self._confirm(offset)
            self._changed.notify_all()
            await self._wait_for(lambda: self.pending or self._poller != mine, min(timeout, self._longest_poll))
            if self._poller != mine:
                raise conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running"
                )
            batch = self.pending[:limit]
            for update in batch:
                if not update.tried:
                    self._record(update, "", ok=True)
                update.tried = True
            self._changed.notify_all()
        return [update.body for update in batch]

    async def delivered(self, update_id: int | None) -> None:
        """Wait until the bot got an update or refused it; with nobody polling, do not wait."""
        if update_id is None:
            return
        async with self._changed:
            self._changed.notify_all()
            if self.webhook is None and not self._is_polled:
                return
            over = await self._wait_for(
                lambda: not self._in_flight(update_id), _LISTENING if self.webhook is None else None
            )
            self._is_polled = self._is_polled and over

    async def settled(self) -> None:
        """Try what is due by the clock, and wait until nothing is in flight."""
        self._start_due()
        while self._pumps:
            await asyncio.gather(*self._pumps.values())
        if self.webhook is None and self.pending:
            await self.delivered(self.pending[-1].id)

    async def retry(self) -> None:
        """Post everything that waits once more, without waiting for the backoff."""
        for update in self.pending:
            update.due = self._clock.now()
        await self.settled()

    async def aclose(self) -> None:
        """Stop posting and close the client that was opened here."""
        pumps = list(self._pumps.values())
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        if self._owned_client is not None:
            await self._owned_client.aclose()

    async def _wait_for(self, come: Any, seconds: float | None) -> bool:  # noqa: ANN401 - any truth will do
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait_for(come)
        except TimeoutError:
            return False
        return True

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.pending = self.pending[offset:]
        elif offset > 0:
            self.pending = [update for update in self.pending if update.id >= offset]

    def _in_flight(self, update_id: int) -> bool:
        for update in self.pending:
            if update.id == update_id:
                return not update.tried and (self.webhook is None or update.queue in self._pumps)
        return False

    def _start_due(self) -> None:
        now = self._clock.now()
        self.pending = [update for update in self.pending if now - update.queued < KEPT]
        if self.webhook is None:
            return
        for queue in {update.queue for update in self.pending} - set(self._pumps):
            self._pumps[queue] = asyncio.create_task(self._pump(queue))

    async def _pump(self, queue: int) -> None:
        try:
            while (webhook := self.webhook) is not None and (update := self._head(queue)) is not None:
                await self._post(update, webhook)
                await self._tell()
        finally:
            del self._pumps[queue]
            await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _head(self, queue: int) -> Pending | None:
        head = next((update for update in self.pending if update.queue == queue), None)
        return head if head is not None and head.due <= self._clock.now() else None

    async def _post(self, update: Pending, webhook: Webhook) -> None:
        headers = {} if webhook.secret is None else {SECRET_HEADER: webhook.secret}
        try:
            response = await self._http().post(webhook.url, json=update.body, headers=headers)
            trouble = None if response.is_success else _wrong(response.status_code)
        except httpx.HTTPError as error:
            trouble = f"Connection failed: {type(error).__name__}"
        self._record(update, trouble or "", ok=trouble is None)
        update.tried = True
        if trouble is None:
            self.pending = [other for other in self.pending if other is not update]
            return
        now = self._clock.now()
        self.last_error = now, trouble
        update.due = now + min(timedelta(seconds=2**update.attempts), _LONGEST_BACKOFF)
        update.attempts = min(update.attempts + 1, 16)

    def _http(self) -> httpx.AsyncClient:
        if self._client is not None:
            return self._client
        if self._owned_client is None:
            self._owned_client = httpx.AsyncClient(timeout=10, trust_env=False)
        return self._owned_client

    def _record(self, update: Pending, answer: str, *, ok: bool) -> None:
        self._traffic.record(
            at=self._clock.now(),
            platform="telegram",
            method="update",
            request=update.body,
            response=answer,
            ok=ok,
            direction="to_bot",
        )


def _wrong(status: int) -> str:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    return f"Wrong response from the webhook: {status} {phrase}".rstrip()
