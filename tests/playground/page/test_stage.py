"""One port serves two platforms, a page and a handful of sites, each to those it is for."""

import re
from datetime import UTC, datetime

import httpx
import pytest

from playground.stage import Credentials, Stage

HERALD = {"host": "riverside-herald.localhost:8790"}


def test_addresses_are_what_the_bots_are_configured_with(stage: Stage):
    assert stage.telegram_api_url == "http://127.0.0.1:8790/telegram/bot"
    assert stage.slack_api_url == "http://127.0.0.1:8790/slack/api/"
    assert stage.slack_authorize_url == "http://127.0.0.1:8790/slack/oauth/v2/authorize"
    entries = stage.test_hosts.split(",")
    assert all(re.fullmatch(r"[a-z-]+\.localhost=127\.0\.0\.1:8790", entry) for entry in entries)
    assert len(entries) == len(stage.sites.hosts) == 9


def test_credentials_are_new_each_time_and_never_printed():
    first, second = Credentials.fresh(), Credentials.fresh()
    assert first.telegram_token != second.telegram_token
    assert first.slack_signing_secret not in repr(first)
    assert Credentials.fresh(lambda size: "ab" * size) == Credentials.fresh(lambda size: "ab" * size)


async def test_both_platforms_answer_their_bots(telegram_call, slack_call):
    assert (await telegram_call("getMe"))["username"] == "penumbra_bot"
    assert (await telegram_call("getMe"))["can_read_all_group_messages"]
    assert (await slack_call("auth.test"))["team"] == "Gazette"


async def test_pages_in_a_browser_cannot_speak_as_the_bot(stage, browser):
    for url in (f"{stage.telegram_api_url}{stage.credentials.telegram_token}/getMe", f"{stage.slack_api_url}auth.test"):
        assert (await browser.post(url)).status_code == 403


async def test_a_name_that_is_not_ours_is_sent_home(bot):
    answer = await bot.get("/", headers={"host": "attacker.example:8790"})
    assert (answer.status_code, "127.0.0.1:8790" in answer.text) == (421, True)
    assert (await bot.get("/", headers={"host": "localhost:9999"})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "http://riverside-herald.localhost:8790"},
        {"origin": "null"},
    ],
)
async def test_other_pages_cannot_act(bot, headers):
    fields = {"viewer": "dev", "platform": "slack", "conversation": "general", "text": "x"}
    assert (await bot.post("/play/say", json=fields, headers=headers)).status_code == 403


async def test_a_form_cannot_act_and_an_unknown_act_is_said_to_be_one(bot):
    assert (await bot.post("/play/say", data={"viewer": "dev"})).status_code == 415
    assert (await bot.post("/play/dance", json={})).status_code == 404
    assert (await bot.post("/play/say", content=b"[]", headers={"content-type": "application/json"})).status_code == 400
    assert (
        await bot.post("/play/say", content=b"\xff", headers={"content-type": "application/json"})
    ).status_code == 400


async def test_traffic_is_shown_with_its_tokens_masked(stage, browser, slack_call):
    await slack_call("auth.test")
    calls = (await browser.get("/play/traffic")).json()["calls"]
    assert calls[0]["method"] == "auth.test"
    assert stage.credentials.slack_bot_token not in str(calls)


async def test_the_slack_app_is_installed_through_the_page_that_a_browser_sees(stage: Stage, bot):
    query = {"client_id": stage.credentials.slack_client_id, "scope": "chat:write", "state": "s"}
    query["redirect_uri"] = "http://127.0.0.1:8080/slack/oauth_redirect"
    page = await bot.get(stage.slack_authorize_url, params=query)
    assert "Allow" in page.text
    assert 'action="' not in page.text
    answer = await bot.post(stage.slack_authorize_url, data=query | {"person": "ada", "answer": "allow"})
    assert answer.headers["location"].startswith(query["redirect_uri"])


async def test_starting_over_keeps_the_addresses_and_forgets_the_rest(stage: Stage, telegram_call):
    await telegram_call("getMe")
    before = stage.credentials
    await stage.start_over()
    assert stage.credentials == before
    assert len(stage.traffic) == 0
    assert (await telegram_call("getMe"))["is_bot"]


async def test_a_question_that_waits_is_answered_when_the_stage_closes():
    stage = Stage("http://127.0.0.1:8790", patience=3600)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=stage.app), base_url=stage.base_url) as client:
        first = (await client.get("/play/state", params={"viewer": "ada"})).json()
        await stage.aclose()
        ask = {"viewer": "ada", "since": first["version"]}
        assert (await client.get("/play/state", params=ask)).status_code == 204
        assert (await client.get("/play/state", params={"viewer": "nobody"})).status_code == 404


def test_dates_on_the_sites_count_back_from_the_day_it_starts(stage: Stage):
    assert stage.clock.now() == datetime(2026, 11, 4, 14, 5, tzinfo=UTC)
