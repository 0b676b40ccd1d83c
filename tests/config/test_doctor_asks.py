"""What the doctor asks outside: Slack's scopes, the way in, the webhook, and each group's next run and rights."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from telegram import Bot

from bots.slack.installs import BOT_SCOPES
from config.findings import Finding, Level, Told
from config.reach import look_at_ways_in
from config.rounds import look_at_groups
from config.settings import Settings
from config.workspaces import ask_slack, look_at_workspaces
from core.model import Account, GroupAddress, GroupId, GroupState, Installation, Platform, Taking
from playground.clock import PlaygroundClock
from playground.telegram import TelegramStandIn
from playground.traffic import Traffic
from storage.groups import workspace_mark
from storage.installations import INSTALLATIONS, SqlInstallations
from storage.sql import SqlStorage
from storage.transaction import GROUPS
from tests.config import english
from tests.playground.serving import served
from tests.storage.stories import a_group, kept

TOKEN = "7301446215:AAH-playground_token_that_opens_nothing"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOBODY = "http://127.0.0.1:1"


def by_name(found: list[Finding]) -> Mapping[str, Told]:
    assert all(each.mend for each in found if each.level is not Level.FINE)
    return english.by_name(found)


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[arg-type] # pydantic checks what is given


# Slack ------------------------------------------------------------------------------------------------------------


def slack_that_grants(*scopes: str) -> Starlette:
    who = {"ok": True, "bot_id": "B1", "team": "Herald", "user_id": "U1"}
    answer = JSONResponse(who, headers={"x-oauth-scopes": ",".join(scopes)})
    return Starlette(routes=[Route("/api/auth.test", lambda _: answer, methods=["POST"])])


async def at_slack(app: Starlette) -> Mapping[str, Told]:
    async with served(app) as address:
        token = {"slack_signing_secret": SecretStr("s"), "slack_bot_token": SecretStr("xoxb-1")}
        return by_name(await ask_slack(settings(**token, slack_api_url=f"{address}/api/")))


async def test_scopes_that_a_token_lacks_are_named_with_the_way_to_add_them() -> None:
    found = await at_slack(slack_that_grants(*BOT_SCOPES))
    assert {each.level for each in found.values()} == {Level.FINE}
    lacking = (await at_slack(slack_that_grants(*BOT_SCOPES[2:])))["Slack scopes"]
    assert (lacking.level, lacking.state) == (Level.RED, f"lacking: {', '.join(BOT_SCOPES[:2])}")
    assert "reinstall" in lacking.mend


async def test_a_token_that_slack_does_not_know_and_a_slack_that_is_silent_are_told_apart() -> None:
    refused = JSONResponse({"ok": False, "error": "invalid_auth"})
    app = Starlette(routes=[Route("/api/auth.test", lambda _: refused, methods=["POST"])])
    assert (await at_slack(app))["Slack"].level is Level.RED
    assert (await at_slack(Starlette()))["Slack"].level is not Level.FINE


async def test_without_one_workspace_s_token_slack_is_not_asked() -> None:
    assert await ask_slack(settings()) == []
    [line] = by_name(await ask_slack(settings(**MANY))).values()
    assert "/slack/install" in line.state


async def installed_in(storage: SqlStorage, name: str, token: str, installed_at: datetime = NOW) -> None:
    scopes = frozenset(BOT_SCOPES)
    known = Installation(Platform.SLACK, f"T-{name}", name, SecretStr(token), Account("U1"), "B1", scopes, installed_at)
    await SqlInstallations(storage).put(known)


def slack_of_many(granted: Mapping[str, Sequence[str]]) -> Starlette:
    """A Slack that knows each token by the scopes it was given."""

    async def auth_test(request: Request) -> JSONResponse:
        scopes = granted.get(request.headers["authorization"].removeprefix("Bearer "))
        if scopes is None:
            return JSONResponse({"ok": False, "error": "account_inactive"})
        who = {"ok": True, "bot_id": "B1", "team": "Herald", "user_id": "U1"}
        return JSONResponse(who, headers={"x-oauth-scopes": ",".join(scopes)})

    return Starlette(routes=[Route("/api/auth.test", auth_test, methods=["POST"])])


MANY = {"slack_signing_secret": "s", "slack_client_id": "1", "slack_client_secret": "c"}


async def test_each_workspace_that_installed_us_is_asked_for_its_scopes(sql_storage: SqlStorage) -> None:
    for name in ("Herald", "Gazette", "Closed", "Spoilt"):
        await installed_in(sql_storage, name, f"xoxb-{name}")
    async with sql_storage.transaction() as records:
        tx = records.transaction
        mark = workspace_mark(tx.master, Platform.SLACK, "T-Spoilt")
        await tx.run(update(INSTALLATIONS).where(INSTALLATIONS.c.workspace == mark).values(sealed=b"x" * 40))
    slack = slack_of_many({"xoxb-Herald": BOT_SCOPES, "xoxb-Gazette": BOT_SCOPES[1:]})
    async with served(slack) as address:
        asked = settings(**MANY, slack_api_url=f"{address}/api/")
        found = by_name(await look_at_workspaces(asked, sql_storage))
    assert found["workspaces"].state == "4, of which 4 are told here"
    assert found["workspace Herald"].level is Level.FINE
    assert found["workspace Gazette"].state == f"lacks scopes: {BOT_SCOPES[0]}"
    assert "does not know" in found["workspace Closed"].state
    (spoilt,) = [each for each in found.values() if each.state == "its row can't be read"]
    assert all("/slack/install" in each.mend for each in (found["workspace Gazette"], spoilt))


async def test_a_silent_slack_is_asked_about_one_workspace_alone(sql_storage: SqlStorage) -> None:
    for name in ("Herald", "Gazette"):
        await installed_in(sql_storage, name, f"xoxb-{name}")
    found = await look_at_workspaces(settings(**MANY, slack_api_url=f"{NOBODY}/api/"), sql_storage)
    assert [(each.what, each.level) for each in by_name(found).values()] == [
        ("workspaces", Level.FINE),
        ("Slack", Level.ODD),
    ]


async def test_with_a_token_in_the_settings_no_other_is_asked_about(sql_storage: SqlStorage) -> None:
    await installed_in(sql_storage, "Herald", "xoxb-Herald")
    assert await look_at_workspaces(settings(slack_signing_secret="s", slack_bot_token="xoxb-1"), sql_storage) == []
    assert await look_at_workspaces(settings(), sql_storage) == []


# The way in -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def telegram() -> AsyncIterator[tuple[TelegramStandIn, str]]:
    stand_in = TelegramStandIn(TOKEN, PlaygroundClock(frozen=NOW), Traffic())
    async with served(stand_in.app) as address:
        yield stand_in, f"{address}/bot"
    await stand_in.aclose()


async def test_the_public_address_leads_to_us_to_somebody_else_or_nowhere() -> None:
    async def way_in(words: str) -> Told:
        app = Starlette(routes=[Route("/healthz", lambda _: PlainTextResponse(words))])
        async with served(app) as address:
            return by_name(await look_at_ways_in(settings(public_url=address), NOW))["way in"]

    assert (await way_in("ok\n")).level is Level.FINE
    assert "somebody else" in (await way_in("welcome to nginx")).state
    nowhere = by_name(await look_at_ways_in(settings(public_url=NOBODY), NOW))["way in"]
    assert "does not answer" in nowhere.state
    plain = Starlette()
    async with served(plain) as address:
        wrong = by_name(await look_at_ways_in(settings(public_url=address.replace("http:", "https:")), NOW))
    assert "certificate" in wrong["way in"].state


async def test_the_webhook_is_looked_at_as_telegram_sees_it(telegram: tuple[TelegramStandIn, str]) -> None:
    stand_in, api_url = telegram
    ours = {"telegram_token": TOKEN, "telegram_api_url": api_url, "public_url": NOBODY}
    hooked = {**ours, "telegram_mode": "webhook", "telegram_webhook_secret": "s"}

    async def looked_at(given: Mapping[str, object], now: datetime = NOW) -> Told:
        return by_name(await look_at_ways_in(settings(**given), now))["Telegram webhook"]

    assert "updates are fetched" in (await looked_at(ours)).state
    assert (await looked_at(hooked)).state == "is not set"
    async with Bot(TOKEN, base_url=api_url) as bot:
        await bot.set_webhook(f"{NOBODY}/telegram/webhook", secret_token="s")
        assert (await looked_at(hooked)).level is Level.FINE
        assert (await looked_at(ours)).level is Level.ODD
        await stand_in.invite_bot("ada", stand_in.book_club)
        await stand_in.settled()
        failing = await looked_at(hooked)
        assert (failing.level, "could not deliver" in failing.state) == (Level.RED, True)
        assert (await looked_at(hooked, NOW + timedelta(hours=1))).level is Level.FINE
        await bot.set_webhook("http://127.0.0.1:2/elsewhere")
    assert (await looked_at(hooked)).state == "leads elsewhere"


async def test_a_telegram_that_is_silent_or_knows_us_not_has_its_line_elsewhere(
    telegram: tuple[TelegramStandIn, str],
) -> None:
    _, api_url = telegram
    for given in ({"telegram_token": TOKEN, "telegram_api_url": f"{NOBODY}/bot"}, {"telegram_token": "1:x"}):
        found = await look_at_ways_in(settings(**{"telegram_api_url": api_url, "public_url": NOBODY} | given), NOW)
        assert list(by_name(found)) == ["way in"]


# Groups -----------------------------------------------------------------------------------------------------------


async def test_each_group_s_next_run_is_told_and_a_late_one_is_red(sql_storage: SqlStorage) -> None:
    due = NOW + timedelta(days=3)
    await kept(sql_storage, replace(a_group(lambda: NOW), next_digest=due))
    late = replace(a_group(lambda: NOW, "g2"), address=elsewhere("-2"), next_digest=NOW - timedelta(hours=1))
    await kept(sql_storage, late)
    await kept(sql_storage, replace(a_group(lambda: NOW, "g3"), address=elsewhere("-3"), state=GroupState.PAUSED))
    await kept(sql_storage, replace(a_group(lambda: NOW, "g4"), address=elsewhere("-4")))
    async with sql_storage.transaction() as records:
        spoilt = update(GROUPS).where(GROUPS.c.id == "g4").values(sealed=b"x" * 40)
        await records.transaction.run(spoilt)
    found = by_name(await look_at_groups(settings(), sql_storage, NOW))
    assert found["groups"].state.startswith("4,")
    assert found["group g1"].state == "next digest 2026-11-27 12:00 UTC"
    assert (found["group g2"].level, "role digest" in found["group g2"].mend) == (Level.RED, True)
    assert "paused" in found["group g3"].state
    assert found["group g4"].state == "can't be read"


def elsewhere(conversation: str) -> GroupAddress:
    return GroupAddress(Platform.TELEGRAM, "", conversation)


async def test_what_the_bot_may_do_in_a_group_is_asked_of_telegram(
    telegram: tuple[TelegramStandIn, str], sql_storage: SqlStorage
) -> None:
    stand_in, api_url = telegram
    club = replace(a_group(lambda: NOW, GroupId("g1")), address=elsewhere(stand_in.book_club), taking=Taking.REPLACE)
    await kept(sql_storage, club)
    known = settings(telegram_token=TOKEN, telegram_api_url=api_url)

    async def rights() -> Told:
        return by_name(await look_at_groups(known, sql_storage, NOW))["rights in g1"]

    assert "not in the group" in (await rights()).state
    await stand_in.invite_bot("ada", stand_in.book_club)
    stand_in.set_privacy(on=True)
    assert (await rights()).level is Level.RED
    stand_in.set_privacy(on=False)
    assert (await rights()).level is Level.ODD
    await stand_in.promote_bot("ada", stand_in.book_club, ["can_delete_messages"])
    assert ((await rights()).level, (await rights()).state) == (Level.FINE, "admin")
    silent = settings(telegram_token=TOKEN, telegram_api_url=f"{NOBODY}/bot")
    assert "rights in g1" not in by_name(await look_at_groups(silent, sql_storage, NOW))
