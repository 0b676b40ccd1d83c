"""The parts of the reader, each for what only it can get wrong."""

import json
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.web.unfurl.hostile import BODIES
from web.unfurl import authors, jsonld, markup, oembed, picker, scripts, tidy, titles
from web.unfurl.parse import parse
from web.unfurl.picker import pick

URL = "https://www.dailything.example/2024/02/03/a"


def page(head: str, body: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


@pytest.mark.parametrize("name", BODIES)
def test_no_body_is_looked_at_more_than_a_bounded_number_of_times(name: str) -> None:
    body = BODIES[name]()
    picked = pick(body)
    assert picked.openings <= picker.OPENINGS
    assert picked.scanned <= picker.SCANNED + 2 * picker.TAG_BYTES
    assert sum(map(len, picked.scripts)) <= picker.SCRIPT_BYTES
    assert sum(map(len, picked.kept.values())) <= 2 * picker.METAS + picker.HEADINGS + picker.TIMES + 3
    assert len(list(picker.elements_with(picked, b"author", 700))) <= picker.ELEMENTS
    assert len(list(picker.dated_texts(picked, 0))) <= picker.YEARS
    assert len(list(picker.pictures(picked, 0))) <= picker.PICTURES


def test_the_place_of_the_headline_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a body of open angles alone each look takes milliseconds."""
    looked: list[bytes] = []

    def heading(_: picker.Picked, title: bytes) -> int:
        looked.append(title)
        return 0

    monkeypatch.setattr(picker.Picked, "heading", heading)
    parse(b"<" * 2_000, URL)
    assert len(looked) == 1


@pytest.mark.parametrize("name", BODIES)
def test_every_hostile_body_gives_a_preview_with_bounded_texts(name: str) -> None:
    preview = parse(BODIES[name](), URL)
    assert len(preview.title or "") <= tidy.TITLE
    assert len(preview.description or "") <= tidy.DESCRIPTION
    assert len(preview.author or "") <= tidy.NAME
    assert preview.site == "dailything.example"


SOUP = [
    "<",
    ">",
    "/",
    "!",
    "-",
    '"',
    "'",
    "=",
    "a",
    "b",
    "m",
    "<meta",
    "<title>",
    "</title>",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "content=",
    "og:title",
    "property=",
    "<h1>",
    "application/ld+json",
    "itemprop=author",
    "é",
    "<time datetime=",
    "\x00",
]


@given(st.lists(st.sampled_from(SOUP), max_size=80))
def test_any_soup_is_read(pieces: list[str]) -> None:
    parse(" ".join(pieces).encode(), URL)


@given(st.binary(max_size=300))
def test_any_bytes_are_read(body: bytes) -> None:
    parse(body, URL)


@pytest.mark.parametrize(
    "around",
    ["<!-- {} -->", "<script>{}</script>", "<style>{}</style>", "<textarea>{}</textarea>", "<template>{}</template>",
     "<script>var a='<!--';</script><!-- {} -->"],
)  # fmt: skip
def test_what_is_hidden_is_not_markup(around: str) -> None:
    hidden = around.format('<meta property="og:title" content="No">')
    assert parse(page(hidden + "<title>Yes</title>"), URL).title == "Yes"


HIDING = [
    "<svg class=author>", "</svg>", "<style", " class=author", ">", "</style>", "<!--", "-->", "<script>", "</script>",
    "<p ", "author", '"', "<i class=author>", "x" * 250,
]  # fmt: skip


@given(st.lists(st.sampled_from(HIDING), max_size=40))
@example(["<svg class=author>", "x" * 250, "</svg>"])
def test_no_element_is_missed_by_looking_first_whether_its_word_is_shown(pieces: list[str]) -> None:
    body = " ".join(pieces).encode()
    looking_everywhere = pick(body)
    looking_everywhere._shown = looking_everywhere.lower
    found = list(picker.elements_with(looking_everywhere, b"author", 700))
    assert list(picker.elements_with(pick(body), b"author", 700)) == found


@given(
    st.sampled_from(["", ' class="x y"', ' id="a" \n data-x="\'&amp;"', " class=x", " a='b'", "/", '/ a="b" ']),
    st.lists(
        st.sampled_from(["a", " ", "é", "\n", "\r", "\x00", "&amp;", "&lt", "&", "<b>", "</b>", ">", "<a href=/>", '"'])
    ),
)
def test_a_heading_read_without_a_parser_says_what_a_parser_reads(attributes: str, inside: list[str]) -> None:
    heading = f"<h1{attributes}>{''.join(inside)}</h1>".encode()
    if plain := markup._PLAIN_HEADING.fullmatch(heading):
        element = markup.element_of(heading, "h1", "")
        assert element is not None
        assert (plain[1].decode(), False) == (element.text, element.leads_home)


def test_years_are_found_in_the_order_in_which_they_stand() -> None:
    picked = pick(page("", "<p>2011</p><p>1999</p><p>12011</p><p>2050</p><p>20111</p><p>2020</p>"))
    assert [text for _, text in picker.dated_texts(picked, 0)] == [b"2011", b"1999", b"12011", b"2020"]


def test_a_drawing_has_a_title_of_its_own() -> None:
    assert (
        parse(page("<svg><title>Menu</title></svg><title>Yes</title><svg><title>x</title></svg>"), URL).title == "Yes"
    )


def test_a_greater_than_sign_in_quotes_does_not_end_a_tag() -> None:
    assert parse(page('<meta property="og:title" content="a > b &quot;c&quot;">'), URL).title == 'a > b "c"'


def test_a_tag_with_broken_quotes_does_not_swallow_the_page() -> None:
    head = '<meta name="description" content="five o"clock><title>Yes</title><meta property="og:title" content="Yes">'
    assert parse(page(head), URL).title == "Yes"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("  a\n\t b\u00a0c ", "a b c"),
        ("a\u202eb\u200bc\u2066d\ufeffe\u00adf\x07g\x00h", "abcdefgh"),
        ("Tom &amp; Ann &#8211; x", "Tom & Ann – x"),
        ("<p>Hello <b>you</b></p>", "Hello you"),
        ("5 < 6 and AT&T", "5 < 6 and AT&T"),
        ("\u200b\u200e", None),
        ("", None),
        (None, None),
        (["a"], None),
        ({"a": 1}, None),
    ],
)
def test_a_text_is_plain_and_of_one_line(raw: object, shown: str | None) -> None:
    assert tidy.text(raw, 300) == shown


@given(st.text(max_size=2_000), st.integers(2, 300))
def test_a_text_never_outgrows_its_limit_nor_hides_anything(raw: str, limit: int) -> None:
    shown = tidy.text(raw, limit) or ""
    assert len(shown) <= limit
    assert shown == " ".join(shown.split())
    assert not any(
        char in shown for char in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\x00\x1b"
    )


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("/i.jpg", "https://www.dailything.example/i.jpg"),
        ("//cdn.example/i.jpg?a=1&copy=2", "https://cdn.example/i.jpg?a=1&copy=2"),
        ("http://cdn.example/i.jpg", "https://cdn.example/i.jpg"),
        ("https://cdn.example/é b.jpg", "https://cdn.example/%C3%A9%20b.jpg"),
        *((bad, None) for bad in (
            "data:image/png;base64,AAAA", "javascript:alert(1)", "https://cdn.example/logo.svg", "https://cdn.example/l.SVG",
            "https://10.0.0.1/i.jpg", "https://localhost/i.jpg", "https://nas.local/i.jpg", "https://[::1]/i.jpg",
            "https://u:p@cdn.example/i.jpg", "https://cdn.example:8443/i.jpg", "https://", "", None, 7, "x" * 3_000,
        )),
    ],
)  # fmt: skip
def test_a_picture_is_https_public_and_no_drawing(raw: object, shown: str | None) -> None:
    assert tidy.image(raw, URL) == shown


def test_the_site_is_the_real_one_whatever_the_page_claims() -> None:
    claims = (
        '<meta property="og:site_name" content="Your Bank"><meta property="og:url" content="https://bank.example/">'
    )
    preview = parse(page(claims), "https://login.evil.co.uk/x")
    assert (preview.site, preview.final_url) == ("evil.co.uk", "https://login.evil.co.uk/x")


@pytest.mark.parametrize(
    ("head", "robots", "noindex"),
    [
        ("", "", False),
        ('<meta name="robots" content="index, follow">', "", False),
        ('<meta name="ROBOTS" content="NOINDEX,nofollow">', "", True),
        ('<meta name="googlebot" content="none">', "", True),
        ("", "noindex", True),
        ("", "googlebot: noindex, nofollow", True),
    ],
)
def test_a_page_may_ask_not_to_be_indexed(head: str, robots: str, *, noindex: bool) -> None:
    assert parse(page(head), URL, robots=robots).noindex is noindex


@pytest.mark.parametrize(
    ("head", "language"),
    [
        ("<html lang='PT-br'>", "pt"),
        ("<html xml:lang=de>", "de"),
        ('<html lang=""><meta property="og:locale" content="fr_CA">', "fr"),
        ('<meta http-equiv="Content-Language" content="nl, en">', "nl"),
        ('<html lang="iw">', "he"),
        ('<script type="application/ld+json">{"@type":"Article","inLanguage":"sv-SE"}</script>', "sv"),
        ("<title>市議会が承認しました</title>", "ja"),
        ("<title>Совет одобрил</title>", "ru"),
        ("<title>Рада схвалила лінію</title>", "uk"),
        ("<title>Council approves</title>", None),
        ('<html lang="english"><title>x</title>', None),
    ],
)
def test_the_language_is_told_in_many_ways(head: str, language: str | None) -> None:
    assert parse(head.encode(), URL).language == language


def test_letters_tell_a_language_only_where_they_can() -> None:
    assert scripts.language_of("Grüße aus Köln") is None


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (["By Jane Doe"], "Jane Doe"),
        (["Von Jörg Müller und Anna Groß"], "Jörg Müller, Anna Groß"),
        (["Jane Doe, Tom O’Neil and Ann Bee"], "Jane Doe, Tom O’Neil, Ann Bee"),
        (["José Ortega y Gasset"], "José Ortega y Gasset"),
        (["María Peña y José Núñez"], "María Peña, José Núñez"),
        (["Martin Luther King, Jr."], "Martin Luther King, Jr"),
        (["Jane Doe | The Daily Thing"], "Jane Doe"),
        (["Jane Doe", "jane doe", "Tom"], "Jane Doe, Tom"),
        (["Jane Doe on March 3, 2024"], "Jane Doe"),
        (["admin"], None),
        (["https://facebook.com/jane"], None),
        (["jane@dailything.example"], None),
        (["The Daily Thing"], None),
        (["12"], None),
        ([None, 3, {}], None),
    ],
)
def test_a_byline_is_reduced_to_names(raw: list[object], names: str | None) -> None:
    assert authors.named(raw, not_these=["The Daily Thing"]) == names


@pytest.mark.parametrize(
    "body",
    [
        '<h1>T</h1><a rel="author" href="/x">Jane Doe</a>',
        '<h1>T</h1><p class="byline">By <a href="/a/jane">Jane Doe</a>, Political editor</p>',
        '<h1>T</h1><div class="article-author">Jane Doe</div>',
        '<h1>T</h1><span class="author-name">Jane Doe</span>',
        '<h1>T</h1><a href="/author/jane">Jane Doe</a>',
        '<div itemprop="author"><span itemprop="name">Jane Doe</span><p>Jane writes about trams and trees.</p></div>',
        "<h1>T</h1><p>By Jane Doe</p><p>Text.</p>",
        "<h1>T</h1><div><span>Written by Jane Doe</span> | <span>March 3, 2024</span></div>",
    ],
)
def test_an_author_is_found_where_readers_see_one(body: str) -> None:
    assert parse(page("", body), URL).author == "Jane Doe"


@pytest.mark.parametrize(
    "body",
    [
        # a handle in the head gives way to the name that readers see
        '<meta name="author" content="jdoe"><h1>T</h1>von <a rel="author" href="/author/jane-doe">Jane Doe</a>, 8.5.12',
        # who took the picture, or answered, is somebody else
        '<div class="photo-author">Max Roe</div><a class="author url" rel="author" href="/author/x">Jane Doe</a>',
        '<div class="byline">Jane Doe</div><div class="comment-author vcard">Max Roe says</div>',
        '<p class="comment-form-author"><label for="author">Name *</label></p><p class="byline">By Jane Doe</p>',
        '<div class="submitted">Submitted by <span class="username">Jane Doe</span> on Mon, 2019-01-21</div>',
    ],
)
def test_a_byline_is_told_from_others_names(body: str) -> None:
    assert parse(page("", body), URL).author == "Jane Doe"


def test_a_label_or_a_moment_is_nobody() -> None:
    for words in ("Submitted on Mon", "Name *", "Name (erforderlich", "B.A. sagt", "overdue words of it"):
        assert parse(page("", f'<p class="byline">{words}</p>'), URL).author is None


def subjects(*nodes: dict[str, object]) -> str:
    """A head with several things that a page is about, in JSON-LD; the first is its article."""
    return f'<script type="application/ld+json">{json.dumps({"@graph": list(nodes)})}</script>'


def by(name: str, kind: str = "Recipe") -> dict[str, object]:
    return {"@type": kind, "author": {"@type": "Person", "name": name}}


@pytest.mark.parametrize(
    ("head", "author"),
    [
        # the article is signed with half a name, or what one signs in with; what it tells of says who that is
        (subjects(by("Jane", "Article"), by("Jane Doe")), "Jane Doe"),
        (subjects(by("jdoe", "Article"), by("Jane Doe")), "Jane Doe"),
        # a site that signs for its authors
        (
            '<meta property="og:site_name" content="The Daily Thing">'
            + subjects(by("The Daily Thing", "Article"), by("Jane Doe")),
            "Jane Doe",
        ),
        # somebody else's longer name is somebody else's
        (subjects(by("Jane Doe", "Article"), by("Max Roe", "Movie")), "Jane Doe"),
        (
            subjects(by("Jane", "Article"), by("Jane, Max Roe")),
            "Jane",
        ),
    ],
)
def test_an_author_who_is_named_more_fully_elsewhere_is_named_so(head: str, author: str) -> None:
    assert parse(page(head, "<h1>T</h1>"), URL).author == author


@pytest.mark.parametrize(
    "body",
    [
        '<span itemprop="author" itemscope><meta itemprop="name" content="Jane Doe"></span>',
        '<p class="byline"><strong>Author</strong>Jane Doe</p>',
        '<p itemprop="author">By Jane Doe, <i>foodstylist</i></p>',
        '<div class="submitted"><strong>by Jane Doe</strong> | <a href="#parts">Jump to Parts</a></div>',
    ],
)
def test_an_author_is_told_from_the_words_and_tags_round_the_name(body: str) -> None:
    assert parse(page("", f"<h1>T</h1>{body}"), URL).author == "Jane Doe"


@pytest.mark.parametrize("byline", ["Over de plaatser", "March 15th", "1st of May"])
def test_words_about_an_author_are_no_name(byline: str) -> None:
    head = '<meta name="author" content="jdoe">'
    assert parse(page(head, f'<h1>T</h1><p class="byline">{byline}</p>'), URL).author == "jdoe"


def test_the_last_of_three_authors_has_no_and_before_the_name() -> None:
    head = '<meta name="author" content="Ann Bee, Cy Dee, and Eve Eff">'
    assert parse(page(head, ""), URL).author == "Ann Bee, Cy Dee, Eve Eff"


def test_nobody_is_made_an_author_by_a_sentence() -> None:
    assert parse(page("", "<h1>T</h1><p>The house was bought by Jane Doe last year.</p>"), URL).author is None


@pytest.mark.parametrize(
    "body",
    [
        '<h1>T</h1><time pubdate datetime="2024-02-03">x</time>',
        '<h1>T</h1><span class="published" title="2024-02-03T10:00:00Z">today</span>',
        '<h1>T</h1><span class="post-date">February 3, 2024</span>',
        "<h1>T</h1><p>Posted on February 3, 2024 by somebody</p>",
        '<h1>T</h1><time>3 February 2024</time>',
        '<meta itemprop="datePublished" content="2024-02-03"><meta itemprop="dateModified" content="2025-01-01">',
        "",
    ],
)  # fmt: skip
def test_a_date_is_found_where_readers_see_one(body: str) -> None:
    assert str(parse(page("<html lang=en>", body), URL).published) == "2024-02-03"


@pytest.mark.parametrize(
    "body",
    [
        "<script>var firstPublished = new Date('Fri Mar 1 19:08:33 EST 2024');</script>",
        '<script>window.x={"publishedAt":"2024-03-01T10:00:00Z","updatedAt":"2024-04-01"}</script>',
        '<script>push({"createdAt": "2024-03-01"})</script>',
        '<script>DATA = {"pubtime": "2024-03-01 19:02:26"}</script>',
        '<meta property="pictures:uploaded" content="2024-03-01T04:36:36-05:00">',
        '<meta name="weibo:article:create_at" content="2024-03-01 04:36:36">',
        '<div class="entry-meta">Freitag | 1. März 2024 | 15:49</div>',
        '<p>Text.</p><div class="post-footer">Dieser Artikel wurde am 1. März 2024 um 14:48 geschrieben.</div>',
        '<p class="fecha-articulo"><span>vendredi 1 mars 2024</span></p>',
        '<div class="comment-meta">2 March 2024</div><div class="submitted">Submitted by x on 1 March 2024</div>',
        "<h1>Some site</h1>" + "<p>x</p>" * 900 + "<span>Bonn, 1. März 2024</span><h2>The headline of it</h2>",
    ],
)
def test_a_date_is_found_in_a_site_s_own_way(body: str) -> None:
    assert parse(page("<title>The headline of it</title>", body), "https://a.example/x").published == date(2024, 3, 1)


TEASERS = '<aside><div class="date">5 May 2024</div><time datetime="2024-06-06">x</time></aside>'
HEADING = "<h1>The headline <em>of it</em></h1>"


@pytest.mark.parametrize(
    "own",
    [
        f"{HEADING}<ul><li>1 March 2024</li><li>Jane Doe</li></ul>",
        f"{HEADING}<p class=info>Le <time datetime='2024-03-01T13:49:45Z'>1er mars 2024</time></p>",
        f"{HEADING}<time datetime='2024-03-01'>yesterday</time>",
        f"{HEADING}<time datetime='2024-03-04T10:18:46Z'>Publié le 1 mars 2024</time>",
        f"<a href=/x>1 March 2024</a>{HEADING}",
        f"<li>The headline of it</li><p>7 July 2024</p>{'<p>' * 900}<h1>The headline of it</h1><p>1 March 2024</p>",
        f"{HEADING}<p class=updated>2 March 2024</p><p>1 March 2024</p>",
        f"{HEADING}<p>Last updated on 2 March 2024</p><p>1 March 2024</p>",
        f"{HEADING}<p>On 2 March 2024 the council met for the first time in the new hall.</p><p>1 March 2024</p>",
        f"{HEADING}<p>1 tháng 3, 2024</p>",
    ],
)
def test_the_date_beside_the_headline_is_the_page_s_not_a_teaser_s(own: str) -> None:
    body = page("<title>The headline of it</title>", TEASERS + "<p>x</p>" * 900 + own)
    assert parse(body, "https://a.example/x").published == date(2024, 3, 1)


def test_what_a_page_says_for_machines_goes_before_what_stands_beside_its_headline() -> None:
    body = page('<meta property="article:published_time" content="2024-03-01">', f"{HEADING}<p>2 March 2024</p>")
    assert parse(body, "https://a.example/x").published == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2024-02-04T02:12:54.361Z", 3),  # an evening west of Greenwich
        ("2024-02-02T20:00:00+0000", 3),  # a morning east of it
        ("2024-02-04T16:34:48+00:00", 4),  # no evening anywhere: the address keeps the day it was drafted
        ("2024-02-02T08:00:00Z", 2),
        ("2024-02-04T02:12:54+09:00", 4),  # told in the site's own time
        ("2024-02-04", 4),
        ("2024-02-05T02:12:54Z", 5),
    ],
)
def test_a_moment_of_utc_is_the_day_that_the_address_says(moment: str, day: int) -> None:
    head = f'<meta property="article:published_time" content="{moment}">'
    assert parse(page(head), URL).published == date(2024, 2, day)


FRONT = '<h1>Daily Thing</h1><p>5 May 2024</p><div class="date">4 May 2024</div><time datetime="2024-05-03">x</time>'


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("", "https://www.dailything.example/"),
        ("", "https://www.dailything.example"),
        ("", "https://www.dailything.example/index.html"),
        ('<link rel="canonical" href="https://www.dailything.example/en/">', "http://dailything.example"),
    ],
)
def test_a_front_page_has_no_day_of_its_own(head: str, url: str) -> None:
    assert parse(page(head, FRONT).replace(b"<html>", b'<html lang="en-GB">'), url).published is None


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("", "https://www.dailything.example/?p=7"),
        ("", "https://www.dailything.example/sh/"),
        ('<link rel="canonical" href="https://www.dailything.example/ferry">', "https://www.dailything.example/"),
        ('<meta property="og:type" content="article">', "https://www.dailything.example/"),
    ],
)
def test_what_only_looks_like_a_front_page_is_dated_beside_its_headline(head: str, url: str) -> None:
    assert parse(page(head, FRONT), url).published == date(2024, 5, 5)


def test_a_front_page_may_say_its_day_for_machines() -> None:
    head = '<meta property="article:published_time" content="2024-03-01">'
    assert parse(page(head, FRONT), "https://www.dailything.example/").published == date(2024, 3, 1)


@pytest.mark.parametrize(
    "body",
    [
        "<div>6 December 2014</div><form><input></form>",  # no headline: the top of a page tells what day it is
        f"{HEADING}<p>It is currently Sat Dec 06, 2014 8:19 am</p><p>Last visit: 4 December 2014</p>",
        f"{HEADING}<p>The bank is led by six people since 1 November 2011 and elects them anew every eighth year.</p>",
        '<script>x={"published":"1970-01-01T00:00:00Z"}</script>',
    ],
)
def test_today_and_the_days_of_other_things_beside_a_headline_are_not_the_page_s(body: str) -> None:
    assert parse(page("<title>The headline of it</title>", body), "https://a.example/x").published is None


@pytest.mark.parametrize(
    "own",
    [
        f"{HEADING}<div class=updatetime>1 March 2024 05:40 PM</div>",
        f"{HEADING}<a href=/y>Older: the ferry is back since 9 November 2021</a><i>1 March 2024</i>",
        f"{HEADING}<p><a href=/x>Friday, 1 March 2024, 10:15</a></p>",
    ],
)
def test_a_day_right_beside_the_headline_goes_before_marked_ones_further_away(own: str) -> None:
    body = page("<title>The headline of it</title>", own + "<p>x</p>" * 900 + TEASERS)
    assert parse(body, "https://a.example/x").published == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("fr", "Publié le 3 mars 2024 à 12h30 - Mis à jour le 4 mars 2024 à 9h"),
        ("de", "Veröffentlicht am 03.03.2024 | Aktualisiert am 04.03.2024"),
        ("en", "Published: 12:30 GMT, 3 March 2024 | Updated: 15:00 GMT, 4 March 2024"),
        ("en", "Updated 4 March 2024, first published 3 March 2024"),
        ("it", "3 Marzo 2024 - Aggiornato alle 14:00"),
        ("tr", "Yayınlanma: 03.03.2024 - 12:30 Güncelleme: 04.03.2024 - 09:00"),
        ("ja", "公開日：2024.03.03 更新日：2024.03.04"),
        ("zh-TW", "發布時間：2024/03/03 12:30 更新時間：2024/03/04"),
        ("ko", "기사입력 2024.03.03. 오후 12:30 최종수정 2024.03.04. 오전 9:00"),
        ("cs", "Publikováno: 3. 3. 2024"),
        ("hu", "2024. március 3. 12:30"),
        ("lt", "2024 m. kovo 3 d. 12:30"),
        ("lv", "2024. gada 3. marts"),
        ("th", "3 มีนาคม 2567 12:30 น."),
        ("th", "3 มี.ค. 2567"),
        ("hi", "प्रकाशित: 3 मार्च 2024"),
        ("bn", "৩ মার্চ ২০২৪"),
        ("ta", "3 மார்ச் 2024"),
        ("ca", "3 de març de 2024"),
    ],
)
def test_a_line_beside_the_headline_is_read_as_newsrooms_write_it(language: str, line: str) -> None:
    body = page("<title>The headline of it</title>", f"{HEADING}<p>{line}</p><p>4 May 2024</p>")
    told = body.replace(b"<html>", f'<html lang="{language}">'.encode())
    assert parse(told, "https://a.example/x").published == date(2024, 3, 3)


LATER = '<aside><time datetime="2024-05-05">5 May</time><span class="date">5 May 2024</span></aside>'


@pytest.mark.parametrize(
    "ago",
    [
        '<relative-time datetime="2024-03-03T10:00:00Z">3 days ago</relative-time>',
        '<span title="2024-03-03T10:00:00Z">3 days ago</span>',
        '<span data-timestamp="1709462400">3 days ago</span>',
        '<span data-published="2024-03-03T10:00:00Z">3 days ago</span>',
        '<span property="schema:datePublished" content="2024-03-03">3 days ago</span>',
        "03-Mar-2024 10:00 IST",
        "2024-Mar-03",
        "By Jane Doe and John Smith of the Daily Thing and the Evening Post | March 3, 2024",
    ],
)
def test_the_moment_beside_the_headline_is_found_in_whatever_attribute_holds_it(ago: str) -> None:
    body = page("<title>The headline of it</title>", f"{HEADING}<p>{ago}</p>{'<p>Words.</p>' * 600}{LATER}")
    assert parse(body, "https://a.example/x").published == date(2024, 3, 3)


@pytest.mark.parametrize(
    "line",
    [
        "Posted by Jane on March 3, 2024",
        "Publié le 3 mars 2024",
        "公開日：2024年3月3日",
        "Veröffentlicht am 03.03.2024",
    ],
)
def test_the_line_below_a_text_that_says_when_it_was_published_goes_before_what_follows(line: str) -> None:
    words = "<p>Words.</p>" * 600
    told = page("<title>The headline of it</title>", f"{HEADING}{words}<p class=date>{line}</p>{LATER}")
    assert parse(told, "https://a.example/x").published == date(2024, 3, 3)
    marked = page("<title>The headline of it</title>", f"{HEADING}{words}{LATER}{words}<p>{line}</p>")
    assert parse(marked, "https://a.example/x").published == date(2024, 5, 5)


@pytest.mark.parametrize(
    ("script", "day"),
    [
        ('self.f.push([1,"{\\"publishedAt\\":\\"2024-03-03T10:00:00Z\\"}"])', date(2024, 3, 3)),
        ('c={"publishedAt":1709462400000}', date(2024, 3, 3)),
        ('c={"date_created":1709462400}', date(2024, 3, 3)),
        ('me="{\\"createdDate\\":\\"2024-03-03T10:00:00Z\\"}"', None),  # a visitor's account
        ('c={"published":17094}', None),
    ],
)
def test_a_script_tells_the_day_as_a_unix_time_or_in_a_script_of_its_own(script: str, day: date | None) -> None:
    body = page("<title>The headline of it</title>", f"{HEADING}<script>{script}</script>")
    assert parse(body, "https://a.example/x").published == day


@pytest.mark.parametrize("line", ["Last modified on Mon 4 Mar 2024 07.00 GMT", "4 March 2024 (updated)"])
def test_a_line_that_tells_only_of_a_change_is_not_the_page_s_day(line: str) -> None:
    body = page("<title>The headline of it</title>", f"{HEADING}<p>{line}</p>")
    assert parse(body, "https://a.example/x").published is None


@pytest.mark.parametrize(
    ("language", "own", "day"),
    [
        ("pt", "<p>Redação</p><span class=date>12 jan 23 | 5h27</span>", date(2023, 1, 12)),
        ("en", "<p>12-Jan-23</p>", date(2023, 1, 12)),
        ("fr", "<p>Par Inès Morel, 12/01/23</p>", date(2023, 1, 12)),
        ("de", "<p>von <a rel=author>Klaus Sander</a>, 12.1.23 </p>", date(2023, 1, 12)),
        ("en", "<p>12.1.23</p>", None),  # a version
        ("en", "<p>12 January 10:30</p><p>12 pages 20 lines</p>", None),
        ("en", "<p>Last updated 12/01/23</p>", None),
        ("en", "<p>It came of the talks that both of the towns have led since 12/01/23</p>", None),
    ],
)
def test_a_year_of_two_figures_is_read_beside_the_headline(language: str, own: str, day: date | None) -> None:
    body = page("<title>The headline of it</title>", HEADING + own).replace(
        b"<html>", f"<html lang={language}>".encode()
    )
    assert parse(body, "https://a.example/x").published == day


@pytest.mark.parametrize(
    ("own", "day"),
    [
        ('<abbr title="2024-03-01T01:40:40Z">an hour ago</abbr>', date(2024, 3, 1)),
        ('<abbr title="Organisation of 1 March 2024">O.</abbr>', None),
        ('<abbr class="updated" title="2024-03-01T01:40:40Z">an hour ago</abbr>', None),
    ],
)
def test_a_moment_in_the_title_of_an_abbreviation_is_read_in_place_of_its_words(own: str, day: date | None) -> None:
    body = page("<title>The headline of it</title>", f"{HEADING}<p>A. Writer, {own}</p>")
    assert parse(body, "https://a.example/x").published == day


@pytest.mark.parametrize(
    ("own", "day"),
    [
        ("<span>发布时间：03-01</span>", date(2024, 3, 1)),
        ("<span>3月1日 10:15</span>", date(2024, 3, 1)),
        ("<span>Jane Doe, 1/3</span>", date(2024, 3, 1)),
        ("<span>更新：03-01</span>", None),
        ("<span>03-02</span>", None),
        ("", None),
    ],
)
def test_a_change_s_day_is_the_page_s_where_readers_see_it_without_its_year(own: str, day: date | None) -> None:
    head = '<title>The headline of it</title><meta itemprop="dateUpdate" content="2024-03-01 12:00:57">'
    assert parse(page(head, HEADING + own), "https://a.example/x").published == day


@pytest.mark.parametrize(
    "line",
    [
        "Feb. 23, 2024 -- A sentence that goes on for longer than a line beside a headline would be.",
        "BREST, Feb 23, 2024 (ACP) — A sentence that goes on for longer than a line beside a headline would be.",
        "This statement was released on Feb 23, 2024 by the council and the owners of the ferry line together.",
    ],
)
def test_a_text_that_begins_with_its_day_is_dated_by_it(line: str) -> None:
    body = page("<title>The headline of it</title>", f"{HEADING}<p>{line}</p>")
    assert parse(body, "https://a.example/x").published == date(2024, 2, 23)


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>A long headline | Daily Thing</title>", "", "A long headline"),
        ("<title>Daily Thing - A long headline</title>", "", "A long headline"),
        ('<meta property="og:title" content="Daily Thing"><title>A long headline</title>', "", "A long headline"),
        ("<title>A long headline that is told - Section - Daily Thing</title>", "<h1>A long headline that is told</h1>",
         "A long headline that is told"),
        ('<meta property="og:title" content="You won’t believe this headline">', "<h1>Welcome to our site</h1>",
         "You won’t believe this headline"),
        ("", '<h1><a href="/">Daily Thing</a></h1><h1>A long headline</h1>', "A long headline"),
        ("<title>E-mail - how it works</title>", "<h1>E-mail - how it works</h1>", "E-mail - how it works"),
        ("<title>A long headline about it all - International - Thing</title>", "<h1>International</h1>",
         "A long headline about it all - International - Thing"),
        ("<title>A long headline | Nowhere Times</title>", "<h2>x</h2>", "A long headline"),
        ('<meta property="og:title" content="A long headline | Nowhere Times">', "", "A long headline"),
        ("<title>Book, a review</title>", "<h1><em>Book</em>, a review</h1>", "Book, a review"),
        ("<title>A long headline</title>", "<h1><span>Politics</span><span>A long headline</span></h1>",
         "A long headline"),
        ("<title>Two lines of it</title>", "<h1>Two lines<br>of it</h1>", "Two lines of it"),
        ('<script type="application/ld+json">{"@type":"Product","name":"A good lamp"}</script>', "", "A good lamp"),
        ("", "", None),
    ],
)  # fmt: skip
def test_the_headline_is_what_stands_over_the_text(head: str, body: str, title: str | None) -> None:
    assert parse(page(head, body), "https://www.dailything.example/").title == title


@given(st.text(max_size=200), st.lists(st.text(max_size=60), max_size=4))
def test_a_headline_is_always_something_that_was_offered(document: str, headings: list[str]) -> None:
    found = titles.headline(titles.Titles([], [], document, headings), [], "a.example")
    assert found is None or any(found in text for text in [document, *headings])


@pytest.mark.parametrize(
    "script",
    [
        '{"@type":"NewsArticle","headline":"H",}',
        '<!-- {"@type":"NewsArticle","headline":"H"} -->',
        '//<![CDATA[\n{"@type":"NewsArticle","headline":"H"}\n//]]>',
        '[[{"@type":"Thing"}, {"@type":["Article","NewsArticle"],"headline":"H"}]]',
        '{"@graph":[{"@type":"WebPage","name":"W"},{"@type":"BlogPosting","headline":"H"}]}',
        '{"@type":"WebPage","mainEntity":{"@type":"https://schema.org/Article","headline":"H"}}',
        '{"@type":"NewsArticle","headline":"H","broken: [}',
        '{"@type":"NewsArticle","headline":"H","description":"two\nlines"};',
    ],
)
def test_json_ld_is_understood_as_people_write_it(script: str) -> None:
    assert next(iter(jsonld.read([script.encode()]).titles())) == "H"


@pytest.mark.parametrize(
    "value", ['["2024-03-01", "2024-03-02"]', '{"@type": "Date", "@value": "2024-03-01"}', "1709287200"]
)
def test_json_ld_may_say_its_day_in_a_list_with_a_type_or_as_a_unix_time(value: str) -> None:
    script = f'{{"@type":"NewsArticle","headline":"H","datePublished":{value}}}'
    body = page(f'<script type="application/ld+json">{script}</script>')
    assert parse(body, "https://a.example/x").published == date(2024, 3, 1)


@pytest.mark.parametrize("value", ["[]", "{}", "[[]]", "[null]", '{"@value": {}}', "true"])
def test_json_ld_that_says_no_day_is_no_error(value: str) -> None:
    script = f'{{"@type":"NewsArticle","headline":"H","datePublished":{value}}}'
    body = page(f'<script type="application/ld+json">{script}</script>')
    assert parse(body, "https://a.example/x").published is None


def test_a_moment_that_stands_without_its_quotes_is_read_all_the_same() -> None:
    script = (
        '{"@type":"NewsArticle","headline":"H","datePublished": 2024-03-01T06:18:10-03:00, "dateModified": 2024-03-02}'
    )
    body = page(f'<script type="application/ld+json">{script}</script>')
    assert parse(body, "https://a.example/x").published == date(2024, 3, 1)


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=10))
KEYS = ["@type", "@id", "@graph", "name", "author", "image", "headline", "publisher", "datePublished", "inLanguage"]
SHAPES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)),
    max_leaves=20,
)


@given(SHAPES)
def test_json_ld_of_any_shape_breaks_nothing(value: object) -> None:
    script = f'<script type="application/ld+json">{json.dumps(value)}</script>'.encode()
    parse(script, URL)


@pytest.mark.parametrize(
    ("url", "start"),
    [
        ("https://www.youtube.com/watch?v=a", "https://www.youtube.com/oembed?"),
        ("https://youtu.be/a", "https://www.youtube.com/oembed?"),
        ("https://vimeo.com/1", "https://vimeo.com/api/oembed.json?"),
        ("https://open.spotify.com/track/1", "https://open.spotify.com/oembed?"),
        ("https://soundcloud.com/a/b", "https://soundcloud.com/oembed?"),
        ("https://www.reddit.com/r/a/comments/1/x/", "https://www.reddit.com/oembed?"),
        ("https://www.tiktok.com/@a/video/1", "https://www.tiktok.com/oembed?"),
        ("https://www.flickr.com/photos/a/1", "https://www.flickr.com/services/oembed/?"),
    ],
)
def test_providers_of_the_list_are_asked(url: str, start: str) -> None:
    endpoint = oembed.endpoint(url)
    assert endpoint is not None
    assert endpoint.startswith(start)


@pytest.mark.parametrize(
    "url",
    ["https://youtube.com.evil.example/watch", "https://evilyoutube.com/a", "https://vimeo.com/", "https://open.spotify.com/",
     "https://notes.example/oembed", "https://www.tiktok.com/discover"],
)  # fmt: skip
def test_nobody_else_is(url: str) -> None:
    assert oembed.endpoint(url) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"x"', b"{}", b'{"title": 3}', b"[" * 100_000, b"\xff"])
def test_a_provider_that_talks_nonsense_says_nothing(body: bytes) -> None:
    assert oembed.parse(body, "https://vimeo.com/1") is None


def test_an_address_that_begins_with_the_site_s_own_name_is_not_taken_for_a_path_of_it() -> None:
    body = page(
        '<meta property="og:url" content="www.dailything.example/a/b"><link rel=image_src href=a.example/c.png>'
    )
    preview = parse(body, URL)
    assert preview.canonical == "https://www.dailything.example/a/b"
    assert preview.image == "https://www.dailything.example/2024/02/03/a.example/c.png"


def test_a_page_whose_data_name_only_its_site_is_called_by_its_heading_and_dated_beside_it() -> None:
    head = '<title>DailyThing</title><meta property="og:title" content="DailyThing">'
    other = "<h3>DailyThing-Post merger</h3><p>27 April 2024</p>"
    own = "<h1>How disputes are settled</h1><time>1 March 2024</time>"
    preview = parse(page(head, other + "<p>x</p>" * 900 + own), "https://www.dailything.example/x")
    assert preview.title == "How disputes are settled"
    assert preview.published == date(2024, 3, 1)
    front = parse(page(head, "<h1>Latest</h1>"), "https://www.dailything.example/")
    assert front.title == "DailyThing"


HEADLINE = "The night ferry sails again"


def article(beside: str, after: str = "") -> bytes:
    filler = "<p>Words about it.</p>" * 20
    return page(f"<title>{HEADLINE}</title>", f"<h1>{HEADLINE}</h1>{beside}<p>It does.</p>{filler}{after}")


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="https://www.dailything.example/2021/11/09/ferry">',
        '<link rel="canonical" href="/2021/11/09/ferry?page=2">',
        (
            '<meta property="og:url" content="https://www.dailything.example/news/2021/nov/09/ferry#top">'
            '<link rel="canonical" href="https://www.dailything.example/2021/11/9/ferry">'
        ),
    ],
)
def test_the_day_in_the_address_that_a_page_calls_its_own_is_the_page_s(head: str) -> None:
    teaser = '<time pubdate datetime="2023-05-06">May 6</time>'
    assert parse(page(head, teaser), "https://m.dailything.example/x").published == date(2021, 11, 9)


@pytest.mark.parametrize(
    "body",
    [
        '<abbr class="published updated" title="2021-11-09T16:39:00-04:00">Nov 9</abbr>',
        '<div class="info"><ul><li>Ferries</li></ul></div>' + "<p>Words.</p>" * 300 + "<p>9 November 2021</p>",
        "<p>Words.</p>" * 300 + "<em>Stand: 09.11.2021, 01:40 Uhr</em><b>09.11.2021</b>",
        "<p>Words.</p>" * 300 + "<b>发布时间：2021-11-09</b><li>2021-11-08</li><li>2021-11-07</li>",
    ],
)
def test_a_day_that_stands_alone_on_its_page_is_the_page_s(body: str) -> None:
    assert parse(article("", body), "https://m.dailything.example/x").published == date(2021, 11, 9)


@pytest.mark.parametrize(
    "body",
    [
        "<p>Words.</p>" * 300 + "<li>9 November 2021</li><li>2 December 2021</li>",  # two, of other articles
        "<p>Words.</p>" * 300 + "<i>Last updated 9 November 2021</i>",
        "<p>Words.</p>" * 300 + "<i>© 2021 Daily Thing</i>",
        "<p>Words.</p>" * 300 + "<p>It was built by order of the town council on 9 November 1921 or a little later</p>",
        '<input value="09.11.2021"><script>x="9 November 2021"</script><!-- <b>9 November 2021</b> -->',
    ],
)
def test_a_day_of_something_else_is_not_taken_for_the_page_s(body: str) -> None:
    assert parse(article("", body), "https://m.dailything.example/x").published is None


@pytest.mark.parametrize(
    ("picture", "shown"),
    [
        ('<img src="/i/ferry.jpg" width="640" height="480">', "https://m.dailything.example/i/ferry.jpg"),
        ('<figure><img data-src="/i/ferry.jpg" src="/i/x.jpg"></figure>', "https://m.dailything.example/i/ferry.jpg"),
        ('<picture><source srcset="a"><img src="/i/ferry.jpg"></picture>', "https://m.dailything.example/i/ferry.jpg"),
        ('<img src="/i/ferry.jpg">', None),
        ('<img src="/i/ferry.jpg" width="1" height="1">', None),
        ('<img src="/i/ferry.jpg" width="640" height="60">', None),
        ('<img src="/i/logo.png" width="640" height="480">', None),
        ('<img class="avatar" src="/i/jane.jpg" width="200" height="200">', None),
        ('<figure><img src="data:image/gif;base64,R0lGOD"></figure>', None),
        ('<figure><img src="/i/map.svg"></figure>', None),
        ('<!-- <img src="/i/ferry.jpg" width="640" height="480"> -->', None),
        ('<figure><img src="http://10.0.0.7/ferry.jpg"></figure>', None),
    ],
)
def test_a_page_that_declares_no_picture_is_shown_by_the_first_large_one(picture: str, shown: str | None) -> None:
    assert parse(article(picture), "https://m.dailything.example/x").image == shown


def test_a_declared_picture_goes_before_any_that_is_shown() -> None:
    declared = '<meta property="og:image" content="https://m.dailything.example/i/told.jpg">'
    body = f'<h1>{HEADLINE}</h1><img src="/i/ferry.jpg" width="640" height="480">'
    assert (
        parse(page(declared, body), "https://m.dailything.example/x").image == "https://m.dailything.example/i/told.jpg"
    )


def test_a_picture_above_the_headline_is_the_site_s() -> None:
    banner = '<img src="/i/harbour.jpg" width="900" height="300">'
    body = page(f"<title>{HEADLINE}</title>", f"{banner}<h1>{HEADLINE}</h1><p>It does.</p>")
    assert parse(body, "https://m.dailything.example/x").image is None


@pytest.mark.parametrize(
    "byline",
    [
        '<p class="detail__authors">von <a href="/team/jane-doe">Jane Doe</a>, <a href="/team/x">Ann Other</a></p>',
        '<div class="cnnByline">By <b>Jane Doe</b> and <b>Ann Other</b></div>',
        (
            '<span class="contributor__by">by</span> <a class="contributor__link" href="/contributor/jane">Jane Doe</a>'
            '<a class="contributor__link">Ann Other</a>'
        ),
        '<ul class="a-creator"><li class="a-creator__name" itemprop="author"> Jane Doe, Ann Other </li></ul>',
        '<span class="auteur"><a href="/journaliste/jane-doe/">Jane Doe</a> et <a>Ann Other</a></span>',
        '<a href="/autoren/jane-doe/" rel="author">Jane Doe, Ann Other</a>',
        '<p class="byline">JANE DOE and ANN OTHER</p>',
    ],
)
def test_bylines_are_known_by_what_sites_call_them_in_their_tags(byline: str) -> None:
    told = parse(article(byline), "https://m.dailything.example/x").author
    assert told is not None
    assert told.split(", ")[0] == "Jane Doe"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Jane Doe (Autorin", "Jane Doe"),
        ("Jane Doe 2014-01-26", "Jane Doe"),
        ("14. Mai 2014", None),
        ("E-Mail", None),
        ("JANE DOE", "Jane Doe"),
        ("NASA", "NASA"),
        ("J. R. R. DOE", "J. R. R. DOE"),
    ],
)
def test_a_name_is_taken_out_of_what_stands_around_it(raw: str, name: str | None) -> None:
    assert authors.named([raw]) == name


SPOKEN = {
    "en": "The council has decided that the ferry is to sail from the old harbour again, and that it will at night.",
    "de": "Der Rat hat beschlossen, dass die Fähre wieder vom alten Hafen und nicht mit der Bahn fährt, und das.",
    "fr": "Le conseil a décidé que les bateaux partent du vieux port et que la ligne est une affaire pour la ville.",
    "es": "El consejo ha decidido que los barcos salen del puerto viejo y que la línea es una cosa para las noches.",
    "it": "Il consiglio ha deciso che il battello parte dal porto della città e che non è una cosa per gli altri.",
    "pt": "O conselho decidiu que os barcos não saem do porto da cidade e que a linha é uma coisa para as noites.",
    "nl": "De raad heeft besloten dat het veer van de oude haven vaart en dat het niet voor de trein is, maar ook.",
    "sv": "Rådet har beslutat att färjan går från den gamla hamnen och att det inte är för tåget med den.",
    "pl": "Rada zdecydowała, że prom nie płynie do portu i że to jest sprawa dla miasta, a prom stoi przez noc.",
}


@pytest.mark.parametrize("language", SPOKEN)
def test_the_commonest_words_tell_the_language_of_a_page_that_names_none(language: str) -> None:
    body = page(f"<title>{HEADLINE}</title>", f"<h1>{HEADLINE}</h1><p>{SPOKEN[language]}</p>")
    assert parse(body, URL).language == language


@pytest.mark.parametrize(
    "words", ["Ferry", "The ferry", f"{SPOKEN['en']} {SPOKEN['de']}", "Lorem ipsum dolor sit amet " * 9]
)
def test_few_words_and_words_of_two_languages_tell_none(words: str) -> None:
    assert scripts.language_by_words(words) is None


def test_what_a_page_says_of_its_language_goes_before_its_words() -> None:
    body = f'<html lang="nl"><title>{HEADLINE}</title><h1>{HEADLINE}</h1><p>{SPOKEN["en"]}</p></html>'.encode()
    assert parse(body, URL).language == "nl"


def test_the_words_of_a_page_tell_the_order_of_its_figures() -> None:
    french = article(f"<p>Publié le 05/04/2013</p><p>{SPOKEN['fr']}</p>")
    assert parse(french, "https://m.dailything.example/x").published == date(2013, 4, 5)
