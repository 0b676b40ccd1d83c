"""Groups and members saying yes, less, and no."""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.consent_rules import PENDING_FOR, within
from core.errors import AlreadyKept, GroupNotEnabled, NotAnAdmin, NoticeChanged, UnknownGroup
from core.model import (
    EVERY_PURPOSE,
    Account,
    Actor,
    ConsentAct,
    DropReason,
    GroupAddress,
    GroupState,
    Platform,
    Purpose,
    Schedule,
)
from tests.fakes.house import ADMIN, GROUP, MEMBER, OTHER, House

SHARES, CLICKS, STATISTICS = Purpose.SHARES, Purpose.CLICKS, Purpose.STATISTICS


def acts(house: House) -> list[ConsentAct]:
    return [event.act for event in house.storage.state.log.values()]


@given(st.frozensets(st.sampled_from(Purpose)), st.frozensets(st.sampled_from(Purpose)))
def test_a_choice_never_exceeds_what_is_offered_and_stands_on_shares(chosen, offered):
    kept = within(chosen, offered)
    assert kept <= chosen
    assert kept <= offered
    assert not kept or SHARES in kept


async def test_nothing_may_be_counted_where_the_bot_was_never_added():
    house = House()
    assert await house.services.consent.may_count(GROUP, MEMBER) is None
    assert house.drops == {DropReason.NO_GROUP: 1}


async def test_a_groups_yes_is_not_a_members_yes():
    house = House()
    await house.switch_on()
    assert await house.services.consent.may_count(GROUP, MEMBER) is None
    assert house.drops[DropReason.NO_CONSENT] == 1


async def test_a_members_yes_needs_the_groups():
    house = House()
    await house.services.groups.bot_added(GROUP, "Book club", "en")
    with pytest.raises(GroupNotEnabled):
        await house.opt_in()
    assert await house.services.consent.may_count(GROUP, MEMBER) is None
    assert house.drops[DropReason.NOT_ENABLED] == 1


async def test_both_yeses_together_let_a_message_be_read():
    house = House()
    await house.switch_on()
    await house.opt_in(MEMBER, SHARES)
    standing = await house.services.consent.may_count(GROUP, MEMBER)
    assert standing is not None
    assert standing.consent.purposes == {SHARES}
    assert (await house.services.consent.of_member(GROUP, MEMBER)) == standing.consent


async def test_what_is_no_person_is_never_read():
    house = House()
    await house.switch_on()
    assert await house.services.consent.may_count(GROUP, None) is None
    assert house.drops[DropReason.NOT_A_PERSON] == 1


async def test_only_a_live_admin_switches_on_and_the_platform_may_vouch_for_one():
    house = House()
    await house.services.groups.bot_added(GROUP, "Book club", "en")
    for actor in (Actor(MEMBER), Actor(None)):
        with pytest.raises(NotAnAdmin):
            await house.services.groups.enable(GROUP, actor, "", "en")
    group = await house.services.groups.enable(GROUP, Actor(None, speaks_as_group=True), "", "fr")
    assert (group.state, group.language, group.name) == (GroupState.ENABLED, "fr", "Book club")
    assert group.next_digest == datetime(2026, 11, 30, 9, tzinfo=UTC)


async def test_nobody_administers_a_platform_that_is_not_set_up():
    house = House()
    house.services = house.build()
    groups = house.services.groups
    groups._outside = replace(groups._outside, roles={})
    with pytest.raises(NotAnAdmin):
        await groups.enable(GROUP, Actor(ADMIN), "", "en")


async def test_two_deliveries_that_add_one_group_at_the_same_moment_find_the_same():
    house = House()
    kept = house.storage.transaction
    raced = []

    @asynccontextmanager
    async def losing_once():
        async with kept() as records:
            yield records
            if not raced:
                raced.append(await records.groups.at(GROUP))
                raise AlreadyKept

    house.storage.transaction = losing_once
    group = await house.services.groups.bot_added(GROUP, "Book club", "en")
    assert group.id != raced[0].id
    assert await house.services.consent.group(GROUP) == group


async def test_switching_on_twice_changes_nothing():
    house = House()
    first = await house.switch_on()
    house.later(hours=1)
    assert await house.services.groups.enable(GROUP, Actor(ADMIN), "Other name", "fr") == first
    assert await house.services.groups.bot_added(GROUP, "Other", "fr") == first
    assert acts(house) == [ConsentAct.GROUP_ENABLED]


