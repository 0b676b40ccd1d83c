"""A person at a real browser plays, by keyboard alone, and sees what the bots say."""

from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import ConsoleMessage, Page, async_playwright, expect
from starlette.types import Receive, Scope, Send

from playground.stage import Stage
from playground.telegram.standin import BOOK_CLUB
from tests.browser.conftest import PATIENCE, QUIET, chromium, opened
from tests.playground.serving import served

NOTICE = {"inline_keyboard": [[{"text": "Count my links", "callback_data": "yes"}]]}

pytestmark = pytest.mark.browser


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A stage that learns its address from the port it got."""
    built: list[Stage] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await built[0].app(scope, receive, send)

    async with served(app) as base_url:
        built.append(Stage(base_url))
        yield built[0]
        await built[0].aclose()


def is_trouble(said: ConsoleMessage) -> bool:
    """A platform's refusal is an answer, though the browser calls it an error."""
    return said.type == "error" and not any(
        each in said.text for each in ("409 (Conflict)", "INTERNET_DISCONNECTED", "Failed to fetch")
    )


@pytest.fixture
async def page(stage: Stage) -> AsyncIterator[Page]:
    trouble: list[str] = []
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        context = await browser.new_context(locale="en-GB", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda said: trouble.append(said.text) if is_trouble(said) else None)
        await opened(page, stage.base_url)
        yield page
        await browser.close()
    assert trouble == []


async def telegram(stage: Stage, method: str, **fields: object) -> dict:
    async with httpx.AsyncClient(trust_env=False) as client:
        address = f"{stage.telegram_api_url}{stage.credentials.telegram_token}/{method}"
        return (await client.post(address, json=fields)).json()["result"]


async def test_by_keyboard_one_adds_the_bot_says_yes_and_jumps_to_monday(stage: Stage, page: Page):
    await page.get_by_test_id("tg-add-bot").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("tg-remove-bot")).to_be_visible()
    await telegram(stage, "sendMessage", chat_id=BOOK_CLUB, text="May I?", reply_markup=NOTICE)
    await page.get_by_test_id("person-bruno").focus()
    await page.keyboard.press("Space")
    await expect(page.get_by_test_id("tg-composer")).to_have_attribute("placeholder", "Message Book club as Bruno")
    await page.get_by_test_id("tg-messages").get_by_role("button", name="Count my links").focus()
    async with page.expect_response("**/play/press"):
        await page.keyboard.press("Enter")
    query = (await telegram(stage, "getUpdates"))[-1]["callback_query"]
    await telegram(stage, "answerCallbackQuery", callback_query_id=query["id"], text="Thank you, Bruno")
    await expect(page.get_by_test_id("tg-toasts")).to_contain_text("Thank you, Bruno")
    await page.get_by_test_id("clock-monday").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("clock-now")).to_contain_text("Monday")
    await expect(page.get_by_test_id("clock-now")).to_contain_text("09:01")


async def test_an_answer_that_leads_to_the_bot_opens_the_private_chat_once(stage: Stage, page: Page):
    await stage.telegram.invite_bot("ada", str(BOOK_CLUB))
    await telegram(stage, "sendMessage", chat_id=BOOK_CLUB, text="The week", reply_markup=NOTICE)
    async with page.expect_response("**/play/press"):
        await page.get_by_test_id("tg-messages").get_by_role("button", name="Count my links").click()
    query = (await telegram(stage, "getUpdates"))[-1]["callback_query"]
    address = f"https://t.me/{stage.telegram.bot_username}?start=all-links"
    await telegram(stage, "answerCallbackQuery", callback_query_id=query["id"], url=address)
    await expect(page.get_by_test_id("tg-messages")).to_contain_text("/start all-links")
    await page.reload()
    await expect(page.get_by_test_id("tg-messages")).to_contain_text("The week")


async def test_a_suggested_link_is_sent_on_both_sides_and_seen_as_a_link(stage: Stage, page: Page):
    for short, title in (("tg", "Book club"), ("slack", "#reading-room")):
        panel = page.locator(f"[data-short={short}]")
        await panel.get_by_test_id("link-news").click()
        composer = page.get_by_test_id(f"{short}-composer")
        await expect(composer).to_be_focused()
        await expect(composer).to_have_attribute("aria-label", f"Message {title} as Ada")
        await composer.press("Enter")
        link = page.get_by_test_id(f"{short}-messages").get_by_role("link")
        await expect(link).to_have_attribute("href", stage.sites.suggestions[0].url)
    async with page.context.expect_page() as opened:
        await page.get_by_test_id("tg-messages").get_by_role("link").click()
    await expect((await opened.value).get_by_role("heading", level=1)).to_contain_text("The old bridge reopens")


