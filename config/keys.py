"""Root keys on disk."""

import base64
import os
from pathlib import Path

from config.settings import ROOT_KEY_LENGTH, SettingsError
from core.receipts import Signer


def make_root_key() -> str:
    """A new root key in base64."""
    return base64.b64encode(os.urandom(ROOT_KEY_LENGTH)).decode("ascii")


def public_text(by: Signer) -> str:
    """The public half of the key that signs receipts, as people pass it on: base64."""
    return base64.b64encode(by.public_key).decode("ascii")


def write_root_key(path: Path) -> None:
    """Make a root key in a new file that only its owner can read.

    Raises:
        SettingsError: the file is there already, or can't be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make_root_key() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise SettingsError(f"{path} is there already: a root key is never overwritten") from error
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
