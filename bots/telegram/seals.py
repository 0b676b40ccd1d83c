"""Buttons and deep links that only we could have made: short words, signed. Pure.

A client can send any callback data and any start payload, so each carries a keyed hash (HMAC-SHA-256, cut to 72 bits),
and the group it was made for. Telegram's room: 1-64 bytes of callback data, 64 characters of `A-Za-z0-9_-` in a start
payload [https://core.telegram.org/bots/api#inlinekeyboardbutton, https://core.telegram.org/bots/features#deep-linking].
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from pydantic import SecretStr

from core.model import Account, LinkId

MAC_BYTES = 9
MAC_LENGTH = 12
ROOM = 64
INVITATION_LASTS = timedelta(hours=1)
_EXPIRY_LENGTH = 8
_HEX = re.compile(r"[0-9a-f]{32}")
_PACKED = "~"


class Verb(StrEnum):
    """What a button asks for."""

    ENABLE = "on"
    YES = "y"
    """Count my shares and the clicks on them; the argument is the notice read."""
    YES_SHARES = "s"
    """Count my shares alone; the argument is the notice read."""
    NO = "n"
    JOIN = "j"
    """Show me the notice, so that I can choose."""
    PRIVACY = "p"
    UNDO = "u"
    """Take back what a message shared; the argument is its id."""
    WHY = "w"
    """Tell me why these links are in the digest; the argument is its week."""
    FACTS = "f"
    """Is there a fact check? The argument is the link, packed."""
    NOT_MINE = "nm"
    """The card stays, nothing of it is counted; the argument is the message."""
    ABOUT = "ab"
    """Why is this card here?"""
    INLINE = "il"
    """Stands on a message that its sender wants counted, sent through us into whichever chat; about no group."""
    LANGUAGE = "lg"
    """Say the welcome, and everything in this group, in another language; the argument is which."""
    CHOICES = "ch"
    """Show me what I said yes to, each purpose on its own."""
    CHOOSE = "c"
    """Change one of these; the argument is `+` or `-`, which one, and for a yes the notice read."""
    PAGE = "pg"
    """Show a page of the settings; the argument is which."""
    SET = "st"
    """Change a setting; the argument is its name and value."""
    ALL = "al"
    """Show me all links of the week."""
    SETTINGS = "se"
    """Lead me to the settings."""
    MINE = "mi"
    """Which shares in the digest are mine? The argument is its week."""
    REMOVE = "rm"
    """Take my share out of the digest; the argument is its week and the link, packed."""
    AGAIN = "ag"
    """I looked, and the digest is not there: post it again; the argument is its week."""
    GO_ON = "go"
    """The digest is to go on."""


class Errand(StrEnum):
    """What a person follows a deep link into the private chat for."""

    DIGEST = "d"
    ALL = "a"
    JOIN = "j"
    HELP = "h"
    PRIVACY = "p"
    MYDATA = "m"
    RECEIPT = "r"
    SETTINGS = "s"
    CHOICES = "c"


NO_GROUP = "0"
"""Stands for a group in what is about none."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A pressed button, as we made it."""

    verb: Verb
    group: str
    """The chat id of the group it is about."""
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A deep link made for one person, about one group, for an hour."""

    errand: Errand
    group: str


class Seal:
    """Signs and checks buttons and deep links.

    Args:
        key: what the hashes are keyed with; a new one makes every old button stale, which is answered in words.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of(cls, token: SecretStr) -> "Seal":
        """A seal that every process with this bot token shares."""
        return cls(sha256(b"penumbra telegram seal\0" + token.get_secret_value().encode()).digest())

    def stamp(self, tap: Tap) -> str:
        """Callback data for a button.

        Raises:
            ValueError: it would be longer than 64 bytes.
        """
        body = f"{tap.verb}:{tap.group}:{tap.argument}"
        data = f"{body}:{self._mac('tap', body)}"
        if len(data.encode()) > ROOM:
            raise ValueError(f"callback data of {len(data.encode())} bytes")
        return data

    def read(self, data: str | None) -> Tap | None:
        """The tap that callback data stands for; None for data we did not make, or made under another key."""
        body, _, mac = (data or "").rpartition(":")
        if not self._is_ours("tap", body, mac):
            return None
        verb, group, argument = body.split(":", 2)
        return Tap(Verb(verb), group, argument) if verb in set(Verb) else None

    def invite(self, invitation: Invitation, account: Account, now: datetime) -> str:
        """A start payload that only this person can use, for an hour."""
        expiry = f"{int((now + INVITATION_LASTS).timestamp()):0{_EXPIRY_LENGTH}x}"
        body = f"{invitation.errand}{expiry}{invitation.group}"
        return f"{self._mac('invitation', body, account)}{body}"

    def accept(self, payload: str, account: Account, now: datetime) -> Invitation | None:
        """The invitation that a start payload stands for; None when it is not this person's, not ours, or too old."""
        mac, body = payload[:MAC_LENGTH], payload[MAC_LENGTH:]
        if not self._is_ours("invitation", body, mac, account):
            return None
        expiry, group = int(body[1 : 1 + _EXPIRY_LENGTH], 16), body[1 + _EXPIRY_LENGTH :]
        return Invitation(Errand(body[0]), group) if now.timestamp() <= expiry else None

    def _is_ours(self, use: str, body: str, mac: str, account: str = "") -> bool:
        return bool(body) and hmac.compare_digest(_bytes(self._mac(use, body, account)), _bytes(mac))

    def _mac(self, use: str, body: str, account: str = "") -> str:
        digest = hmac.digest(self._key, _bytes(f"{use}\0{account}\0{body}"), "sha256")
        return urlsafe_b64encode(digest[:MAC_BYTES]).decode()


def packed(link: LinkId) -> str:
    """A link's id in as little room as it goes: 32 hexadecimal digits become 23 characters."""
    if _HEX.fullmatch(link) is None:
        return link
    return _PACKED + urlsafe_b64encode(bytes.fromhex(link)).decode().rstrip("=")


def unpacked(argument: str) -> LinkId:
    """The id that `packed` was given."""
    if not argument.startswith(_PACKED):
        return LinkId(argument)
    return LinkId(urlsafe_b64decode(argument.removeprefix(_PACKED) + "==").hex())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # JSON can bring half a surrogate pair
