"""What is wrong and how to mend it: one line for each thing that was looked at."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from config.botfather import ask_telegram
from config.findings import Finding, Level, about, name
from config.first_run import ENV_FILE
from config.keys import beside, utc_now
from config.machine import look_around
from config.reach import look_at_ways_in
from config.rounds import look_at_groups
from config.settings import Settings, SettingsError
from config.sitemaps import read_file
from config.words import phrase_of
from config.workspaces import ask_slack, look_at_workspaces
from core.digests import TOO_LATE, UNREADABLE
from core.errors import PenumbraError, SitemapUnreadable, StorageUnavailable, Tampered, TooManyPages, WrongRootKey
from core.figures import AT_MOST_LATE, ends_at, next_release, over
from core.model import NO_ANSWER
from core.urls import UrlRules
from storage.checkup import Checkup, check_up, has_master_key
from storage.schema import lacking, newer, pending
from texts.phrases import Phrase

RETENTION_LATE = timedelta(hours=2)
"""Retention runs hourly."""
SKEW_NOTED, SKEW_BAD = timedelta(seconds=2), timedelta(seconds=30)
"""Leases last a minute; codes of a withdrawal are looked back for by half of that."""
WORK_LATE = timedelta(minutes=5)
"""A piece that fails is tried again for up to three."""
POSTING_LATE = RELEASE_LATE = timedelta(minutes=15)
LIST_LATE = timedelta(hours=24)
"""It is fetched hourly."""
_WHYS = {
    TOO_LATE: "why.too_late",
    UNREADABLE: "why.unreadable",
    NO_ANSWER: "why.no_answer",
    "past its cutoff": "why.too_late",
    "topic closed": "why.topic_closed",
    "topic gone": "why.topic_gone",
    "is_archived": "why.archived",
    "no right to write": "why.forbidden",
    "forbidden": "why.forbidden",
    "restricted_action": "why.forbidden",
}
"""As `texts.missed.REASONS`, which tells a group's admins, in a few words for a line of many."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; changes nothing, and may run beside Penumbra."""
    here = [*_settings(settings), *await look_around(settings, utc_now())]
    there = [*await ask_telegram(settings), *await ask_slack(settings), *await look_at_ways_in(settings, utc_now())]
    return [*here, *there, *await _database(settings)]


# What the settings say --------------------------------------------------------------------------------------------


def _settings(settings: Settings) -> Iterator[Finding]:
    yield _public_url(settings)
    if settings.unfurl_test_hosts:
        yield Finding(
            Level.RED,
            name("test_hosts"),
            about("test_hosts.set"),
            about("test_hosts.mend"),
        )
    if not settings.telegram_token and not settings.has_slack:
        yield Finding(Level.RED, name("platforms"), about("platforms.none"), about("platforms.mend"))
    checks = about("fact_checks.on") if settings.factcheck_key else about("fact_checks.off")
    yield Finding(Level.FINE, name("fact_checks"), checks)
    robots = about("robots.honoured") if settings.unfurl_honour_robots else about("robots.not_asked")
    yield Finding(Level.FINE, name("robots"), robots)
    keys = {"root_key": settings.root_key_file, "other_root_key": settings.other_root_key_file, "env": ENV_FILE}
    for which, path in keys.items():
        if path is not None and path.exists():
            yield _mode(name(which), path)
    yield from _sitemaps(settings)


def _sitemaps(settings: Settings) -> Iterator[Finding]:
    for domain, path in sorted(settings.sitemap_files().items()):
        try:
            pages = len(read_file(domain, path, UrlRules.load()).pages)
            yield Finding(Level.FINE, name("sitemap"), about("sitemap.pages", domain=domain, n=pages))
        except (SitemapUnreadable, TooManyPages) as error:
            state = about("sitemap.wrong", domain=domain, why=phrase_of(error))
            yield Finding(Level.RED, name("sitemap"), state, about("sitemap.mend"))


