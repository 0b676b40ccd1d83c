"""slack_sdk and slack_bolt, as they come, against the stand-in on a real port."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import HeaderBlock, SectionBlock
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from playground.clock import PlaygroundClock
from playground.slack import SlackStandIn
from playground.slack.world import BOT_ID, BOT_USER, READING_ROOM
from playground.traffic import Traffic
from tests.playground.serving import served
from tests.playground.slack.conftest import WIDE
from tests.playground.slack_contract import check_traffic

SECRET = "bolt-secret"


@pytest.fixture
async def real(clock: PlaygroundClock, traffic: Traffic) -> AsyncIterator[SlackStandIn]:
    slack = SlackStandIn(
        clock=clock, traffic=traffic, signing_secret=SECRET, client_id="11.22", client_secret="shh", manifest=WIDE
    )
    async with served(slack.app) as address:
        slack.base_url = address
        yield slack
        await slack.aclose()


@pytest.fixture
async def client(real: SlackStandIn) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=real.bot_token, base_url=f"{real.base_url}/api/", session=session)


async def test_slack_sdk_finds_every_method_as_it_sends_it(
    real: SlackStandIn, client: AsyncWebClient, clock: PlaygroundClock, traffic: Traffic
) -> None:
    await real.invite_bot("ada", "reading-room")
    assert (await client.auth_test())["user_id"] == BOT_USER
    blocks = [HeaderBlock(text="Hello"), SectionBlock(text="*world*")]
    ts = (await client.chat_postMessage(channel=READING_ROOM, text="Hello", blocks=blocks, unfurl_links=False))["ts"]
    await client.chat_update(channel=READING_ROOM, ts=ts, text="Hello again")
    await client.chat_postEphemeral(channel=READING_ROOM, user="U07PBDEV004", text="psst")
    await client.chat_getPermalink(channel=READING_ROOM, message_ts=ts)
    info = await client.conversations_info(channel=READING_ROOM, include_num_members=True)
    assert info["channel"]["num_members"] == 19
    await client.conversations_list(types=["public_channel", "private_channel"], exclude_archived=True)
    await client.conversations_members(channel=READING_ROOM, limit=5)
    await client.conversations_history(channel=READING_ROOM, include_all_metadata=True, limit=3)
    await client.conversations_open(users="U07PBDEV004", return_im=True)
    await client.users_info(user="U07PBDEV004", include_locale=True)
    await client.users_conversations(types="private_channel")
    await client.team_info()
    await client.bots_info(bot=BOT_ID)
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    await client.views_publish(user_id="U07PBDEV004", view=home)
    clock.advance(timedelta(seconds=1))
    shared = await client.files_upload_v2(
        channel=READING_ROOM, content=b"day,shares", filename="week.csv", title="Week", alt_txt="numbers"
    )
    assert shared["files"][0]["title"] == "Week"
    await client.chat_delete(channel=READING_ROOM, ts=ts)
    for call in traffic.calls(platform="slack", direction="to_platform"):
        assert call.ok, call
    check_traffic(traffic)


async def test_slack_sdk_meets_refusals_limits_and_lost_answers(real: SlackStandIn, client: AsyncWebClient) -> None:
    await real.invite_bot("ada", "reading-room")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.chat_postMessage(channel="C0NOWHERE", text="x")
    await client.chat_postMessage(channel=READING_ROOM, text="1")
    with pytest.raises(SlackApiError) as limited:
        await client.chat_postMessage(channel=READING_ROOM, text="2")
    assert (limited.value.response.status_code, limited.value.response.headers["Retry-After"]) == (429, "1")
    client.retry_handlers.clear()
    real.fail_next("chat.postMessage", "dropped")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="U07PBDEV004", text="arrived all the same")
    direct = next(c for c in real.snapshot("dev")["conversations"] if c["kind"] == "private")
    assert direct["messages"][-1]["html"] == "arrived all the same"


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk 3.47 on aiohttp 3.14
async def test_slack_sdk_exchanges_a_code(real: SlackStandIn, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="invalid_code"):
        await client.oauth_v2_access(client_id="11.22", client_secret="shh", code="guess", redirect_uri="http://x/")
    with pytest.raises(SlackApiError, match="bad_client_secret"):
        await client.oauth_v2_access(client_id="11.22", client_secret="no", code="guess")


def bolt(client: AsyncWebClient) -> AsyncApp:
    async def authorize(**_: object) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T1", bot_token=client.token, bot_id=BOT_ID, bot_user_id=BOT_USER
        )

    return AsyncApp(signing_secret=SECRET, client=client, authorize=authorize, process_before_response=True)


async def test_slack_bolt_answers_messages_commands_buttons_and_modals(
    real: SlackStandIn, client: AsyncWebClient, traffic: Traffic
) -> None:
    app = bolt(client)
    heard: list[str] = []
    modal: dict[str, Any] = {
        "type": "modal",
        "callback_id": "m",
        "title": {"type": "plain_text", "text": "Hi"},
        "submit": {"type": "plain_text", "text": "Go"},
        "blocks": [{"type": "divider"}],
    }
    ask = {"type": "button", "action_id": "yes", "text": {"type": "plain_text", "text": "Yes"}}

    @app.event("message")
    async def on_message(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    @app.event("member_joined_channel")
    async def on_joined(event: dict[str, Any]) -> None:
        heard.append(event["user"])

    @app.command("/links")
    async def on_command(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(text="Join?", blocks=[{"type": "actions", "block_id": "ask", "elements": [ask]}])

    @app.action("yes")
    async def on_yes(ack: AsyncAck, respond: AsyncRespond, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal)
        await respond(replace_original=True, text="Welcome")

    @app.view("m")
    async def on_submit(ack: AsyncAck) -> None:
        await ack(response_action="update", view=modal | {"title": {"type": "plain_text", "text": "Done"}})

    handler = AsyncSlackRequestHandler(app)

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    async with served(Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])) as address:
        real.request_url = f"{address}/slack/events"
        assert await real.verify_request_url()
        await real.invite_bot("ada", "reading-room")
        await real.say("bruno", "reading-room", "hello there")
        await real.command("bruno", "reading-room", "/links", "join")
        asked = [m for m in real.snapshot("bruno")["conversations"][0]["messages"] if m["ephemeral"]][-1]
        await real.press("bruno", "reading-room", asked["id"], "ask/yes")
        assert real.snapshot("bruno")["conversations"][0]["messages"][-1]["html"] == "Welcome"
        await real.submit_modal("bruno")
        assert real.snapshot("bruno")["modal"]["title"] == "Done"
        await real.settled()
    assert heard == [BOT_USER, "hello there"]
    for call in traffic.calls(direction="to_bot"):
        assert call.ok, call
    check_traffic(traffic)


async def test_slack_sdk_speaks_to_response_urls(real: SlackStandIn) -> None:
    async with aiohttp.ClientSession() as session:
        hook = AsyncWebhookClient(f"{real.base_url}/response/R999999", session=session)
        assert (await hook.send(text="too late")).status_code == 404
