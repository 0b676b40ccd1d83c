"""The pictures of the README, taken of the playground as it is: `make pictures`.

Two people say yes on both platforms and share pages of the bundled site for a week, others follow them, and it becomes
Monday. What is seen in docs/pictures is therefore what `make demo` shows; noise makes each week's ranges its own.
"""

import asyncio
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import httpx
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.browser.conftest import PATIENCE, QUIET, chromium, opened, playing

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
AT_MOST = 300_000
"""Bytes of one picture: people read the README on trains."""
DIGEST = "The links of the week"
SHORT = re.compile(r"http://127\.0\.0\.1:\d+/[0-9A-Za-z]{16}(?![0-9A-Za-z+])")
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
SIDES = ("tg", "slack")
MEMBERS = ("bruno", "goran")
WEEK: tuple[dict[str, tuple[tuple[str, str], ...]], ...] = (
    {"tg": (("bruno", "recipe"),), "slack": (("bruno", "docs"),)},
    {"tg": (("goran", "docs"), ("bruno", "old")), "slack": (("goran", "recipe"),)},
    {"tg": (("goran", "recipe"),), "slack": (("bruno", "old"), ("goran", "docs"))},
    {},
    {"tg": (("bruno", "french"), ("bruno", "docs")), "slack": (("bruno", "tracked"), ("bruno", "recipe"))},
    {},
    {"tg": (("goran", "tracked"),), "slack": (("goran", "french"),)},
)
"""From Monday on: who shares which page on which side."""
READERS = (23, 14, 9, 6, 2)
"""How many browsers follow each link of a side, the first shared first."""


class Player:
    """Whoever is at the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def messages(self, side: str) -> Locator:
        return self.page.get_by_test_id(f"{side}-messages")

    async def becomes(self, person: str) -> None:
        """Press a person, and wait until both sides are written to as them."""
        await self.page.get_by_test_id(f"person-{person}").click()
        for side in SIDES:
            composer = self.page.get_by_test_id(f"{side}-composer")
            await expect(composer).to_have_attribute("placeholder", re.compile(f" {person[:4]}", re.IGNORECASE))

    async def presses(self, side: str, label: str) -> None:
        await self.button(side, label).last.click()

    def button(self, side: str, label: str) -> Locator:
        return self.messages(side).get_by_test_id("btn").filter(has_text=re.compile(f"^{re.escape(label)}$"))

    async def moves_the_clock(self, to: str) -> None:
        """Press a button of the clock, and wait until it is there: meanwhile the page takes no other press."""
        button = self.page.get_by_test_id(f"clock-{to}")
        await button.click()
        await expect(button).not_to_have_attribute("aria-busy", "true")

    async def shares(self, side: str, link: str) -> None:
        cards = await self.messages(side).get_by_text(SHORT).count()
        panel = self.page.locator(f"[data-short={side}]")
        chip = panel.get_by_test_id(f"link-{link}")
        if not await chip.is_visible():
            await panel.locator(".more summary").click()
        await chip.click()
        await self.page.get_by_test_id(f"{side}-send").click()
        await expect(self.messages(side).get_by_text(SHORT)).to_have_count(cards + 1)


async def switch_on(player: Player, side: str) -> None:
    """Ada adds the bot and switches it on; two members say yes."""
    await player.becomes("ada")
    await player.page.get_by_test_id(f"{side}-add-bot").click()
    await player.presses(side, "Switch on (admins)")
    for person in MEMBERS:
        await player.becomes(person)
        await player.presses(side, "Count my links")


async def follow(urls: Iterable[tuple[str, int]]) -> None:
    """Browsers of many kinds follow links; nothing else is known of them."""
    async with httpx.AsyncClient(trust_env=False) as client:
        for url, browsers in urls:
            for version in range(100, 100 + browsers):
                await client.get(url, headers={"user-agent": AGENT.format(version=version)})


async def take(shown: Page | Locator, name: str) -> None:
    """One picture of what the window shows, or of a part."""
    path = PICTURES / f"{name}.png"
    await shown.screenshot(path=path)
    if path.stat().st_size > AT_MOST:
        raise SystemExit(f"{path.name} has {path.stat().st_size} bytes, more than {AT_MOST}")


async def play(player: Player) -> None:
    """From an empty group to a week of links; it begins on a Monday, whatever day it is."""
    await player.moves_the_clock("monday")
    for side in SIDES:
        await switch_on(player, side)
    for number, day in enumerate(WEEK):
        if number:
            await player.moves_the_clock("tomorrow")
        for side, shared in day.items():
            for person, link in shared:
                await player.becomes(person)
                await player.shares(side, link)
    await player.becomes("goran")


async def read_on_monday(player: Player) -> None:
    """Many follow the links, it becomes Monday, and both digests are scrolled to their beginning."""
    for side in SIDES:
        shown = SHORT.findall(await player.messages(side).inner_text())
        await follow(zip(dict.fromkeys(shown), READERS, strict=False))
    await player.moves_the_clock("monday")
    for side in SIDES:
        await expect(player.messages(side)).to_contain_text(DIGEST)
        digest = player.messages(side).locator("li.message").filter(has_text=DIGEST).first
        await digest.evaluate("each => each.parentElement.scrollTo(0, each.offsetTop - each.parentElement.offsetTop)")


async def figures_of(player: Player) -> Locator:
    """The latest figures on the group's page, to which the bot's link leads Ada."""
    page, chat = player.page, player.messages("tg")
    await player.becomes("ada")
    await page.get_by_test_id("tg-composer").fill("/settings")
    await page.get_by_test_id("tg-send").click()
    await chat.get_by_text("Read in private").last.click()
    await player.presses("tg", "On a web page")
    async with page.context.expect_page() as opened:
        await chat.get_by_text("Open settings").last.click()
    door = await opened.value
    await door.get_by_role("button", name="Go on").click()
    await door.get_by_role("link", name="Book club").click()
    return door.locator("section", has=door.get_by_role("heading", name="Figures of the latest digest"))


async def main() -> None:
    """Play, and take a picture at each point worth one."""
    expect.set_options(timeout=PATIENCE)
    with tempfile.TemporaryDirectory() as folder:
        async with playing(Path(folder)) as stage, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
            context = await browser.new_context(
                viewport={"width": 1280, "height": 960}, locale="en-GB", color_scheme="light", reduced_motion="reduce"
            )
            context.set_default_timeout(PATIENCE)
            player = Player(await context.new_page())
            await opened(player.page, stage.base_url)
            await play(player)
            await player.page.evaluate("scrollTo(0, 0)")
            await take(player.page, "chats")
            await read_on_monday(player)
            await player.page.evaluate("document.querySelector('.controls').scrollIntoView()")
            await take(player.page, "digest")
            await take(await figures_of(player), "figures")
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
