"""Signing in to the pages without a password: the bot hands a person a link that works once and soon goes bad.

Whoever has the link is taken for the person it was made for, so a bot gives it to that person alone. Nobody's name is
known here: a pass says which account, and in which groups the bot had met it. What an admin may do is asked of the
platform anew for every page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from core.errors import NotAnAdmin, SignInOver, UnknownGroup
from core.model import Group, GroupAddress, GroupId, GroupState, Pass, PassKind, Person, Platform
from core.ports import Now, Records, Roles, Storage

LINK_LIVES = timedelta(minutes=10)
SESSION_LIVES = timedelta(hours=8)
"""A day's work; also how long somebody who left a group may go on reading its past editions."""
SHOWN_AT_MOST = 100
"""Groups of one workspace whose admins are asked for one page."""

NewSecret = Callable[[], str]
"""At least 128 random bits, in characters that may stand in an address."""


class Goal(StrEnum):
    """What a link leads to."""

    SETTINGS = "settings"
    EDITIONS = "editions"


@dataclass(frozen=True, slots=True)
class SignInOutside:
    """What signing in needs from outside."""

    storage: Storage
    roles: Mapping[Platform, Roles]
    now: Now
    new_secret: NewSecret
    public_url: str


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in: the secret that their browser keeps, and what it opens."""

    secret: str
    holder: Pass


class SignInService:
    """One-time links, sessions, and what a signed-in person may see.

    Args:
        outside: storage, the platforms' live roles, clock, randomness, the address that links begin with.
    """

    def __init__(self, outside: SignInOutside) -> None:
        self._outside = outside

    async def link_for(self, person: Person, at: GroupAddress | None = None, to: Goal = Goal.SETTINGS) -> str:
        """A sign-in link for one person: works once, within ten minutes. The whole address, for a button or a text.

        For the bots: answer `/settings` (Telegram) and the App Home's button (Slack) with it, where nobody but the
        person can read it (a private chat, an ephemeral, their App Home), with the texts `signin.body` and
        `signin.button`; for past editions `signin.editions_body` and `signin.editions_button`. Link previews may be
        on: opening the page uses nothing up, only its button does.

        Args:
            person: who asked, as the platform vouches for in this very update.
            at: the group it was asked from. Give it only when the update itself shows that this person is in that
                group: it opens the group's past editions to them. Telegram's groups are listed only so; of a Slack
                workspace every channel is looked at.
            to: where signing in leads; `Goal.EDITIONS` needs `at`.
        """
        async with self._outside.storage.transaction() as records:
            group = await records.groups.at(at) if at is not None and person.is_of(at) else None
            known = frozenset() if group is None else frozenset({group.id})
            holder = Pass(person, known, group.id if group is not None and to is Goal.EDITIONS else None)
            secret = await self._issue(records, PassKind.LINK, holder, LINK_LIVES)
        return f"{self._outside.public_url.rstrip('/')}/in/{secret}"

    async def look_at(self, secret: str) -> Pass:
        """What a link would open, without using it up: previews and careful people look first.

        Raises:
            SignInOver: used, too old, or never made.
        """
        async with self._outside.storage.reading() as records:
            return _there(await records.passes.get(PassKind.LINK, secret))

    async def enter(self, secret: str, before: str | None = None) -> Session:
        """Use a link up and begin a session.

        Args:
            secret: the link's.
            before: a session of the same browser: it ends, and its groups come along if it was the same person's.

        Raises:
            SignInOver: as for `look_at`.
        """
        async with self._outside.storage.transaction() as records:
            holder = _there(await records.passes.take(PassKind.LINK, secret))
            earlier = await records.passes.take(PassKind.SESSION, before) if before else None
            kept = earlier.groups if earlier is not None and earlier.person == holder.person else frozenset()
            widened = Pass(holder.person, holder.groups | kept, holder.reads)
            return Session(await self._issue(records, PassKind.SESSION, widened, SESSION_LIVES), widened)

    async def session(self, secret: str) -> Pass:
        """Who is signed in.

        Raises:
            SignInOver: signed out, too old, or never begun.
        """
        async with self._outside.storage.reading() as records:
            return _there(await records.passes.get(PassKind.SESSION, secret))

    async def leave(self, secret: str) -> None:
        """Sign out, at once."""
        async with self._outside.storage.transaction() as records:
            await records.passes.take(PassKind.SESSION, secret)

    async def managed(self, holder: Pass) -> list[Group]:
        """The groups that this person may administer at this moment, by name.

        Raises:
            PlatformUnavailable: the platform can't be asked.
        """
        person = holder.person
        async with self._outside.storage.transaction() as records:
            if person.workspace:
                found = await records.groups.of_workspace(person.platform, person.workspace)
            else:
                found = [group for each in sorted(holder.groups) if (group := await records.groups.get(each))]
        there = [group for group in found if group.state is not GroupState.ERASING][:SHOWN_AT_MOST]
        return sorted([group for group in there if await self._runs(person, group)], key=lambda group: group.name)

    async def to_manage(self, holder: Pass, group_id: GroupId) -> Group:
        """A group, for who may administer it at this moment.

        Raises:
            UnknownGroup: there is none for this person.
            NotAnAdmin: there is, but not for them to administer.
            PlatformUnavailable: the platform can't be asked.
        """
        group = await self._there_for(holder, group_id)
        if not await self._runs(holder.person, group):
            raise NotAnAdmin
        return group

    async def to_read(self, holder: Pass, group_id: GroupId) -> Group:
        """A group, for who may read its past editions: whom the bot met in it, or who administers it.

        Raises:
            UnknownGroup: as for `to_manage`.
            NotAnAdmin: as for `to_manage`.
            PlatformUnavailable: as for `to_manage`.
        """
        group = await self._there_for(holder, group_id)
        return group if group.id in holder.groups else await self.to_manage(holder, group_id)

    async def _there_for(self, holder: Pass, group_id: GroupId) -> Group:
        async with self._outside.storage.transaction() as records:
            group = await records.groups.get(group_id)
        if group is None or group.state is GroupState.ERASING or not holder.person.is_of(group.address):
            raise UnknownGroup
        return group

    async def _runs(self, person: Person, group: Group) -> bool:
        roles = self._outside.roles.get(person.platform)
        return roles is not None and await roles.is_admin(group.address, person.account)

    async def _issue(self, records: Records, kind: PassKind, holder: Pass, lives: timedelta) -> str:
        secret = self._outside.new_secret()
        await records.passes.put(kind, secret, holder, self._outside.now() + lives)
        return secret


def _there(found: Pass | None) -> Pass:
    if found is None:
        raise SignInOver
    return found
