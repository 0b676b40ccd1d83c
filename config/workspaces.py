"""What `penumbra doctor` finds at Slack: whether each workspace's token is known, and which scopes it was given."""

from bots.slack.installs import SlackTokenRefused
from bots.slack.tokens import workspace_of
from config.findings import Finding, Level
from config.settings import Settings
from core.errors import PlatformUnavailable
from storage.installations import Held, held
from storage.sql import SqlStorage

ASKED_AT_MOST = 50
"""Workspaces, those that came last; each costs a question at Slack."""
_REINSTALL = "api.slack.com/apps → your app → OAuth & Permissions: add them, then reinstall to the workspace"
_COPY = "copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions into PENUMBRA_SLACK_BOT_TOKEN"
_AGAIN = "have an admin there install it again by /slack/install: it is the same app, and nothing is lost"
_SILENT = Finding(Level.ODD, "Slack", "does not answer", "can this machine reach PENUMBRA_SLACK_API_URL?")


async def ask_slack(settings: Settings) -> list[Finding]:
    """Ask Slack about the one workspace's token; those of many are in the database: see `look_at_workspaces`."""
    if settings.slack_bot_token is None:
        return [Finding(Level.FINE, "Slack", "tokens come by /slack/install")] if settings.has_slack else []
    try:
        _, lacking = await workspace_of(settings.slack_bot_token, settings.slack_api_url)
    except SlackTokenRefused:
        return [Finding(Level.RED, "Slack", "does not know the token", _COPY)]
    except PlatformUnavailable:
        return [_SILENT]
    known = Finding(Level.FINE, "Slack", "knows the token")
    if lacking:
        return [known, Finding(Level.RED, "Slack scopes", f"lacking: {', '.join(lacking)}", _REINSTALL)]
    return [known, Finding(Level.FINE, "Slack scopes", "all granted")]


async def look_at_workspaces(settings: Settings, storage: SqlStorage) -> list[Finding]:
    """A line for each workspace that installed us; where Slack is silent, the rest is not asked."""
    if not settings.has_slack or settings.slack_bot_token is not None:
        return []
    number, listed = await held(storage, ASKED_AT_MOST)
    found = [Finding(Level.FINE, "workspaces", f"{number}, of which {len(listed)} are told here")]
    for place, each in enumerate(listed, start=1):
        line = await _workspace(each, f"workspace {each.name or place}", settings.slack_api_url)
        found.append(line)
        if line is _SILENT:
            break
    return found


async def _workspace(each: Held, what: str, api_url: str) -> Finding:
    if each.token is None:
        return Finding(Level.RED, what, "its row can't be read", _AGAIN)
    try:
        _, lacking = await workspace_of(each.token, api_url)
    except SlackTokenRefused:
        return Finding(Level.RED, what, "Slack does not know its token", _AGAIN)
    except PlatformUnavailable:
        return _SILENT
    if lacking:
        return Finding(Level.RED, what, f"lacks scopes: {', '.join(lacking)}", _AGAIN)
    return Finding(Level.FINE, what, "token known, all scopes granted")
