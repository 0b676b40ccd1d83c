"""Pages behind a one-time link: for who runs the group at this moment, changed by forms of ours alone."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx
import pytest

from core.errors import PlatformUnavailable
from core.model import Account, Group, GroupId, GroupState, Missed, Person, Platform, Purpose, Schedule, Taking, Week
from core.signin import Goal
from tests.fakes.editions import entry, week_of
from tests.fakes.house import ADMIN, GROUP, MEMBER, PUBLIC_URL, House
from tests.fakes.server import server_over
from web.pages.sessions import cookie_at

CHOSEN = {
    "zone": "Europe/Paris",
    "weekday": "4",
    "hour": "17",
    "size": "7",
    "language": "fr",
    "offered": "shares",
    "taking": "asked",
    "clicks_from": "25",
    "locked": "yes",
}
NASTY = "<script>alert(1)</script> & “friends”"


@dataclass
class Guest:
    """A browser in front of the house."""

    house: House
    browser: httpx.AsyncClient

    async def link(self, account: Account = ADMIN, to: Goal = Goal.SETTINGS) -> str:
        person = Person(Platform.TELEGRAM, "", account)
        return (await self.house.services.signin.link_for(person, GROUP, to)).removeprefix(PUBLIC_URL)

    async def signs_in(self, account: Account = ADMIN, to: Goal = Goal.SETTINGS) -> httpx.Response:
        return await self.browser.post(await self.link(account, to), follow_redirects=True)

    async def group(self) -> Group:
        group = await self.house.services.consent.group(GROUP)
        assert group is not None
        return group

    async def page(self, rest: str = "") -> httpx.Response:
        return await self.browser.get(f"/groups/{(await self.group()).id}{rest}")

    async def sends(self, form: str, fields: Mapping[str, str], **headers: str) -> httpx.Response:
        page = await self.page()
        token = re.search(r'name="form" value="([0-9a-f]{64})"', page.text)
        assert token is not None, page.text
        path = f"/groups/{(await self.group()).id}/{form}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.browser.post(path, data={"form": token[1], **fields}, headers=named)


@asynccontextmanager
async def guest_of(house: House) -> AsyncIterator[Guest]:
    async with server_over(house) as browser:
        yield Guest(house, browser)


@pytest.fixture
async def guest() -> AsyncIterator[Guest]:
    house = House()
    await house.switch_on()
    async with guest_of(house) as guest:
        yield guest


async def test_a_channel_shared_with_another_workspace_is_not_switched_on_from_here(guest: Guest) -> None:
    await guest.signs_in()
    await guest.sends("pause", {"for": "4"})
    guest.house.messenger.shared_outside.add(GROUP)
    answer = await guest.sends("resume", {})
    assert answer.status_code == 409
    assert "shared with another workspace" in answer.text
    assert (await guest.group()).state is GroupState.PAUSED
    french = await guest.sends("resume", {}, accept_language="fr")
    assert "partagé avec un autre espace" in french.text
    guest.house.messenger.shared_outside.clear()
    await guest.sends("resume", {})
    assert (await guest.group()).state is GroupState.ENABLED


async def keep_an_edition(guest: Guest, links: int = 4, **changes: object) -> None:
    group = (await guest.group()).id
    edition = replace(week_of(links), group=group, **changes)
    async with guest.house.storage.transaction() as records:
        assert await records.digests.add(edition)


async def test_looking_at_a_link_uses_nothing_up_and_pressing_the_button_does(guest: Guest) -> None:
    link = await guest.link()
    for _ in range(2):
        looked = await guest.browser.get(link)
        assert looked.status_code == 200
        assert "set-cookie" not in looked.headers
    entered = await guest.browser.post(link)
    assert (entered.status_code, entered.headers["location"]) == (303, "/groups")
    assert re.fullmatch(
        r"__Host-penumbra=[^;]+; HttpOnly; Max-Age=28800; Path=/; SameSite=strict; Secure",
        entered.headers["set-cookie"],
    )
    again = await guest.browser.post(link)
    assert again.status_code == 410
    assert "Send /settings to the bot" in again.text


async def test_who_runs_the_group_finds_it_with_its_next_digest(guest: Guest) -> None:
    page = await guest.signs_in()
    assert "Book club" in page.text
    assert "Monday 30 November 2026, 09:00" in page.text
    assert "Penumbra is on." in (await guest.page()).text


@pytest.mark.parametrize("path", ["/groups", "/groups/x", "/groups/x/editions", "/groups/x/editions/2026-W48"])
async def test_without_a_session_every_page_says_what_to_do(guest: Guest, path: str) -> None:
    page = await guest.browser.get(path, headers={"accept-language": "fr"})
    assert page.status_code == 410
    assert "Envoyez /settings" in page.text


async def test_settings_are_saved_through_core_and_the_page_says_so(guest: Guest) -> None:
    await guest.signs_in()
    answer = await guest.sends("settings", CHOSEN)
    assert answer.status_code == 303
    assert "Saved." in (await guest.browser.get(answer.headers["location"])).text
    group = await guest.group()
    assert (group.schedule, group.digest_size, group.language) == (Schedule("Europe/Paris", 4, 17), 7, "fr")
    assert group.offered == {Purpose.SHARES}
    assert (group.taking, group.clicks_from, group.locked) == (Taking.ASKED, 25, True)
    assert f"{group.next_digest:%Y-%m-%d %H:%M}" == "2026-11-27 16:00"


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"weekday": "7"},
        {"hour": "-1"},
        {"size": "11"},
        {"language": "xx"},
        {"offered": "everything"},
        {"hour": ""},
        {"taking": "all"},
        {"clicks_from": "7"},
    ],
)
async def test_of_a_form_that_can_t_be_used_nothing_is_taken(guest: Guest, wrong: dict[str, str]) -> None:
    await guest.signs_in()
    before = await guest.group()
    answer = await guest.sends("settings", CHOSEN | wrong)
    assert "Nothing was saved" in (await guest.browser.get(answer.headers["location"])).text
    assert await guest.group() == before


async def test_a_pause_has_an_end_or_waits_for_the_button(guest: Guest) -> None:
    await guest.signs_in()
    await guest.sends("pause", {"for": "2"})
    group = await guest.group()
    assert group.state is GroupState.PAUSED
    assert group.paused_until is not None
    assert (group.paused_until - guest.house.now()).days == 14
    assert "Paused until Tuesday 8 December 2026" in (await guest.page()).text
    assert "Nothing was saved" in await said(guest, await guest.sends("pause", {"for": "2"}))
    await guest.sends("resume", {})
    assert (await guest.group()).state is GroupState.ENABLED
    assert "Nothing was saved" in await said(guest, await guest.sends("pause", {"for": "99"}))
    await guest.sends("pause", {"for": "open"})
    assert (await guest.group()).paused_until is None


async def said(guest: Guest, answer: httpx.Response) -> str:
    return (await guest.browser.get(answer.headers["location"])).text


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"form": "0" * 64}, {}),
        ({"form": "é"}, {}),
        ({}, {"sec_fetch_site": "cross-site"}),
        ({}, {"sec_fetch_site": "same-site"}),
        ({}, {"origin": "https://evil.example"}),
        ({"zone": "x" * 20_000}, {}),
        ({f"f{number}": "" for number in range(200)}, {}),
    ],
)
async def test_a_forged_form_changes_nothing(guest: Guest, fields: dict[str, str], headers: dict[str, str]) -> None:
    await guest.signs_in()
    before = await guest.group()
    answer = await guest.sends("settings", CHOSEN | fields, **headers)
    assert answer.status_code == 403
    assert "did not come from here" in answer.text
    assert await guest.group() == before


async def test_a_page_of_ours_may_send_forms(guest: Guest) -> None:
    await guest.signs_in()
    assert (await guest.sends("settings", CHOSEN, sec_fetch_site="same-origin")).status_code == 303
    assert (await guest.sends("settings", CHOSEN, origin=PUBLIC_URL)).status_code == 303


async def test_a_sign_in_button_on_another_site_signs_nobody_in(guest: Guest) -> None:
    link = await guest.link()
    answer = await guest.browser.post(link, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert (await guest.browser.get(link)).status_code == 200


async def test_signing_out_ends_it_and_takes_the_cookie_back(guest: Guest) -> None:
    await guest.signs_in()
    token = re.search(r'name="form" value="([0-9a-f]{64})"', (await guest.page()).text)
    out = await guest.browser.post("/out", data={"form": token[1] if token else ""})
    assert "You are signed out" in out.text
    assert not guest.browser.cookies
    assert (await guest.page()).status_code == 410


async def test_who_no_longer_runs_the_group_sees_and_changes_nothing(guest: Guest) -> None:
    await guest.signs_in()
    guest.house.messenger.admins.discard(ADMIN)
    assert (await guest.page()).status_code == 404
    assert "You administer no group" in (await guest.browser.get("/groups")).text
    unknown = await guest.browser.get("/groups/none")
    assert unknown.text == (await guest.page()).text


async def test_with_script_a_refusal_is_told_by_a_whole_page(guest: Guest) -> None:
    answer = await guest.browser.post("/groups/g7/settings", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/groups/g7")


async def test_a_silent_platform_is_told_as_such(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    await guest.signs_in()

    async def silent(*_: object) -> bool:
        raise PlatformUnavailable

    monkeypatch.setattr(guest.house.messenger, "is_admin", silent)
    page = await guest.page()
    assert page.status_code == 503
    assert "does not answer" in page.text


async def test_a_member_reads_past_digests_and_nothing_else(guest: Guest) -> None:
    await keep_an_edition(guest)
    page = await guest.signs_in(MEMBER, Goal.EDITIONS)
    assert page.url.path.endswith("/editions")
    assert (await guest.page("/editions/2026-W47")).status_code == 200
    assert (await guest.page()).status_code == 404
    assert "There was none" in (await guest.page("/editions/2020-W01")).text
    assert (await guest.page("/editions/no-week")).status_code == 404


async def test_a_digest_is_told_with_its_frozen_figures_and_the_same_each_time(guest: Guest) -> None:
    noisy = replace(entry(0), clicks=12, shares=3, title=NASTY)
    small = replace(entry(1), clicks=None)
    await keep_an_edition(guest, entries=(noisy, small), others=(entry(2),), clicks=None, week=Week("2026-W47"))
    await guest.signs_in()
    page = await guest.page("/editions/2026-W47")
    assert page.text == (await guest.page("/editions/2026-W47")).text
    assert "10–19" in page.text
    assert ">12<" not in page.text
    assert "not told" in page.text
    assert "<svg" in page.text
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
    assert noisy.short_url in page.text
    guest.house.later(hours=1)
    guest.house.later(days=90)
    await guest.signs_in()
    assert noisy.short_url not in (await guest.page("/editions/2026-W47")).text


async def test_admins_see_the_latest_figures_and_whether_they_arrived(guest: Guest) -> None:
    await guest.signs_in()
    assert "There is no digest yet" in (await guest.page()).text
    await keep_an_edition(guest, frozen_at=guest.house.now())
    page = await guest.page()
    assert "<svg" in page.text
    assert "not known that the latest digest arrived" in page.text
    assert "This Penumbra is well." in page.text
    guest.house.trouble = "not reachable"  # type: ignore[attr-defined]
    assert "is in trouble" in (await guest.page()).text


async def test_pages_run_no_script_but_our_own_and_keep_to_the_language_asked_for(guest: Guest) -> None:
    await guest.signs_in()
    page = await guest.browser.get(f"/groups/{(await guest.group()).id}?lang=fr")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script>|\sstyle=|\son\w+=", page.text)
    assert 'lang="fr"' in page.text
    assert "?lang=fr" in page.text


async def test_over_plain_http_nobody_signs_in_but_on_loopback() -> None:
    assert cookie_at("http://links.example.org") is None
    playground = cookie_at("http://127.0.0.1:8790")
    assert playground is not None
    assert (playground.name, playground.secure) == ("penumbra", False)


async def test_a_group_that_is_not_there_is_none_of_anybody_s(guest: Guest) -> None:
    await guest.signs_in()
    for odd in ("none", "..%2F..%2Fetc", "%00", "a" * 5000):
        assert (await guest.browser.get(f"/groups/{odd}")).status_code == 404
    assert GroupId("none") != (await guest.group()).id


async def test_an_admin_reads_which_digest_did_not_come_and_why(guest: Guest) -> None:
    await guest.signs_in()
    group = (await guest.group()).id
    async with guest.house.storage.transaction() as records:
        await records.digests.miss(group, Missed(Week("2026-W47"), "too late"))
    assert "did not come: Penumbra was not running at its hour" in (await guest.page()).text


async def test_the_address_of_a_form_asked_for_again_leads_to_its_page(guest: Guest) -> None:
    group = f"/groups/{(await guest.group()).id}"
    asked = {"/out": "/", **{f"{group}/{form}": group for form in ("settings", "pause", "resume")}}
    for path, page in asked.items():
        answer = await guest.browser.get(f"{path}?lang=fr")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{page}?lang=fr")
