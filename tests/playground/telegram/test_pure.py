from datetime import UTC, datetime, timedelta
from html import escape, unescape
from html.parser import HTMLParser

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.telegram.entities import Entity, find_entities, stripped, utf16_length, utf16_slice, with_found
from playground.telegram.errors import ApiError
from playground.telegram.forms import read_body
from playground.telegram.images import blank_png, size_of
from playground.telegram.limits import Pace, SendLimits
from playground.telegram.markup import MarkupError, parse_html, valid_link
from playground.telegram.safe_html import safe_html

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PIECES = [*"abc .:/@#$&<>\"'()?=-_\n👩🚀é", "https://", "example.com", "/x", "<b>", "</b>", "<a href=", "&lt;"]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.characters(codec="utf-8")), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see example.com/x, ok", [("url", "example.com/x")]),
        ("👩‍🚀 https://a.example/x(y)) ", [("url", "https://a.example/x(y)")]),
        ("(http://127.0.0.1:8080/a?b=1)!", [("url", "http://127.0.0.1:8080/a?b=1")]),
        ("http://localhost:8080/x and file.txt and a.b", []),
        ("example.comfoo foo/bar.com", [("url", "bar.com")]),
        ("xhttp://foo.com tg://foo.com", []),
        ("https://u:p@ex.org:99999/ end.", [("url", "https://u:p@ex.org")]),
        ("HTTPS://EXAMPLE.ORG?q#f;", [("url", "HTTPS://EXAMPLE.ORG?q#f")]),
        ("write a@b.com", [("email", "a@b.com")]),
        ("/start@penumbra_bot hi /no/path", [("bot_command", "/start@penumbra_bot")]),
        ("@ada_l #tag #42 $USD @abc", [("mention", "@ada_l"), ("hashtag", "#tag"), ("cashtag", "$USD")]),
        ("https://é.fr/è?x=ü пример.рф", [("url", "https://é.fr/è?x=ü"), ("url", "пример.рф")]),
    ],
)
def test_what_telegram_sees_in_a_text(text: str, found: list[tuple[str, str]]) -> None:
    entities = find_entities(text)
    assert [(entity.type, utf16_slice(text, entity.offset, entity.length)) for entity in entities] == found


@given(TEXTS)
def test_found_entities_lie_inside_and_never_overlap(text: str) -> None:
    end = 0
    for entity in find_entities(text):
        assert entity.offset >= end
        assert entity.length > 0
        end = entity.end
    assert end <= utf16_length(text)


@given(TEXTS)
def test_an_escaped_text_is_read_back_as_it_was(text: str) -> None:
    assert parse_html(escape(text, quote=False)) == (text, ())


@given(TEXTS, TEXTS, st.sampled_from(["b", "i", "u", "s", "code", "pre", "blockquote", "tg-spoiler"]))
def test_a_tag_covers_exactly_what_stands_in_it(before: str, inside: str, tag: str) -> None:
    text, entities = parse_html(f"{escape(before)}<{tag}>{escape(inside)}</{tag}>!")
    assert text == f"{before}{inside}!"
    assert [utf16_slice(text, entity.offset, entity.length) for entity in entities] == ([inside] if inside else [])


@given(TEXTS)
def test_any_text_is_parsed_or_refused_in_words(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except MarkupError:
        return
    assert all(0 <= entity.offset < entity.end <= utf16_length(text) for entity in entities)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é<p>x</p>", 'Unsupported start tag "p" at byte offset 2'),
        ("</b>", "Unexpected end tag at byte offset 0"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<a href=x", "Unclosed start tag at byte offset 0"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a =x>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a ", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href=x!>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b x>y</b>", 'Expected equal sign in declaration of an attribute of the tag "b" at byte offset 0'),
    ],
)
def test_markup_is_refused_in_the_servers_words(source: str, words: str) -> None:
    with pytest.raises(MarkupError) as refused:
        parse_html(source)
    assert str(refused.value) == words


def test_the_arguments_of_tags() -> None:
    assert parse_html('<pre><code class="language-py">x</code></pre>')[1] == (Entity("pre", 0, 1, language="py"),)
    assert parse_html('<span class="tg-spoiler">x</span>')[1] == (Entity("spoiler", 0, 1),)
    assert parse_html("<blockquote expandable>x</blockquote>")[1] == (Entity("expandable_blockquote", 0, 1),)
    assert parse_html("<a href='example.org?a=1&amp;b'>x</a>")[1] == (
        Entity("text_link", 0, 1, url="http://example.org?a=1&b"),
    )
    assert parse_html("<a>example.org</a>")[1] == (Entity("text_link", 0, 11, url="http://example.org/"),)
    assert parse_html("<a href='http://localhost/'>x</a>")[1] == ()
    assert parse_html("&lt;&#65;&#x1F600;&nbsp;&#0;")[0] == "<A😀&nbsp;&#0;"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://localhost", "http://", "http://a b.c", "http://[::1", "x"]
)
def test_what_is_no_link(url: str) -> None:
    assert valid_link(url) is None


