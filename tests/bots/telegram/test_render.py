"""What we post holds Telegram's limits and is valid HTML, whatever a page says about itself."""

from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.telegram import editions, render
from bots.telegram.asides import ALERT_AT_MOST
from bots.telegram.keyboards import Keyboards
from bots.telegram.menu import menus
from bots.telegram.render import MESSAGE_AT_MOST
from bots.telegram.seals import Seal
from core.facts import Found
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
    Offer,
    Platform,
    Preview,
    Week,
)
from core.ranking import Terms
from texts.catalogue import LANGUAGES, Texts
from texts.operator import Operator

TEXTS = Texts.load()
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LONG = "https://long.example/" + "x" * 4000
HOSTILE = st.one_of(
    st.none(),
    st.text(max_size=600),
    st.sampled_from(
        [
            "</a></b><script>",
            '"><a href="https://evil.example">',
            "&amp;&lt;",
            "\u202egnp.exe\u2066",
            "🚀" * 400,
            "e\u0301" * 400,
            "\ud800",
            "\x00\n\r\t",
            "👩‍👩‍👧‍👦" * 60,
            "مرحبا " * 100,
        ]
    ),
)
URLS = st.sampled_from(["https://a.example/1", 'https://a.example/?q="<b>&x=1', LONG])
PREVIEWS = st.one_of(
    st.none(),
    st.builds(
        Preview,
        final_url=URLS,
        site=st.sampled_from(["a.example", "other.example", "x" * 250]),
        title=HOSTILE,
        description=HOSTILE,
        published=st.one_of(st.none(), st.dates()),
        noindex=st.booleans(),
    ),
)
FACT_CHECKS = st.builds(
    FactCheck,
    author=HOSTILE.map(str),
    rating=HOSTILE.map(str),
    url=URLS,
    site=HOSTILE.map(str),
    claim=HOSTILE.map(str),
    reviewed=st.one_of(st.none(), st.dates()),
)
CARD_LINKS = st.builds(
    CardLink,
    link=st.just(LinkId("l")),
    url=URLS,
    short_url=st.just("https://s.example/0000000000000001"),
    site=st.sampled_from(["a.example", "x" * 250]),
    removed=st.lists(st.one_of(st.just("utm_source"), st.text(max_size=60)), max_size=40).map(tuple),
    preview=PREVIEWS,
)
CARDS = st.builds(
    Card,
    account=st.just(Account("5")),
    message=st.just("7"),
    links=st.lists(CARD_LINKS, min_size=1, max_size=2).map(tuple),
    language=st.sampled_from(LANGUAGES),
)
ENTRIES = st.builds(
    Entry,
    link=st.just(LinkId("l")),
    title=HOSTILE.map(lambda title: title or ""),
    site=st.sampled_from(["a.example", "x" * 250]),
    url=URLS,
    short_url=st.just("https://s.example/0000000000000001"),
    shares=st.integers(min_value=1, max_value=10**6),
    clicks=st.one_of(st.none(), st.integers(min_value=-50, max_value=10**6)),
    first_shared_at=st.just(NOW),
    terms=st.just(Terms(1.0, 0.0, 0.0, 1.0)),
)
EDITIONS = st.builds(
    Edition,
    group=st.just(GroupId("g")),
    week=st.just(Week("2026-W47")),
    language=st.sampled_from(LANGUAGES),
    entries=st.lists(ENTRIES, min_size=1, max_size=12).map(tuple),
    others=st.lists(ENTRIES, max_size=3).map(tuple),
    shares=st.integers(min_value=1, max_value=10**6),
    clicks=st.one_of(st.none(), st.integers(min_value=-50, max_value=10**6)),
    shares_by_day=st.just((1, 0, 0, 0, 0, 0, 0)),
    frozen_at=st.just(NOW),
)


