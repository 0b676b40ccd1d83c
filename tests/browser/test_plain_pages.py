"""The pages one meets when something is not as it was, and Slack's way in: plain, for everybody, in both languages."""

import mimetypes
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import resources

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from bots.slack.browser import PAGE_HEADERS
from bots.slack.oauth import BEGIN_PATH, INSTALL_PATH, REDIRECT_PATH
from config.demo import LOOPBACK, free_port
from config.run import Listen, serving
from core.errors import StorageUnavailable
from core.model import Code
from tests.bots.slack.stage import APP, on_stage
from tests.browser.axe import flaws
from tests.browser.conftest import QUIET, chromium
from tests.fakes.house import House
from tests.fakes.server import MemberOf, app_over
from texts.catalogue import Texts

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

WIDTHS = {"fr-FR": 390, "en-GB": 1280}
WORDS = {language: Texts.load().speak(language[:2]).say for language in WIDTHS}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        await browser.close()


@asynccontextmanager
async def shared_link(house: House, public_url: str | None = None) -> AsyncIterator[tuple[str, Code]]:
    """A house with one link, served on loopback."""
    code = await MemberOf(house).shares("https://news.example/" + "a-rather-long-path-segment/" * 6)
    port = free_port()
    base = f"http://{LOOPBACK}:{port}"
    async with serving(app_over(house, public_url or base), Listen(LOOPBACK, port)):
        yield base, code


async def new_page(browser: Browser, language: str) -> Page:
    return await browser.new_page(viewport={"width": WIDTHS[language], "height": 900}, locale=language)


async def reads(page: Page, status: int, title: str, address: str) -> None:
    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == status
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert (address, await flaws(page)) == (address, [])
    assert await page.context.cookies() == []


@pytest.mark.parametrize("language", WIDTHS)
async def test_a_link_that_does_not_lead_on_by_itself_says_why_on_a_page_for_everybody(
    browser: Browser, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise StorageUnavailable

    house, say = House(has_list=True), WORDS[language]
    page = await new_page(browser, language)
    async with shared_link(house) as (base, code):
        await reads(page, 404, say("web.unknown_code.title"), f"{base}/nowhere")
        house.later(minutes=5)
        async with house.storage.transaction() as records:
            await records.listed.replace({"news.example"})
        await house.services.links.refresh()
        await reads(page, 403, say("web.listed.title"), f"{base}/{code}")
        await reads(page, 200, say("web.preview.title"), f"{base}/{code}+")
        house.later(days=91)
        await reads(page, 410, say("web.gone.title"), f"{base}/{code}")
        monkeypatch.setattr(house.storage, "reading", gone)
        await reads(page, 503, say("web.unavailable.title"), f"{base}/0000000000000000")
    await page.close()


@pytest.mark.parametrize("language", WIDTHS)
async def test_where_signing_in_is_not_safe_a_page_says_why_and_a_page_can_be_read_in_the_other_language(
    browser: Browser, language: str
) -> None:
    other = next(each for each in WIDTHS if each != language)
    page = await new_page(browser, language)
    async with shared_link(House(), "http://links.example.org") as (base, _):
        await reads(page, 403, WORDS[language]("in.insecure.title"), f"{base}/in/anything")
        await page.get_by_role("link", name={"fr": "Français", "en": "English"}[other[:2]]).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[other]("in.insecure.title"))
        await page.get_by_role("link", name=WORDS[other]("web.privacy.link")).click()  # and it stays
        await expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[other]("web.privacy.title"))
    await page.close()


def of_our_own(path: str) -> tuple[bytes, str]:
    """A file under /static, which the web room serves beside Slack's pages."""
    file = resources.files("web").joinpath("static", path.rpartition("/")[2])
    return file.read_bytes(), mimetypes.guess_type(path)[0] or "text/plain"


@pytest.mark.parametrize("language", WIDTHS)
async def test_the_way_into_slack_is_for_everybody_before_and_after(browser: Browser, language: str) -> None:
    page, say = await new_page(browser, language), WORDS[language]
    headers = {"accept-language": language}
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(on_stage(by_oauth=True))
        ask = stage.slack._http.get
        refused = await stage.slack.install("ada", APP + BEGIN_PATH, allow=False)
        done = await stage.slack.install("ada", APP + BEGIN_PATH)

        async def answer(route: Route) -> None:
            path = route.request.url.removeprefix(APP)
            if path.startswith("/static/"):
                body, kind = of_our_own(path)
                return await route.fulfill(body=body, content_type=kind)
            if path in {"/refused", "/done"}:  # both are met on the way back from Slack, once
                html = refused.html if path == "/refused" else done.html
                return await route.fulfill(body=html, headers=PAGE_HEADERS)
            got = await ask(APP + path, headers=headers)
            return await route.fulfill(status=got.status_code, body=got.text, headers=dict(got.headers))

        await page.route(f"{APP}/**", answer)
        await reads(page, 200, say("slack.install.title"), APP + INSTALL_PATH)
        await expect(page.get_by_role("link", name=say("slack.install.add"))).to_be_visible()
        await reads(page, 400, say("slack.install.again.title"), APP + REDIRECT_PATH)
        english = WORDS["en-GB"]  # the stand-in's browser asks for no language
        await reads(page, 200, english("slack.install.cancelled.title"), f"{APP}/refused")
        await reads(page, 200, english("slack.install.done.title"), f"{APP}/done")
    await page.close()
