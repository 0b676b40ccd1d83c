"""How a digest comes into a channel: with Slack's own chart, with a picture of it, or in words; how it is edited."""

from collections.abc import Mapping

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
        words = self._texts.speak(digest.edition.language)
        talks = await self._talks(address, digest.edition, digest.messages)
        plainly = editions.digest(digest.edition, words, MEMBER_NOTICE, talks)
        if is_full(digest.edition):
            found = await self._with_chart(address, plainly, digest.edition, words, mark)
            if found is not None:
                return found
        return await self._calls.post(address, plainly, mark=mark)

    async def revise(self, address: GroupAddress, revision: Revision, mark: str) -> str:
        """Edit a posted digest: chart and words say the same again; the message's `ts`.

        Raises:
            One of `Trouble`, NotInstalled.
        """
        edition, words = revision.edition, self._texts.speak(revision.edition.language)
        talks = await self._talks(address, edition, revision.messages)
        plainly = editions.digest(edition, words, MEMBER_NOTICE, talks)
        shown = editions.with_chart(plainly, edition, words) if is_full(edition) else plainly
        try:
            await self._calls.rewrite(address, revision.posted, shown, mark)
        except SlackApiError as refusal:
            if error_word(refusal) != UNKNOWN_BLOCK:
                raise
            await self._calls.rewrite(address, revision.posted, plainly, mark)
        return revision.posted

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

    async def _with_chart(
        self, address: GroupAddress, plainly: Said, edition: Edition, words: Words, mark: str
    ) -> str | None:
        """None where Slack takes neither its own chart nor a picture, so that nothing is posted yet."""
        shown: Said | None = editions.with_chart(plainly, edition, words)
        for picture in (False, True):
            if picture:
                shown = await self._with_picture(address.workspace, plainly, edition, words)
            try:
                if shown is not None:
                    return await self._calls.post(address, shown, mark=mark)
            except SlackApiError as refusal:
                if error_word(refusal) != UNKNOWN_BLOCK:
                    raise
        return None

    async def _with_picture(self, workspace: str, plainly: Said, edition: Edition, words: Words) -> Said | None:
        """The chart as an uploaded picture, where the workspace granted that; a failed upload is done without."""
        if FILES not in await self._calls.scopes(workspace):
            return None
        alt = told(edition, words)
        try:
            file = await self._calls.upload(workspace, f"{edition.week}.png", png(chart(edition, words)), alt)
        except Trouble:
            return None
        return editions.with_picture(plainly, file, alt)

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
