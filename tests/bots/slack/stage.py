"""The real Slack app in front of the stand-in: real HTTP towards Slack, signed deliveries towards the app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from bots.slack.app import build_app, events
from bots.slack.calls import Calls, open_client, open_session
from bots.slack.concern import Concern
from bots.slack.connecting import CONNECT_PATH, CONNECTED_PATH, ConnectPages
from bots.slack.endpoint import SlackEndpoint
from bots.slack.handlers import Desk, Own
from bots.slack.installs import Installs, ManyWorkspaces, OneWorkspace, introduce
from bots.slack.messenger import SlackMessenger
from bots.slack.oauth import BEGIN_PATH, INSTALL_PATH, REDIRECT_PATH, InstallPages, OAuthApp, States
from bots.slack.own_messages import OwnMessages
from core.links_in import examine
from core.model import Account, GroupAddress, Platform
from playground.clock import PlaygroundClock
from playground.people import CAST
from playground.slack import Manifest, SlackStandIn
from playground.slack.manifest import EVENTS
from playground.traffic import Traffic
from tests.fakes.factchecks import FakeFactChecks
from tests.fakes.house import RULES, House
from tests.fakes.installations import MemoryInstallations
from tests.fakes.memory_storage import MemoryStorage, State
from tests.fakes.own_tokens import MemoryOwnTokens
from tests.playground.serving import served
from texts.catalogue import Texts
from texts.operator import Operator

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET = "playground-signing-secret"
WORKSPACE = "T07PBGAZET1"
ROOM = "C07PBREAD01"
GROUP = GroupAddress(Platform.SLACK, WORKSPACE, ROOM)
OPERATOR = Operator("Gazette IT", "it@gazette.example", "https://s.example/privacy")
APP = "http://app.test"
MANIFEST = Manifest(
    events=(*EVENTS, "member_left_channel"),
    unfurl_domains=("s.example",),
    redirect_urls=(f"{APP}{REDIRECT_PATH}",),
)
TEXTS = Texts.load()


def spell(url: str) -> str | None:
    clean = examine(url, RULES.urls, RULES.sensitive).clean
    return clean.display if clean else None


def account(key: str) -> Account:
    return Account(CAST[key].slack_id)


@dataclass
class SlackHouse(House):
    """Core's services, which ask and post through the real messenger."""

    clock: PlaygroundClock = field(default_factory=lambda: PlaygroundClock(frozen=MONDAY))

    def now(self) -> datetime:
        return self.clock.now()


@dataclass
class Stage:
    """Everything within a test's reach."""

    slack: SlackStandIn
    house: SlackHouse
    messenger: SlackMessenger
    installs: Installs
    calls: Calls
    clock: PlaygroundClock
    traffic: Traffic
    desk: Desk
    tokens: MemoryOwnTokens

    async def switch_on(self) -> None:
        """Ada invites the bot and presses the button in its welcome message."""
        await self.slack.invite_bot("ada", ROOM)
        self.breathe()
        await self.slack.press("ada", ROOM, self.with_button("enable")["id"], "enable")
        await self.work()  # the notice comes by the outbox
        self.breathe()

    def breathe(self, **span: float) -> None:
        """Let time pass: Slack takes one message a second into a channel."""
        self.clock.advance(timedelta(**(span or {"seconds": 2})))

    async def opt_in(self, person: str, button: str = "member_yes") -> None:
        await self.slack.press(person, ROOM, self.with_button("member_yes")["id"], button)

    def messages(self, viewer: str = "ada", conversation: str = ROOM) -> list[dict[str, Any]]:
        seen = self.slack.snapshot(viewer)["conversations"]
        return next(each["messages"] for each in seen if each["id"] == conversation)

    def latest(self, viewer: str = "ada") -> dict[str, Any]:
        return self.messages(viewer)[-1]

    def with_button(self, action: str) -> dict[str, Any]:
        """The newest message that has a button."""
        return [m for m in self.messages() if any(action in b["id"] for row in m["buttons"] for b in row)][-1]

    def calls_of(self, method: str) -> list[dict[str, Any]]:
        return [call.request for call in self.traffic.calls(method=method, direction="to_platform")]

    async def share(self, person: str, text: str, **how: Any) -> str:
        """Somebody posts; the app works it off."""
        ts = await self.slack.say(person, ROOM, text, **how)
        await self.work()
        return ts

    async def work(self) -> None:
        self.breathe()
        await self.house.work()
        await self.slack.settled()

    async def group_is(self) -> str | None:
        group = await self.house.services.consent.group(GROUP)
        return group.state.value if group else None

    @property
    def state(self) -> State:
        """What is kept, to the last row."""
        assert isinstance(self.house.storage, MemoryStorage)
        return self.house.storage.state


@asynccontextmanager
async def on_stage(*, by_oauth: bool = False, fact_checks: FakeFactChecks | None = None) -> AsyncIterator[Stage]:
    """The app in front of Slack: with a token of its own, or not installed yet."""
    clock, traffic = PlaygroundClock(frozen=MONDAY), Traffic()
    doors: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await doors[scope["path"]](scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as to_app, open_session() as session:
        slack = SlackStandIn(
            clock=clock,
            traffic=traffic,
            signing_secret=SECRET,
            client_id="11.22",
            client_secret="shh",
            bot_token=None if by_oauth else "xoxb-playground-1",
            request_url=f"{APP}/slack/events",
            manifest=MANIFEST,
            http=to_app,
            signed_at=clock.now,
        )
        async with served(slack.app) as base:
            slack.base_url = base
            client = open_client(session, f"{base}/api/")
            many = ManyWorkspaces(MemoryInstallations(), clock.now)
            token = SecretStr(str(slack.bot_token))
            installs = many if by_oauth else OneWorkspace(await introduce(client, token, clock.now))
            calls = Calls(client, installs)
            house = SlackHouse(clock=clock, fact_checks=fact_checks)
            assert isinstance(house.storage, MemoryStorage)
            tokens = MemoryOwnTokens(house.storage)
            own = OwnMessages(calls, tokens, spell)
            messenger = SlackMessenger(calls, TEXTS, clock.now, own)
            house.messenger = messenger  # type: ignore[assignment] # the house only asks it as Roles and Messenger
            house.services = house.build()
            handed = Own(tokens, own, APP + CONNECT_PATH)
            desk = Desk(house.services, TEXTS, calls, installs, OPERATOR, handed, clock.now)
            oauth = OAuthApp("11.22", SecretStr("shh"), APP, f"{base}/oauth/v2/authorize")
            states = States(oauth.client_secret, clock.now, lambda: "nonce")
            pages = InstallPages(oauth, client, many, states, TEXTS)
            connect = ConnectPages(oauth, client, tokens, states, TEXTS)
            doors |= {INSTALL_PATH: pages.landing, BEGIN_PATH: pages.begin, REDIRECT_PATH: pages.finish}
            doors |= {CONNECT_PATH: connect.begin, CONNECTED_PATH: connect.finish}
            doors["/slack/events"] = SlackEndpoint(
                build_app(client, desk),
                events(desk)["message"],
                Concern(house.services.consent.hear),
                SecretStr(SECRET),
                lambda: clock.now().timestamp(),
            )
            try:
                yield Stage(slack, house, messenger, installs, calls, clock, traffic, desk, tokens)
            finally:
                await slack.aclose()
