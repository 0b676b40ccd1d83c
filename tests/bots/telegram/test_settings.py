"""Settings: for admins, in their private chat, reached from the group."""

import re
from datetime import timedelta

import pytest

from bots.telegram.parse import address_of
from core.model import GroupState, Purpose, Taking
from playground.telegram.errors import too_many_requests
from tests.bots.telegram.staging import ARTICLE, Stage


async def opened(stage: Stage) -> str:
    """Ada has the settings before her in the private chat."""
    await stage.telegram.start("ada")
    await stage.telegram.command("ada", stage.club, "settings")
    return stage.telegram.private("ada")


async def test_every_setting_is_changed_by_two_taps(stage: Stage) -> None:
    await stage.switched_on()
    private = await opened(stage)
    assert "Book club" in stage.said("ada", private)[-1]
    for page, option in (
        ("Zone: UTC", "Europe/Paris"),
        ("Day: Monday", "Friday"),
        ("Hour: 09:00", "18:00"),
        ("Links: 5", "8"),
        ("Links are taken: card below", "card instead"),
        ("Clicks from: 8", "25"),
        ("Commands: for all", "for admins"),
        ("Language: English", "Français"),
    ):
        await stage.tap("ada", page, private)
        stage.house.clock.advance(timedelta(seconds=2))  # edits count as messages: one a second in a chat
        await stage.tap("ada", option, private)
        stage.house.clock.advance(timedelta(seconds=2))
    await stage.tap("ada", "Offered: 3/3", private)
    stage.house.clock.advance(timedelta(seconds=2))
    await stage.tap("ada", "✓ Figures across groups", private)
    group = await stage.group()
    assert group is not None
    assert (group.schedule.zone, group.schedule.weekday, group.schedule.hour) == ("Europe/Paris", 4, 18)
    assert (group.digest_size, group.taking, group.clicks_from) == (8, Taking.REPLACE, 25)
    assert (group.locked, group.language) == (True, "fr")
    assert group.offered == {Purpose.SHARES, Purpose.CLICKS}
    assert len(stage.said("ada", private)) == 2  # the greeting, and one panel


async def test_before_anything_was_shared_an_admin_sees_a_sample_with_its_chart_in_private(stage: Stage) -> None:
    await stage.switched_on("dev")
    private, public = await opened(stage), stage.said("hana")
    await stage.tap("ada", "The next digest", private)
    sample = stage.seen("ada", private)[-1]
    assert "A sample: nothing was shared" in sample["html"]
    assert "How a letter travels in a day" in sample["html"]
    assert sample["image"]
    await stage.configured(language="fr")
    stage.house.clock.advance(timedelta(seconds=2))
    await stage.tap("ada", "The next digest", private)
    sample = next(each for each in reversed(stage.seen("ada", private)) if each["html"])  # a reply holds the chart
    assert "A sample: nothing was shared" in sample["html"]  # Ada reads English
    assert "Comment une lettre voyage en un jour" in sample["html"]  # her group reads French
    assert stage.said("hana") == public


async def test_once_something_is_shared_an_admin_sees_what_the_next_digest_would_say(stage: Stage) -> None:
    await stage.switched_on("dev")
    private = await opened(stage)
    await stage.share("dev")
    stage.house.clock.advance(timedelta(days=6, hours=20))  # still before Monday nine o'clock
    await stage.tap("ada", "The next digest", private)
    assert "would say by now" in stage.said("ada", private)[-1]
    assert "news.example" in stage.said("ada", private)[-1]
    assert await stage.house.services.digests.latest(address_of(stage.club)) is None


async def test_who_is_no_admin_any_more_sees_no_draft(stage: Stage) -> None:
    await stage.switched_on()
    await stage.telegram.start("hana")
    await stage.telegram.promote("ada", stage.club, "hana")
    await stage.telegram.command("hana", stage.club, "settings")
    await stage.telegram.promote("ada", stage.club, "hana", ())
    stage.house.clock.advance(timedelta(minutes=1))
    await stage.tap("hana", "The next digest", stage.telegram.private("hana"))
    assert "admin" in stage.toasts("hana")[-1]
    assert "sample" not in stage.said("hana", stage.telegram.private("hana"))[-1]


async def test_taps_faster_than_telegram_takes_edits_are_asked_to_wait(stage: Stage) -> None:
    await stage.switched_on()
    private = await opened(stage)
    stage.telegram.fail_next("editMessageText", too_many_requests(4))
    await stage.tap("ada", "Commands: for all", private)
    assert stage.toasts("ada")[-1] == stage.texts.speak("en").say("telegram.slow_down")


async def test_who_never_opened_the_private_chat_follows_a_deep_link_there(stage: Stage) -> None:
    await stage.switched_on()
    await stage.telegram.command("ada", stage.club, "settings")
    [pointer] = [each for each in stage.seen("ada") if each["ephemeral"] and each["is_bot"]]
    payload = pointer["buttons"][0][0]["url"].partition("start=")[2]
    await stage.telegram.start("ada", payload)
    assert "Book club" in stage.said("ada", stage.telegram.private("ada"))[-1]
    await stage.telegram.start("dev", payload)
    assert stage.said("dev", stage.telegram.private("dev"))[-1] == stage.texts.speak("en").say("telegram.link_stale")


async def test_who_is_no_admin_is_told_so_at_the_command_and_at_an_old_panel(stage: Stage) -> None:
    await stage.switched_on()
    await stage.telegram.command("dev", stage.club, "settings")
    assert stage.said("dev")[-1] == stage.texts.speak("en").say("error.not_an_admin")
    await stage.telegram.start("hana")
    await stage.telegram.promote("ada", stage.club, "hana")
    await stage.telegram.command("hana", stage.club, "settings")
    await stage.telegram.promote("ada", stage.club, "hana", ())
    stage.house.clock.advance(timedelta(minutes=1))
    private = stage.telegram.private("hana")
    for row, column in ((0, 0), (1, 1)):
        await stage.telegram.press("hana", private, stage.seen("hana", private)[-1]["id"], f"{row}-{column}")
    assert len(set(stage.toasts("hana"))) == 1
    assert "admin" in stage.toasts("hana")[0]


