"""What people do on the page reaches the platforms, and what the platforms refuse is said in their words."""

from datetime import UTC, datetime, timedelta

import pytest

from playground.page.scene import Hooks
from playground.stage import Stage
from playground.telegram.standin import BOOK_CLUB

LINK = "http://riverside-herald.localhost:8790/news/bridge-reopens"
BUTTONS = {"inline_keyboard": [[{"text": "Switch on", "callback_data": "on"}]]}


async def look(browser, viewer):
    return (await browser.get("/play/state", params={"viewer": viewer})).json()


def messages(shown, platform, title):
    return next(one for one in shown[platform]["conversations"] if one["title"] == title)["messages"]


async def test_a_message_is_seen_by_everybody_and_is_mine_to_me_alone(browser, post):
    answer = await post("say", viewer="bruno", platform="telegram", conversation=BOOK_CLUB, text=f"Look: {LINK}")
    assert answer.json()["ok"]
    seen = {viewer: messages(await look(browser, viewer), "telegram", "Book club")[-1] for viewer in ("bruno", "dev")}
    assert seen["bruno"]["mine"]
    assert not seen["dev"]["mine"]
    assert f'href="{LINK}"' in seen["dev"]["html"]


async def test_the_bot_comes_and_goes_and_the_page_says_so(browser, post):
    for platform, conversation, title in (
        ("telegram", BOOK_CLUB, "Book club"),
        ("slack", "reading-room", "#reading-room"),
    ):
        wish = {"viewer": "ada", "platform": platform, "conversation": conversation}

        async def is_here(platform=platform, title=title):
            shown = await look(browser, "ada")
            return next(one for one in shown[platform]["conversations"] if one["title"] == title)["bot"]

        assert not await is_here()
        assert (await post("invite", **wish)).status_code == 200
        assert await is_here()
        assert (await post("remove", **wish)).status_code == 200
        assert not await is_here()


async def test_a_refusal_comes_in_the_platforms_words(post):
    answer = await post("remove", viewer="bruno", platform="telegram", conversation=BOOK_CLUB)
    assert (answer.status_code, answer.json()) == (409, {"ok": False, "error": "CHAT_ADMIN_REQUIRED"})
    unknown = await post("say", viewer="bruno", platform="slack", conversation="reading-room", text="/nonsense")
    assert unknown.json()["error"] == "/nonsense is not a valid command."


async def test_a_button_is_pressed_and_the_bot_is_told(post, telegram_call):
    await post("invite", viewer="ada", platform="telegram", conversation=BOOK_CLUB)
    sent = await telegram_call("sendMessage", chat_id=BOOK_CLUB, text="Count links here?", reply_markup=BUTTONS)
    wish = {"platform": "telegram", "conversation": BOOK_CLUB, "message": str(sent["message_id"]), "button": "0-0"}
    assert (await post("press", viewer="ada", **wish)).status_code == 200
    assert (await post("press", viewer="bruno", **wish)).status_code == 200
    updates = await telegram_call("getUpdates")
    presses = [update["callback_query"] for update in updates if "callback_query" in update]
    assert [press["data"] for press in presses] == ["on", "on"]


async def test_the_guide_ticks_off_what_is_true_and_never_takes_a_tick_back(stage: Stage, browser):
    true = {"enable"}

    async def stored(_person):
        return {}

    async def reached():
        return true

    async def done():
        await browser.get("/play/stored", params={"viewer": "ada"})
        return [step["done"] for step in (await look(browser, "ada"))["guide"]]

    assert await done() == [False, False, False, False]
    stage.scene.hooks = Hooks(stored=stored, reached=reached)
    assert await done() == [True, False, False, False]
    true = {"enable", "opt_in", "share"}
    assert await done() == [True, True, True, False]
    true = {"enable", "opt_in"}  # the link was taken back
    assert await done() == [True, True, True, False]


async def test_people_edit_and_delete_what_is_theirs(browser, post):
    for platform, conversation, title in (
        ("telegram", BOOK_CLUB, "Book club"),
        ("slack", "reading-room", "#reading-room"),
    ):
        wish = {"platform": platform, "conversation": conversation}
        message = (await post("say", viewer="chloe", text="frist", **wish)).json()["message"]
        assert (await post("edit", viewer="dev", text="mine", message=message, **wish)).status_code == 409
        assert (await post("edit", viewer="chloe", text="first", message=message, **wish)).status_code == 200
        shown = messages(await look(browser, "dev"), platform, title)[-1]
        assert (shown["edited"], "first" in shown["html"]) == (True, True)
        assert (await post("delete", viewer="chloe", message=message, **wish)).status_code == 200
        assert messages(await look(browser, "dev"), platform, title) == []


async def test_start_opens_the_private_chat_and_a_command_is_addressed(browser, post, telegram_call):
    await post("start", viewer="bruno", payload="group-7")
    assert "/start" in messages(await look(browser, "bruno"), "telegram", "Penumbra")[0]["html"]
    await post("command", viewer="bruno", platform="telegram", conversation=BOOK_CLUB, command="/help")
    assert "@penumbra_bot" in messages(await look(browser, "dev"), "telegram", "Book club")[-1]["html"]