async def test_saying_the_same_yes_twice_gives_one_receipt():
    house = House()
    await house.switch_on()
    consent = house.services.consent
    first = await consent.grant(GROUP, MEMBER, frozenset({SHARES}), "member-1")
    again = await consent.grant(GROUP, MEMBER, frozenset({SHARES}), "member-1")
    assert (first.first, again.first) == (True, False)
    assert first.consent == again.consent
    assert acts(house) == [ConsentAct.GROUP_ENABLED, ConsentAct.GRANTED]


async def test_a_yes_to_an_older_notice_does_not_count():
    house = House()
    await house.switch_on()
    with pytest.raises(NoticeChanged):
        await house.services.consent.grant(GROUP, MEMBER, EVERY_PURPOSE, "member-0")
    with pytest.raises(UnknownGroup):
        await house.services.consent.grant(replace(GROUP, conversation="-9"), MEMBER, EVERY_PURPOSE, "member-1")


async def test_a_consent_whose_notice_has_changed_is_inert():
    house = House()
    group = await house.switch_on()
    await house.opt_in()
    async with house.storage.transaction() as records:
        consent = await records.consents.get(group.id, MEMBER)
        await records.consents.put(group.id, MEMBER, replace(consent, notice="member-0"))
    assert await house.services.consent.may_count(GROUP, MEMBER) is None


async def test_admins_can_only_narrow():
    house = House()
    group = await house.switch_on()
    await house.opt_in(MEMBER, SHARES, CLICKS)
    narrowed = replace(group, offered=frozenset({SHARES}))
    await house.services.groups.configure(GROUP, Actor(ADMIN), narrowed)
    standing = await house.services.consent.may_count(GROUP, MEMBER)
    assert standing is not None
    assert standing.consent.purposes == {SHARES}
    await house.services.groups.configure(GROUP, Actor(ADMIN), replace(group, offered=frozenset({CLICKS})))
    assert await house.services.consent.may_count(GROUP, MEMBER) is None


async def test_settings_move_the_next_digest_only_when_its_time_changes():
    house = House()
    group = await house.switch_on()
    same = await house.services.groups.configure(GROUP, Actor(ADMIN), replace(group, language="fr", digest_size=3))
    assert (same.language, same.digest_size, same.next_digest) == ("fr", 3, group.next_digest)
    moved = await house.services.groups.configure(
        GROUP, Actor(ADMIN), replace(group, schedule=Schedule("Europe/Paris", 4, 17))
    )
    assert moved.next_digest == datetime(2026, 11, 27, 16, tzinfo=UTC)
    with pytest.raises(UnknownGroup):
        await house.services.groups.configure(replace(GROUP, conversation="-9"), Actor(ADMIN), group)


async def test_withdrawing_is_one_act_and_works_at_once_for_links_already_posted():
    house = House()
    group = await house.switch_on()
    await house.opt_in()
    await house.post("https://news.example/a")
    await house.work()
    assert await house.services.consent.withdraw(GROUP, MEMBER)
    assert await house.services.consent.may_count(GROUP, MEMBER) is None
    async with house.storage.transaction() as records:
        (link,) = [await records.links.find(group.id, key) for key in [link.clean.key for link in every_link(house)]]
        assert link is not None
        assert link.counted_until is None
    assert not await house.services.consent.withdraw(GROUP, MEMBER)
    assert acts(house)[-1] is ConsentAct.WITHDRAWN
    assert list(house.storage.state.log.values())[-1].account is None


def every_link(house: House):
    return list(house.storage.state.links.values())


async def test_taking_back_click_counting_keeps_the_shares():
    house = House()
    await house.switch_on()
    await house.opt_in()
    await house.post("https://news.example/a")
    await house.work()
    assert every_link(house)[0].counted_until is not None
    await house.services.consent.grant(GROUP, MEMBER, frozenset({SHARES}), "member-1")
    assert every_link(house)[0].counted_until is None
    assert len(house.storage.state.shares) == 1
    assert acts(house)[-1] is ConsentAct.MODIFIED


async def test_nobody_withdraws_where_nothing_is_kept():
    assert not await House().services.consent.withdraw(GROUP, MEMBER)
    assert await House().services.consent.of_member(GROUP, MEMBER) is None


