"""One attempt per call, and an honest account of it."""

from socket import socket

import aiohttp
import pytest
from pydantic import SecretStr

from bots.slack.installs import SlackTokenRefused, introduce
from bots.slack.marks import mark_of
from core.errors import PlatformUnavailable
from core.model import (
    Account,
    Aside,
    Card,
    CardLink,
    GroupAddress,
    InDoubt,
    Later,
    LinkId,
    Outcome,
    Platform,
    Refused,
    Sent,
)
from tests.bots.slack.stage import GROUP, ROOM, Stage, account

LINK = CardLink(LinkId("l"), "https://pages.example/x", "https://s.example/ABCDEFGHIJKLMNOP", "pages.example")


async def posted(stage: Stage, fault: str | None = None) -> Outcome:
    await stage.slack.invite_bot("ada", ROOM)
    stage.breathe()
    ts = await stage.slack.say("bruno", ROOM, "https://pages.example/x")
    if fault is not None:
        stage.slack.fail_next("chat.postMessage", fault, retry_after=17)
    card = Card(account("bruno"), ts, (LINK,), "en")
    return await stage.messenger.post(GROUP, card, f"card:{ts}")


async def test_a_post_tells_its_ts(stage: Stage) -> None:
    assert await posted(stage) == Sent(stage.latest()["id"])


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("ratelimited", Later(17.0)),
        ("http_500", InDoubt()),
        ("dropped", InDoubt()),
        ("internal_error", InDoubt()),
        ("is_archived", Refused("is_archived")),
        ("channel_not_found", Refused("channel_not_found", group_gone=True)),
        ("not_in_channel", Refused("not_in_channel", group_gone=True)),
        ("token_revoked", Refused("token_revoked", group_gone=True)),
        ("account_inactive", Refused("account_inactive", group_gone=True)),
        ("invalid_auth", Refused("invalid_auth")),
        ("msg_too_long", Refused("msg_too_long")),
    ],
)
async def test_every_refusal_says_what_it_means(stage: Stage, fault: str, outcome: Outcome) -> None:
    assert await posted(stage, fault) == outcome


async def test_a_card_whose_answer_was_lost_is_found_by_its_mark(stage: Stage) -> None:
    assert await posted(stage, "dropped") == InDoubt()
    card = stage.latest()
    assert await stage.messenger.find(GROUP, f"card:{card['thread_of']}") == card["id"]
    assert await stage.messenger.find(GROUP, "digest:2026-W47") is None
    assert stage.messenger.can_find


async def test_a_mark_says_nothing_about_what_it_marks() -> None:
    mark = mark_of(GROUP, "digest:2026-W47")
    assert len(mark) == 16
    assert mark != mark_of(GROUP, "digest:2026-W48")
    assert mark != mark_of(GroupAddress(Platform.SLACK, GROUP.workspace, "C2"), "digest:2026-W47")


async def test_when_slack_cannot_be_asked_nobody_says_that_nothing_was_posted(stage: Stage) -> None:
    stage.slack.fail_next("conversations.history", "ratelimited")
    with pytest.raises(PlatformUnavailable):
        await stage.messenger.find(GROUP, "digest:2026-W47")
    stage.slack.fail_next("conversations.info", "http_500")
    with pytest.raises(PlatformUnavailable):
        await stage.messenger.members(GROUP)
    stage.slack.fail_next("users.info", "http_500")
    with pytest.raises(PlatformUnavailable):
        await stage.messenger.is_admin(GROUP, account("ada"))


