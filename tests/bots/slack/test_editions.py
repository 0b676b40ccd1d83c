"""The digest on Slack: with Slack's own chart where it is known, complete in words everywhere."""

import re
from datetime import timedelta

import pytest

from bots.slack import editions
from core.anonymity import Gate
from core.editions import is_full, without
from core.model import Brought, Digest, Outcome, Question, Refused, Revision, Sent
from tests.bots.slack.stage import GROUP, ROOM, TEXTS, WORKSPACE, Stage
from tests.fakes.editions import week_of
from texts.catalogue import LANGUAGES
from texts.pictures import told


async def posted(stage: Stage, links: int) -> Outcome:
    return await stage.messenger.post(GROUP, Digest(week_of(links)), "digest:2026-W47")


def kinds(request: dict[str, object]) -> list[str]:
    return [block["type"] for block in request["blocks"]]  # type: ignore[index,attr-defined] # recorded JSON


@pytest.fixture
async def present(stage: Stage) -> Stage:
    await stage.slack.invite_bot("ada", ROOM)
    stage.breathe()
    return stage


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("gate", list(Gate))
@pytest.mark.parametrize("links", [1, 2, 3, 5, 8])
def test_every_figure_of_the_chart_is_in_the_words_and_read_aloud(language, gate, links):
    words, edition = TEXTS.speak(language), week_of(links, gate, language)
    said = editions.digest(edition, words, "member-1")
    assert (words.say("chart.by_day.frozen") in said.text) == is_full(edition)
    if is_full(edition):
        assert all(
            re.search(rf"(?<!\d){figure}(?!\d)", said.text) for figure in re.findall(r"\d+", told(edition, words))
        )


async def test_a_week_of_three_links_has_slack_s_own_chart(present: Stage) -> None:
    outcome = await posted(present, 3)
    assert outcome == Sent(present.latest()["id"])
    [call] = [call for call in present.calls_of("chat.postMessage") if "data_visualization" in kinds(call)]
    assert kinds(call)[0] == "header"


async def test_a_week_of_two_links_is_told_in_short(present: Stage) -> None:
    await posted(present, 2)
    assert not any("data_visualization" in kinds(call) for call in present.calls_of("chat.postMessage"))


async def test_where_slack_knows_no_charts_the_digest_is_posted_once_in_words(present: Stage) -> None:
    present.slack._platform.charts = False
    before = len(present.messages())
    outcome = await posted(present, 3)
    assert outcome == Sent(present.latest()["id"])
    assert len(present.messages()) == before + 1
    assert await present.messenger.find(GROUP, "digest:2026-W47") == present.latest()["id"]


async def test_another_refusal_is_not_followed_by_a_second_attempt(present: Stage) -> None:
    present.slack.fail_next("chat.postMessage", "is_archived")
    before = len(present.calls_of("chat.postMessage"))
    assert await posted(present, 3) == Refused("is_archived")
    assert len(present.calls_of("chat.postMessage")) == before + 1


