"""A receipt says what a member said yes to, and can't be made to say anything else."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ForgedReceipt, NotAReceipt
from core.model import Consent, Group, GroupId, GroupState, Notice, Purpose, ReceiptId
from core.receipts import LONGEST, Operator, Receipt, canonical, receipt_of, sign, signer, verify
from tests.fakes.house import GROUP, MEMBER

SIGNER = signer(bytes(range(32)))
OTHER = signer(b"\x01" * 32)
NOTICE = Notice("member-1", "ab" * 32, "fr")
OPERATOR = Operator("Le Monde à l’envers", "hello@example.org", "https://s.example")
RECEIPT = Receipt(
    ReceiptId("r-1"),
    datetime(2026, 11, 24, 12, 7, tzinfo=UTC),
    frozenset({Purpose.SHARES, Purpose.CLICKS}),
    NOTICE,
    OPERATOR,
    GroupId("g-1"),
    "Club de lecture 📚",
    "Tapez /stop dans le groupe.",
)
SIGNED = sign(RECEIPT, SIGNER)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
receipts = st.builds(
    Receipt,
    id=words.map(ReceiptId),
    given_at=st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - bounds
        lambda moment: moment.replace(second=0, microsecond=0)
    ),
    purposes=st.frozensets(st.sampled_from(Purpose)),
    notice=st.builds(Notice, words, words, words),
    operator=st.builds(Operator, words, words, words),
    group=words.map(GroupId),
    group_name=words,
    withdraw=words,
)


@given(receipts)
def test_what_was_signed_is_what_is_read(receipt):
    signed = sign(receipt, SIGNER)
    assert verify(signed, SIGNER.public_key) == receipt
    assert verify(signed.encode(), SIGNER.public_key) == receipt


@given(receipts)
def test_the_text_is_canonical(receipt):
    signed = sign(receipt, SIGNER)
    assert canonical(json.loads(signed)).decode() == signed
    assert "\n" not in signed


@given(st.integers(0, len(SIGNED.encode()) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(position, difference):
    tampered = bytearray(SIGNED.encode())
    tampered[position] ^= difference
    with pytest.raises((ForgedReceipt, NotAReceipt)):
        verify(bytes(tampered), SIGNER.public_key)


def test_no_byte_can_be_changed_by_a_single_bit():
    for position in range(len(SIGNED.encode())):
        tampered = bytearray(SIGNED.encode())
        tampered[position] ^= 1 << position % 8
        with pytest.raises((ForgedReceipt, NotAReceipt)):
            verify(bytes(tampered), SIGNER.public_key)


@given(st.integers(0, len(SIGNED)), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3))
def test_nothing_can_be_added(position, more):
    with pytest.raises((ForgedReceipt, NotAReceipt)):
        verify(SIGNED[:position] + more + SIGNED[position:], SIGNER.public_key)


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 400))
def test_nothing_can_be_left_out(position, length):
    with pytest.raises((ForgedReceipt, NotAReceipt)):
        verify(SIGNED[:position] + SIGNED[position + length :], SIGNER.public_key)


@given(receipts, receipts)
def test_a_signature_does_not_fit_another_receipt(one, other):
    proof = json.loads(sign(one, SIGNER))["proof"]
    mixed = {**json.loads(sign(other, SIGNER)), "proof": proof}
    if one == other:
        assert verify(canonical(mixed), SIGNER.public_key) == one
    else:
        with pytest.raises(ForgedReceipt):
            verify(canonical(mixed), SIGNER.public_key)


@pytest.mark.parametrize("blank", [" ", "\n", "\ufeff", "\x00"])
def test_even_a_blank_at_the_end_is_a_change(blank):
    with pytest.raises((ForgedReceipt, NotAReceipt)):
        verify(SIGNED + blank, SIGNER.public_key)


def test_the_same_json_in_another_spelling_is_refused():
    with pytest.raises(ForgedReceipt):
        verify(json.dumps(json.loads(SIGNED), indent=2), SIGNER.public_key)


def test_a_receipt_of_another_server_is_forged_even_when_it_names_our_key():
    foreign = sign(RECEIPT, OTHER)
    with pytest.raises(ForgedReceipt):
        verify(foreign, SIGNER.public_key)
    renamed = json.loads(foreign)
    renamed["proof"]["publicKey"] = json.loads(SIGNED)["proof"]["publicKey"]
    with pytest.raises(ForgedReceipt):
        verify(canonical(renamed), SIGNER.public_key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "7",
        "not json",
        '{"@type":"dpv:ConsentRecord"}',
        "[" * 20_000,
        " " * (LONGEST + 1),
        "\ud800",
        '{"a":' + "9" * 5000 + "}",
    ],
)
def test_something_else_is_no_receipt(text):
    with pytest.raises(NotAReceipt):
        verify(text, SIGNER.public_key)


def test_bytes_that_are_no_text_are_no_receipt():
    with pytest.raises(NotAReceipt):
        verify(b"\xff\xfe{}", SIGNER.public_key)


@pytest.mark.parametrize("proof", [None, {}, "x", {"signature": 7}, {"signature": "é"}, {"signature": "A"}])
def test_a_receipt_without_a_signature_is_forged(proof):
    unsigned = {**json.loads(SIGNED), "proof": proof}
    with pytest.raises(ForgedReceipt):
        verify(canonical(unsigned), SIGNER.public_key)


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.pop("dct:created"),
        lambda said: said.update({"dct:created": "yesterday"}),
        lambda said: said.update({"more": "of it"}),
        lambda said: said["dpv:hasRecordOfActivity"].update({"dpv:hasProcess": None}),
        lambda said: said["dpv:hasRecordOfActivity"].update({"dpv:hasNotice": "none"}),
    ],
)
def test_what_our_key_signed_in_another_shape_is_no_receipt_of_this_edition(change):
    said = json.loads(SIGNED)
    proof = said.pop("proof")
    change(said)
    proof["signature"] = json.loads(sign(RECEIPT, replace(SIGNER, sign=lambda _: signed(said))))["proof"]["signature"]
    with pytest.raises(NotAReceipt):
        verify(canonical({**said, "proof": proof}), SIGNER.public_key)


def signed(said: dict[str, object]) -> bytes:
    return SIGNER.sign(b"penumbra consent receipt 1\n" + canonical(said))


def test_a_receipt_names_everything_but_the_account():
    consent = Consent(frozenset({Purpose.SHARES}), "member-1", RECEIPT.given_at, ReceiptId("r-9"))
    group = Group(GroupId("g-9"), GROUP, GroupState.ENABLED, RECEIPT.given_at, "Book \ud83d club")
    text = sign(receipt_of(consent, group, NOTICE, OPERATOR, "/stop"), SIGNER)
    read = verify(text, SIGNER.public_key)
    assert (read.id, read.purposes, read.group, read.group_name) == ("r-9", {Purpose.SHARES}, "g-9", "Book ? club")
    assert read.valid_until == datetime(2027, 11, 24, 12, 7, tzinfo=UTC)
    assert GROUP.conversation not in text
    assert f'"{MEMBER}"' not in text


def test_the_terms_are_those_of_the_vocabulary():
    said = json.loads(SIGNED)
    record = said["dpv:hasRecordOfActivity"]
    assert said["@type"] == "dpv:ConsentReceipt"
    assert said["dct:conformsTo"] == "https://w3id.org/dpv/schema/dpv-27560#receipt"
    assert record["@type"] == "dpv:ConsentRecord"
    assert record["dpv:hasConsentStatus"]["@type"] == ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"]
    assert [each["dpv:hasPurpose"]["@id"] for each in record["dpv:hasProcess"]] == [
        "urn:penumbra:purpose:shares",
        "urn:penumbra:purpose:clicks",
    ]
    assert record["dpv:hasNotice"]["schema:sha256"] == NOTICE.hash
    assert record["dct:valid"] == "2026-11-24T12:07Z/2027-11-24T12:07Z"


def test_a_secret_of_another_length_signs_nothing():
    with pytest.raises(ValueError, match="32"):
        signer(b"short")
