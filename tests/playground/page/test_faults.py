"""The visitor lets something go wrong: seen while armed, met by the bot in the platform's words, gone at a reset."""

import pytest

from playground.stage import Stage
from playground.telegram.standin import BOOK_CLUB


async def armed(browser):
    shown = (await browser.get("/play/state", params={"viewer": "ada"})).json()
    return [(one["platform"], one["method"], one["fault"], one["times"]) for one in shown["faults"]]


@pytest.fixture
def calls(stage: Stage, bot):
    async def on_telegram(method, **fields):
        return await bot.post(f"{stage.telegram_api_url}{stage.credentials.telegram_token}/{method}", json=fields)

    async def on_slack(method, **fields):
        headers = {"authorization": f"Bearer {stage.credentials.slack_bot_token}"}
        return await bot.post(f"{stage.slack_api_url}{method}", json=fields, headers=headers)

    return {"telegram": on_telegram, "slack": on_slack}


async def test_any_call_fails_as_often_as_was_asked_and_polling_goes_on(browser, post, calls):
    await post("fail", platform="telegram", method="*", fault="rate", seconds=7, times=2)
    assert await armed(browser) == [("telegram", "*", "rate", 2)]
    assert (await calls["telegram"]("getUpdates")).status_code == 200
    for left in ([("telegram", "*", "rate", 1)], []):
        answer = await calls["telegram"]("getMe")
        assert (answer.status_code, answer.json()["parameters"]) == (429, {"retry_after": 7})
        assert await armed(browser) == left
    assert (await calls["telegram"]("getMe")).status_code == 200


@pytest.mark.parametrize(
    ("fault", "telegram", "slack"),
    [("rate", 429, 429), ("server", 500, 500), ("forbidden", 403, 200)],
)
async def test_each_platform_fails_in_its_own_words(browser, post, calls, fault, telegram, slack):
    await post("fail", platform="telegram", method="sendMessage", fault=fault, seconds=3, times=1)
    await post("fail", platform="slack", method="auth.test", fault=fault, seconds=3, times=1)
    assert [one[2] for one in await armed(browser)] == [fault, fault]
    assert (await calls["telegram"]("sendMessage", chat_id=BOOK_CLUB, text="x")).status_code == telegram
    answer = await calls["slack"]("auth.test")
    assert answer.status_code == slack
    assert fault != "forbidden" or answer.json() == {"ok": False, "error": "not_in_channel"}
    assert await armed(browser) == []


async def test_what_is_armed_goes_at_a_word_and_at_a_reset(stage, browser, post):
    for undo in (lambda: post("calm"), stage.start_over):
        await post("fail", platform="slack", method="*", fault="lost", seconds=1, times=3)
        await post("fail", platform="telegram", method="sendPhoto", fault="lost", seconds=1, times=1)
        assert await armed(browser) == [("telegram", "sendPhoto", "lost", 1), ("slack", "*", "lost", 3)]
        await undo()
        assert await armed(browser) == []


@pytest.mark.parametrize(
    "wrong",
    [{"method": "sendNonsense"}, {"fault": "flood"}, {"seconds": 0}, {"times": 21}, {"times": "2"}, {"times": True}],
)
async def test_what_cannot_fail_is_refused(browser, post, wrong):
    wish = {"platform": "telegram", "method": "*", "fault": "rate", "seconds": 1, "times": 1} | wrong
    assert (await post("fail", **wish)).status_code == 400
    assert await armed(browser) == []
