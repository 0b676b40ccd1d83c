"""Slack's Web API, as far as we use it, with each workspace's own token and one shared HTTP session."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bots.slack.installs import Installs, NotInstalled
from bots.slack.render import Block, Said
from bots.slack.rewrite import Rewritten
from bots.slack.trouble import Trouble
from core.errors import PlatformUnavailable
from core.model import Account, GroupAddress

PUBLIC_API = "https://slack.com/api/"
ANSWER_WITHIN = 10.0
"""Seconds for a whole call; well inside the lease of a posting."""
PAGE = 200
PAGES_AT_MOST = 5

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Channel:
    """What Slack says about a channel, as far as we ask."""

    name: str
    creator: Account | None
    shared: bool
    """With another workspace (Slack Connect)."""
    members: int


@dataclass(frozen=True, slots=True)
class Person:
    """What Slack says about a person, as far as we ask."""

    language: str
    runs_workspace: bool
    is_bot: bool = False


NOBODY = Person("en", runs_workspace=False)


def open_client(session: aiohttp.ClientSession, api_url: str = PUBLIC_API) -> AsyncWebClient:
    """The Web API over a session of ours: no token of its own, no retries, no bodies in any log.

    Args:
        session: shared by all calls; the caller closes it at shutdown.
        api_url: up to and including `/api/`.
    """
    return AsyncWebClient(base_url=api_url, session=session, retry_handlers=[], logger=quiet_logger())


def open_session() -> aiohttp.ClientSession:
    """The session for `open_client`; must be opened inside the running loop."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN))


def quiet_logger() -> logging.Logger:
    """A logger for the libraries: below WARNING they would print what people wrote, and build the text even unasked."""
    logger = logging.getLogger("bots.slack.library")
    logger.setLevel(logging.WARNING)
    return logger


