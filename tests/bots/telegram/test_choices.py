"""A member's choices, each purpose on its own, for that member's eyes alone."""

from core.model import Purpose
from tests.bots.telegram.staging import Stage


def given(stage: Stage) -> list[frozenset[Purpose]]:
    return [consent.purposes for consent in stage.house.storage.state.consents.values()]


async def test_each_purpose_is_given_and_refused_on_its_own(stage: Stage) -> None:
    await stage.switched_on()
    await stage.tap("dev", "My choices, one by one")
    before = stage.said("ada")
    for label, expected in (
        ("○ Shares", {Purpose.SHARES}),
        ("○ Figures across groups", {Purpose.SHARES, Purpose.STATISTICS}),
        ("○ Clicks", {Purpose.SHARES, Purpose.CLICKS, Purpose.STATISTICS}),
        ("✓ Figures across groups", {Purpose.SHARES, Purpose.CLICKS}),
        ("✓ Clicks", {Purpose.SHARES}),
    ):
        await stage.tap("dev", label)
        assert given(stage) == [expected]
    await stage.tap("dev", "✓ Shares")
    assert given(stage) == []
    assert stage.said("ada") == before


async def test_clicks_and_figures_want_shares_first(stage: Stage) -> None:
    await stage.switched_on()
    await stage.tap("dev", "My choices, one by one")
    await stage.tap("dev", "○ Figures across groups")
    assert stage.toasts("dev")[-1] == stage.texts.speak("en").say("error.not_on_its_own")
    assert given(stage) == []


async def test_a_purpose_that_the_group_does_not_offer_is_not_shown(stage: Stage) -> None:
    await stage.switched_on()
    await stage.configured(offered=frozenset({Purpose.SHARES}))
    await stage.tap("dev", "My choices, one by one")
    labels = [button["label"] for row in stage.seen("dev")[-1]["buttons"] for button in row]
    assert labels == ["○ Shares", "Stop counting mine"]


async def test_in_the_private_chat_the_panel_changes_in_its_place(stage: Stage) -> None:
    await stage.switched_on(rights=())
    stage.bot.messenger.asides.ephemerals = False  # an older server
    await stage.telegram.start("dev")
    private = stage.telegram.private("dev")
    await stage.tap("dev", "My choices, one by one")
    messages = len(stage.seen("dev", private))
    await stage.tap("dev", "○ Shares", private)
    assert len(stage.seen("dev", private)) == messages
    assert given(stage) == [{Purpose.SHARES}]


async def test_who_never_opened_the_private_chat_is_told_to(stage: Stage) -> None:
    await stage.switched_on(rights=())
    stage.bot.messenger.asides.ephemerals = False
    await stage.tap("dev", "My choices, one by one")
    assert stage.toasts("dev") == [stage.texts.speak("en").say("telegram.start_first")]


async def test_a_group_that_is_not_on_offers_nothing(stage: Stage) -> None:
    await stage.switched_on()
    await stage.telegram.command("ada", stage.club, "pause")
    await stage.tap("dev", "My choices, one by one")
    assert stage.toasts("dev")[-1] == stage.texts.speak("en").say("error.not_enabled")
