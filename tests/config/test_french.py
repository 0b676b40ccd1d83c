"""Whatever an operator reads stands in French too: help, findings, refusals; and what machines read stays as it is."""

import argparse
import ast
import errno
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from inspect import getdoc
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.__main__ import main
from config.commandline import parser, read
from config.settings import _TELLS, Settings, SettingsError, load_settings
from config.words import OperatorError, lines_of, of_locale, operator_language, operator_words
from core.errors import PenumbraError
from texts.catalogue import DOMAINS, OPERATOR_DOMAINS, Words, read_words

HOUSE = Path(__file__).parents[2]
ROOMS = ("bots", "core", "storage", "web", "config")
EN, FR = read_words("en", OPERATOR_DOMAINS), read_words("fr", OPERATOR_DOMAINS)
ALL = read_words("en", (*DOMAINS, *OPERATOR_DOMAINS))
Types = Callable[..., tuple[int, str]]

THE_SAME = {
    "%(heading)s:",
    "command.receipt.notice",
    "doctor.backup.at",
    "doctor.digests.why",
    "doctor.kept.contributions",
    "doctor.kept.messages",
    "doctor.level.ok",
    "doctor.mode.mend",
    "doctor.public.fine",
    "doctor.ready.other",
    "doctor.rights.admin",
    "doctor.span.hours",
    "doctor.what.env",
    "doctor.what.inline_feedback",
    "doctor.what.journal",
    "doctor.what.migrations",
    "doctor.what.robots",
    "doctor.what.segments",
    "doctor.what.slack",
    "doctor.what.telegram",
    "doctor.why.other",
}
"""Names, numbers, and words that both languages write alike."""


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Types:
    """A French operator with an empty environment and a folder of their own; a command's code and its words."""
    for name in [name for name in os.environ if name.startswith("PENUMBRA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")

    def typed(*words: str, **settings: str) -> tuple[int, str]:
        for name, value in settings.items():
            monkeypatch.setenv(f"PENUMBRA_{name}", value)
        try:
            code = main(words)
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


# Which language ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "fr_CA@euro"}, "fr"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "fr_FR"}, "fr"),
        ({"LANG": "fr_FR", "LC_MESSAGES": "fr_FR", "LC_ALL": "en_US"}, "en"),
        ({"LANG": "fr_FR", "LC_ALL": ""}, "fr"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:en"}, "fr"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:fr"}, "fr"),
        ({"LANG": "C", "LANGUAGE": "fr"}, None),
        ({"LANG": "C.UTF-8"}, None),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({"LANGUAGE": "fr"}, None),
        ({}, None),
    ],
)
def test_the_locale_is_read_as_gettext_reads_it(environment: dict[str, str], language: str | None) -> None:
    assert of_locale(environment) == language


def test_a_locale_that_names_no_language_of_ours_leaves_it_to_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, types: Types
) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert operator_language() == "en"
    (tmp_path / ".env").write_text("PENUMBRA_DEFAULT_LANGUAGE=fr\nPENUMBRA_PORT=many\n")
    assert operator_language() == "fr"
    code, told = types("config", "check")
    assert (code, told) == (2, "penumbra: PENUMBRA_PORT\u202f: doit être un nombre entier\n")
    monkeypatch.setenv("PENUMBRA_DEFAULT_LANGUAGE", "tlh")
    assert operator_language() == "en"
    monkeypatch.delenv("PENUMBRA_DEFAULT_LANGUAGE")
    (tmp_path / ".env").write_bytes(b"PENUMBRA_OPERATOR_NAME=\xff\n")
    assert operator_language() == "en"
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    (tmp_path / ".env").write_text("PENUMBRA_DEFAULT_LANGUAGE=fr\n")
    assert operator_language() == "en"


# The catalogues and the code --------------------------------------------------------------------------------------


def test_every_text_of_an_operator_stands_in_both_languages_and_is_not_the_same() -> None:
    assert set(EN.texts) == set(FR.texts)
    assert {text_id for text_id in EN.texts if EN.texts[text_id] == FR.texts[text_id]} == THE_SAME


SPOKEN = {"phrase": "", "say": "", "about": "doctor.", "name": "doctor.what."}
"""What the functions that take a text's id put before it."""