def _public_url(settings: Settings) -> Finding:
    url, what = urlsplit(settings.public_url), name("public_address")
    if url.hostname in _LOOPBACK:
        return Finding(Level.RED, what, about("public.loopback"), about("public.loopback.mend"))
    if url.path.strip("/") or url.query or url.fragment:
        return Finding(Level.RED, what, about("public.path"), about("public.path.mend"))
    if url.scheme != "https":
        return Finding(Level.ODD, what, about("public.plain"), about("public.plain.mend"))
    return Finding(Level.FINE, what, about("public.fine", address=f"https://{url.netloc}"))


def _mode(what: Phrase, path: Path) -> Finding:
    if path.stat().st_mode & 0o077:
        return Finding(Level.RED, what, about("mode.open"), about("mode.mend", file=path))
    return Finding(Level.FINE, what, about("mode.fine"))


# What the database says -------------------------------------------------------------------------------------------


async def _database(settings: Settings) -> list[Finding]:
    """How far one gets with the database, and how it is doing."""
    url = settings.database_url
    findings = list(_root(settings))
    has_key = not findings
    try:
        missing = await pending(url)
        findings.append(Finding(Level.FINE, name("database"), about("database.answers")))
        if missing:
            state = about("migrations.missing", n=len(missing), names=missing)
            return [*findings, Finding(Level.RED, name("migrations"), state, about("migrations.run"))]
        schema = _schema(await newer(url), await lacking(url))
        findings.append(schema)
        if schema.is_red or not has_key:
            return findings
        if not await has_master_key(url):
            return [*findings, Finding(Level.FINE, name("root_key"), about("root_key.to_come"))]
        async with beside(settings) as storage:
            findings.append(Finding(Level.FINE, name("root_key"), about("root_key.opens")))
            found = await check_up(storage)
            told = [*findings, *_inside(found, utc_now()), _list(settings, found, utc_now())]
            workspaces = await look_at_workspaces(settings, storage)
            return [*told, *workspaces, *await look_at_groups(settings, storage, utc_now())]
    except PenumbraError as error:
        return [*findings, _trouble(error)]


def _root(settings: Settings) -> Iterator[Finding]:
    """Nothing when there is a root key: whether it fits is the database's to say."""
    try:
        settings.root()
    except SettingsError as error:
        yield _trouble(error)


def _schema(applied: str | None, missing: list[str]) -> Finding:
    """Migrations only add: an older Penumbra may run on a newer schema, if all that it needs is there."""
    if missing:
        state = about("migrations.lacks", names=missing)
        return Finding(Level.RED, name("migrations"), state, about("migrations.lacks.mend"))
    if applied is not None:
        state = about("migrations.newer", name=applied)
        return Finding(Level.ODD, name("migrations"), state, about("migrations.newer.mend"))
    return Finding(Level.FINE, name("migrations"), about("migrations.fine"))


def _trouble(error: PenumbraError) -> Finding:
    if isinstance(error, StorageUnavailable):
        return Finding(Level.RED, name("database"), phrase_of(error), about("database.mend"))
    if isinstance(error, SettingsError):
        return Finding(Level.RED, name("root_key"), about("root_key.unread"), phrase_of(error))
    if isinstance(error, WrongRootKey | Tampered):
        return Finding(Level.RED, name("root_key"), about("root_key.wrong"), about("root_key.wrong.mend"))
    raise error


def _inside(found: Checkup, now: datetime) -> Iterator[Finding]:
    yield _clock(found.clock - now)
    yield _chain(found)
    yield from _retention(found)
    yield from _work(found, now)
    yield _figures(found, now)


def _clock(skew: timedelta) -> Finding:
    seconds = abs(skew.total_seconds())
    state = about("clock.apart", seconds=round(seconds, 1))
    if abs(skew) > SKEW_BAD:
        return Finding(Level.RED, name("clock"), state, about("clock.mend"))
    return Finding(Level.ODD if abs(skew) > SKEW_NOTED else Level.FINE, name("clock"), state)


