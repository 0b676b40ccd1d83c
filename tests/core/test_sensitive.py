"""Links that are never touched are found, ordinary ones are not taken for them, and nothing gets out."""

from collections import Counter
from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.address import LONGEST
from core.links_in import Examined, examine
from core.sensitive import reason
from core.sensitive_rules import Sensitive, SensitiveRules
from core.urls import UrlRules, table
from tests.core.corpus_words import missed, ordinary, sensitive

URLS = UrlRules.load()
RULES = SensitiveRules.load()
SENSITIVE = sensitive()
ORDINARY = ordinary()


def test_the_corpus_is_wide_enough_to_mean_something() -> None:
    assert len(SENSITIVE) >= 400
    assert len(ORDINARY) >= 1500
    assert set(Counter(named for named, _ in SENSITIVE)) == set(Sensitive)


def test_ninety_seven_of_a_hundred_sensitive_links_are_found_in_every_class() -> None:
    found = Counter(named for named, url in SENSITIVE if reason(url, RULES) is not None)
    there = Counter(named for named, _ in (*SENSITIVE, *missed()))
    assert all(found[named] >= 0.97 * there[named] for named in Sensitive), found


def test_what_is_said_to_be_missed_is() -> None:
    assert {reason(url, RULES) for _, url in missed()} == {None}


def test_three_in_a_thousand_ordinary_links_at_most_are_taken_for_one() -> None:
    taken = [url for url in ORDINARY if reason(url, RULES) is not None]
    assert len(taken) <= 0.003 * len(ORDINARY), taken


def test_the_reason_is_the_class_it_belongs_to() -> None:
    right = sum(reason(url, RULES) is named for named, url in SENSITIVE)
    assert right >= 0.9 * len(SENSITIVE)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/blog/how-to-reset-your-password",
        "https://example.com/docs/logout",
        "https://docs.example.com/logout",
        "https://example.com/2024/vote-results",
        "https://example.com/vote/2024",
        "https://example.com/vote?utm_source=1234567890ab",
        "https://example.com/cart?code=PROMO10",
        "https://example.com/?state=CA&code=94105",
        "https://gist.github.com/maria/1234567",
        "https://vimeo.com/123456789",
        "https://docs.google.com/document/d/e/2PACX-1vabc/pub",
        "https://docs.google.com.evil.example/document/d/1abc/edit",
        "https://www.youtube.com/watch?v=AbCdEf12345&pp=ygUEdGVzdA%3D%3D",
        "https://93.184.216.34/a",
        "http://[2606:2800:220:1:248:1893:25c8:1946]/",
        "https://meet.example.com/about",
        "https://call.example.org/papers/2024/x",
        "https://example.com/#section-2",
        "https://example.com/classv8.html#a079122af17612ef54ef3348ce170866f",
        "https://www.bbc.com/news/articles/c4nn1m2v3gro",
        "https://example.com/preview/annual-results-2024",
        "https://example.com/login",
        "https://example.com/blog/delete?id=1",
        "https://example.com/share?text=hello",
    ],
)
def test_an_ordinary_link_is_ordinary(url: str) -> None:
    assert reason(url, RULES) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/", "http://[::ffff:7f00:1]/", "http://10.1.2.3/",
        "http://168.63.129.16/", "http://192.0.2.1/", "http://224.0.0.1/", "http://255.255.255.255/", "http://0.0.0.0/",
        "http://[2001:db8::1]/", "http://[2002:7f00:1::]/", "http://[64:ff9b::7f00:1]/", "http://[fe80::1]/",
        "http://①②⑦.0.0.1/", "http://LOCALHOST./", "http://printer/", "http://a.LOCAL/", "https://intranet.example.com/a",
    ],
)  # fmt: skip
def test_an_address_inside_a_network_is_found_in_every_spelling(url: str) -> None:
    assert reason(url, RULES) is Sensitive.INTRANET


def test_a_host_that_we_serve_ourselves_is_not_inside_somebody_elses_network() -> None:
    ours = replace(RULES, served_here=frozenset({"news.local"}))
    assert reason("http://news.local/a", RULES) is Sensitive.INTRANET
    assert reason("http://news.local/a", ours) is None


def test_a_port_that_is_not_the_webs_leads_to_something_of_somebodys_own() -> None:
    assert reason("https://panel.example.com:10000/", RULES) is Sensitive.INTRANET
    assert reason("https://news.example.com:443/a", RULES) is None
    assert reason("https://news.example.com:8443/world/the-rivers-run-dry", RULES) is None
    assert reason("http://news.example.com:443/a", RULES) is None
    ours = replace(RULES, served_here=frozenset({"news.example.com"}))
    assert reason("http://news.example.com:8080/a", ours) is None


