"""A member hands over a token of their own (OAuth v2, `user_scope`), so that their messages can be edited.

Apart from the installation: another scope, another page, another state. Whose token it is says Slack alone; it is kept
beside that person's yes in the one channel they came from, and where there is no yes it is thrown away.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.browser import Asked, Message, Page, Receive, Send, asked, cookie, reply, send_page
from bots.slack.oauth import REDIRECT_PATH, STATE_LASTS, OAuthApp, States, exchange, status_of
from bots.slack.trouble import Trouble
from core.model import Account, GroupAddress, Platform
from core.ports import OwnTokens
from texts.catalogue import Texts

CONNECT_PATH = "/slack/connect"
CONNECTED_PATH = f"{REDIRECT_PATH}/own"
"""Below the address that the manifest names, which Slack allows."""
USER_SCOPE = "chat:write"
"""Edits a person's own messages; asked for from nobody who did not ask for that."""
COOKIE = "penumbra_slack_own"

_ID = re.compile(r"[A-Z0-9]{2,30}")


class ConnectPages:
    """What a browser meets on the way.

    Args:
        oauth: the app as it is registered.
        client: the Web API.
        tokens: where the token is kept.
        states: as for the installation.
        texts: every language's words.
    """

    def __init__(
        self, oauth: OAuthApp, client: AsyncWebClient, tokens: OwnTokens, states: States, texts: Texts
    ) -> None:
        self._oauth = oauth
        self._client = client
        self._tokens = tokens
        self._states = states
        self._texts = texts

    @property
    def _redirect_uri(self) -> str:
        return self._oauth.public_url.rstrip("/") + CONNECTED_PATH

    async def begin(self, scope: Message, receive: Receive, send: Send) -> None:
        """`GET /slack/connect?team=…&channel=…`: on to Slack."""
        del receive
        request = asked(scope)
        team, channel = request.query.get("team", ""), request.query.get("channel", "")
        if not _ID.fullmatch(team) or not _ID.fullmatch(channel):
            return await self._say(send, 400, "again", request)
        state = self._states.issue(f"{team}-{channel}")
        location = self._oauth.authorize(user_scope=USER_SCOPE, state=state, redirect_uri=self._redirect_uri, team=team)
        kept = cookie(COOKIE, state, STATE_LASTS, secure=self._oauth.is_secure)
        return await reply(send, 302, {"location": location, "set-cookie": kept})

    async def finish(self, scope: Message, receive: Receive, send: Send) -> None:
        """Back from Slack."""
        del receive
        request = asked(scope)
        status, outcome = await self._outcome(request.query, request.cookie(COOKIE))
        await self._say(send, status, outcome, request)

    async def _say(self, send: Send, status: int, outcome: str, request: Asked) -> None:
        words = request.words(self._texts)
        page = Page(words.say(f"slack.own.{outcome}.title"), (words.say(f"slack.own.{outcome}.body"),))
        gone = {"set-cookie": cookie(COOKIE, "", timedelta(0), secure=self._oauth.is_secure)}
        await send_page(send, status, page, words, gone)

    async def _outcome(self, query: Mapping[str, str], kept: str) -> tuple[int, str]:
        state = query.get("state", "")
        if not self._states.holds(state, kept):
            return 400, "again"
        if "code" not in query:
            return 200, "cancelled"
        team, _, channel = self._states.about(state).partition("-")
        try:
            granted = await exchange(self._client, self._oauth, query["code"], self._redirect_uri)
        except Trouble as trouble:
            return status_of(trouble), "again"
        person = granted.get("authed_user") or {}
        token, scopes = person.get("access_token"), str(person.get("scope") or "").split(",")
        if (granted.get("team") or {}).get("id") != team or not token or USER_SCOPE not in scopes:
            return 400, "again"
        where, account = GroupAddress(Platform.SLACK, team, channel), Account(str(person.get("id")))
        return (200, "done") if await self._tokens.put(where, account, SecretStr(str(token))) else (409, "no_yes")
