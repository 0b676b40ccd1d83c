"""The README's five minutes in a real browser: opt in on both sides, share, follow, Monday, read."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SHORT = re.compile(r"http://127\.0\.0\.1:\d+/[0-9A-Za-z]{16}$")


class Newcomer:
    """Somebody who has opened the playground's page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def becomes(self, person: str) -> None:
        await self._page.get_by_test_id(f"person-{person}").click()

    async def adds_the_bot(self, side: str) -> None:
        await self._page.get_by_test_id(f"{side}-add-bot").click()

    async def presses(self, side: str, label: str) -> None:
        await self._button(side, label).last.click()

    async def is_thanked_in_slack(self) -> None:
        """Goran's yes is written down. What he posts before is not read; Slack keeps no order."""
        await expect(self.messages("slack")).to_contain_text("Your receipt")

    async def shares(self, side: str, link: str) -> None:
        panel = self._page.locator("section", has=self._page.get_by_test_id(f"{side}-composer"))
        await panel.get_by_test_id(f"link-{link}").click()
        await self._page.get_by_test_id(f"{side}-send").click()

    async def follows(self, side: str) -> str:
        """The tracked link of the newest card, in a tab of its own; the title of the page it leads to."""
        async with self._page.context.expect_page() as opened:
            await self._button(side, "Open, counted").last.click()
        landed = await opened.value
        await landed.wait_for_load_state()
        title = await landed.title()
        await landed.close()
        return title

    async def waits_for_monday(self) -> None:
        await self._page.get_by_test_id("clock-monday").click()

    def messages(self, side: str) -> Locator:
        return self._page.get_by_test_id(f"{side}-messages")

    def _button(self, side: str, label: str) -> Locator:
        return self.messages(side).get_by_test_id("btn").filter(has_text=re.compile(f"^{re.escape(label)}$"))


async def test_opt_in_share_follow_and_read_both_digests(page: Page) -> None:
    newcomer = Newcomer(page)
    for side in ("tg", "slack"):
        await newcomer.becomes("ada")
        await newcomer.adds_the_bot(side)
        await newcomer.presses(side, "Switch on (admins)")
        await newcomer.becomes("goran")
        await newcomer.presses(side, "Count my links")
        if side == "slack":
            await newcomer.is_thanked_in_slack()

        await newcomer.shares(side, "tracked")
        await expect(newcomer.messages(side)).to_contain_text("utm_source")
        await expect(newcomer.messages(side)).to_contain_text("Counted link")
        assert "Herald" in await newcomer.follows(side)
        await newcomer.shares(side, "french")
        await expect(newcomer.messages(side).get_by_test_id("btn").filter(has_text="Undo")).to_have_count(2)

        await newcomer.becomes("dev")
        await newcomer.shares(side, "recipe")
        await expect(page.get_by_test_id("stored").get_by_test_id("stored-nothing")).to_be_visible()

    await newcomer.waits_for_monday()
    for side in ("tg", "slack"):
        digest = newcomer.messages(side)
        await expect(digest).to_contain_text("The links of the week")
        await expect(digest).to_contain_text("2 links")
        await expect(digest).to_contain_text("2 shares")
        await expect(digest).to_contain_text(re.compile(r"clicks: (fewer than 5|5–9)"))
