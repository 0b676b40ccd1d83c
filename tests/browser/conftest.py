"""A real Chromium, and the playground as `penumbra demo` opens it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from config.demo import LOOPBACK, free_port, open_theatre, slack_manifest
from config.run import Listen, serving
from playground.stage import Stage
from tests.playground import slack_contract, telegram_contract

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


PATIENCE = 20_000
"""Milliseconds for anything to appear: both cores may be busy with other tests."""


def chromium() -> str:
    """Where this machine's Chromium is."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.fail("no Chromium on this machine: install Debian's package `chromium`")
    return found


@pytest.fixture(autouse=True)
def patience() -> None:
    """What is expected has as long as what is clicked; Playwright's own patience ends after five seconds."""
    expect.set_options(timeout=PATIENCE)


@asynccontextmanager
async def playing(folder: Path) -> AsyncIterator[Stage]:
    """The playground with the real bots in it, until the block ends."""
    async with AsyncExitStack() as stack:
        page, own = free_port(), free_port()
        stage = Stage(
            f"http://{LOOPBACK}:{page}",
            slack_request_url=f"http://{LOOPBACK}:{own}/slack/events",
            slack_manifest=slack_manifest(own),
        )
        await stack.enter_async_context(serving(stage.app, Listen(LOOPBACK, page)))
        stack.push_async_callback(stage.aclose)
        await stack.enter_async_context(open_theatre(stage, folder, own))
        yield stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with playing(tmp_path) as stage:
        yield stage
        telegram_contract.check_traffic(stage.traffic)
        slack_contract.check_traffic(stage.traffic)


async def opened(page: Page, address: str) -> None:
    """The playground at its address, once it listens: a key pressed before its script runs does nothing."""
    await page.goto(address)
    await page.locator("html[data-ready]").wait_for()


@pytest.fixture
async def page(stage: Stage) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        await opened(page, stage.base_url)
        yield page
        await browser.close()
