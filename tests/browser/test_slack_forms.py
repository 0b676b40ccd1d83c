"""Sharing by a form and choosing in App Home, in a real browser, in a member's own French."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE
from texts.catalogue import Texts

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ENGLISH, FRENCH = Texts.load().speak("en"), Texts.load().speak("fr")


def button(page: Page, label: str) -> Locator:
    named = re.compile(f"^{re.escape(label)}$")
    return page.get_by_test_id("slack-messages").get_by_test_id("btn").filter(has_text=named).last


async def switched_on_by_ada(page: Page) -> None:
    await page.get_by_test_id("person-ada").click()
    await page.get_by_test_id("slack-add-bot").click()
    await button(page, ENGLISH.say("onboarding.enable")).click()
    await expect(button(page, ENGLISH.say("member.yes"))).to_be_visible()
    await page.get_by_test_id("person-bruno").click()


async def opened(press: Locator, dialog: Locator) -> None:
    """Press until it opens, as people do: Slack gives the app three seconds, which a busy machine may need longer."""
    for _ in range(3):
        await press.click()
        try:
            await expect(dialog).to_be_visible(timeout=PATIENCE / 3)
        except AssertionError:
            continue
        return
    await expect(dialog).to_be_visible()


async def a_page_to_share(page: Page) -> str:
    await page.locator("[data-short=slack]").get_by_test_id("link-news").click()
    composer = page.get_by_test_id("slack-composer")
    link = (await composer.input_value()).strip()
    await composer.fill("")
    return link


async def test_a_link_is_shared_by_the_form_and_the_choice_is_seen_and_taken_back_at_home(page: Page) -> None:
    await switched_on_by_ada(page)
    link = await a_page_to_share(page)
    form = page.get_by_role("dialog", name=FRENCH.say("slack.share.title"))
    await opened(page.get_by_test_id("slack-share"), form)
    await form.get_by_label(FRENCH.say("slack.share.url")).fill(link)
    await form.get_by_label(FRENCH.say("slack.share.channel")).select_option(label="#reading-room")
    await page.get_by_test_id("modal-submit").click()
    await expect(form).to_contain_text(FRENCH.say("slack.share.no_consent"))  # and what was typed is still there
    await expect(form.get_by_label(FRENCH.say("slack.share.url"))).to_have_value(link)
    await page.get_by_test_id("modal-close").click()
    await expect(form).to_be_hidden()

    messages = page.get_by_test_id("slack-messages")
    await page.get_by_test_id("slack-tab-home").click()
    await expect(messages).to_contain_text(FRENCH.say("slack.home.mine.none"))
    choice = page.get_by_role("dialog", name=FRENCH.say("slack.mine.title"))
    await opened(button(page, FRENCH.say("slack.home.choose")), choice)
    await choice.get_by_role("checkbox").first.check()
    await page.get_by_test_id("modal-submit").click()
    await page.get_by_test_id("modal-close").click()
    await expect(messages).to_contain_text(FRENCH.say("slack.home.mine", purposes=FRENCH.say("slack.mine.shares")))

    await page.get_by_role("tab", name="reading-room").click()
    await opened(page.get_by_test_id("slack-share"), form)
    await form.get_by_label(FRENCH.say("slack.share.url")).fill(link)
    await form.get_by_label(FRENCH.say("slack.share.channel")).select_option(label="#reading-room")
    await page.get_by_test_id("modal-submit").click()
    done = FRENCH.say("slack.share.taken").partition(".")[0]
    await expect(page.get_by_role("dialog")).to_contain_text(done)
    await page.get_by_test_id("modal-close").click()
    await expect(button(page, ENGLISH.say("card.undo"))).to_be_visible()

    await page.get_by_test_id("slack-tab-home").click()
    await button(page, FRENCH.say("member.no")).click()
    await expect(messages).to_contain_text(FRENCH.say("slack.home.mine.none"))
