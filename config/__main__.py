"""The command `penumbra`."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import uvloop

from config.backups import How, back_up, restore
from config.demo import demo
from config.digests import dry_run
from config.doctor import examine
from config.exports import MAPS, as_csv, as_json, frozen_weeks, redirects, write_privately
from config.first_run import is_first_run, set_up
from config.keys import rotate, write_root_key
from config.logs import set_up_logs
from config.lookups import update_feed
from config.papers import settings_paper
from config.published import published
from config.receipts import audit_consents, receipt_key, told, verified
from config.service import serve, utc_now
from config.settings import Role, Settings, SettingsError, example, load_settings, root_key_in
from config.stuck import replay, resend, stuck
from core.errors import PenumbraError
from core.model import GroupId
from storage.migrate import backup_sqlite, upgrade

Command = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse gives it no public name


def run(given: argparse.Namespace) -> int:
    """`penumbra run`: bots, server, workers and ticks, until a stop signal; with no tokens yet, it asks for them."""
    chosen = {"roles": given.roles} if given.roles else {}
    settings = load_settings(**chosen)
    if is_first_run(settings):
        if not uvloop.run(set_up(settings)):
            return 0
        settings = load_settings(**chosen)
    check(settings)
    logs_of(settings)
    uvloop.run(serve(settings))
    return 0


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


def check(settings: Settings) -> None:
    """What can be checked without asking anybody.

    Raises:
        SettingsError: with one line per mistake.
    """
    settings.root()
    settings.test_hosts()
    settings.sitemap_files()
    if not settings.telegram_token and not settings.has_slack:
        raise SettingsError("PENUMBRA_TELEGRAM_TOKEN or PENUMBRA_SLACK_SIGNING_SECRET: at least one platform is needed")


def logs_of(settings: Settings) -> None:
    """Set up logs that hold none of the secrets."""
    secrets = (settings.telegram_token, settings.telegram_webhook_secret, settings.slack_signing_secret)
    more = (settings.slack_client_secret, settings.slack_bot_token, settings.slack_app_token, settings.metrics_token)
    chosen = (settings.urlhaus_url, settings.factcheck_key)
    known = [secret.get_secret_value() for secret in (*secrets, *more, *chosen, settings.root_key) if secret]
    set_up_logs(settings.log_format, settings.log_level, [*known, settings.database_url])


def say(line: str) -> None:
    """Tell the operator something."""
    print(line)


def parser() -> argparse.ArgumentParser:
    """The commands and what they take."""
    top = argparse.ArgumentParser(prog="penumbra", description="Links shared in private groups, counted with consent.")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    one = commands.add_parser("demo", help="both platforms in one browser page, with no tokens and no services")
    one.add_argument("--port", type=int, default=8790, help="the page's port; our own server takes the next one")
    one.set_defaults(do=play)

    one = commands.add_parser("run", help="bots, server, workers and ticks, from the environment and .env")
    one.add_argument("--roles", help=f"what this process does: {', '.join(Role)}; all by default")
    one.set_defaults(do=run)

    commands.add_parser("migrate", help="bring the database up to date").set_defaults(do=migrate)

    _keys(commands)
    _proofs(commands)
    _backups(commands)
    _doctor(commands)
    _export(commands)

    one = commands.add_parser("digest", help="a group's next digest, or a week's figures across groups")
    one.set_defaults(do=digest)
    which = one.add_mutually_exclusive_group(required=True)
    which.add_argument("--dry-run", metavar="GROUP", help="our own id of the group, as in the logs; nothing is posted")
    which.add_argument("--across", metavar="WEEK", help="a frozen week across groups, as 2026-W47, or `latest`")

    feeds = commands.add_parser("feeds", help="lists of addresses").add_subparsers(metavar="COMMAND", required=True)
    feeds.add_parser("update", help="fetch the list of addresses that spread malware").set_defaults(do=feeds_update)

    config = commands.add_parser("config", help="settings").add_subparsers(metavar="COMMAND", required=True)
    config.add_parser("check", help="say what is wrong with the settings").set_defaults(do=config_check)
    one = config.add_parser("example", help="print every setting with its meaning, as .env.example")
    one.add_argument("--markdown", action="store_true", help="as docs/settings.md")
    one.set_defaults(do=config_example)
    return top


def _keys(commands: Commands) -> None:
    keys = commands.add_parser("keys", help="root keys").add_subparsers(metavar="COMMAND", required=True)
    one = keys.add_parser("init", help="make a root key in a new file")
    one.add_argument("file", type=Path)
    one.set_defaults(do=keys_init)
    one = keys.add_parser("rotate", help="wrap every key anew under another root key; may be stopped and begun again")
    one.add_argument("--to", type=Path, required=True, metavar="FILE", help="the new root key, from `keys init`")
    one.set_defaults(do=keys_rotate)
    one = keys.add_parser("public", help="print the public half of the key that signs receipts")
    one.set_defaults(do=keys_public)


def _proofs(commands: Commands) -> None:
    receipts = commands.add_parser("receipt", help="members' receipts").add_subparsers(metavar="COMMAND", required=True)
    one = receipts.add_parser("verify", help="check a receipt and say what it says")
    one.add_argument("file", type=Path)
    one.add_argument("--key", help="the public key it should be signed with; this server's own by default")
    one.set_defaults(do=receipt_verify)

    consents = commands.add_parser("consent", help="the consent log").add_subparsers(metavar="COMMAND", required=True)
    consents.add_parser("audit", help="check its whole chain").set_defaults(do=consent_audit)


def _backups(commands: Commands) -> None:
    one = commands.add_parser("backup", help="the whole database in one file, also while Penumbra runs; without keys")
    one.add_argument("where", type=Path, help="a folder, or the name of a new file")
    one.set_defaults(do=backup)
    one = commands.add_parser("restore", help="put a backup in place; what was erased since stays erased")
    one.add_argument("file", type=Path)
    one.add_argument("--replace", action="store_true", help="also where the database holds something")
    one.add_argument(
        "--journal", type=Path, action="append", metavar="DIR", help="journal of erasures; once for each machine"
    )
    one.add_argument("--without-journal", action="store_true", help="bring back also what was erased since")
    one.set_defaults(do=restore_backup)


def _export(commands: Commands) -> None:
    exports = commands.add_parser("export", help="published weeks, or where short links lead").add_subparsers(
        metavar="COMMAND", required=True
    )
    one = exports.add_parser("weeks", help="a group's published weeks, as JSON, or CSV by the file's name")
    one.add_argument("group", metavar="GROUP", help="our own id of the group, as in the logs")
    one.add_argument("file", type=Path, help="a new file: NAME.json or NAME.csv")
    one.set_defaults(do=export_weeks)
    one = exports.add_parser("redirects", help="where short links lead, in plain text, for a server without Penumbra")
    one.add_argument("kind", choices=sorted(MAPS))
    one.add_argument("file", type=Path)
    one.set_defaults(do=export_redirects)


def _doctor(commands: Commands) -> None:
    one = commands.add_parser("doctor", help="what is wrong and how to mend it")
    one.set_defaults(do=doctor)
    mends = one.add_subparsers(metavar="COMMAND")
    mends.add_parser("stuck", help="list what was given up on and waits for a person").set_defaults(do=doctor_stuck)
    one = mends.add_parser("replay", help="try failed work again: all of it, or these pieces")
    one.add_argument("id", nargs="*", metavar="ID", help="as `doctor stuck` lists it")
    one.set_defaults(do=doctor_replay)
    one = mends.add_parser("resend", help="post again what may have been posted already")
    one.add_argument("id", metavar="ID", help="as `doctor stuck` lists it; look into the group first")
    one.set_defaults(do=doctor_resend)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do a command; what an operator can mend is said in a line or two, without a traceback."""
    given = parser().parse_args(arguments)
    do: Command = given.do
    try:
        return do(given)
    except PenumbraError as error:
        for line in str(error).splitlines():
            print(f"penumbra: {line}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"penumbra: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
