"""What core needs from outside, in core's own words.

Time and randomness are plain callables: `now() -> datetime` (aware, UTC), `new_id() -> str`, `mint() -> Code`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from pydantic import SecretStr

from core.ledger import Spending
from core.model import (
    Account,
    AccountWeek,
    Brought,
    Click,
    ClickBatch,
    ClickCount,
    Code,
    Consent,
    ConsentEvent,
    Contribution,
    Destination,
    DropReason,
    Edition,
    FactCheck,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    Held,
    InboxItem,
    Installation,
    Intake,
    LinkChanges,
    LinkId,
    MessageState,
    Missed,
    Notice,
    OutboxItem,
    OutboxState,
    Outcome,
    Pass,
    PassKind,
    Person,
    Platform,
    Posting,
    Preview,
    PublishedWeek,
    Reaction,
    Share,
    Sitemap,
    ToPost,
    TrackedLink,
    Week,
    WeekOfLink,
)
from core.rates import Bucket

Now = Callable[[], datetime]
NewId = Callable[[], str]
Mint = Callable[[], Code]
Hear = Callable[[GroupAddress, Account], Awaitable[tuple[Group | None, Consent | None]]]
"""What is kept at this moment about a group and a member's yes in it; many at once may be one look."""
HearAgain = Callable[[GroupId, Account], Awaitable[tuple[Group | None, Consent | None]]]
"""The same, by our own id of a group."""
IsListed = Callable[[Collection[str]], Awaitable[bool]]
"""Whether one of these names of an address was reported; many at once may be one look. Raises StorageUnavailable."""
CountDrop = Callable[[DropReason], None]
Accept = Callable[[str, Intake], Awaitable[bool]]
"""Accept work under the platform's id of its delivery, so that it survives this process; False: accepted before.

Raises IntakeFull, StorageUnavailable, UnknownGroup.
"""
CountWait = Callable[[str], None]
"""Told the kind of bucket that a post had to wait for."""
GiveWay = Callable[[], Awaitable[None]]
"""Lets whoever else has work on this loop have a turn."""
LookUp = Callable[[Code], Awaitable[Destination | None]]
"""Where a code leads, asked of storage; None for a code never minted. Raises StorageUnavailable."""


class Groups(Protocol):
    """Keeper of groups and of what their admins chose."""

    async def add(self, group: Group) -> None:
        """Keep a new group and make its key."""

    async def at(self, address: GroupAddress) -> Group | None:
        """The group at a platform's address."""

    async def get(self, group: GroupId) -> Group | None:
        """The group by our own id."""

    async def some(self, groups: Collection[GroupId]) -> Mapping[GroupId, Group]:
        """As `get` for each; those not kept are left out. Taken in the order of their ids, as all who take several."""

    async def of_workspace(self, platform: Platform, workspace: str) -> list[Group]:
        """Every group of one workspace, for the day it uninstalls the bot."""

    async def save(self, group: Group) -> None:
        """Write state, settings and address; a changed address re-keys the look-up."""

    async def claim_due(self, now: datetime, lease: timedelta, limit: int) -> list[Group]:
        """Enabled groups whose turn for a digest has come, leased so that no other replica gets them meanwhile.

        One that can't be read is leased and left out, so that nobody else waits for it.
        """

    async def reading_at(self, moment: datetime) -> int:
        """How many enabled groups have this very moment as their next digest's: those of a zone, mostly."""

    async def settled_before(self, state: GroupState, moment: datetime, limit: int) -> list[Group]:
        """Groups that have been in a state since `moment` or longer, oldest first."""

    async def pause_over(self, now: datetime, limit: int) -> list[Group]:
        """Groups PAUSED whose `paused_until` has come."""

    async def shred(self, group: GroupId) -> None:
        """Destroy the group's key and rows. Its links go on leading to their pages, uncounted, until they expire."""


