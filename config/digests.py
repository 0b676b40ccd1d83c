"""What an operator may see of a group's digest before it is posted."""

from functools import partial

import structlog

from bots.slack import editions as on_slack
from bots.telegram import editions as on_telegram
from config.keys import beside
from config.settings import Settings
from core.digests import upcoming
from core.errors import UnknownGroup
from core.listed import names_of
from core.model import Edition, GroupId, Missed, Platform
from core.ports import Now
from core.urls import UrlRules
from texts.catalogue import Texts
from texts.notices import MEMBER_NOTICE

_log = structlog.get_logger("penumbra.digests")


def tell_missed(group: GroupId, missed: Missed) -> None:
    """Log a digest that is skipped, by our own ids."""
    _log.warning("digest_missed", group=group, week=missed.week, why=missed.why)


async def dry_run(settings: Settings, group_id: GroupId, now: Now) -> str | None:
    """The next digest of a group as its platform would get it, nothing frozen and nothing posted; None for no links.

    Args:
        settings: which database, which key.
        group_id: our own id of the group, as in the logs.
        now: the clock.

    Raises:
        UnknownGroup: there is none of this id.
    """
    async with beside(settings) as storage, storage.transaction() as records:
        group = await records.groups.get(group_id)
        if group is None:
            raise UnknownGroup(f"there is no group {group_id}", which="id", group=group_id)
        listed_as = partial(names_of, rules=UrlRules.load())
        draft = await upcoming(records, group, now(), settings.public_url, listed_as)
    return None if draft is None else shown(draft.edition, group.address.platform)


def shown(edition: Edition, platform: Platform) -> str:
    """The words of an edition on its platform: Telegram's HTML, or what Slack reads aloud."""
    words = Texts.load().speak(edition.language)
    if platform is Platform.TELEGRAM:
        return on_telegram.digest(edition, words)
    return on_slack.digest(edition, words, MEMBER_NOTICE).text
