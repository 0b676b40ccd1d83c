"""What `penumbra doctor` finds at Slack: whether each workspace's token is known, and which scopes it was given."""

from bots.slack.installs import SlackTokenRefused
from bots.slack.tokens import workspace_of
from config.findings import Finding, Level, about, name
from config.settings import Settings
from core.errors import PlatformUnavailable
from storage.installations import Held, held
from storage.sql import SqlStorage
from texts.phrases import Phrase

ASKED_AT_MOST = 50
"""Workspaces, those that came last; each costs a question at Slack."""
_AGAIN = about("workspace.again")
_SILENT = Finding(Level.ODD, name("slack"), about("slack.silent"), about("slack.silent.mend"))


async def ask_slack(settings: Settings) -> list[Finding]:
    """Ask Slack about the one workspace's token; those of many are in the database: see `look_at_workspaces`."""
    if settings.slack_bot_token is None:
        return [Finding(Level.FINE, name("slack"), about("slack.by_install"))] if settings.has_slack else []
    try:
        _, lacking = await workspace_of(settings.slack_bot_token, settings.slack_api_url)
    except SlackTokenRefused:
        return [Finding(Level.RED, name("slack"), about("slack.refused"), about("slack.refused.mend"))]
    except PlatformUnavailable:
        return [_SILENT]
    known = Finding(Level.FINE, name("slack"), about("slack.known"))
    if lacking:
        state, mend = about("slack.lacks", scopes=lacking), about("slack.reinstall")
        return [known, Finding(Level.RED, name("slack_scopes"), state, mend)]
    return [known, Finding(Level.FINE, name("slack_scopes"), about("slack.granted"))]


async def look_at_workspaces(settings: Settings, storage: SqlStorage) -> list[Finding]:
    """A line for each workspace that installed us; where Slack is silent, the rest is not asked."""
    if not settings.has_slack or settings.slack_bot_token is not None:
        return []
    number, listed = await held(storage, ASKED_AT_MOST)
    found = [Finding(Level.FINE, name("workspaces"), about("told", n=number, told=len(listed)))]
    for place, each in enumerate(listed, start=1):
        what = name("workspace", name=each.name or place)
        line = await _workspace(each, what, settings.slack_api_url)
        found.append(line)
        if line is _SILENT:
            break
    return found


async def _workspace(each: Held, what: Phrase, api_url: str) -> Finding:
    if each.token is None:
        return Finding(Level.RED, what, about("workspace.unreadable"), _AGAIN)
    try:
        _, lacking = await workspace_of(each.token, api_url)
    except SlackTokenRefused:
        return Finding(Level.RED, what, about("workspace.refused"), _AGAIN)
    except PlatformUnavailable:
        return _SILENT
    if lacking:
        return Finding(Level.RED, what, about("workspace.lacks", scopes=lacking), _AGAIN)
    return Finding(Level.FINE, what, about("workspace.fine"))
