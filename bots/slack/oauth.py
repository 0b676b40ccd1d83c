"""Installing into a workspace (OAuth v2): plain ASGI callables for a landing page, the way to Slack, and the way back.

Bolt's own flow keeps states and tokens in files by default. Here the state is signed and bound to the browser by a
cookie, so that nothing is stored for an installation that never ends, and every replica can finish what another began.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bots.slack.browser import Message, Page, Receive, Send, asked, cookie, reply, send_page
from bots.slack.installs import BOT_SCOPES, OPTIONAL_SCOPES, ManyWorkspaces, SlackTokenRefused, introduce
from bots.slack.trouble import Trouble, outcome_of
from core.errors import PlatformUnavailable
from core.model import Refused
from core.ports import NewId, Now
from texts.catalogue import Texts

PUBLIC_AUTHORIZE = "https://slack.com/oauth/v2/authorize"
INSTALL_PATH = "/slack/install"
BEGIN_PATH = "/slack/install/begin"
REDIRECT_PATH = "/slack/oauth_redirect"
STATE_LASTS = timedelta(minutes=10)
COOKIE = "penumbra_slack_state"
APP_REDIRECT = "https://slack.com/app_redirect"
"""Opens an app's home in Slack [https://docs.slack.dev/interactivity/deep-linking]."""


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

    @property
    def is_secure(self) -> bool:
        """Whether cookies can be kept to https."""
        return self.public_url.startswith("https://")

    def authorize(self, **query: str) -> str:
        """The address of Slack's page that asks a person."""
        return f"{self.authorize_url}?{urlencode({'client_id': self.client_id, **query})}"


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

    def issue(self, about: str = "") -> str:
        """A state good for ten minutes.

        Args:
            about: what it is for, in letters, digits and dashes; it comes back signed.
        """
        body = f"{self._new_nonce()}.{about}.{int((self._now() + STATE_LASTS).timestamp())}"
        return f"{body}.{self._mac(body)}"

    def holds(self, state: str, cookie: str) -> bool:
        """Whether a state is ours, not too old, and came back to the browser it was issued to."""
        body, _, mac = state.rpartition(".")
        if not hmac.compare_digest(self._mac(body).encode(), mac.encode("utf-8", "replace")):
            return False
        expiry = int(body.rpartition(".")[2])
        same_browser = hmac.compare_digest(state.encode(), cookie.encode("utf-8", "replace"))
        return same_browser and self._now() <= datetime.fromtimestamp(expiry, self._now().tzinfo)

    def about(self, state: str) -> str:
        """What a state that holds is for."""
        return state.split(".")[-3]

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

    async def landing(self, scope: Message, receive: Receive, send: Send) -> None:
        """`GET /slack/install`: what is asked for and why, before anybody is asked."""
        del receive
        words = asked(scope).words(self._texts)
        scopes = {each: words.say(f"slack.scope.{each}") for each in (*BOT_SCOPES, *OPTIONAL_SCOPES)}
        paragraphs = tuple(words.say(f"slack.install.{each}") for each in ("body", "nothing", "scopes"))
        add = (BEGIN_PATH, words.say("slack.install.add"))
        await send_page(send, 200, Page(words.say("slack.install.title"), paragraphs, scopes, (add,)), words, {})

    async def begin(self, scope: Message, receive: Receive, send: Send) -> None:
        """`GET /slack/install/begin`: on to Slack."""
        del scope, receive
        state = self._states.issue()
        location = self._oauth.authorize(
            scope=",".join((*BOT_SCOPES, *OPTIONAL_SCOPES)), state=state, redirect_uri=self._oauth.redirect_uri
        )
        kept = cookie(COOKIE, state, STATE_LASTS, secure=self._oauth.is_secure)
        await reply(send, 302, {"location": location, "set-cookie": kept})

    async def finish(self, scope: Message, receive: Receive, send: Send) -> None:
        """`GET /slack/oauth_redirect`: back from Slack."""
        del receive
        request = asked(scope)
        status, outcome, app = await self._outcome(request.query, request.cookie(COOKIE))
        words = request.words(self._texts)
        title, body = words.say(f"slack.install.{outcome}.title"), words.say(f"slack.install.{outcome}.body")
        again = (INSTALL_PATH, words.say("slack.install.link"))
        onward = (app, words.say("slack.install.open")) if app else again
        gone = {"set-cookie": cookie(COOKIE, "", timedelta(0), secure=self._oauth.is_secure)}
        await send_page(send, status, Page(title, (body,), links=(onward,)), words, gone)

    async def _outcome(self, query: Mapping[str, str], kept: str) -> tuple[int, str, str]:
        """Status, what happened, and the app's address in Slack once it is there."""
        if not self._states.holds(query.get("state", ""), kept):
            return 400, "again", ""
        if "code" not in query:
            return 200, "cancelled", ""
        try:
            return await self._install(query["code"])
        except PlatformUnavailable:
            return 503, "again", ""
        except SlackTokenRefused:
            return 400, "again", ""
        except Trouble as trouble:
            return status_of(trouble), "again", ""

    async def _install(self, code: str) -> tuple[int, str, str]:
        """Exchange the code. Raises one of `Trouble`, SlackTokenRefused or PlatformUnavailable."""
        granted = await exchange(self._client, self._oauth, code, self._oauth.redirect_uri)
        token = granted.get("access_token")
        if granted.get("is_enterprise_install") or not token:
            return 400, "org", ""
        found = await introduce(self._client, SecretStr(str(token)), self._installs.now)
        scopes = frozenset(str(granted.get("scope") or "").split(","))
        await self._installs.keep(replace(found, scopes=scopes))
        query = urlencode({"app": str(granted.get("app_id") or ""), "team": found.workspace})
        return 200, "done", f"{APP_REDIRECT}?{query}"


def status_of(trouble: Exception) -> int:
    """Whether starting again is up to the person, or to Slack."""
    return 400 if isinstance(outcome_of(trouble), Refused) else 503


async def exchange(client: AsyncWebClient, oauth: OAuthApp, code: str, redirect_uri: str) -> AsyncSlackResponse:
    """What a code is good for. Raises one of `Trouble`."""
    proof = {"client_id": oauth.client_id, "client_secret": oauth.client_secret.get_secret_value()}
    # `oauth_v2_access` of slack_sdk 3.47 goes through aiohttp's BasicAuth, which aiohttp warns about
    return await client.api_call("oauth.v2.access", data=proof | {"code": code, "redirect_uri": redirect_uri})
