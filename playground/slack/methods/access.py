"""`oauth.*`, `auth.revoke`, `apps.uninstall`: how tokens begin and end."""

import hmac

from playground.slack.errors import SlackError
from playground.slack.grants import CODE_LIFE, ROTATION, Code, Grant
from playground.slack.install import revoke, uninstall
from playground.slack.methods.spec import Method
from playground.slack.platform import Platform
from playground.slack.state import Json

ANONYMOUS = Grant(token="", kind="bot", user="", scopes=(), dead="not_authed")
"""Stands for the caller of the methods that no token opens."""


def check_client(platform: Platform, args: Json) -> None:
    """Check the app's id and secret.

    Raises:
        SlackError: `bad_client_secret` or `invalid_client_id`.
    """
    if args.get("client_id") != platform.client_id:
        raise SlackError("invalid_client_id")
    if not hmac.compare_digest(str(args.get("client_secret", "")).encode(), platform.client_secret.encode()):
        raise SlackError("bad_client_secret")


def access(platform: Platform, grant: Grant, args: Json) -> Json:
    """`oauth.v2.access`: a code, once, for tokens; or a refresh token for the next one."""
    del grant
    check_client(platform, args)
    if args.get("grant_type") == "refresh_token":
        return _rotated(platform, _refreshable(platform, args.get("refresh_token")))
    code = _code(platform, args)
    code.used = True
    answer: Json = {
        "app_id": platform.manifest.app_id,
        "authed_user": {"id": code.user},
        "is_enterprise_install": False,
    }
    answer |= {"team": {"id": platform.workspace.id, "name": platform.workspace.name}, "enterprise": None}
    if code.user_scopes:
        answer["authed_user"] |= _user_token(platform, code)
    if code.bot_scopes:
        answer |= _bot_token(platform, code)
    return answer


def _code(platform: Platform, args: Json) -> Code:
    code = platform.grants.codes.get(str(args.get("code")))
    if code is None:
        raise SlackError("invalid_code")
    if code.used:
        raise SlackError("code_already_used")
    if platform.now() - code.issued > CODE_LIFE:
        raise SlackError("invalid_code")
    if args.get("redirect_uri") != code.redirect_uri:
        raise SlackError("bad_redirect_uri")
    return code


def _user_token(platform: Platform, code: Code) -> Json:
    token = platform.grants.secret("xoxp-")
    platform.grants.add(Grant(token, "user", code.user, code.user_scopes))
    return {"scope": ",".join(code.user_scopes), "access_token": token, "token_type": "user"}


def _bot_token(platform: Platform, code: Code) -> Json:
    living = platform.grants.bot()
    if living is None:
        living = platform.grants.add(
            Grant(platform.grants.secret("xoxb-"), "bot", platform.workspace.bot_user, code.bot_scopes)
        )
    living.scopes = tuple(dict.fromkeys([*living.scopes, *code.bot_scopes]))
    return {
        "access_token": living.token,
        "token_type": "bot",
        "scope": ",".join(living.scopes),
        "bot_user_id": platform.workspace.bot_user,
    }


def exchange(platform: Platform, grant: Grant, args: Json) -> Json:
    """`oauth.v2.exchange`: a long-lived token for a rotating one; there is no way back."""
    del grant
    check_client(platform, args)
    return _rotated(platform, platform.grants.check(args["token"], platform.now()))


def _refreshable(platform: Platform, refresh_token: str | None) -> Grant:
    for grant in platform.grants.tokens.values():
        if refresh_token and grant.refresh_token == refresh_token and grant.dead is None:
            return grant
    raise SlackError("invalid_refresh_token")


def _rotated(platform: Platform, old: Grant) -> Json:
    grants = platform.grants
    prefix = "xoxe.xoxb-1-" if old.kind == "bot" else "xoxe.xoxp-1-"
    fresh = Grant(grants.secret(prefix), old.kind, old.user, old.scopes)
    fresh.expires_at = platform.now() + ROTATION
    fresh.refresh_token = grants.secret("xoxe-1-")
    grants.revoke(old)
    grants.add(fresh)
    return {
        "access_token": fresh.token,
        "refresh_token": fresh.refresh_token,
        "expires_in": int(ROTATION.total_seconds()),
        "token_type": fresh.kind,
        "scope": ",".join(fresh.scopes),
        "app_id": platform.manifest.app_id,
        "team": {"id": platform.workspace.id, "name": platform.workspace.name},
    }


def auth_revoke(platform: Platform, grant: Grant, args: Json) -> Json:
    """`auth.revoke`: end this token; with `test` only say that it could."""
    if args.get("test"):
        return {"revoked": False}
    revoke(platform, [grant])
    return {"revoked": True}


def apps_uninstall(platform: Platform, grant: Grant, args: Json) -> Json:
    """`apps.uninstall`: end everything, proven by the app's id and secret and one of its tokens."""
    del grant
    check_client(platform, args)
    uninstall(platform)
    return {}


METHODS = {
    "oauth.v2.access": Method(
        access, 4, "client_id! client_secret! code redirect_uri grant_type refresh_token", with_token=False
    ),
    "oauth.v2.exchange": Method(exchange, 4, "client_id! client_secret! token!", with_token=False),
    "auth.revoke": Method(auth_revoke, 3, "test:bool"),
    "apps.uninstall": Method(apps_uninstall, 1, "client_id! client_secret!"),
}
