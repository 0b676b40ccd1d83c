"""Slack as `penumbra run` wires it: installed by a browser, shared in every way, edited, uninstalled."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.model import Account, GroupAddress, Platform
from playground.people import CAST
from storage.installations import SqlInstallations
from storage.own_tokens import SqlOwnTokens
from tests.walks.theatre import Theatre, open_theatre


@pytest.fixture
async def theatre(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Theatre]:
    async with open_theatre(tmp_path, sqlite_url, installed=False) as theatre:
        yield theatre


def slack_only(theatre: Theatre) -> GroupAddress:
    return GroupAddress(Platform.SLACK, theatre.stage.slack.workspace.id, theatre.room)


async def installed(theatre: Theatre) -> None:
    """Ada presses "Add to Slack" on our landing page, invites the bot and switches the channel on; Bruno says yes."""
    public_url, slack = theatre.house.settings.public_url, theatre.stage.slack
    page = await theatre.browser.get("/slack/install", headers={"accept-language": "fr"})
    assert "Ajouter à Slack" in page.text
    assert 'href="/slack/install/begin"' in page.text
    landing = await slack.install("ada", f"{public_url}/slack/install/begin")
    assert "Penumbra is installed" in landing.html
    await slack.invite_bot("ada", theatre.room)
    await theatre.work()
    await theatre.tap("slack", "ada", "Switch on (admins)")
    await theatre.tap("slack", "bruno", "Count my links")


async def test_a_workspace_installs_shares_in_every_way_and_uninstalls(theatre: Theatre) -> None:
    await installed(theatre)
    slack, where = theatre.stage.slack, slack_only(theatre)
    bruno = Account(CAST["bruno"].slack_id)
    public_url = theatre.house.settings.public_url
    links = [each.url for each in theatre.stage.sites.suggestions if each.key in {"news", "french", "recipe", "docs"}]

    await theatre.say("slack", "bruno", links[0])
    await theatre.work()
    await slack.command("bruno", theatre.room, "/links", f"share {links[1]}")
    await theatre.work()
    await slack.global_shortcut("bruno")
    await slack.submit_modal("bruno", {"url": links[2], "channel": theatre.room})
    await theatre.work()
    cards = [message for message in theatre.messages("slack") if "Undo" in str(message["buttons"])]
    assert len(cards) == 3

    connect = f"{public_url}/slack/connect?team={where.workspace}&channel={where.conversation}"
    assert (await slack.install("bruno", connect)).status == 200
    ts = await theatre.say("slack", "bruno", links[3])
    await theatre.work()
    edited = slack.workspace.channels[theatre.room].messages[ts]
    assert f"<{public_url}/" in edited.text
    assert len(theatre.stage.traffic.calls(method="chat.update")) == 1

    tokens = SqlOwnTokens(theatre.house.storage)
    assert await tokens.get(where, bruno) is not None
    await slack.revoke_tokens("bruno")
    assert await tokens.get(where, bruno) is None
    group = await theatre.house.services.consent.group(where)
    assert group is not None
    assert group.state == "enabled"

    await slack.uninstall("ada")
    installations = SqlInstallations(theatre.house.storage)
    assert await installations.get(Platform.SLACK, where.workspace) is None
    await theatre.work()
    assert await theatre.house.services.consent.group(where) is None


async def test_a_message_from_before_the_yes_is_shortened_and_its_short_link_shows_the_page(theatre: Theatre) -> None:
    await installed(theatre)
    slack, (news, *_) = theatre.stage.slack, [each for each in theatre.stage.sites.suggestions if each.key == "news"]
    early = await slack.say("dev", theatre.room, news.url)
    await theatre.work()
    assert not [message for message in theatre.messages("slack") if "Undo" in str(message["buttons"])]
    await theatre.tap("slack", "dev", "Count my links")
    await slack.shortcut("dev", theatre.room, early)
    await theatre.work()
    [card] = [message for message in theatre.messages("slack") if "Undo" in str(message["buttons"])]
    assert card["thread_of"] == early
    [short] = {button["url"] for row in card["buttons"] for button in row if button["label"] == "Open, counted"}
    await slack.say("bruno", theatre.room, f"Look: {short}")
    [call] = theatre.stage.traffic.calls(method="chat.unfurl")
    shown = str(call.request["unfurls"][short])
    assert "The old bridge reopens" in shown
    assert news.url in shown


async def test_who_comes_later_is_asked_alone_and_their_yes_counts(theatre: Theatre) -> None:
    await installed(theatre)
    slack = theatre.stage.slack
    await slack.leave("dev", theatre.room)
    await slack.join("dev", theatre.room)
    asked = theatre.messages("slack", "dev")[-1]
    assert asked["ephemeral"]
    await slack.press("dev", theatre.room, asked["id"], "member_yes")
    await theatre.say("slack", "dev", theatre.stage.sites.suggestions[0].url)
    await theatre.work()
    assert len([message for message in theatre.messages("slack") if "Undo" in str(message["buttons"])]) == 1


async def test_what_slack_could_not_deliver_comes_again_and_counts_once(theatre: Theatre) -> None:
    await installed(theatre)
    slack = theatre.stage.slack
    request_url, slack.request_url = slack.request_url, "http://127.0.0.1:9/slack/events"
    await theatre.say("slack", "bruno", theatre.stage.sites.suggestions[0].url)
    slack.request_url = request_url
    assert await slack.retry_pending() == 1
    again = theatre.stage.traffic.calls(method="event:message")[-1]
    slack._platform.courier.send_event("message", again.request)
    await theatre.work()
    assert len([message for message in theatre.messages("slack") if "Undo" in str(message["buttons"])]) == 1


async def test_a_channel_that_becomes_shared_is_left_alone(theatre: Theatre) -> None:
    await installed(theatre)
    await theatre.stage.slack.share_channel(theatre.room)
    await theatre.say("slack", "bruno", theatre.stage.sites.suggestions[0].url)
    await theatre.work()
    group = await theatre.house.services.consent.group(slack_only(theatre))
    assert group is not None
    assert group.state == "paused"
    assert not [message for message in theatre.messages("slack") if "Undo" in str(message["buttons"])]