class Calls:
    """The calls we make.

    Args:
        client: as `open_client` made it.
        installs: whose token to speak with.
    """

    def __init__(self, client: AsyncWebClient, installs: Installs) -> None:
        self._client = client
        self._installs = installs

    async def token(self, workspace: str) -> str:
        """The bot's token in a workspace.

        Raises:
            NotInstalled: there is none.
        """
        found = await self._installs.of(workspace)
        if found is None:
            raise NotInstalled
        return found.token.get_secret_value()

    async def bot(self, workspace: str) -> Account | None:
        """The account we speak as in a workspace."""
        found = await self._installs.of(workspace)
        return found.bot if found else None

    # Each of these raises one of `Trouble`, or NotInstalled ---------------------------------------------------------

    async def post(
        self, address: GroupAddress, said: Said, *, thread: str | None = None, mark: str | None = None
    ) -> str:
        """Post once into a channel, or under a message of it; the message's `ts`."""
        metadata = {"event_type": "penumbra", "event_payload": {"key": mark}} if mark else None
        blocks = [dict(block) for block in said.blocks]
        if mark:
            # apps may be handed a history without metadata; block ids are always in it
            blocks[0]["block_id"] = _block_id(mark)
        answer = await self._client.chat_postMessage(
            channel=address.conversation,
            text=said.text,
            blocks=blocks,
            thread_ts=thread,
            metadata=metadata,
            unfurl_links=False,
            unfurl_media=False,
            token=await self.token(address.workspace),
        )
        return str(answer["ts"])

    async def whisper(self, address: GroupAddress, account: Account, said: Said, thread: str | None = None) -> str:
        """Say something in a channel, or in a thread of it, that one member alone sees; its `ts`."""
        answer = await self._client.chat_postEphemeral(
            channel=address.conversation,
            user=account,
            text=said.text,
            blocks=list(said.blocks),
            thread_ts=thread,
            token=await self.token(address.workspace),
        )
        return str(answer["message_ts"])

    async def rewrite(self, address: GroupAddress, message: str, said: Said, mark: str) -> None:
        """Put something else into a message of ours; its mark stays on it."""
        blocks = [dict(block) for block in said.blocks]
        blocks[0]["block_id"] = _block_id(mark)
        await self._client.chat_update(
            channel=address.conversation,
            ts=message,
            text=said.text,
            blocks=blocks,
            token=await self.token(address.workspace),
        )

    async def permalink(self, address: GroupAddress, message: str) -> str:
        """The address of a message, as long as it is there."""
        token = await self.token(address.workspace)
        answer = await self._client.chat_getPermalink(channel=address.conversation, message_ts=message, token=token)
        return str(answer["permalink"])

    async def upload(self, workspace: str, name: str, content: bytes, alt: str) -> str:
        """Upload a picture that no channel sees before a message shows it; its id.

        Source: https://docs.slack.dev/messaging/working-with-files#uploading_files
        """
        token = await self.token(workspace)
        asked = await self._client.files_getUploadURLExternal(
            filename=name, length=len(content), alt_txt=alt[:1000], token=token
        )
        session = self._client.session
        if session is None:
            raise NotInstalled
        async with session.post(str(asked["upload_url"]), data=content) as answer:
            answer.raise_for_status()
        file = str(asked["file_id"])
        await self._client.files_completeUploadExternal(files=[{"id": file, "title": name}], token=token)
        return file

    async def scopes(self, workspace: str) -> frozenset[str]:
        """What the workspace granted us."""
        found = await self._installs.of(workspace)
        return found.scopes if found else frozenset()

    async def marked(self, address: GroupAddress, mark: str, *, thread: str | None = None) -> str | None:
        """The `ts` of our own message that carries a mark, among the latest of a channel or in a thread."""
        asked: dict[str, Any] = {"channel": address.conversation, "limit": PAGE, "include_all_metadata": True}
        asked["token"] = await self.token(address.workspace)
        for _ in range(PAGES_AT_MOST):
            if thread is None:
                answer = await self._client.conversations_history(**asked)
            else:
                answer = await self._client.conversations_replies(ts=thread, **asked)
            found = [message for message in answer.get("messages") or [] if _carries(message, mark)]
            asked["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if found or not asked["cursor"]:
                return str(found[0]["ts"]) if found else None
        return None

    async def message(self, address: GroupAddress, message: str, thread: str) -> Json | None:
        """A message as it stands now; None when it is gone."""
        answer = await self._client.conversations_replies(
            channel=address.conversation,
            ts=thread,
            oldest=message,
            latest=message,
            inclusive=True,
            limit=PAGE,
            token=await self.token(address.workspace),
        )
        return next((each for each in answer.get("messages") or [] if each.get("ts") == message), None)

    async def edit(self, address: GroupAddress, message: str, wanted: Rewritten, token: SecretStr) -> None:
        """Edit somebody's message with their own token. `parse` is given, or Slack would escape our links."""
        await self._client.chat_update(
            channel=address.conversation,
            ts=message,
            text=wanted.text,
            blocks=list(wanted.blocks) or None,
            parse="none",
            token=token.get_secret_value(),
        )

    async def revoke(self, token: SecretStr) -> None:
        """End somebody's own token, with that token."""
        await self._client.auth_revoke(token=token.get_secret_value())

    async def open(self, workspace: str, trigger: str, view: Json) -> str:
        """Open a modal for whoever pulled the trigger, at most three seconds ago; its id."""
        answer = await self._client.views_open(trigger_id=trigger, view=dict(view), token=await self.token(workspace))
        return str(answer["view"]["id"])

    async def refill(self, workspace: str, view_id: str, view: Json) -> None:
        """Show something else in an open modal."""
        await self._client.views_update(view_id=view_id, view=dict(view), token=await self.token(workspace))

    async def channel(self, address: GroupAddress) -> Channel:
        """What Slack says about a channel."""
        answer = await self._client.conversations_info(
            channel=address.conversation, include_num_members=True, token=await self.token(address.workspace)
        )
        found = answer["channel"]
        creator = found.get("creator")
        return Channel(
            name=str(found.get("name") or ""),
            creator=Account(creator) if creator else None,
            shared=bool(found.get("is_ext_shared")),
            members=int(found.get("num_members") or 0),
        )

    async def person(self, workspace: str, account: Account) -> Person:
        """What Slack says about a person. Somebody from another workspace runs nothing in this one."""
        answer = await self._client.users_info(user=account, include_locale=True, token=await self.token(workspace))
        found = answer["user"]
        at_home = found.get("team_id") in {None, workspace} and not found.get("deleted")
        runs = bool(found.get("is_admin") or found.get("is_owner"))
        language, is_bot = str(found.get("locale") or "en"), bool(found.get("is_bot"))
        return Person(language, runs_workspace=at_home and runs, is_bot=is_bot)

    async def channels_of(self, workspace: str, account: Account) -> dict[str, Account | None]:
        """The channels that a person and we share, each with its creator; archived ones too, for they may come back."""
        asked: dict[str, Any] = {"user": account, "types": "public_channel,private_channel", "limit": PAGE}
        asked["token"] = await self.token(workspace)
        found: dict[str, Account | None] = {}
        for _ in range(PAGES_AT_MOST):
            answer = await self._client.users_conversations(**asked)
            for channel in answer.get("channels") or []:
                found[str(channel["id"])] = Account(channel["creator"]) if channel.get("creator") else None
            asked["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if not asked["cursor"]:
                break
        return found

    async def publish(self, workspace: str, account: Account, blocks: Sequence[Block]) -> None:
        """Put something on a person's App Home."""
        view = {"type": "home", "blocks": list(blocks)}
        await self._client.views_publish(user_id=account, view=view, token=await self.token(workspace))

    async def unfurl(self, address: GroupAddress, message: str, unfurls: Mapping[str, Sequence[Block]]) -> None:
        """Show what links of ours lead to, under the message that holds them."""
        shown = {url: {"blocks": list(blocks)} for url, blocks in unfurls.items()}
        token = await self.token(address.workspace)
        await self._client.chat_unfurl(channel=address.conversation, ts=message, unfurls=shown, token=token)

    async def language(self, workspace: str, account: Account) -> str:
        """A person's language, English when Slack can't say: an answer in English is better than none."""
        try:
            return (await self.person(workspace, account)).language
        except (*Trouble, NotInstalled):
            return NOBODY.language

    async def answer(self, response_url: str, said: Said, *, replace: bool = False) -> None:
        """Answer a button, to the presser alone; or put something else in the place of its message.

        Raises:
            PlatformUnavailable: the answer did not get through.
        """
        webhook = AsyncWebhookClient(
            response_url, session=self._client.session, retry_handlers=[], logger=quiet_logger()
        )
        how: dict[str, Any] = {"replace_original": replace}
        if not replace:
            how["response_type"] = "ephemeral"
        try:
            answer = await webhook.send(
                text=said.text, blocks=list(said.blocks), unfurl_links=False, unfurl_media=False, **how
            )
        except (aiohttp.ClientError, TimeoutError) as trouble:
            raise PlatformUnavailable from trouble
        if answer.status_code != 200:
            raise PlatformUnavailable


def _block_id(mark: str) -> str:
    return f"penumbra-{mark}"


def _carries(message: Json, mark: str) -> bool:
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, Mapping) else None
    if isinstance(payload, Mapping) and payload.get("key") == mark:
        return True
    return any(block.get("block_id") == _block_id(mark) for block in message.get("blocks") or [])