class Consents(Protocol):
    """Keeper of members' consents and of the consent log."""

    async def get(self, group: GroupId, account: Account) -> Consent | None:
        """A member's consent; None means no."""

    async def some(self, asked: Collection[tuple[GroupId, Account]]) -> Mapping[tuple[GroupId, Account], Consent]:
        """As `get`, for many members of kept groups at once; those without a yes are left out."""

    async def put(self, group: GroupId, account: Account, consent: Consent) -> None:
        """Keep or replace a consent."""

    async def remove(self, group: GroupId, account: Account) -> bool:
        """Erase a consent; whether there was one."""

    async def age(self, notice: str, now: datetime, limit: int) -> int:
        """Note of consents that refer to another notice that they are stale from `now` on; how many were noted."""

    async def purge(self, given_before: datetime, stale_before: datetime, limit: int) -> list[GroupId]:
        """Erase consents given, or noted as stale, at one of these moments or before.

        Returns:
            The group of each, so that one unlinkable line can be logged for it.
        """

    async def log(self, event: ConsentEvent) -> None:
        """Append a line to the hash-chained log."""


class Links(Protocol):
    """Keeper of tracked links."""

    async def find(self, group: GroupId, key: str) -> TrackedLink | None:
        """The link of a canonical URL in a group, expired or not."""

    async def find_all(self, wanted: Collection[tuple[GroupId, str]]) -> Mapping[tuple[GroupId, str], TrackedLink]:
        """As `find`, for many groups and canonical URLs at once; what is not kept is left out."""

    async def add(self, link: TrackedLink) -> None:
        """Keep a new link."""

    async def add_all(self, links: Sequence[TrackedLink]) -> None:
        """As `add` for each."""

    async def save(self, link: TrackedLink) -> None:
        """Write title, expiry, `counted_until` and `shown_at`."""

    async def save_all(self, links: Sequence[TrackedLink]) -> None:
        """As `save` for each."""

    async def get(self, group: GroupId, link: LinkId) -> TrackedLink | None:
        """The link by our own id."""

    async def destination(self, code: Code) -> Destination | None:
        """Where a code leads, also after its group was erased, also when expired; None for a code never minted."""

    async def destinations(self, codes: Collection[Code]) -> Mapping[Code, Destination]:
        """As `destination`, for some hundreds at once; codes never minted are left out."""

    async def changes(self, since: datetime | None, look_back: timedelta) -> LinkChanges:
        """Links whose destination, expiry or counting changed, their groups' state included.

        Args:
            since: when the last look was, by storage's clock; None for the first look.
            look_back: how much earlier a change may have been written and yet be committed after that look.
        """


class Shares(Protocol):
    """Keeper of shares and of which links a message holds."""

    async def add(self, share: Share) -> bool:
        """Count a share; False when (group, account, link, week) was counted before."""

    async def add_all(self, shares: Sequence[Share]) -> None:
        """As `add` for each, in their order."""

    async def of_message(self, group: GroupId, message: str) -> frozenset[LinkId]:
        """Which links a message holds, as last written."""

    async def message_version(self, group: GroupId, message: str) -> datetime | None:
        """The version of the message last worked off; None for a message never seen or forgotten."""

    async def messages(self, asked: Collection[tuple[GroupId, str]]) -> Mapping[tuple[GroupId, str], MessageState]:
        """Both, for many messages at once; those never seen or forgotten are left out."""

    async def set_message(self, group: GroupId, message: str, links: frozenset[LinkId], version: datetime) -> None:
        """Remember which links a message holds; an older version never writes over a later one."""

    async def set_messages(self, held: Mapping[tuple[GroupId, str], MessageState]) -> None:
        """As `set_message` for each."""

    async def take_back(
        self, group: GroupId, account: Account, message: str, links: frozenset[LinkId]
    ) -> frozenset[LinkId]:
        """Undo this account's shares of `links` that this message brought; which ones there were."""

    async def brought(self, group: GroupId, message: str) -> list[Brought]:
        """The shares that a message brought, as long as they are kept, first shared first."""

    async def take_one(self, group: GroupId, account: Account, link: LinkId, week: Week) -> Brought | None:
        """Take back an account's share of one link in one week; None when there is none, or no longer."""

    async def shared_by(self, group: GroupId, account: Account, week: Week) -> frozenset[LinkId]:
        """Which links an account shared in a week: for that person's eyes only."""

    async def last_message(self, group: GroupId, account: Account) -> str | None:
        """The message that brought an account's latest share; None when there is none, or no longer."""

    async def forget(self, group: GroupId, account: Account) -> frozenset[LinkId]:
        """Erase every share of an account in a group; which links they were of."""

    async def stop_counting(self, group: GroupId, account: Account | None) -> frozenset[LinkId]:
        """A yes to click counting counts no more, an account's or (None) everybody's: shares stay, without it.

        Returns:
            Which links the shares are of.
        """

    async def counted_until(self, group: GroupId, link: LinkId) -> datetime | None:
        """The latest share whose sharer said yes to click counting, plus 14 days; None without one."""

    async def counted_until_all(
        self, links: Collection[tuple[GroupId, LinkId]]
    ) -> Mapping[tuple[GroupId, LinkId], datetime]:
        """As `counted_until`, for many links at once; those without such a share are left out."""

    async def week(self, group: GroupId, week: Week) -> list[WeekOfLink]:
        """What was shared in a week, first shared first."""

    async def by_day(self, group: GroupId, week: Week) -> list[datetime]:
        """When the week's shares were made, in order, without saying by whom."""


