"""The first run: one page behind an address that works once, tokens asked about live, `.env` for its owner alone."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bots.slack.manifest import create_link
from config.demo import LOOPBACK, free_port
from config.first_run import _quoted, set_up, write_env
from config.run import Listen, serving
from config.running import is_first_run
from config.settings import Settings, load_settings
from playground.stage import Stage

ROOT = Path(__file__).parents[2]
OPERATOR_BY_DEFAULT = Settings.model_fields["operator_name"].default
PLACE = {
    "public_url": "https://links.example.org",
    "operator_name": 'Ana\'s # "Desk"',
    "operator_contact": "ana@example.org",
}


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    for name in [name for name in os.environ if name.startswith("PENUMBRA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    port = free_port()
    stage = Stage(f"http://{LOOPBACK}:{port}", slack_request_url=f"http://{LOOPBACK}:{port}/none")
    async with serving(stage.app, Listen(LOOPBACK, port)):
        yield stage
        await stage.aclose()


def empty(stage: Stage) -> Settings:
    """Settings without tokens, whose platforms are the playground's."""
    return load_settings(
        telegram_api_url=stage.telegram_api_url, slack_api_url=stage.slack_api_url, host=LOOPBACK, port=free_port()
    )


class Operator:
    """Somebody who started `penumbra run` and has the printed address open."""

    def __init__(self, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings = empty(stage)
        self._capsys = capsys
        self._run: asyncio.Task[bool] | None = None
        self.browser = httpx.AsyncClient()
        self.address = ""

    async def __aenter__(self) -> Self:
        self._run = asyncio.create_task(set_up(self.settings))
        said = ""
        while "/set-up/" not in said:
            await asyncio.sleep(0.01)
            said += self._capsys.readouterr().out
        self.address = said.split()[-1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.browser.aclose()
        assert self._run is not None
        self._run.cancel()
        await asyncio.wait({self._run})

    async def ended(self) -> bool:
        assert self._run is not None
        return await self._run

    async def saves(self, **typed: str) -> str:
        return (await self.browser.post(self.address, data=PLACE | typed)).text

    async def checks(self, **typed: str) -> str:
        return (await self.browser.post(f"{self.address}/check", data=PLACE | typed)).text


async def test_tokens_are_checked_live_and_kept_for_their_owner_alone(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("# mine\nOTHER=1\nPENUMBRA_OPERATOR_NAME=before\n")
    tokens = {
        "telegram_token": stage.credentials.telegram_token,
        "slack_signing_secret": stage.credentials.slack_signing_secret,
        "slack_bot_token": stage.credentials.slack_bot_token,
    }
    async with Operator(stage, capsys) as operator:
        assert is_first_run(operator.settings)
        page = await operator.checks(**tokens)
        assert "Telegram knows this token" in page
        assert "Slack knows this token" in page
        assert not (tmp_path / "root.key").exists()
        assert "Penumbra is set up" in await operator.saves(**tokens)
        assert await operator.ended()
    kept = tmp_path / ".env"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().startswith("# mine\nOTHER=1\n")
    assert "before" not in kept.read_text()
    settings = load_settings()
    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == tokens["telegram_token"]
    assert (settings.operator_name, settings.public_url) == (PLACE["operator_name"], PLACE["public_url"])
    assert len(settings.root()) == 32
    assert not is_first_run(settings)


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    async with Operator(stage, capsys) as operator:
        assert "Telegram does not know this token" in await operator.saves(telegram_token="1:wrong")
        assert "Slack does not know this token" in await operator.saves(
            slack_signing_secret="s", slack_bot_token="xoxb-0"
        )
        assert "signing secret is needed too" in await operator.saves(slack_bot_token="xoxb-0")
        assert "Fill in Telegram, Slack, or both" in await operator.saves()
        assert "Fill in Telegram, Slack, or both" not in await operator.checks()
        assert "SLACK_BOT_TOKEN: is needed" in await operator.saves(slack_signing_secret="s")
        assert "must be an http" in await operator.saves(public_url="links.example.org", telegram_token="1:x")
        operator.browser.headers["accept-language"] = "fr"
        assert "PENUMBRA_SLACK_BOT_TOKEN\u202f: est nécessaire" in await operator.saves(slack_signing_secret="s")
        page = await operator.browser.post(operator.address, content=b"x" * 20_000)
        assert page.status_code == 200
        assert not (tmp_path / ".env").exists()


async def test_without_the_secret_there_is_nothing_and_after_use_nothing_either(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Operator(stage, capsys) as operator:
        for wrong in (operator.address[:-1], operator.address.rpartition("/")[0], f"{operator.address}x"):
            assert (await operator.browser.get(wrong)).status_code == 404
            assert (await operator.browser.post(wrong, data=PLACE)).status_code in {404, 405}
            assert (await operator.browser.post(f"{wrong}/check", data=PLACE)).status_code in {404, 405}
        page = await operator.browser.get(operator.address)
        assert page.status_code == 200
        assert "script-src 'self'" in page.headers["content-security-policy"]
        await operator.saves(telegram_token=stage.credentials.telegram_token)
        await operator.ended()
        with pytest.raises(httpx.ConnectError):
            await operator.browser.get(operator.address)


@asynccontextmanager
async def running(folder: Path, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`penumbra run` as a process of its own, stopped at the end."""
    given = {f"PENUMBRA_{name}": value for name, value in settings.items()} | {"PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "config", "run"),
        cwd=folder,
        env=os.environ | given,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        process.terminate()
        await process.communicate()


async def said(process: asyncio.subprocess.Process, word: str) -> str:
    """The next line it says that holds a word."""
    assert process.stdout is not None
    async for line in process.stdout:
        if word in line.decode():
            return line.decode().strip()
    raise AssertionError(f"it ended without {word}")


async def test_once_they_are_saved_penumbra_runs_at_the_same_address(stage: Stage, tmp_path: Path) -> None:
    port = str(free_port())
    async with (
        running(tmp_path, PORT=port, TELEGRAM_API_URL=stage.telegram_api_url) as process,
        httpx.AsyncClient() as browser,
    ):
        address = await said(process, "/set-up/")
        saved = await browser.post(address, data=PLACE | {"telegram_token": stage.credentials.telegram_token})
        assert "Penumbra is set up" in saved.text
        assert "telegram" in await said(process, '"started"')
        assert (await browser.get(address)).status_code == 404
        assert (await browser.get(f"http://{LOOPBACK}:{port}/healthz")).text == "ok\n"
    assert process.returncode == 0


def test_the_slack_app_is_created_with_the_operator_s_own_address() -> None:
    link = urlsplit(create_link("links.example.org"))
    asked = parse_qs(link.query)
    manifest = yaml.safe_load(asked["manifest_yaml"][0])
    assert (link.netloc, asked["new_app"]) == ("api.slack.com", ["1"])
    assert manifest["settings"]["event_subscriptions"]["request_url"] == "https://links.example.org/slack/events"
    assert manifest["features"]["unfurl_domains"] == ["links.example.org"]
    assert "chat:write" in manifest["oauth_config"]["scopes"]["bot"]
    assert "penumbra.example" not in asked["manifest_yaml"][0]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1))
def test_every_value_is_read_back_as_it_was_typed(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    path = tmp_path_factory.mktemp("env") / ".env"
    write_env(path, {"operator_name": value})
    write_env(path, {"operator_contact": "x"})
    assert load_settings(_env_file=path).operator_name == (" ".join(value.split()) or OPERATOR_BY_DEFAULT)
    assert "\n" not in _quoted(f"a\n{value}")
