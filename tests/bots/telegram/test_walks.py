"""Stories in the Book club, with the real library over real HTTP."""

from datetime import timedelta

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bots.telegram.seals import Seal, Tap, Verb
from core.model import DropReason, GroupState, Purpose
from tests.bots.telegram.staging import ARTICLE, Stage


async def press_forged(stage: Stage, person: str, data: str) -> None:
    """Press a button that carries this data, as a client of one's own making could."""
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("forged", callback_data=data)]])
    await stage.bot.application.bot.send_message(int(stage.club), "button", reply_markup=keyboard)
    await stage.tap(person, "forged")


async def test_a_group_is_switched_on_a_member_says_yes_and_a_link_becomes_a_card(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club, ("can_manage_chat",))
    [welcome] = stage.said("bruno")
    assert "Ana &amp; Co" in welcome
    await stage.turned_on()
    assert stage.toasts("ada") == ["Penumbra is on."]
    await stage.tap("bruno", "Count my links")
    assert stage.toasts("bruno")[0].startswith("Merci.")

    message = await stage.share("bruno", f"Look: {ARTICLE}?utm_source=x")

    card = stage.seen("chloe")[-1]
    assert card["reply_to"] == message
    assert "A &lt;b&gt;bold&lt;/b&gt; claim" in card["html"]
    assert "https://s.example/0000000000000001" in card["html"]
    assert not card["preview"]
    assert [button["label"] for row in card["buttons"] for button in row] == [
        "Open",
        "Open, counted",
        "Undo",
        "Not mine to count",
        "Why?",
    ]
    group = await stage.group()
    assert group is not None
    assert group.state is GroupState.ENABLED


async def test_a_member_who_said_no_is_never_read(stage: Stage) -> None:
    await stage.switched_on("bruno")
    before = stage.house.storage.state
    for number in range(100):
        await stage.telegram.say("dev", stage.club, f"https://news.example/{number}")
    await stage.house.work()
    assert stage.house.storage.state.inbox == before.inbox
    assert not stage.house.unfurler.asked
    assert stage.house.drops[DropReason.NO_CONSENT] == 100


async def test_a_group_that_is_not_switched_on_is_not_read_even_when_a_member_was_ready(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club, ("can_manage_chat",))
    await stage.share("bruno")
    assert not stage.house.storage.state.inbox
    assert stage.house.drops[DropReason.NOT_ENABLED] == 1


async def test_shares_can_be_counted_without_clicks(stage: Stage) -> None:
    await stage.switched_on()
    await stage.tap("dev", "Count shares only")
    assert "clicks on them are not counted" in stage.toasts("dev")[0]
    [consent] = stage.house.storage.state.consents.values()
    assert consent.purposes == {Purpose.SHARES}


