"""The app's manifest with an operator's own address in it, and the link that creates the app from it."""

from importlib import resources
from typing import Final
from urllib.parse import urlencode

PLACEHOLDER: Final = "penumbra.example"
APPS: Final = "https://api.slack.com/apps"


def manifest(host: str) -> str:
    """The manifest for a server at this host, as YAML without comments.

    Args:
        host: as people's browsers name it, with a port if it has one.
    """
    text = resources.files("bots.slack").joinpath("manifest.yaml").read_text("utf-8")
    lines = (line.partition(" #")[0].rstrip() for line in text.splitlines() if not line.lstrip().startswith("#"))
    return "\n".join(lines).replace(PLACEHOLDER, host) + "\n"


def create_link(host: str) -> str:
    """Opens "Create an app" with the manifest filled in [https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests]."""
    return f"{APPS}?{urlencode({'new_app': 1, 'manifest_yaml': manifest(host)})}"
