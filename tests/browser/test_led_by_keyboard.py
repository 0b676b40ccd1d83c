"""A newcomer who touches no mouse: the guide leads to what comes next, and Enter does it, in both languages."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.test_roles import Visitor, visitor

__all__ = ["visitor"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def led(visitor: Visitor, step: str) -> None:
    """Enter on *Show me where*, and Enter again on what it led to."""
    page = visitor.page
    go = page.get_by_test_id(f"go-{step}")
    await expect(go).to_be_visible()  # what is hidden takes no focus, and the guide may be a moment behind the chat
    await go.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".pointed")).to_be_focused()
    await page.keyboard.press("Enter")


async def test_a_newcomer_is_led_through_the_week_by_the_keyboard_alone(visitor: Visitor) -> None:
    page, chat = visitor.page, visitor.messages("tg")
    await led(visitor, "enable")
    await expect(visitor.button("tg", visitor.words("onboarding.enable"))).to_be_visible()
    await led(visitor, "enable")
    await expect(page.get_by_test_id("go-opt_in")).to_be_visible()
    await expect(visitor.button("tg", visitor.words("member.yes"))).to_be_visible()
    await led(visitor, "opt_in")
    await expect(page.get_by_test_id("go-share")).to_be_visible()
    await led(visitor, "share")
    await expect(page.get_by_test_id("tg-composer")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(visitor.button("tg", visitor.words("card.undo"))).to_be_visible()
    await expect(page.get_by_test_id("finale").locator("p")).to_be_hidden()
    await led(visitor, "monday")
    await expect(page.get_by_test_id("finale").locator("p")).to_be_visible()
    await expect(chat).to_contain_text(re.compile("links of the week|liens de la semaine"))
    await expect(page.locator("[aria-current=step]")).to_have_count(0)
    await visitor.looks_around()
    await visitor.says("tg", "/forget")
    stored = page.get_by_test_id("stored")
    await expect(stored.get_by_test_id("stored-member_consent")).to_be_hidden()
    await expect(stored).to_contain_text("12")  # what stays, and for how many months, in words beside it
    await expect(stored.get_by_test_id("stored-consent_log")).to_be_visible()


@pytest.mark.parametrize("visitor", ["fr"], indirect=True)
async def test_on_a_phone_the_next_step_stays_in_sight_beside_the_chat(visitor: Visitor) -> None:
    page, upcoming = visitor.page, visitor.page.get_by_test_id("go-next")
    await expect(upcoming).to_be_hidden()  # the guide itself is in sight
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await expect(upcoming).to_be_visible()
    await expect(upcoming).to_contain_text("Farah")
    await upcoming.click()
    await expect(page.locator(".pointed")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(visitor.button("tg", visitor.words("onboarding.enable"))).to_be_visible()
    await expect(upcoming).to_be_visible()
    await upcoming.click()
    await expect(page.locator(".pointed")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(upcoming).to_contain_text("Bruno")
    await expect(upcoming).to_be_in_viewport()
    await visitor.looks_around()
