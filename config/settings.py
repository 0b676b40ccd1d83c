"""What an operator decides: environment variables or a `.env` file, read once, checked at start."""

import base64
import binascii
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import NoDecode, SettingsConfigDict

from config.env_file import PREFIX, FromEnvironment
from config.words import OperatorError, why_of
from texts.phrases import OneOf, Phrase, phrase

ROOT_KEY_LENGTH = 32
_DOMAIN = re.compile(r"(?!www\.)[a-z0-9-]+(\.[a-z0-9-]+)+")


Wrong = PydanticCustomError
"""A value that can't be used; its name is, behind `settings.`, the id of the text that says why."""
_TELLS = frozenset(
    {
        "bool_parsing",
        "enum",
        "greater_than_equal",
        "int_parsing",
        "key_length",
        "less_than_equal",
        "literal_error",
        "no_bot_token",
        "no_webhook_secret",
        "not_a_database",
        "not_an_address",
        "not_base64",
        "two_root_keys",
    }
)
"""What pydantic and our own checks say of a setting that comes from the environment, by name."""


class SettingsError(OperatorError):
    """The settings can't be used as they are; each line names one and says what it wants."""


class Role(StrEnum):
    """What one process does; a small installation does all of it."""

    WEB = "web"
    WORKER = "worker"
    DIGEST = "digest"
    REDIRECT = "redirect"


