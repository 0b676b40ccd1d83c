"""What an operator writes, and what they are told when it can't be right."""

import base64
import os
from pathlib import Path

import pytest

from config.settings import Role, Settings, SettingsError, example, load_settings

ROOT = Path(__file__).parents[2]
KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("PENUMBRA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_one_process_and_sqlite():
    settings = load_settings()
    assert settings.database_url == "sqlite:///penumbra.db"
    assert settings.roles == frozenset(Role)
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)


def test_the_environment_and_a_file_are_read(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text(f"PENUMBRA_ROOT_KEY={KEY}\nPENUMBRA_PORT=9000\nPENUMBRA_TELEGRAM_TOKEN=\n")
    monkeypatch.setenv("PENUMBRA_ROLES", "web, redirect")
    settings = load_settings()
    assert settings.root() == b"k" * 32
    assert settings.port == 9000
    assert settings.roles == {Role.WEB, Role.REDIRECT}
    assert settings.telegram_token is None


@pytest.mark.parametrize("written", ["p$w", "'p$w'", '"p$w"'])
def test_a_dollar_in_the_file_is_a_dollar_and_names_nothing(tmp_path, written):
    for value in (written, written.replace("$", "${HOME}"), written.replace("$", "$$"), written.replace("$", "${")):
        (tmp_path / ".env").write_text(f"PENUMBRA_SLACK_APP_TOKEN={value}\n")
        settings = load_settings(_env_file=tmp_path / ".env", slack_bot_token="xoxb-1")
        assert settings.slack_app_token.get_secret_value() == value.strip("'\"")


def test_a_secret_does_not_print(monkeypatch):
    monkeypatch.setenv("PENUMBRA_TELEGRAM_TOKEN", "123456:very-secret")
    assert "very-secret" not in repr(load_settings())


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"port": "http"}, "PENUMBRA_PORT: should be a valid integer"),
        ({"port": "0"}, "PENUMBRA_PORT: should be greater than or equal to 1"),
        ({"database_url": "mysql://x"}, "PENUMBRA_DATABASE_URL: must begin with sqlite:/// or postgresql://"),
        ({"public_url": "s.example"}, "PENUMBRA_PUBLIC_URL: must be an http:// or https:// address"),
        ({"roles": "web,cook"}, "PENUMBRA_ROLES: should be 'web', 'worker', 'digest', or 'redirect'"),
        ({"root_key": "short"}, "PENUMBRA_ROOT_KEY: is not base64"),
        ({"root_key": "c2hvcnQ="}, "PENUMBRA_ROOT_KEY: must hold 32 bytes, this has 5"),
        (
            {"telegram_token": "1:x", "telegram_mode": "webhook"},
            "PENUMBRA_TELEGRAM_WEBHOOK_SECRET: is needed with TELEGRAM_MODE=webhook",
        ),
        ({"slack_signing_secret": "x"}, "PENUMBRA_SLACK_BOT_TOKEN: is needed with SLACK_SIGNING_SECRET"),
        (
            {"root_key": KEY, "root_key_file": "key"},
            "PENUMBRA_ROOT_KEY: give either ROOT_KEY or ROOT_KEY_FILE, not both",
        ),
    ],
)
def test_each_mistake_has_one_line_that_names_the_setting(given, line):
    with pytest.raises(SettingsError) as refused:
        load_settings(**given)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


def test_every_mistake_is_told_at_once():
    with pytest.raises(SettingsError) as refused:
        load_settings(port="x", database_url="y")
    assert len(str(refused.value).splitlines()) == 2


def test_a_refused_secret_is_not_repeated():
    with pytest.raises(SettingsError) as refused:
        load_settings(root_key="my-secret-that-is-no-key")
    assert "my-secret" not in str(refused.value)


def test_a_missing_or_unreadable_root_key_is_told_with_the_mend(tmp_path):
    with pytest.raises(SettingsError, match="keys init"):
        load_settings().root()
    with pytest.raises(SettingsError, match="PENUMBRA_ROOT_KEY_FILE"):
        load_settings(root_key_file=tmp_path / "nothing").root()
    (tmp_path / "key").write_text("no key\n")
    with pytest.raises(SettingsError, match="not base64"):
        load_settings(root_key_file=tmp_path / "key").root()
    (tmp_path / "key").write_text(KEY + "\n")
    assert load_settings(root_key_file=tmp_path / "key").root() == b"k" * 32


def test_names_served_on_loopback_are_read_and_nothing_else_is_taken_for_one():
    settings = load_settings(unfurl_test_hosts="a.localhost=127.0.0.1:8790, b.localhost=127.0.0.1:8791")
    assert settings.test_hosts() == {"a.localhost": ("127.0.0.1", 8790), "b.localhost": ("127.0.0.1", 8791)}
    for wrong in ("a.localhost", "a=10.0.0.1:80", "=127.0.0.1:80", "a=127.0.0.1:http"):
        with pytest.raises(SettingsError):
            load_settings(unfurl_test_hosts=wrong).test_hosts()


def test_the_example_file_is_what_the_settings_say():
    assert (ROOT / ".env.example").read_text("utf-8") == example()
    assert all(f"PENUMBRA_{name.upper()}=" in example() for name in Settings.model_fields)


def test_the_example_file_can_be_used_as_it_is(tmp_path):
    taken = "\n".join(line.removeprefix("# ") for line in example().splitlines() if line.startswith("# PENUMBRA_"))
    (tmp_path / ".env").write_text(taken)
    assert load_settings() == load_settings(_env_file=None)
