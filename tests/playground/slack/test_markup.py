"""Typed text to mrkdwn and rich text, and both to HTML that nobody can break out of."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from playground.slack import block_html
from playground.slack.blocks import check_blocks
from playground.slack.html import mrkdwn
from playground.slack.markup import autolink, compose, links, previews, unescape

TYPED = st.text(st.sampled_from("ab <>&`*_~|@!:/.()[]\n\"'é") | st.characters(exclude_categories=["Cs"]), max_size=60)
SAFE_TAGS = {"a", "b", "strong", "em", "s", "code", "pre", "br", "div", "blockquote", "ul", "ol", "li"}


class Tags(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        for name, value in attrs:
            assert name in {"href", "rel", "target"}
            if name == "href":
                self.targets.append(value or "")


def tags(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    parser.close()
    return parser


@given(TYPED)
def test_whatever_is_typed_is_a_valid_rich_text_and_loses_nothing(typed: str) -> None:
    text, blocks = compose(typed, {})
    if typed and "```" not in typed:
        check_blocks(blocks)
    if "`" not in typed and "](" not in typed and "http" not in typed:
        assert unescape(text).replace("<http://", "").count("\n") == typed.count("\n")


@given(TYPED)
def test_no_text_becomes_markup_of_its_own(text: str) -> None:
    for html in (mrkdwn(text, {}), mrkdwn(compose(text, {})[0], {}), block_html.blocks(compose(text, {})[1], {})):
        seen = tags(html)
        assert seen.seen <= SAFE_TAGS
        assert all(target.startswith(("http://", "https://", "mailto:")) for target in seen.targets)


@given(st.text(st.sampled_from("abc/?=&%.-_"), min_size=1, max_size=30))
def test_a_typed_address_is_found_again(path: str) -> None:
    url = f"https://x.example/{path}z"
    text, blocks = compose(f"see {url} now", {})
    assert links(text) == [url]
    assert blocks[0]["elements"][0]["elements"][1] == {"type": "link", "url": url}


def test_punctuation_stays_outside_and_mentions_are_people() -> None:
    text, _ = compose("(https://x.example/a), @Ada! see example.com.", {"ada": "U1"})
    assert text == "(<https://x.example/a>), <@U1>! see <http://example.com|example.com>."


def test_code_is_left_alone() -> None:
    text, blocks = compose("```\nhttps://a.example\n``` and `https://b.example`", {})
    assert links(text) == []
    assert blocks[0]["elements"][0]["type"] == "rich_text_preformatted"
    assert links(autolink("`https://a.example` https://b.example")) == ["https://b.example"]


def test_a_label_that_is_part_of_the_address_stops_the_crawler() -> None:
    assert previews("<https://x.example/a|x.example> <https://y.example/|Why>") == ["https://y.example/"]


def test_mrkdwn_reads_as_in_slack() -> None:
    names = {"U1": "Ada"}
    assert mrkdwn("*b* _i_ ~s~ `c` <@U1> <!here> <https://x.example/?a=1&amp;b=2|L &amp; M>\n&lt;x&gt;", names) == (
        "<strong>b</strong> <em>i</em> <s>s</s> <code>c</code> <b>@Ada</b> <b>@here</b> "
        '<a href="https://x.example/?a=1&amp;b=2" rel="noopener noreferrer" target="_blank">L &amp; M</a><br>&lt;x&gt;'
    )
    assert mrkdwn("<javascript:alert(1)|x>", {}) == "x"


def test_a_chart_is_a_table_that_can_be_read_aloud() -> None:
    chart = {
        "type": "bar",
        "series": [{"name": "Shares", "data": [{"label": "Mon", "value": 3}]}],
        "axis_config": {"categories": ["Mon"], "x_label": "Day"},
    }
    html = block_html.blocks([{"type": "data_visualization", "title": "<Week>", "chart": chart}], {})
    assert html == (
        '<table class="chart"><caption>&lt;Week&gt;</caption><thead><tr><th scope="col">Day</th>'
        '<th scope="col">Shares</th></tr></thead><tbody><tr><th scope="row">Mon</th><td>3</td></tr></tbody></table>'
    )