async def test_a_pause_ends_by_itself_or_by_an_admin():
    house = House()
    await house.switch_on()
    await house.opt_in()
    until = house.now() + timedelta(weeks=2)
    paused = await house.services.groups.pause(GROUP, Actor(ADMIN), until)
    assert (paused.state, paused.next_digest) == (GroupState.PAUSED, None)
    assert await house.services.consent.may_count(GROUP, MEMBER) is None
    with pytest.raises(GroupNotEnabled):
        await house.services.groups.pause(GROUP, Actor(ADMIN))
    assert await house.services.groups.resume_due() == 0
    house.later(weeks=2)
    assert await house.services.groups.resume_due() == 1
    assert await house.services.consent.may_count(GROUP, MEMBER) is not None
    await house.services.groups.pause(GROUP, Actor(ADMIN))
    resumed = await house.services.groups.enable(GROUP, Actor(ADMIN), "", "en")
    assert resumed.state is GroupState.ENABLED
    assert acts(house)[-1] is ConsentAct.GROUP_RESUMED


async def test_a_stopped_group_is_erased_and_can_begin_anew():
    house = House()
    first = await house.switch_on()
    await house.opt_in()
    await house.services.groups.stop(GROUP, Actor(ADMIN))
    await house.services.groups.bot_removed(GROUP)
    assert await house.services.consent.may_count(GROUP, MEMBER) is None
    with pytest.raises(UnknownGroup):
        await house.opt_in()
    again = await house.switch_on()
    assert again.id != first.id
    assert await house.services.consent.may_count(GROUP, MEMBER) is None


async def test_erasing_leaves_nothing():
    house = House()
    await house.switch_on()
    await house.opt_in()
    await house.services.groups.bot_removed(GROUP)
    assert await house.services.groups.erase_due() == 1
    assert await house.services.consent.group(GROUP) is None
    await house.services.groups.bot_removed(GROUP)


async def test_a_group_nobody_switches_on_is_forgotten_after_a_week():
    house = House()
    await house.services.groups.bot_added(GROUP, "Book club", "en")
    house.later(days=6)
    assert await house.services.groups.erase_due() == 0
    house.moment += PENDING_FOR
    assert await house.services.groups.erase_due() == 1


async def test_a_group_keeps_its_state_under_a_new_address():
    house = House()
    group = await house.switch_on()
    await house.opt_in()
    supergroup = GroupAddress(Platform.TELEGRAM, "", "-100200")
    await house.services.groups.bot_added(supergroup, "", "en")
    await house.services.groups.readdress(GROUP, supergroup)
    standing = await house.services.consent.may_count(supergroup, MEMBER)
    assert standing is not None
    assert standing.group.id == group.id
    assert await house.services.consent.group(GROUP) is None
    await house.services.groups.readdress(GROUP, supergroup)


async def test_a_new_address_nobody_lived_at_is_taken_as_it_is():
    house = House()
    group = await house.switch_on()
    moved = replace(GROUP, conversation="-100300")
    await house.services.groups.readdress(GROUP, moved)
    found = await house.services.consent.group(moved)
    assert found is not None
    assert found.id == group.id


async def test_asking_again_within_a_transaction_notices_an_erased_group():
    house = House()
    group = await house.switch_on()
    async with house.storage.transaction() as records:
        await records.groups.shred(group.id)
    async with house.storage.transaction() as records:
        assert await house.services.consent.still(records, group.id, OTHER) is None


async def test_a_workspace_that_uninstalls_the_bot_takes_its_groups_along():
    house = House()
    await house.switch_on()
    channels = [GroupAddress(Platform.SLACK, "T1", name) for name in ("C1", "C2")]
    for channel in channels:
        await house.switch_on(channel)
    assert await house.services.groups.workspace_removed(Platform.SLACK, "T1") == 2
    assert await house.services.groups.erase_due() == 2
    assert await house.services.consent.group(GROUP) is not None


async def test_a_link_that_retention_took_is_no_obstacle_to_withdrawing():
    house = House()
    await house.switch_on()
    await house.opt_in()
    await house.post("https://news.example/a")
    await house.work()
    house.storage.state.links.clear()
    assert await house.services.consent.withdraw(GROUP, MEMBER)


def test_the_notice_is_told_in_a_language_we_have():
    consent = House().services.consent
    assert (consent.notice("fr").language, consent.notice("de").language) == ("fr", "en")


def test_an_account_is_only_a_name():
    assert Account("7") == "7"
