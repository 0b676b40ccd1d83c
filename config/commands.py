"""The commands beside `run`, each a function that says what it did."""

import argparse
import asyncio
import sys

from config.backups import How, back_up, restore
from config.demo import demo
from config.digests import dry_run
from config.doctor import examine
from config.exports import MAPS, as_csv, as_json, frozen_weeks, redirects, write_privately
from config.keys import rotate, write_root_key
from config.lookups import update_feed
from config.papers import settings_paper
from config.published import published
from config.receipts import audit_consents, receipt_key, told, verified
from config.running import check, logs_of
from config.service import utc_now
from config.settings import example, load_settings, root_key_in
from config.stuck import replay, resend, stuck
from config.words import operator_words, say, tell
from core.model import GroupId
from storage.migrate import backup_sqlite, upgrade


def play(given: argparse.Namespace) -> int:
    """`penumbra demo`: both platforms in one browser page, with the real bots in them."""
    asyncio.run(demo(given.port))
    return 0


def migrate(_: argparse.Namespace) -> int:
    """`penumbra migrate`: bring the database up to date; SQLite is copied first."""
    settings = load_settings()
    if settings.database_url.startswith("sqlite:"):
        backup_sqlite(settings.database_url, utc_now())
    asyncio.run(upgrade(settings.database_url))
    say("command.migrated")
    return 0


def keys_init(given: argparse.Namespace) -> int:
    """`penumbra keys init FILE`: make a root key that only its owner can read."""
    write_root_key(given.file)
    say("command.keys.made", file=given.file)
    return 0


def feeds_update(_: argparse.Namespace) -> int:
    """`penumbra feeds update`: fetch the list of addresses that spread malware."""
    settings = load_settings()
    logs_of(settings)
    entries = asyncio.run(update_feed(settings, utc_now))
    if entries is None:
        say("command.feeds.none")
        return 0
    say("command.feeds.fetched", n=entries)
    return 0


def keys_rotate(given: argparse.Namespace) -> int:
    """`penumbra keys rotate --to FILE`: wrap every key anew under another root key, beside running processes."""
    settings = load_settings()
    number = asyncio.run(rotate(settings, given.to))
    say("command.keys.rotated", n=number)
    if settings.root() != root_key_in(given.to, "--to"):
        say("command.keys.now_set", file=given.to)
    else:
        say("command.keys.done")
    return 0


def keys_public(_: argparse.Namespace) -> int:
    """`penumbra keys public`: the public half of the key that signs receipts."""
    tell(asyncio.run(receipt_key(load_settings())))
    return 0


def receipt_verify(given: argparse.Namespace) -> int:
    """`penumbra receipt verify FILE`: whether we gave this receipt, and what it says."""
    key = given.key or asyncio.run(receipt_key(load_settings()))
    for line in told(verified(given.file, key)):
        say(line)
    return 0


def consent_audit(_: argparse.Namespace) -> int:
    """`penumbra consent audit`: check the whole chain of the consent log."""
    lines, broken = asyncio.run(audit_consents(load_settings()))
    if not broken:
        say("command.consent.whole", n=lines)
        return 0
    say("command.consent.broken", n=len(broken), lines=broken, of=lines)
    return 1


def digest(given: argparse.Namespace) -> int:
    """`penumbra digest`: a group's next digest, nothing posted, or the figures across groups as they were frozen."""
    if given.across:
        return _show(asyncio.run(published(load_settings(), given.across, operator_words())), "command.digest.no_week")
    said = asyncio.run(dry_run(load_settings(), GroupId(given.dry_run), utc_now))
    return _show([said] if said else None, "command.digest.none")


def _show(lines: list[str] | None, otherwise: str) -> int:
    if lines is None:
        say(otherwise)
    for line in lines or ():
        tell(line)
    return 0


def backup(given: argparse.Namespace) -> int:
    """`penumbra backup WHERE`: the whole database in one file, also while Penumbra runs."""
    made = asyncio.run(back_up(load_settings(), given.where, utc_now()))
    say("command.backup.made", file=made)
    return 0


def restore_backup(given: argparse.Namespace) -> int:
    """`penumbra restore FILE`: put a backup in place; what was erased since stays erased."""
    settings = load_settings()
    journals = tuple(given.journal or [settings.journal_dir])
    done = asyncio.run(restore(settings, given.file, How(given.replace, journals, given.without_journal)))
    say("command.restore.done", made_at=done.made_at)
    if given.without_journal:
        say("command.restore.without_journal")
    else:
        say("command.restore.erased", n=done.erased)
    if done.kept_as is not None:
        say("command.restore.kept", file=done.kept_as)
    return 0


def export_weeks(given: argparse.Namespace) -> int:
    """`penumbra export weeks GROUP`: a group's published weeks, as they were frozen."""
    editions = asyncio.run(frozen_weeks(load_settings(), GroupId(given.group)))
    write_privately(given.file, as_csv(editions) if given.file.suffix == ".csv" else as_json(editions))
    say("command.export.weeks", n=len(editions), file=given.file)
    return 0


def export_redirects(given: argparse.Namespace) -> int:
    """`penumbra export redirects KIND FILE`: where short links lead, for a server without Penumbra."""
    leads = asyncio.run(redirects(load_settings(), utc_now()))
    write_privately(given.file, MAPS[given.kind](leads))
    say("command.export.redirects", n=len(leads), file=given.file)
    return 0


def doctor(_: argparse.Namespace) -> int:
    """`penumbra doctor`: what is wrong, and how to mend it."""
    findings = asyncio.run(examine(load_settings()))
    words, in_colour = operator_words(), sys.stdout.isatty()
    for finding in findings:
        tell(finding.told(words).line(in_colour=in_colour))
    return int(any(finding.is_red for finding in findings))


def doctor_stuck(_: argparse.Namespace) -> int:
    """`penumbra doctor stuck`: what was given up on and waits for a person."""
    found = asyncio.run(stuck(load_settings()))
    for each in found:
        tell(each.line(operator_words()))
    if not found:
        say("command.stuck.nothing")
    return 0


def doctor_replay(given: argparse.Namespace) -> int:
    """`penumbra doctor replay [ID …]`: try failed work again."""
    number = asyncio.run(replay(load_settings(), given.id))
    say("command.stuck.replayed", n=number)
    return 0


def doctor_resend(given: argparse.Namespace) -> int:
    """`penumbra doctor resend ID`: post again what may have been posted already."""
    asyncio.run(resend(load_settings(), given.id, utc_now))
    say("command.stuck.resent")
    return 0


def config_check(_: argparse.Namespace) -> int:
    """`penumbra config check`: read the settings and say what is wrong, or that nothing is."""
    check(load_settings())
    say("command.config.fine")
    return 0


def config_example(given: argparse.Namespace) -> int:
    """`penumbra config example`: print the text of `.env.example`, or of `docs/settings.md`."""
    sys.stdout.write(settings_paper() if given.markdown else example())
    return 0