class Clicks(Protocol):
    """Keeper of exact click counts, which live until their week is released."""

    async def apply(self, *batches: ClickBatch) -> int:
        """Add batches; how many of them were not applied before."""

    async def counts(self, group: GroupId, until: date) -> list[ClickCount]:
        """Exact counts of a group up to and including a UTC day."""

    async def delete(self, group: GroupId, until: date) -> None:
        """Delete those counts, in the transaction that releases them."""


class Digests(Protocol):
    """Keeper of editions."""

    async def add(self, edition: Edition) -> bool:
        """Freeze an edition; False when the group already has one of that week."""

    async def get(self, group: GroupId, week: Week) -> Edition | None:
        """The edition as it was frozen."""

    async def latest(self, group: GroupId, limit: int) -> list[Edition]:
        """A group's editions, newest first."""

    async def frozen_since(self, moment: datetime) -> list[tuple[GroupId, Week]]:
        """Which editions of all groups were frozen since a moment, oldest first."""

    async def revise(self, edition: Edition) -> None:
        """Put an edition in the place of the one frozen for its week: a share of it was taken back."""

    async def miss(self, group: GroupId, given: Missed, /) -> None:
        """Note that a group did not get the digest of a week, and why."""

    async def not_missed(self, group: GroupId, week: Week) -> None:
        """It got it after all."""

    async def missed(self, group: GroupId) -> Missed | None:
        """The latest digest that a group did not get."""


class Reactions(Protocol):
    """Keeper of reactions to messages with links, until their week is released: numbers, never who reacted."""

    async def note(self, reaction: Reaction) -> bool:
        """Count a change for each link that its message holds; False when it holds none, or it was noted before."""

    async def people(self, group: GroupId, week: Week) -> Mapping[LinkId, int]:
        """For each link at least how many different people reacted to one of its messages.

        A person sets each reaction once, so that those who set the most frequent one of a message are that many
        people. Whoever reacts to two messages with the same link is counted once: the larger number stands.
        """

    async def destroy(self, group: GroupId, until: Week) -> None:
        """Delete the changes of this week and of those before it, in the transaction that releases it."""


class Contributions(Protocol):
    """Keeper of what members let be counted across groups, until its week is released."""

    async def add(self, contribution: Contribution) -> bool:
        """Keep it; False when it is kept already, or its week is released."""

    async def take_back(self, group: GroupId, account: Account, pages: Collection[str]) -> int:
        """Erase what an account contributed of these pages in a group, in every week; how many rows went."""

    async def forget(self, group: GroupId, account: Account) -> int:
        """Erase all that an account contributed in a group; how many rows went."""

    async def forget_group(self, group: GroupId) -> int:
        """Erase all that was contributed in a group; how many rows went."""

    async def of_account(self, group: GroupId, account: Account) -> tuple[str, ...]:
        """The pages that an account contributed in a group and that still wait, in order."""

    async def take(self, week: Week) -> list[AccountWeek]:
        """All of a week, account by account in no order, and destroy it with its key in this transaction."""

    async def destroy(self, until: Week) -> None:
        """Destroy what is left of this week and of those before it, unread, keys first."""


