"""A member's signed copy of a consent, in the shape of ISO/IEC TS 27560:2023 with W3C DPV terms.

Terms and nesting follow "Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV", final report of the W3C
Community Group, 2024-08-01 (https://w3id.org/dpv/guides/consent-27560), for DPV 2: a receipt wraps the record of one
consent. Simplified on purpose: the data subject is whoever holds the receipt, never an account; the controller's
address, where the data lies and whose law holds are the operator's, to be asked at the contact given; a change of mind
makes a receipt of its own instead of one more event in the old one.

The text is canonical JSON: for our strings, which are all there is in it, `canonical` writes what RFC 8785 writes. The
signature is Ed25519 (RFC 8032) over a prefix and that text without the proof. Only the exact bytes are accepted.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.errors import ForgedReceipt, NotAReceipt
from core.model import CONSENT_VALID_FOR, Consent, Group, GroupId, Notice, Purpose, ReceiptId

LONGEST: Final = 32 * 1024
"""Bytes of a receipt; ours have about 3,000."""
_SIGNED: Final = b"penumbra consent receipt 1\n"
"""What this key signs can be nothing but a receipt."""
_MOMENT: Final = "%Y-%m-%dT%H:%MZ"
_SCHEMA: Final = "https://w3id.org/dpv/schema/dpv-27560"
_CONTEXT: Final = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
_PURPOSES: Final[Mapping[Purpose, tuple[str, str, str]]] = {
    Purpose.SHARES: ("dpv:ServiceProvision", "Rewrite and count my shares in this group", "P14D"),
    Purpose.CLICKS: ("dpv:ServiceUsageAnalytics", "Count clicks on my links", "P8D"),
    Purpose.STATISTICS: ("dpv:ServiceUsageAnalytics", "My shares may enter statistics across groups", "P8D"),
}


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs this server, as its members are told."""

    name: str
    contact: str
    url: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a member said yes to, when, to whom, and how to take it back. It names no account."""

    id: ReceiptId
    given_at: datetime
    """To the minute."""
    purposes: frozenset[Purpose]
    notice: Notice
    operator: Operator
    group: GroupId
    group_name: str
    """As the member knows it."""
    withdraw: str
    """How to take it back, in the notice's language."""

    @property
    def valid_until(self) -> datetime:
        """When the yes has to be asked for anew."""
        return self.given_at + CONSENT_VALID_FOR


@dataclass(frozen=True, slots=True)
class Signer:
    """The seam to the vault: signs without handing out its key."""

    public_key: bytes
    """32 bytes, for everybody."""
    sign: Callable[[bytes], bytes]


def signer(seed: bytes) -> Signer:
    """A signer from a secret of 32 bytes.

    Raises:
        ValueError: the secret has another length.
    """
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return Signer(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), key.sign)


def receipt_of(consent: Consent, group: Group, notice: Notice, operator: Operator, withdraw: str) -> Receipt:
    """The receipt of a consent.

    Args:
        consent: as it is kept.
        group: where it was given.
        notice: the one the member was shown.
        operator: who runs this server.
        withdraw: how to take it back, in the notice's language.
    """
    purposes = consent.purposes
    return Receipt(
        consent.receipt, consent.given_at, purposes, notice, operator, group.id, _plain(group.name), _plain(withdraw)
    )


def sign(receipt: Receipt, by: Signer) -> str:
    """The receipt as signed JSON, on one line."""
    said = _said(receipt)
    signature = by.sign(_SIGNED + canonical(said))
    return canonical({**said, "proof": _proof(by.public_key, signature)}).decode()


def verify(text: str | bytes, public_key: bytes) -> Receipt:
    """Check a receipt and read it.

    Args:
        text: the file a member kept, byte for byte.
        public_key: of the server that is said to have given it; 32 bytes.

    Raises:
        NotAReceipt: it is something else.
        ForgedReceipt: it is not what the owner of this key signed.
    """
    raw = text if isinstance(text, bytes) else _bytes(text)
    document = _document(raw)
    signature = _signature(document)
    said = {name: value for name, value in document.items() if name != "proof"}
    if raw != canonical({**said, "proof": _proof(public_key, signature)}):
        raise ForgedReceipt
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _SIGNED + canonical(said))
    except InvalidSignature as error:
        raise ForgedReceipt from error
    return _read(said)