class Settings(FromEnvironment):
    """Every setting, with its meaning. Frozen; secrets are typed as secrets to the last moment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
    )

    database_url: str = Field(
        "sqlite:///penumbra.db",
        description="sqlite:///FILE for one process, postgresql://USER:PASSWORD@HOST/NAME for more.",
    )
    data_dir: Path = Field(
        Path("data"),
        description="Folder for clicks that are counted but not yet in the database. Not for a network disk.",
    )
    journal_dir: Path = Field(
        Path("journal"),
        description="Folder that erasures are told to, so that a restored backup does not bring them back: on another "
        "disk than the database, and kept 35 days.",
    )
    root_key_file: Path | None = Field(
        None,
        description="File with the root key, 32 bytes in base64; `penumbra keys init FILE` makes one with mode 0600.",
    )
    other_root_key_file: Path | None = Field(
        None,
        description="While keys are rotated: a second root key that opens too, the new one before, the old one after.",
    )
    root_key: SecretStr | None = Field(None, description="The root key itself, instead of a file.")

    public_url: str = Field("http://127.0.0.1:8080", description="The address people see; short URLs begin with it.")
    host: str = Field("127.0.0.1", description="The address we listen on.")
    port: int = Field(8080, ge=1, le=65535, description="The port we listen on.")
    trusted_proxies: str = Field(
        "127.0.0.1", description="Addresses whose X-Forwarded-For is believed, separated by commas."
    )
    roles: Annotated[frozenset[Role], NoDecode] = Field(
        frozenset(Role), description="What this process does: web, worker, digest, redirect, separated by commas."
    )

    telegram_token: SecretStr | None = Field(None, description="Token from BotFather. None: no Telegram.")
    telegram_api_url: str = Field("https://api.telegram.org/bot", description="Bot API, up to and including /bot.")
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling", description="polling needs no public address; webhook is for more than one process."
    )
    telegram_webhook_secret: SecretStr | None = Field(
        None, description="1 to 256 of A-Z a-z 0-9 _ -; Telegram sends it with every webhook delivery."
    )

    slack_signing_secret: SecretStr | None = Field(None, description="Signing secret of the Slack app. None: no Slack.")
    slack_client_id: str | None = Field(None, description="Client id, for installing into many workspaces.")
    slack_client_secret: SecretStr | None = Field(
        None, description="Client secret, for installing into many workspaces."
    )
    slack_bot_token: SecretStr | None = Field(None, description="Bot token (xoxb-…), for one workspace without OAuth.")
    slack_app_token: SecretStr | None = Field(
        None, description="App token (xapp-…): deliveries come by Socket Mode, for development."
    )
    slack_api_url: str = Field("https://slack.com/api/", description="Web API, up to and including /api/.")
    slack_authorize_url: str = Field("https://slack.com/oauth/v2/authorize", description="OAuth authorize page.")

    unfurl_proxy: str | None = Field(None, description="Egress proxy that all page fetches go through.")
    unfurl_honour_robots: bool = Field(
        default=False,
        description="Whether a page that its site's robots.txt keeps from Penumbra is left without a preview: one more "
        "request per site and day. Without: a preview is one page that a member pointed at, no crawl.",
    )
    unfurl_test_hosts: str = Field(
        "", description="Only for playground and tests: name=127.0.0.1:PORT,… are fetched on loopback. Leave empty."
    )

    urlhaus_url: SecretStr | None = Field(
        None,
        description="List of addresses that spread malware, fetched hourly: URLhaus's plain text, hosts file or CSV, "
        "plain, zipped or gzipped. abuse.ch puts the key of your account into it. None: off.",
    )
    factcheck_key: SecretStr | None = Field(
        None, description='Key of the Google Fact Check Tools API. None: cards have no "Is there a fact check?".'
    )
    factcheck_url: str = Field(
        "https://factchecktools.googleapis.com", description="Fact Check Tools API, up to and without /v1alpha1."
    )

    sitemaps: str = Field(
        "",
        description="Domains that you vouch for, each with a file of its pages: news.example=/path/sitemap.xml,… "
        "Read hourly; what a file lists before a week begins is what the week's figures across groups are drawn over.",
    )

    digest_window_minutes: int = Field(
        15, ge=0, description="Digests of one hour are spread over this many minutes, over more for very many groups."
    )

    log_format: Literal["json", "console"] = Field("json", description="json for machines, console for people.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="The least that is logged.")
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token that whoever asks for /metrics must send. None: only this machine may."
    )
    default_language: Literal["en", "fr"] = Field(
        "en", description="Spoken where a platform names no language of ours."
    )
    operator_name: str = Field("the operator of this server", description="Who runs this; members read it.")
    operator_contact: str = Field("your admin", description="How members reach whoever runs this; members read it.")

    @field_validator("roles", mode="before")
    @classmethod
    def _split_roles(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://")):
            raise Wrong("not_a_database", "must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("public_url", "telegram_api_url", "slack_api_url", "slack_authorize_url", "factcheck_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Wrong("not_an_address", "must be an http:// or https:// address")
        return value

    @field_validator("root_key")
    @classmethod
    def _key_of_right_length(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_root_key(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.telegram_mode == "webhook" and self.telegram_token and not self.telegram_webhook_secret:
            raise Wrong(
                "no_webhook_secret", "is needed with TELEGRAM_MODE=webhook", {"name": "TELEGRAM_WEBHOOK_SECRET"}
            )
        if self.has_slack and not (self.slack_bot_token or (self.slack_client_id and self.slack_client_secret)):
            raise Wrong("no_bot_token", "is needed, or client id and secret", {"name": "SLACK_BOT_TOKEN"})
        if self.root_key and self.root_key_file:
            raise Wrong("two_root_keys", "give either one, not both", {"name": "ROOT_KEY"})
        return self

    @property
    def has_slack(self) -> bool:
        """Whether Slack delivers, by HTTP (signed) or by Socket Mode."""
        return self.slack_signing_secret is not None or self.slack_app_token is not None

    def test_hosts(self) -> Mapping[str, tuple[str, int]]:
        """The names that are served on loopback, for playground and tests.

        Raises:
            SettingsError: an entry is not of the form `name=127.0.0.1:port`.
        """
        return dict(_test_host(entry) for entry in self.unfurl_test_hosts.split(",") if entry.strip())

    def sitemap_files(self) -> Mapping[str, Path]:
        """The file of each domain whose pages are listed.

        Raises:
            SettingsError: an entry is not of the form `domain=file`.
        """
        return dict(_sitemap(entry) for entry in self.sitemaps.split(",") if entry.strip())

    def root(self) -> bytes:
        """The root key, 32 bytes.

        Raises:
            SettingsError: there is none, or it can't be read.
        """
        if self.root_key is not None:
            return read_root_key(self.root_key.get_secret_value())
        if self.root_key_file is None:
            raise SettingsError(mistake("PENUMBRA_ROOT_KEY_FILE", phrase("settings.no_root_key")))
        return root_key_in(self.root_key_file, "PENUMBRA_ROOT_KEY_FILE")

    def other_root(self) -> bytes | None:
        """The second root key of a rotation.

        Raises:
            SettingsError: it can't be read.
        """
        if self.other_root_key_file is None:
            return None
        return root_key_in(self.other_root_key_file, "PENUMBRA_OTHER_ROOT_KEY_FILE")


def root_key_in(path: Path, name: str) -> bytes:
    """The root key in a file.

    Raises:
        SettingsError: it can't be read; the line begins with `name`.
    """
    try:
        return read_root_key(path.read_text("ascii"))
    except OSError as error:
        raise SettingsError(mistake(name, phrase("settings.file", file=path, why=why_of(error)))) from error
    except UnicodeDecodeError as error:
        raise SettingsError(mistake(name, phrase("settings.not_base64"))) from error
    except Wrong as error:
        raise SettingsError(mistake(name, _said_by(error))) from error


def read_root_key(text: str) -> bytes:
    """A root key from its base64 form.

    Raises:
        ValueError: not base64, or not 32 bytes.
    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise Wrong("not_base64", "is not base64") from error
    if len(key) != ROOT_KEY_LENGTH:
        raise Wrong("key_length", "must hold {wanted} bytes, this has {n}", {"wanted": ROOT_KEY_LENGTH, "n": len(key)})
    return key


