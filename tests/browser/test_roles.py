"""An admin on each platform and a member, each in a real browser and in both languages; axe looks at the page."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from playground.stage import Stage
from tests.browser.axe import fits, violations
from tests.browser.conftest import PATIENCE, QUIET, chromium, opened
from texts.catalogue import Texts

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@dataclass(frozen=True)
class Reader:
    """Who reads which language, on which screen."""

    admin: str
    member: str
    width: int
    scheme: Literal["light", "dark"]


READERS = {
    "en": Reader("ada", "goran", 1280, "light"),
    "fr": Reader("farah", "bruno", 390, "dark"),
}


class Visitor:
    """Somebody at the page, by the words of their language."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.reader = READERS[language]
        self._words = Texts.load().speak(language)
        self.tuesday = self._words.full_weekdays()[1]

    def words(self, text_id: str) -> str:
        return self._words.say(text_id)

    async def becomes(self, person: str) -> None:
        others = self.page.get_by_test_id("person-other")
        await expect(others).to_be_attached()  # people are drawn all at once: before, nobody has a button
        button = self.page.get_by_test_id(f"person-{person}")
        if await button.count():
            await button.click()
        else:
            await others.select_option(person)

    def messages(self, side: str) -> Locator:
        return self.page.get_by_test_id(f"{side}-messages")

    def button(self, side: str, label: str | re.Pattern[str]) -> Locator:
        named = re.compile(f"^{re.escape(label)}$") if isinstance(label, str) else label
        return self.messages(side).get_by_test_id("btn").filter(has_text=named).last

    async def says(self, side: str, text: str) -> None:
        await self.page.get_by_test_id(f"{side}-composer").fill(text)
        await self.page.get_by_test_id(f"{side}-send").click()

    async def switches_on(self, side: str) -> None:
        await self.becomes(self.reader.admin)
        await self.page.get_by_test_id(f"{side}-add-bot").click()
        await self.button(side, self.words("onboarding.enable")).click()
        await expect(self.button(side, self.words("member.yes"))).to_be_visible()

    async def looks_around(self) -> None:
        assert (await violations(self.page), await fits(self.page)) == ([], True)


@pytest.fixture(params=list(READERS))
async def visitor(request: pytest.FixtureRequest, stage: Stage) -> AsyncIterator[Visitor]:
    language = str(request.param)
    reader = READERS[language]
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        size = {"width": reader.width, "height": 900}
        page = await browser.new_page(viewport=size, color_scheme=reader.scheme, reduced_motion="reduce")
        page.set_default_timeout(PATIENCE)
        await opened(page, f"{stage.base_url}/?lang={language}")
        yield Visitor(page, language)
        await browser.close()


async def test_an_admin_of_slack_switches_on_and_moves_the_digest(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.switches_on("slack")
    await page.get_by_test_id("slack-tab-home").click()
    settings = visitor.button("slack", visitor.words("slack.home.settings"))
    await settings.focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=visitor.words("settings.title"))
    await expect(dialog).to_be_visible()
    await visitor.looks_around()
    for _ in range(12):  # round and round, never out
        await page.keyboard.press("Tab")
        assert await page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(settings).to_be_focused()
    await settings.press("Enter")
    await dialog.get_by_label(visitor.words("settings.weekday")).select_option(index=2)
    await page.get_by_test_id("modal-submit").click()
    await expect(dialog).to_be_hidden()
    await expect(visitor.messages("slack")).to_contain_text(re.compile(visitor.tuesday, re.IGNORECASE))
    await visitor.looks_around()


async def test_an_admin_of_telegram_switches_on_and_moves_the_digest(visitor: Visitor) -> None:
    await visitor.switches_on("tg")
    await visitor.says("tg", "/settings")
    await visitor.button("tg", visitor.words("telegram.open_private")).click()
    day = visitor.words("panel.day")
    await visitor.button("tg", re.compile(f"^{day}")).click()
    await visitor.button("tg", re.compile(f"{visitor.tuesday}$", re.IGNORECASE)).click()
    await expect(visitor.messages("tg")).to_contain_text(re.compile(visitor.tuesday, re.IGNORECASE))
    await visitor.looks_around()


@pytest.mark.parametrize(("visitor", "side"), [("en", "tg"), ("fr", "slack")], indirect=["visitor"])
async def test_a_member_opts_in_shares_undoes_and_forgets(visitor: Visitor, side: str) -> None:
    page, stored = visitor.page, visitor.page.get_by_test_id("stored")
    await visitor.switches_on(side)
    await visitor.becomes(visitor.reader.member)
    await expect(stored.get_by_test_id("stored-nothing")).to_be_visible()
    await visitor.button(side, visitor.words("member.yes")).click()
    await expect(stored.get_by_test_id("stored-member_consent")).to_be_visible()
    await page.locator(f"[data-short={side}]").get_by_test_id("link-news").click()
    await page.get_by_test_id(f"{side}-send").click()
    undo = visitor.button(side, visitor.words("card.undo"))
    await expect(undo).to_be_visible()
    await expect(stored.get_by_test_id("stored-share")).to_be_visible()
    await undo.click()
    await expect(stored.get_by_test_id("stored-share")).to_be_hidden()
    await visitor.says(side, "/forget" if side == "tg" else "/links forget")
    await expect(stored.get_by_test_id("stored-member_consent")).to_be_hidden()
    await visitor.looks_around()


async def test_the_bot_is_asked_while_a_member_types_and_a_result_is_sent_as_theirs(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.switches_on("tg")
    await visitor.becomes(visitor.reader.member)
    await visitor.button("tg", visitor.words("member.yes")).click()
    await page.get_by_test_id("inline").click()
    await page.locator("[data-short=tg]").get_by_test_id("link-news").click()
    offer = page.get_by_test_id("offer").first
    await expect(offer).to_be_visible()
    await visitor.looks_around()
    await page.get_by_test_id("tg-composer").press("End")
    await page.keyboard.type(" ")
    await expect(offer).to_be_visible()
    await offer.click()
    await expect(offer).to_be_hidden()
    await expect(page.get_by_test_id("tg-composer")).to_have_value("")
    await expect(visitor.messages("tg").locator(".via")).to_be_visible()


@pytest.mark.parametrize("visitor", ["fr"], indirect=True)
async def test_what_goes_wrong_is_armed_by_keyboard_seen_and_met(visitor: Visitor) -> None:
    page = visitor.page
    await page.get_by_test_id("faults").locator("summary").focus()
    await page.keyboard.press("Enter")
    await page.get_by_test_id("fault-arm").focus()
    await page.keyboard.press("Enter")
    armed = page.get_by_test_id("faults-armed")
    await expect(armed).to_contain_text("429")
    for name in ("traffic", "stored-nobodys"):
        await page.get_by_test_id(name).locator("summary").first.click()
    await visitor.looks_around()
    await visitor.becomes(visitor.reader.admin)
    await page.get_by_test_id("tg-add-bot").click()
    await expect(armed).not_to_contain_text("429")
    await expect(page.get_by_test_id("traffic")).to_contain_text("retry_after")
