"""The nouns. Frozen values, no behaviour beyond what a noun knows about itself.

Every `datetime` is aware and in UTC. Account ids, addresses and URLs live in these values only while they are worked
on; storage keeps them encrypted or as keyed look-ups, never in clear.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple, NewType

from pydantic import SecretStr

from core.anonymity import Figure
from core.ranking import Terms
from core.urls import CleanUrl

GroupId = NewType("GroupId", str)
"""Our own identity of a group: stays when the platform gives the group a new id."""

LinkId = NewType("LinkId", str)
"""Our own identity of a tracked link; may stand in logs."""

Code = NewType("Code", str)
"""The 16 base62 characters of a short URL: whoever has them can follow the link, so they are never logged."""

Account = NewType("Account", str)
"""The platform's id of a person. In memory only; storage turns it into a keyed look-up."""

ReceiptId = NewType("ReceiptId", str)
"""Names one act of consent; printed on the member's receipt."""

Week = NewType("Week", str)
"""An ISO week in a group's time zone, as `2026-W47`."""

CODE_LENGTH = 16
LINK_LIFETIME = timedelta(days=90)
CLICKS_COUNTED_FOR = timedelta(days=14)
CONSENT_VALID_FOR = timedelta(days=365)
"""A yes is asked for anew after twelve months."""
CONSENT_INERT_FOR = timedelta(days=30)
"""How long a stale yes, which allows nothing, waits to be renewed before it is erased."""


class Platform(StrEnum):
    """Where a group lives."""

    TELEGRAM = "telegram"
    SLACK = "slack"


class Purpose(StrEnum):
    """What a member may say yes to, each on its own; all off by default."""

    SHARES = "shares"
    """P1: rewrite and count my shares in this group."""
    CLICKS = "clicks"
    """P2: count clicks on my links. Needs P1."""
    STATISTICS = "statistics"
    """P3: my shares may enter statistics across groups. Needs P1."""


EVERY_PURPOSE: frozenset[Purpose] = frozenset(Purpose)


class GroupState(StrEnum):
    """Where a group stands. A group of which nothing is stored has no row at all."""

    PENDING = "pending"
    ENABLED = "enabled"
    PAUSED = "paused"
    ERASING = "erasing"


class Taking(StrEnum):
    """How a group takes the links of members who said yes."""

    CARD = "card"
    """Each of their messages is read; a card stands below it."""
    REPLACE = "replace"
    """The same; but a message of links alone gives way to its card, where its member said yes to that too."""
    ASKED = "asked"
    """No message is read: only what a member hands over, by a command or inline."""


class DropReason(StrEnum):
    """Why nothing was done: counted, never described."""

    NO_GROUP = "no_group"
    NOT_ENABLED = "not_enabled"
    NOT_A_PERSON = "not_a_person"
    NO_CONSENT = "no_consent"
    NOT_HANDED_OVER = "not_handed_over"
    NO_LINK = "no_link"
    SENSITIVE = "sensitive"
    LISTED = "listed"
    OPAQUE = "opaque"
    OWN_LINK = "own_link"
    ALREADY_SEEN = "already_seen"
    CRAWLER = "crawler"
    NOT_A_VISIT = "not_a_visit"
    OPTED_OUT = "opted_out"
    UNCOUNTED_LINK = "uncounted_link"
    SAME_BROWSER = "same_browser"
    LOG_FULL = "log_full"
    UNKNOWN_CODE = "unknown_code"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class GroupAddress:
    """A group as its platform names it. The platform may change it (a supergroup, a shared channel)."""

    platform: Platform
    workspace: str
    """Slack's team id; empty on Telegram."""
    conversation: str
    """Telegram's chat id or Slack's channel id."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a platform names them: an account's id means one person within its workspace only."""

    platform: Platform
    workspace: str
    """Slack's team id; empty on Telegram."""
    account: Account

    def is_of(self, address: GroupAddress) -> bool:
        """Whether a group is one where this account's id means this person."""
        return (self.platform, self.workspace) == (address.platform, address.workspace)


