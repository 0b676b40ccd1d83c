"""Who is who: `auth.test`, `users.info`, `team.info`, `bots.info`."""

from zoneinfo import ZoneInfo

from playground.slack.errors import SlackError
from playground.slack.grants import Grant
from playground.slack.methods.spec import Method
from playground.slack.platform import Platform
from playground.slack.state import Json
from playground.slack.wire import bot_profile, user_json


def auth_test(platform: Platform, grant: Grant, args: Json) -> Json:
    """`auth.test`: whose token this is."""
    del args
    workspace = platform.workspace
    answer: Json = {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": workspace.accounts[grant.user].handle,
        "team_id": workspace.id,
        "user_id": grant.user,
        "is_enterprise_install": False,
    }
    return answer | ({"bot_id": workspace.bot_id} if grant.kind == "bot" else {})


def users_info(platform: Platform, grant: Grant, args: Json) -> Json:
    """`users.info`; the locale only when asked for."""
    del grant
    account = platform.workspace.accounts.get(args["user"])
    if account is None:
        raise SlackError("user_not_found")
    away = platform.now().astimezone(ZoneInfo(account.tz)).utcoffset()
    offset = 0 if away is None else int(away.total_seconds())
    asked = bool(args.get("include_locale"))
    return {"user": user_json(account, platform.workspace, with_locale=asked, offset=offset)}


def team_info(platform: Platform, grant: Grant, args: Json) -> Json:
    """`team.info` of this workspace."""
    del grant
    workspace = platform.workspace
    if args.get("team") not in {None, workspace.id}:
        raise SlackError("team_not_found")
    return {
        "team": {
            "id": workspace.id,
            "name": workspace.name,
            "domain": workspace.domain,
            "email_domain": "",
            "url": f"https://{workspace.domain}.slack.com/",
            "icon": {"image_default": True},
        }
    }


def bots_info(platform: Platform, grant: Grant, args: Json) -> Json:
    """`bots.info` of the app's bot."""
    del grant
    if args.get("bot") != platform.workspace.bot_id:
        raise SlackError("bot_not_found")
    profile = bot_profile(platform.workspace, platform.manifest)
    return {"bot": profile | {"user_id": platform.workspace.bot_user}}


METHODS = {
    "auth.test": Method(auth_test, 4, ""),
    "users.info": Method(users_info, 4, "user! include_locale:bool", ("users:read",)),
    "team.info": Method(team_info, 3, "team domain", ("team:read",)),
    "bots.info": Method(bots_info, 3, "bot team_id", ("users:read",)),
}