async def test_a_digest_in_doubt_is_found_and_not_posted_again(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    await stage.share("bruno", "https://pages.example/x")
    stage.breathe(days=7)
    await stage.house.services.digests.tick()
    stage.slack.fail_next("chat.postMessage", "dropped")
    await stage.house.services.delivery.post_due()
    digests = [m for m in stage.messages() if "The links of the week" in m["html"]]
    assert len(digests) == 1
    stage.breathe(minutes=2)
    await stage.work()
    assert [m for m in stage.messages() if "The links of the week" in m["html"]] == digests
    group = await stage.house.services.consent.group(GROUP)
    assert group is not None
    async with stage.house.storage.transaction() as records:
        assert await records.outbox.remote_id(group.id, "digest:2026-W48") == digests[0]["id"]


async def test_who_may_administer_is_asked_live(stage: Stage) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    assert await stage.messenger.is_admin(GROUP, account("ada"))
    assert await stage.messenger.is_admin(GROUP, account("farah"))
    assert not await stage.messenger.is_admin(GROUP, account("bruno"))
    assert not await stage.messenger.is_admin(GROUP, Account("U0STRANGER"))


async def test_the_bot_is_no_member(stage: Stage) -> None:
    people = len(stage.slack.workspace.channels[ROOM].members)
    await stage.slack.invite_bot("ada", ROOM)
    assert await stage.messenger.members(GROUP) == people


async def test_a_workspace_that_never_installed_us_is_nobody(stage: Stage) -> None:
    elsewhere = GroupAddress(Platform.SLACK, "T0OTHER", "C0OTHER")
    card = Card(account("bruno"), "1.000001", (LINK,), "en")
    assert await stage.messenger.post(elsewhere, card, "card:1.000001") == Refused("not_installed", try_again=True)
    assert await stage.messenger.members(elsewhere) == 0
    assert not await stage.messenger.is_admin(elsewhere, account("ada"))
    assert await stage.messenger.find(elsewhere, "card:1.000001") is None


async def test_a_machine_that_is_not_reached_took_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    with socket() as nobody:  # a port that is taken, and where nobody listens
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setattr(stage.calls._client, "base_url", f"http://127.0.0.1:{nobody.getsockname()[1]}/api/")
        await _is_put_off(stage)


async def _is_put_off(stage: Stage) -> None:
    card = Card(account("bruno"), "1.000001", (LINK,), "en")
    assert await stage.messenger.post(GROUP, card, "card:1.000001") == Later(30.0)


async def test_a_wrong_token_is_named_at_start(stage: Stage) -> None:
    with pytest.raises(SlackTokenRefused, match="copy it again"):
        await introduce(stage.calls._client, SecretStr("xoxb-wrong"), stage.clock.now)


async def test_only_one_call_of_auth_test_is_ever_made(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    await stage.share("bruno", "https://pages.example/x")
    assert len(stage.calls_of("auth.test")) == 1
    assert isinstance(stage.calls._client.session, aiohttp.ClientSession)
    assert stage.calls._client.retry_handlers == []


async def test_a_start_while_slack_is_away_is_tried_again_and_no_wrong_token(stage: Stage) -> None:
    stage.slack.fail_next("auth.test", "http_500")
    with pytest.raises(PlatformUnavailable):
        await introduce(stage.calls._client, SecretStr(str(stage.slack.bot_token)), stage.clock.now)


async def test_an_aside_is_seen_by_its_member_alone_in_their_language(stage: Stage) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    stage.breathe()
    ts = await stage.slack.say("bruno", ROOM, "https://bad.example/x")
    before = stage.messages("ada")
    aside = Aside(account("bruno"), ts, "listed.aside", "en")
    assert isinstance(await stage.messenger.post(GROUP, aside, f"aside:{ts}"), Sent)
    assert stage.messages("ada") == before
    assert "logiciels malveillants" in stage.latest("bruno")["html"]


async def test_an_aside_to_who_is_gone_stays_unsaid(stage: Stage) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    before = stage.messages("ada")
    aside = Aside(Account("U0STRANGER"), "1.000001", "listed.aside", "en")
    assert await stage.messenger.post(GROUP, aside, "aside:1.000001") == Refused("user_not_in_channel")
    assert stage.messages("ada") == before