class PassKind(StrEnum):
    """What a secret opens."""

    LINK = "link"
    """A sign-in link: once."""
    SESSION = "session"
    """A browser that is signed in."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Whom a sign-in link or a session stands for."""

    person: Person
    groups: frozenset[GroupId] = frozenset()
    """Where the bot had met them when it handed them a link."""
    reads: GroupId | None = None
    """The group whose past editions the link leads to."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What a workspace handed over when somebody installed the bot there."""

    platform: Platform
    workspace: str
    name: str
    """What the workspace calls itself; for its own admins, never for logs."""
    token: SecretStr
    """The bot's own token: never a person's."""
    bot: Account
    """The account the bot speaks as, to know its own messages by."""
    bot_id: str
    scopes: frozenset[str]
    installed_at: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a group reads its digest, in its own wall time."""

    zone: str = "UTC"
    """IANA name, as `Europe/Paris`."""
    weekday: int = 0
    """0 is Monday."""
    hour: int = 9
    topic: str | None = None
    """Telegram: the topic the digest goes to."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A versioned text that a consent refers to."""

    id: str
    """Name and version, as `member-1`."""
    hash: str
    """SHA-256 of the text, hexadecimal."""
    language: str


@dataclass(frozen=True, slots=True)
class Group:
    """The conversation we serve."""

    id: GroupId
    address: GroupAddress
    state: GroupState
    since: datetime
    """When it came into this state."""
    name: str = ""
    language: str = "en"
    offered: frozenset[Purpose] = EVERY_PURPOSE
    """What its members may choose from; admins can only narrow it."""
    schedule: Schedule = Schedule()
    digest_size: int = 5
    next_digest: datetime | None = None
    """By its own wall clock, as people are told."""
    turn: timedelta = timedelta()
    """How long after that it is this group's turn, so that a million groups do not all post in one second."""
    paused_until: datetime | None = None
    taking: Taking = Taking.CARD
    clicks_from: int = 8
    """How many members it needs before any click is told (k); never fewer than privacy.md wants."""
    locked: bool = False
    """Commands that are not about oneself are the admins' alone."""

    @property
    def due(self) -> datetime | None:
        """When its next digest is frozen."""
        return None if self.next_digest is None else self.next_digest + self.turn


