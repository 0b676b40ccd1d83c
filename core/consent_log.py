"""The lines of the consent log: who said yes, less or no to what, as far as a line may say."""

from collections.abc import Mapping

from core.consent_rules import to_the_minute
from core.model import Account, Consent, ConsentAct, ConsentEvent, Group, GroupId, Notice, ReceiptId
from core.ports import NewId, Now, Records


class ConsentLog:
    """Writes the log, in the transaction that does what it tells of.

    Args:
        now: the clock.
        new_id: names lines that are nobody's receipt.
        notices: the member notice in force, by language; must hold `en`.
    """

    def __init__(self, now: Now, new_id: NewId, notices: Mapping[str, Notice]) -> None:
        self._now = now
        self._new_id = new_id
        self._notices = notices

    def notice(self, language: str) -> Notice:
        """The member notice in force, in a language we have or else in English."""
        return self._notices.get(language, self._notices["en"])

    async def of_member(
        self, records: Records, group: Group, account: Account, act: ConsentAct, consent: Consent
    ) -> None:
        """A member said yes, or chose anew."""
        notice, minute = self.notice(group.language), to_the_minute(self._now())
        event = ConsentEvent(act, group.id, account, consent.receipt, consent.purposes, notice, minute)
        await records.consents.log(event)

    async def of_group(self, records: Records, group: Group, act: ConsentAct) -> None:
        """Something happened in a group that is tied to nobody: also a withdrawal, whose line must not be linkable."""
        await self._unlinkable(records, group.id, act, self.notice(group.language))

    async def erased(self, records: Records, group: GroupId) -> None:
        """A consent of somebody in this group was erased."""
        await self._unlinkable(records, group, ConsentAct.ERASED, self.notice("en"))

    async def _unlinkable(self, records: Records, group: GroupId, act: ConsentAct, notice: Notice) -> None:
        receipt, minute = ReceiptId(self._new_id()), to_the_minute(self._now())
        await records.consents.log(ConsentEvent(act, group, None, receipt, frozenset(), notice, minute))
