"""What goes wrong is answered with one sentence that says what to do, in the language of who did it."""

from telegram.constants import InlineQueryLimit

from core.model import Purpose
from tests.bots.telegram.staging import ARTICLE, Stage
from tests.bots.telegram.test_walks import press_forged


def french(stage: Stage, text_id: str) -> str:
    return stage.texts.speak("fr").say(text_id)


async def test_an_address_longer_than_inline_mode_carries(stage: Stage) -> None:
    await stage.telegram.inline("bruno", stage.club, ARTICLE + "?" + "a" * InlineQueryLimit.MAX_QUERY_LENGTH)
    advice = stage.telegram.inline_advice("bruno")
    assert advice is not None
    assert advice["text"] == french(stage, "inline.too_long")
    assert not stage.telegram.inline_results("bruno")


async def test_a_page_that_can_t_be_reached_gets_a_card_that_says_so(stage: Stage) -> None:
    await stage.telegram.invite_bot("farah", stage.club, ("can_manage_chat",))
    await stage.tap("farah", french(stage, "onboarding.enable"))
    await stage.house.work()
    await stage.tap("bruno", french(stage, "member.yes"))
    await stage.share("bruno", "https://nowhere.example/gone")
    assert french(stage, "card.no_preview") in stage.words("bruno")[-1]
    assert stage.house.storage.state.shares


async def test_a_foreign_button(stage: Stage) -> None:
    await stage.switched_on()
    await press_forged(stage, "bruno", "y:somebody else's")
    assert stage.toasts("bruno") == [french(stage, "error.stale")]


async def test_a_command_in_the_wrong_chat(stage: Stage) -> None:
    await stage.telegram.start("bruno")
    private = stage.telegram.private("bruno")
    for command in ("settings", "join", "stop", "pause", "share"):
        await stage.telegram.command("bruno", private, command)
        assert stage.words("bruno", private)[-1] == french(stage, "telegram.in_group"), command
    await stage.telegram.command("bruno", private, "digest")
    assert stage.words("bruno", private)[-1] == french(stage, "telegram.digest_where")


async def test_somebody_who_is_no_admin_changes_nothing(stage: Stage) -> None:
    await stage.switched_on()
    before = await stage.group()
    for command, arguments in (("settings", ""), ("settings", "size 7"), ("pause", ""), ("off", "")):
        await stage.telegram.command("bruno", stage.club, command, arguments)
        assert stage.words("bruno")[-1] == french(stage, "error.not_an_admin"), command
    group = await stage.group()
    assert group == before
    assert group is not None
    assert Purpose.SHARES in group.offered
