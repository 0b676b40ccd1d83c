"""What the documents tell is what there is: every setting, command and page, and examples that run."""

import argparse
import doctest
import json
import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Mount, Route

from bots.slack import connecting, oauth
from bots.slack.commands import Commands
from bots.telegram import webhook
from bots.telegram.menu import FOR_ADMINS, IN_PRIVATE
from config.commandline import parser
from config.papers import settings_paper
from config.words import operator_words
from tests.fakes.house import House
from tests.fakes.server import app_over
from texts.catalogue import Texts
from web.pages.setup import SetupPages

ROOT = Path(__file__).parents[2]
PAPERS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OPERATING = (ROOT / "docs" / "operating.md").read_text("utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text("utf-8")


def blocks(kind: str) -> Iterator[tuple[Path, str]]:
    """Every fenced block of a kind, with the paper it stands in."""
    for paper in PAPERS:
        for block in re.findall(rf"^```{kind}\n(.*?)^```", paper.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            yield paper, block


def leaves(of: argparse.ArgumentParser, name: str) -> Iterator[str]:
    """Every command that does something."""
    choices = [action.choices for action in of._actions if isinstance(action, argparse._SubParsersAction)]
    if not choices:
        yield name
    for each in choices:
        for word, below in each.items():
            yield from leaves(below, f"{name} {word}")


def served() -> set[str]:
    """Every address that the server answers at, but for the last resort."""
    app = app_over(House())._pages._pages
    setting_up = SetupPages(None, None, lambda: None).app()  # type: ignore[arg-type] # only its routes are looked at
    routes = [route for each in (app, setting_up) for route in each.routes]  # type: ignore[attr-defined]
    paths = {route.path for route in routes if isinstance(route, Route | Mount)}
    platforms = {value for room in (webhook, oauth, connecting) for name, value in vars(room).items() if is_path(name)}
    return (paths - {"/{rest:path}"}) | {"/{code}", "/slack/events"} | platforms


def is_path(name: str) -> bool:
    """Whether a constant of a bot's is an address that it answers at."""
    return name == "PATH" or name.endswith("_PATH")


def test_every_setting_stands_in_its_paper_with_its_meaning() -> None:
    written = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert written == settings_paper(), "penumbra config example --markdown > docs/settings.md"


def test_every_command_stands_in_the_operator_s_paper() -> None:
    missing = [each for each in leaves(parser(operator_words("en").say), "penumbra") if f"| `{each}" not in OPERATING]
    assert missing == [], "add a line to docs/operating.md, “Every command”"


def test_every_page_stands_in_the_operator_s_paper() -> None:
    missing = sorted(path for path in served() if f"`{path}`" not in OPERATING)
    assert missing == [], "add a line to docs/operating.md, “Every address it answers at”"


def test_everything_that_people_can_type_has_its_line() -> None:
    slack = Commands(None)._answers  # type: ignore[arg-type] # only its table is looked at
    typed = [f"`/{name}" for name in (*FOR_ADMINS, *IN_PRIVATE)] + [f"`/links {word}" for word in slack]
    assert [each for each in typed if each not in COMMANDS] == [], "add a line to docs/commands.md"


def test_the_readme_names_what_is_pressed_as_it_is_called() -> None:
    say, readme = Texts.load().speak("en").say, PAPERS[0].read_text("utf-8")
    pressed = ["onboarding.enable", "member.yes", "telegram.add_to_group", "setup.save", "setup.slack.open"]
    page = json.loads((ROOT / "playground" / "page" / "words" / "en.json").read_text("utf-8"))
    labels = [*map(say, pressed), page["clock.monday"], page["composer.send"]]
    people = [page[step].rpartition(" ")[2] for step in ("guide.enable", "guide.opt_in")]
    assert [label for label in (*labels, *people) if f"*{label}*" not in readme] == []


@pytest.mark.parametrize(
    "paper", [paper for paper in PAPERS if ">>> " in paper.read_text("utf-8")], ids=lambda p: p.name
)
def test_examples_in_python_give_what_is_written(paper: Path) -> None:
    failed, tried = doctest.testfile(str(paper), module_relative=False)
    assert tried
    assert failed == 0


def test_commands_in_examples_are_commands(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line for kind in ("sh", "sh run") for _, block in blocks(kind) for line in block.splitlines()]
    given = [shlex.split(line.partition("penumbra ")[2], comments=True) for line in lines if "penumbra " in line]
    ours = [words for words in given if words and words[0] != "."]
    assert ours
    for words in ours:
        parser(operator_words("en").say).parse_args(words)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("paper", "block"), list(blocks("sh run")), ids=lambda each: getattr(each, "name", "block"))
def test_examples_that_say_so_run(paper: Path, block: str, tmp_path: Path) -> None:
    command = tmp_path / "bin" / "penumbra"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m config "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PENUMBRA_", "COV_"))}
    paths = {"PATH": f"{command.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    folder = tmp_path / "server"
    folder.mkdir()
    done = subprocess.run(  # noqa: S603 - our own examples
        ["/bin/sh", "-eu", "-c", block],
        cwd=folder,
        env=inherited | paths,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
