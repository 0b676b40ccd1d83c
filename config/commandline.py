"""What the command `penumbra` takes. What a command does is loaded when it is asked for, and so are its words.

The arguments are read without words first: a process that serves needs none. Only for somebody who asks for help, or
has written something that is no command, they are read again in the operator's language.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeAlias

from config.settings import Role
from config.words import operator_words
from texts.catalogue import Words

Say = Callable[..., str]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse gives it no public name
RUN = "config.running:run"
MAPS = ("caddy", "netlify", "nginx")
"""As in `config.exports`."""


def command(name: str) -> str:
    """Where a command's function is."""
    return f"config.commands:{name}"


class _WordsWanted(Exception):
    """Something is to be said, and there are no words yet."""


class _Wordless(argparse.ArgumentParser):
    """Reads arguments; where it would have to say something, it only says that."""

    def print_help(self, file: object = None) -> NoReturn:
        """Somebody asks for help."""
        raise _WordsWanted

    def error(self, message: str) -> NoReturn:
        """The arguments are no command."""
        raise _WordsWanted


def read(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the arguments of a command; None for those of this process.

    Raises:
        SystemExit: help was asked for (0), or they are no command (2); both is said in the operator's language.
    """
    try:
        return parser(_id, _Wordless).parse_args(arguments)
    except _WordsWanted:
        words = operator_words()
    with framed(words):
        return parser(words.say).parse_args(arguments)


def _id(text_id: str, **_: object) -> str:
    return text_id


@contextmanager
def framed(words: Words) -> Iterator[None]:
    """Within the block argparse's own words ("usage:", "the following arguments are required") are in this language.

    It looks them up by `_` and `ngettext` of its module, which are gettext's: see the decision of 2026-11-28. What a
    later Python says and the catalogue does not know yet stays English.
    """

    def one(message: str) -> str:
        found = words.texts.get(message, message)
        return found if isinstance(found, str) else found[0]

    def counted(singular: str, plural: str, number: int) -> str:
        if isinstance(words.texts.get(singular), tuple):
            return words.count(singular, number)
        return singular if number == 1 else plural

    before = vars(argparse)["_"], vars(argparse)["ngettext"]
    vars(argparse).update({"_": one, "ngettext": counted})
    try:
        yield
    finally:
        vars(argparse).update({"_": before[0], "ngettext": before[1]})


def parser(say: Say, kind: type[argparse.ArgumentParser] = argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The commands and what they take.

    Args:
        say: gives the words of a text's id.
        kind: what reads the arguments.
    """
    top = kind(prog="penumbra", description=say("help.penumbra"))
    commands = _group(top, say)
    one = commands.add_parser("demo", help=say("help.demo"))
    one.add_argument("--port", type=int, default=8790, help=say("help.demo.port"))
    one.set_defaults(do=command("play"))

    one = commands.add_parser("run", help=say("help.run"))
    one.add_argument("--roles", metavar=say("help.name.roles"), help=say("help.run.roles", roles=", ".join(Role)))
    one.set_defaults(do=RUN)

    commands.add_parser("migrate", help=say("help.migrate")).set_defaults(do=command("migrate"))

    for add in (_keys, _proofs, _backups, _doctor, _export, _digest, _feeds, _config):
        add(commands, say)
    return top


def _group(of: argparse.ArgumentParser, say: Say, *, required: bool = True) -> Commands:
    return of.add_subparsers(metavar=say("help.name.command"), required=required)


def _digest(commands: Commands, say: Say) -> None:
    one = commands.add_parser("digest", help=say("help.digest"))
    one.set_defaults(do=command("digest"))
    which = one.add_mutually_exclusive_group(required=True)
    which.add_argument("--dry-run", metavar=say("help.name.group"), help=say("help.digest.dry_run"))
    which.add_argument("--across", metavar=say("help.name.week"), help=say("help.digest.across"))


def _feeds(commands: Commands, say: Say) -> None:
    feeds = _group(commands.add_parser("feeds", help=say("help.feeds")), say)
    feeds.add_parser("update", help=say("help.feeds.update")).set_defaults(do=command("feeds_update"))


def _config(commands: Commands, say: Say) -> None:
    config = _group(commands.add_parser("config", help=say("help.config")), say)
    config.add_parser("check", help=say("help.config.check")).set_defaults(do=command("config_check"))
    one = config.add_parser("example", help=say("help.config.example"))
    one.add_argument("--markdown", action="store_true", help=say("help.config.markdown"))
    one.set_defaults(do=command("config_example"))


def _keys(commands: Commands, say: Say) -> None:
    keys = _group(commands.add_parser("keys", help=say("help.keys")), say)
    one = keys.add_parser("init", help=say("help.keys.init"))
    one.add_argument("file", type=Path, metavar=say("help.name.file"))
    one.set_defaults(do=command("keys_init"))
    one = keys.add_parser("rotate", help=say("help.keys.rotate"))
    one.add_argument("--to", type=Path, required=True, metavar=say("help.name.file"), help=say("help.keys.to"))
    one.set_defaults(do=command("keys_rotate"))
    one = keys.add_parser("public", help=say("help.keys.public"))
    one.set_defaults(do=command("keys_public"))


def _proofs(commands: Commands, say: Say) -> None:
    receipts = _group(commands.add_parser("receipt", help=say("help.receipt")), say)
    one = receipts.add_parser("verify", help=say("help.receipt.verify"))
    one.add_argument("file", type=Path, metavar=say("help.name.file"))
    one.add_argument("--key", metavar=say("help.name.key"), help=say("help.receipt.key"))
    one.set_defaults(do=command("receipt_verify"))

    consents = _group(commands.add_parser("consent", help=say("help.consent")), say)
    consents.add_parser("audit", help=say("help.consent.audit")).set_defaults(do=command("consent_audit"))


def _backups(commands: Commands, say: Say) -> None:
    one = commands.add_parser("backup", help=say("help.backup"))
    one.add_argument("where", type=Path, metavar=say("help.name.where"), help=say("help.backup.where"))
    one.set_defaults(do=command("backup"))
    one = commands.add_parser("restore", help=say("help.restore"))
    one.add_argument("file", type=Path, metavar=say("help.name.file"))
    one.add_argument("--replace", action="store_true", help=say("help.restore.replace"))
    journal, folder = say("help.restore.journal"), say("help.name.folder")
    one.add_argument("--journal", type=Path, action="append", metavar=folder, help=journal)
    one.add_argument("--without-journal", action="store_true", help=say("help.restore.without_journal"))
    one.set_defaults(do=command("restore_backup"))


def _export(commands: Commands, say: Say) -> None:
    exports = _group(commands.add_parser("export", help=say("help.export")), say)
    one = exports.add_parser("weeks", help=say("help.export.weeks"))
    one.add_argument("group", metavar=say("help.name.group"), help=say("help.export.group"))
    one.add_argument("file", type=Path, metavar=say("help.name.file"), help=say("help.export.file"))
    one.set_defaults(do=command("export_weeks"))
    one = exports.add_parser("redirects", help=say("help.export.redirects"))
    kind, kinds = say("help.name.kind"), say("help.export.kind", kinds=", ".join(MAPS))
    one.add_argument("kind", choices=MAPS, metavar=kind, help=kinds)
    one.add_argument("file", type=Path, metavar=say("help.name.file"))
    one.set_defaults(do=command("export_redirects"))


def _doctor(commands: Commands, say: Say) -> None:
    one = commands.add_parser("doctor", help=say("help.doctor"))
    one.set_defaults(do=command("doctor"))
    mends = _group(one, say, required=False)
    mends.add_parser("stuck", help=say("help.doctor.stuck")).set_defaults(do=command("doctor_stuck"))
    one = mends.add_parser("replay", help=say("help.doctor.replay"))
    one.add_argument("id", nargs="*", metavar="ID", help=say("help.doctor.id"))
    one.set_defaults(do=command("doctor_replay"))
    one = mends.add_parser("resend", help=say("help.doctor.resend"))
    one.add_argument("id", metavar="ID", help=say("help.doctor.resend.id"))
    one.set_defaults(do=command("doctor_resend"))
