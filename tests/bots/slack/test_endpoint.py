"""The door: what is let in, and what Slack hears when something is wrong."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bots.slack.app import build_app, events
from bots.slack.calls import open_client, open_session
from bots.slack.concern import Concern
from bots.slack.endpoint import BODY_AT_MOST, SlackEndpoint
from core.consent import ConsentService, Stale
from core.errors import IntakeFull, StorageUnavailable
from core.model import Account, GroupAddress, Installation, Standing
from tests.bots.slack.stage import GROUP, ROOM, SECRET, Stage, account

NOW = 1_795_424_400


def signed(body: bytes, at: int = NOW, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "x-slack-request-timestamp": str(at),
        "x-slack-signature": f"v0={digest}",
        "content-type": "application/json",
    }


@asynccontextmanager
async def door(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    async with open_session() as session:
        app = build_app(open_client(session, f"{stage.slack.base_url}/api/"), stage.desk)
        concern, messages = Concern(stage.desk.services.consent.hear), events(stage.desk)["message"]
        endpoint = SlackEndpoint(app, messages, concern, SecretStr(SECRET), lambda: float(NOW))
        transport = httpx.ASGITransport(app=endpoint)
        async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as client:
            yield client


def said(person: str = "bruno", event_id: str = "Ev1") -> bytes:
    event = {"type": "message", "channel": ROOM, "channel_type": "group", "user": account(person)}
    event |= {"ts": f"{NOW}.000100", "text": "<https://pages.example/x>"}
    envelope = {"type": "event_callback", "team_id": GROUP.workspace, "event_id": event_id, "event": event}
    return json.dumps(envelope).encode()


async def ready(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")


async def test_a_signed_event_is_stored_before_it_is_acknowledged(stage: Stage) -> None:
    await ready(stage)
    async with door(stage) as client:
        answer = await client.post("/slack/events", content=said(), headers=signed(said()))
    assert answer.status_code == 200
    assert len(stage.state.inbox) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(said(), secret="another"),
        signed(said(), at=NOW - 301),
        signed(said(), at=NOW + 301),
        signed(said()) | {"x-slack-request-timestamp": "soon"},
        signed(said()) | {"x-slack-signature": "v0=\xe9"},
        signed(b"something else"),
    ],
)
async def test_a_wrong_signature_or_a_replay_is_turned_away_and_nothing_is_stored(
    stage: Stage, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    await ready(stage)
    caplog.set_level("DEBUG")
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    async with door(stage) as client:
        answer = await client.post("/slack/events", content=said(), headers=encoded)
    assert answer.status_code == 401
    assert stage.state.inbox == {}
    assert "pages.example" not in caplog.text


@pytest.mark.parametrize("body", [b"{", b"[1]", b"null", b'"x"', b'{"team": 5}', b"[" * 100_000, b"payload=%7B"])
async def test_a_malformed_body_is_one_clear_refusal(stage: Stage, body: bytes) -> None:
    async with door(stage) as client:
        answer = await client.post("/slack/events", content=body, headers=signed(body))
    assert answer.status_code in {200, 400}
    assert answer.text == ""


async def test_bytes_that_are_no_text_are_no_slack(stage: Stage) -> None:
    async with door(stage) as client:
        answer = await client.post("/slack/events", content=b"\xff\xfe", headers=signed(b"\xff\xfe"))
    assert answer.status_code == 401


async def test_a_body_without_end_is_not_read_to_the_end(stage: Stage) -> None:
    body = b"x" * (BODY_AT_MOST + 1)
    async with door(stage) as client:
        assert (await client.post("/slack/events", content=body, headers=signed(body))).status_code == 413


async def test_only_posts_are_taken(stage: Stage) -> None:
    async with door(stage) as client:
        assert (await client.get("/slack/events")).status_code == 405


async def test_the_request_url_proves_itself(stage: Stage) -> None:
    assert await stage.slack.verify_request_url()


@pytest.mark.parametrize("trouble", [StorageUnavailable, IntakeFull])
async def test_what_could_not_be_stored_is_asked_for_again(
    stage: Stage, trouble: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    await ready(stage)

    async def refuse(*_: Any, **__: Any) -> bool:
        raise trouble

    with monkeypatch.context() as patched:
        patched.setattr(stage.desk.services.shares, "take_in", refuse)
        await stage.slack.say("bruno", ROOM, "https://pages.example/x")
    assert stage.state.inbox == {}
    await stage.slack.retry_pending()
    assert len(stage.state.inbox) == 1


async def test_a_message_is_taken_in_or_dropped_and_nothing_else_is_looked_up_for_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ready(stage)
    hear, heard = ConsentService.hear, list[Account | None]()

    async def nobody(workspace: str) -> Installation | None:
        raise AssertionError(f"{workspace} was looked up")

    async def counted(
        self: ConsentService, address: GroupAddress, account: Account | None, *, handed_over: bool = False
    ) -> Standing | Stale | None:
        heard.append(account)
        return await hear(self, address, account, handed_over=handed_over)

    monkeypatch.setattr(stage.installs, "of", nobody)
    monkeypatch.setattr(ConsentService, "hear", counted)
    async with door(stage) as client:
        for person, kept in (("dev", 0), ("bruno", 1)):
            body = said(person, f"Ev-{person}")
            assert (await client.post("/slack/events", content=body, headers=signed(body))).status_code == 200
            assert len(stage.state.inbox) == kept
    assert heard == [account("dev"), account("bruno")]


async def test_a_message_is_asked_for_again_when_nobody_can_say_whether_its_sender_said_yes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ready(stage)

    async def refuse(*_: Any, **__: Any) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(ConsentService, "hear", refuse)
    async with door(stage) as client:
        assert (await client.post("/slack/events", content=said(), headers=signed(said()))).status_code == 503


async def test_a_person_is_told_when_the_memory_is_away(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await ready(stage)

    async def refuse(*_: Any) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(stage.desk.services.consent, "withdraw", refuse)
    monkeypatch.setattr(stage.desk.services.digests, "latest", refuse)
    await stage.opt_in("ada", "member_no")
    assert "reach its memory" in stage.latest("ada")["html"]
    await stage.slack.command("ada", ROOM, "/links", "digest")
    assert "reach its memory" in stage.latest("ada")["html"]


async def test_a_fault_of_ours_is_logged_without_what_people_wrote(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await ready(stage)

    async def fall(*_: Any, **__: Any) -> None:
        raise KeyError("https://pages.example/secret")

    monkeypatch.setattr(stage.desk.services.shares, "take_in", fall)
    async with door(stage) as client:
        answer = await client.post("/slack/events", content=said(), headers=signed(said()))
    assert answer.status_code == 500
    assert answer.text == ""
    assert "KeyError fall:" in caplog.text
    assert "pages.example" not in caplog.text


async def test_a_stale_button_is_answered_in_words(stage: Stage) -> None:
    await ready(stage)
    payload = {
        "type": "block_actions",
        "team": {"id": GROUP.workspace},
        "user": {"id": account("ada")},
        "channel": {"id": ROOM},
        "container": {"channel_id": ROOM},
        "actions": [{"action_id": "from_long_ago", "block_id": "b", "type": "button"}],
        "response_url": "",
    }
    body = httpx.QueryParams({"payload": json.dumps(payload)})
    raw = str(body).encode()
    async with door(stage) as client:
        headers = signed(raw) | {"content-type": "application/x-www-form-urlencoded"}
        assert (await client.post("/slack/events", content=raw, headers=headers)).status_code == 200


async def test_a_workspace_we_do_not_know_is_not_listened_to(stage: Stage) -> None:
    await ready(stage)
    foreign = said().replace(GROUP.workspace.encode(), b"T0STRANGER9")
    async with door(stage) as client:
        assert (await client.post("/slack/events", content=foreign, headers=signed(foreign))).status_code == 200
    assert stage.state.inbox == {}
