"""What `penumbra doctor` finds in each group: when its next digest comes, and what the bot may do there on Telegram."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bots.telegram.errors import TokenRefused
from bots.telegram.standing import Standing, standing_in
from bots.telegram.tokens import bot_of
from config.findings import Finding, Level, about, name
from config.settings import Settings
from core.errors import PlatformUnavailable
from core.model import Group, GroupState, Platform, Taking
from storage.roster import OnTheList, roster
from storage.sql import SqlStorage

TOLD_AT_MOST = 50
"""Groups, those whose digest comes first; each on Telegram costs a question there."""
LATE = timedelta(minutes=15)


async def look_at_groups(settings: Settings, storage: SqlStorage, now: datetime) -> list[Finding]:
    """A line for each group, and one more for each that the bot can't serve as its admins chose."""
    number, listed = await roster(storage, TOLD_AT_MOST)
    found = [Finding(Level.FINE, name("groups"), about("told", n=number, told=len(listed)))]
    found += [_next_run(each, now) for each in listed]
    return [*found, *await _rights(settings, [each.group for each in listed if each.group is not None])]


def _next_run(each: OnTheList, now: datetime) -> Finding:
    what = name("group", id=each.id)
    if each.group is None:
        return Finding(Level.RED, what, about("group.unreadable"), about("group.unreadable.mend"))
    if each.state is not GroupState.ENABLED or each.due_at is None:
        return Finding(Level.FINE, what, about("group.idle", state=about(f"group.state.{each.state}")))
    if now - each.due_at > LATE:
        return Finding(Level.RED, what, about("group.late", at=each.due_at), about("digest_role.mend"))
    return Finding(Level.FINE, what, about("group.next", at=each.due_at))


async def _rights(settings: Settings, groups: Sequence[Group]) -> list[Finding]:
    token, url = settings.telegram_token, settings.telegram_api_url
    served = {GroupState.ENABLED, GroupState.PAUSED}
    asked = [each for each in groups if each.address.platform is Platform.TELEGRAM and each.state in served]
    if token is None or not asked:
        return []
    try:
        sees_all = (await bot_of(token, url)).sees_all
        found = await standing_in(token, url, [each.address.conversation for each in asked])
    except (TokenRefused, PlatformUnavailable):
        return []  # its own line tells of that already
    return [_right(each, found, sees_all=sees_all) for each in asked]


def _right(group: Group, found: Mapping[str, Standing], *, sees_all: bool) -> Finding:
    what, here = name("rights", id=group.id), found[group.address.conversation]
    if not here.is_there:
        return Finding(Level.RED, what, about("rights.gone"), about("rights.gone.mend"))
    if not (here.is_admin or sees_all):
        return Finding(Level.RED, what, about("rights.deaf"), about("rights.deaf.mend"))
    if group.taking is Taking.REPLACE and not here.may_delete:
        return Finding(Level.ODD, what, about("rights.no_delete"), about("rights.no_delete.mend"))
    return Finding(Level.FINE, what, about("rights.admin") if here.is_admin else about("rights.member"))
