import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.unfurl.charset import codec_of, to_utf8

RUSSIAN = "Городской совет одобрил новую трамвайную линию, сообщает вестник"
PAGE = "<html><head><title>{0}</title></head><body><p>{0}. {0}.</p></body></html>"


def text(body: bytes, content_type: str = "") -> str:
    return to_utf8(body, content_type).decode()


@given(st.text())
def test_whatever_is_utf_8_stays_as_it_is(page: str) -> None:
    body = page.encode("utf-8", "replace")
    if not body.startswith((b"\xff", b"\xfe", b"\xef\xbb\xbf")) and b"\x00" not in body:
        assert to_utf8(body, "text/html; charset=windows-1251") == body


@given(
    st.binary(max_size=600),
    st.sampled_from(["", "text/html", "text/html; charset=shift_jis", "a; charset=\x00", "utf-7"]),
)
def test_any_bytes_become_utf_8_of_some_kind(body: bytes, content_type: str) -> None:
    to_utf8(body, content_type).decode()


def test_a_character_cut_in_two_by_the_limit_is_left_out() -> None:
    assert text(RUSSIAN.encode()[:-1]) == RUSSIAN[:-1]


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_a_long_page_of_utf_8_is_read_to_its_end(before: str) -> None:
    page = before + "a" * 20_000 + "€" * 20_000
    assert text(page.encode()) == page
    assert text(page.encode()[:-1]) == page[:-1]


def test_a_broken_byte_far_down_a_page_is_seen() -> None:
    assert text(("€" * 10_000).encode() + b"\xe9t\xe9", "text/html; charset=utf-8").endswith("€\ufffdt\ufffd")


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"),
        (" latin1 ", "cp1252"),
        ("us-ascii", "cp1252"),
        ("gb2312", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("x-sjis", "cp932"),
        ("tis-620", "cp874"),
        ("iso-8859-9", "cp1254"),
        ("utf8", "utf-8"),
        ("unicode", "utf-16-le"),
        ("utf-7", None),
        ("utf-32", None),
        ("x-user-defined", None),
        ("idna", None),
        ("", None),
    ],
)
def test_labels_mean_what_the_encoding_standard_says(label: str, codec: str | None) -> None:
    assert codec_of(label) == codec


def test_utf_7_is_never_spoken() -> None:
    body = b'<meta charset="utf-7"><title>+ADw-script+AD4-</title>'
    assert to_utf8(body, "text/html; charset=utf-7") == body


@pytest.mark.parametrize("told", ["iso-8859-1", "utf-8", "windows-1252", "big5", "nonsense"])
def test_a_label_that_the_bytes_do_not_bear_out_is_not_believed(told: str) -> None:
    assert RUSSIAN in text(PAGE.format(RUSSIAN).encode("cp1251"), f"text/html; charset={told}")


def test_the_header_goes_before_the_page_where_both_are_possible() -> None:
    body = f'<meta charset="windows-1252"><title>{"łąka żółć źdźbło ćma ślimak"}</title>'.encode("iso8859-2")
    assert "żółć źdźbło" in text(body, "text/html; charset=iso-8859-2")


def test_one_broken_byte_does_not_turn_a_page_of_utf_8_into_something_else() -> None:
    body = PAGE.format(RUSSIAN).encode() + b"\xff" + RUSSIAN.encode()
    assert RUSSIAN in text(body, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("codec", "page"),
    [
        ("utf-16", "<title>Grüße</title>"),
        ("utf-16-le", "<title>Grüße</title>"),
        ("utf-16-be", " <title>Grüße</title>"),
        ("utf-8-sig", "<title>Grüße</title>"),
    ],
)
def test_wide_pages_and_marks_at_the_beginning_are_understood(codec: str, page: str) -> None:
    assert text(page.encode(codec), "text/html; charset=iso-8859-1").strip() == page.strip()


def test_wide_pages_are_believed_when_their_header_says_so() -> None:
    assert "é" in text("<p>é</p>".encode("utf-16-be"), "text/html; charset=utf-16be")


@pytest.mark.parametrize(
    ("language", "codec", "words"),
    [
        ("pl", "cp1250", "Dziś w Łodzi otwarto wystawę, źródło: żaden śląski dziennik"),
        ("tr", "cp1254", "Bugün İstanbul'da ışık ve güneş sergisi açıldı, çağdaş değil"),
        ("fr", "cp1252", "L’été à Paris : où sont passés les élèves déjà très fatigués ?"),
    ],
)
def test_the_language_of_a_page_tells_its_old_encoding(language: str, codec: str, words: str) -> None:
    body = f"<html lang={language}>{PAGE.format(words)}".encode(codec)
    assert words in text(body, "text/html; charset=iso-8859-1")
    assert words in text(body)


