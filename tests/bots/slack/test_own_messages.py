"""A member's message, edited with that member's own token, for as long as they let it be."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bots.slack.connecting import CONNECT_PATH, CONNECTED_PATH
from core.model import DropReason, GroupAddress, Purpose
from tests.bots.slack.stage import APP, GROUP, ROOM, WORKSPACE, Stage, account
from tests.bots.slack.test_home import home, labels, modal
from texts.notices import MEMBER_NOTICE

STORY = "https://pages.example/story"
CONNECT = f"{APP}{CONNECT_PATH}?team={WORKSPACE}&channel={ROOM}"


async def connected(stage: Stage, person: str = "bruno") -> None:
    await stage.switch_on()
    await stage.opt_in(person)
    landing = await stage.slack.install(person, CONNECT)
    assert landing.status == 200
    assert (GROUP, account(person)) in stage.tokens.kept
    stage.breathe()


def message(stage: Stage, ts: str) -> Any:
    return stage.slack.workspace.channels[ROOM].messages[ts]


async def test_the_tracked_link_stands_in_ones_own_message_and_the_card_below(stage: Stage) -> None:
    await connected(stage)
    ts = await stage.share("bruno", f"Look at *this*: [a story]({STORY}?utm_source=x) and `{STORY}`")
    edited = message(stage, ts)
    assert "https://s.example/" in edited.text
    assert f"`{STORY}`" in edited.text
    rich = str(edited.blocks)
    assert "rich_text" in rich
    assert "a story" in rich
    assert "utm_source" not in rich
    [call] = stage.calls_of("chat.update")
    assert call["parse"] == "none"
    assert stage.with_button("undo")["thread_of"] == ts


async def test_the_edit_that_comes_back_changes_nothing(stage: Stage) -> None:
    await connected(stage)
    ts = await stage.share("bruno", STORY)
    for _ in range(3):
        await stage.work()
    assert len(stage.calls_of("chat.update")) == 1
    assert len([m for m in stage.messages() if m["thread_of"] == ts]) == 1
    assert [each.account for each in stage.state.shares.values()] == [account("bruno")]


async def test_a_later_edit_by_hand_keeps_the_share_and_takes_the_new_link_in(stage: Stage) -> None:
    await connected(stage)
    ts = await stage.share("bruno", STORY)
    short = str(message(stage, ts).blocks).partition("https://s.example/")[2][:16]
    await stage.slack.edit("bruno", ROOM, ts, f"https://s.example/{short} and https://pages.example/other")
    await stage.work()
    assert len(stage.state.shares) == 2
    await stage.slack.edit("bruno", ROOM, ts, "nothing any more")
    await stage.work()
    assert len(stage.state.shares) == 0


async def test_undo_puts_the_plain_address_back(stage: Stage) -> None:
    await connected(stage)
    ts = await stage.share("bruno", f"{STORY}?utm_source=x")
    await stage.slack.press("bruno", ROOM, stage.with_button("undo")["id"], "undo")
    assert message(stage, ts).text == f"<{STORY}>"
    await stage.work()
    assert len(stage.state.shares) == 0


async def test_the_command_puts_it_back_too(stage: Stage) -> None:
    await connected(stage)
    ts = await stage.share("bruno", f"{STORY}?utm_source=x")
    await stage.slack.command("bruno", ROOM, "/links", "undo")
    assert message(stage, ts).text == f"<{STORY}>"


async def test_a_closed_edit_window_is_normal_and_loses_nothing(stage: Stage) -> None:
    await connected(stage)
    stage.slack._platform.edit_window = timedelta(0)
    ts = await stage.share("bruno", STORY)
    assert STORY in message(stage, ts).text
    assert stage.with_button("undo")["thread_of"] == ts
    assert (GROUP, account("bruno")) in stage.tokens.kept


@pytest.mark.parametrize("trouble", ["message_not_found", "http_500", "ratelimited", "block_mismatch"])
async def test_whatever_slack_refuses_the_card_is_there(stage: Stage, trouble: str) -> None:
    await connected(stage)
    stage.slack.fail_next("chat.update", trouble)
    ts = await stage.share("bruno", STORY)
    assert STORY in message(stage, ts).text
    assert stage.with_button("undo")["thread_of"] == ts


async def test_a_message_that_cannot_be_looked_at_is_left_alone(stage: Stage) -> None:
    await connected(stage)
    stage.slack.fail_next("conversations.replies", "http_500")
    ts = await stage.share("bruno", STORY)
    assert STORY in message(stage, ts).text
    assert stage.with_button("undo")["thread_of"] == ts


async def test_a_token_that_slack_calls_dead_is_erased(stage: Stage) -> None:
    await connected(stage)
    stage.slack.fail_next("chat.update", "token_revoked")
    await stage.share("bruno", STORY)
    assert stage.tokens.kept == {}


async def test_nobody_elses_messages_are_edited_and_none_with_files(stage: Stage) -> None:
    await connected(stage)
    await stage.opt_in("ada")
    await stage.share("ada", STORY)
    stage.breathe(minutes=40)
    await stage.share("bruno", "https://pages.example/other", file=("a.png", b"x"))
    assert stage.calls_of("chat.update") == []


async def test_revoking_it_at_slack_erases_it_and_nothing_else(stage: Stage) -> None:
    await connected(stage)
    await stage.slack.revoke_tokens("bruno")
    assert stage.tokens.kept == {}
    assert await stage.group_is() == "enabled"
    await stage.share("bruno", STORY)
    assert stage.calls_of("chat.update") == []


@pytest.mark.parametrize(
    ("person", "named"),
    [("dev", "Your own Slack token is kept too, encrypted"), ("bruno", "propre jeton Slack")],
)
async def test_who_asks_what_is_kept_is_told_of_the_token(stage: Stage, person: str, named: str) -> None:
    await connected(stage, person)
    await stage.slack.command(person, ROOM, "/links", "mydata")
    told = stage.latest(person)["html"]
    assert named in told
    assert "reading-room" in told
    assert stage.tokens.kept[GROUP, account(person)].get_secret_value() not in told
    await stage.opt_in(person, "member_no")
    await stage.slack.command(person, ROOM, "/links", "mydata")
    assert named not in stage.latest(person)["html"]


async def test_saying_no_ends_it(stage: Stage) -> None:
    await connected(stage)
    await stage.opt_in("bruno", "member_no")
    assert await stage.tokens.get(GROUP, account("bruno")) is None
    await stage.opt_in("bruno")
    ts = await stage.share("bruno", STORY)
    assert STORY in message(stage, ts).text


async def test_it_is_offered_and_taken_back_at_home(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.open_home("dev")
    assert "Edit my messages…" not in labels(home(stage, "dev"))
    await stage.opt_in("dev")
    await stage.slack.open_home("dev")
    await stage.slack.press("dev", "home", "", "home_connect")
    [[way]] = modal(stage, "dev")["buttons"]
    assert "right to write as you" in modal(stage, "dev")["html"]
    assert (await stage.slack.install("dev", way["url"])).status == 200
    await stage.slack.open_home("dev")
    assert "put into your own messages" in home(stage, "dev")["html"]
    await stage.slack.press("dev", "home", "", "home_keep_out")
    assert "put into your own messages" not in home(stage, "dev")["html"]
    assert stage.tokens.kept == {}


def living(stage: Stage, person: str) -> int:
    """How many tokens of a person Slack would still take."""
    grants = stage.slack._platform.grants.tokens.values()
    return sum(each.user == account(person) and each.dead is None for each in grants)


async def keep_out(stage: Stage) -> None:
    await stage.slack.open_home("bruno")
    await stage.slack.press("bruno", "home", "", "home_keep_out")


async def say_no(stage: Stage) -> None:
    await stage.opt_in("bruno", "member_no")


async def choose_nothing(stage: Stage) -> None:
    await stage.slack.command("bruno", ROOM, "/links", "mine")
    await stage.slack.submit_modal("bruno", {"purposes": []})


async def leave(stage: Stage) -> None:
    await stage.slack.leave("bruno", ROOM)


async def forget(stage: Stage) -> None:
    await stage.slack.command("bruno", ROOM, "/links", "forget")


async def forget_all(stage: Stage) -> None:
    await stage.slack.command("bruno", ROOM, "/links", "forget all")


Ending = Callable[[Stage], Awaitable[None]]


@pytest.mark.parametrize("ending", [keep_out, say_no, choose_nothing, leave, forget, forget_all])
async def test_a_token_that_is_taken_back_ends_at_slack_too(stage: Stage, ending: Ending) -> None:
    await connected(stage)
    assert living(stage, "bruno") == 1
    await ending(stage)
    assert await stage.tokens.get(GROUP, account("bruno")) is None
    assert living(stage, "bruno") == 0
    assert len(stage.calls_of("auth.revoke")) == 1
    await stage.slack.settled()
    assert await stage.group_is() == "enabled"


@pytest.mark.parametrize("trouble", ["http_500", "ratelimited", "invalid_auth", "dropped"])
@pytest.mark.parametrize("ending", [keep_out, forget])
async def test_slack_failing_to_end_a_token_does_not_keep_it_here(stage: Stage, ending: Ending, trouble: str) -> None:
    await connected(stage)
    stage.slack.fail_next("auth.revoke", trouble)
    await ending(stage)
    assert await stage.tokens.get(GROUP, account("bruno")) is None
    await stage.slack.command("bruno", ROOM, "/links", "mydata")
    assert "propre jeton Slack" not in stage.latest("bruno")["html"]


async def test_a_token_that_another_channel_still_uses_lives_on(stage: Stage) -> None:
    await connected(stage)
    other = GroupAddress(GROUP.platform, GROUP.workspace, "C07PBGEN002")
    await stage.slack.invite_bot("ada", "general")
    await stage.slack.command("ada", "general", "/links", "on")
    await stage.house.services.consent.grant(other, account("bruno"), frozenset({Purpose.SHARES}), MEMBER_NOTICE)
    token = stage.tokens.kept[GROUP, account("bruno")]
    assert await stage.tokens.put(other, account("bruno"), token)
    await forget(stage)
    assert living(stage, "bruno") == 1
    assert await stage.tokens.get(GROUP, account("bruno")) is None
    assert await stage.tokens.get(other, account("bruno")) == token
    await forget_all(stage)
    assert living(stage, "bruno") == 0


async def test_without_a_yes_nothing_is_kept_and_who_declines_changes_nothing(stage: Stage) -> None:
    await stage.switch_on()
    landing = await stage.slack.install("dev", CONNECT)
    assert landing.status == 409
    assert "First say yes" in landing.html
    await stage.opt_in("dev")
    landing = await stage.slack.install("dev", CONNECT, allow=False)
    assert "nothing was changed" in landing.html
    assert stage.tokens.kept == {}


async def begun(stage: Stage, where: str = CONNECT) -> httpx.Response:
    browser = stage.slack._http
    browser.cookies.clear()
    return await browser.get(where)


async def test_a_way_back_that_nobody_here_began_leads_nowhere(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("dev")
    for wrong in (f"{APP}{CONNECT_PATH}", f"{APP}{CONNECT_PATH}?team=<b>&channel=C1"):
        assert (await begun(stage, wrong)).status_code == 400
    went = await begun(stage)
    query = parse_qs(urlsplit(went.headers["location"]).query)
    assert query["user_scope"] == ["chat:write"]
    assert "scope" not in query
    kept = went.headers["set-cookie"].partition(";")[0]
    stage.slack._http.cookies.clear()
    for state, cookie in ((query["state"][0], "x=y"), ("forged.T-C.1.x", kept)):
        answer = await stage.slack._http.get(
            APP + CONNECTED_PATH, params={"state": state, "code": "c"}, headers={"cookie": cookie}
        )
        assert answer.status_code == 400
        stage.slack._http.cookies.clear()
    told = {"state": query["state"][0], "code": "made-up"}
    assert (await stage.slack._http.get(APP + CONNECTED_PATH, params=told, headers={"cookie": kept})).status_code == 400
    assert stage.tokens.kept == {}
    assert stage.house.drops[DropReason.NO_CONSENT] == 0
