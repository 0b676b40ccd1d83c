"""Table of contents: which delivery of Slack goes to which handler.

Wiring: `open_session` → `open_client` → an `Installs` (`introduce` and `OneWorkspace`, or `ManyWorkspaces`) → `Calls` →
`SlackMessenger` → core's services → `build_app` → `SlackEndpoint`, mounted at `/slack/events`.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack import editions, forms
from bots.slack.belonging import Belonging
from bots.slack.calls import quiet_logger
from bots.slack.choosing import Choosing
from bots.slack.commands import Commands
from bots.slack.concern import Concern
from bots.slack.digest_presses import DigestPresses
from bots.slack.edge import Apologies, BotOnly, OnlyWhatConcernsUs
from bots.slack.handlers import Body, Desk, Telling
from bots.slack.home import Home
from bots.slack.modals import Modals
from bots.slack.papers import Papers
from bots.slack.reactions import Reactions
from bots.slack.sharing import Sharing

Handler = Callable[[Body], Awaitable[BoltResponse | None]]
Answering = Callable[[Body], Awaitable[BoltResponse]]

COMMAND = "/links"
SHORTCUT = "shorten_message"
GLOBAL_SHORTCUT = "share_link"
ANY_BUTTON = re.compile(".*", re.DOTALL)


def build_app(client: AsyncWebClient, desk: Desk) -> AsyncApp:
    """Build the Bolt app. Its deliveries must come through `SlackEndpoint`, which has checked their signatures.

    Handlers run before the answer, so that what is acknowledged has been written down.

    Args:
        client: as `open_client` made it.
        desk: what the handlers have at hand.
    """
    app = AsyncApp(
        name="penumbra",
        logger=quiet_logger(),
        client=client,
        signing_secret="checked by SlackEndpoint",  # noqa: S106 - no secret: Bolt only wants some text here
        # Bolt's annotation forgets that its own authorizers may find nothing
        authorize=cast("Callable[..., Awaitable[AuthorizeResult]]", BotOnly(desk.installs)),
        before_authorize=OnlyWhatConcernsUs(Concern(desk.services.consent.hear)),
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        user_facing_authorize_error_message=desk.texts.speak(None).say("slack.not_installed"),
    )
    for event, handler in events(desk).items():
        app.event(event)(handler)
    for action, handler in buttons(desk).items():
        app.action(action)(_acknowledged(handler))
    telling = Telling(desk)
    for callback, answering in forms_filled(desk).items():
        app.view(callback)(answering)
    app.shortcut(SHORTCUT)(_acknowledged(Sharing(desk).on_shorten))
    app.shortcut(GLOBAL_SHORTCUT)(_acknowledged(Modals(desk).on_share))
    app.action(ANY_BUTTON)(_acknowledged(telling.on_stale))
    app.command(COMMAND)(Commands(desk).on_command)
    app.error(Apologies(desk.calls, desk.texts).on_error)
    return app


def events(desk: Desk) -> Mapping[str, Handler]:
    """Every event we subscribe to; the manifest lists the same."""
    sharing, belonging, reactions = Sharing(desk), Belonging(desk), Reactions(desk.services.reactions)
    return {
        "message": sharing.on_message,
        "reaction_added": reactions.on_reaction,
        "reaction_removed": reactions.on_reaction,
        "link_shared": sharing.on_own_link,
        "app_home_opened": Home(desk).on_opened,
        "member_joined_channel": belonging.on_joined,
        "member_left_channel": belonging.on_member_left,
        "channel_left": belonging.on_removed,
        "group_left": belonging.on_removed,
        "channel_deleted": belonging.on_removed,
        "group_deleted": belonging.on_removed,
        "channel_id_changed": belonging.on_moved,
        "channel_shared": belonging.on_shared,
        "channel_unshared": belonging.on_unshared,
        "app_uninstalled": belonging.on_uninstalled,
        "tokens_revoked": belonging.on_revoked,
    }


def buttons(desk: Desk) -> Mapping[str, Handler]:
    """Every button and menu by its `action_id`."""
    return {**_in_channels(desk), **_at_home(desk)}


def _in_channels(desk: Desk) -> Mapping[str, Handler]:
    choosing, sharing, telling, digests = Choosing(desk), Sharing(desk), Telling(desk), DigestPresses(desk)
    return {
        "enable": choosing.on_enable,
        "member_yes": choosing.on_yes,
        "member_shares": choosing.on_yes_shares,
        "member_no": choosing.on_no,
        "privacy": telling.on_privacy,
        editions.ENTRY: digests.on_entry,
        editions.ALL: digests.on_all,
        editions.OPTIONS: digests.on_settings,
        editions.GO_ON: digests.on_go_on,
        editions.PAUSE: digests.on_pause,
        "receipt": Papers(desk).on_receipt,
        "undo": sharing.on_undo,
        "fact_check": sharing.on_fact_check,
    }


def _at_home(desk: Desk) -> Mapping[str, Handler]:
    home, modals, papers = Home(desk), Modals(desk), Papers(desk)
    return {
        "home_no": home.on_no,
        "home_enable": home.on_enable,
        "home_language": home.on_language,
        "home_keep_out": home.on_keep_out,
        "home_mine": modals.on_mine,
        "home_pause": modals.on_pause,
        "home_settings": modals.on_settings,
        "home_preview": modals.on_preview,
        "home_connect": modals.on_connect,
        "home_mydata": papers.on_mydata_at_home,
        "home_receipt": papers.on_receipt_at_home,
        "home_pages": papers.on_pages,
    }


def forms_filled(desk: Desk) -> Mapping[str, Answering]:
    """What is done with a modal that was filled in, by its `callback_id`."""
    modals = Modals(desk)
    return {
        forms.SHARE: modals.on_shared,
        forms.SETTINGS: modals.on_settled,
        forms.PAUSE: modals.on_paused,
        forms.MINE: modals.on_chosen,
    }


def _acknowledged(handler: Handler) -> Callable[[Body], Awaitable[BoltResponse]]:
    """A handler of presses: Slack wants an empty 200 and nothing else."""

    async def handle(body: Body) -> BoltResponse:
        await handler(body)
        return BoltResponse(status=200)

    return handle
