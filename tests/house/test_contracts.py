"""The house stands as drawn: who may import whom, and whose names the rooms are."""

import ast
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
ROOMS = ("bots", "core", "storage", "config", "web", "texts", "playground")


def test_imports_point_one_way(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


def test_no_other_package_owns_the_name_of_a_room():
    owners = packages_distributions()
    assert {room: owners.get(room, ["penumbra"]) for room in ROOMS} == {room: ["penumbra"] for room in ROOMS}


def test_every_room_is_packaged_and_checked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == set(ROOMS)
    assert set(project["tool"]["importlinter"]["root_packages"]) == set(ROOMS)
    assert set(project["tool"]["mypy"]["packages"]) == set(ROOMS)


def test_locks_name_hashes_and_no_download_address():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "--index-url" not in text


def test_the_card_s_packages_are_in_real_use():
    wanted = {"telegram", "slack_bolt", "sqlmodel", "apscheduler", "httpx"}
    used = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    used |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    used.add(node.module.partition(".")[0])
    assert wanted <= used
