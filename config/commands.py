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
from config.running import check, logs_of, say
from config.service import utc_now
from config.settings import example, load_settings, root_key_in
from config.stuck import replay, resend, stuck
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
    say("The database is up to date.")
    return 0


def keys_init(given: argparse.Namespace) -> int:
    """`penumbra keys init FILE`: make a root key that only its owner can read."""
    write_root_key(given.file)
    say(
        f"{given.file} holds a new root key. Set PENUMBRA_ROOT_KEY_FILE to it, and keep a copy apart from the database:"
    )
    say("without it nothing that Penumbra keeps can ever be read again.")
    return 0


def feeds_update(_: argparse.Namespace) -> int:
    """`penumbra feeds update`: fetch the list of addresses that spread malware."""
    settings = load_settings()
    logs_of(settings)
    entries = asyncio.run(update_feed(settings, utc_now))
    if entries is None:
        say("There is no list to fetch: set PENUMBRA_URLHAUS_URL. Until then every link is taken as it is.")
        return 0
    say(f"The list holds {entries} addresses. A running Penumbra fetches it every hour by itself.")
    return 0


def keys_rotate(given: argparse.Namespace) -> int:
    """`penumbra keys rotate --to FILE`: wrap every key anew under another root key, beside running processes."""
    settings = load_settings()
    number = asyncio.run(rotate(settings, given.to))
    say(f"{number} key(s) wrapped anew; none is left under another root key.")
    if settings.root() != root_key_in(given.to, "--to"):
        say(f"Now set PENUMBRA_ROOT_KEY_FILE={given.to} and PENUMBRA_OTHER_ROOT_KEY_FILE to the old file,")
        say("restart every process, and run this command once more: for what was made in the meantime.")
    else:
        say("The other root key is no longer needed: unset PENUMBRA_OTHER_ROOT_KEY_FILE and destroy the old file.")
    return 0


def keys_public(_: argparse.Namespace) -> int:
    """`penumbra keys public`: the public half of the key that signs receipts."""
    say(asyncio.run(receipt_key(load_settings())))
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
        say(f"The consent log is whole: {lines} line(s).")
        return 0
    say(f"The consent log is broken at line(s) {', '.join(map(str, broken))} of {lines}: changed outside Penumbra.")
    return 1


def digest(given: argparse.Namespace) -> int:
    """`penumbra digest`: a group's next digest, nothing posted, or the figures across groups as they were frozen."""
    if given.across:
        for line in asyncio.run(published(load_settings(), given.across)) or ["There are no figures of this week."]:
            say(line)
        return 0
    said = asyncio.run(dry_run(load_settings(), GroupId(given.dry_run), utc_now))
    say(said or "Nothing was shared in this week yet, so there would be no digest.")
    return 0


def backup(given: argparse.Namespace) -> int:
    """`penumbra backup WHERE`: the whole database in one file, also while Penumbra runs."""
    made = asyncio.run(back_up(load_settings(), given.where, utc_now()))
    say(f"{made} holds the whole database. It opens with the root key alone, which is not in it:")
    say("keep both, in different places, and keep the journal of erasures (PENUMBRA_JOURNAL_DIR) too.")
    return 0


def restore_backup(given: argparse.Namespace) -> int:
    """`penumbra restore FILE`: put a backup in place; what was erased since stays erased."""
    settings = load_settings()
    journals = tuple(given.journal or [settings.journal_dir])
    done = asyncio.run(restore(settings, given.file, How(given.replace, journals, given.without_journal)))
    say(f"The backup of {done.made_at:%Y-%m-%d %H:%M} UTC is in place.")
    if given.without_journal:
        say("What was erased since is back: nobody can tell what it was.")
    else:
        say(f"What was erased since was erased again: {done.erased} row(s) and group(s).")
    if done.kept_as is not None:
        say(f"The database that was there before is {done.kept_as}: destroy it when you no longer need it.")
    return 0


def export_weeks(given: argparse.Namespace) -> int:
    """`penumbra export weeks GROUP`: a group's published weeks, as they were frozen."""
    editions = asyncio.run(frozen_weeks(load_settings(), GroupId(given.group)))
    write_privately(given.file, as_csv(editions) if given.file.suffix == ".csv" else as_json(editions))
    say(f"{given.file} holds {len(editions)} week(s) as they were published; only you can read it.")
    return 0


def export_redirects(given: argparse.Namespace) -> int:
    """`penumbra export redirects KIND FILE`: where short links lead, for a server without Penumbra."""
    leads = asyncio.run(redirects(load_settings(), utc_now()))
    write_privately(given.file, MAPS[given.kind](leads))
    say(f"{given.file} names where {len(leads)} link(s) lead, in plain text: whoever reads it knows what was shared.")
    say("Only you can read it now. Keep it that way, count nothing there, and delete it when the links have ended.")
    return 0


def doctor(_: argparse.Namespace) -> int:
    """`penumbra doctor`: what is wrong, and how to mend it."""
    findings = asyncio.run(examine(load_settings()))
    for finding in findings:
        say(finding.line(in_colour=sys.stdout.isatty()))
    return int(any(finding.is_red for finding in findings))


def doctor_stuck(_: argparse.Namespace) -> int:
    """`penumbra doctor stuck`: what was given up on and waits for a person."""
    found = asyncio.run(stuck(load_settings()))
    for each in found:
        say(each.line())
    if not found:
        say("Nothing waits for you.")
    return 0


def doctor_replay(given: argparse.Namespace) -> int:
    """`penumbra doctor replay [ID …]`: try failed work again."""
    number = asyncio.run(replay(load_settings(), given.id))
    say(f"{number} piece(s) of work are tried again.")
    return 0


def doctor_resend(given: argparse.Namespace) -> int:
    """`penumbra doctor resend ID`: post again what may have been posted already."""
    asyncio.run(resend(load_settings(), given.id, utc_now))
    say("It is posted again now. If it was there already, it is there twice.")
    return 0


def config_check(_: argparse.Namespace) -> int:
    """`penumbra config check`: read the settings and say what is wrong, or that nothing is."""
    check(load_settings())
    say("The settings are in order.")
    return 0


def config_example(given: argparse.Namespace) -> int:
    """`penumbra config example`: print the text of `.env.example`, or of `docs/settings.md`."""
    sys.stdout.write(settings_paper() if given.markdown else example())
    return 0
