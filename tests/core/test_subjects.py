"""A person asks what is kept about them, and to be forgotten."""

import json
from dataclasses import replace

from core.model import Actor, GroupAddress, Person, Platform, Purpose
from core.receipts import verify
from tests.fakes.house import ADMIN, GROUP, ISSUER, MEMBER, OTHER, House

ARTICLE = "https://news.example/article?utm_source=x"
ME = Person(Platform.TELEGRAM, "", MEMBER)


async def mydata(house: House) -> dict:
    return json.loads(await house.services.subjects.mydata(ME))


async def test_a_member_reads_everything_that_is_kept_and_what_never_is() -> None:
    house = House()
    await house.switch_on()
    await house.opt_in()
    await house.post(ARTICLE)
    await house.work()
    told = await mydata(house)
    assert told["account"] == MEMBER
    [group] = told["groups"]
    assert (group["group"], group["state"]) == ("Book club", "enabled")
    assert group["consent"]["purposes"] == ["clicks", "shares"]
    assert group["consent"]["notice"] == "member-1"
    [link] = group["shared_in_the_last_14_days"]
    assert link["address"] == "https://news.example/article"
    assert link["short_url"] == "https://s.example/0000000000000001"
    assert link["clicks_counted_until"] == "2026-12-08T12:00:00+00:00"
    assert "messages" in told["never_kept"]


async def test_who_said_nothing_reads_that_nothing_is_kept() -> None:
    house = House()
    await house.switch_on()
    await house.opt_in(OTHER)
    assert (await mydata(house))["groups"] == []


async def test_a_link_whose_clicks_are_not_counted_says_so() -> None:
    house = House()
    await house.switch_on()
    await house.opt_in()
    await house.post(ARTICLE)
    await house.work()
    await house.opt_in(OTHER)
    await house.post(ARTICLE, account=OTHER, message="m2")
    await house.work()
    await house.services.consent.withdraw(GROUP, OTHER)
    await house.services.consent.grant(GROUP, MEMBER, frozenset({Purpose.SHARES}), "member-1")
    [group] = (await mydata(house))["groups"]
    assert group["shared_in_the_last_14_days"][0]["clicks_counted_until"] is None


async def test_forgetting_stops_everything_at_once_also_what_is_waiting() -> None:
    house = House()
    await house.switch_on()
    await house.opt_in()
    await house.post(ARTICLE)
    assert (await mydata(house))["groups"][0]["messages_and_cards_not_done_with"] == 1
    assert await house.services.subjects.forget(GROUP, MEMBER)
    await house.work()
    assert not house.messenger.posted
    assert (await mydata(house))["groups"] == []
    assert not await house.post(ARTICLE, message="m2")
    assert not await house.services.subjects.forget(GROUP, MEMBER)


async def test_a_group_that_is_not_kept_has_nothing_to_forget() -> None:
    assert not await House().services.subjects.forget(GROUP, MEMBER)


async def test_forgetting_everywhere_is_every_group_of_the_platform() -> None:
    house = House()
    for number in range(3):
        address = GroupAddress(Platform.TELEGRAM, "", f"-{number}")
        await house.switch_on(address)
        await house.opt_in(address=address)
        await house.opt_in(OTHER, address=address)
    assert await house.services.subjects.forget_everywhere(ME, "fr") == 3
    assert (await mydata(house))["groups"] == []
    assert len(house.storage.state.consents) == 3
    assert await house.services.subjects.forget_everywhere(ME, "fr") == 0


async def test_a_receipt_says_what_was_agreed_to_and_is_the_same_every_time() -> None:
    house = House()
    await house.switch_on()
    await house.opt_in()
    given = await house.services.subjects.receipt(GROUP, MEMBER)
    assert given is not None
    receipt = verify(given, ISSUER.signer.public_key)
    assert receipt.purposes == {Purpose.SHARES, Purpose.CLICKS}
    assert (receipt.group_name, receipt.withdraw) == ("Book club", "Send /stop.")
    assert MEMBER not in json.loads(given).values()
    house.later(hours=1)
    assert await house.services.subjects.receipt(GROUP, MEMBER) == given


async def test_where_no_consent_is_in_force_there_is_no_receipt() -> None:
    house = House()
    assert await house.services.subjects.receipt(GROUP, MEMBER) is None
    await house.switch_on()
    assert await house.services.subjects.receipt(GROUP, MEMBER) is None


async def test_a_receipt_names_the_notice_that_was_shown_though_another_is_in_force() -> None:
    house = House()
    await house.switch_on()
    await house.opt_in()
    state = house.storage.state
    [(key, consent)] = state.consents.items()
    state.consents[key] = replace(consent, notice="member-0")
    given = await house.services.subjects.receipt(GROUP, MEMBER)
    assert given is not None
    assert verify(given, ISSUER.signer.public_key).notice.hash == "older"
    house.storage.state.consents[key] = replace(consent, notice="nobody-wrote-it")
    assert await house.services.subjects.receipt(GROUP, MEMBER) is None


async def test_a_receipt_stays_as_it_is_when_the_group_changes_its_language() -> None:
    house = House()
    group = await house.switch_on()
    await house.opt_in()
    given = await house.services.subjects.receipt(GROUP, MEMBER)
    await house.services.groups.configure(GROUP, Actor(ADMIN), replace(group, language="fr"))
    assert await house.services.subjects.receipt(GROUP, MEMBER) == given
