"""Core's services over fakes, with everything within a test's reach."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

from config.at_once import AsTasks, together
from core.clicks import ClickOutside, ClickService, MemoryVisitors
from core.consent import ConsentOutside, ConsentService
from core.consent_log import ConsentLog
from core.delivery import DeliveryOutside, DeliveryService
from core.digests import DigestOutside, DigestService
from core.facts import FactService
from core.figures import FigureOutside, FigureService
from core.groups import GroupOutside, GroupService
from core.links import LinkCache, LinkOutside, LinkService
from core.links_in import LinkRules
from core.listed import names_of
from core.listed_later import listed_nowhere
from core.model import (
    Account,
    Actor,
    Code,
    Destination,
    DropReason,
    Group,
    GroupAddress,
    GroupId,
    Intake,
    Message,
    Missed,
    Notice,
    Platform,
    Posting,
    Purpose,
)
from core.own_shares import OwnShareService
from core.ports import Accept, Hear, HearAgain, IsListed, LookUp, NewId, Storage, Subjects
from core.rates import Bucket, Limits
from core.reactions import ReactionService
from core.receipts import Operator, signer
from core.sensitive_rules import SensitiveRules
from core.services import Services
from core.shares import ShareOutside, ShareService
from core.signin import SignInOutside, SignInService
from core.subjects import Issuer, SubjectService
from core.urls import UrlRules
from storage.sql import SqlStorage
from storage.subject import SqlSubjects
from tests.fakes.click_log import MemoryClickLog
from tests.fakes.factchecks import FakeFactChecks
from tests.fakes.memory_storage import MemoryStorage
from tests.fakes.memory_subjects import MemorySubjects
from tests.fakes.messenger import RecordingMessenger
from tests.fakes.noise import ScriptedNoise
from tests.fakes.sitemaps import FakeSitemaps
from tests.fakes.unfurler import FakeUnfurler

PUBLIC_URL = "https://s.example"
NOTICES = {language: Notice("member-1", f"hash-{language}", language) for language in ("en", "fr")}
GROUP = GroupAddress(Platform.TELEGRAM, "", "-1001")
ADMIN = Account("1")
MEMBER = Account("2")
OTHER = Account("3")
TUESDAY = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ISSUER = Issuer(
    Operator("Ana & Co", "ana@operator.example", PUBLIC_URL),
    signer(b"s" * 32),
    {"en": "Send /stop.", "fr": "/stop"},
    {(notice.id, notice.language): notice for notice in (*NOTICES.values(), Notice("member-0", "older", "en"))},
)
RULES = LinkRules(UrlRules.load(), SensitiveRules.load())


def look_up_in(kept: Storage) -> LookUp:
    """Codes one by one."""

    async def look_up(code: Code) -> Destination | None:
        async with kept.reading() as records:
            return await records.links.destination(code)

    return look_up


def accept_into(kept: Storage) -> Accept:
    """Each piece in a transaction of its own."""

    async def accept(event: str, intake: Intake) -> bool:
        async with kept.transaction() as records:
            return await records.inbox.put(event, intake)

    return accept


def unlimited(_address: GroupAddress, _posting: Posting) -> Sequence[Bucket]:
    """The clock of most stories stands still: no platform would be called twice."""
    return ()


@dataclass
class House:
    """Every service of core over fakes; the clock stands still until a test moves it."""

    moment: datetime = TUESDAY
    storage: Storage = field(init=False)
    missed: list[Missed] = field(default_factory=list)
    drops: Counter[DropReason] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)
    limits: Limits = field(default=unlimited)
    accept: Accept | None = None
    hear: Hear | None = None
    hear_again: HearAgain | None = None
    is_listed: IsListed | None = None
    messenger: RecordingMessenger = field(default_factory=RecordingMessenger)
    unfurler: FakeUnfurler = field(default_factory=FakeUnfurler)
    fact_checks: FakeFactChecks | None = None
    has_list: bool = False
    noise: ScriptedNoise = field(default_factory=ScriptedNoise)
    sitemaps: FakeSitemaps = field(default_factory=FakeSitemaps)
    click_log: MemoryClickLog = field(default_factory=MemoryClickLog)
    crawlers: frozenset[str] = frozenset({"crawler"})
    services: Services = field(init=False)

    def __post_init__(self) -> None:
        self.storage = MemoryStorage(self.now)
        self.messenger.admins.add(ADMIN)
        self.services = self.build()

    def now(self) -> datetime:
        return self.moment

    def later(self, **span: float) -> None:
        self.moment += timedelta(**span)

    def tell_missed(self, _: GroupId, missed: Missed) -> None:
        self.missed.append(missed)

    def count_wait(self, kind: str) -> None:
        self.waits[kind] += 1

    def count_drop(self, reason: DropReason) -> None:
        self.drops[reason] += 1

    def build(self, storage: Storage | None = None) -> Services:
        """The services anew, as after a restart, over the same or another storage."""
        kept = storage or self.storage
        ids, codes = count(1), count(1)
        roles = dict.fromkeys(Platform, self.messenger)
        started = f"{id(object()):x}"
        new_id = lambda: f"id-{started}-{next(ids)}"  # noqa: E731 - a port's shape, used twice
        log = ConsentLog(self.now, new_id, NOTICES)
        consent = ConsentService(
            ConsentOutside(kept, self.now, new_id, self.count_drop, self.hear, self.hear_again), log
        )
        groups = GroupService(GroupOutside(kept, roles, self.now, new_id), log)
        self.cache = LinkCache(self.now, capacity=100)
        listed_as = partial(names_of, rules=RULES.urls) if self.has_list else listed_nowhere
        links = LinkService(
            LinkOutside(
                kept,
                look_up_in(kept),
                self.now,
                lambda: f"link-{started}-{next(ids)}",
                lambda: Code(f"{next(codes):016d}"),
                partial(asyncio.sleep, 0),
                listed_as if self.has_list else None,
            ),
            self.cache,
        )
        self.visitors = MemoryVisitors(lambda: b"k" * 32)
        is_crawler = self.crawlers.__contains__
        clicks = ClickService(
            ClickOutside(kept, self.click_log, self.visitors, self.now, is_crawler, self.count_drop), links
        )
        outside = ShareOutside(
            kept,
            self.accept or accept_into(kept),
            self.unfurler,
            self.now,
            self.count_drop,
            PUBLIC_URL,
            offers_fact_checks=bool(self.fact_checks),
            together=together,
            is_listed=self.is_listed,
            beside=AsTasks(),
        )
        shares = ShareService(outside, RULES, consent, links)
        return Services(
            consent,
            groups,
            shares,
            links,
            clicks,
            DigestService(
                DigestOutside(kept, roles, self.noise, self.now, PUBLIC_URL, tell=self.tell_missed, listed_as=listed_as)
            ),
            DeliveryService(
                DeliveryOutside(kept, roles, self.now, self.limits, self.count_wait, listed_as), consent, groups
            ),
            SubjectService(self.subjects(kept, lambda: f"forgotten-{next(ids)}"), consent, ISSUER, self.now),
            FactService(kept, self.fact_checks),
            FigureService(FigureOutside(kept, self.noise, self.sitemaps, self.now)),
            SignInService(SignInOutside(kept, roles, self.now, lambda: f"secret-{started}-{next(ids)}", PUBLIC_URL)),
            ReactionService(kept),
            OwnShareService(kept, shares, self.now),
        )

    def subjects(self, kept: Storage, new_id: NewId) -> Subjects:
        if isinstance(kept, MemoryStorage):
            return MemorySubjects(kept, self.now, new_id)
        assert isinstance(kept, SqlStorage)
        return SqlSubjects(kept, self.now, new_id)

    # The steps that most stories begin with -----------------------------------------------------------------------

    async def switch_on(self, address: GroupAddress = GROUP) -> Group:
        await self.services.groups.bot_added(address, "Book club", "en")
        group = await self.services.groups.enable(address, Actor(ADMIN), "Book club", "en")
        await self.services.delivery.post_due()  # the notice, which members choose by
        return group

    async def opt_in(self, account: Account = MEMBER, *purposes: Purpose, address: GroupAddress = GROUP) -> None:
        chosen = frozenset(purposes or (Purpose.SHARES, Purpose.CLICKS))
        await self.services.consent.grant(address, account, chosen, "member-1")

    async def post(
        self,
        *urls: str,
        account: Account = MEMBER,
        message: str = "m1",
        edited_at: datetime | None = None,
        event: str | None = None,
        address: GroupAddress = GROUP,
        deliberate: bool = False,
    ) -> bool:
        standing = await self.services.consent.may_count(address, account)
        if standing is None:
            return False
        posted = Message(address, account, message, urls, self.moment, edited_at)
        event = event or f"{message}@{self.moment}@{edited_at}"
        return await self.services.shares.take_in(standing, posted, event, deliberate=deliberate)

    async def work(self) -> None:
        while await self.services.shares.work_off():
            pass
        while await self.services.delivery.post_due():
            pass
