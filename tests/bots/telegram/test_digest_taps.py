"""What can be asked of a digest on Telegram, and what Telegram tells of reactions."""

from datetime import timedelta

from bots.telegram.parse import address_of
from core.anonymity import Gate
from core.model import Digest, Edition, Question, Refused, Revision, Sent
from tests.bots.telegram.staging import ARTICLE, Stage
from tests.fakes.editions import week_of

PAGES = (ARTICLE, "https://pages.example/x", "https://third.example/z")


async def a_week(stage: Stage) -> Edition:
    """Bruno shared three links, Ada and Chloé reacted to the first; the digest is there."""
    await stage.switched_on("bruno")
    first, *_ = [await stage.share("bruno", page) for page in PAGES]
    await stage.telegram.react("ada", stage.club, first, "👍")
    await stage.telegram.react("chloe", stage.club, first, "👍")
    await stage.telegram.react("chloe", stage.club, first, "🔥")
    await stage.telegram.react("ada", stage.club, first, None)
    stage.house.clock.advance(timedelta(days=7))
    await stage.house.services.digests.tick()
    await stage.house.work()
    return await latest(stage)


async def latest(stage: Stage) -> Edition:
    edition = await stage.house.services.digests.latest(address_of(stage.club))
    assert edition is not None
    return edition


def answered_with(stage: Stage) -> str:
    calls = stage.traffic.calls(method="answerCallbackQuery", direction="to_platform")
    return str(calls[-1].request["url"])


async def test_people_who_reacted_are_counted_and_nobody_is_kept(stage: Stage) -> None:
    edition = await a_week(stage)
    assert [each.reactions for each in edition.entries] == [1, 0, 0]


async def test_a_bot_that_is_no_admin_hears_of_no_reaction(stage: Stage) -> None:
    await stage.switched_on("bruno", rights=())
    first = await stage.share("bruno")
    await stage.telegram.react("ada", stage.club, first, "👍")
    assert not stage.house.storage.state.reactions


async def test_all_links_are_told_in_the_private_chat_of_who_asks(stage: Stage) -> None:
    await a_week(stage)
    await stage.tap("chloe", "All links")
    (opened,) = [toast["url"] for toast in stage.telegram.snapshot("chloe")["toasts"] if toast["url"]]
    payload = opened.partition("start=")[2]
    private = next(each for each in stage.telegram.snapshot("chloe")["conversations"] if each["id"] != stage.club)
    await stage.telegram.say("chloe", private["id"], f"/start {payload}")
    assert all(page.partition("//")[2].partition("/")[0] in stage.said("chloe", private["id"])[-1] for page in PAGES)


async def test_one_s_own_share_is_taken_out_of_the_posted_digest(stage: Stage) -> None:
    edition = await a_week(stage)
    count = len(stage.seen("hana"))
    await stage.tap("bruno", "Remove my share")
    answer = stage.seen("bruno")[-1]
    labels = [button["label"] for row in answer["buttons"] for button in row]
    assert len(labels) == len(edition.entries)
    stage.house.clock.advance(timedelta(seconds=5))
    await stage.tap("bruno", labels[0])
    stage.house.clock.advance(timedelta(seconds=5))
    await stage.house.work()
    assert len((await latest(stage)).entries) == 2
    digest = next(each for each in reversed(stage.seen("hana")) if "The links of the week" in each["html"])
    assert "2 shares" in digest["html"]
    assert len(stage.seen("hana")) == count


async def test_who_shared_nothing_is_told_so_alone(stage: Stage) -> None:
    await a_week(stage)
    await stage.tap("chloe", "Remove my share")
    assert any("rien" in toast.lower() for toast in stage.toasts("chloe"))


async def test_the_settings_button_leads_into_the_private_chat(stage: Stage) -> None:
    await a_week(stage)
    await stage.tap("ada", "Settings")
    assert "?start=" in answered_with(stage)


async def test_an_edit_that_changes_nothing_is_as_good_as_made(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club)
    messenger, group = stage.bot.messenger, address_of(stage.club)
    for links in (2, 3):
        sent = await messenger.post(group, Digest(week_of(links)), "digest:x")
        assert isinstance(sent, Sent)
        stage.house.clock.advance(timedelta(seconds=5))
        for _ in range(2):
            assert await messenger.post(group, Revision(week_of(links), sent.remote_id), "revision:x") == sent
            stage.house.clock.advance(timedelta(seconds=5))


async def test_an_edit_of_what_is_gone_is_refused(stage: Stage) -> None:
    await stage.telegram.invite_bot("ada", stage.club)
    outcome = await stage.bot.messenger.post(
        address_of(stage.club), Revision(week_of(2, Gate.TOTAL), "99"), "revision:x"
    )
    assert isinstance(outcome, Refused)


async def test_an_admin_is_asked_in_private_whether_to_go_on(stage: Stage) -> None:
    await stage.switched_on()
    before = stage.said("hana")
    outcome = await stage.bot.messenger.post(address_of(stage.club), Question("en", "Book club"), "question:x")
    assert isinstance(outcome, Sent | Refused)
    assert stage.said("hana") == before
