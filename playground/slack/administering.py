"""What happens to the workspace: installing as a browser would, uninstalling, archiving, sharing, re-numbering."""

from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
from starlette.types import ASGIApp

from playground.slack import events, install
from playground.slack.acting import Acting
from playground.slack.platform import Platform
from playground.slack.state import Json
from playground.slack.wire import VERIFICATION

AUTHORIZE = "/oauth/v2/authorize"
_MOST_HOPS = 10


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a browser ended up."""

    url: str
    status: int
    html: str


class Browser:
    """A small browser: follows redirects and keeps cookies, `Secure` ones on loopback too, as browsers do.

    Args:
        http: how other sites are reached.
        slack: Slack's own pages, asked in process.
    """

    def __init__(self, http: httpx.AsyncClient, slack: ASGIApp) -> None:
        self._http = http
        self._slack = slack
        self._cookies: dict[str, dict[str, str]] = {}

    async def get(self, url: str) -> Landing:
        """Go to an address, and on from there until a page shows or Slack's authorize page is reached."""
        for _ in range(_MOST_HOPS):
            if urlsplit(url).path.endswith(AUTHORIZE):
                return Landing(url, 200, "")
            response = await self._once(url)
            if not response.is_redirect:
                return Landing(url, response.status_code, response.text)
            url = urljoin(url, response.headers["location"])
        raise PermissionError("too many redirects")

    async def decide(self, url: str, person: str, *, allow: bool) -> Landing:
        """Answer Slack's authorize page as a person and follow its redirect."""
        transport = httpx.ASGITransport(app=self._slack)
        async with httpx.AsyncClient(transport=transport, base_url="http://slack.invalid") as slack:
            page = await slack.get(f"{AUTHORIZE}?{urlsplit(url).query}")
            if page.status_code != 200:
                return Landing(url, page.status_code, page.text)
            form = dict(parse_qsl(urlsplit(url).query)) | {"person": person, "answer": "allow" if allow else "cancel"}
            answer = await slack.post(AUTHORIZE, data=form)
        if not answer.is_redirect:
            return Landing(url, answer.status_code, answer.text)
        return await self.get(answer.headers["location"])

    async def _once(self, url: str) -> httpx.Response:
        jar = self._cookies.setdefault(urlsplit(url).netloc, {})
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}
        response = await self._http.get(url, headers=sent, follow_redirects=False)
        for line in response.headers.get_list("set-cookie"):
            jar.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        return response


class Administering(Acting):
    """Acts on the workspace itself.

    Args:
        platform: the platform acted on.
        http: how the app's pages are reached.
        slack: Slack's own pages.
    """

    def __init__(self, platform: Platform, http: httpx.AsyncClient, slack: ASGIApp) -> None:
        super().__init__(platform)
        self._http = http
        self._slack = slack

    async def install(self, person: str, url: str, *, allow: bool = True) -> Landing:
        """Install the app, or grant it one's own scopes, as a person's browser would.

        Args:
            person: who.
            url: the app's install page, or Slack's authorize address.
            allow: press Allow; else Cancel.

        Returns:
            The page at the end; Slack's own refusal when the request was wrong.
        """
        browser = Browser(self._http, self._slack)
        landing = await browser.get(url)
        if urlsplit(landing.url).path.endswith(AUTHORIZE):
            landing = await browser.decide(landing.url, self._who(person).key or "", allow=allow)
        await self.settled()
        return landing

    async def uninstall(self, person: str) -> None:
        """Remove the app from the workspace.

        Raises:
            PermissionError: only admins remove apps.
        """
        if not self._who(person).is_admin:
            raise PermissionError("only admins may remove an app")
        install.uninstall(self._platform)
        await self.settled()

    async def revoke_tokens(self, person: str | None = None) -> None:
        """End one person's grants, or all tokens including the bot's."""
        user = None if person is None else self._who(person).id
        grants = self._platform.grants.tokens.values()
        ended = [grant for grant in grants if grant.dead is None and (user is None or grant.user == user)]
        install.revoke(self._platform, ended)
        await self.settled()

    async def archive(self, person: str, conversation: str) -> None:
        """Archive a channel, as its creator or an admin."""
        who = self._who(person)
        channel = self._inside(who, conversation)
        if not who.is_admin and channel.creator != who.id:
            raise PermissionError("restricted_action")
        channel.is_archived = True
        name = "group_archive" if channel.kind == "private" else "channel_archive"
        event: Json = {"type": name, "channel": channel.id, "user": who.id, "event_ts": self._platform.tick()}
        events.announce(self._platform, name, event, channel)
        await self.settled()

    async def change_channel_id(self, conversation: str) -> str:
        """Give a channel another id, as happens when it is shared, and return it (`channel_id_changed`)."""
        workspace = self._platform.workspace
        channel = workspace.channel(conversation)
        if channel is None:
            raise PermissionError("channel_not_found")
        old, new = channel.id, workspace.new_id("C")
        channel.previous_ids.append(old)
        channel.id = new
        workspace.channels = {one.id: one for one in workspace.channels.values()}
        facts: Json = {"old_channel_id": old, "new_channel_id": new, "event_ts": self._platform.tick()}
        events.announce(self._platform, "channel_id_changed", {"type": "channel_id_changed", **facts}, channel)
        await self.settled()
        return new

    async def share_channel(self, conversation: str, *, shared: bool = True, other_team: str = "T07PBOTHER2") -> None:
        """Share a channel with another workspace (Slack Connect), or end that."""
        channel = self._platform.workspace.channel(conversation)
        if channel is None:
            raise PermissionError("channel_not_found")
        channel.is_ext_shared = shared
        name = "channel_shared" if shared else "channel_unshared"
        team = {"connected_team_id" if shared else "previously_connected_team_id": other_team}
        event: Json = {"type": name, **team, "channel": channel.id, "event_ts": self._platform.tick()}
        if not shared:
            event["is_ext_shared"] = False
        events.announce(self._platform, name, event, channel)
        await self.settled()

    async def announce_rate_limit(self) -> None:
        """Tell the app that it was sent too many events this hour (`app_rate_limited`)."""
        minute = int(self._platform.now().timestamp()) // 60 * 60
        body: Json = {
            "token": VERIFICATION,
            "type": "app_rate_limited",
            "team_id": self._platform.workspace.id,
            "minute_rate_limited": minute,
            "api_app_id": self._platform.manifest.app_id,
        }
        self._platform.courier.send_event("app_rate_limited", body)
        await self.settled()
