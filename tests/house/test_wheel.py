"""What is shipped is whole: the wheel holds everything that the rooms read at run time."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bots", "core", "storage", "config", "web", "texts", "playground")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603 - our own build
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("penumbra-*.whl")
    with zipfile.ZipFile(wheel) as opened:
        return set(opened.namelist())


def tracked():
    listed = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603, S607
    return set(listed.stdout.split("\n")) - {""}


def test_every_file_of_every_room_is_in_it(shipped):
    missing = {path for path in tracked() if (ROOT / path).exists()} - shipped
    assert missing == set()


def test_nothing_else_is_in_it(shipped):
    rooms = {name for name in shipped if not name.startswith("penumbra-")}
    assert {name.partition("/")[0] for name in rooms} == set(ROOMS)
