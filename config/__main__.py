"""The command `penumbra`: what it takes. What a command does is loaded when it is asked for."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from pkgutil import resolve_name
from typing import TypeAlias

from config.settings import Role
from core.errors import PenumbraError

Command = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse gives it no public name
RUN = "config.running:run"
MAPS = ("caddy", "netlify", "nginx")
"""As in `config.exports`."""


def command(name: str) -> str:
    """Where a command's function is."""
    return f"config.commands:{name}"


def parser() -> argparse.ArgumentParser:
    """The commands and what they take."""
    top = argparse.ArgumentParser(prog="penumbra", description="Links shared in private groups, counted with consent.")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    one = commands.add_parser("demo", help="both platforms in one browser page, with no tokens and no services")
    one.add_argument("--port", type=int, default=8790, help="the page's port; our own server takes the next one")
    one.set_defaults(do=command("play"))

    one = commands.add_parser("run", help="bots, server, workers and ticks, from the environment and .env")
    one.add_argument("--roles", help=f"what this process does: {', '.join(Role)}; all by default")
    one.set_defaults(do=RUN)

    commands.add_parser("migrate", help="bring the database up to date").set_defaults(do=command("migrate"))

    _keys(commands)
    _proofs(commands)
    _backups(commands)
    _doctor(commands)
    _export(commands)

    one = commands.add_parser("digest", help="a group's next digest, or a week's figures across groups")
    one.set_defaults(do=command("digest"))
    which = one.add_mutually_exclusive_group(required=True)
    which.add_argument("--dry-run", metavar="GROUP", help="our own id of the group, as in the logs; nothing is posted")
    which.add_argument("--across", metavar="WEEK", help="a frozen week across groups, as 2026-W47, or `latest`")

    feeds = commands.add_parser("feeds", help="lists of addresses").add_subparsers(metavar="COMMAND", required=True)
    feeds.add_parser("update", help="fetch the list of addresses that spread malware").set_defaults(
        do=command("feeds_update")
    )

    config = commands.add_parser("config", help="settings").add_subparsers(metavar="COMMAND", required=True)
    config.add_parser("check", help="say what is wrong with the settings").set_defaults(do=command("config_check"))
    one = config.add_parser("example", help="print every setting with its meaning, as .env.example")
    one.add_argument("--markdown", action="store_true", help="as docs/settings.md")
    one.set_defaults(do=command("config_example"))
    return top


def _keys(commands: Commands) -> None:
    keys = commands.add_parser("keys", help="root keys").add_subparsers(metavar="COMMAND", required=True)
    one = keys.add_parser("init", help="make a root key in a new file")
    one.add_argument("file", type=Path)
    one.set_defaults(do=command("keys_init"))
    one = keys.add_parser("rotate", help="wrap every key anew under another root key; may be stopped and begun again")
    one.add_argument("--to", type=Path, required=True, metavar="FILE", help="the new root key, from `keys init`")
    one.set_defaults(do=command("keys_rotate"))
    one = keys.add_parser("public", help="print the public half of the key that signs receipts")
    one.set_defaults(do=command("keys_public"))


def _proofs(commands: Commands) -> None:
    receipts = commands.add_parser("receipt", help="members' receipts").add_subparsers(metavar="COMMAND", required=True)
    one = receipts.add_parser("verify", help="check a receipt and say what it says")
    one.add_argument("file", type=Path)
    one.add_argument("--key", help="the public key it should be signed with; this server's own by default")
    one.set_defaults(do=command("receipt_verify"))

    consents = commands.add_parser("consent", help="the consent log").add_subparsers(metavar="COMMAND", required=True)
    consents.add_parser("audit", help="check its whole chain").set_defaults(do=command("consent_audit"))


def _backups(commands: Commands) -> None:
    one = commands.add_parser("backup", help="the whole database in one file, also while Penumbra runs; without keys")
    one.add_argument("where", type=Path, help="a folder, or the name of a new file")
    one.set_defaults(do=command("backup"))
    one = commands.add_parser("restore", help="put a backup in place; what was erased since stays erased")
    one.add_argument("file", type=Path)
    one.add_argument("--replace", action="store_true", help="also where the database holds something")
    one.add_argument(
        "--journal", type=Path, action="append", metavar="DIR", help="journal of erasures; once for each machine"
    )
    one.add_argument("--without-journal", action="store_true", help="bring back also what was erased since")
    one.set_defaults(do=command("restore_backup"))


def _export(commands: Commands) -> None:
    exports = commands.add_parser("export", help="published weeks, or where short links lead").add_subparsers(
        metavar="COMMAND", required=True
    )
    one = exports.add_parser("weeks", help="a group's published weeks, as JSON, or CSV by the file's name")
    one.add_argument("group", metavar="GROUP", help="our own id of the group, as in the logs")
    one.add_argument("file", type=Path, help="a new file: NAME.json or NAME.csv")
    one.set_defaults(do=command("export_weeks"))
    one = exports.add_parser("redirects", help="where short links lead, in plain text, for a server without Penumbra")
    one.add_argument("kind", choices=MAPS)
    one.add_argument("file", type=Path)
    one.set_defaults(do=command("export_redirects"))


def _doctor(commands: Commands) -> None:
    one = commands.add_parser("doctor", help="what is wrong and how to mend it")
    one.set_defaults(do=command("doctor"))
    mends = one.add_subparsers(metavar="COMMAND")
    mends.add_parser("stuck", help="list what was given up on and waits for a person").set_defaults(
        do=command("doctor_stuck")
    )
    one = mends.add_parser("replay", help="try failed work again: all of it, or these pieces")
    one.add_argument("id", nargs="*", metavar="ID", help="as `doctor stuck` lists it")
    one.set_defaults(do=command("doctor_replay"))
    one = mends.add_parser("resend", help="post again what may have been posted already")
    one.add_argument("id", metavar="ID", help="as `doctor stuck` lists it; look into the group first")
    one.set_defaults(do=command("doctor_resend"))


def _said(error: OSError) -> str:
    """What the machine refused, without its number."""
    if error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


def main(arguments: Sequence[str] | None = None) -> int:
    """Do a command; what an operator can mend is said in a line or two, without a traceback."""
    given = parser().parse_args(arguments)
    try:
        do: Command = resolve_name(given.do)
        return do(given)
    except PenumbraError as error:
        for line in str(error).splitlines():
            print(f"penumbra: {line}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"penumbra: {_said(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
