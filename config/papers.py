"""Papers that are written from the code, so that they tell what there is."""

from config.env_file import PREFIX
from config.settings import Settings

_BEGINNING = """# Every setting

[operating.md](operating.md) tells how they go together. Settings come from the environment or from `.env` in the folder
where `penumbra` is started; the environment wins. `penumbra config example --markdown` writes this paper.

| setting | default | meaning |
|---|---|---|
"""


def settings_paper() -> str:
    """The text of `docs/settings.md`: every setting with its default and meaning."""
    return _BEGINNING + "".join(
        f"| `{PREFIX}{name.upper()}` | {_default(name)} | {_meaning(name)} |\n" for name in Settings.model_fields
    )


def _meaning(name: str) -> str:
    return (Settings.model_fields[name].description or "").replace("|", "\\|")


def _default(name: str) -> str:
    value = Settings.model_fields[name].default
    text = ", ".join(sorted(value)) if isinstance(value, frozenset) else "" if value is None else str(value)
    return f"`{text}`" if text else "–"