@pytest.mark.parametrize(("codec", "bom"), [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")])
def test_utf_16_that_is_cut_in_a_character_or_broken_in_one_is_read_before_it(codec: str, bom: bytes) -> None:
    text = "<title>Mehr Züge 🚋</title>"
    whole = bom + text.encode(codec)
    for rest in ("🚋".encode(codec)[:3], "🚋".encode(codec)[:2] + "x".encode(codec), b"\x00"):
        assert to_utf8(whole + rest).decode().startswith(text)


def test_utf_16_of_nothing_but_broken_units_is_read_no_further_than_need_be() -> None:
    assert len(to_utf8(b"\xff\xfe" + b"\x00\xd8" * 200_000)) < 100_000


@pytest.mark.parametrize(
    ("codec", "label", "words"),
    [
        ("iso2022_jp", "utf-8", "新しい路面電車"),
        ("iso2022_jp", "", "新しい路面電車"),
        ("cp1252", "utf-8", "A café on Main Street"),
        ("big5", "big5", "電車"),
    ],
)
def test_a_few_letters_are_read_whatever_the_server_says(codec: str, label: str, words: str) -> None:
    page = f'<meta charset="{label}"><title>{words}</title>'.encode(codec)
    assert words in text(page, "text/html; charset=iso-8859-1")
    assert words in text(page)


IN_A_LANGUAGE = '<html lang="{0}"><head><title>{1}</title></head><body><p>{1}.</p></body></html>'
TOLD = {
    "zh": "市議會批准新建電車線",
    "ja": "市議会が新しい路面電車の路線を承認",
    "cs": "Městská rada schválila síť nových tratí, uvádí věstník",
    "pl": "Rada miasta zatwierdziła nową linię tramwajową: są źródła, że ruszą w środę",
    "uk": "Міська рада схвалила нову трамвайну лінію, повідомляє вісник",
    "ru": RUSSIAN,
    "ar": "مجلس المدينة يوافق على خط ترام جديد",
    "el": "Το δημοτικό συμβούλιο ενέκρινε τη νέα γραμμή του τραμ. Άλλα νέα",
}
WRITTEN = [
    ("zh", "big5"),
    ("ja", "shift_jis"),
    ("ja", "euc-jp"),
    ("cs", "windows-1250"),
    ("cs", "iso-8859-2"),
    ("pl", "windows-1250"),
    ("pl", "iso-8859-2"),
    ("uk", "windows-1251"),
    ("uk", "koi8-u"),
    ("ru", "koi8-r"),
    ("ar", "windows-1256"),
    ("ar", "iso-8859-6"),
    ("el", "iso-8859-7"),
]


@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
@pytest.mark.parametrize("header", ["text/html", "text/html; charset=utf-8"])
def test_a_short_page_in_a_known_language_is_read_without_a_label_or_with_a_false_one(
    language: str, encoding: str, header: str
) -> None:
    page = IN_A_LANGUAGE.format(language, TOLD[language])
    assert text(page.encode(encoding), header) == page


@pytest.mark.parametrize(
    ("language", "encoding", "label"),
    [
        ("pl", "iso-8859-2", "windows-1250"),
        ("pl", "windows-1250", "iso-8859-2"),
        ("uk", "koi8-u", "windows-1251"),
        ("ja", "euc-jp", "shift_jis"),
        ("zh", "big5", "gb2312"),
        ("ar", "iso-8859-6", "windows-1256"),
    ],
)
def test_a_label_that_makes_nonsense_of_the_page_s_language_is_not_believed(
    language: str, encoding: str, label: str
) -> None:
    page = IN_A_LANGUAGE.format(language, TOLD[language])
    assert text(page.encode(encoding), f"text/html; charset={label}") == page


@pytest.mark.parametrize(
    ("language", "encoding", "label", "words"),
    [
        ("pl", "cp1250", "iso-8859-2", "Gospodarze wracają do rozmów, mieszkańcy mają dać odpowiedzi, wołają ich"),
        ("ko", "cp949", "gb18030", "시의회 새 트램 노선 승인, 다음 달부터 공사 시작"),
    ],
)
def test_letters_that_a_language_has_not_give_a_label_away(
    language: str, encoding: str, label: str, words: str
) -> None:
    page = IN_A_LANGUAGE.format(language, words)
    assert text(page.encode(encoding), f"text/html; charset={label}") == page


def test_a_true_label_is_believed_also_where_the_page_names_another_language() -> None:
    german = IN_A_LANGUAGE.format("ru", "Überall fällt für die Größe der Brücke Geld ab, sagt die Behörde für Straßen")
    assert text(german.encode("cp1252"), "text/html; charset=windows-1252") == german
    polish = IN_A_LANGUAGE.format("cs", TOLD["pl"])
    assert text(polish.encode("cp1250"), "text/html; charset=windows-1250") == polish


def test_polish_without_a_label_or_a_language_is_told_from_western_texts() -> None:
    page = PAGE.format(TOLD["pl"] + ". " + "Właściciele gruntów sprzeciwiają się budowie, bo przeszkadza im hałas")
    assert text(page.encode("iso-8859-2")) == page
