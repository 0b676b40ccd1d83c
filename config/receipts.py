"""What an operator is asked to prove: that a receipt is ours, and that the consent log is whole."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from pathlib import Path

from config.keys import beside, public_text
from config.settings import Settings, SettingsError, key_length, mistake
from core.errors import NotAReceipt
from core.receipts import LONGEST, Receipt, signer, verify
from storage.checkup import check_up
from texts.phrases import Phrase, phrase


async def receipt_key(settings: Settings) -> str:
    """The public half of the key that this server signs receipts with, base64."""
    async with beside(settings) as storage:
        return public_text(signer(await storage.signing_seed()))


def verified(path: Path, key: str) -> Receipt:
    """A receipt in a file, checked.

    Args:
        path: the file a member kept.
        key: the public key it should be signed with, base64.

    Raises:
        NotAReceipt: the file holds something else.
        ForgedReceipt: it was changed, or signed by somebody else.
        SettingsError: the key is none.
    """
    try:
        public_key = base64.b64decode(key, validate=True)
    except binascii.Error as error:
        raise SettingsError(mistake("--key", phrase("settings.not_base64"))) from error
    if len(public_key) != 32:
        raise SettingsError(mistake("--key", key_length(len(public_key))))
    with path.open("rb") as file:
        content = file.read(LONGEST + 2)
    if len(content) > LONGEST + 1:
        raise NotAReceipt
    return verify(content.removesuffix(b"\n"), public_key)


def told(receipt: Receipt) -> Iterator[Phrase]:
    """What a receipt says, in lines."""
    yield phrase("command.receipt.genuine")
    yield phrase("command.receipt.id", id=receipt.id)
    yield phrase("command.receipt.given", given_at=receipt.given_at, valid_until=receipt.valid_until)
    yield phrase("command.receipt.covers", purposes=sorted(receipt.purposes))
    yield phrase("command.receipt.group", name=receipt.group_name, id=receipt.group)
    notice = receipt.notice
    yield phrase("command.receipt.notice", id=notice.id, language=notice.language, hash=notice.hash)
    yield phrase("command.receipt.operator", name=receipt.operator.name, contact=receipt.operator.contact)


async def audit_consents(settings: Settings) -> tuple[int, Sequence[int]]:
    """How many lines the consent log has, and the numbers of those that do not fit its chain."""
    async with beside(settings) as storage:
        found = await check_up(storage)
    return found.log_lines, found.broken
