"""From the chat to the page: an admin asks the bot, follows its link once, and finds the group."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def test_an_admin_gets_from_the_bot_to_the_group_s_page(page: Page) -> None:
    chat = page.get_by_test_id("tg-messages")
    await page.get_by_test_id("tg-add-bot").click()
    await chat.get_by_role("button", name="Switch on (admins)").last.click()
    await expect(chat.get_by_role("button", name="Count my links").last).to_be_visible()
    await page.get_by_test_id("tg-composer").fill("/settings")
    await page.get_by_test_id("tg-send").click()
    await chat.get_by_text("Read in private").last.click()
    await chat.get_by_role("button", name="On a web page").last.click()
    way = chat.get_by_text("Open settings").last
    await expect(way).to_be_visible()
    assert await violations(page) == []
    async with page.context.expect_page() as opened:
        await way.click()
    door = await opened.value
    await door.get_by_role("button", name="Go on").click()
    await door.get_by_role("link", name="Book club").click()
    await expect(door.get_by_role("heading", level=1)).to_have_text("Book club")
    await expect(door.get_by_text(re.compile("The next digest comes on Monday"))).to_be_visible()
    assert await violations(door) == []
