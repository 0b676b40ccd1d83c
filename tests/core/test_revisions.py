"""Reactions without who reacted, shares taken out of a digest, turns, quiet groups and missed digests."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.anonymity import Gate
from core.drafts import Kind
from core.editions import is_quiet, without
from core.errors import NotYours, UnknownGroup
from core.model import (
    HANDED_OVER,
    Actor,
    Brought,
    Digest,
    Edition,
    GroupId,
    InDoubt,
    LinkId,
    Missed,
    OutboxState,
    Question,
    Revision,
    Week,
)
from core.reactions import Reacted
from core.revisions import take_out
from core.schedules import Rhythm
from tests.core.test_digests import BLOG, MONDAY, NEWS, a_week
from tests.core.test_drafts import TITLES
from tests.fakes.editions import FROZEN_AT, week_of
from tests.fakes.house import ADMIN, GROUP, MEMBER, OTHER, House
from tests.fakes.messenger import RecordingMessenger

WEEK = Week("2026-W48")
NOWHERE = replace(GROUP, conversation="-9")


async def a_digest(members: int = 20) -> House:
    house = await a_week(members)
    house.moment = MONDAY
    await house.services.digests.tick()
    await house.work()
    return house


async def latest(house: House) -> Edition:
    edition = await house.services.digests.latest(GROUP)
    assert edition is not None
    return edition


def reacted(event: str, message: str = "m1", change: int = 1) -> Reacted:
    return Reacted(GROUP, message, "", change, event)


async def test_what_was_handed_over_is_seen_by_its_card_or_not_at_all():
    house = await a_week()
    await house.post("https://handed.example/a", message=f"{HANDED_OVER}1")
    await house.work()
    house.moment = MONDAY
    await house.services.digests.tick()
    edition = await latest(house)
    [link] = [each.link for each in edition.entries if each.site == "handed.example"]
    found = await house.services.digests.messages(edition)
    assert found[link] == await outbox_id(house, f"card:{HANDED_OVER}1")
    house.storage.state.outbox.clear()
    assert link not in await house.services.digests.messages(edition)


async def outbox_id(house: House, key: str) -> str | None:
    group = await house.services.consent.group(GROUP)
    async with house.storage.reading() as records:
        return await records.outbox.remote_id(group.id, key) if group else None


# Reactions --------------------------------------------------------------------------------------------------------


async def test_reactions_lift_a_link_and_are_gone_with_the_release():
    house = await a_week()
    for event in ("e1", "e2", "e3"):
        assert await house.services.reactions.take_in(reacted(event, "m3"))
    assert not await house.services.reactions.take_in(reacted("e3", "m3"))
    house.moment = MONDAY
    await house.services.digests.tick()
    edition = await latest(house)
    assert [(each.url, each.reactions, each.terms.reactions) for each in edition.entries] == [
        (BLOG, 3, 4.0),
        (NEWS, 0, 0.0),
    ]
    assert not house.storage.state.reactions


async def test_a_reaction_to_a_week_that_is_told_counts_no_more():
    house = await a_week()
    house.moment = MONDAY
    await house.services.digests.tick()
    assert not await house.services.reactions.take_in(reacted("e1"))


@pytest.mark.parametrize("message", ["m1", "unknown"])
async def test_a_reaction_where_nothing_is_on_leaves_nothing(message):
    house = await a_week()
    assert not await house.services.reactions.take_in(replace(reacted("e1"), address=NOWHERE))
    assert not await house.services.reactions.take_in(reacted("e1", "unknown"))
    await house.services.groups.pause(GROUP, Actor(ADMIN))
    assert not await house.services.reactions.take_in(reacted("e1", message))


# Taking out -------------------------------------------------------------------------------------------------------


async def test_a_share_is_taken_out_of_the_edition_and_of_the_posted_digest():
    house = await a_digest()
    before = await latest(house)
    own = await house.services.own_shares.of_week(GROUP, OTHER, WEEK)
    assert [each.url for each in own.entries] == [NEWS]
    await house.services.own_shares.remove(GROUP, OTHER, WEEK, own.entries[0].link)
    after = await latest(house)
    assert [(each.url, each.shares) for each in after.entries] == [(NEWS, 1), (BLOG, 1)]
    assert (after.shares, after.clicks, after.shares_by_day) == (2, before.clicks, (0, 1, 1, 0, 0, 0, 0))
    await house.work()
    posting = house.messenger.posted[-1][1]
    assert isinstance(posting, Revision)
    assert (posting.edition, posting.posted) == (after, "m1")
    with pytest.raises(NotYours):
        await house.services.own_shares.remove(GROUP, OTHER, WEEK, own.entries[0].link)


async def test_a_link_that_nobody_shares_any_more_leaves_with_its_clicks():
    house = await a_digest()
    (blog,) = [each for each in (await latest(house)).entries if each.url == BLOG]
    await house.services.own_shares.remove(GROUP, MEMBER, WEEK, blog.link)
    after = await latest(house)
    assert [each.url for each in after.entries] == [NEWS]
    assert after.clicks == 6


async def test_nobody_takes_out_what_is_not_theirs():
    house = await a_digest()
    before = await latest(house)
    for account, address in ((ADMIN, GROUP), (MEMBER, NOWHERE)):
        with pytest.raises(NotYours):
            await house.services.own_shares.remove(address, account, WEEK, before.entries[0].link)
    for address, week in ((NOWHERE, WEEK), (GROUP, Week("2020-W01"))):
        with pytest.raises(UnknownGroup):
            await house.services.own_shares.of_week(address, MEMBER, week)
    assert await latest(house) == before


async def test_a_message_that_was_deleted_leaves_the_digest_also_after_two_days():
    house = await a_digest()
    house.storage.state.messages.clear()
    house.later(hours=1)
    await house.post(message="m1", edited_at=house.now())
    await house.work()
    assert [(each.url, each.shares) for each in (await latest(house)).entries] == [(NEWS, 1), (BLOG, 1)]


async def test_what_is_undone_leaves_the_digest():
    house = await a_digest()
    await house.services.shares.undo(GROUP, MEMBER, "m3")
    assert [each.url for each in (await latest(house)).entries] == [NEWS]


async def test_what_was_never_told_needs_no_editing():
    house = await a_week()
    await house.services.shares.undo(GROUP, MEMBER, "m3")
    await house.work()
    assert house.messenger.posted == []


async def test_a_digest_that_waits_is_posted_as_it_is_by_then_and_not_edited():
    house = await a_week()
    house.moment = MONDAY
    await house.services.digests.tick()
    (blog,) = [each for each in (await latest(house)).entries if each.url == BLOG]
    await house.services.own_shares.remove(GROUP, MEMBER, WEEK, blog.link)
    await house.work()
    digest, revision = (posting for _, posting, _ in house.messenger.posted)
    assert isinstance(digest, Digest)
    assert digest.edition == revision.edition == await latest(house)


async def test_an_edit_of_a_digest_that_was_never_posted_is_let_be():
    house = await a_digest()
    house.messenger.posted.clear()
    for key, row in house.storage.state.outbox.items():
        house.storage.state.outbox[key] = replace(row, remote_id=None)
    await house.services.shares.undo(GROUP, MEMBER, "m3")
    await house.work()
    assert house.messenger.posted == []


async def test_an_edit_without_an_answer_is_made_again():
    house = await a_digest()
    await house.services.shares.undo(GROUP, MEMBER, "m3")
    house.messenger.answers.append(InDoubt())
    await house.services.delivery.post_due()
    house.later(seconds=10)
    await house.work()
    assert isinstance(house.messenger.posted[-1][1], Revision)


async def test_an_edit_that_was_under_way_when_we_fell_is_made_again():
    house = await a_digest()
    await house.services.shares.undo(GROUP, MEMBER, "m3")
    async with house.storage.transaction() as records:
        (item,) = await records.outbox.claim(timedelta(seconds=1), 1)
        await records.outbox.intend(item)
    house.later(seconds=5)
    await house.work()
    assert isinstance(house.messenger.posted[-1][1], Revision)
    assert {row.state for row in house.storage.state.outbox.values()} == {OutboxState.SENT}


@given(st.sampled_from(list(Gate)), st.integers(1, 8), st.integers(0, 7))
def test_only_what_was_taken_out_changes(gate, links, place):
    edition = week_of(links, gate)
    after = without(edition, Brought(LinkId(f"link-{place}"), edition.week, FROZEN_AT - timedelta(days=4)), "UTC")
    if place >= links:
        assert after == edition
    else:
        assert after.shares == edition.shares - 1 == sum(each.shares for each in (*after.entries, *after.others))
        assert min(after.shares_by_day) >= 0
        assert {each.link: each.clicks for each in after.entries}.items() <= {
            each.link: each.clicks for each in edition.entries
        }.items()


async def test_messages_are_looked_up_anew_and_stand_in_no_edition():
    house = await a_digest()
    edition = await latest(house)
    found = await house.services.digests.messages(edition)
    assert sorted(found.values()) == ["m1", "m3"]
    posting = house.messenger.posted[0][1]
    assert isinstance(posting, Digest)
    assert posting.messages == found
    assert not any("message" in field for field in edition.entries[0].__dataclass_fields__)
    house.storage.state.shares.clear()
    assert await house.services.digests.messages(edition) == {}


# Turns ------------------------------------------------------------------------------------------------------------


@given(st.text(min_size=1), st.integers(0, 2_000_000))
def test_a_turn_is_stable_and_within_its_window(group, groups):
    rhythm = Rhythm(timedelta(minutes=15))
    turn = rhythm.turn(group, groups)
    assert turn == rhythm.turn(group, groups)
    assert timedelta() <= turn < timedelta(seconds=max(900, groups / 25))


async def test_a_group_reads_when_its_turn_has_come_and_is_told_the_hour():
    house = await a_week()
    outside = house.services.digests._outside
    async with house.storage.transaction() as records:
        group = await records.groups.at(GROUP)
        assert group is not None
        await records.groups.save(replace(group, turn=timedelta(minutes=4)))
    house.services.digests._outside = replace(outside, rhythm=Rhythm(timedelta(minutes=15)))
    house.moment = MONDAY
    assert await house.services.digests.tick() == 0
    house.later(minutes=4)
    assert await house.services.digests.tick() == 1
    group = await house.services.consent.group(GROUP)
    assert group is not None
    assert group.next_digest == MONDAY + timedelta(days=7)
    assert group.turn == Rhythm(timedelta(minutes=15)).turn(group.id, 1)


async def test_how_many_read_at_a_moment_is_asked_once_for_all_of_them():
    house = await a_week()
    await house.switch_on(NOWHERE)
    house.moment = MONDAY
    assert await house.services.digests.tick(limit=1) == 2
    assert len(house.services.digests._readers) == 1
    house.moment += timedelta(days=7)
    await house.services.digests.tick()
    assert len(house.services.digests._readers) == 1


# Quiet and missed ---------------------------------------------------------------------------------------------------


def test_quiet_is_told_from_frozen_figures_and_never_of_a_group_that_gets_none():
    loud, small, none = week_of(5), week_of(3, Gate.TOTAL), week_of(2, Gate.NOTHING)
    assert not is_quiet(loud)
    assert not is_quiet(small)
    assert not is_quiet(none)
    quiet = tuple(replace(each, clicks=2, reactions=0) for each in loud.entries)
    assert is_quiet(replace(loud, entries=quiet))
    assert not is_quiet(replace(loud, entries=(*quiet[1:], replace(quiet[0], reactions=1))))
    untold = tuple(replace(each, reactions=0) for each in small.entries)
    assert is_quiet(replace(small, entries=untold, clicks=1))


async def test_after_three_quiet_digests_an_admin_is_asked_once():
    house = House()
    await house.switch_on()
    await house.opt_in()
    asked = []
    for week in range(6):
        await house.post(NEWS, message=f"m{week}")
        await house.work()
        house.moment = MONDAY + timedelta(weeks=week)
        await house.services.digests.tick()
        await house.work()
        asked.append(sum(isinstance(posting, Question) for _, posting, _ in house.messenger.posted))
    assert asked == [0, 0, 1, 1, 1, 1]


async def test_a_digest_that_is_skipped_is_told_of():
    house = await a_week()
    house.moment = MONDAY + timedelta(hours=25)
    await house.services.digests.tick()
    assert house.missed == [Missed(WEEK, "too late")]
    assert await house.services.digests.missed(GROUP) == Missed(WEEK, "too late")
    assert await house.services.digests.missed(NOWHERE) is None


async def test_a_digest_of_unknown_end_is_posted_again_for_one_of_those_who_ask():
    house = House(messenger=RecordingMessenger(can_find=False))
    await house.switch_on()
    await house.opt_in()
    await house.post(NEWS)
    await house.work()
    house.moment = MONDAY
    await house.services.digests.tick()
    house.messenger.answers.append(InDoubt())
    before = len(house.messenger.posted)
    await house.services.delivery.post_due()
    missed = await house.services.digests.missed(GROUP)
    assert missed is not None
    assert missed.in_doubt
    asked = [await house.services.digests.post_again(GROUP, missed.week) for _ in range(2)]
    assert asked == [True, False]
    assert await house.services.digests.missed(GROUP) is None
    for _ in range(3):
        house.later(minutes=2)
        await house.services.delivery.post_due()
    assert len(house.messenger.posted) == before + 1
    assert not await house.services.digests.post_again(GROUP, missed.week)
    assert not await house.services.digests.post_again(NOWHERE, missed.week)


async def test_an_empty_week_is_not_missed():
    house = House()
    await house.switch_on()
    house.moment = MONDAY + timedelta(hours=25)
    await house.services.digests.tick()
    assert house.missed == []


async def test_nobody_has_to_listen():
    house = await a_week()
    outside = house.services.digests._outside
    assert (
        type(outside)(outside.storage, {}, outside.noise, outside.now, "").tell(house.now(), Missed(WEEK, "")) is None
    )  # type: ignore[func-returns-value,arg-type] # the default takes anything and gives nothing


async def test_a_question_without_an_answer_is_not_looked_for_in_any_history():
    house = await a_digest()
    messenger = house.messenger
    assert isinstance(messenger, RecordingMessenger)
    group = await house.services.consent.group(GROUP)
    assert group is not None
    async with house.storage.transaction() as records:
        await records.outbox.put(group.id, "question:x", Question("en", ""), house.now() + timedelta(hours=1))
    messenger.answers.append(InDoubt())
    await house.work()
    assert house.storage.state.outbox[group.id, "question:x"].state is OutboxState.UNKNOWN


async def test_what_no_edition_counts_changes_none():
    house = await a_digest()
    before = await latest(house)
    group = await house.services.consent.group(GROUP)
    assert group is not None
    async with house.storage.transaction() as records:
        await take_out(records, group, [Brought(LinkId("never"), WEEK, MONDAY)], house.now())
    assert await latest(house) == before


async def test_what_is_left_after_some_rounds_waits_for_the_next_tick():
    house = await a_week()
    await house.switch_on(NOWHERE)
    house.moment = MONDAY
    assert await house.services.digests.tick(limit=1, rounds=1) == 1
    assert await house.services.digests.tick(limit=1, rounds=1) == 1


async def test_a_preview_freezes_nothing():
    house = await a_week()
    group = await house.services.consent.group(GROUP)
    assert group is not None
    told = await house.services.digests.preview(group.id, TITLES)
    assert told is not None
    assert told.kind is Kind.BY_NOW
    assert [each.clicks for each in told.edition.entries] == [None, None]
    assert await house.services.digests.preview(GroupId("never"), TITLES) is None
    assert await house.services.digests.latest(GROUP) is None