async def test_why_is_told_to_the_asker_alone_and_stays_as_it_was_frozen(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    await stage.share("bruno", "https://pages.example/x")
    stage.breathe(days=7)
    await stage.house.services.digests.tick()
    await stage.work()
    edition = await stage.house.services.digests.latest(GROUP)
    assert edition is not None
    chosen = f"why {edition.week} {edition.entries[0].link}"
    digest = stage.with_button("entry")
    for waited in (timedelta(0), timedelta(days=2)):
        stage.clock.advance(waited)
        await stage.slack.press("chloe", ROOM, digest["id"], "entry-1/entry", option=chosen)
        assert "Pourquoi est-ce ici" in stage.latest("chloe")["html"]
        assert "Score 3" in stage.latest("chloe")["html"]
        assert "Pourquoi est-ce ici" not in stage.latest("bruno")["html"]


async def a_posted_digest(stage: Stage, *links: str) -> str:
    """Bruno shared these, Chloé the first one too; their digest is there. The first link's message."""
    await stage.switch_on()
    await stage.opt_in("bruno")
    await stage.opt_in("chloe")
    first = await stage.share("bruno", links[0])
    for each in links[1:]:
        await stage.share("bruno", each)
    await stage.share("chloe", f"again {links[0]}")
    await stage.slack.react("ada", ROOM, first, "tada")
    await stage.slack.react("chloe", ROOM, first, "tada")
    await stage.slack.react("chloe", ROOM, first, "eyes")
    stage.breathe(days=7)
    await stage.house.services.digests.tick()
    await stage.work()
    return first


PAGES = ("https://pages.example/x", "https://other.example/y", "https://third.example/z")


async def test_reactions_are_counted_by_people_and_nobody_is_kept(stage: Stage) -> None:
    await a_posted_digest(stage, *PAGES)
    edition = await stage.house.services.digests.latest(GROUP)
    assert edition is not None
    assert [each.reactions for each in edition.entries] == [2, 0, 0]
    assert stage.state.reactions == {}


async def test_a_link_leads_to_its_conversation_while_that_is_there(stage: Stage) -> None:
    first = await a_posted_digest(stage, *PAGES)
    link = f"/archives/{ROOM}/p{first.replace('.', '')}"
    assert link in stage.with_button("entry")["html"]
    edition = await stage.house.services.digests.latest(GROUP)
    assert first not in repr(edition)


async def test_a_link_handed_over_leads_to_its_card_and_asks_slack_for_nothing_that_never_was(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("dev")
    await stage.slack.command("dev", ROOM, "/links", "share https://pages.example/handed")
    await stage.work()
    card = stage.with_button("undo")["id"]
    await stage.share("dev", "https://other.example/y")
    stage.breathe(days=7)
    await stage.house.services.digests.tick()
    await stage.work()
    assert f"/archives/{ROOM}/p{card.replace('.', '')}" in stage.with_button("entry")["html"]
    asked = stage.traffic.calls(method="chat.getPermalink", direction="to_platform")
    assert len(asked) == 2
    assert all(call.ok for call in asked)


async def test_a_share_that_is_taken_out_is_taken_out_of_the_posted_digest_too(stage: Stage) -> None:
    await a_posted_digest(stage, *PAGES)
    edition = await stage.house.services.digests.latest(GROUP)
    assert edition is not None
    digest, before = stage.with_button("entry"), len(stage.messages())
    for number, entry in reversed(list(enumerate(edition.entries, start=1))):
        chosen = f"remove {edition.week} {entry.link}"
        await stage.slack.press("bruno", ROOM, digest["id"], f"entry-{number}/entry", option=chosen)
        stage.breathe()
        await stage.work()
    html = stage.with_button("digest_all")["html"]
    assert "other.example" not in html
    assert "pages.example" in html
    assert len(stage.messages()) == before
    assert await stage.messenger.find(GROUP, f"digest:{edition.week}") == digest["id"]
    revised = await stage.house.services.digests.latest(GROUP)
    assert revised is not None
    assert (revised.shares, len(revised.entries)) == (1, 1)


async def test_a_deleted_message_leaves_the_posted_digest(stage: Stage) -> None:
    first = await a_posted_digest(stage, *PAGES)
    await stage.slack.remove("bruno", ROOM, first)
    await stage.work()
    await stage.work()
    edition = await stage.house.services.digests.latest(GROUP)
    assert edition is not None
    assert [each.shares for each in edition.entries] == [1, 1, 1]
    assert "3 shares" in stage.with_button("entry")["html"]


async def test_somebody_else_takes_nothing_out(stage: Stage) -> None:
    await a_posted_digest(stage, *PAGES)
    edition = await stage.house.services.digests.latest(GROUP)
    assert edition is not None
    chosen = f"remove {edition.week} {edition.entries[0].link}"
    await stage.slack.press("ada", ROOM, stage.with_button("entry")["id"], "entry-1/entry", option=chosen)
    await stage.work()
    assert await stage.house.services.digests.latest(GROUP) == edition


async def test_all_links_are_listed_in_a_modal(stage: Stage) -> None:
    await a_posted_digest(stage, *PAGES)
    await stage.slack.press("chloe", ROOM, stage.with_button("digest_all")["id"], "digest_all")
    modal = stage.slack.snapshot("chloe")["modal"]
    assert all(page.partition("//")[2].partition("/")[0] in str(modal) for page in PAGES)


async def test_the_settings_open_for_an_admin(stage: Stage) -> None:
    await a_posted_digest(stage, *PAGES)
    await stage.slack.press("ada", ROOM, stage.with_button("digest_settings")["id"], "digest_settings")
    assert stage.slack.snapshot("ada")["modal"] is not None


async def test_where_charts_are_unknown_a_picture_is_uploaded_with_all_it_shows_in_words(present: Stage) -> None:
    present.slack._platform.charts = False
    known = await present.installs.of(WORKSPACE)
    assert known is not None
    object.__setattr__(known, "scopes", known.scopes | {"files:write"})
    outcome = await posted(present, 3)
    assert outcome == Sent(present.latest()["id"])
    [image] = [block for block in present.calls_of("chat.postMessage")[-1]["blocks"] if block["type"] == "image"]
    assert image["alt_text"].split() == told(week_of(3), TEXTS.speak("en")).split()


async def test_an_edited_digest_keeps_a_picture_where_charts_are_unknown(present: Stage) -> None:
    present.slack._platform.charts = False
    known = await present.installs.of(WORKSPACE)
    assert known is not None
    object.__setattr__(known, "scopes", known.scopes | {"files:write"})
    outcome = await posted(present, 3)
    assert isinstance(outcome, Sent)
    edition = week_of(3)
    gone = Brought(edition.entries[0].link, edition.week, edition.entries[0].first_shared_at)
    revision = Revision(without(edition, gone, "UTC"), posted=outcome.remote_id)
    present.breathe()
    assert await present.messenger.post(GROUP, revision, "revision:2026-W47:1") == outcome
    last = present.calls_of("chat.update")[-1]
    assert "image" in kinds(last)
    assert last["text"] != present.calls_of("chat.postMessage")[-1]["text"]


async def test_after_three_quiet_digests_whoever_made_the_channel_is_asked_alone(present: Stage) -> None:
    outcome = await present.messenger.post(GROUP, Question("en", "Lecture"), "question:2026-W47")
    assert isinstance(outcome, Sent | Refused)
    told_all = [viewer for viewer in ("ada", "bruno", "chloe") if "Lecture" in present.latest(viewer)["html"]]
    assert len(told_all) <= 1


def charts(stage: Stage, method: str) -> list[dict[str, object]]:
    """Slack's own charts, in the order they were sent."""
    calls = stage.calls_of(method)
    return [block for call in calls for block in call["blocks"] if block["type"] == "data_visualization"]


async def test_who_asks_for_the_digest_sees_it_with_its_chart_and_nobody_else_does(stage: Stage) -> None:
    await a_posted_digest(stage, *PAGES)
    before = stage.messages("bruno")
    await stage.slack.command("chloe", ROOM, "/links", "digest")
    assert "Les liens de la semaine" in stage.latest("chloe")["html"]
    assert stage.messages("bruno") == before
    assert len(charts(stage, "chat.postEphemeral")) == 1
    assert len([each for each in stage.messages("chloe") if "Les liens de la semaine" in each["html"]]) == 1


async def test_where_slack_knows_no_charts_the_asker_gets_the_words(stage: Stage) -> None:
    await a_posted_digest(stage, *PAGES)
    stage.slack._platform.charts = False
    await stage.slack.command("chloe", ROOM, "/links", "digest")
    assert len([each for each in stage.messages("chloe") if "Les liens de la semaine" in each["html"]]) == 1


async def test_before_anything_was_shared_an_admin_sees_a_sample_with_its_chart(stage: Stage) -> None:
    await stage.switch_on()
    before = stage.messages("bruno")
    await stage.slack.command("ada", ROOM, "/links", "preview")
    shown = stage.latest("ada")
    assert "A sample: nothing was shared" in shown["html"]
    assert "How a letter travels in a day" in shown["html"]
    assert shown["buttons"] == []
    [chart] = charts(stage, "chat.postEphemeral")
    assert chart["title"] == "Shares by day (sample)"
    assert stage.messages("bruno") == before


async def test_a_member_sees_no_draft(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.command("dev", ROOM, "/links", "preview")
    assert "Only an admin" in stage.latest("dev")["html"]


async def test_an_admin_may_look_at_it_before_switching_the_channel_on(present: Stage) -> None:
    await present.slack.command("ada", ROOM, "/links", "preview")
    assert "A sample: nothing was shared" in present.latest("ada")["html"]


async def test_where_nothing_is_kept_there_is_no_draft(stage: Stage) -> None:
    await stage.slack.command("ada", ROOM, "/links", "preview")
    assert "A sample" not in stage.latest("ada")["html"]
