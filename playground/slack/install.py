"""How an installation begins and ends in a workspace, and what the app hears of its end."""

from playground.slack.errors import SlackError
from playground.slack.events import envelope
from playground.slack.grants import Code, Grant
from playground.slack.platform import Platform
from playground.slack.state import Json


def requested(words: str) -> tuple[str, ...]:
    """Return the scopes in an authorize URL, separated by commas or spaces."""
    return tuple(dict.fromkeys(word for word in words.replace(",", " ").split() if word))


def check_request(platform: Platform, query: dict[str, str]) -> None:
    """Accept the query of an authorize URL.

    Raises:
        SlackError: `invalid_client_id`, `bad_redirect_uri`, `invalid_scope` or `no_scopes`.
    """
    if query.get("client_id") != platform.client_id:
        raise SlackError("invalid_client_id")
    redirect, allowed = query.get("redirect_uri"), platform.manifest.redirect_urls
    if redirect is None or (allowed and not any(redirect.startswith(one) for one in allowed)):
        raise SlackError("bad_redirect_uri")
    bot, user = requested(query.get("scope", "")), requested(query.get("user_scope", ""))
    if not bot and not user:
        raise SlackError("no_scopes")
    if not set(bot) <= set(platform.manifest.bot_scopes) or not set(user) <= set(platform.manifest.user_scopes):
        raise SlackError("invalid_scope")


def issue_code(platform: Platform, user: str, query: dict[str, str]) -> str:
    """Return a fresh code for what a person just allowed."""
    code = Code(
        code=platform.grants.secret("c-"),
        user=user,
        bot_scopes=requested(query.get("scope", "")),
        user_scopes=requested(query.get("user_scope", "")),
        redirect_uri=query.get("redirect_uri"),
        issued=platform.now(),
    )
    platform.grants.codes[code.code] = code
    return code.code


def revoke(platform: Platform, grants: list[Grant]) -> None:
    """End tokens and tell the app which (`tokens_revoked`), even when the bot's is among them."""
    ended: dict[str, list[str]] = {"oauth": [], "bot": []}
    for grant in grants:
        platform.grants.revoke(grant)
        ended["bot" if grant.kind == "bot" else "oauth"].append(grant.user)
    if any(ended.values()):
        _farewell(platform, {"type": "tokens_revoked", "tokens": ended})


def uninstall(platform: Platform) -> None:
    """Remove the app: its channels forget it, every token ends, both farewells go out."""
    living = [grant for grant in platform.grants.tokens.values() if grant.dead is None]
    for channel in platform.workspace.channels.values():
        if channel.kind != "im" and platform.workspace.bot_user in channel.members:
            channel.members.remove(platform.workspace.bot_user)
    revoke(platform, living)
    _farewell(platform, {"type": "app_uninstalled"})


def _farewell(platform: Platform, event: Json) -> None:
    if event["type"] in platform.manifest.events:
        platform.courier.send_event(str(event["type"]), envelope(platform, event, None))
