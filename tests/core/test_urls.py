"""Many spellings of one address, and what others put on it."""

import re
from base64 import urlsafe_b64encode
from string import printable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import NotALink
from core.urls import UrlRules, canonicalize, registrable_domain, table, with_utm
from tests.core.corpus_words import ordinary

RULES = UrlRules.load()
ORDINARY = ordinary()


def cleaned(url: str) -> str:
    return canonicalize(url, RULES).display


def key(url: str) -> str:
    return canonicalize(url, RULES).key


def percent(url: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.~-]", lambda char: "".join(f"%{byte:02X}" for byte in char[0].encode()), url)


def test_trackers_come_off_and_the_card_can_say_which() -> None:
    clean = canonicalize("https://www.example.com/a?utm_source=x&b=2&FBCLID=IwAR1&c=%C3%a9#part", RULES)
    assert clean.display == "https://www.example.com/a?b=2&c=%C3%a9#part"
    assert clean.removed == ("utm_source", "FBCLID")
    assert clean.site == "example.com"


@pytest.mark.parametrize(
    ("url", "display"),
    [
        ("https://example.com/a?utm_source=x", "https://example.com/a"),
        ("https://example.com?utm_source=x", "https://example.com"),
        ("https://example.com/a?b&utm%5Fsource=x&c=", "https://example.com/a?b&c="),
        ("https://example.com/a?b=1&amp;utm_source=x&amp;c=2", "https://example.com/a?b=1&amp;c=2"),
        ("https://example.com/a#utm_source=rss&utm_medium=feed", "https://example.com/a"),
        ("https://example.com/a#xtor=RSS-1&part", "https://example.com/a#part"),
        ("https://youtu.be/abc?si=1234&t=42", "https://youtu.be/abc?t=42"),
        ("https://music.youtube.com/watch?v=abc&si=1", "https://music.youtube.com/watch?v=abc"),
        ("https://open.spotify.com/track/1?si=2&context=3", "https://open.spotify.com/track/1?context=3"),
        ("https://www.instagram.com/p/abc/?igsh=1&img_index=2", "https://www.instagram.com/p/abc/?img_index=2"),
        ("https://x.com/a/status/1?s=20&t=abc", "https://x.com/a/status/1"),
        ("https://www.tiktok.com/@a/video/1?_r=1&_t=2", "https://www.tiktok.com/@a/video/1"),
        ("https://de.wikipedia.org/wiki/M%C3%BCnchen?wprov=sfla1", "https://de.wikipedia.org/wiki/M%C3%BCnchen"),
        (
            "https://www.amazon.de/X/dp/B0/ref=sr_1_1?qid=1&th=1&tag=me-21",
            "https://www.amazon.de/X/dp/B0?th=1&tag=me-21",
        ),
        ("https://www.google.co.uk/search?q=a&ved=1&ei=2&tbm=isch", "https://www.google.co.uk/search?q=a&tbm=isch"),
        ("https://medium.com/@a/b-1?source=email&sk=abc", "https://medium.com/@a/b-1?sk=abc"),
    ],
)
def test_what_tracks_goes_and_all_else_stays_in_its_order_and_spelling(url: str, display: str) -> None:
    assert cleaned(url) == display


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a?mc=1&ref=2&id=3&s=4&t=5&si=6&source=7&from=8&tag=9&feature=10",
        "https://example.com/login?redirect_uri=https%3A%2F%2Fother.example%2F",
        "https://twitter.com/intent/tweet?url=https%3A%2F%2Fexample.com&text=hi",
        "https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fexample.com",
        "https://example.com/x?b=2&a=1&&a=3&=4&c",
        "https://example.com/wiki/München?q=東京",
        "https://example.com/a?#",
        "https://www.google.com/maps/place/X/@48.8,2.3,17z/data=!3m1!4b1",
        "https://example.com/ref=sr_1_1",
        "https://evilyoutube.com/watch?v=1&si=2",
    ],
)
def test_ambiguous_names_and_share_intents_are_left_as_they_are(url: str) -> None:
    assert canonicalize(url, RULES).display == url
    assert canonicalize(url, RULES).removed == ()


