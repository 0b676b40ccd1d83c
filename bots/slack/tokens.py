"""Whose token somebody is about to give us: asked once, before anything is built on it."""

from pydantic import SecretStr

from bots.slack.calls import open_client, open_session
from bots.slack.installs import BOT_SCOPES, SlackTokenRefused
from bots.slack.trouble import Trouble, outcome_of
from core.errors import PlatformUnavailable
from core.model import Refused


async def workspace_of(token: SecretStr, api_url: str) -> tuple[str, tuple[str, ...]]:
    """The name of the workspace that a bot token is for, and the scopes that it lacks.

    Slack names a token's scopes in the header `X-OAuth-Scopes` [https://docs.slack.dev/reference/scopes]; without it
    nothing is said to be lacking.

    Raises:
        SlackTokenRefused: Slack does not know the token, or it is not a bot's.
        PlatformUnavailable: Slack does not answer.
    """
    session = open_session()
    try:
        who = await open_client(session, api_url).auth_test(token=token.get_secret_value())
    except Trouble as trouble:
        refused = isinstance(outcome_of(trouble), Refused)
        raise (SlackTokenRefused if refused else PlatformUnavailable) from trouble
    finally:
        await session.close()
    if not who.get("bot_id"):
        raise SlackTokenRefused
    told = next((value for name, value in who.headers.items() if name.lower() == "x-oauth-scopes"), None)
    granted = set(BOT_SCOPES) if told is None else {scope.strip() for scope in told.split(",")}
    return str(who.get("team") or ""), tuple(scope for scope in BOT_SCOPES if scope not in granted)