def test_a_label_of_an_intranet_needs_a_domain_of_its_own_under_it() -> None:
    assert reason("https://internal.example/", RULES) is None


def test_a_sensitive_link_gets_no_clean_form() -> None:
    examined = [examine(url, URLS, RULES) for _, url in SENSITIVE]
    assert all(found.clean is None and found.reason is not None for found in examined)


def test_what_is_wrapped_is_looked_at_before_anything_is_cleaned() -> None:
    url = "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2Freset-password%3Ftoken%3Dabcdef123456&h=AT0"
    assert reason(url, RULES) is None
    assert examine(url, URLS, RULES) == Examined(None, Sensitive.ONE_TIME)


def test_a_tracker_that_hides_a_session_does_not_lose_it_first() -> None:
    url = "https://example.com/page;jsessionid=0123456789ABCDEF?utm_source=x"
    assert examine(url, URLS, RULES) == Examined(None, Sensitive.CREDENTIALS)


def test_an_ordinary_link_is_cleaned() -> None:
    examined = examine("example.com/a?utm_source=x", URLS, RULES)
    assert examined.reason is None
    assert examined.clean is not None
    assert examined.clean.display == "https://example.com/a"


@pytest.mark.parametrize("url", ["https://example.com/requests/42/approve", "https://example.com/delete/7"])
def test_a_number_beside_an_act_is_what_it_acts_on(url: str) -> None:
    assert reason(url, RULES) is Sensitive.SIDE_EFFECT


@pytest.mark.parametrize(
    "url",
    [
        # what carries the key is named with what it is for
        "https://forum.example.net/users/confirm-email-token/0f1e2d3c4b5a69788796",
        # a newsletter's host writes about everything, but names a reader and a letter only to sign him off
        "https://news.example.org/unsubscribe/5f2a1c3b9d/9f8e7d6c5b4a",
        # parameters parted by semicolons
        "https://forum.example.org/index.php?action=markasread;sa=all;session=abcdef",
        # a component's name before the act
        "https://www.example.com/index.php?option=com_users&task=user.logout",
        "https://ci.example.com/job/deploy/build?delay=0sec",
        "https://mon-espace.example.com/sinistres/123456",
    ],
)
def test_a_link_that_acts_or_opens_is_found_by_its_structure(url: str) -> None:
    assert reason(url, RULES) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.com/verify/?gclid=Cj0KCQjw1a2b3c4d5e6f",
        "https://web.whatsapp.com/send?text=https%3A%2F%2Fexample.com%2Fa",
        "https://line.me/R/ti/p/%40example",
        "https://www.example.com/trip?sessionID=0&language=de",
        "https://dating.example.com/index.aspx?TrackingID=516163",
        "https://news.example.org/unsubscribe/letters",
    ],
)
def test_what_only_looks_like_a_key_is_ordinary(url: str) -> None:
    assert reason(url, RULES) is None


@pytest.mark.parametrize(
    ("url", "named"),
    [
        # an act and a thing, whatever the language's order, parted, in two segments, with and without accents
        ("https://www.example.pl/potwierdz-email/0f1e2d3c4b5a69788796", Sensitive.ONE_TIME),
        ("https://www.example.fr/r%C3%A9initialiser-le-mot-de-passe/0f1e2d3c4b5a69788796", Sensitive.ONE_TIME),
        ("https://www.example.ru/сброс-пароля/0f1e2d3c4b5a69788796", Sensitive.ONE_TIME),
        ("https://www.example.fr/panier/ajouter/123", Sensitive.SIDE_EFFECT),
        # an object's number, and what is done to it
        ("https://forum.example.com/posts/12/like", Sensitive.SIDE_EFFECT),
        # a zone inside a network, and a label with a number behind it
        ("https://jira.corp.example.com/a", Sensitive.INTRANET),
        ("https://app2.example.com/org/5f2a1c3b9d0e4f6a7b8c", Sensitive.INTRANET),
        # what is typed in Cyrillic or Japanese, and a document that is named by a key
        ("https://www.example.jp/パスワード再設定/0f1e2d3c4b5a69788796", Sensitive.ONE_TIME),
        ("https://www.example.fr/billets/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0.pdf", Sensitive.PERSONAL_BUSINESS),
    ],
)  # fmt: skip
def test_what_a_path_says_is_understood_in_its_own_words(url: str, named: Sensitive) -> None:
    assert reason(url, RULES) is named


