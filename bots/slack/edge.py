"""The edge: what is let in at all, as whom, and what a person or Slack is told when something went wrong."""

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bots.slack import parse, parse_acts, parse_views, render
from bots.slack.calls import NOBODY, Calls
from bots.slack.concern import ASKED, Concern
from bots.slack.installs import Installs, NotInstalled
from bots.slack.render import Said
from bots.slack.trouble import Trouble, error_word
from core.errors import IntakeFull, PenumbraError, PlatformUnavailable, StorageUnavailable
from core.model import Account, GroupAddress, Platform
from texts.catalogue import Texts
from texts.troubles import TROUBLES

WORDS: Mapping[type[Exception], str] = {**TROUBLES, NotInstalled: "slack.not_installed"}
SLACK_SAYS: Mapping[str, str] = {
    "missing_scope": "slack.error.missing_scope",
    "no_permission": "slack.error.missing_scope",
    "not_allowed_token_type": "slack.error.missing_scope",
    "expired_trigger_id": "slack.error.too_late",
    "exchanged_trigger_id": "slack.error.too_late",
    "not_in_channel": "slack.error.not_in_channel",
    "channel_not_found": "slack.error.not_in_channel",
    "is_archived": "slack.error.archived",
}
"""What a person can do about a refusal of Slack's; by everything else they can only wait."""
DELIVER_AGAIN = (StorageUnavailable, IntakeFull, PlatformUnavailable, *Trouble)
"""What may be better in a minute: Slack sends an event up to three times more."""


class OnlyWhatConcernsUs(AsyncMiddleware):
    """Acknowledges unread what is not for us: Bolt asks this first, so that the rest of it is left to what is.

    Args:
        concern: says what is for us; not asked again about what came through `SlackEndpoint`, which has.
    """

    def __init__(self, concern: Concern) -> None:
        self._concern = concern

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's
    ) -> BoltResponse | None:
        """See Bolt's middleware."""
        if ASKED not in req.context and not await self._concern(req.body):
            return BoltResponse(status=200)
        await next()
        return None


class BotOnly(AsyncAuthorize):
    """Says to Bolt who we are in a workspace: the bot alone, known beforehand.

    Args:
        installs: our installations.
    """

    def __init__(self, installs: Installs) -> None:
        self._installs = installs

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult | None:
        """The bot's ids and token in a workspace; None where we are not installed."""
        found = await self._installs.of(team_id) if team_id else None
        if found is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=found.bot_id,
            bot_user_id=found.bot,
            bot_token=found.token.get_secret_value(),
        )


class Apologies:
    """The one place where an error becomes words for the person concerned, or a status for Slack.

    Args:
        calls: the Web API, to answer buttons with.
        texts: every language's words.
    """

    def __init__(self, calls: Calls, texts: Texts) -> None:
        self._calls = calls
        self._texts = texts

    async def on_error(self, error: Exception, body: dict[str, Any]) -> BoltResponse:
        """Answer for whatever a handler raised."""
        if body.get("type") == "event_callback":
            return answer_to_event(error)
        _log(error)
        command = parse_acts.command(body)
        if command is None:
            await self._answer_a_press(error, body)
            return BoltResponse(status=200)
        said = await self._sorry(error, command.address.workspace, command.account)
        return BoltResponse(status=200, body={"response_type": "ephemeral", **said.fields()})

    async def _answer_a_press(self, error: Exception, body: dict[str, Any]) -> None:
        press, home, chosen = parse_acts.press(body), parse_acts.home_press(body), parse.chosen(body)
        pulled = parse_views.pulled(body)
        try:
            if home is not None:
                said = await self._sorry(error, home.address.workspace, home.account)
                await self._calls.publish(home.address.workspace, home.account, said.blocks)
            elif press is not None and press.response_url:
                said = await self._sorry(error, press.address.workspace, press.account)
                await self._calls.answer(press.response_url, said)
            elif chosen is not None and chosen.response_url:
                said = await self._sorry(error, chosen.said.address.workspace, chosen.said.account)
                await self._calls.answer(chosen.response_url, said)
            elif pulled is not None:  # a shortcut from anywhere: only our own conversation is left to say it in
                alone = GroupAddress(Platform.SLACK, pulled.workspace, pulled.account)
                await self._calls.post(alone, await self._sorry(error, pulled.workspace, pulled.account))
        except (PlatformUnavailable, NotInstalled, *Trouble) as unheard:
            _log(unheard)

    async def _sorry(self, error: Exception, workspace: str, account: Account) -> Said:
        try:
            language = await self._calls.language(workspace, account)
        except StorageUnavailable:
            language = NOBODY.language
        return render.said(self._texts.speak(language).say(words_for(error)))


def words_for(error: Exception) -> str:
    """The id of the sentence that says what to do about an error."""
    if isinstance(error, Trouble):
        return SLACK_SAYS.get(error_word(error), WORDS[PlatformUnavailable])
    return WORDS.get(type(error), "slack.unexpected")


def answer_to_event(error: Exception) -> BoltResponse:
    """503 asks Slack to deliver again; what we can name and can't mend is done with; a fault of ours is a 500."""
    _log(error)
    if isinstance(error, DELIVER_AGAIN):
        return BoltResponse(status=503)
    return BoltResponse(status=200 if isinstance(error, PenumbraError) else 500)


def _log(error: Exception) -> None:
    """Say what happened and where, without the message of a stranger's exception: it may quote what somebody wrote."""
    level = logging.INFO if isinstance(error, (PenumbraError, *Trouble)) else logging.ERROR
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    where = f"{frame[0].name}:{frame[0].lineno}" if frame else ""
    logging.getLogger(__name__).log(level, "slack_delivery_failed %s %s", type(error).__name__, where)
