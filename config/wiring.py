"""Builds every object, opens and closes every resource. No logic."""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from secrets import token_urlsafe

from config.at_once import AsTasks, together
from config.digests import tell_missed
from config.keys import public_text
from config.lookups import FeedTick, Lookups, open_lookups
from config.platforms import SlackKeepers, open_lines
from config.process import Process, Surroundings
from config.redirecting import (
    Counting,
    Redirects,
    build_redirects,
    listing,
    new_id,
    open_counting,
    public_pages,
    redirect_ticks,
    watching,
)
from config.settings import Role, Settings
from config.sitemaps import FileSitemaps, SitemapTick
from config.ticks import Tick, Ticking
from core.anonymity import OpenDpNoise
from core.consent import ConsentOutside, ConsentService
from core.consent_log import ConsentLog
from core.delivery import DeliveryOutside, DeliveryService
from core.digests import DigestOutside, DigestService
from core.facts import FactService
from core.feeds import FeedOutside, FeedService
from core.figures import FigureOutside, FigureService
from core.groups import GroupOutside, GroupService
from core.links_in import LinkRules, examine
from core.listed_later import listed_nowhere
from core.model import Platform
from core.own_shares import OwnShareService
from core.ports import Messenger, Now, Unfurler
from core.rates import buckets_of
from core.reactions import ReactionService
from core.receipts import Operator, signer
from core.schedules import Rhythm
from core.sensitive_rules import SensitiveRules
from core.services import Services
from core.shares import ShareOutside, ShareService
from core.signin import SignInOutside, SignInService
from core.subjects import Issuer, SubjectService
from core.urls import UrlRules
from storage.hearing import Hearing
from storage.installations import SqlInstallations
from storage.intake import SqlIntake
from storage.listing import Listing
from storage.own_tokens import SqlOwnTokens
from storage.retention import KINDS as RETAINED
from storage.retention import Retention
from storage.sql import SqlStorage
from storage.subject import SqlSubjects
from texts.catalogue import LANGUAGES
from texts.notices import every_notice, notices
from web.health import Health
from web.pages.render import Pages
from web.pages.signed_in import SignedInOutside, SignedInPages
from web.server import Front, build_server
from web.unfurl.unfurler import Egress, Pace, open_egress

WORKER = frozenset({Role.WORKER})


@dataclass(frozen=True, slots=True)
class House(Process):
    """A process that can do everything, whatever its roles let it do."""

    storage: SqlStorage
    services: Services


@dataclass(frozen=True, slots=True)
class Materials:
    """What the services are built from."""

    counting: Counting
    redirects: Redirects
    messengers: Mapping[Platform, Messenger]
    unfurler: Unfurler
    intake: SqlIntake
    rules: LinkRules
    lookups: Lookups
    issuer: Issuer


@asynccontextmanager
async def open_house(settings: Settings, around: Surroundings, process_now: Now) -> AsyncIterator[House]:
    """Open everything this process needs, and close it in the reverse order.

    Args:
        settings: checked.
        around: words, the application's clock, the way to wait.
        process_now: the machine's clock, for judging whether this process keeps up.
    """
    async with AsyncExitStack() as stack:
        counting = await open_counting(settings, around, stack)
        storage = counting.storage
        rules = link_rules(settings)
        lines = open_lines(around, slack_keepers(storage, rules))
        for line in lines:
            stack.push_async_callback(line.close)
        egress = build_egress(settings, rules, storage, around)
        stack.push_async_callback(egress.aclose)
        lookups = open_lookups(settings, rules.urls, storage)
        stack.push_async_callback(lookups.client.aclose)
        messengers = {line.platform: line.messenger for line in lines}
        intake = SqlIntake(storage, settings.data_dir, new_id)
        issuer = issuer_of(around, await storage.signing_seed())
        redirects = build_redirects(counting, around, rules.urls)
        materials = Materials(counting, redirects, messengers, egress.unfurler, intake, rules, lookups, issuer)
        services = build_services(materials, around)
        ticking = Ticking(build_ticks(settings, services, materials, around), process_now)
        mounts = {path: app for line in lines for path, app in line.connect(services).items()}
        server = build_server(build_front(services, around, ticking, materials), mounts)
        counting.meter.redirects = server.outcomes
        yield House(settings, services.clicks, counting.meter, server, lines, ticking, storage, services)