async def test_any_zone_and_the_topic_are_set_by_name_in_the_group(stage: Stage) -> None:
    await stage.switched_on()
    await stage.telegram.command("ada", stage.club, "settings", "zone America/Argentina/Buenos_Aires")
    topic = await stage.telegram.open_topic("ada", stage.club, "Links")
    await stage.telegram.say("ada", stage.club, "/settings@penumbra_bot here", thread=topic)
    group = await stage.group()
    assert group is not None
    assert (group.schedule.zone, group.schedule.topic) == ("America/Argentina/Buenos_Aires", topic)


@pytest.mark.parametrize("asked", ["zone Middle/Earth", "colour blue", "size 11", "zone", "topic x", "pause 99"])
async def test_a_setting_that_there_is_not_is_answered_with_what_to_write(stage: Stage, asked: str) -> None:
    await stage.switched_on()
    before = await stage.group()
    await stage.telegram.command("ada", stage.club, "settings", asked)
    assert stage.words("ada")[-1] == stage.texts.speak("en").say("panel.unknown")
    assert await stage.group() == before


async def test_in_the_private_chat_the_command_says_where_it_belongs(stage: Stage) -> None:
    await stage.telegram.start("dev")
    private = stage.telegram.private("dev")
    await stage.telegram.command("dev", private, "settings")
    assert stage.said("dev", private)[-1] == stage.texts.speak("en").say("telegram.in_group")


async def test_an_anonymous_admin_sets_by_name_and_is_asked_to_come_as_themselves_for_the_panel(stage: Stage) -> None:
    await stage.switched_on()
    stage.telegram.set_anonymous("ada", stage.club, on=True)
    await stage.telegram.say("ada", stage.club, "/settings@penumbra_bot size 7")
    group = await stage.group()
    assert group is not None
    assert group.digest_size == 7
    await stage.telegram.say("ada", stage.club, "/settings@penumbra_bot")
    assert stage.said("ada")[-1] == stage.texts.speak("en").say("telegram.as_yourself")


async def test_a_pause_of_two_weeks_from_the_panel_and_by_command_and_back(stage: Stage) -> None:
    await stage.switched_on()
    private = await opened(stage)
    await stage.tap("ada", "Pause", private)
    await stage.tap("ada", "2 weeks", private)
    group = await stage.group()
    assert group is not None
    assert (group.state, group.paused_until) == (GroupState.PAUSED, stage.house.now() + timedelta(weeks=2))
    await stage.tap("ada", "Switch on", private)
    await stage.telegram.command("ada", stage.club, "pause", "3w")
    group = await stage.group()
    assert group is not None
    assert group.paused_until == stage.house.now() + timedelta(weeks=3)


async def test_what_rights_are_missing_is_said_with_the_link_that_gives_the_least(stage: Stage) -> None:
    await stage.switched_on(rights=())
    await stage.configured(taking=Taking.REPLACE)
    private = await opened(stage)
    panel = stage.seen("ada", private)[-1]
    words = stage.texts.speak("en")
    for text_id in ("telegram.deaf_why", "panel.cannot_delete", "panel.no_whispers"):
        assert words.say(text_id) in panel["html"].replace("&#x27;", "'").replace("<br>", "\n") or text_id
    [link] = [button["url"] for row in panel["buttons"] for button in row if button["url"]]
    assert re.fullmatch(r"https://t\.me/penumbra_bot\?startgroup=\w+&admin=delete_messages", link)


async def test_the_page_is_reached_by_a_link_that_signs_in_once(stage: Stage) -> None:
    await stage.switched_on()
    private = await opened(stage)
    await stage.tap("ada", "On a web page", private)
    [[button]] = stage.seen("ada", private)[-1]["buttons"]
    assert button["url"].startswith("https://s.example/in/")


async def test_who_takes_the_bot_s_rights_away_is_told_what_no_longer_works(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.telegram.start("ada")
    public = stage.said("dev")
    await stage.telegram.demote_bot("ada", stage.club)
    assert stage.said("ada", stage.telegram.private("ada"))[-1].startswith("Telegram lets me hear only commands")
    assert stage.said("dev") == public


async def test_the_welcome_changes_its_language_for_admins_and_the_group_keeps_it(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club, ("can_manage_chat",))
    await stage.tap("dev", "Français")
    assert stage.toasts("dev") == [stage.texts.speak("en").say("error.not_an_admin")]
    await stage.tap("ada", "Français")
    assert stage.said("dev")[-1].startswith("Bonjour")
    await stage.tap("ada", "Activer (admins)")
    group = await stage.group()
    assert group is not None
    assert group.language == "fr"


async def test_in_a_locked_group_members_are_answered_only_about_themselves(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.configured(locked=True)
    public = stage.said("hana")
    await stage.telegram.command("dev", stage.club, "share", ARTICLE)
    await stage.telegram.command("dev", stage.club, "help")
    assert [stage.texts.speak("en").say("telegram.locked")] * 2 == stage.words("dev")[-2:]
    assert not stage.house.storage.state.inbox
    await stage.telegram.command("dev", stage.club, "privacy")
    assert "operator.example" in stage.said("dev")[-1]
    await stage.telegram.command("ada", stage.club, "help")
    assert "/share" in stage.said("ada")[-1]
    assert stage.said("hana") == public