class Figures(Protocol):
    """Keeper of the figures across groups: the frozen weeks, what they cost, the sitemaps they are drawn over."""

    async def add(self, published: PublishedWeek) -> None:
        """Freeze a week. Raises AlreadyKept."""

    async def get(self, week: Week) -> PublishedWeek | None:
        """A week as it was frozen."""

    async def latest(self, limit: int) -> list[PublishedWeek]:
        """The frozen weeks, newest first."""

    async def spend(self, spending: Spending) -> None:
        """Write a line into the ledger, which no line ever leaves. Raises AlreadyKept for the same release."""

    async def spent(self) -> tuple[Spending, ...]:
        """The whole ledger, in the order of weeks."""

    async def set_sitemap(self, week: Week, sitemap: Sitemap) -> None:
        """Keep the list of a domain's pages for a week to come, in place of an earlier one."""

    async def sitemaps(self, week: Week) -> list[Sitemap]:
        """What was listed for a week, in the order of domains."""


class Inbox(Protocol):
    """Keeper of accepted work not yet done. A done row stays as a bare key for 24 hours, against redelivery."""

    async def put(self, event: str, intake: Intake) -> bool:
        """Accept work; False when the platform's event was accepted before."""

    async def claim(self, lease: timedelta, limit: int) -> list[InboxItem]:
        """Work that is due, oldest first, leased by the database's clock."""

    async def done(self, *items: InboxItem) -> None:
        """Finish, in the transaction that did the work. Raises LeaseLost when one of them was taken over."""

    async def failed(self, item: InboxItem, error: str) -> None:
        """Put back with a growing pause; the fifth failure makes it dead: kept, visible, replayable."""


class Outbox(Protocol):
    """Keeper of things to post."""

    async def put(
        self, group: GroupId, key: str, posting: Posting, cutoff: datetime, not_before: datetime | None = None
    ) -> bool:
        """Ask for a post; False when this group already has one under this key. Past `cutoff` it expires unposted."""

    async def put_all(self, asked: Sequence[ToPost]) -> list[bool]:
        """As `put` for each: the answers in their order."""

    async def claim(self, lease: timedelta, limit: int) -> list[OutboxItem]:
        """Postings that are due, oldest first, at most one of a group at a time."""

    async def intend(self, item: OutboxItem) -> None:
        """Say, in a commit of its own, that the post is about to be made. Raises LeaseLost."""

    async def sent(self, item: OutboxItem, remote_id: str) -> None:
        """It is posted; the content is dropped, the platform's id kept. Raises LeaseLost."""

    async def later(self, item: OutboxItem, seconds: float) -> None:
        """Nothing was posted; try again, after a pause that holds for every posting of the group."""

    async def close(self, item: OutboxItem, state: OutboxState, why: str) -> None:
        """Nothing more will be tried: refused, unknown or expired, visible with its reason; a digest is missed then."""

    async def post_again(self, group: GroupId, key: str, cutoff: datetime) -> bool:
        """Post one of unknown end again, because a person said so; False when its end is known, or it is gone.

        However many say so at the same time: one of them gets True.
        """

    async def remote_id(self, group: GroupId, key: str) -> str | None:
        """The platform's id of what was posted under a key."""


class Rates(Protocol):
    """Keeper of how often platforms were called, shared by all replicas."""

    async def take(self, buckets: Sequence[Bucket]) -> None:
        """Take one call from each, or raise TooSoon: then roll back, and nothing was taken."""

    async def push(self, buckets: Sequence[Bucket], seconds: float) -> None:
        """The platform asked to wait: nobody takes from these for so long."""


class Previews(Protocol):
    """Keeper of previews, encrypted, for an hour; of failures for some minutes."""

    async def get(self, key: str) -> "CachedPreview | None":
        """What is remembered of a canonical URL, unless it is too old."""

    async def put(self, key: str, preview: Preview | None, expires_at: datetime) -> None:
        """Remember a preview, or with None that there was none to be had."""