@pytest.mark.parametrize(
    "url",
    [
        # words of a phrase among others, an act without a thing, a phrase without what it is about
        "https://www.example.com/reset-your-life-in-ten-steps/123456",
        "https://www.example.com/new-nouveau-neu/123456",
        "https://www.example.de/passwort-zuruecksetzen",
        # a subject that has a number, and too short a path for a thing
        "https://www.example.com/news/12345/vote",
        "https://www.example.com/123/pin",
        "https://www.example.com/posts/all/pin",
        "https://www.example.com/2024/05/12/pin",
        # a headline and its number, beside a word that also stands on what is one person's own
        "https://www.example.com/tickets/concert-of-the-year-1234567",
        "https://www.example.com/interview/on-the-budget-987654",
        # a parameter that is long, and named like nothing that opens
        "https://www.example.com/gallery/how-to-build/#intcid=_right-rail_635e5d61-8c85-45a3-b133-1ea83288c0f3",
        # a publisher's hosts that are named like those of mails
        "https://news.example.com/c/How-To-Build-A-Better-Newsroom-In-2026",
        "https://t.example.com/r/Der-Neue-Plan-Der-Stadt-Und-Die-Kosten-2026",
        "https://news.ycombinator.com/item?id=40000000",
        "https://go.dev/blog/go1.22",
        "https://info.cern.ch/hypertext/WWW/TheProject.html",
        "https://t.me/durov/342",
        # a public tracker, and a login page that only says where to go next
        "https://jira.mariadb.org/browse/MDEV-12345",
        "https://www.example.com/login?redirect_uri=https%3A%2F%2Fwww.example.com%2F",
    ],
)
def test_what_only_uses_the_words_is_ordinary(url: str) -> None:
    assert reason(url, RULES) is None


@pytest.mark.parametrize(
    ("url", "named"),
    [
        # a UUID that is a whole segment, also of a document, also in a fragment's path
        ("https://www.example.ch/ablage/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0.pdf", Sensitive.PRIVATE_SHARE),
        ("https://www.example.com/#/k/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", Sensitive.PRIVATE_SHARE),
        # a name that says in its middle what it carries
        ("https://www.example.com/a?inAuthBox=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", Sensitive.CREDENTIALS),
        # a place of one's own and a number
        ("https://www.example.fr/espace-client/comptes/12345678901", Sensitive.INTRANET),
        # what is done to what is read by many, a key in a fragment
        ("https://www.example.com/posts/1234567/upvote", Sensitive.SIDE_EFFECT),
        ("https://www.example.com/magic-link#4b5a69788796a5b4c34b5a69788796a5", Sensitive.ONE_TIME),
        # a path in the query, and a document's ending
        ("https://www.example.com/index.php?route=account%2Freset&code=4b5a69788796a5b4c3", Sensitive.ONE_TIME),
        ("https://www.example.com/orders/2024123/invoice.pdf", Sensitive.PERSONAL_BUSINESS),
        # what is asked for in a place of one's own is called by its name
        ("https://www.example.com/my-account/reset-password/4b5a69788796a5b4c3", Sensitive.ONE_TIME),
        ("https://app.hubspot.com/teams/invite/4b5a69788796a5b4c3", Sensitive.INVITATION),
        # hosts where one pays or signs in
        ("https://pay.example.com/acme/1234567", Sensitive.PERSONAL_BUSINESS),
        ("https://sso.example.com/a?x=4b5a69788796a5b4c3", Sensitive.ONE_TIME),
    ],
)
def test_what_is_somebodys_own_is_known_whatever_the_service(url: str, named: Sensitive) -> None:
    assert reason(url, RULES) is named


@pytest.mark.parametrize(
    "url",
    [
        # a UUID beside a word, a headline or a year that says that many read it; a page, a picture, a host of vacancies
        "https://www.example.com/content/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "https://www.example.fi/uutiset/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "https://www.example.com/the-rivers-run-dry/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "https://www.example.com/2024/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "https://www.example.com/x/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/y.html",
        "https://www.example.com/x/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/y.jpg",
        "https://jobs.example.com/acme/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "https://docs.example.com/a/b/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "https://www.example.com/cronaca_0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0.shtml",
        # a title behind the number of what is read by many
        "https://www.example.com/questions/12345678/reset-password",
        "https://www.example.com/listing/1234567890/invitation",
        "https://www.example.dk/indland/art1234567/betaling",
        # months, days and the numbers of pages number nothing of anybody's
        "https://www.example.com/2024/05/invoice",
        "https://www.example.com/2024/3/12/vote",
        "https://www.example.com/page/2/orders",
        "https://www.example.com/uploads/2024/05/invoice.pdf",
        # a name that has such a word in it, and a value that is none
        "https://www.example.com/a?authors=maria-and-others-2024",
        "https://pay.example.com/blog/the-new-card-2024",
        "https://sso.example.com/a?next=https%3A%2F%2Fwww.example.com%2Fnews%2F12345678",
    ],
)
def test_what_is_named_for_many_is_ordinary(url: str) -> None:
    assert reason(url, RULES) is None


