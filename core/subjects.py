"""What is kept about one person: shown to that person alone, and erased when they ask (privacy.md, "Consent")."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.consent import ConsentService
from core.consent_rules import to_the_minute
from core.links import short_url
from core.model import Account, GroupAddress, Held, Notice, Person, TrackedLink
from core.ports import Now, Subjects
from core.receipts import Operator, Signer, receipt_of, sign

Json = Mapping[str, object]

KEPT = (
    "who shared a link, as a keyed code: 14 days",
    "the link, encrypted: 90 days",
    "a page to be counted across groups, encrypted: until the week is published, 8 days at most",
    "a consent: until it is withdrawn, and for 13 months at most",
    "the line about it in the consent log: 12 months after it ended",
)
NEVER_KEPT = ("messages", "names of people", "addresses of devices", "browsers", "who clicked")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who gives receipts."""

    operator: Operator
    """`url` is our own public address too, which short URLs begin with."""
    signer: Signer
    withdraw: Mapping[str, str]
    """How a yes is taken back, by language; must hold `en`."""
    shown: Mapping[tuple[str, str], Notice]
    """Every notice that was ever in force, by id and language."""


class SubjectService:
    """Answers a person about themselves. Whoever calls has made sure of who is asking, and tells nobody else.

    Args:
        subjects: looks through everything that is kept.
        consent: knows groups and the notices in force.
        issuer: signs receipts.
        now: the clock.
    """

    def __init__(self, subjects: Subjects, consent: ConsentService, issuer: Issuer, now: Now) -> None:
        self._subjects = subjects
        self._consent = consent
        self._issuer = issuer
        self._now = now

    async def receipt(self, address: GroupAddress, account: Account) -> str | None:
        """The signed receipt of a member's consent; the same every time. None where there is no consent.

        It names the notice that the member was shown, also when another one has come into force since.
        """
        group = await self._consent.group(address)
        consent = await self._consent.of_member(address, account)
        if group is None or consent is None:
            return None
        issuer = self._issuer
        notice = issuer.shown.get((consent.notice, consent.language))
        if notice is None:
            return None
        withdraw = issuer.withdraw.get(notice.language, issuer.withdraw["en"])
        return sign(receipt_of(consent, group, notice, issuer.operator, withdraw), issuer.signer)

    async def mydata(self, person: Person) -> str:
        """Everything kept about a person, as JSON that a person can read too; it says so when there is nothing."""
        held = await self._subjects.held_about(person)
        return json.dumps(document(person, held, self._now(), self._issuer.operator.url), ensure_ascii=False, indent=2)

    async def forget(self, address: GroupAddress, account: Account) -> bool:
        """Stop everything and erase what one group keeps about somebody, at once; False if there was nothing."""
        group = await self._consent.group(address)
        if group is None:
            return False
        return await self._subjects.forget(group.id, account, self._consent.notice(group.language))

    async def forget_everywhere(self, person: Person, language: str) -> int:
        """The same in every group of the platform and workspace; in how many there was something.

        Args:
            person: who asks.
            language: the person's own, for the notice that the log's lines name.
        """
        return await self._subjects.forget_everywhere(person, self._consent.notice(language))


def document(person: Person, held: Iterable[Held], now: datetime, public_url: str) -> Json:
    """The file that `/mydata` gives."""
    return {
        "made_at": to_the_minute(now).isoformat(),
        "platform": person.platform.value,
        "workspace": person.workspace or None,
        "account": person.account,
        "groups": [_group(each, public_url) for each in held],
        "kept": list(KEPT),
        "never_kept": list(NEVER_KEPT),
    }


def _group(held: Held, public_url: str) -> Json:
    consent = held.consent
    return {
        "group": held.group.name,
        "state": held.group.state.value,
        "consent": consent
        and {
            "purposes": sorted(purpose.value for purpose in consent.purposes),
            "notice": consent.notice,
            "given_at": consent.given_at.isoformat(),
            "receipt": consent.receipt,
            "messages_give_way_to_cards": consent.replaces,
        },
        "shared_in_the_last_14_days": [_link(each, public_url) for each in held.links],
        "to_be_counted_across_groups": list(held.contributed),
        "messages_and_cards_not_done_with": held.waiting,
    }


def _link(link: TrackedLink, public_url: str) -> Json:
    return {
        "address": link.clean.display,
        "title": link.title,
        "short_url": short_url(public_url, link.code),
        "expires_at": link.expires_at.isoformat(),
        "clicks_counted_until": link.counted_until.isoformat() if link.counted_until else None,
    }
