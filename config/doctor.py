"""What is wrong and how to mend it: one line for each thing that was looked at."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from config.botfather import ask_telegram
from config.findings import Finding, Level
from config.first_run import ENV_FILE
from config.keys import beside, utc_now
from config.machine import look_around
from config.reach import look_at_ways_in
from config.rounds import look_at_groups
from config.settings import Settings, SettingsError
from config.sitemaps import read_file
from config.workspaces import ask_slack, look_at_workspaces
from core.errors import PenumbraError, SitemapUnreadable, StorageUnavailable, Tampered, TooManyPages, WrongRootKey
from core.figures import AT_MOST_LATE, ends_at, next_release, over
from core.urls import UrlRules
from storage.checkup import Checkup, check_up, has_master_key
from storage.schema import lacking, newer, pending

RETENTION_LATE = timedelta(hours=2)
"""Retention runs hourly."""
SKEW_NOTED, SKEW_BAD = timedelta(seconds=2), timedelta(seconds=30)
"""Leases last a minute; codes of a withdrawal are looked back for by half of that."""
WORK_LATE = timedelta(minutes=5)
"""A piece that fails is tried again for up to three."""
POSTING_LATE = RELEASE_LATE = timedelta(minutes=15)
LIST_LATE = timedelta(hours=24)
"""It is fetched hourly."""
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
            "test hosts",
            "pages of some names are fetched on this machine",
            "unset PENUMBRA_UNFURL_TEST_HOSTS: it is for the playground and for tests",
        )
    if not settings.telegram_token and not settings.has_slack:
        mend = "set PENUMBRA_TELEGRAM_TOKEN, or PENUMBRA_SLACK_SIGNING_SECRET with a bot token"
        yield Finding(Level.RED, "platforms", "none is set up", mend)
    yield Finding(Level.FINE, "fact checks", "on: a tap sends a title to Google" if settings.factcheck_key else "off")
    yield Finding(Level.FINE, "robots.txt", "honoured" if settings.unfurl_honour_robots else "not asked for")
    keys = {"root key": settings.root_key_file, "other root key": settings.other_root_key_file, ".env": ENV_FILE}
    for name, path in keys.items():
        if path is not None and path.exists():
            yield _mode(name, path)
    yield from _sitemaps(settings)


def _sitemaps(settings: Settings) -> Iterator[Finding]:
    for domain, path in sorted(settings.sitemap_files().items()):
        try:
            pages = len(read_file(domain, path, UrlRules.load()).pages)
            yield Finding(Level.FINE, "sitemap", f"{domain}: {pages} page(s)")
        except (SitemapUnreadable, TooManyPages) as error:
            mend = "its pages count as unlisted ones meanwhile, which need more people to be shown"
            yield Finding(Level.RED, "sitemap", f"{domain}: {error}", mend)


def _public_url(settings: Settings) -> Finding:
    url = urlsplit(settings.public_url)
    if url.hostname in _LOOPBACK:
        mend = "set PENUMBRA_PUBLIC_URL to the address that people can reach"
        return Finding(Level.RED, "public address", "leads to this machine: nobody else can follow a link", mend)
    if url.path.strip("/") or url.query or url.fragment:
        mend = "PENUMBRA_PUBLIC_URL: a scheme and a host alone"
        return Finding(Level.RED, "public address", "has a path: short URLs would not be found", mend)
    if url.scheme != "https":
        mend = "put a proxy with a certificate in front, and https:// into PENUMBRA_PUBLIC_URL"
        return Finding(Level.ODD, "public address", "is not https: codes can be read on the way", mend)
    return Finding(Level.FINE, "public address", f"https://{url.netloc}")


def _mode(name: str, path: Path) -> Finding:
    if path.stat().st_mode & 0o077:
        return Finding(Level.RED, name, "its file can be read by others", f"chmod 600 {path}")
    return Finding(Level.FINE, name, "its file is its owner's alone")


# What the database says -------------------------------------------------------------------------------------------


async def _database(settings: Settings) -> list[Finding]:
    """How far one gets with the database, and how it is doing."""
    url = settings.database_url
    findings = list(_root(settings))
    has_key = not findings
    try:
        missing = await pending(url)
        findings.append(Finding(Level.FINE, "database", "answers"))
        if missing:
            state = f"{len(missing)} missing ({', '.join(missing)})"
            return [*findings, Finding(Level.RED, "migrations", state, "run `penumbra migrate`")]
        schema = _schema(await newer(url), await lacking(url))
        findings.append(schema)
        if schema.is_red or not has_key:
            return findings
        if not await has_master_key(url):
            return [*findings, Finding(Level.FINE, "root key", "the first start will bind the database to it")]
        async with beside(settings) as storage:
            findings.append(Finding(Level.FINE, "root key", "opens the database"))
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
        mend = "run the Penumbra that fits, or `penumbra restore` the backup from before the migration"
        return Finding(Level.RED, "migrations", f"the schema lacks {', '.join(missing)}", mend)
    if applied is not None:
        mend = "run the newer version again when you can: this one works, and ignores what is new"
        return Finding(Level.ODD, "migrations", f"a newer Penumbra has applied {applied}", mend)
    return Finding(Level.FINE, "migrations", "all applied")


def _trouble(error: PenumbraError) -> Finding:
    if isinstance(error, StorageUnavailable):
        return Finding(Level.RED, "database", str(error), "start it, or look at PENUMBRA_DATABASE_URL")
    if isinstance(error, SettingsError):
        return Finding(Level.RED, "root key", "is not there or can't be read", str(error))
    if isinstance(error, WrongRootKey | Tampered):
        mend = "give the key that this database was made with: nothing in it opens with another"
        return Finding(Level.RED, "root key", "does not open the database", mend)
    raise error


def _inside(found: Checkup, now: datetime) -> Iterator[Finding]:
    yield _clock(found.clock - now)
    yield _chain(found)
    yield from _retention(found)
    yield from _work(found, now)
    yield _figures(found, now)


def _clock(skew: timedelta) -> Finding:
    seconds = abs(skew.total_seconds())
    state = f"{seconds:.1f} s apart from the database's"
    if abs(skew) > SKEW_BAD:
        return Finding(Level.RED, "clock", state, "set both clocks by NTP")
    return Finding(Level.ODD if abs(skew) > SKEW_NOTED else Level.FINE, "clock", state)


def _chain(found: Checkup) -> Finding:
    if not found.broken:
        return Finding(Level.FINE, "consent log", f"whole, {found.log_lines} line(s)")
    lines = ", ".join(map(str, found.broken))
    mend = "somebody wrote to the database outside Penumbra: find out who, restore a backup"
    return Finding(Level.RED, "consent log", f"broken at line(s) {lines}", mend)


def _retention(found: Checkup) -> Iterator[Finding]:
    for kind, left in sorted(found.left.items()):
        if left >= timedelta():
            yield Finding(Level.FINE, kind, f"oldest goes in {_span(left)}")
        elif left > -RETENTION_LATE:
            yield Finding(Level.FINE, kind, "oldest goes within the hour")
        else:
            mend = "is a process with the role worker running? it deletes hourly"
            yield Finding(Level.RED, kind, f"oldest is kept {_span(-left)} too long", mend)


def _work(found: Checkup, now: datetime) -> Iterator[Finding]:
    if found.dead:
        mend = "look for work_failed in the logs, then `penumbra doctor replay`; it is dropped after 7 days"
        yield Finding(Level.ODD, "accepted work", f"{found.dead} piece(s) failed for good", mend)
    if found.accepted is not None and now - found.accepted > WORK_LATE:
        state = f"the oldest waits for {_span(now - found.accepted)}"
        yield Finding(Level.RED, "inbox", state, "is a process with the role worker running? look for tick_in_trouble")
    if found.missed:
        whys = ", ".join(f"{number} × {why}" for why, number in found.missed.items())
        mend = "the settings of each group say which; a closed topic or an archived channel is its admins' to mend"
        yield Finding(Level.ODD, "digests", f"not posted in the last 8 days: {whys}", mend)
    if found.unknown:
        mend = "look whether they are in the group: `penumbra doctor stuck` lists them, `doctor resend ID` posts again"
        yield Finding(Level.ODD, "postings", f"{found.unknown} of unknown end", mend)
    if found.waiting is not None and now - found.waiting > POSTING_LATE:
        state = f"the oldest waits for {_span(now - found.waiting)}"
        yield Finding(Level.RED, "outbox", state, "is a process with the role worker running, and the platform up?")


def _figures(found: Checkup, now: datetime) -> Finding:
    """The figures across groups: when the next are released, and what they cost so far."""
    spent = found.ledger.year(now.isocalendar().year)
    cost = f"ε {spent.epsilon:g} and δ {spent.delta:.2g} spent of each account in {spent.week}"
    due = over(now - RELEASE_LATE)
    if found.released is not None and found.released < due:
        late = now - ends_at(due) < AT_MOST_LATE
        state = (
            f"those of {due} are {'not released yet' if late else 'lost: nobody released them within a day'}; {cost}"
        )
        mend = "is a process with the role digest running? /readyz says what keeps it"
        return Finding(Level.RED if late else Level.ODD, "figures", state, mend)
    return Finding(Level.FINE, "figures", f"next release {next_release(now):%Y-%m-%d %H:%M} UTC; {cost}")


def _list(settings: Settings, found: Checkup, now: datetime) -> Finding:
    """The list of addresses that spread malware: off, never fetched, of which size and age."""
    name = "malware list"
    if settings.urlhaus_url is None:
        return Finding(Level.FINE, name, "off")
    if found.listed_at is None:
        mend = "look for feed_not_updated in the logs, or run `penumbra feeds update` while Penumbra is stopped"
        return Finding(Level.RED, name, "was never fetched", mend)
    state = f"{found.listed} entries, {_span(now - found.listed_at)} old"
    if now - found.listed_at > LIST_LATE:
        return Finding(
            Level.RED, name, state, "is a process with the role worker running? look at PENUMBRA_URLHAUS_URL"
        )
    return Finding(Level.FINE, name, state)


def _span(span: timedelta) -> str:
    if span >= timedelta(days=2):
        return f"{span.days} days"
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min"
