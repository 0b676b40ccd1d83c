"""Installing as a browser does: admin installs, a member's own grant, a change of mind, and the end of it all."""

from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from playground.clock import PlaygroundClock
from playground.slack import Manifest, SlackStandIn
from playground.traffic import Traffic

CLIENT = {"client_id": "11.22", "client_secret": "shh"}
BACK = "http://app.test/slack/oauth_redirect"


class InstallPages:
    """An app's install and redirect pages, with the cookie that ties them together."""

    def __init__(self) -> None:
        self.query = {"client_id": "11.22", "scope": "commands,chat:write", "redirect_uri": BACK, "state": "s1"}
        self.landed: dict[str, list[str]] = {}
        self.app = Starlette(routes=[Route("/slack/install", self.start), Route("/slack/oauth_redirect", self.land)])

    async def start(self, request: Request) -> Response:
        answer = RedirectResponse("http://slack.test/oauth/v2/authorize?" + urlencode(self.query), status_code=302)
        answer.set_cookie("state", "s1", secure=True, httponly=True)
        return answer

    async def land(self, request: Request) -> Response:
        assert request.cookies["state"] == request.query_params["state"]
        self.landed = parse_qs(request.url.query)
        return HTMLResponse("<p>Installed</p>")


@pytest.fixture
def pages() -> InstallPages:
    return InstallPages()


@pytest.fixture
async def bare(clock: PlaygroundClock, traffic: Traffic, pages: InstallPages) -> SlackStandIn:
    return SlackStandIn(
        clock=clock,
        traffic=traffic,
        signing_secret="s",
        client_id="11.22",
        client_secret="shh",
        bot_token=None,
        manifest=Manifest(redirect_urls=(BACK,)),
        http=httpx.AsyncClient(transport=httpx.ASGITransport(app=pages.app)),
    )


async def exchange(slack: SlackStandIn, **form: str) -> dict[str, object]:
    transport = httpx.ASGITransport(app=slack.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://slack.test") as web:
        answer: dict[str, object] = (await web.post("/api/oauth.v2.access", data=form)).json()
        return answer


async def test_an_admin_installs_and_the_code_serves_once(bare: SlackStandIn, pages: InstallPages) -> None:
    landing = await bare.install("ada", "http://app.test/slack/install")
    assert (landing.status, landing.html) == (200, "<p>Installed</p>")
    code = pages.landed["code"][0]
    wrong = await exchange(bare, **CLIENT | {"client_secret": "guess"}, code=code, redirect_uri=BACK)
    assert wrong["error"] == "bad_client_secret"
    assert (await exchange(bare, **CLIENT, code=code, redirect_uri=BACK + "/x"))["error"] == "bad_redirect_uri"
    granted = await exchange(bare, **CLIENT, code=code, redirect_uri=BACK)
    assert granted["access_token"] == bare.bot_token
    assert (granted["scope"], granted["token_type"]) == ("commands,chat:write", "bot")
    assert granted["authed_user"] == {"id": "U07PBADA001"}
    assert (await exchange(bare, **CLIENT, code=code, redirect_uri=BACK))["error"] == "code_already_used"


async def test_a_member_grants_only_their_own_scope(bare: SlackStandIn, pages: InstallPages) -> None:
    del pages.query["scope"]
    pages.query["user_scope"] = "chat:write"
    await bare.install("bruno", "http://app.test/slack/install")
    granted = await exchange(bare, **CLIENT, code=pages.landed["code"][0], redirect_uri=BACK)
    assert "access_token" not in granted
    user = granted["authed_user"]
    assert isinstance(user, dict)
    assert (user["id"], user["scope"], user["token_type"]) == ("U07PBBRU002", "chat:write", "user")
    assert bare.bot_token is None


async def test_cancel_and_wrong_requests_lead_nowhere(bare: SlackStandIn, pages: InstallPages) -> None:
    await bare.install("ada", "http://app.test/slack/install", allow=False)
    assert pages.landed["error"] == ["access_denied"]
    pages.query["scope"] = "admin"
    assert (await bare.install("ada", "http://app.test/slack/install")).status == 400
    pages.query |= {"scope": "commands", "redirect_uri": "http://evil.test/"}
    assert "bad_redirect_uri" in (await bare.install("ada", "http://app.test/slack/install")).html


async def test_the_page_lists_every_scope_and_who_one_may_be(bare: SlackStandIn, pages: InstallPages) -> None:
    transport = httpx.ASGITransport(app=bare.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://slack.test") as web:
        page = (await web.get("/oauth/v2/authorize", params=pages.query | {"state": '"><script>'})).text
    assert "<code>chat:write</code>" in page
    assert '<option value="chloe">Chloé</option>' in page
    assert "<script>" not in page
    assert urlsplit(BACK).netloc == "app.test"


async def test_a_rotating_token_is_refreshed_once_and_expires(
    slack: SlackStandIn, clock: PlaygroundClock, web: httpx.AsyncClient
) -> None:
    form = {**CLIENT, "token": slack.bot_token or ""}
    rotated = (await web.post("/api/oauth.v2.exchange", data=form)).json()
    assert rotated["expires_in"] == 43_200
    fresh = {"Authorization": f"Bearer {rotated['access_token']}"}
    assert (await web.post("/api/auth.test", headers=fresh)).json()["ok"]
    refresh = CLIENT | {"grant_type": "refresh_token", "refresh_token": rotated["refresh_token"]}
    assert (await exchange(slack, **refresh))["ok"]
    assert (await exchange(slack, **refresh))["error"] == "invalid_refresh_token"
