"""Our own pages in a real Chromium: no accessibility violation, usable by keyboard alone, with and without script."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bots.slack.manifest import create_link
from config.demo import LOOPBACK, free_port
from config.run import Listen, serving
from core.anonymity import Gate
from core.model import Person, Platform, Week
from tests.browser.axe import flaws, violations
from tests.browser.conftest import QUIET, chromium
from tests.fakes.editions import week_of
from tests.fakes.house import ADMIN, GROUP, House
from tests.fakes.server import MemberOf, app_over
from texts.catalogue import Texts
from web.pages.render import Pages
from web.pages.setup import Finding, SetupOutside, SetupPages, Typed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

WIDTHS = {"en-GB": 390, "fr-FR": 1280}

WORDS = {language: Texts.load().speak(language[:2]).say for language in WIDTHS}


@dataclass
class Site:
    """A house with a group, a link and two past digests, served on loopback."""

    house: House
    base: str
    code: str
    group: str

    async def link(self) -> str:
        signed = await self.house.services.signin.link_for(Person(Platform.TELEGRAM, "", ADMIN), GROUP)
        return f"{self.base}/in/{signed.rpartition('/')[2]}"

    async def sign_in(self, page: Page) -> None:
        await page.goto(await self.link())
        while await page.evaluate("document.activeElement.localName") != "button":
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/groups")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    house = House()
    code = await MemberOf(house).shares("https://news.example/a?b=ü&c=1")
    group = await house.services.consent.group(GROUP)
    assert group is not None
    async with house.storage.transaction() as records:
        await records.digests.add(replace(week_of(8), group=group.id, frozen_at=house.now()))
        await records.digests.add(replace(week_of(4, Gate.NOTHING), group=group.id, week=Week("2026-W46")))
    port = free_port()
    base = f"http://{LOOPBACK}:{port}"
    async with serving(app_over(house, base), Listen(LOOPBACK, port)):
        yield Site(house, base, code, group.id)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        await browser.close()


@pytest.mark.parametrize("language", WIDTHS)
async def test_every_page_is_for_everybody(site: Site, browser: Browser, language: str) -> None:
    context: BrowserContext = await browser.new_context(
        viewport={"width": WIDTHS[language], "height": 900}, locale=language
    )
    page = await context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    await page.goto(await site.link())
    assert await flaws(page) == []
    await site.sign_in(page)
    group = f"/groups/{site.group}"
    behind = ["/groups", group, f"{group}/editions", f"{group}/editions/2026-W47", f"{group}/editions/2026-W46"]
    for path in [*behind, "/", "/privacy", f"/{site.code}+", "/in/over", "/groups/nobody-s"]:
        await page.goto(site.base + path)
        assert await page.get_attribute("html", "lang") == language[:2]
        assert (path, await flaws(page)) == (path, [])
    assert refused == []
    await page.evaluate("document.querySelector('main').innerHTML = '<img src=/static/icon.svg><input>'")
    assert len(await flaws(page)) >= 2
    await context.close()


@pytest.mark.parametrize("language", WIDTHS)
async def test_what_is_printed_and_what_is_refused_is_for_everybody(
    site: Site, browser: Browser, language: str
) -> None:
    context = await browser.new_context(viewport={"width": WIDTHS[language], "height": 900}, locale=language)
    page = await context.new_page()
    await site.sign_in(page)
    await page.goto(f"{site.base}/groups/{site.group}/editions/2026-W47")
    await page.emulate_media(media="print")
    assert await flaws(page) == []
    await expect(page.get_by_role("button")).to_have_count(0)  # nothing on paper can be pressed
    await expect(page.get_by_role("table").first).to_be_visible()
    await page.emulate_media(media="screen")

    await page.goto(f"{site.base}/groups/{site.group}")
    await page.evaluate("document.querySelectorAll('[name=form]').forEach(each => { each.value = 'f'.repeat(64) })")
    await page.get_by_role("button", name=WORDS[language]("in.out.button")).click()  # a forged form
    await expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[language]("in.forged.title"))
    assert await flaws(page) == []
    await page.get_by_role("link", name=WORDS[language]("groups.back")).click()
    await page.get_by_role("button", name=WORDS[language]("in.out.button")).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[language]("in.out.title"))
    assert await flaws(page) == []
    await context.close()


@pytest.mark.parametrize("language", WIDTHS)
async def test_the_first_run_is_for_everybody_and_checks_tokens_as_they_are_typed(
    browser: Browser, language: str
) -> None:
    say = WORDS[language]

    async def look(typed: Typed) -> list[Finding]:
        known = typed["telegram_token"] == "1:good"
        text_id = "setup.telegram.fine" if known else "setup.telegram.refused"
        return [Finding("telegram", text_id, {"name": "our_bot"}, fine=known)]

    kept: list[Typed] = []
    place = {"public_url": "https://links.example.org", "operator_name": "Ana", "operator_contact": "ana@example.org"}
    outside = SetupOutside("s3cret", place, look, kept.append, create_link)
    port = free_port()
    app = SetupPages(Pages(Texts.load()), outside, lambda: None).app()
    async with serving(app, Listen(LOOPBACK, port)):
        page = await browser.new_page(viewport={"width": WIDTHS[language], "height": 900}, locale=language)
        await page.goto(f"http://{LOOPBACK}:{port}/set-up/s3cret")
        assert await flaws(page) == []
        token = page.get_by_label(say("setup.telegram_token"), exact=True)
        await token.press_sequentially("1:bad")
        await expect(page.locator("#telegram-said")).to_contain_text(say("setup.telegram.refused"))
        assert await flaws(page) == []
        await token.fill("1:good")
        await expect(page.locator("#telegram-said")).to_contain_text("@our_bot")
        assert await violations(page) == []
        await page.get_by_role("button", name=say("setup.save")).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(say("setup.done.title"))
        assert await flaws(page) == []
        await page.reload()  # sends the form again: the address is dead
        await expect(page.get_by_role("heading", level=1)).to_have_text(say("setup.dead.title"))
        assert [typed["telegram_token"] for typed in kept] == ["1:good"]


async def test_an_admin_gets_along_by_keyboard_alone(site: Site, browser: Browser) -> None:
    page = await browser.new_page()
    await site.sign_in(page)
    (cookie,) = await page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("penumbra", True, "Strict")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Book club")
    while await page.evaluate("document.activeElement.id") != "weekday":
        await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    while await page.evaluate("document.activeElement.id") != "save":
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Saved.")
    await expect(page.locator("#next")).to_contain_text("Tuesday")
    await expect(page.locator("#save")).to_be_focused()
    group = await site.house.services.consent.group(GROUP)
    assert group is not None
    assert group.schedule.weekday == 1
    await page.locator("#switch").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Penumbra is paused.")
    await expect(page.locator("#next")).to_contain_text("No digest is planned")
    await page.locator("#switch").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Penumbra is on again.")
    await expect(page.locator("#next")).to_contain_text("Tuesday")
    await page.close()


async def test_without_script_the_same_forms_do_the_same(site: Site, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await site.sign_in(page)
    await page.goto(f"{site.base}/groups/{site.group}")
    await page.select_option("#for", "2")
    await page.click("#switch")
    await expect(page.get_by_role("status")).to_contain_text("Penumbra is paused.")
    await page.click("#switch")
    await expect(page.get_by_role("status")).to_contain_text("Penumbra is on again.")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    assert await context.cookies() == []
    await context.close()
