"""Stories in the Book club, with the real library over real HTTP."""

from core.model import GroupState
from tests.bots.telegram.staging import ARTICLE, Stage


async def test_a_group_is_switched_on_a_member_says_yes_and_a_link_becomes_a_card(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club)
    [welcome] = stage.said("bruno")
    assert "Ana &amp; Co" in welcome
    await stage.tap("ada", "Switch on (admins)")
    assert stage.toasts("ada") == ["Penumbra is on."]
    await stage.telegram.promote_bot("ada", stage.club)
    await stage.tap("bruno", "Count my links")
    assert stage.toasts("bruno")[0].startswith("Merci.")

    message = await stage.share("bruno", f"Look: {ARTICLE}?utm_source=x")

    card = stage.seen("chloe")[-1]
    assert card["reply_to"] == message
    assert "A &lt;b&gt;bold&lt;/b&gt; claim" in card["html"]
    assert "https://s.example/0000000000000001" in card["html"]
    assert not card["preview"]
    assert [button["label"] for row in card["buttons"] for button in row] == ["Open", "Open, counted", "Undo"]
    group = await stage.group()
    assert group is not None
    assert group.state is GroupState.ENABLED