TARGET = "https://example.com/a/b?c=d&e=f%20g"


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.google.com/url?sa=t&url={percent(TARGET)}&usg=AOv",
        f"https://www.google.co.uk/url?q={percent(TARGET)}&sa=D",
        f"https://l.facebook.com/l.php?u={percent(TARGET)}%26fbclid%3DIwAR1&h=AT0",
        f"https://lm.facebook.com/l.php?u={percent(TARGET)}",
        f"https://l.instagram.com/?u={percent(TARGET)}&e=AT1",
        f"https://www.youtube.com/redirect?event=video&redir_token=QUFF&q={percent(TARGET)}&v=abc",
        f"https://eur02.safelinks.protection.outlook.com/?url={percent(TARGET)}&data=05%7C01&sdata=x%3D&reserved=0",
        f"https://slack-redir.net/link?url={percent(TARGET)}",
        f"https://out.reddit.com/t3_1?url={percent(TARGET)}&token=AQAA&app_name=web",
        f"https://www.linkedin.com/safety/go?url={percent(TARGET)}&trk=x",
        f"https://duckduckgo.com/l/?uddg={percent(TARGET)}&rut=1",
        f"https://www.bing.com/ck/a?!&&p=1&u=a1{urlsafe_b64encode(TARGET.encode()).decode().rstrip('=')}&ntb=1",
        f"https://r.search.yahoo.com/_ylt=Awr/RV=2/RE=1/RO=10/RU={percent(TARGET)}/RK=2/RS=x-",
        f"https://vk.com/away.php?to={percent(TARGET)}&cc_key=",
        f"https://steamcommunity.com/linkfilter/?url={TARGET}",
        f"https://steamcommunity.com/linkfilter/?u={percent(TARGET)}",
        f"https://steamcommunity.com/linkfilter/{TARGET}",
        f"https://t.umblr.com/redirect?z={percent(TARGET)}&t=abc",
        f"https://href.li/?{TARGET}",
        f"https://disq.us/url?url={percent(TARGET)}%3AnMvJqrZcZ9Q2mCkT1xYwVbRnMMM&cuid=1",
        f"https://urldefense.proofpoint.com/v1/url?u={percent(TARGET)}&k=x",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__example.com_a_b-3Fc-3Dd-26e-3Df-2520g&d=DwM&c=x",
        "https://urldefense.com/v3/__https://example.com/a/b?c=d&e=f*20g__;JQ!!AbC!xyz$",
        "https://urldefense.com/v3/__https:/example.com/a/b?c=d&e=f*20g__;JQ!!AbC!xyz$",
        f"https://linkprotect.cudasvc.com/url?a={percent(TARGET)}&c=E,1,x&typo=1",
        f"https://secure-web.cisco.com/1abc/{percent(TARGET)}",
        f"https://eu-west-1.protection.sophos.com/?d=example.com&u={urlsafe_b64encode(TARGET.encode()).decode()}",
        f"https://www.curseforge.com/linkout?remoteUrl={percent(percent(TARGET))}",
        f"https://www.google.com/amp/s/{TARGET.removeprefix('https://')}",
        f"https://www.google.com/amp/s/{TARGET.removeprefix('https://').replace('?', '%3f')}",
        f"https://t.me/iv?url={percent(TARGET)}&rhash=0c1d2e3f4a5b6c",
        f"https://example-com.cdn.ampproject.org/c/s/{TARGET.removeprefix('https://')}",
        f"https://googleads.g.doubleclick.net/pcs/click?xai=1&adurl={TARGET}",
        f"https://prf.hn/click/camref:1/destination:{percent(TARGET)}",
    ],
)
def test_a_wrapper_gives_back_what_it_carries(url: str) -> None:
    clean = canonicalize(url, RULES)
    assert clean.display == TARGET
    assert clean.removed


def test_proofpoint_keeps_runs_of_characters_aside() -> None:
    kept = urlsafe_b64encode("äöü".encode()).decode().rstrip("=")
    assert cleaned(f"https://urldefense.com/v3/__https://example.com/**A/*__;{kept}!!x$") == "https://example.com/äö/ü"