async def test_the_page_fits_a_phone_and_speaks_french(stage: Stage, page: Page):
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_test_id("lang-fr").click()
    await expect(page.get_by_test_id("tg-add-bot")).to_have_text("Ajouter le robot")
    assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


async def test_without_script_the_page_says_what_to_do(stage: Stage, page: Page):
    context = await page.context.browser.new_context(java_script_enabled=False)
    plain = await context.new_page()
    await plain.goto(stage.base_url)
    await expect(plain.locator("noscript p")).to_be_visible()
    await expect(plain.get_by_test_id("tg-composer")).to_be_hidden()


async def test_a_refusal_is_said_on_the_side_of_the_platform_that_refused(page: Page):
    await page.get_by_test_id("slack-composer").fill("/nonsense")
    await page.get_by_test_id("slack-send").click()
    await expect(page.get_by_test_id("slack-toasts")).to_contain_text("/nonsense is not a valid command.")
    await expect(page.get_by_test_id("slack-composer")).to_have_value("/nonsense")
    await page.get_by_test_id("slack-toasts").get_by_role("button", name="Close").click()
    await expect(page.get_by_test_id("slack-toasts")).to_be_empty()


async def test_what_is_seen_belongs_to_the_person_one_is(stage: Stage, page: Page):
    await page.get_by_test_id("tg-add-bot").click()
    await stage.slack.invite_bot("ada", "reading-room")
    headers = {"authorization": f"Bearer {stage.credentials.slack_bot_token}"}
    whisper = {"channel": "C07PBREAD01", "user": "U07PBBRU002", "text": "For Bruno alone"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
        await client.post(f"{stage.slack_api_url}chat.postEphemeral", json=whisper)
    messages = page.get_by_test_id("slack-messages")
    await page.get_by_test_id("person-bruno").click()
    await expect(messages).to_contain_text("Only you see this")
    await page.get_by_test_id("person-other").select_option("hana")
    await expect(page.get_by_test_id("slack-composer")).to_have_attribute(
        "placeholder", "Message #reading-room as Hana"
    )
    await expect(messages).not_to_contain_text("For Bruno alone")


async def test_when_the_process_ends_the_page_says_so_and_goes_on_when_it_is_back(page: Page):
    lost = page.locator("#lost")
    await expect(page.get_by_test_id("tg-add-bot")).to_be_visible()
    await page.context.set_offline(True)
    await expect(lost).to_be_visible()
    await expect(lost).to_contain_text("Is it still running?")
    await page.context.set_offline(False)
    await expect(lost).to_be_hidden()
    await page.get_by_test_id("tg-add-bot").click()
    await expect(page.get_by_test_id("tg-remove-bot")).to_be_visible()


async def test_two_tabs_show_the_same_chat_and_each_its_own_person(stage: Stage, page: Page):
    other = await page.context.new_page()
    await other.goto(f"{stage.base_url}/?as=hana")
    await expect(other.get_by_test_id("tg-composer")).to_have_attribute("placeholder", "Message Book club as Hana")
    await page.get_by_test_id("tg-composer").fill("half written")
    await other.get_by_test_id("tg-composer").fill("Hello from Hana")
    await other.get_by_test_id("tg-send").click()
    await expect(page.get_by_test_id("tg-messages")).to_contain_text("Hello from Hana")
    await expect(page.get_by_test_id("tg-composer")).to_have_value("half written")
    await other.reload()
    await expect(other.get_by_test_id("tg-messages")).to_contain_text("Hello from Hana")
    await expect(other.get_by_test_id("tg-composer")).to_have_attribute("placeholder", "Message Book club as Hana")
    await stage.start_over()
    for each in (page, other):
        await expect(each.get_by_test_id("tg-messages")).to_be_empty()


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)> <b>bold</b>",
        "\u202eevil \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 https://x.example/",
        "long" * 1000,
    ],
    ids=["markup", "right to left", "very long"],
)
async def test_whatever_is_said_stays_text_and_on_the_screen(page: Page, text: str):
    await page.set_viewport_size({"width": 390, "height": 844})
    for short in ("tg", "slack"):
        await page.get_by_test_id(f"{short}-composer").fill(text)
        await page.get_by_test_id(f"{short}-send").click()
        said = page.get_by_test_id(f"{short}-messages").locator(".message .text").last
        await expect(said).to_contain_text(text[:12])
        await expect(said.locator("img, b, script")).to_have_count(0)
    assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
