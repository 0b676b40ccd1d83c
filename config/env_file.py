"""The file `.env`, read as it is written: a `$` in a password is a `$`, and names nothing."""

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource

PREFIX = "PENUMBRA_"
"""How the names of all settings begin in the environment."""


class _AsWritten(DotEnvSettingsSource):
    """The file without python-dotenv's own `${NAME}`, which would also reach into single quotes."""

    def _read_env_file(self, file_path: Path) -> Mapping[str, str | None]:
        values = dotenv_values(file_path, interpolate=False, encoding=self.env_file_encoding)
        kept = {name.lower(): value for name, value in values.items()}
        return {name: value for name, value in kept.items() if value or not self.env_ignore_empty}


class FromEnvironment(BaseSettings):
    """Settings whose sources are, the first that knows a setting wins: what is given, the environment, the file."""

    @classmethod
    def settings_customise_sources(  # the library's own name and parameters
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put our reading of the file in the place of the library's."""
        file = dotenv_settings.env_file if isinstance(dotenv_settings, DotEnvSettingsSource) else None
        return init_settings, env_settings, _AsWritten(settings_cls, env_file=file), file_secret_settings
