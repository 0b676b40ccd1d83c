"""The command `penumbra run`, and what every command does first. Loads no more than it runs."""

import argparse

import uvloop

from config.logs import set_up_logs
from config.service import serve
from config.settings import Role, Settings, SettingsError, load_settings
from texts.phrases import phrase


def run(given: argparse.Namespace) -> int:
    """`penumbra run`: bots, server, workers and ticks, until a stop signal; with no tokens yet, it asks for them."""
    chosen = {"roles": given.roles} if given.roles else {}
    settings = load_settings(**chosen)
    if is_first_run(settings):
        from config.first_run import set_up  # noqa: PLC0415 - asks both platforms, and is needed once

        if not uvloop.run(set_up(settings)):
            return 0
        settings = load_settings(**chosen)
    check(settings)
    logs_of(settings)
    uvloop.run(serve(settings))
    return 0


def is_first_run(settings: Settings) -> bool:
    """Whether there is nothing to run yet, and this process is one that may ask."""
    return not settings.telegram_token and not settings.has_slack and Role.WEB in settings.roles


def check(settings: Settings) -> None:
    """What can be checked without asking anybody.

    Raises:
        SettingsError: with one line per mistake.
    """
    settings.root()
    settings.test_hosts()
    settings.sitemap_files()
    if not settings.telegram_token and not settings.has_slack:
        raise SettingsError(phrase("settings.no_platform"))


def logs_of(settings: Settings) -> None:
    """Set up logs that hold none of the secrets."""
    secrets = (settings.telegram_token, settings.telegram_webhook_secret, settings.slack_signing_secret)
    more = (settings.slack_client_secret, settings.slack_bot_token, settings.slack_app_token, settings.metrics_token)
    chosen = (settings.urlhaus_url, settings.factcheck_key)
    known = [secret.get_secret_value() for secret in (*secrets, *more, *chosen, settings.root_key) if secret]
    set_up_logs(settings.log_format, settings.log_level, [*known, settings.database_url])