async def test_an_inline_query_is_asked_and_a_result_is_sent_as_ones_own(browser, post, telegram_call):
    asked = await post("say", viewer="dev", platform="telegram", conversation=BOOK_CLUB, text="@penumbra_bot bridge")
    assert asked.json()["inline"]
    query = (await telegram_call("getUpdates"))[-1]["inline_query"]
    content = {"message_text": "The bridge is open"}
    result = {"type": "article", "id": "1", "title": "The bridge", "input_message_content": content}
    await telegram_call("answerInlineQuery", inline_query_id=query["id"], results=[result])
    assert [one["title"] for one in (await look(browser, "dev"))["inline"]] == ["The bridge"]
    await post("choose", viewer="dev", conversation=BOOK_CLUB, result="1")
    assert "The bridge is open" in messages(await look(browser, "ada"), "telegram", "Book club")[-1]["html"]


async def test_what_the_bot_advises_instead_of_results_leads_to_the_private_chat(browser, post, telegram_call):
    assert (await look(browser, "dev"))["inline_advice"] is None
    await post("say", viewer="dev", platform="telegram", conversation=BOOK_CLUB, text="@penumbra_bot hello")
    query = (await telegram_call("getUpdates"))[-1]["inline_query"]
    button = {"text": "Type an address", "start_parameter": "h"}
    await telegram_call("answerInlineQuery", inline_query_id=query["id"], results=[], button=button)
    assert (await look(browser, "dev"))["inline_advice"] == {"text": "Type an address", "payload": "h"}


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("hour", datetime(2026, 11, 4, 15, 5, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 11, 5, 14, 5, tzinfo=UTC)),
        ("monday", datetime(2026, 11, 9, 9, 1, tzinfo=UTC)),
    ],
)
async def test_the_clock_jumps_and_what_is_due_happens(stage, post, to, expected):
    seen = []

    async def look_at_the_clock():
        seen.append(stage.clock.now())

    stage.scene.hooks = Hooks(before_jump=look_at_the_clock, after_jump=look_at_the_clock)
    await post("clock", viewer="ada", to=to)
    assert seen == [datetime(2026, 11, 4, 14, 5, tzinfo=UTC), expected]


async def test_what_is_stored_and_reset_are_offered_when_somebody_can_answer(stage: Stage, browser, post):
    assert (await look(browser, "dev"))["offers"] == {"stored": False, "reset": False}
    assert (await browser.get("/play/stored", params={"viewer": "dev"})).status_code == 204
    assert (await browser.get("/play/stored", params={"viewer": "nobody"})).status_code == 404
    assert (await post("reset", viewer="ada")).status_code == 400
    await post("say", viewer="dev", platform="slack", conversation="general", text="hello")

    async def stored(person):
        return {} if person == "dev" else {"consents": [{"purpose": "count"}]}

    stage.scene.hooks = Hooks(stored=stored, reset=stage.start_over)
    assert (await look(browser, "dev"))["offers"] == {"stored": True, "reset": True}
    assert (await browser.get("/play/stored", params={"viewer": "dev"})).json() == {"stored": {}}
    assert (await post("reset", viewer="ada")).status_code == 200
    assert messages(await look(browser, "dev"), "slack", "#general") == []


async def test_a_question_for_news_is_answered_when_there_are_some(stage, browser, post):
    first = await look(browser, "dev")
    ask = {"viewer": "dev", "since": first["version"]}
    assert (await browser.get("/play/state", params=ask)).status_code == 204
    stage.clock.advance(timedelta(minutes=1))
    assert (await browser.get("/play/state", params=ask)).status_code == 204
    await post("say", viewer="ada", platform="slack", conversation="reading-room", text="news")
    assert (await browser.get("/play/state", params=ask)).json()["version"] != first["version"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"viewer": "nobody", "platform": "slack", "conversation": "general", "text": "x"},
        {"viewer": "dev", "platform": "fax", "conversation": "general", "text": "x"},
        {"viewer": "dev", "platform": "telegram", "conversation": "not a number", "text": "x"},
        {"viewer": "dev", "platform": "slack", "conversation": "general", "text": 7},
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(post, fields):
    answer = await post("say", **fields)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_an_admin_may_sign_as_the_group_and_nobody_else_may(browser, post):
    wish = {"platform": "telegram", "conversation": BOOK_CLUB}

    async def signs(viewer):
        return (await look(browser, viewer))["telegram"]["conversations"][0]["signs_as_group"]

    assert await signs("ada") is False
    assert await signs("bruno") is None
    assert (await post("sign", viewer="ada", on=True, **wish)).status_code == 200
    assert await signs("ada") is True
    await post("say", viewer="ada", text="Hello", **wish)
    (said,) = messages(await look(browser, "bruno"), "telegram", "Book club")[-1:]
    assert said["author"] == "Book club"
    assert (await post("sign", viewer="bruno", on=True, **wish)).status_code == 409