class Reader(HTMLParser):
    """Reads as Telegram does: only known tags, properly nested; collects what is visible."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.visible = ""
        self.open: list[str] = []
        self.hrefs: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"a", "b", "i"}
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else [])
        self.hrefs += [value or "" for _, value in attrs]
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.visible += data


def read(html: str) -> Reader:
    reader = Reader(html)
    assert 0 < render.utf16_length(reader.visible) <= MESSAGE_AT_MOST
    assert "\u202e" not in reader.visible
    return reader


@given(CARDS)
def test_a_card_fits_and_offers_both_addresses(card: Card) -> None:
    words = TEXTS.speak(card.language)
    reader = read(render.card(card, words, TODAY))
    for each in card.links:
        assert each.url in reader.hrefs
        assert each.short_url in reader.hrefs
        assert each.short_url in reader.visible


@given(st.lists(FACT_CHECKS, max_size=3).map(tuple), HOSTILE.map(str), st.sampled_from(LANGUAGES))
def test_a_fact_check_is_given_in_its_author_s_words_with_its_address(
    checks: tuple[FactCheck, ...], title: str, language: str
) -> None:
    reader = read(render.fact_checks(Found(title, checks), TEXTS.speak(language)))
    assert reader.hrefs == [each.url for each in checks]
    assert all(render.plain(each.rating, 160) in reader.visible for each in checks)


@given(EDITIONS)
def test_a_digest_fits_and_gives_every_number_in_words(edition: Edition) -> None:
    words = TEXTS.speak(edition.language)
    reader = read(editions.digest(edition, words))
    assert reader.hrefs == [each.short_url for each in edition.entries[:10]]
    hidden = len(edition.entries) + len(edition.others) - len(reader.hrefs)
    assert (words.count("digest.more", hidden) in reader.visible) == (hidden > 0)


@given(HOSTILE.map(lambda text: text or ""), st.integers(min_value=2, max_value=300))
def test_a_stranger_s_text_is_one_line_and_cut_between_characters(text: str, at_most: int) -> None:
    line = render.plain(text, at_most)
    assert render.utf16_length(line) <= at_most
    assert "\n" not in line
    line.encode()


def test_a_card_tells_what_is_known_of_a_page() -> None:
    preview = Preview(
        "https://b.example/x",
        "b.example",
        title="Title",
        description="Text",
        published=date(2024, 11, 22),
        noindex=True,
    )
    link = CardLink(
        LinkId("l"), "https://a.example/1", "https://s.example/c", "a.example", ("utm_source", "fbclid"), preview
    )
    card = Card(Account("5"), "7", (link,), "en")
    assert read(render.card(card, TEXTS.speak("en"), TODAY)).visible.split("\n") == [
        "Title",
        "Text",
        (
            "a.example · Leads to another site: b.example · Published November 22, 2024 · More than two years old"
            " · Asks search engines to leave it out"
        ),
        "Removed 2 trackers: utm_source, fbclid",
        "Counted link: https://s.example/c",
    ]


def test_a_card_without_a_preview_says_so_and_shows_the_address() -> None:
    link = CardLink(LinkId("l"), "https://a.example/1", "https://s.example/c", "a.example")
    card = Card(Account("5"), "7", (link,), "fr")
    lines = read(render.card(card, TEXTS.speak("fr"), TODAY)).visible.split("\n")
    assert lines[:3] == ["https://a.example/1", "Aucun aperçu n’a pu être obtenu de cette page.", "a.example"]


@pytest.mark.parametrize(
    ("published", "old"),
    [(date(2024, 11, 23), False), (date(2024, 11, 22), True), (date(2026, 11, 23), False), (date(1, 1, 1), True)],
)
def test_a_page_is_old_after_two_years(published: date, *, old: bool) -> None:
    assert render.is_old(published, TODAY) is old


def test_a_leap_day_grows_old_on_the_first_of_march() -> None:
    assert not render.is_old(date(2024, 2, 29), date(2026, 2, 28))
    assert render.is_old(date(2024, 2, 29), date(2026, 3, 1))


@given(CARDS)
def test_buttons_offer_the_plain_address_and_the_tracked_one_side_by_side(card: Card) -> None:
    keyboard = Keyboards(Seal(b"k")).card(card, "-1002847160935", TEXTS.speak(card.language))
    *ways, last = keyboard.inline_keyboard
    assert [button.url for button in last] == [None] * 3
    ways = [row for row in ways if row[0].url]
    assert len(ways) == len(card.links)
    for row, each in zip(ways, card.links, strict=True):
        expected = [each.url, each.short_url] if len(each.url) <= 2048 else [each.short_url]
        assert [button.url for button in row] == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_to_a_tap_fits_into_an_alert(language: str) -> None:
    words = TEXTS.speak(language)
    alerts = [each for each in words.texts if each.partition(".")[0] in {"error", "member", "state"}]
    for text_id in [*alerts, "telegram.start_first", "telegram.deaf"]:
        text = words.texts[text_id]
        assert isinstance(text, str)
        assert len(text) <= ALERT_AT_MOST, text_id


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_words_fit_and_are_escaped(language: str) -> None:
    words, operator = TEXTS.speak(language), Operator("<Ana & Co>", "ana@x.example", "https://s.example/privacy")
    address = GroupAddress(Platform.TELEGRAM, "", "-1")
    group = Group(GroupId("g"), address, GroupState.ENABLED, NOW, next_digest=NOW)
    assert "<Ana & Co>" in read(render.onboarding(operator, words)).visible
    assert "ana@x.example" in read(render.privacy(operator, words)).visible
    offer = Offer(language, NOW, "UTC")
    assert "09:00" in read(render.notice(offer, words)).visible
    assert words.say("state.enabled") in read(render.notice(replace(offer, next_digest=None), words)).visible
    unscheduled = replace(group, next_digest=None)
    assert render.no_digest(unscheduled, words) == render.no_digest(None, words)


def test_a_menu_holds_telegram_s_limits() -> None:
    for menu in menus(TEXTS):
        assert 0 < len(menu.commands) <= 100
        assert all(1 <= len(command.description) <= 256 for command in menu.commands)
