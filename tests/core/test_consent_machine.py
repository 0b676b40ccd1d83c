"""Whatever happens to groups and members, in any order, a message may be read only when a plain model says so too."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from core.consent import ConsentService
from core.consent_rules import PENDING_FOR
from core.errors import GroupNotEnabled, NotAnAdmin, NoticeChanged, NotOnItsOwn, UnknownGroup
from core.model import (
    CONSENT_INERT_FOR,
    CONSENT_VALID_FOR,
    EVERY_PURPOSE,
    Account,
    Actor,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    Platform,
    Purpose,
)
from tests.fakes.house import ADMIN, MEMBER, OTHER, TUESDAY, House

ADDRESSES = [
    GroupAddress(Platform.TELEGRAM, "", "-1"),
    GroupAddress(Platform.TELEGRAM, "", "-100200"),
    GroupAddress(Platform.SLACK, "T1", "C1"),
]
ACCOUNTS = [ADMIN, MEMBER, OTHER]
SUBSETS = [frozenset(each) for size in range(4) for each in combinations(Purpose, size)]
NOTICE = "member-1"
WANTED = Group(GroupId("any"), ADDRESSES[0], GroupState.PENDING, TUESDAY)
"""Settings as an admin's form would send them; identity and state in it count for nothing."""

addresses = st.sampled_from(ADDRESSES)
accounts = st.sampled_from(ACCOUNTS)
choices = st.sampled_from(SUBSETS)


@dataclass
class PlainGroup:
    """What privacy.md says of a group, with nothing clever about it."""

    state: str = "pending"
    since: datetime = datetime.min  # noqa: DTZ901 - always given
    until: datetime | None = None
    offered: frozenset[Purpose] = EVERY_PURPOSE
    said_yes: dict[Account, tuple[frozenset[Purpose], datetime]] = field(default_factory=dict)
    reminded: set[Account] = field(default_factory=set)


def narrowed(chosen: frozenset[Purpose], offered: frozenset[Purpose]) -> frozenset[Purpose]:
    both = chosen & offered
    return both if Purpose.SHARES in both else frozenset()


