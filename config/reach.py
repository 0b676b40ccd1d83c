"""What `penumbra doctor` finds of the way in: whether the public address, and with it each webhook, leads here."""

import asyncio
import http.client
import ssl
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bots.telegram.standing import WebhookState, webhook_of
from bots.telegram.webhook import PATH
from config.findings import Finding, Level, about, name
from config.settings import Settings
from core.errors import PlatformUnavailable

LATELY = timedelta(minutes=30)
_ASKED_FOR = 3.0
_WAY = about("way.mend")


async def look_at_ways_in(settings: Settings, now: datetime) -> list[Finding]:
    """Ask our own public address for a sign of life, and Telegram how deliveries go."""
    found = [await asyncio.to_thread(_public, settings.public_url)]
    if settings.telegram_token is None:
        return found
    try:
        state = await webhook_of(settings.telegram_token, settings.telegram_api_url)
    except PlatformUnavailable:
        return found  # that Telegram does not answer, or does not know the token, has its own line
    return [*found, _delivery(settings, state, now)]


def _public(url: str) -> Finding:
    """Whether `/healthz` answers there. A machine may be unable to reach itself from outside: never RED."""
    parts = urlsplit(url)
    opened: type[http.client.HTTPConnection] = (
        http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    )
    try:
        connection = opened(parts.hostname or "", parts.port, timeout=_ASKED_FOR)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        is_ours = answer.status == http.client.OK and answer.read(10).strip() == b"ok"
        connection.close()
    except ssl.SSLError:
        return Finding(Level.ODD, name("way_in"), about("way.certificate"), _WAY)
    except (OSError, http.client.HTTPException):
        return Finding(Level.ODD, name("way_in"), about("way.silent"), _WAY)
    if not is_ours:
        return Finding(Level.ODD, name("way_in"), about("way.somebody"), _WAY)
    return Finding(Level.FINE, name("way_in"), about("way.fine"))


def _delivery(settings: Settings, state: WebhookState, now: datetime) -> Finding:
    """How updates come, as Telegram sees it."""
    what = name("webhook")
    if settings.telegram_mode == "polling":
        if state.url:
            return Finding(Level.ODD, what, about("webhook.unwanted"), about("webhook.unwanted.mend"))
        return Finding(Level.FINE, what, about("webhook.none"))
    if state.url != settings.public_url.rstrip("/") + PATH:
        where = about("webhook.elsewhere") if state.url else about("webhook.not_set")
        return Finding(Level.RED, what, where, about("webhook.mend"))
    if state.failed_at is not None and now - state.failed_at < LATELY:
        return Finding(Level.RED, what, about("webhook.failed", why=state.error, n=state.waiting), _WAY)
    return Finding(Level.FINE, what, about("webhook.fine", n=state.waiting))