def test_links_in_code_stay_code() -> None:
    text, explicit = parse_html("<code>a.com</code> b.com <b>c.c</b>om")
    assert [entity.type for entity in with_found(text, explicit)] == ["code", "url", "url", "bold"]


@given(TEXTS, st.integers(0, 30), st.integers(1, 30))
def test_trimming_keeps_entities_on_their_words(text: str, offset: int, length: int) -> None:
    trimmed, entities = stripped(text, [Entity("bold", offset, length)])
    assert trimmed == text.strip()
    for entity in entities:
        assert 0 <= entity.offset < entity.end <= utf16_length(trimmed)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.text.append("\n")
            return
        self.open.append(tag)
        if tag == "a":
            values = dict(attrs)
            assert values["rel"] == "noopener noreferrer"
            self.links.append(values["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


_KINDS = st.sampled_from(["bold", "italic", "code", "url", "text_link", "spoiler", "email", "unheard_of"])
_LINKS = st.sampled_from(["https://example.org/?a&b", "javascript:alert(1)", 'https://a.b/"><script>', None])


@given(TEXTS, st.lists(st.builds(Entity, _KINDS, st.integers(0, 40), st.integers(1, 40), _LINKS), max_size=5))
def test_any_message_renders_as_well_formed_html_that_says_the_same(text: str, entities: list[Entity]) -> None:
    inside = [entity for entity in entities if entity.end <= utf16_length(text)]
    page = _Page()
    html = safe_html(text, inside)
    page.feed(html)
    page.close()
    assert page.open == []
    assert all(link.startswith(("http://", "https://", "mailto:")) for link in page.links)
    assert "<script" not in html
    if not any("\ud800" <= char <= "\udfff" or char in "\r\x00" or char > "\uffff" for char in text):
        assert "".join(page.text) == unescape(escape(text))


@given(st.dictionaries(st.text("abc", min_size=1), TEXTS, max_size=4), st.binary(max_size=200))
def test_forms_are_read_as_the_client_wrote_them(fields: dict[str, str], content: bytes) -> None:
    files = {"photo": ("a.png", content, "image/png")}
    for request in (
        httpx.Request("POST", "http://x", data=fields, files=files),
        httpx.Request("POST", "http://x", data=fields),
        httpx.Request("POST", "http://x", json=fields),
    ):
        read, uploads = read_body(request.headers.get("content-type", ""), request.read())
        assert read == fields
        assert [upload.content for upload in uploads.values()] in ([], [content])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b"--x\r\nno headers\r\n--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nno end"),
        ("", b"a=%FF"),
    ],
)
def test_bodies_that_are_not_what_they_claim(kind: str, body: bytes) -> None:
    with pytest.raises(ApiError, match="Bad Request"):
        read_body(kind, body)


def test_images_tell_their_size() -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x11\x08\x00\x10\x00\x20"
    assert size_of(blank_png(7, 9)) == (7, 9)
    assert size_of(jpeg) == (32, 16)
    assert size_of(b"GIF89a") is None
    assert size_of(b"\xff\xd8") is None


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60))
def test_no_more_than_twenty_messages_a_minute_ever_reach_a_group(pauses: list[float]) -> None:
    clock = [NOW]
    limits = SendLimits(lambda: clock[0], Pace())
    sent: list[datetime] = []
    for pause in pauses:
        clock[0] += timedelta(seconds=pause)
        try:
            limits.charge(-1, is_group=True)
        except ApiError as refused:
            clock[0] += timedelta(seconds=refused.parameters["retry_after"])
            limits.charge(-1, is_group=True)
        sent.append(clock[0])
    for moment in sent:
        assert sum(moment <= other < moment + timedelta(minutes=1) for other in sent) <= 20


def test_thirty_a_second_over_all_chats() -> None:
    limits = SendLimits(lambda: NOW, Pace())
    for chat in range(30):
        limits.charge(chat, is_group=False)
    with pytest.raises(ApiError, match="Too Many Requests: retry after 1"):
        limits.charge(99, is_group=False)
