"""Our words into Slack's blocks: within every limit, and harmless whatever a page calls itself."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from bots.slack import editions, render
from core.facts import Found
from core.links import PageBehind
from core.model import (
    Account,
    Card,
    CardLink,
    Edition,
    Entry,
    FactCheck,
    Group,
    GroupAddress,
    GroupId,
    GroupState,
    LinkId,
    Platform,
    Preview,
    Week,
)
from core.ranking import Candidate, choose
from playground.slack.blocks import check_blocks
from tests.playground.slack_contract import check_call
from texts.catalogue import Texts, Words
from texts.operator import Operator

TEXTS = Texts.load()
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OPERATOR = Operator("<!channel> & Co", "it@gazette.example", "https://s.example/privacy")
GROUP = Group(
    GroupId("g"),
    GroupAddress(Platform.SLACK, "T1", "C1"),
    GroupState.ENABLED,
    MONDAY,
    next_digest=MONDAY,
)
TERMS = choose([Candidate("h", "pages.example", 1, 0, None, MONDAY)], MONDAY, 1)[0].terms
TRAPS = [
    "<!channel>",
    "<@U1>",
    "&" * 400,
    "<" * 400,
    "*bold*",
    "<https://evil.example|pages.example>",
    "@here #general",
]
HOSTILE = st.sampled_from(TRAPS) | st.text(
    alphabet=st.characters() | st.sampled_from("<>&|*_~`\n\u202e\u2066@#!"), max_size=400
)
URLS = st.text(alphabet="abc&<>|%/?=", max_size=2500).map(lambda tail: f"https://pages.example/{tail}")
WORDS = st.sampled_from([TEXTS.speak("en"), TEXTS.speak("fr")])
LINKS = st.builds(
    CardLink,
    link=st.just(LinkId("l")),
    url=URLS,
    short_url=st.just("https://s.example/ABCDEFGHIJKLMNOP"),
    site=HOSTILE,
    removed=st.lists(HOSTILE, max_size=5).map(tuple),
    preview=st.none()
    | st.builds(
        Preview,
        final_url=URLS,
        site=HOSTILE,
        title=HOSTILE,
        description=HOSTILE,
        published=st.none() | st.dates(date(1970, 1, 1), date(2026, 12, 31)),
        noindex=st.booleans(),
    ),
    checkable=st.booleans(),
)
FACT_CHECKS = st.builds(
    FactCheck,
    author=HOSTILE,
    rating=HOSTILE,
    url=URLS,
    site=HOSTILE,
    claim=HOSTILE,
    reviewed=st.none() | st.dates(),
)
ENTRIES = st.builds(
    Entry,
    link=st.just(LinkId("l")),
    title=HOSTILE,
    site=HOSTILE,
    url=URLS,
    short_url=st.just("https://s.example/ABCDEFGHIJKLMNOP"),
    shares=st.integers(1, 10_000),
    clicks=st.none() | st.integers(-5, 500),
    first_shared_at=st.just(MONDAY),
    terms=st.just(TERMS),
)


def check(said: render.Said) -> None:
    check_blocks(list(said.blocks))
    check_call("chat.postMessage", {"channel": "C1", **said.fields()})
    assert 0 < len(said.text) <= 4000
    whole = json.dumps([said.text, *said.blocks], ensure_ascii=False)
    assert not re.search(r"<[!@#]", whole), "a mention is left"
    assert "\u202e" not in whole


@given(st.lists(LINKS, min_size=1, max_size=2).map(tuple), WORDS)
def test_a_card_is_valid_for_whatever_a_page_says_of_itself(links: tuple[CardLink, ...], words: Words) -> None:
    said = render.card(Card(Account("U1"), "1.000001", links, "en"), words, MONDAY.date())
    check(said)
    assert not any(text.endswith("…") and "<" in text.rpartition("\n")[2] for text in sections(said))
    for link in links:
        assert link.short_url in said.text
        assert any(link.short_url in text for text in sections(said))


@given(st.lists(FACT_CHECKS, max_size=3).map(tuple), HOSTILE, WORDS)
def test_a_fact_check_is_valid_whatever_it_says(checks: tuple[FactCheck, ...], title: str, words: Words) -> None:
    said = render.fact_checks(Found(title, checks), words)
    check(said)
    assert len(sections(said)) == (1 + len(checks))


def sections(said: render.Said) -> list[str]:
    return [block["text"]["text"] for block in said.blocks if block["type"] == "section"]


@given(st.lists(ENTRIES, max_size=12).map(tuple), st.lists(ENTRIES, max_size=3).map(tuple), WORDS)
def test_a_digest_is_valid_for_whatever_was_shared(
    entries: tuple[Entry, ...], others: tuple[Entry, ...], words: Words
) -> None:
    days = (0,) * 7
    edition = Edition(GROUP.id, Week("2026-W47"), "en", entries, others, 3, None, days, MONDAY)
    check(editions.digest(edition, words, "member-1"))


@given(st.tuples(*[st.integers(0, 10**6)] * 7), ENTRIES, WORDS)
def test_a_chart_and_a_reason_are_valid_for_whatever_was_shared(
    days: tuple[int, ...], each: Entry, words: Words
) -> None:
    edition = Edition(GROUP.id, Week("2026-W47"), "en", (each,), (), sum(days), None, days, MONDAY)
    check(editions.with_chart(editions.digest(edition, words, "member-1"), edition, words))
    check(editions.why(each, words))


@given(st.lists(URLS, min_size=1, max_size=2), WORDS)
def test_what_is_left_of_a_card_is_valid(urls: list[str], words: Words) -> None:
    said = render.undone(urls, words)
    check(said)
    assert not said.text.endswith("…")


def test_standing_messages_are_valid_in_every_language() -> None:
    for language in ("en", "fr"):
        words = TEXTS.speak(language)
        for said in (
            render.onboarding(words, OPERATOR),
            render.notice(words.say("notice.member-1"), words, "member-1"),
            render.enabled(GROUP, words),
            render.no_digest(None, words),
            render.no_digest(GROUP, words),
            render.privacy(words, OPERATOR),
            render.said(words.say("slack.help")),
        ):
            check(said)


def test_each_purpose_can_be_refused_on_its_own() -> None:
    buttons = render.member_buttons(TEXTS.speak("en"), "member-1")["elements"]
    assert [each["action_id"] for each in buttons] == ["member_yes", "member_shares", "member_no"]


def test_a_page_grows_old_after_two_years() -> None:
    assert not render.is_old(date(2024, 11, 23), date(2026, 11, 23))
    assert render.is_old(date(2024, 11, 22), date(2026, 11, 23))
    assert render.is_old(date(2024, 2, 29), date(2026, 3, 1))


def test_a_card_says_what_it_knows_about_a_page() -> None:
    preview = Preview("https://other.example/x", "other.example", "Title", published=date(2020, 1, 2), noindex=True)
    link = CardLink(LinkId("l"), "https://a.example/x", "https://s.example/C", "a.example", ("fbclid",), preview)
    said = render.card(Card(Account("U"), "1.0", (link,), "en"), TEXTS.speak("en"), MONDAY.date())
    [small] = [block["elements"][0]["text"] for block in said.blocks if block["type"] == "context"]
    expected = ["a.example", "Leads to another site: other.example", "Published January 2, 2020"]
    expected += ["More than two years old", "Asks search engines to leave it out", "Removed 1 tracker: fbclid"]
    assert small.split(" · ") == expected


def test_buttons_of_two_links_are_told_apart_when_read_aloud() -> None:
    links = tuple(
        CardLink(LinkId(name), f"https://a.example/{name}", f"https://s.example/{name}", "a.example", (), preview)
        for name, preview in (
            ("x", Preview("https://a.example/x", "a.example", "The\u202eold bridge " + "again " * 30)),
            ("y", None),
        )
    )
    for language, first in (("en", "Open – The old bridge"), ("fr", "Ouvrir – The old bridge")):
        said = render.card(Card(Account("U"), "1.0", links, language), TEXTS.speak(language), MONDAY.date())
        aloud = [
            each["accessibility_label"] for row in said.blocks if row["type"] == "actions" for each in row["elements"]
        ]
        assert len(set(aloud)) == len(aloud) == 5
        assert aloud[0].startswith(first)
        assert aloud[2].endswith("https://a.example/y")
        assert max(map(len, aloud)) <= render.LABEL_AT_MOST
        check(said)


def test_what_a_short_link_leads_to_says_what_is_known_and_no_more() -> None:
    words = TEXTS.speak("en")
    bare = PageBehind("https://a.example/x", "a.example", None)
    leads = "Leads to a.example: <https://a.example/x|https://a.example/x>"
    assert [block["text"]["text"] for block in render.leads_to(bare, words, MONDAY.date())] == [leads]
    preview = Preview("https://b.example/", "b.example", "T", "D", published=date(2020, 1, 2))
    about, small = render.leads_to(replace(bare, preview=preview), words, MONDAY.date())
    assert about["text"]["text"] == f"*<https://a.example/x|T>*\nD\n{leads}"
    expected = "Leads to another site: b.example · Published January 2, 2020 · More than two years old"
    assert small["elements"][0]["text"] == expected
