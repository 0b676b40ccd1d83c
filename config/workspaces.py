"""What `penumbra doctor` finds at Slack: whether the bot's token is known, and which scopes it was given."""

from bots.slack.installs import SlackTokenRefused
from bots.slack.tokens import workspace_of
from config.findings import Finding, Level
from config.settings import Settings
from core.errors import PlatformUnavailable

_REINSTALL = "api.slack.com/apps → your app → OAuth & Permissions: add them, then reinstall to the workspace"
_COPY = "copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions into PENUMBRA_SLACK_BOT_TOKEN"


async def ask_slack(settings: Settings) -> list[Finding]:
    """Ask Slack about the one workspace's token; of many workspaces each admin is told in the App Home."""
    if settings.slack_bot_token is None:
        return [Finding(Level.FINE, "Slack", "tokens come by /slack/install")] if settings.has_slack else []
    try:
        _, lacking = await workspace_of(settings.slack_bot_token, settings.slack_api_url)
    except SlackTokenRefused:
        return [Finding(Level.RED, "Slack", "does not know the token", _COPY)]
    except PlatformUnavailable:
        return [Finding(Level.ODD, "Slack", "does not answer", "can this machine reach PENUMBRA_SLACK_API_URL?")]
    known = Finding(Level.FINE, "Slack", "knows the token")
    if lacking:
        return [known, Finding(Level.RED, "Slack scopes", f"lacking: {', '.join(lacking)}", _REINSTALL)]
    return [known, Finding(Level.FINE, "Slack scopes", "all granted")]
