"""Nothing undocumented: every setting, command and page that there is stands where people look for it."""

import re
from pathlib import Path

import pytest

from config.commandline import parser
from config.settings import Settings
from config.words import operator_words
from tests.browser.pictures import AT_MOST

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCS = README + "".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_says_what_it_is_for(name):
    assert Settings.model_fields[name].description
    assert f"PENUMBRA_{name.upper()}=" in (ROOT / ".env.example").read_text("utf-8")


def test_every_command_says_what_it_does():
    (commands,) = [action for action in parser(operator_words("en").say)._actions if action.choices]
    assert {"demo", "run", "migrate", "keys", "config"} <= set(commands.choices)
    assert all(choice.help for choice in commands._choices_actions)


def test_every_slack_scope_has_its_reason():
    manifest = (ROOT / "slack-manifest.yaml").read_text("utf-8")
    asked = re.findall(r"^\s+- ([a-z]+:[a-z.]+|commands)\b", manifest.partition("scopes:")[2], re.MULTILINE)
    assert asked
    assert [scope for scope in asked if f"`{scope}`" not in README] == []


def test_every_picture_and_document_that_is_linked_is_there():
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "pictures").iterdir()), ids=lambda path: path.name)
def test_every_picture_is_shown_told_in_words_and_light_enough_for_a_train(path):
    (told,) = re.findall(rf"!\[([^]]+)\]\(docs/pictures/{re.escape(path.name)}\)", README)
    assert len(told) > 40
    assert path.stat().st_size <= AT_MOST


def test_the_two_commands_are_make_s():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for command in re.findall(r"`make (\w+)", DOCS):
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), f"make {command} is not a recipe"


def test_no_setting_is_named_that_does_not_exist():
    known = {f"PENUMBRA_{name.upper()}" for name in Settings.model_fields} | {"PENUMBRA_TEST_PG_BIN"}
    assert set(re.findall(r"PENUMBRA_[A-Z_]+[A-Z]", DOCS)) <= known
