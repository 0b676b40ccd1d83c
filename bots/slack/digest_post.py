"""How a digest comes into a channel: with Slack's own chart, with a picture of it, or in words; how it is edited."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

from bots.slack import editions
from bots.slack.calls import Calls
from bots.slack.editions import Talks
from bots.slack.installs import FILES
from bots.slack.render import Said
from bots.slack.trouble import Trouble, error_word
from core.editions import is_full
from core.model import Digest, Edition, GroupAddress, LinkId, Outcome, Question, Refused, Revision, Sent
from texts.catalogue import Texts, Words
from texts.notices import MEMBER_NOTICE
from texts.pictures import chart, png, told

UNKNOWN_BLOCK = "invalid_blocks"
NOT_THERE = frozenset({"user_not_in_channel", "channel_not_found", "not_in_channel"})


Put = Callable[[Said], Awaitable[str]]
"""Puts a digest where it belongs; the message's `ts`."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """An edition in its words, and what a chart of it is drawn from."""

    workspace: str
    edition: Edition
    words: Words
    plainly: Said


class DigestPost:
    """Posts and edits editions.

    Args:
        calls: the Web API.
        texts: every language's words.
    """

    def __init__(self, calls: Calls, texts: Texts) -> None:
        self._calls = calls
        self._texts = texts

    async def post(self, address: GroupAddress, digest: Digest, mark: str) -> str:
        """Post once; the message's `ts`. Only a refusal of the blocks themselves is tried again, with plainer ones.

        Raises:
            One of `Trouble`, NotInstalled.
        """
        shown = await self._shown(address, digest.edition, digest.messages)

        async def put(said: Said) -> str:
            return await self._calls.post(address, said, mark=mark)

        return await self._richest(shown, put)

    async def revise(self, address: GroupAddress, revision: Revision, mark: str) -> str:
        """Edit a posted digest: chart and words say the same again; the message's `ts`.

        Raises:
            One of `Trouble`, NotInstalled.
        """
        shown = await self._shown(address, revision.edition, revision.messages)

        async def put(said: Said) -> str:
            await self._calls.rewrite(address, revision.posted, said, mark)
            return revision.posted

        return await self._richest(shown, put)

    async def ask(self, address: GroupAddress, question: Question) -> Outcome:
        """Ask whoever made the channel, for them alone to see: nobody keeps a list of admins.

        Raises:
            One of `Trouble`, NotInstalled.
        """
        creator = (await self._calls.channel(address)).creator
        if creator is None:
            return Refused("no private way")
        words = self._texts.speak(await self._calls.language(address.workspace, creator))
        try:
            return Sent(await self._calls.whisper(address, creator, editions.question(question, words)))
        except SlackApiError as refusal:
            if error_word(refusal) in NOT_THERE:
                return Refused("no private way")
            raise

    async def _shown(self, address: GroupAddress, edition: Edition, messages: Mapping[LinkId, str]) -> _Shown:
        words, talks = self._texts.speak(edition.language), await self._talks(address, edition, messages)
        return _Shown(address.workspace, edition, words, editions.digest(edition, words, MEMBER_NOTICE, talks))

    async def _richest(self, shown: _Shown, put: Put) -> str:
        """Slack's own chart, a picture where that is refused, words alone where that is too: nothing is put twice."""
        for drawn in (self._with_chart, self._with_picture) if is_full(shown.edition) else ():
            said = await drawn(shown)
            found = await _unless_refused(put, said) if said is not None else None
            if found is not None:
                return found
        return await put(shown.plainly)

    async def _with_chart(self, shown: _Shown) -> Said | None:
        return editions.with_chart(shown.plainly, shown.edition, shown.words)

    async def _with_picture(self, shown: _Shown) -> Said | None:
        """The chart as an uploaded picture, where the workspace granted that; a failed upload is done without."""
        if FILES not in await self._calls.scopes(shown.workspace):
            return None
        edition, words = shown.edition, shown.words
        alt, drawn = told(edition, words), png(chart(edition, words))
        try:
            file = await self._calls.upload(shown.workspace, f"{edition.week}.png", drawn, alt)
        except Trouble:
            return None
        return editions.with_picture(shown.plainly, file, alt)

    async def _talks(self, address: GroupAddress, edition: Edition, messages: Mapping[LinkId, str]) -> Talks:
        """Addresses of the messages that are still there. One that can't be had now is left out."""
        found = {}
        for each in edition.entries:
            message = messages.get(each.link)
            talk = await self._permalink(address, message) if message else None
            if talk:
                found[each.link] = talk
        return found

    async def _permalink(self, address: GroupAddress, message: str) -> str | None:
        try:
            return await self._calls.permalink(address, message)
        except Trouble:
            return None


async def _unless_refused(put: Put, said: Said) -> str | None:
    """What `put` says; None where Slack does not know a block, so that nothing was put."""
    try:
        return await put(said)
    except SlackApiError as refusal:
        if error_word(refusal) != UNKNOWN_BLOCK:
            raise
        return None