def test_what_is_no_web_address_counts_as_another_scheme() -> None:
    assert examine("mailto:maria@example.org", URLS, RULES) == Examined(None, Sensitive.OTHER_SCHEME)
    assert reason("hello", RULES) is Sensitive.OTHER_SCHEME


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("sensitive", kind) for kind in ("host", "label", "shape")),
        *(("trackers", kind) for kind in ("tracker", "path")),
        ("wrappers", "wrapper"),
    ],
)
def test_every_entry_of_the_tables_names_its_source(name: str, kind: str) -> None:
    assert all(entry["source"] for entry in table(name)[kind])


@pytest.mark.parametrize(
    "piece", ["a1-", "/", "0", "/s/", "a", "A1", "-", "%2F", "?exp=1234567890/", "/hooks/a/", "aaaa0"]
)
@pytest.mark.parametrize("host", ["example.com", "we.tl", "mychart.com", "www.loom.com", "urldefense.com"])
def test_a_hostile_address_costs_no_more_than_a_blink(host: str, piece: str) -> None:
    url = f"https://{host}/" + (piece * LONGEST)[: LONGEST - 60] + "!"
    started = process_time()
    examine(url, URLS, RULES)
    assert process_time() - started < 1.5


def test_what_is_longer_than_a_message_is_left_alone() -> None:
    assert reason("https://example.com/" + "a" * LONGEST, RULES) is Sensitive.OTHER_SCHEME


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    examined = examine(text, URLS, RULES)
    assert (examined.clean is None) is not (examined.reason is None)
    reason(text, RULES)


@given(
    st.text(st.sampled_from("/?#&=.%-_:@abcXYZ019é東[]+~ \t"), max_size=60),
    st.sampled_from(["example.com", "t.me", "zoom.us", "meet.a.example"]),
)
def test_any_path_and_query_gets_an_answer_and_only_one(tail: str, host: str) -> None:
    examined = examine(f"https://{host}/{tail}", URLS, RULES)
    assert (examined.clean is None) is not (examined.reason is None)


@given(st.sampled_from(ORDINARY), st.sampled_from(["utm_source=x", "fbclid=IwAR0abc", "gclid=1"]))
def test_a_tracker_never_makes_an_ordinary_link_sensitive(url: str, tracker: str) -> None:
    before, _, fragment = url.partition("#")
    tagged = f"{before}{'&' if '?' in before else '?'}{tracker}" + (f"#{fragment}" if fragment else "")
    assert (reason(tagged, RULES) is None) is (reason(url, RULES) is None)


PRIVATE = (
    "127.0.0.1",
    "10.0.0.5",
    "172.16.4.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.3.2",
    "168.63.129.16",
    "0.0.0.0",  # noqa: S104 - what nobody may dial
)


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """A private address as somebody would write it who does not want it to be recognised."""
    parts = [int(part) for part in draw(st.sampled_from(PRIVATE)).split(".")]
    number = int.from_bytes(bytes(parts))
    base = st.sampled_from([str, hex, "0{:o}".format, "0x{:08x}".format])
    joined = draw(
        st.sampled_from([parts, [number], [parts[0], number % 2**24], [parts[0], parts[1], number % 2**16]]),
    )
    plain = ".".join(draw(base)(part) for part in joined)
    wide = draw(st.lists(st.booleans(), min_size=len(plain), max_size=len(plain)))
    host = "".join(
        chr(0xFF10 + int(char)) if widen and char.isdigit() else char for char, widen in zip(plain, wide, strict=True)
    )
    dotted = host.replace(".", draw(st.sampled_from([".", "\u3002", "\uff0e", "\uff61"])))
    literal = f"[::ffff:{'.'.join(map(str, parts))}]"
    before = draw(
        st.sampled_from(["http://", "https://", "http:\\\\", "http:/", "http://user@", "http://news.example:80@"])
    )
    after = draw(st.sampled_from(["", ".", "/", ":80/", "/a?b=c", "\\@news.example/", "#@news.example/"]))
    return before + draw(st.sampled_from([dotted, literal])) + after


@given(disguised())
def test_a_private_address_is_recognised_in_every_disguise(url: str) -> None:
    examined = examine(url, URLS, RULES)
    assert examined.clean is None, examined.clean