class Listed(Protocol):
    """Keeper of the addresses that somebody reported for spreading malware, as look-ups only."""

    async def replace(self, entries: Collection[str]) -> None:
        """Put a new list in the place of the old one, all at once."""

    async def holds(self, names: Collection[str]) -> bool:
        """Whether any of these is on the list; names as `core.listed.names_of` spells them."""

    async def among(self, names: Collection[str]) -> frozenset[str]:
        """Those of some names that are on the list."""

    async def replaced_at(self) -> datetime | None:
        """When the list was put in place; None without one."""


class Passes(Protocol):
    """Keeper of sign-in links and sessions: what they open is sealed under their own secret, which is not kept."""

    async def put(self, kind: PassKind, secret: str, holder: Pass, expires_at: datetime) -> None:
        """Keep what a new secret opens."""

    async def get(self, kind: PassKind, secret: str) -> Pass | None:
        """What a secret opens; None when it was taken, is over or was never kept."""

    async def take(self, kind: PassKind, secret: str) -> Pass | None:
        """The same, and never again: of two who take at the same moment one gets None."""


@dataclass(frozen=True, slots=True)
class CachedPreview:
    """A remembered answer; `preview` None says that the page gave none."""

    preview: Preview | None


class Records(Protocol):
    """One open transaction with its keepers."""

    @property
    def groups(self) -> Groups:
        """Groups and their settings."""

    @property
    def consents(self) -> Consents:
        """Members' consents and the consent log."""

    @property
    def links(self) -> Links:
        """Tracked links."""

    @property
    def shares(self) -> Shares:
        """Shares, and which links a message holds."""

    @property
    def clicks(self) -> Clicks:
        """Exact click counts."""

    @property
    def digests(self) -> Digests:
        """Editions."""

    @property
    def reactions(self) -> Reactions:
        """Reactions of the week, without who reacted."""

    @property
    def contributions(self) -> Contributions:
        """What may be counted across groups."""

    @property
    def figures(self) -> Figures:
        """Figures across groups."""

    @property
    def inbox(self) -> Inbox:
        """Accepted work."""

    @property
    def outbox(self) -> Outbox:
        """Things to post."""

    @property
    def rates(self) -> Rates:
        """How often platforms were called."""

    @property
    def previews(self) -> Previews:
        """Remembered previews."""

    @property
    def listed(self) -> Listed:
        """Addresses reported for spreading malware."""

    @property
    def passes(self) -> Passes:
        """Sign-in links and sessions."""


class Storage(Protocol):
    """A place that keeps records. Raises StorageUnavailable when it can't be reached."""

    def transaction(self) -> AbstractAsyncContextManager[Records]:
        """All or nothing: commits at the end of the block, rolls back on an error."""

    def reading(self) -> AbstractAsyncContextManager[Records]:
        """What is committed at this moment, for looking only: waits for no writer, and no writer waits for it.

        What is to be written because of an answer is asked for again in the transaction that writes.
        """


class Installations(Protocol):
    """Keeper of what workspaces handed over; tokens are sealed under a key of their own."""

    async def get(self, platform: Platform, workspace: str) -> Installation | None:
        """The workspace's newest installation."""

    async def put(self, installation: Installation) -> None:
        """Keep an installation, in place of an earlier one of the same workspace."""

    async def remove(self, platform: Platform, workspace: str) -> bool:
        """Forget an installation; whether there was one."""


class OwnTokens(Protocol):
    """Keeper of members' own tokens, each beside its member's consent in one group: whatever ends that ends it."""

    async def get(self, address: GroupAddress, account: Account) -> SecretStr | None:
        """A member's token; None where they handed over none, or said no since."""

    async def put(self, address: GroupAddress, account: Account, token: SecretStr) -> bool:
        """Keep a member's token; False, and nothing is kept, where there is no consent of theirs."""

    async def remove(self, address: GroupAddress, account: Account) -> bool:
        """Erase a member's token and keep their consent; whether there was one."""

    async def revoked(self, platform: Platform, workspace: str, accounts: Collection[Account]) -> int:
        """Tokens died at the platform: erase them in every group of a workspace; how many there were."""


