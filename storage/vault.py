"""Envelope encryption: the root key wraps keys, keys seal values and make look-ups (privacy.md, "Keys and retention").

`K_root` lives outside the database and wraps every other key. One of them is the master key, made once per database:
look-ups and the keys that codes give come from it, so that a new root key means wrapping anew, never reading all rows.
"""

import hmac
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import Tampered, WrongRootKey

KEY_LENGTH: Final = 32
_NONCE_LENGTH: Final = 12
"""96 bits, as NIST SP 800-38D recommends for GCM."""

Entropy = Callable[[int], bytes]
"""So many random bytes, as `os.urandom` gives them."""

Place = Sequence[str]
"""Where a sealed value stands: table, column, row id. A value moved elsewhere does not open."""


def prefixed(*parts: str | bytes) -> bytes:
    """Parts joined so that no other parts give the same bytes: each behind its length in four bytes."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(4) + part for part in encoded)


def _subkey(secret: bytes, purpose: str, *parts: str | bytes) -> bytes:
    """RFC 5869; the secret is uniform, so no salt is needed."""
    return HKDF(SHA256(), KEY_LENGTH, salt=None, info=prefixed("penumbra", purpose, *parts)).derive(secret)


class Key:
    """32 secret bytes, and what can be done with them. Each use has a subkey of its own.

    Args:
        secret: exactly 32 bytes.
        entropy: where nonces come from.

    Raises:
        ValueError: the secret has another length.
    """

    __slots__ = ("__weakref__", "_aead", "_entropy", "_lookups", "_secret")

    def __init__(self, secret: bytes, entropy: Entropy) -> None:
        if len(secret) != KEY_LENGTH:
            raise ValueError(f"a key has {KEY_LENGTH} bytes, not {len(secret)}")
        self._secret = secret
        self._entropy = entropy
        self._aead = AESGCM(_subkey(secret, "seal"))
        self._lookups: dict[str, bytes] = {}

    def derive(self, purpose: str, *parts: str | bytes) -> "Key":
        """A key of its own for a purpose and what belongs to it, by HKDF-SHA256."""
        return Key(_subkey(self._secret, purpose, *parts), self._entropy)

    def lookup(self, purpose: str, *parts: str | bytes) -> bytes:
        """A keyed look-up of 32 bytes: HMAC-SHA256 over the parts, each length-prefixed."""
        if purpose not in self._lookups:
            self._lookups[purpose] = _subkey(self._secret, "lookup", purpose)
        return hmac.digest(self._lookups[purpose], prefixed(*parts), "sha256")

    def seal(self, plain: bytes, place: Place) -> bytes:
        """Encrypt by AES-256-GCM, bound to a place; the nonce stands before the text."""
        nonce = self._entropy(_NONCE_LENGTH)
        return nonce + self._aead.encrypt(nonce, plain, prefixed(*place))

    def unseal(self, sealed: bytes, place: Place) -> bytes:
        """Decrypt what `seal` made for this place.

        Raises:
            Tampered: it was changed, stood elsewhere, or was sealed with another key.
        """
        try:
            return self._aead.decrypt(sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:], prefixed(*place))
        except (InvalidTag, ValueError) as error:
            raise Tampered(
                f"A stored value does not open where it stands: {place[0]}.{place[1]}.",
                which="place",
                place=".".join(place[:2]),
            ) from error


class RootKeys:
    """The operator's root key, and the one before it while keys are wrapped anew.

    Args:
        current: wraps; 32 bytes.
        previous: only unwraps; 32 bytes, or None outside a rotation.
        entropy: where new keys and nonces come from.
    """

    def __init__(self, current: bytes, previous: bytes | None, entropy: Entropy) -> None:
        self._entropy = entropy
        self.current = root_id(current)
        """Names the root key that wraps, without telling it."""
        self._keys = {root_id(each): Key(each, entropy) for each in (current, previous) if each is not None}

    def new_secret(self) -> bytes:
        """32 random bytes for a key to be wrapped."""
        return self._entropy(KEY_LENGTH)

    def key(self, secret: bytes) -> Key:
        """A key of an unwrapped secret."""
        return Key(secret, self._entropy)

    def wrap(self, secret: bytes, place: Place) -> bytes:
        """Seal a key's secret under the current root key."""
        return self._keys[self.current].seal(secret, place)

    def unwrap(self, root: bytes, wrapped: bytes, place: Place) -> bytes:
        """Open a key's secret.

        Raises:
            WrongRootKey: it was wrapped by a root key we were not given.
            Tampered: it was changed or moved.
        """
        if root not in self._keys:
            raise WrongRootKey
        return self._keys[root].unseal(wrapped, place)


def root_id(root: bytes) -> bytes:
    """Eight bytes that name a root key; the key can't be told from them."""
    return sha256(_subkey(root, "root id")).digest()[:8]
