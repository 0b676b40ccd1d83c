"""What an operator is told when `penumbra run` can't: a line each, no traceback, nothing lost."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.__main__ import main
from config.keys import make_root_key

ROOT = Path(__file__).parents[2]


@pytest.fixture
def operator(monkeypatch, tmp_path, capsys):
    """Somebody with an empty environment and a folder of their own; types commands, reads what is said."""
    for name in [name for name in os.environ if name.startswith("PENUMBRA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def types(*words, **settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"PENUMBRA_{name}", value)
        code = main(words)
        return code, capsys.readouterr()

    return types


def test_without_settings_each_missing_one_is_named(operator):
    code, told = operator("config", "check")
    assert code == 2
    assert told.err == (
        "penumbra: PENUMBRA_ROOT_KEY_FILE: is needed; `penumbra keys init FILE` makes one; keep it off the database\n"
    )
    code, told = operator("run", ROOT_KEY=make_root_key(), ROLES="worker")
    assert code == 2
    assert "PENUMBRA_TELEGRAM_TOKEN or PENUMBRA_SLACK_SIGNING_SECRET: at least one platform is needed" in told.err


def test_settings_in_order_are_said_to_be(operator):
    code, told = operator("config", "check", ROOT_KEY=make_root_key(), TELEGRAM_TOKEN="1234567:x")
    assert (code, told.out) == (0, "The settings are in order.\n")


def test_every_wrong_setting_has_its_line(operator):
    code, told = operator("config", "check", PORT="many", DATABASE_URL="mysql://x", LOG_LEVEL="LOUD")
    assert code == 2
    assert [line.split(":")[1].strip() for line in told.err.splitlines()] == [
        "PENUMBRA_DATABASE_URL",
        "PENUMBRA_PORT",
        "PENUMBRA_LOG_LEVEL",
    ]


def test_a_root_key_is_made_once_and_only_for_its_owner(operator, tmp_path):
    code, told = operator("keys", "init", "root.key")
    assert code == 0
    assert "PENUMBRA_ROOT_KEY_FILE" in told.out
    assert (tmp_path / "root.key").stat().st_mode & 0o777 == 0o600
    before = (tmp_path / "root.key").read_text()
    code, told = operator("keys", "init", "root.key")
    assert code == 2
    assert "never overwritten" in told.err
    assert (tmp_path / "root.key").read_text() == before
    assert operator("keys", "init", "no/such/folder/root.key")[0] == 2


def test_the_database_is_brought_up_to_date_and_copied_before(operator, tmp_path):
    for _ in range(2):
        code, told = operator("migrate", ROOT_KEY=make_root_key())
        assert (code, told.out) == (0, "The database is up to date.\n")
    assert len(list(tmp_path.glob("penumbra.db.*.backup"))) == 1


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_an_unreachable_database_is_told_in_a_line(command, tmp_path):
    settings = {
        "DATABASE_URL": f"postgresql://penumbra:secret-word@127.0.0.1:{closed_port()}/penumbra",
        "ROOT_KEY": make_root_key(),
        "TELEGRAM_TOKEN": "1234567:x",
    }
    done = run(tmp_path, command, settings)
    assert done.returncode == 2
    assert done.stderr == "penumbra: The database can't be reached right now.\n"


def test_a_port_that_is_taken_is_told_in_a_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(
            tmp_path,
            "run",
            {"ROOT_KEY": make_root_key(), "SLACK_SIGNING_SECRET": "s", "SLACK_BOT_TOKEN": "xoxb-1", "PORT": str(port)},
        )
    assert done.returncode == 1
    assert f"can't listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(folder: Path, command: str, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PENUMBRA_", "COV_"))}
    given = {f"PENUMBRA_{name}": value for name, value in settings.items()}
    environment = inherited | given | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "config", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