class Subjects(Protocol):
    """Everything kept about one person, across groups: for `/mydata` and `/forget`."""

    async def held_about(self, person: Person) -> list[Held]:
        """What is kept about a person, for that person's eyes only; groups where nothing is are left out."""

    async def forget(self, group: GroupId, account: Account, notice: Notice) -> bool:
        """Erase what one group keeps about an account, with one unlinkable line in the log; whether there was any."""

    async def forget_everywhere(self, person: Person, notice: Notice) -> int:
        """Erase all of it, as `forget` does in each group; in how many there was something."""


class ClickLog(Protocol):
    """Clicks counted but not yet in the database. An append survives the death of this process."""

    def append(self, *clicks: Click) -> None:
        """Write clicks down before their visitors are answered: all of them, or none."""

    def batches(self) -> AsyncIterator[ClickBatch]:
        """Everything written so far and not yet discarded, oldest first, what a dead process left included."""

    async def discard(self, batches: Collection[str]) -> None:
        """Forget batches that were applied."""


class Unfurler(Protocol):
    """Asks a page what it is."""

    async def unfurl(self, url: str, group: GroupId) -> Preview | None:
        """A preview; None whenever there is none to be had, whatever the reason. Never raises for a page's sake.

        Args:
            url: a clean address.
            group: who asks, for the rate.

        Raises:
            LeadsToListed: a redirect on the way leads to a listed address, which is not asked.
        """


class Feed(Protocol):
    """A published list of addresses that spread malware."""

    async def entries(self) -> frozenset[str]:
        """The whole list, spelled as by `core.listed.read_list`.

        Raises:
            FeedUnavailable: it can't be fetched now.
        """


class Sitemaps(Protocol):
    """The domains that the operator vouches for, and what their pages are by now."""

    async def read(self) -> list[Sitemap]:
        """Every domain with the pages it lists.

        Raises:
            SitemapUnreadable: one can't be read, or does not fit its domain; none is taken then.
            TooManyPages: one is longer than there is a threshold for.
        """


class FactChecks(Protocol):
    """Fact checks that others published."""

    async def about(self, claim: str) -> list[FactCheck]:
        """The few that fit a claim best; the claim is a page's title.

        Raises:
            FactChecksUnavailable: they can't be looked up now.
        """


class Roles(Protocol):
    """What a platform knows about a group's people, asked live."""

    async def is_admin(self, address: GroupAddress, account: Account) -> bool:
        """Whether this person may administer the group at this moment. Raises PlatformUnavailable."""

    async def is_shared_outside(self, address: GroupAddress) -> bool:
        """Whether people of another workspace read along (Slack Connect), for whom no admin here can agree.

        Raises:
            PlatformUnavailable: it can't be asked now.
        """

    async def members(self, address: GroupAddress) -> int:
        """How many people are in the group, as its members can see; 0 when the platform does not say.

        Raises:
            PlatformUnavailable: it can't be asked now; asked again it may say.
        """


class Messenger(Roles, Protocol):
    """Posts on one platform, within its limits; makes at most one attempt per call."""

    async def post(self, address: GroupAddress, posting: Posting, key: str) -> Outcome:
        """Post once. `key` is left on the message where the platform has room for a mark."""

    async def find(self, address: GroupAddress, key: str) -> str | None:
        """The id of our own message that carries `key`, where the platform can be asked; None otherwise.

        Raises:
            PlatformUnavailable: it can't be asked now, so that nobody knows.
        """

    @property
    def can_find(self) -> bool:
        """Whether `find` is an answer on this platform, or always None."""


class Visitors(Protocol):
    """The day's distinct browsers, in memory only."""

    def first_visit(self, link: LinkId, group: GroupId, browser: bytes, day: date) -> "Visit | None":
        """A visit to be counted, or None for a browser this link has seen today."""


class Visit(NamedTuple):
    """A browser's first visit of a link on a day."""

    in_total: bool