def build_services(made: Materials, around: Surroundings) -> Services:
    """Core, with everything it needs from outside."""
    storage, now, public_url = made.counting.storage, around.now, around.settings.public_url
    links, clicks = made.redirects.links, made.redirects.clicks
    count_drop, count_wait = made.counting.meter.count_drop, made.counting.meter.count_wait
    log = ConsentLog(now, new_id, notices(around.texts))
    hearing = Hearing(storage)
    consent = ConsentService(ConsentOutside(storage, now, new_id, count_drop, hearing, hearing.again), log)
    rhythm = Rhythm(timedelta(minutes=around.settings.digest_window_minutes))
    groups = GroupService(GroupOutside(storage, made.messengers, now, new_id, rhythm), log)
    listed_as = listing(around.settings, made.rules.urls) or listed_nowhere
    checks = made.lookups.checks
    sharing = ShareOutside(
        storage,
        made.intake,
        made.unfurler,
        now,
        count_drop,
        public_url,
        checks is not None,
        together,
        Listing(storage),
        AsTasks(),
    )
    shares = ShareService(sharing, made.rules, consent, links)
    noise = OpenDpNoise()
    digests = DigestService(
        DigestOutside(storage, made.messengers, noise, now, public_url, rhythm, tell_missed, together, listed_as)
    )
    sitemaps = FileSitemaps(around.settings.sitemap_files(), made.rules.urls)
    across = FigureService(FigureOutside(storage, noise, sitemaps, now))
    delivery = DeliveryService(
        DeliveryOutside(storage, made.messengers, now, buckets_of, count_wait, listed_as, AsTasks()), consent, groups
    )
    subjects = SubjectService(SqlSubjects(storage, now, new_id), consent, made.issuer, now)
    facts = FactService(storage, checks)
    signin = SignInService(SignInOutside(storage, made.messengers, now, token_urlsafe, public_url))
    reactions, own = ReactionService(storage), OwnShareService(storage, shares, now)
    return Services(
        consent, groups, shares, links, clicks, digests, delivery, subjects, facts, across, signin, reactions, own
    )


def issuer_of(around: Surroundings, seed: bytes) -> Issuer:
    """Who signs receipts, and what they say of taking a yes back."""
    settings = around.settings
    withdraw = {language: around.texts.speak(language).say("receipt.withdraw") for language in LANGUAGES}
    operator = Operator(settings.operator_name, settings.operator_contact, settings.public_url.rstrip("/"))
    return Issuer(operator, signer(seed), withdraw, every_notice(around.texts))


def slack_keepers(storage: SqlStorage, rules: LinkRules) -> SlackKeepers:
    """What Slack's half needs of storage and of the rules for links."""

    def spell(url: str) -> str | None:
        clean = examine(url, rules.urls, rules.sensitive).clean
        return clean.display if clean else None

    return SlackKeepers(SqlInstallations(storage), SqlOwnTokens(storage), spell)


def link_rules(settings: Settings) -> LinkRules:
    """The tables of links; names that are served on loopback are let through."""
    served_here = frozenset(settings.test_hosts())
    return LinkRules(UrlRules.load(), replace(SensitiveRules.load(), served_here=served_here))


def build_egress(settings: Settings, rules: LinkRules, storage: SqlStorage, around: Surroundings) -> Egress:
    """The guarded way out to the pages that links lead to."""
    return open_egress(
        storage,
        partial(examine, url_rules=rules.urls, sensitive_rules=rules.sensitive),
        Pace(around.now, random.uniform, around.sleep),
        settings.public_url,
        proxy=settings.unfurl_proxy,
        test_hosts=settings.test_hosts(),
        honour_robots=settings.unfurl_honour_robots,
    )


def build_ticks(settings: Settings, services: Services, made: Materials, around: Surroundings) -> list[Tick]:
    """What this process does every so often, by its roles."""
    storage, meter, shares, delivery = made.counting.storage, made.counting.meter, services.shares, services.delivery
    ticks = [
        Tick("inbox", timedelta(seconds=0.5), shares.keep_up, WORKER, again=True, finish=shares.finish),
        *redirect_ticks(made.counting, made.redirects, around),  # clicks before a week is frozen
        Tick("digests", timedelta(seconds=5), services.digests.tick, frozenset({Role.DIGEST}), jitter=2),
        Tick("figures", timedelta(minutes=1), services.figures.tick, frozenset({Role.DIGEST}), jitter=10),
        Tick("sitemaps", timedelta(hours=1), SitemapTick(services.figures), frozenset({Role.DIGEST}), jitter=60),
        Tick("outbox", timedelta(seconds=0.5), delivery.keep_up, WORKER, again=True, finish=delivery.finish),
        Tick("intake", timedelta(seconds=1), made.intake.replay, frozenset({Role.WEB, Role.WORKER})),
        Tick("pauses", timedelta(minutes=1), services.groups.resume_due, WORKER),
        Tick("erasures", timedelta(minutes=1), services.groups.erase_due, WORKER),
        Tick("stale_consents", timedelta(hours=1), services.consent.purge_stale, WORKER),
        Tick("retention", timedelta(hours=1), meter.retaining(Retention(storage).run, RETAINED), WORKER),
    ]
    if made.lookups.feed is not None:
        listed_as = listing(settings, made.rules.urls) or listed_nowhere
        feeds = FeedTick(FeedService(FeedOutside(storage, made.lookups.feed, around.now, listed_as)))
        ticks.append(Tick("feeds", timedelta(minutes=5), feeds, WORKER, jitter=60))
    return [tick for tick in ticks if tick.roles & settings.roles]


def build_front(services: Services, around: Surroundings, ticking: Ticking, made: Materials) -> Front:
    """What the server answers with."""
    settings = around.settings
    public = public_pages(services.clicks, around, public_text(made.issuer.signer))
    checks, metrics = watching(made.counting, settings, ticking)
    outside = SignedInOutside(settings.public_url, around.now, checks)
    signed_in = SignedInPages(Pages(around.texts), services, outside)
    return Front(services.clicks, public, Health(checks), metrics, signed_in)
