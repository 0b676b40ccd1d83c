"""Links handed over instead of posted: by a command, by a modal from anywhere. The card names nobody."""

from tests.bots.slack.stage import GROUP, ROOM, Stage, account
from tests.bots.slack.test_home import modal

STORY = "https://pages.example/story"


async def ready(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    stage.breathe()


async def test_a_command_posts_the_card_alone_in_the_channel(stage: Stage) -> None:
    await ready(stage)
    before = len(stage.messages())
    await stage.slack.command("bruno", ROOM, "/links", f"share {STORY}?utm_source=x please")
    assert "la fiche suit" in stage.latest("bruno")["html"]
    await stage.work()
    card = stage.messages()[before]
    assert card["thread_of"] is None
    assert STORY in str(card["buttons"])
    assert "Bruno" not in str(stage.calls_of("chat.postMessage")[-1])
    await stage.slack.press("bruno", ROOM, card["id"], "undo")
    assert len(stage.state.shares) == 0


async def test_a_card_handed_over_is_posted_once_even_if_its_answer_was_lost(stage: Stage) -> None:
    await ready(stage)
    stage.slack.fail_next("chat.postMessage", "dropped")
    await stage.slack.command("bruno", ROOM, "/links", f"share {STORY}")
    for _ in range(3):
        await stage.work()
        stage.breathe(minutes=2)
    assert len([m for m in stage.messages() if STORY in str(m["buttons"])]) == 1


async def test_who_did_not_say_yes_is_shown_what_it_means(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.command("dev", ROOM, "/links", f"share {STORY}")
    assert "If you say yes" in stage.latest("dev")["html"]
    assert stage.state.inbox == {}


async def test_what_is_no_link_or_somebodys_key_is_said_to_be(stage: Stage) -> None:
    await ready(stage)
    await stage.slack.command("bruno", ROOM, "/links", "share pages")
    assert "pas de lien" in stage.latest("bruno")["html"]
    await stage.slack.command("bruno", ROOM, "/links", "share https://pages.example/reset?token=abcdefgh12345678")
    assert "laissé tel quel" in stage.latest("bruno")["html"]
    assert stage.state.inbox == {}


async def test_a_shortcut_from_anywhere_asks_for_link_and_channel(stage: Stage) -> None:
    await ready(stage)
    await stage.slack.global_shortcut("bruno")
    assert modal(stage, "bruno")["title"] == "Partager un lien"
    await stage.slack.submit_modal("bruno", {"url": STORY, "channel": ROOM})
    assert "la fiche suit" in modal(stage, "bruno")["html"]
    await stage.work()
    assert [each.account for each in stage.state.shares.values()] == [account("bruno")]


async def test_the_modal_says_beside_the_field_what_is_wrong_with_it(stage: Stage) -> None:
    await ready(stage)
    await stage.slack.command("dev", ROOM, "/links", "share")
    await stage.slack.submit_modal("dev", {"url": STORY, "channel": ROOM})
    assert "not said yes there" in modal(stage, "dev")["errors"]["channel"]
    await stage.slack.close_modal("dev")
    await stage.slack.global_shortcut("bruno")
    await stage.slack.submit_modal("bruno", {"url": "https://s.example/0000000000000001", "channel": ROOM})
    assert "laissé tel quel" in modal(stage, "bruno")["errors"]["url"]
    assert stage.state.inbox == {}


async def test_choosing_and_pausing_work_from_the_channel_too(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.command("dev", ROOM, "/links", "mine")
    await stage.slack.submit_modal("dev", {"purposes": ["shares"]})
    assert "Thank you" in modal(stage, "dev")["html"]
    await stage.slack.command("dev", ROOM, "/links", "undo")
    assert "nothing of yours" in stage.latest("dev")["html"]
    await stage.slack.command("ada", ROOM, "/links", "pause 2w")
    assert "Paused until Monday 7 December" in stage.latest("ada")["html"]
    await stage.slack.command("ada", ROOM, "/links", "pause for ever")
    assert "Say for how long" in stage.latest("ada")["html"]
    await stage.slack.command("ada", ROOM, "/links", "on")
    assert "Penumbra is on" in stage.latest("ada")["html"]
    await stage.slack.command("ada", ROOM, "/links", "pause")
    await stage.slack.submit_modal("ada", {"for": "open"})
    group = await stage.house.services.consent.group(GROUP)
    assert group is not None
    assert (group.state, group.paused_until) == ("paused", None)
    await stage.slack.command("ada", ROOM, "/links", "settings")
    await stage.slack.submit_modal("ada", {"language": "fr"})
    assert "Saved" in modal(stage, "ada")["html"]
