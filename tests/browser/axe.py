"""What axe-core finds on a page, and whether the page fits its screen."""

from pathlib import Path

from playwright.async_api import Page

AXE = (Path(__file__).parent / "assets" / "axe.min.js").read_text("utf-8")
VIOLATIONS = ";axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html.slice(0, 200))]))"


async def violations(page: Page) -> list[object]:
    """Each with its impact, rule and elements; axe is run past the page's own policy, which would not let it in."""
    session = await page.context.new_cdp_session(page)
    asked = {"expression": AXE + VIOLATIONS, "awaitPromise": True, "returnByValue": True}
    answer = await session.send("Runtime.evaluate", asked)
    found = answer["result"]["value"]
    assert isinstance(found, list)
    return found


async def fits(page: Page) -> bool:
    """Whether nothing must be scrolled sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