class GroupsAndMembers(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.house = House()
        self.loop = asyncio.new_event_loop()
        self.groups: dict[GroupAddress, PlainGroup] = {}

    def teardown(self) -> None:
        self.loop.close()

    # Shared pieces ----------------------------------------------------------------------------------------------------

    @property
    def consent(self):
        return self.house.services.consent

    @property
    def service(self):
        return self.house.services.groups

    def do(self, work):
        return self.loop.run_until_complete(work)

    def minute(self) -> datetime:
        return self.house.now().replace(second=0, microsecond=0)

    def known(self, address: GroupAddress) -> PlainGroup | None:
        """A group of which more is kept than that it is being erased."""
        group = self.groups.get(address)
        return None if group is None or group.state == "erasing" else group

    def added(self, address: GroupAddress) -> PlainGroup:
        if self.known(address) is None:
            self.groups[address] = PlainGroup(since=self.minute())
        return self.groups[address]

    def refused(self, error: type[Exception], work) -> None:
        with pytest.raises(error):
            self.do(work)

    @initialize(purposes=choices)
    def one_group_is_at_work(self, purposes):
        self.a_group_is_at_work(ADDRESSES[0], MEMBER, purposes)

    @rule(address=addresses, account=accounts, purposes=choices)
    def a_group_is_at_work(self, address, account, purposes):
        self.an_admin_switches_on(address)
        self.an_admin_chooses_what_is_offered(address, EVERY_PURPOSE)
        self.a_member_chooses(address, account, purposes | {Purpose.SHARES})

    # Groups ------------------------------------------------------------------------------------------------------

    @rule(address=addresses)
    def the_bot_is_added(self, address):
        self.do(self.service.bot_added(address, "Book club", "en"))
        self.added(address)

    @rule(address=addresses)
    def an_admin_switches_on(self, address):
        self.do(self.service.enable(address, Actor(ADMIN), "Book club", "en"))
        group = self.added(address)
        group.state, group.until = "enabled", None

    @rule(address=addresses, act=st.sampled_from(["enable", "pause", "stop", "configure"]))
    def somebody_else_tries(self, address, act):
        nobody = Actor(MEMBER)
        wanted = replace(WANTED, address=address)
        work = {
            "enable": lambda: self.service.enable(address, nobody, "Mine now", "fr"),
            "pause": lambda: self.service.pause(address, nobody),
            "stop": lambda: self.service.stop(address, nobody),
            "configure": lambda: self.service.configure(address, nobody, wanted),
        }
        self.refused(NotAnAdmin, work[act]())

    @rule(address=addresses, hours=st.none() | st.integers(1, 200))
    def an_admin_pauses(self, address, hours):
        until = None if hours is None else self.house.now() + timedelta(hours=hours)
        group = self.known(address)
        if group is None:
            self.refused(UnknownGroup, self.service.pause(address, Actor(ADMIN), until))
        elif group.state != "enabled":
            self.refused(GroupNotEnabled, self.service.pause(address, Actor(ADMIN), until))
        else:
            self.do(self.service.pause(address, Actor(ADMIN), until))
            group.state, group.until = "paused", until

    @rule()
    def pauses_end(self):
        over = [
            group
            for group in self.groups.values()
            if group.state == "paused" and group.until is not None and group.until <= self.house.now()
        ]
        assert self.do(self.service.resume_due()) == len(over)
        for group in over:
            group.state, group.until = "enabled", None

    @rule(address=addresses, offered=choices)
    def an_admin_chooses_what_is_offered(self, address, offered):
        group = self.known(address)
        wanted = replace(WANTED, offered=offered)
        if group is None:
            self.refused(UnknownGroup, self.service.configure(address, Actor(ADMIN), wanted))
        else:
            self.do(self.service.configure(address, Actor(ADMIN), wanted))
            group.offered = narrowed(offered, EVERY_PURPOSE)

    @rule(address=addresses, offered=choices)
    def an_admin_narrows(self, address, offered):
        self.an_admin_chooses_what_is_offered(address, offered | {Purpose.SHARES})

    @rule(address=addresses)
    def an_admin_stops(self, address):
        self.do(self.service.stop(address, Actor(ADMIN)))
        self._erase_soon(address)

    @rule(address=addresses)
    def the_bot_is_removed(self, address):
        self.do(self.service.bot_removed(address))
        self._erase_soon(address)

    def _erase_soon(self, address: GroupAddress) -> None:
        if self.known(address) is not None:
            self.groups[address].state, self.groups[address].since = "erasing", self.minute()

    @rule(workspace=st.sampled_from(["T1", "T2"]))
    def the_bot_is_uninstalled(self, workspace):
        self.do(self.service.workspace_removed(Platform.SLACK, workspace))
        for address in ADDRESSES:
            if address.workspace == workspace:
                self._erase_soon(address)

    @rule(old=addresses, new=addresses)
    def the_platform_renames(self, old, new):
        self.do(self.service.readdress(old, new))
        settled = old in self.groups and self.groups[old].state in {"enabled", "paused"}
        if old in self.groups and old != new and (settled or new not in self.groups):
            self.groups[new] = self.groups.pop(old)

    @rule()
    def what_is_over_is_erased(self):
        week_ago = self.house.now() - PENDING_FOR
        over = [
            address
            for address, group in self.groups.items()
            if group.state == "erasing" or (group.state == "pending" and group.since <= week_ago)
        ]
        assert self.do(self.service.erase_due()) == len(over)
        for address in over:
            del self.groups[address]

    @rule(hours=st.integers(1, 400))
    def time_passes(self, hours):
        self.house.later(hours=hours)

    @rule(months=st.integers(1, 13))
    def months_pass(self, months):
        self.house.later(days=31 * months)

    # Members -----------------------------------------------------------------------------------------------------

    @rule(address=addresses, account=accounts, purposes=choices)
    def a_member_chooses(self, address, account, purposes):
        work = self.consent.grant(address, account, purposes, NOTICE)
        group = self.known(address)
        if group is None:
            self.refused(UnknownGroup, work)
        elif group.state != "enabled":
            self.refused(GroupNotEnabled, work)
        elif Purpose.SHARES not in purposes:
            self.refused(NotOnItsOwn, work)
        elif Purpose.SHARES not in group.offered:
            self.refused(GroupNotEnabled, work)
        else:
            granted = self.do(work)
            self._remember_yes(group, account, narrowed(purposes, group.offered))
            assert granted.consent.purposes == narrowed(purposes, group.offered)

    def _remember_yes(self, group: PlainGroup, account: Account, chosen: frozenset[Purpose]) -> None:
        before = group.said_yes.get(account)
        stands = before is not None and before[0] == chosen and self.fresh(before)
        if not stands:
            group.said_yes[account] = chosen, self.minute()
            group.reminded.discard(account)

    @rule(address=addresses, account=accounts)
    def a_member_taps_an_old_button(self, address, account):
        group = self.known(address)
        error = UnknownGroup if group is None else GroupNotEnabled if group.state != "enabled" else NoticeChanged
        self.refused(error, self.consent.grant(address, account, EVERY_PURPOSE, "member-0"))

    @rule(address=addresses, account=accounts)
    def a_member_withdraws_or_leaves(self, address, account):
        group = self.groups.get(address)
        had = group is not None and group.said_yes.pop(account, None) is not None
        if group is not None:
            group.reminded.discard(account)
        assert self.do(self.consent.withdraw(address, account)) is had

    @precondition(lambda self: self.groups)
    @rule(data=st.data(), account=accounts)
    def a_member_opts_in_and_out_at_once(self, data, account):
        address = data.draw(st.sampled_from(sorted(self.groups, key=str)))
        group = self.groups[address]
        if group.state != "enabled" or Purpose.SHARES not in group.offered:
            return
        self.do(self.consent.grant(address, account, EVERY_PURPOSE, NOTICE))
        assert self.do(self.consent.withdraw(address, account))
        group.said_yes.pop(account, None)
        group.reminded.discard(account)

    @rule(address=addresses, account=accounts)
    def a_member_posts_again(self, address, account):
        group = self.groups.get(address)
        due = (
            group is not None
            and group.state == "enabled"
            and account in group.said_yes
            and not self.fresh(group.said_yes[account])
            and account not in group.reminded
        )
        assert self.do(self.consent.reminder_due(address, account)) is due
        if due:
            group.reminded.add(account)

    @rule()
    def stale_yeses_are_purged(self):
        since = self.house.now() - CONSENT_VALID_FOR - CONSENT_INERT_FOR
        purged = 0
        for group in self.groups.values():
            for account in [each for each, (_, given_at) in group.said_yes.items() if given_at <= since]:
                del group.said_yes[account]
                group.reminded.discard(account)
                purged += 1
        assert self.do(self.consent.purge_stale()) == purged

    # What must hold after every step -----------------------------------------------------------------------------

    def expected(self, address: GroupAddress, account: Account) -> frozenset[Purpose]:
        group = self.groups.get(address)
        if group is None or group.state != "enabled" or account not in group.said_yes:
            return frozenset()
        yes = group.said_yes[account]
        return narrowed(yes[0], group.offered) if self.fresh(yes) else frozenset()

    def fresh(self, yes: tuple[frozenset[Purpose], datetime]) -> bool:
        return yes[1] + CONSENT_VALID_FOR > self.house.now()

    @invariant()
    def a_message_may_be_read_only_when_the_model_says_so(self):
        for address in ADDRESSES:
            assert self.do(self.consent.may_count(address, None)) is None
            for account in ACCOUNTS:
                standing = self.do(self.consent.may_count(address, account))
                found = standing.consent.purposes if standing is not None else frozenset()
                assert found == self.expected(address, account)
                assert standing is None or Purpose.SHARES in found

    @invariant()
    def nothing_is_kept_of_groups_the_model_knows_nothing_of(self):
        kept = self.house.storage.state
        assert {group.address: str(group.state) for group in kept.groups.values()} == {
            address: group.state for address, group in self.groups.items()
        }
        assert {group for group, _ in kept.consents} <= set(kept.groups)


async def test_a_group_that_is_renamed_to_its_own_name_loses_nothing():
    house = House()
    await house.switch_on(ADDRESSES[0])
    await house.opt_in(MEMBER, address=ADDRESSES[0])
    await house.services.groups.readdress(ADDRESSES[0], ADDRESSES[0])
    assert await house.services.consent.may_count(ADDRESSES[0], MEMBER) is not None


async def test_a_group_being_erased_does_not_take_the_place_of_one_that_was_switched_on_anew():
    house = House()
    old, new = ADDRESSES[:2]
    await house.switch_on(old)
    await house.services.groups.stop(old, Actor(ADMIN))
    await house.switch_on(new)
    await house.opt_in(MEMBER, address=new)
    await house.services.groups.readdress(old, new)
    assert await house.services.consent.may_count(new, MEMBER) is not None


@pytest.mark.parametrize("purposes", [frozenset(), frozenset({Purpose.CLICKS}), frozenset({Purpose.STATISTICS})])
async def test_clicks_and_statistics_are_refused_on_their_own_and_a_no_is_not_stored(purposes):
    house = House()
    await house.switch_on(ADDRESSES[0])
    with pytest.raises(NotOnItsOwn):
        await house.services.consent.grant(ADDRESSES[0], MEMBER, purposes, NOTICE)
    assert house.storage.state.consents == {}


async def test_nobody_says_yes_where_nothing_is_offered():
    house = House()
    await house.switch_on(ADDRESSES[0])
    nothing = replace(WANTED, offered=frozenset())
    await house.services.groups.configure(ADDRESSES[0], Actor(ADMIN), nothing)
    with pytest.raises(GroupNotEnabled):
        await house.opt_in(MEMBER, address=ADDRESSES[0])
    assert house.storage.state.consents == {}


GroupsAndMembers.TestCase.settings = settings(stateful_step_count=30)
TestGroupsAndMembers = GroupsAndMembers.TestCase


# Mutants: the machine is worth something only if it notices them ---------------------------------------------------


def a_yes_that_never_ages(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ConsentService, "is_stale", lambda self, consent: False)


def a_group_whose_pause_is_not_asked_for(patch: pytest.MonkeyPatch) -> None:
    judged = ConsentService._judged

    def standing(self, group, consent, count=None):
        return judged(self, replace(group, state=GroupState.ENABLED), consent, count)

    patch.setattr(ConsentService, "_judged", standing)


def a_choice_that_is_not_narrowed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("core.consent.within", lambda chosen, offered: chosen)


def a_withdrawal_that_is_only_said(patch: pytest.MonkeyPatch) -> None:
    async def withdraw(self, address, account):
        return await self.of_member(address, account) is not None

    patch.setattr(ConsentService, "withdraw", withdraw)


@pytest.mark.parametrize(
    "mutant",
    [
        a_yes_that_never_ages,
        a_group_whose_pause_is_not_asked_for,
        a_choice_that_is_not_narrowed,
        a_withdrawal_that_is_only_said,
    ],
)
def test_the_machine_notices_a_mutant(monkeypatch, mutant):
    mutant(monkeypatch)
    with pytest.raises(AssertionError):
        walk(Random(1))


def test_a_long_walk_without_a_mutant_comes_to_its_end():
    walk(Random(1))


def walk(chance: Random) -> None:
    """The machine's rules in an order that depends on the seed alone, so that a mutant is caught always or never."""
    machine = GroupsAndMembers()
    try:
        machine.a_group_is_at_work(ADDRESSES[0], MEMBER, EVERY_PURPOSE)
        for _ in range(600):
            step(machine, chance)
            machine.a_message_may_be_read_only_when_the_model_says_so()
            machine.nothing_is_kept_of_groups_the_model_knows_nothing_of()
    finally:
        machine.teardown()


def step(machine: GroupsAndMembers, chance: Random) -> None:
    address, account, purposes = chance.choice(ADDRESSES), chance.choice(ACCOUNTS), chance.choice(SUBSETS)
    steps = [
        lambda: machine.a_group_is_at_work(address, account, purposes),
        lambda: machine.an_admin_chooses_what_is_offered(address, purposes),
        lambda: machine.an_admin_narrows(address, purposes),
        lambda: machine.an_admin_pauses(address, chance.choice([None, 24])),
        lambda: machine.an_admin_switches_on(address),
        lambda: machine.a_member_chooses(address, account, purposes),
        lambda: machine.a_member_withdraws_or_leaves(address, account),
        lambda: machine.the_bot_is_removed(address),
        lambda: machine.the_platform_renames(address, chance.choice(ADDRESSES)),
        lambda: machine.months_pass(chance.choice([0, 0, 0, 1, 12])),
        machine.pauses_end,
        machine.stale_yeses_are_purged,
        machine.what_is_over_is_erased,
    ]
    chance.choice(steps)()