def canonical(value: object) -> bytes:
    """JSON in one spelling only: sorted names, no blanks, UTF-8.

    RFC 8785 differs from this only in numbers and in names beyond the basic plane, and receipts have neither.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _said(receipt: Receipt) -> dict[str, Any]:
    at = receipt.given_at.astimezone(UTC).strftime(_MOMENT)
    return {
        "@context": _CONTEXT,
        "@id": f"urn:penumbra:receipt:{receipt.id}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": f"{_SCHEMA}#receipt",
        "dct:created": at,
        "dct:identifier": receipt.id,
        "dct:publisher": receipt.operator.name,
        "schema:recipient": "dpv:DataSubject",
        "dpv:hasRecordOfActivity": _record(receipt, at),
    }


def _record(receipt: Receipt, at: str) -> dict[str, Any]:
    until = receipt.valid_until.astimezone(UTC).strftime(_MOMENT)
    controller = {
        "@type": "dpv:DataController",
        "dpv:hasName": receipt.operator.name,
        "dpv:hasContact": receipt.operator.contact,
        "schema:url": receipt.operator.url,
    }
    return {
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": f"{_SCHEMA}#record",
        "dct:identifier": receipt.id,
        "dct:valid": f"{at}/{until}",
        "dpv:hasLegalBasis": "dpv:Consent",
        "dpv:hasDataSubject": {"@id": f"urn:penumbra:bearer:{receipt.id}", "skos:broader": "dpv:Member"},
        "dpv:hasDataController": controller,
        "dpv:hasContext": {"@id": f"urn:penumbra:group:{receipt.group}", "dct:title": receipt.group_name},
        "dpv:hasProcess": [_process(each) for each in Purpose if each in receipt.purposes],
        "dpv:hasNotice": _notice(receipt.notice),
        "dpv:hasConsentControl": {"@type": "dpv:WithdrawConsent", "dct:description": receipt.withdraw},
        "dpv:hasConsentStatus": {
            "@type": ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"],
            "dpv:isIndicatedBy": "dpv:DataSubject",
            "dpv:isIndicatedAtTime": at,
        },
    }


def _process(purpose: Purpose) -> dict[str, Any]:
    broader, title, kept_for = _PURPOSES[purpose]
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {"@id": f"urn:penumbra:purpose:{purpose}", "dct:title": title, "skos:broader": broader},
        "dpv:hasPersonalData": "dpv:PseudonymisedData",
        "dpv:hasRecipient": "dpv:DataController",
        "dpv:hasStorageCondition": {"@type": "dpv:StorageDuration", "dpv:hasDuration": kept_for},
    }


def _notice(notice: Notice) -> dict[str, str]:
    return {
        "@id": f"urn:penumbra:notice:{notice.id}",
        "@type": "dpv:ConsentNotice",
        "dct:identifier": notice.id,
        "dct:language": notice.language,
        "schema:sha256": notice.hash,
    }


def _read(said: Mapping[str, Any]) -> Receipt:
    """What our own key has signed, so it has our shape unless another edition of Penumbra wrote it."""
    try:
        record, operator = said["dpv:hasRecordOfActivity"], said["dpv:hasRecordOfActivity"]["dpv:hasDataController"]
        notice, group = record["dpv:hasNotice"], record["dpv:hasContext"]
        receipt = Receipt(
            ReceiptId(said["dct:identifier"]),
            datetime.strptime(said["dct:created"], _MOMENT).replace(tzinfo=UTC),
            frozenset(Purpose(each["dpv:hasPurpose"]["@id"].rpartition(":")[2]) for each in record["dpv:hasProcess"]),
            Notice(notice["dct:identifier"], notice["schema:sha256"], notice["dct:language"]),
            Operator(operator["dpv:hasName"], operator["dpv:hasContact"], operator["schema:url"]),
            GroupId(group["@id"].removeprefix("urn:penumbra:group:")),
            group["dct:title"],
            record["dpv:hasConsentControl"]["dct:description"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAReceipt from error
    if _said(receipt) != said:
        raise NotAReceipt
    return receipt


def _document(raw: bytes) -> dict[str, Any]:
    if len(raw) > LONGEST:
        raise NotAReceipt
    try:
        document = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise NotAReceipt from error
    if not isinstance(document, dict) or document.get("@type") != "dpv:ConsentReceipt":
        raise NotAReceipt
    return cast("dict[str, Any]", document)


def _signature(document: Mapping[str, Any]) -> bytes:
    try:
        return urlsafe_b64decode(document["proof"]["signature"] + "==")
    except (KeyError, TypeError, ValueError) as error:
        raise ForgedReceipt from error


def _proof(public_key: bytes, signature: bytes) -> dict[str, str]:
    return {"type": "Ed25519", "publicKey": _base64(public_key), "signature": _base64(signature)}


def _base64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _plain(text: str) -> str:
    """Without halves of characters, which platforms may hand over and UTF-8 can't write."""
    return text.encode("utf-8", "replace").decode()


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotAReceipt from error
