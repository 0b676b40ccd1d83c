"""What was tampered with, moved, rotated away, grown old or made for somebody else: refused, named, nothing changed."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bots.telegram.seals import Errand, Invitation, Tap, Verb
from core.errors import ForgedReceipt, NotAReceipt, NotYours, Tampered, WrongRootKey
from core.model import Account
from core.receipts import signer, verify
from playground.people import CAST
from storage.consents import CONSENTS, LOG, audit
from storage.database import Database
from storage.sql import Clocks, SqlStorage, root_keys
from storage.transaction import GROUPS
from tests.bots.telegram import staging as telegram
from tests.claims.small_house import OTHER, ROOT, SHARER, SmallHouse, small_house
from tests.fakes.house import GROUP, ISSUER
from texts.catalogue import Texts


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[SmallHouse]:
    async with small_house(database_url) as opened:
        await opened.live()
        yield opened


async def test_a_tampered_receipt(house: SmallHouse) -> None:
    genuine = await house.services.subjects.receipt(GROUP, SHARER)
    assert genuine is not None
    before = await house.rows()
    for changed in (
        genuine.replace("Book club", "Chess club"),
        genuine.replace("urn:penumbra:purpose:clicks", "urn:penumbra:purpose:statistics"),
        re.sub(r'"signature":"..', '"signature":"AA', genuine),
        genuine + " ",
    ):
        assert changed != genuine
        with pytest.raises(ForgedReceipt):
            verify(changed, ISSUER.signer.public_key)
    with pytest.raises(ForgedReceipt):
        verify(genuine, signer(b"x" * 32).public_key)
    with pytest.raises(NotAReceipt):
        verify("{}", ISSUER.signer.public_key)
    assert verify(genuine, ISSUER.signer.public_key).group_name == "Book club"
    assert await house.rows() == before


async def test_a_broken_chain(house: SmallHouse) -> None:
    async with house.kept.transaction() as records:
        assert await audit(records.transaction) == []
        await records.transaction.run(update(LOG).where(LOG.c.seq == 2).values(act="withdrawn"))
    before = await house.rows()
    async with house.kept.transaction() as records:
        assert await audit(records.transaction) == [2]
    assert await house.rows() == before


async def test_the_row_of_another_member_in_ones_own_place(house: SmallHouse) -> None:
    await house.services.consent.withdraw(GROUP, OTHER)
    await house.opt_in(OTHER)
    async with house.kept.transaction() as records:
        tx = records.transaction
        first, second = await tx.all(select(CONSENTS.c.member, CONSENTS.c.sealed).order_by(CONSENTS.c.member))
        await tx.run(update(CONSENTS).where(CONSENTS.c.member == first.member).values(sealed=second.sealed))
        await tx.run(update(CONSENTS).where(CONSENTS.c.member == second.member).values(sealed=first.sealed))
    before = await house.rows()
    for account in (SHARER, OTHER):
        with pytest.raises(Tampered, match=r"member_consent\.sealed"):
            await house.services.consent.may_count(GROUP, account)
        with pytest.raises(Tampered):
            await house.services.consent.withdraw(GROUP, account)
    assert await house.rows() == before


async def test_a_groups_row_that_was_changed(house: SmallHouse) -> None:
    async with house.kept.transaction() as records:
        tx = records.transaction
        row = await tx.one(select(GROUPS.c.sealed))
        assert row is not None
        await tx.run(update(GROUPS).values(sealed=row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])))
    before = await house.rows()
    with pytest.raises(Tampered, match=r"group\.sealed"):
        await house.services.consent.may_count(GROUP, SHARER)
    assert await house.rows() == before


async def test_a_key_that_was_rotated_away(database_url: str) -> None:
    async with small_house(database_url) as house:
        await house.live()
        before = await house.rows()
    new = b"n" * 32
    rotated = await SqlStorage.open(Database.open(database_url), root_keys(new, ROOT), Clocks(house.now))
    assert await rotated.rotate() == 2
    await rotated.close()
    database = Database.open(database_url)
    with pytest.raises(WrongRootKey):
        await SqlStorage.open(database, root_keys(ROOT), Clocks(house.now))
    await database.close()
    house.kept = await SqlStorage.open(Database.open(database_url), root_keys(new), Clocks(house.now))
    after = await house.rows()
    await house.kept.close()
    assert {name for name in before if before[name] != after[name]} == {"key"}


# Buttons and deep links ---------------------------------------------------------------------------------------------


@pytest.fixture
async def stage() -> AsyncIterator[telegram.Stage]:
    async with telegram.staged(telegram.TelegramHouse(), Texts.load()) as opened:
        await opened.connection.open()
        await opened.webhook.set_up("http://penumbra.test")
        await opened.switched_on("bruno")
        yield opened


def heard(stage: telegram.Stage, person: str) -> str:
    chat = next(each for each in stage.telegram.snapshot(person)["conversations"] if each["kind"] == "private")
    return str([message["html"] for message in chat["messages"] if message["is_bot"]][-1])


@pytest.mark.parametrize("errand", [Errand.MYDATA, Errand.RECEIPT, Errand.JOIN, Errand.DIGEST])
async def test_a_deep_link_that_is_old_or_somebody_elses(stage: telegram.Stage, errand: Errand) -> None:
    bruno = Account(str(CAST["bruno"].telegram_id))
    payload = stage.bot.seal.invite(Invitation(errand, stage.club), bruno, stage.house.now())
    before = stage.house.storage.state
    stale = stage.texts.speak("en").say("telegram.link_stale")
    await stage.telegram.start("dev", payload)
    assert heard(stage, "dev") == stale
    stage.house.clock.advance(timedelta(hours=1, seconds=1))
    await stage.telegram.start("bruno", payload)
    assert heard(stage, "bruno") == stage.texts.speak("fr").say("telegram.link_stale")
    assert stage.house.storage.state == before
    assert not stage.telegram._platform.world.files


async def test_a_button_of_another_group_or_another_key_does_nothing(stage: telegram.Stage) -> None:
    seal = stage.bot.seal
    assert seal.read(seal.stamp(Tap(Verb.NO, stage.club))) == Tap(Verb.NO, stage.club)
    assert type(seal)(b"another key").read(seal.stamp(Tap(Verb.NO, stage.club))) is None
    assert seal.read(seal.stamp(Tap(Verb.NO, stage.club)).replace(stage.club, "-42")) is None


async def test_undo_by_another_member_is_refused_and_changes_nothing(house: SmallHouse) -> None:
    before = await house.rows()
    with pytest.raises(NotYours):
        await house.services.shares.undo(GROUP, OTHER, "MSG7CANARY")
    assert await house.rows() == before