@dataclass(frozen=True, slots=True)
class Consent:
    """A member's yes in one group. No record means no."""

    purposes: frozenset[Purpose]
    notice: str
    given_at: datetime
    """Cut to the minute: precision is metadata."""
    receipt: ReceiptId
    reminded: bool = False
    """Whether the member was told that it has gone stale; once is enough."""
    replaces: bool = False
    """Whether the member lets messages that are nothing but links give way to their cards."""
    language: str = "en"
    """The notice's, as the group was shown it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A member whose links may be counted in a group, both asked a moment ago."""

    group: Group
    consent: Consent


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something that only an admin may do."""

    account: Account | None
    """None for an admin who posts as the group itself."""
    speaks_as_group: bool = False
    """The platform itself vouches that this is an admin (Telegram's anonymous admins)."""


class ConsentAct(StrEnum):
    """What the consent log records."""

    GRANTED = "granted"
    MODIFIED = "modified"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    GROUP_ENABLED = "group_enabled"
    GROUP_PAUSED = "group_paused"
    GROUP_RESUMED = "group_resumed"
    GROUP_STOPPED = "group_stopped"


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One line of the consent log, before storage turns group and account into keyed look-ups and chains it."""

    act: ConsentAct
    group: GroupId
    account: Account | None
    """None for acts of a group, and for a withdrawal: its line must not be linkable to a person."""
    receipt: ReceiptId
    purposes: frozenset[Purpose]
    notice: Notice
    at: datetime


HANDED_OVER = "handed:"
"""How the id of a message begins that was never posted: its links were handed over, and its card stands by itself."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a consenting member posted, reduced to what counting needs; its text is never kept."""

    address: GroupAddress
    account: Account
    id: str
    """The platform's id of the message within its group."""
    urls: tuple[str, ...]
    posted_at: datetime
    edited_at: datetime | None = None
    topic: str | None = None
    """Telegram: the topic; Slack: the thread."""
    bare: bool = False
    """Nothing but links, and nothing that would be lost with it: a card could stand in its place."""

    @property
    def version(self) -> datetime:
        """The later of two versions of a message wins."""
        return self.edited_at or self.posted_at


@dataclass(frozen=True, slots=True)
class Intake:
    """An accepted message in the inbox: only addresses that may be counted are left in it."""

    group: GroupId
    account: Account
    message: str
    links: tuple[CleanUrl, ...]
    version: datetime
    edited: bool = False
    topic: str | None = None
    bare: bool = False
    """See `Message`."""


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A claimed piece of accepted work."""

    id: str
    intake: Intake
    lease: str
    """Proof of the claim; a worker whose claim was taken over is refused by it."""
    attempts: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a page says about itself, and what we observed on the way to it. Every text is plain and bounded."""

    final_url: str
    """Where the redirects ended, trackers off."""
    site: str
    """The registrable domain of `final_url`: always the real one, never what the page claims."""
    title: str | None = None
    description: str | None = None
    image: str | None = None
    site_name: str | None = None
    author: str | None = None
    published: date | None = None
    language: str | None = None
    canonical: str | None = None
    noindex: bool = False
    by_provider: bool = False
    """Told by its site's oEmbed answer: the page itself was not read, so nobody knows whether it says `noindex`."""
    passed: tuple[str, ...] = ()
    """The addresses that were left by a redirect on the way, trackers off; none where there was no redirect."""


@dataclass(frozen=True, slots=True)
class TrackedLink:
    """A canonical URL remembered for one group: one code per (group, canonical URL), never per person."""

    id: LinkId
    group: GroupId
    code: Code
    clean: CleanUrl
    title: str
    created_at: datetime
    expires_at: datetime
    counted_until: datetime | None = None
    """Clicks count before this moment; None when none of its sharers said yes to that."""
    shown_at: datetime | None = None
    """When a card last showed it in its group."""


class Destination(NamedTuple):
    """What the redirect needs to know of a code; a tuple, since one is made for every click."""

    link: LinkId
    group: GroupId
    url: str
    expires_at: datetime
    counted_until: datetime | None
    """None also while the group is not ENABLED."""
    listed: bool = False
    """Whether it has come onto the list of addresses that spread malware since it was tracked: visitors are warned."""


@dataclass(frozen=True, slots=True)
class LinkState:
    """What may change of a destination."""

    expires_at: datetime
    counted_until: datetime | None
    """None also while the group is not ENABLED."""


@dataclass(frozen=True, slots=True)
class LinkChanges:
    """What changed of links between two looks."""

    looked_at: datetime
    """By storage's clock, which is also what says when something changed."""
    links: Mapping[LinkId, LinkState]
    """As they are now, whatever it was that changed."""


@dataclass(frozen=True, slots=True)
class Share:
    """One member posting one tracked link in a week."""

    group: GroupId
    link: LinkId
    account: Account
    week: Week
    at: datetime
    message: str
    counts_clicks: bool


@dataclass(frozen=True, slots=True)
class Brought:
    """A share, without whose it was."""

    link: LinkId
    week: Week
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageState:
    """A message as it was last worked off: which links it holds, in which version."""

    links: frozenset[LinkId]
    version: datetime


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction set on a message, or taken off it: never by whom."""

    group: GroupId
    week: Week
    """The message's, in the group's time zone."""
    message: str
    kind: str
    """Which reaction, where the platform tells of each on its own; empty where it tells of people."""
    change: int
    """1 for one more, -1 for one less."""
    event: str
    """The platform's id of this delivery; the same one again changes nothing."""


NO_ANSWER = "no answer from the platform"
"""Why a posting is of unknown end."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A digest that a group did not get."""

    week: Week
    why: str
    """A short word of ours or of the platform's; no content in it."""

    @property
    def in_doubt(self) -> bool:
        """Whether nobody knows if it came: who looks into the group can tell, and may have it posted again."""
        return self.why == NO_ANSWER


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept about one account in one group."""

    group: Group
    consent: Consent | None
    links: tuple[TrackedLink, ...]
    """What this account shared in the last 14 days."""
    waiting: int = 0
    """Accepted messages and cards of theirs that are not done with."""
    contributed: tuple[str, ...] = ()
    """Pages of theirs that wait to be counted across groups."""


@dataclass(frozen=True, slots=True)
class WeekOfLink:
    """What a group did with one link in one week, exact: storage's answer to the digest, before noise."""

    link: TrackedLink
    shares: int
    first_shared_at: datetime
    message: str | None
    """The message that shared it first, as long as that is kept, for "See the conversation"."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """A page that a member shared in a week and lets be counted across groups."""

    group: GroupId
    person: Person
    page: str
    """Its canonical URL."""
    site: str
    """Its registrable domain."""
    week: Week
    """In UTC, for groups of all zones."""


@dataclass(frozen=True, slots=True)
class AccountWeek:
    """All that one account contributed to a week, in whichever groups of its platform and workspace; nameless.

    Each page and each site comes with the keyed hash by which those that count are chosen.
    """

    pages: Mapping[str, bytes]
    sites: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages of a domain, listed before a week began."""

    domain: str
    pages: tuple[str, ...]
    """Canonical URLs."""


@dataclass(frozen=True, slots=True)
class DomainFigures:
    """The frozen figures of a domain whose pages were listed before the week: those that reach the threshold."""

    domain: str
    listed: int
    """How many pages its sitemap had; whatever is not among `pages` has too few people."""
    shown_from: int
    pages: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class PublishedWeek:
    """The figures across groups of one week (UTC), frozen: noisy counts of accounts, largest first. No more is told."""

    week: Week
    domains: tuple[DomainFigures, ...]
    pages: tuple[Figure, ...]
    """Pages that nobody listed before."""
    sites: tuple[Figure, ...]
    epsilon: float
    """What this week cost each account at most, and below what the year did so far."""
    delta: float
    epsilon_of_year: float
    delta_of_year: float
    released_at: datetime


Click = tuple[GroupId, LinkId, date, bool]
"""One counted visit of a tracked link: its group, the link, the UTC day, and whether it is among the at most three
links of its browser and day that enter the group's weekly total. No address, no agent, no hour.

A bare tuple, since one is made for every click, and the collector leaves bare tuples of such things alone, however many
wait to be brought to the database.
"""


@dataclass(frozen=True, slots=True)
class ClickBatch:
    """A sealed second of clicks; its id makes applying it twice harmless."""

    id: str
    clicks: tuple[tuple[Click, int], ...]


@dataclass(frozen=True, slots=True)
class ClickCount:
    """Distinct browsers of one link on one UTC day, exact; lives until its week is released."""

    link: LinkId
    day: date
    browsers: int
    in_total: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a digest, frozen."""

    link: LinkId
    title: str
    site: str
    url: str
    short_url: str
    shares: int
    clicks: int | None
    """Noisy, drawn once; None where the group is too small to say."""
    first_shared_at: datetime
    terms: Terms
    """Why it stands where it stands."""
    reactions: int = 0
    """At least so many people reacted; 0 where the platform does not tell."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The digest of one group and one week. Frozen: every view of it is rendered from here."""

    group: GroupId
    week: Week
    language: str
    entries: tuple[Entry, ...]
    """The chosen ones, best first."""
    others: tuple[Entry, ...]
    """The rest of the week, for "all links"."""
    shares: int
    clicks: int | None
    """The week's noisy total; None where the group is too small to say."""
    shares_by_day: tuple[int, ...]
    """Monday to Sunday."""
    frozen_at: datetime


@dataclass(frozen=True, slots=True)
class FactCheck:
    """What somebody else published about a claim; its judgement is theirs. Every text is plain and bounded."""

    author: str
    rating: str
    """In the author's own words."""
    url: str
    site: str
    """The registrable domain of `url`."""
    claim: str = ""
    reviewed: date | None = None


@dataclass(frozen=True, slots=True)
class CardLink:
    """One link of a card: the plain address and the tracked one, always both."""

    link: LinkId
    url: str
    short_url: str
    site: str
    removed: tuple[str, ...] = ()
    preview: Preview | None = None
    """None: no preview could be had."""
    checkable: bool = False
    """Whether fact checks can be looked up for it."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is posted under a member's message."""

    account: Account
    """Who shared it: asked for consent again when posting, never shown."""
    message: str
    links: tuple[CardLink, ...]
    language: str
    topic: str | None = None
    replaces: bool = False
    """Whether it takes the message's place: the message is taken away a little later."""
    kind: Literal["card"] = "card"


@dataclass(frozen=True, slots=True)
class Digest:
    """An edition on its way to its group."""

    edition: Edition
    topic: str | None = None
    messages: Mapping[LinkId, str] = field(default_factory=dict)
    """Which message shared each link first; looked up when it is posted, and in no edition that is kept."""
    kind: Literal["digest"] = "digest"


@dataclass(frozen=True, slots=True)
class Revision:
    """A posted digest to be edited: a share of it was taken back, or a page it names was reported since."""

    edition: Edition
    posted: str = ""
    """The platform's id of the digest; looked up when it is edited."""
    messages: Mapping[LinkId, str] = field(default_factory=dict)
    kind: Literal["revision"] = "revision"


@dataclass(frozen=True, slots=True)
class Question:
    """To an admin alone: three digests that nobody followed or reacted to; go on? Better unasked than in public."""

    language: str
    name: str
    """The group's, as it stands in a private chat."""
    kind: Literal["question"] = "question"


@dataclass(frozen=True, slots=True)
class Aside:
    """A word to one member, which nobody else in the group may read; better unsaid than said in public."""

    account: Account
    message: str
    """The member's message that it is about."""
    text_id: str
    language: str
    """The group's, for where a platform does not tell the member's."""
    topic: str | None = None
    kind: Literal["aside"] = "aside"


@dataclass(frozen=True, slots=True)
class Offer:
    """The one notice that a group gets when it is switched on, with the buttons that members choose by."""

    language: str
    """The group's."""
    next_digest: datetime | None
    zone: str
    """The group's, to say in it when the next digest comes."""
    topic: str | None = None
    kind: Literal["offer"] = "offer"


@dataclass(frozen=True, slots=True)
class Removal:
    """A message that gives way to the card already posted; its member has some seconds to keep it."""

    account: Account
    message: str
    kind: Literal["removal"] = "removal"


Posting = Card | Digest | Aside | Offer | Revision | Question | Removal


@dataclass(frozen=True, slots=True)
class ToPost:
    """A posting to be asked for, under its key; past `cutoff` it expires unposted."""

    group: GroupId
    key: str
    posting: Posting
    cutoff: datetime
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A claimed thing to post.

    `key` is unique in its group: `card:<message>`, `again:<message>`, `aside:<message>`, `ask:<message>`,
    `removal:<message>`, `digest:<week>`.
    """

    id: str
    group: GroupId
    key: str
    posting: Posting
    lease: str
    attempts: int
    in_doubt: bool
    """An earlier try got no answer: it may have been posted."""


class OutboxState(StrEnum):
    """How far a posting has come."""

    WAITING = "waiting"
    INTENDED = "intended"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it and gave it this id."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class Later:
    """The platform asks to wait (429)."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform said no, and nothing was posted."""

    why: str
    """The platform's short error word; no content in it."""
    group_gone: bool = False
    """The bot was removed, the chat was deleted: stop and erase."""
    try_again: bool = False


@dataclass(frozen=True, slots=True)
class InDoubt:
    """No answer came: it may have been posted, or not."""


Outcome = Sent | Later | Refused | InDoubt
