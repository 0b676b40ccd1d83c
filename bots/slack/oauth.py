"""Installing into a workspace (OAuth v2): two plain ASGI callables, for `/slack/install` and `/slack/oauth_redirect`.

Bolt's own flow keeps states and tokens in files by default. Here the state is signed and bound to the browser by a
cookie, so that nothing is stored for an installation that never ends, and every replica can finish what another began.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode

from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.installs import BOT_SCOPES, ManyWorkspaces, SlackTokenRefused, introduce
from bots.slack.trouble import Trouble, outcome_of
from core.errors import PlatformUnavailable
from core.model import Refused
from core.ports import NewId, Now
from texts.catalogue import Texts, Words

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PUBLIC_AUTHORIZE = "https://slack.com/oauth/v2/authorize"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
STATE_LASTS = timedelta(minutes=10)
COOKIE = "penumbra_slack_state"


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """The Slack app as it is registered."""

    client_id: str
    client_secret: SecretStr
    public_url: str
    """The address people see; Slack sends them back to it."""
    authorize_url: str = PUBLIC_AUTHORIZE

    @property
    def redirect_uri(self) -> str:
        """Where Slack sends the browser back to; the manifest names the same."""
        return self.public_url.rstrip("/") + REDIRECT_PATH


class States:
    """Signed states: a nonce, an expiry, and a keyed hash (HMAC-SHA-256) of both.

    Args:
        secret: shared by all replicas; the app's client secret.
        now: the clock.
        new_nonce: an unguessable string.
    """

    def __init__(self, secret: SecretStr, now: Now, new_nonce: NewId) -> None:
        self._key = sha256(b"penumbra slack state\0" + secret.get_secret_value().encode()).digest()
        self._now = now
        self._new_nonce = new_nonce

    def issue(self) -> str:
        """A state good for ten minutes."""
        body = f"{self._new_nonce()}.{int((self._now() + STATE_LASTS).timestamp())}"
        return f"{body}.{self._mac(body)}"

    def holds(self, state: str, cookie: str) -> bool:
        """Whether a state is ours, not too old, and came back to the browser it was issued to."""
        body, _, mac = state.rpartition(".")
        if not hmac.compare_digest(self._mac(body).encode(), mac.encode("utf-8", "replace")):
            return False
        expiry = int(body.rpartition(".")[2])
        same_browser = hmac.compare_digest(state.encode(), cookie.encode("utf-8", "replace"))
        return same_browser and self._now() <= datetime.fromtimestamp(expiry, self._now().tzinfo)

    def _mac(self, body: str) -> str:
        return hmac.new(self._key, body.encode("utf-8", "replace"), "sha256").hexdigest()


class InstallPages:
    """What a browser meets on the way to an installation.

    Args:
        oauth: the app as it is registered.
        client: the Web API.
        installs: where the installation is kept.
        states: as above.
        texts: every language's words.
    """

    def __init__(
        self, oauth: OAuthApp, client: AsyncWebClient, installs: ManyWorkspaces, states: States, texts: Texts
    ) -> None:
        self._oauth = oauth
        self._client = client
        self._installs = installs
        self._states = states
        self._texts = texts

    async def begin(self, scope: Message, receive: Receive, send: Send) -> None:
        """`GET /slack/install`: on to Slack."""
        del scope, receive
        state = self._states.issue()
        asked = {"client_id": self._oauth.client_id, "scope": ",".join(BOT_SCOPES), "state": state}
        query = urlencode(asked | {"redirect_uri": self._oauth.redirect_uri})
        location = f"{self._oauth.authorize_url}?{query}"
        await _send(send, 302, {"location": location, "set-cookie": self._cookie(state, STATE_LASTS)})

    async def finish(self, scope: Message, receive: Receive, send: Send) -> None:
        """`GET /slack/oauth_redirect`: back from Slack."""
        del receive
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        status, outcome = await self._outcome(query, _state_cookie(headers.get("cookie", "")))
        words = self._texts.speak(
            headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip() or None
        )
        cleared = {"set-cookie": self._cookie("", timedelta(0))}
        await _send(send, status, cleared | _PAGE_HEADERS, _page(words, outcome).encode())

    async def _outcome(self, query: Mapping[str, str], cookie: str) -> tuple[int, str]:
        if not self._states.holds(query.get("state", ""), cookie):
            return 400, "again"
        if "code" not in query:
            return 200, "cancelled"
        try:
            return await self._install(query["code"])
        except PlatformUnavailable:
            return 503, "again"
        except SlackTokenRefused:
            return 400, "again"
        except Trouble as trouble:
            return (400 if isinstance(outcome_of(trouble), Refused) else 503), "again"

    async def _install(self, code: str) -> tuple[int, str]:
        """Exchange the code. Raises one of `Trouble`, SlackTokenRefused or PlatformUnavailable."""
        asked = {"client_id": self._oauth.client_id, "client_secret": self._oauth.client_secret.get_secret_value()}
        asked |= {"code": code, "redirect_uri": self._oauth.redirect_uri}
        # `oauth_v2_access` of slack_sdk 3.47 goes through aiohttp's BasicAuth, which aiohttp warns about
        granted = await self._client.api_call("oauth.v2.access", data=asked)
        token = granted.get("access_token")
        if granted.get("is_enterprise_install") or not token:
            return 400, "org"
        found = await introduce(self._client, SecretStr(str(token)), self._installs.now)
        scopes = frozenset(str(granted.get("scope") or "").split(","))
        await self._installs.keep(replace(found, scopes=scopes))
        return 200, "done"

    def _cookie(self, value: str, lasts: timedelta) -> str:
        secure = "; Secure" if self._oauth.public_url.startswith("https://") else ""
        seconds = int(lasts.total_seconds())
        return f"{COOKIE}={value}; Max-Age={seconds}; Path=/slack; HttpOnly; SameSite=Lax{secure}"


_PAGE_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


def _state_cookie(header: str) -> str:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _first_language(accepted: str) -> str | None:
    return accepted.partition(",")[0].partition(";")[0].strip() or None


def _page(words: Words, outcome: str) -> str:
    title, body = words.say(f"slack.install.{outcome}.title"), words.say(f"slack.install.{outcome}.body")
    again = (
        "" if outcome == "done" else f'<p><a href="{INSTALL_PATH}">{escape(words.say("slack.install.link"))}</a></p>'
    )
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title></head>'
        f"<body><main><h1>{escape(title)}</h1><p>{escape(body)}</p>{again}</main></body></html>"
    )


async def _send(send: Send, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
    always = {"cache-control": "no-store", "referrer-policy": "no-referrer", "content-length": str(len(body))}
    listed = [(name.encode(), value.encode("latin-1")) for name, value in {**always, **headers}.items()]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})
