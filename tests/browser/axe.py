"""What axe-core finds on a page, and whether the page fits its screen."""

from pathlib import Path

from playwright.async_api import Page

AXE = (Path(__file__).parent / "assets" / "axe.min.js").read_text("utf-8")
VIOLATIONS = ".then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html.slice(0, 200))]))"
CONTRAST = "runOnly: ['color-contrast'],"


async def violations(page: Page, options: str = "") -> list[object]:
    """Each with its impact, rule and elements; axe is run past the page's own policy, which would not let it in."""
    session = await page.context.new_cdp_session(page)
    there = await page.evaluate("typeof axe === 'object'")
    expression = f"{'' if there else AXE};axe.run({{{options} resultTypes: ['violations']}}){VIOLATIONS}"
    asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer = await session.send("Runtime.evaluate", asked)
    found = answer["result"]["value"]
    assert isinstance(found, list)
    return found


async def fits(page: Page) -> bool:
    """Whether nothing must be scrolled sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


async def flaws(page: Page) -> list[object]:
    """What keeps a page from being for everybody: by axe, by its contrast in the dark too, and by its width."""
    await page.emulate_media(color_scheme="light")
    found = await violations(page)
    await page.emulate_media(color_scheme="dark")
    found += [["dark", each] for each in await violations(page, CONTRAST)]
    await page.emulate_media(color_scheme="null")
    return found if await fits(page) else [*found, "is wider than its screen"]