def test_a_share_of_a_video_by_attribution_link_leads_to_the_video() -> None:
    url = "https://www.youtube.com/attribution_link?a=1&u=%2Fwatch%3Fv%3Dabc%26feature%3Dshare"
    assert cleaned(url) == "https://www.youtube.com/watch?v=abc"


@pytest.mark.parametrize(
    "url",
    [
        "https://l.facebook.com.evil.example/l.php?u=https%3A%2F%2Fexample.com",
        "https://notl.facebook.co/l.php?u=https%3A%2F%2Fexample.com",
        "https://google.evil.example/url?q=https%3A%2F%2Fexample.com",
        "https://www.google.com/url?q=javascript%3Aalert(1)",
        "https://www.google.com/url?q=ftp%3A%2F%2Fexample.com",
        "https://www.google.com/url?q=https%3A%2F%2F%5Bbroken",
        "https://www.google.com/url?q=",
        "https://www.google.com/accounts?q=https%3A%2F%2Fexample.com",
        "https://www.bing.com/ck/a?u=a1%FF%FE",
        "https://www.bing.com/ck/a?u=a1_w",
        "https://urldefense.com/v3/__https://example.com/*__;_w!!x$",
        "https://www.google.com/amp/nothing",
        "https://steamcommunity.com/linkfilter/other",
    ],
)
def test_a_look_alike_or_a_wrapper_without_a_web_address_stays_as_it_is(url: str) -> None:
    assert cleaned(url) == url


def wrapped(url: str, times: int) -> str:
    for _ in range(times):
        url = f"https://l.facebook.com/l.php?u={percent(url)}"
    return url


def test_four_wrappers_are_taken_off_and_a_fifth_leaves_all_of_them_on() -> None:
    assert cleaned(wrapped(TARGET, 4)) == TARGET
    assert cleaned(wrapped(TARGET, 5)) == wrapped(TARGET, 5)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a",
        "https://www.example.com/a/",
        "HTTPS://WWW.EXAMPLE.COM:443/a#part",
        "http://example.com:80/a/",
        "https://example.com./a?",
        "example.com/a",
        "//example.com/a",
        "https://example.com/a?utm_source=x",
        "https://www.www.example.com/./b/../a",
        " https://example.com/\ta\n",
        "https:\\\\example.com\\a",
    ],
)
def test_one_page_has_one_key(url: str) -> None:
    assert key(url) == "https://example.com/a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/?a=1&b=2", "https://example.com/?b=2&a=1"),
        ("https://example.com/#!/a", "https://example.com/#!/b"),
        ("https://example.com/#/a", "https://example.com/"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com:8080/", "https://example.com/"),
        ("https://www.com/", "https://com.example/"),
        ("https://a.example.com/", "https://example.com/"),
    ],
)
def test_different_pages_have_different_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_escapes_that_mean_the_same_are_one_key_and_the_display_keeps_its_own() -> None:
    assert key("https://example.com/%7Euser/%c3%a9") == key("https://example.com/~user/é")
    assert cleaned("https://example.com/%7Euser/%c3%a9") == "https://example.com/%7Euser/%c3%a9"


@pytest.mark.parametrize(
    ("url", "display"),
    [
        ("https://example.com/a b", "https://example.com/a%20b"),
        ("https://example.com/a\u202eb", "https://example.com/a%E2%80%AEb"),
        ("https://example.com/<!channel>", "https://example.com/%3C!channel%3E"),
        ("https://example.com\\evil", "https://example.com/evil"),
        ("https://münchen.example/ü", "https://xn--mnchen-3ya.example/ü"),
        ("HTTPS://EXAMPLE.com/A", "https://example.com/A"),
    ],
)
def test_a_spelling_that_could_deceive_is_shown_in_its_normal_form(url: str, display: str) -> None:
    assert cleaned(url) == display


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "hello world", "mailto:a@example.com", "tel:+123", "javascript:alert(1)", "java\tscript:alert(1)",
        "ftp://example.com/x", "https://", "https://[::1", "https://ex..com/", "https://.com", "a@example.com/x",
        "https://\ud800.com", "data:text/html,x", "localhost:80",
    ],
)  # fmt: skip
def test_what_is_not_a_web_address_is_named_so(text: str) -> None:
    with pytest.raises(NotALink):
        canonicalize(text, RULES)


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("www.example.co.uk", "example.co.uk"),
        ("maria.github.io", "maria.github.io"),
        ("Example.COM.", "example.com"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("93.184.216.34", "93.184.216.34"),
        ("[2606:2800::1]", "[2606:2800::1]"),
    ],
)
def test_the_site_is_what_somebody_registered(host: str, site: str) -> None:
    assert registrable_domain(host) == site