def _chain(found: Checkup) -> Finding:
    if not found.broken:
        return Finding(Level.FINE, name("consent_log"), about("consent.whole", n=found.log_lines))
    state = about("consent.broken", n=len(found.broken), lines=list(found.broken))
    return Finding(Level.RED, name("consent_log"), state, about("consent.mend"))


def _retention(found: Checkup) -> Iterator[Finding]:
    for kind, left in sorted(found.left.items()):
        what = about(f"kept.{kind}")
        if left >= timedelta():
            yield Finding(Level.FINE, what, about("retention.goes_in", span=_span(left)))
        elif left > -RETENTION_LATE:
            yield Finding(Level.FINE, what, about("retention.within_the_hour"))
        else:
            yield Finding(Level.RED, what, about("retention.late", span=_span(-left)), about("retention.mend"))


def _work(found: Checkup, now: datetime) -> Iterator[Finding]:
    if found.dead:
        yield Finding(Level.ODD, name("accepted_work"), about("work.dead", n=found.dead), about("work.dead.mend"))
    if found.accepted is not None and now - found.accepted > WORK_LATE:
        state = about("work.waits", span=_span(now - found.accepted))
        yield Finding(Level.RED, name("inbox"), state, about("work.waits.mend"))
    if found.missed:
        yield Finding(Level.ODD, name("digests"), _missed(found.missed), about("digests.mend"))
    if found.unknown:
        yield Finding(Level.ODD, name("postings"), about("postings.unknown", n=found.unknown), about("postings.mend"))
    if found.waiting is not None and now - found.waiting > POSTING_LATE:
        state = about("work.waits", span=_span(now - found.waiting))
        yield Finding(Level.RED, name("outbox"), state, about("work.outbox.mend"))


def _missed(missed: Mapping[str, int]) -> Phrase:
    whys = [about("digests.why", n=number, why=_why(why)) for why, number in missed.items()]
    return about("digests.missed", whys=whys)


def _why(word: str) -> Phrase:
    """A short word of core, storage or a messenger; a platform's own stays as it is, for a search in its papers."""
    reason, _, group = word.partition(" group ")
    if group:
        return about("why.unreadable_of", group=group)
    text_id = _WHYS.get(reason)
    return about(text_id) if text_id else about("why.other", word=reason)


def _figures(found: Checkup, now: datetime) -> Finding:
    """The figures across groups: when the next are released, and what they cost so far."""
    spent = found.ledger.year(now.isocalendar().year)
    epsilon, delta = f"{spent.epsilon:g}", f"{spent.delta:.2g}"  # as the papers write them, the same in every language
    cost = about("figures.cost", epsilon=epsilon, delta=delta, year=spent.week)
    due = over(now - RELEASE_LATE)
    if found.released is not None and found.released < due:
        late = now - ends_at(due) < AT_MOST_LATE
        state = about("figures.late" if late else "figures.lost", week=due, cost=cost)
        return Finding(Level.RED if late else Level.ODD, name("figures"), state, about("digest_role.mend"))
    return Finding(Level.FINE, name("figures"), about("figures.next", at=next_release(now), cost=cost))


def _list(settings: Settings, found: Checkup, now: datetime) -> Finding:
    """The list of addresses that spread malware: off, never fetched, of which size and age."""
    what = name("malware_list")
    if settings.urlhaus_url is None:
        return Finding(Level.FINE, what, about("off"))
    if found.listed_at is None:
        return Finding(Level.RED, what, about("list.never"), about("list.never.mend"))
    state = about("list.age", n=found.listed, span=_span(now - found.listed_at))
    if now - found.listed_at > LIST_LATE:
        return Finding(Level.RED, what, state, about("list.mend"))
    return Finding(Level.FINE, what, state)


def _span(span: timedelta) -> Phrase:
    if span >= timedelta(days=2):
        return about("span.days", n=span.days)
    minutes = int(span.total_seconds() // 60)
    return about("span.hours", hours=minutes // 60, minutes=minutes % 60)