async def test_saying_yes_twice_changes_nothing_and_no_takes_one_tap(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.tap("dev", "Count my links")
    await stage.tap("dev", "Stop counting mine")
    await stage.tap("dev", "Stop counting mine")
    words = stage.texts.speak("en")
    expected = ["member.thanks", "member.already", "member.stopped", "member.was_not"]
    told = [toast.removesuffix(" Your receipt: /receipt") for toast in stage.toasts("dev")]
    assert told == [words.say(text_id) for text_id in expected]
    assert not stage.house.storage.state.consents


async def test_somebody_who_is_no_admin_switches_nothing_on(stage: Stage) -> None:
    await stage.telegram.invite_bot("bruno", stage.club)
    await stage.tap("bruno", "Activer (admins)")
    assert stage.toasts("bruno") == [stage.texts.speak("fr").say("error.not_an_admin")]
    group = await stage.group()
    assert group is not None
    assert group.state is GroupState.PENDING


async def test_the_welcome_speaks_the_language_of_whoever_brought_the_bot(stage: Stage) -> None:
    await stage.telegram.invite_bot("bruno", stage.club)
    assert stage.said("ada")[0].startswith("Bonjour")


async def test_a_second_tap_on_switch_on_posts_no_second_notice(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club, ("can_manage_chat",))
    welcome = stage.seen("ada")[-1]
    await stage.telegram.press("ada", stage.club, welcome["id"], "0-0")
    said = stage.said("ada")
    await press_forged(stage, "farah", stage.bot.seal.stamp(Tap(Verb.ENABLE, stage.club)))
    assert stage.said("ada") == [*said, "button"]
    assert stage.toasts("farah") == ["Penumbra est activé."]


async def test_the_sharer_undoes_and_gets_the_plain_address_back(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.share("dev", f"{ARTICLE}?utm_source=x")
    await stage.tap("dev", "Undo")
    card = stage.seen("ada")[-1]
    assert "Taken back" in card["html"]
    assert ARTICLE in card["html"]
    assert not card["buttons"]
    assert not stage.house.storage.state.shares


async def test_nobody_else_can_undo(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.share("dev")
    await stage.tap("ada", "Undo")
    assert stage.toasts("ada")[-1] == stage.texts.speak("en").say("error.not_yours")
    assert stage.house.storage.state.shares


async def test_an_edit_that_takes_the_link_out_takes_the_share_back(stage: Stage) -> None:
    await stage.switched_on("dev")
    message = await stage.share("dev")
    stage.house.clock.advance(timedelta(seconds=30))
    await stage.telegram.edit("dev", stage.club, message, "never mind")
    await stage.house.work()
    assert not stage.house.storage.state.shares


async def test_a_link_in_a_caption_behind_a_word_or_without_a_scheme_is_a_link(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.telegram.say_photo("dev", stage.club, f"🚀 {ARTICLE}")
    await stage.telegram.say("dev", stage.club, '🚀 <a href="https://two.example/2">here</a>', formatted=True)
    await stage.telegram.say("dev", stage.club, "see three.example.org/3")
    await stage.telegram.say("dev", stage.club, "<code>https://four.example/4</code>", formatted=True)
    await stage.house.work()
    assert stage.house.unfurler.asked == [ARTICLE, "https://two.example/2", "https://three.example.org/3"]


async def test_a_forwarded_link_is_shared_by_whoever_forwards_it(stage: Stage) -> None:
    await stage.switched_on("dev")
    original = await stage.telegram.say("bruno", stage.club, ARTICLE)
    await stage.telegram.forward("dev", stage.club, original, stage.club)
    await stage.house.work()
    assert len(stage.house.storage.state.shares) == 1


async def test_an_anonymous_admin_is_never_counted(stage: Stage) -> None:
    await stage.switched_on("ada")
    stage.telegram.set_anonymous("ada", stage.club, on=True)
    await stage.share("ada")
    assert not stage.house.storage.state.shares
    assert stage.house.drops[DropReason.NOT_A_PERSON] == 1


async def test_an_anonymous_admin_switches_the_group_on_by_command(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club)
    stage.telegram.set_anonymous("ada", stage.club, on=True)
    await stage.telegram.say("ada", stage.club, "/on@penumbra_bot")
    group = await stage.group()
    assert group is not None
    assert group.state is GroupState.ENABLED


async def test_leaving_the_group_is_withdrawing(stage: Stage) -> None:
    await stage.switched_on("dev", "hana")
    await stage.telegram.leave("dev", stage.club)
    assert len(stage.house.storage.state.consents) == 1


async def test_leaving_is_heard_of_even_by_a_bot_that_is_no_admin(stage: Stage) -> None:
    await stage.switched_on("dev", rights=())
    await stage.telegram.leave("dev", stage.club)
    assert not stage.house.storage.state.consents


async def test_a_bot_that_is_thrown_out_stops_and_comes_back_to_an_empty_house(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.telegram.remove_bot("ada", stage.club)
    group = await stage.group()
    assert group is not None
    assert group.state is GroupState.ERASING
    await stage.telegram.invite_bot("ada", stage.club)
    again = await stage.group()
    assert again is not None
    assert again.state is GroupState.PENDING
    assert again.id != group.id


async def test_a_group_that_becomes_a_supergroup_keeps_its_consents(stage: Stage) -> None:
    small = await stage.telegram.create_group("ada", "Book lovers", ["dev"])
    await stage.telegram.invite_bot("ada", small)
    await stage.tap("ada", "Switch on (admins)", small)
    await stage.house.work()
    await stage.tap("dev", "Count my links", small)
    large = await stage.telegram.migrate("ada", small)
    await stage.telegram.promote_bot("ada", large)
    await stage.telegram.say("dev", large, ARTICLE)
    await stage.house.work()
    assert await stage.group(small) is None
    assert "A &lt;b&gt;bold&lt;/b&gt; claim" in stage.said("ada", large)[-1]


async def test_in_a_topic_the_card_stays_in_the_topic(stage: Stage) -> None:
    await stage.switched_on("dev")
    topic = await stage.telegram.open_topic("ada", stage.club, "Links")
    await stage.telegram.say("dev", stage.club, ARTICLE, thread=topic)
    await stage.house.work()
    assert stage.seen("ada")[-1]["thread_of"] == topic


async def test_a_stranger_s_button_is_answered_as_out_of_date(stage: Stage) -> None:
    await stage.switched_on()
    elsewhere = Seal(b"another key").stamp(Tap(Verb.YES, stage.club, "member-1"))
    other_group = stage.bot.seal.stamp(Tap(Verb.YES, "-100999", "member-1"))
    for data in (elsewhere, other_group, "on", "y:::"):
        await press_forged(stage, "dev", data)
    assert stage.toasts("dev") == [stage.texts.speak("en").say("error.stale")] * 4
    assert not stage.house.storage.state.consents


async def test_a_yes_to_an_older_notice_asks_to_read_the_new_one(stage: Stage) -> None:
    await stage.switched_on()
    await press_forged(stage, "dev", stage.bot.seal.stamp(Tap(Verb.YES, stage.club, "member-0")))
    assert stage.toasts("dev") == [stage.texts.speak("en").say("error.notice_changed")]
    assert not stage.house.storage.state.consents


async def test_a_link_shared_by_command_stands_in_the_group_as_a_card_alone(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.telegram.command("dev", stage.club, "share", f"{ARTICLE}?utm_source=x")
    assert "The card follows" in stage.seen("dev")[-1]["html"]
    await stage.house.work()
    card = stage.seen("ada")[-1]
    assert "A &lt;b&gt;bold&lt;/b&gt; claim" in card["html"]
    assert card["reply_to"] is None
    await stage.tap("dev", "Undo")
    assert "Taken back" in stage.seen("ada")[-1]["html"]


async def test_share_without_consent_shows_the_notice_first(stage: Stage) -> None:
    await stage.switched_on()
    await stage.telegram.command("dev", stage.club, "share", ARTICLE)
    assert "Read before you choose" in stage.seen("dev")[-1]["html"]
    assert not stage.house.storage.state.inbox


async def test_share_without_an_address_or_with_one_that_is_never_touched_says_so(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.telegram.command("dev", stage.club, "share")
    assert "Put the address behind it" in stage.seen("dev")[-1]["html"]
    await stage.telegram.command("dev", stage.club, "share", "http://192.168.1.1/admin")
    assert "Nothing was counted" in stage.seen("dev")[-1]["html"]
    private = stage.telegram.private("dev")
    await stage.telegram.command("dev", private, "share", ARTICLE)
    assert stage.said("dev", private) == [stage.texts.speak("en").say("telegram.in_group")]


async def test_an_album_is_counted_once(stage: Stage) -> None:
    await stage.switched_on("dev")
    for caption in (ARTICLE, "", ""):
        await stage.telegram.say_photo("dev", stage.club, caption, album="holiday")
    await stage.house.work()
    assert len(stage.house.storage.state.shares) == 1
    assert len([html for html in stage.said("ada") if "Counted link" in html]) == 1


async def test_an_admin_is_told_when_telegram_keeps_the_messages_from_us(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club)
    await stage.tap("ada", "Switch on (admins)")
    assert stage.toasts("ada") == [stage.texts.speak("en").say("telegram.deaf")]