@pytest.mark.parametrize(
    ("url", "tagged"),
    [
        ("https://a.example", "https://a.example?{}"),
        ("https://a.example/?", "https://a.example/?{}"),
        ("https://a.example/x?y=1", "https://a.example/x?y=1&{}"),
        ("https://a.example/x?y=1&#z", "https://a.example/x?y=1&{}#z"),
    ],
)
def test_utm_makes_a_private_share_visible(url: str, tagged: str) -> None:
    parameters = "utm_source=telegram&utm_medium=social&utm_campaign=private-share"
    assert with_utm(url, source="telegram") == tagged.format(parameters)


@pytest.mark.parametrize(
    "url", ["https://a.example/?UTM_id=1", "https://a.example/#utm_source=x", "https://a.example/?a&utm%5Fterm=1"]
)
def test_a_publisher_keeps_their_own_utm(url: str) -> None:
    assert with_utm(url, source="slack") == url


def test_a_campaign_name_cannot_break_out_of_its_parameter() -> None:
    assert with_utm("https://a.example", source="s", campaign="a b&c=é").endswith("&utm_campaign=a%20b%26c%3D%C3%A9")


def test_every_entry_of_the_tables_names_its_source() -> None:
    entries = table("trackers")["tracker"] + table("trackers")["path"] + table("wrappers")["wrapper"]
    assert all("https://" in entry["source"] for entry in entries)


def test_no_ambiguous_name_is_taken_everywhere() -> None:
    assert not RULES.everywhere.names & {
        "mc",
        "ref",
        "id",
        "s",
        "t",
        "si",
        "source",
        "tag",
        "u",
        "url",
        "q",
        "p",
        "from",
        "share",
    }


def test_cleaning_an_everyday_address_twice_changes_nothing() -> None:
    for url in ORDINARY:
        once = canonicalize(url, RULES)
        again = canonicalize(once.display, RULES)
        assert (again.display, again.key, again.removed) == (once.display, once.key, ())
        assert key(once.key) == once.key


NAMES = st.sampled_from(
    ["utm_source", "fbclid", "gclid", "mtm_campaign", "u%74m_x", "amp;utm_id", "u", "url", "q", "si", "s", "t", "ref"]
)
VALUES = st.text(st.sampled_from(printable + "é%/:&=#?東\u202e"), max_size=12)
HOSTS = st.sampled_from(
    ["example.com", "www.google.com", "l.facebook.com", "youtu.be", "www.amazon.de", "bücher.example", "127.0.0.1:80"]
)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    path = draw(st.sampled_from(["", "/", "/url", "/l.php", "/a/ref=x/", "/redirect", "//b/../c/"])) + draw(VALUES)
    query = "&".join(f"{draw(NAMES)}={draw(VALUES)}" for _ in range(draw(st.integers(0, 4))))
    return f"{draw(st.sampled_from(['http', 'https', 'HTTP']))}://{draw(HOSTS)}{path}?{query}#{draw(VALUES)}"


@given(addresses(), st.integers(0, 6))
def test_cleaning_twice_changes_nothing(url: str, times: int) -> None:
    try:
        once = canonicalize(wrapped(url, times), RULES)
    except NotALink:
        assume(False)  # noqa: FBT003 - hypothesis takes the condition by position
        raise
    again = canonicalize(once.display, RULES)
    assert again.display == once.display
    assert again.key == once.key
    assert again.removed == ()


@given(st.text())
def test_any_text_is_a_clean_address_or_not_a_link(text: str) -> None:
    try:
        clean = canonicalize(text, RULES)
    except NotALink:
        return
    assert clean.display.startswith(("http://", "https://"))
    assert clean.key.startswith("https://")