def _test_host(entry: str) -> tuple[str, tuple[str, int]]:
    name, _, where = entry.strip().partition("=")
    host, _, port = where.rpartition(":")
    if not name or host != "127.0.0.1" or not port.isdigit():
        raise SettingsError(mistake("PENUMBRA_UNFURL_TEST_HOSTS", phrase("settings.not_a_host", entry=entry.strip())))
    return name, (host, int(port))


def _sitemap(entry: str) -> tuple[str, Path]:
    domain, _, path = entry.strip().partition("=")
    if not _DOMAIN.fullmatch(domain) or not path:
        raise SettingsError(mistake("PENUMBRA_SITEMAPS", phrase("settings.not_a_sitemap", entry=entry.strip())))
    return domain, Path(path)


def load_settings(**given: object) -> Settings:
    """Read the settings from the environment and `.env`; what is given wins.

    Raises:
        SettingsError: with one line per mistake.
    """
    try:
        return Settings(**given)  # type: ignore[arg-type] # pydantic checks what is given
    except ValidationError as error:
        raise SettingsError(*(_mistake(each) for each in error.errors())) from error


def mistake(name: str, why: Phrase) -> Phrase:
    """The line about a setting.

    Args:
        name: of the setting, in full.
        why: what is wrong with it.
    """
    return phrase("settings.line", name=name, why=why)


def key_length(length: int) -> Phrase:
    """What is wrong with a key of another length."""
    return phrase("settings.key_length", wanted=ROOT_KEY_LENGTH, n=length)


def _mistake(found: ErrorDetails) -> Phrase:
    values: Mapping[str, object] = found.get("ctx", {})
    name = str(found["loc"][0] if found["loc"] else values["name"])
    return mistake(f"{PREFIX}{name.upper()}", _why(found["type"], values))


def _why(kind: str, values: Mapping[str, object]) -> Phrase:
    """What is wrong with one setting, by pydantic's name for it or by ours."""
    if kind not in _TELLS:
        return phrase("settings.unusable")
    if "expected" in values:  # as "'en' or 'fr'": the word between them is English
        return phrase(f"settings.{kind}", expected=OneOf(tuple(re.findall(r"'[^']*'", str(values["expected"])))))
    return phrase(f"settings.{kind}", **values)


def _said_by(error: PydanticCustomError) -> Phrase:
    return phrase(f"settings.{error.type}", **(error.context or {}))


def example() -> str:
    """The text of `.env.example`: every setting with its meaning and default."""
    lines = ["# Every setting of Penumbra. Copy to .env and take away the # where you want something else.", ""]
    for name, field in Settings.model_fields.items():
        lines += [f"# {field.description}", f"# {PREFIX}{name.upper()}={_default(field.default)}", ""]
    return "\n".join(lines)


def _default(value: object) -> str:
    if value is None:
        return ""
    return ",".join(sorted(value)) if isinstance(value, frozenset) else str(value)