def named() -> Iterator[str]:
    """What the code names a text by, as a pattern: an f-string stands for every text that it may be."""
    for path in sorted((HOUSE / "config").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and (before := SPOKEN.get(called(node))) is not None:
                yield from (f"{re.escape(before)}{each}" for each in patterns(node.args[0]))
    yield from (re.escape(f"settings.{each}") for each in _TELLS)


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def patterns(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.IfExp):
        yield from (*patterns(argument.body), *patterns(argument.orelse))
    elif isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield re.escape(argument.value)
    elif isinstance(argument, ast.JoinedStr):
        yield "".join(
            re.escape(str(each.value)) if isinstance(each, ast.Constant) else ".*" for each in argument.values
        )


def test_every_text_that_the_code_names_is_there() -> None:
    missing = [each for each in named() if not any(re.fullmatch(each, text_id) for text_id in ALL.texts)]
    assert not missing


def test_no_text_is_kept_that_nobody_says() -> None:
    said = re.compile("|".join(f"(?:{each})" for each in named()))
    tables = {
        f"{before}{node.value}"
        for path in (HOUSE / "config").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for before in ("", "doctor.")
    }
    spoken = read_words("en", ("command", "doctor")).texts
    assert not [
        text_id for text_id in spoken if not said.fullmatch(text_id) and text_id not in tables | {"command.stamp"}
    ]


def refusals() -> Iterator[type[PenumbraError]]:
    """Every error that Penumbra can name, of every room, but those of operators, which hold their own phrases."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if "migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found = [PenumbraError]
    for each in found:
        found += each.__subclasses__()
    rooms = tuple(f"{room}." for room in (*ROOMS, "texts"))
    yield from {each for each in found[1:] if not issubclass(each, OperatorError) and each.__module__.startswith(rooms)}


def test_every_error_has_its_text_and_english_says_what_its_docstring_says() -> None:
    for error in refusals():
        assert EN.texts[f"refusal.{error.__name__}"] == (getdoc(error) or "").partition("\n")[0]


MATHEMATICS = {"BudgetSpent", "PrivacyMapError", "Refusal", "CallFailed"}
"""What exactly does not add up is for who reads the code; an operator is told the general thing."""


def test_an_error_that_says_something_particular_says_it_in_both_languages() -> None:
    names = {each.__name__ for each in refusals()}
    for path in (path for room in ROOMS for path in (HOUSE / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and called(node) in names - MATHEMATICS - {"NoPage", "TooSoon"}:
                which = [each.value.value for each in node.keywords if each.arg == "which"]  # type: ignore[attr-defined]
                assert bool(node.args) == bool(which), f"{path}:{node.lineno}"
                assert all(f"refusal.{called(node)}.{each}" in EN.texts for each in which), f"{path}:{node.lineno}"


# Help and usage ---------------------------------------------------------------------------------------------------


def commands(of: argparse.ArgumentParser, *before: str) -> Iterator[tuple[str, ...]]:
    yield before
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, one in action.choices.items():
                yield from commands(one, *before, name)


COMMANDS = list(commands(parser(EN.say)))


@cache
def sentences() -> tuple[str, ...]:
    """The parts of English texts that are no values and would give English away: two words at least."""
    found = set[str]()
    for text_id, text in EN.texts.items():
        if text != FR.texts[text_id]:
            for form in (text,) if isinstance(text, str) else text:
                found |= {part.strip() for part in re.split(r"\{[^}]*\}|%\(\w+\)s|%[rs]|`[^`]*`|\n", form)}
    french = squeezed(" ".join(str(text) for text in FR.texts.values()))
    return tuple(sorted(each for each in found if len(each) > 6 and " " in each and each not in french))


def squeezed(text: str) -> str:
    """Lines that were broken to fit, as one."""
    return re.sub(r"[ \n]+", " ", text)


def english_in(told: str) -> list[str]:
    return [each for each in sentences() if each in squeezed(told)]


def test_english_would_be_noticed() -> None:
    assert len(sentences()) > 200
    assert english_in("RED   database         The database can't be reached right now.")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_is_french(types: Types, command: tuple[str, ...]) -> None:
    code, told = types(*command, "--help")
    assert (code, told.startswith("utilisation\u202f: penumbra")) == (0, True)
    assert "montrer cette aide" in squeezed(told)
    assert not english_in(told)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "penumbra\u202f: erreur\u202f: il manque les arguments suivants\u202f: COMMANDE"),
        (("fly",), "choix incorrect\u202f: 'fly'"),
        (("digest",), "il faut l’un des arguments --dry-run --across"),
        (("digest", "--dry-run", "g", "--across", "w"), "incompatible avec l’argument --dry-run"),
        (("demo", "--port", "many"), "argument --port\u202f: valeur incorrecte pour le type int\u202f: 'many'"),
        (("demo", "--port"), "attend un argument"),
        (("migrate", "now"), "arguments inconnus\u202f: now"),
        (("export", "redirects", "iis", "map"), "argument SORTE\u202f: choix incorrect\u202f: 'iis'"),
        (("restore", "f", "--without-journal=x"), "ne prend pas de valeur"),
    ],
)
def test_what_is_no_command_is_told_in_french(types: Types, words: tuple[str, ...], said: str) -> None:
    code, told = types(*words)
    assert code == 2
    assert said in squeezed(told)
    assert not english_in(told)


FOR_DEVELOPERS = re.compile(
    r"conflicting|dest=|required. is an|invalid option string|invalid conflict|mutually exclusive arg|cannot "
    r"|not callable|not defined|argument \"-\"|must start|unexpected option string"
)
"""What argparse says to who writes a parser, not to who types a command."""


def test_every_word_of_this_python_s_argparse_is_known() -> None:
    calls = [
        node for node in ast.walk(ast.parse(Path(argparse.__file__).read_text("utf-8"))) if isinstance(node, ast.Call)
    ]
    said = [node.args[0] for node in calls if called(node) in {"_", "ngettext"} and node.args]
    known = {each.value for each in said if isinstance(each, ast.Constant)}
    assert len(known) > 20
    assert not {each for each in known if each not in EN.texts and not FOR_DEVELOPERS.search(str(each))}


def test_argparse_speaks_as_before_afterwards(types: Types) -> None:
    types("--help")
    assert argparse.ArgumentParser(prog="x").format_usage() == "usage: x [-h]\n"


def test_a_process_that_redirects_reads_no_words_of_commands() -> None:
    code = (
        "from config.commandline import read; from config import words; import config.redirecting;"
        "print(read(['run', '--roles', 'redirect']).roles, words._words.cache_info().currsize)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HOUSE)  # noqa: S603 - our own
    assert done.stdout == "redirect 0\n"


def test_arguments_are_read_the_same_in_every_language(types: Types) -> None:
    given = read(["restore", "file", "--journal", "a", "--journal", "b"])
    assert (given.do, str(given.file), list(map(str, given.journal))) == (
        "config.commands:restore_backup",
        "file",
        ["a", "b"],
    )


# What commands say ------------------------------------------------------------------------------------------------


def test_the_doctor_speaks_french_of_a_fresh_folder_and_of_what_is_wrong(types: Types, tmp_path: Path) -> None:
    code, told = types("doctor")
    assert code == 1
    assert "ROUGE clé racine" in told
    assert not english_in(told)
    assert types("keys", "init", "root.key")[0] == 0
    (tmp_path / "root.key").chmod(0o644)
    set_up = {"ROOT_KEY_FILE": "root.key", "TELEGRAM_TOKEN": "1:x", "TELEGRAM_API_URL": "http://127.0.0.1:1/bot"}
    assert types("migrate", **set_up) == (0, "La base est à jour.\n")
    more = {
        "UNFURL_TEST_HOSTS": "a=127.0.0.1:1",
        "URLHAUS_URL": "http://127.0.0.1:1/list",
        "PUBLIC_URL": "http://a.test/x",
    }
    code, told = types("doctor", SITEMAPS=f"a.example={tmp_path}/none", **more)
    assert "Telegram         ne répond pas" in told
    assert "d’autres peuvent lire son fichier" in told
    assert not english_in(told)


def test_commands_say_what_they_did_in_french(types: Types, tmp_path: Path) -> None:
    for words in (
        ("keys", "init", "root.key"),
        ("migrate",),
        ("consent", "audit"),
        ("backup", "."),
        ("doctor", "stuck"),
    ):
        code, told = types(*words, ROOT_KEY_FILE="root.key")
        assert (code, english_in(told)) == (0, [])
        assert "\n" in told
    [made] = tmp_path.glob("penumbra-*.backup")
    for words in (
        ("keys", "init", "root.key"),
        ("keys", "init", "no/such/folder"),
        ("restore", str(made)),
        ("restore", "root.key"),
        ("restore", "none"),
        ("backup", str(made)),
        ("digest", "--dry-run", "nobody"),
        ("doctor", "replay", "what"),
        ("doctor", "resend", "g/00"),
        ("receipt", "verify", "root.key", "--key", "x"),
        ("receipt", "verify", "root.key"),
        (
            "keys",
            "rotate",
            "--to",
            "root.key",
        ),
        ("config", "check"),
    ):
        code, told = types(*words)
        assert (words, english_in(told)) == (words, [])
        assert told.strip()
    code, told = types("restore", str(made), "--replace")
    assert (code, english_in(told)) == (0, [])
    assert "UTC est en place" in told


BAD = ("", "x", "-1", "0", "99999999", "\x00", "1.5", "none", "/", "a=b")


def test_whatever_a_setting_holds_its_mistake_has_words_of_its_own() -> None:
    kinds = set[str]()
    for name in Settings.model_fields:
        for value in BAD:
            try:
                Settings(_env_file=None, **{name: value})  # type: ignore[arg-type]
            except ValidationError as error:
                kinds |= {each["type"] for each in error.errors()}
    assert kinds - {"no_bot_token"}
    assert kinds <= _TELLS


def test_settings_that_do_not_fit_together_are_told_in_french(types: Types) -> None:
    broken = {"TELEGRAM_MODE": "webhook", "TELEGRAM_TOKEN": "1:x", "ROLES": "web,cook", "ROOT_KEY": "short"}
    code, told = types("config", "check", **broken)
    assert code == 2
    assert "penumbra: PENUMBRA_ROLES\u202f: doit être 'web', 'worker', 'digest' ou 'redirect'\n" in told
    assert "penumbra: PENUMBRA_ROOT_KEY\u202f: n’est pas du base64\n" in told
    code, told = types("config", "check", ROLES="web", ROOT_KEY="")
    assert "penumbra: PENUMBRA_TELEGRAM_WEBHOOK_SECRET\u202f: est nécessaire avec TELEGRAM_MODE=webhook\n" in told


def test_an_unreachable_database_is_told_in_french(types: Types) -> None:
    there = "postgresql://penumbra:secret@127.0.0.1:1/penumbra"
    assert types("migrate", DATABASE_URL=there) == (2, "penumbra: La base ne peut être jointe en ce moment.\n")


def test_what_the_machine_refuses_is_told_in_the_operator_s_words() -> None:
    assert said(FileNotFoundError(errno.ENOENT, "whatever libc says", "f.json")) == [
        "f.json\u202f: Aucun fichier ni dossier de ce nom"
    ]
    assert said(OSError(errno.ENOSPC, "full")) == ["Plus de place sur le disque"]
    assert said(OSError(errno.EXDEV, "cross")) == ["la machine refuse (EXDEV)"]
    assert said(OSError("of a library")) == ["la machine refuse (OSError)"]


def said(error: OSError) -> list[str]:
    return lines_of(error, operator_words("fr"))


def test_an_error_reads_in_english_for_who_has_no_operator_before_them(types: Types) -> None:
    with pytest.raises(SettingsError, match="PENUMBRA_PORT: should be a valid integer"):
        load_settings(port="x")


@pytest.mark.parametrize(("encoding", "said"), [("ascii", "cle"), ("latin-1", "clé"), ("utf-8", "clé")])
def test_a_terminal_of_few_letters_is_spoken_to_in_those(tmp_path: Path, encoding: str, said: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PENUMBRA_")}
    environment |= {"LANG": "fr_FR", "PYTHONIOENCODING": encoding, "PYTHONPATH": str(HOUSE)}
    for words in (["--help"], ["doctor"]):
        command = [sys.executable, "-P", "-m", "config", *words]
        done = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path, env=environment)  # noqa: S603 - our own
        assert b"Traceback" not in done.stderr
        told = (done.stdout + done.stderr).decode(encoding)
        assert said in told


# What machines read -----------------------------------------------------------------------------------------------


def test_papers_and_keys_do_not_change_with_the_language(types: Types, monkeypatch: pytest.MonkeyPatch) -> None:
    french = types("config", "example"), types("config", "example", "--markdown")
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert (types("config", "example"), types("config", "example", "--markdown")) == french


def test_numbers_are_counted_and_written_as_french_does() -> None:
    assert FR.count("command.stuck.replayed", 0) == "0 tâche est retentée."
    assert FR.count("command.stuck.replayed", 2) == "2 tâches sont retentées."
    assert isinstance(FR, Words)
