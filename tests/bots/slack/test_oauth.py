"""Installing into a workspace, being uninstalled, and everything that must not work."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from bots.slack.installs import BOT_SCOPES, OPTIONAL_SCOPES, ManyWorkspaces
from bots.slack.oauth import BEGIN_PATH, COOKIE, INSTALL_PATH, REDIRECT_PATH, States
from tests.bots.slack.stage import APP, MONDAY, ROOM, WORKSPACE, Stage, on_stage


@pytest.fixture
async def uninstalled() -> AsyncIterator[Stage]:
    async with on_stage(by_oauth=True) as stage:
        yield stage


def browser(stage: Stage) -> httpx.AsyncClient:
    return stage.slack._http


async def test_an_installation_begins_and_ends_in_the_browser(uninstalled: Stage) -> None:
    stage = uninstalled
    assert await stage.installs.of(WORKSPACE) is None
    landing = await stage.slack.install("ada", APP + BEGIN_PATH)
    assert landing.status == 200
    assert "Penumbra is installed" in landing.html
    assert f"app_redirect?app=A0PENUMBRA1&amp;team={WORKSPACE}" in landing.html
    kept = await stage.installs.of(WORKSPACE)
    assert kept is not None
    assert kept.name == "Gazette"
    assert kept.scopes == {*BOT_SCOPES, *OPTIONAL_SCOPES}
    assert str(stage.slack.bot_token) not in repr(kept)
    await stage.switch_on()
    assert await stage.group_is() == "enabled"


@pytest.mark.parametrize(("language", "add"), [("en", "Add to Slack"), ("fr", "Ajouter à Slack")])
async def test_the_landing_page_gives_the_reason_of_every_scope_before_anybody_is_asked(
    uninstalled: Stage, language: str, add: str
) -> None:
    answer = await browser(uninstalled).get(APP + INSTALL_PATH, headers={"accept-language": language})
    assert f'<html lang="{language}">' in answer.text
    assert f'href="{BEGIN_PATH}">{add}</a>' in answer.text
    assert all(f"<dt><code>{scope}</code></dt>" in answer.text for scope in (*BOT_SCOPES, *OPTIONAL_SCOPES))
    assert answer.text.index("channels:history") < answer.text.index("groups:history")  # which is "the same in …"
    assert "set-cookie" not in answer.headers


async def test_the_landing_page_speaks_the_first_language_of_ours_that_the_browser_likes(uninstalled: Stage) -> None:
    for wanted, got in {"de, fr;q=0.8, en;q=0.5": "fr", "de;q=0.9, en": "en", "pt": "en", "fr;q=x": "en"}.items():
        answer = await browser(uninstalled).get(APP + INSTALL_PATH, headers={"accept-language": wanted})
        assert f'<html lang="{got}">' in answer.text


async def test_saying_no_at_slack_changes_nothing(uninstalled: Stage) -> None:
    landing = await uninstalled.slack.install("ada", APP + BEGIN_PATH, allow=False)
    assert "nothing was changed" in landing.html
    assert await uninstalled.installs.of(WORKSPACE) is None


async def test_an_uninstalled_workspace_leaves_no_token(uninstalled: Stage) -> None:
    stage = uninstalled
    await stage.slack.install("ada", APP + BEGIN_PATH)
    await stage.switch_on()
    await stage.slack.uninstall("ada")
    assert await stage.installs.of(WORKSPACE) is None
    assert await stage.group_is() == "erasing"


async def test_installing_again_after_an_uninstall_starts_over(uninstalled: Stage) -> None:
    stage = uninstalled
    await stage.slack.install("ada", APP + BEGIN_PATH)
    await stage.switch_on()
    await stage.slack.uninstall("ada")
    await stage.slack.install("ada", APP + BEGIN_PATH)
    stage.breathe()
    await stage.slack.invite_bot("ada", ROOM)
    assert await stage.group_is() == "pending"


async def begun(stage: Stage) -> tuple[str, str]:
    """The state and the cookie of an installation that has begun."""
    answer = await browser(stage).get(APP + BEGIN_PATH)
    [state] = parse_qs(urlsplit(answer.headers["location"]).query)["state"]
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    return state, cookie.partition(";")[0]


async def finished(stage: Stage, state: str, cookie: str, language: str = "en") -> httpx.Response:
    query = {"code": "made-up", "state": state}
    browser(stage).cookies.clear()
    headers = {"cookie": cookie, "accept-language": language}
    return await browser(stage).get(APP + REDIRECT_PATH, params=query, headers=headers)


async def test_a_code_that_slack_does_not_know_installs_nothing(uninstalled: Stage) -> None:
    answer = await finished(uninstalled, *await begun(uninstalled))
    assert answer.status_code == 400
    assert "Please" not in answer.text
    assert "please start again" in answer.text
    assert await uninstalled.installs.of(WORKSPACE) is None
    assert len(uninstalled.calls_of("oauth.v2.access")) == 1


async def test_a_state_from_elsewhere_is_not_even_asked_about(uninstalled: Stage) -> None:
    state, cookie = await begun(uninstalled)
    for wrong in (
        (state, f"{COOKIE}=another"),
        (state, ""),
        ("", cookie),
        (state[:-1] + "x", cookie),
        (f"x{state}", f"{COOKIE}=x{state}"),
    ):
        assert (await finished(uninstalled, *wrong, "fr-FR,fr;q=0.9")).status_code == 400
    answer = await finished(uninstalled, "", "", "fr-FR,fr;q=0.9")
    assert '<html lang="fr">' in answer.text
    uninstalled.breathe(minutes=11)
    assert (await finished(uninstalled, state, cookie)).status_code == 400
    assert uninstalled.calls_of("oauth.v2.access") == []


async def test_when_slack_is_away_the_page_says_try_again(uninstalled: Stage) -> None:
    uninstalled.slack.fail_next("oauth.v2.access", "http_500")
    assert (await finished(uninstalled, *await begun(uninstalled))).status_code == 503


async def test_pages_of_the_way_are_kept_by_nobody(uninstalled: Stage) -> None:
    answer = await finished(uninstalled, "", "")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_workspace_is_looked_up_once_a_minute_not_per_event(uninstalled: Stage) -> None:
    stage = uninstalled
    await stage.slack.install("ada", APP + BEGIN_PATH)
    await stage.switch_on()
    installs = stage.installs
    assert isinstance(installs, ManyWorkspaces)
    before = installs._store.asked  # type: ignore[attr-defined] # the fake counts
    for _ in range(5):
        await installs.of(WORKSPACE)
    assert installs._store.asked <= before + 1  # type: ignore[attr-defined]
    stage.breathe(minutes=2)
    await installs.of(WORKSPACE)
    assert installs._store.asked >= before + 1  # type: ignore[attr-defined]


def test_replicas_share_states_and_strangers_do_not() -> None:
    ours = States(SecretStr("shh"), lambda: MONDAY, lambda: "n")
    theirs = States(SecretStr("other"), lambda: MONDAY, lambda: "n")
    late = States(SecretStr("shh"), lambda: MONDAY + timedelta(minutes=11), lambda: "n")
    state = ours.issue()
    assert States(SecretStr("shh"), lambda: MONDAY, lambda: "m").holds(state, state)
    assert not theirs.holds(state, state)
    assert not late.holds(state, state)
