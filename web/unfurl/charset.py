"""The bytes of a page into text, also where its label lies (pure).

Order: byte order mark, strict UTF-8, the header's label, the page's own label, a guess, windows-1252. Labels are those
of the WHATWG Encoding Standard; each is believed only as far as the bytes bear it out. UTF-7 is never spoken.
"""

import codecs
import re
from itertools import pairwise

from charset_normalizer import from_bytes

_LABELS_OF = {  # Python's codec: its labels in the WHATWG Encoding Standard, section 4.2
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
    "cp866": "866 cp866 csibm866 ibm866",
    "iso8859-2": "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
    "iso8859-3": "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
    "iso8859-4": "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
    "iso8859-5": "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988",
    "iso8859-6": "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e "
    "iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987",
    "iso8859-7": "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 "
    "iso_8859-7 iso_8859-7:1987 sun_eu_greek",
    "iso8859-8": "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 "
    "iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical",
    "iso8859-10": "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6",
    "iso8859-13": "iso-8859-13 iso8859-13 iso885913",
    "iso8859-14": "iso-8859-14 iso8859-14 iso885914",
    "iso8859-15": "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9",
    "iso8859-16": "iso-8859-16",
    "koi8-r": "cskoi8r koi koi8 koi8-r koi8_r",
    "koi8-u": "koi8-ru koi8-u",
    "mac-roman": "csmacintosh mac macintosh x-mac-roman",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "cp874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
    "cp1250": "cp1250 windows-1250 x-cp1250",
    "cp1251": "cp1251 windows-1251 x-cp1251",
    "cp1252": "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 "
    "iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252",
    "cp1253": "cp1253 windows-1253 x-cp1253",
    "cp1254": "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 "
    "windows-1254 x-cp1254",
    "cp1255": "cp1255 windows-1255 x-cp1255",
    "cp1256": "cp1256 windows-1256 x-cp1256",
    "cp1257": "cp1257 windows-1257 x-cp1257",
    "cp1258": "cp1258 windows-1258 x-cp1258",
    "gb18030": "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk gb18030",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc_jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "iso2022_jp": "csiso2022jp iso-2022-jp",
    "cp932": "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "cp949": "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 "
    "windows-949",
    "utf-16-be": "unicodefffe utf-16be",
    "utf-16-le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
}
_CODECS = {label: codec for codec, labels in _LABELS_OF.items() for label in labels.split()}
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))

_HEADER_LABEL = re.compile(r"charset\s*=\s*[\"']?([^\s;\"',]+)", re.IGNORECASE)
_META_LABEL = re.compile(
    rb"<(?:meta|\?xml)\s[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w:.()-]{2,40})", re.IGNORECASE
)
_META_WITHIN = 4096
_WIDE = {"utf-16-le": codecs.utf_16_le_decode, "utf-16-be": codecs.utf_16_be_decode}
_UTF8_BYTES = 16 * 1024
_WIDE_BYTES = 192 * 1024
"""The first third of the page has all that a preview is made of."""
_BROKEN_BYTES = 48 * 1024
"""Each broken unit of UTF-16 costs a call."""
_JAPANESE_SHIFT = re.compile(rb"\x1b\$[@B]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_LANGUAGE = re.compile(rb"<html\s[^>]{0,300}?lang\s*=\s*[\"']?([a-z]{2})", re.IGNORECASE)
_ODD_WESTERN = re.compile(r"[a-z](?:[³¹¿¾£¥¯¼][a-z]|[±¶¾¿])|þ[^þ]*ý|ý[^ý]*þ|ð[^ð]*[ýþ]", re.IGNORECASE)
"""Signs inside words, or Icelandic letters in numbers: Central European or Turkish read as Western."""
_CODECS_OF_LANGUAGE = {  # what old sites in these languages were written in: the Encoding Standard's locale table first
    language: codecs_told
    for codecs_told, languages in {
        ("cp1250", "iso8859-2"): "pl cs sk hu sl hr bs ro sq",
        ("cp1251", "koi8-r"): "ru bg sr mk be",
        ("cp1251", "koi8-u"): "uk",
        ("cp1253", "iso8859-7"): "el",
        ("cp1254",): "tr az",
        ("cp1255",): "he",
        ("cp1256", "iso8859-6"): "ar fa ur",
        ("cp1257", "iso8859-13", "iso8859-4"): "et lv lt",
        ("cp1258",): "vi",
        ("cp874",): "th",
        ("cp932", "euc_jp"): "ja",
        ("cp949",): "ko",
        ("gb18030", "big5hkscs"): "zh",
    }.items()
    for language in languages.split()
}
_ALPHABETS = {  # letters above ASCII, as CLDR lists each language's (main and, for Vietnamese, all of Latin)
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýž",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "hu": "áéíóöőúüű",
    "sl": "čšžćđ",
    "hr": "čćđšž",
    "bs": "čćđšž",
    "ro": "ăâîșțşţ",
    "sq": "çë",
    "tr": "çğıiöşüâîû",
    "az": "çəğıiöşü",
    "et": "äõöüšž",
    "lv": "āčēģīķļņōŗšūž",
    "lt": "ąčęėįšųūž",
}
_SCRIPTS = {language: f"{letters}{letters.upper()}İ" for language, letters in _ALPHABETS.items()} | {
    language: script
    for script, languages in {
        "\xc0-\u024f\u1e00-\u1eff": "vi",
        "\u0400-\u04ff": "ru bg sr mk be uk",
        "\u0370-\u03ff": "el",
        "\u0590-\u05ff": "he",
        "\u0600-\u06ff": "ar fa ur",
        "\u0e00-\u0e7f": "th",
        "\u3005\u3040-\u30ff\u3400-\u9fff": "ja",
        "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3": "ko",  # and few Chinese signs; nothing but those is Chinese
        "\u3005\u3400-\u9fff": "zh",
    }.items()
    for language in languages.split()
}
_FOREIGN = {language: re.compile(rf"[^\W\d_\x00-\x7f{script}]") for language, script in _SCRIPTS.items()}
"""The letters above ASCII that no text in a language has."""
_NO_TEXT = re.compile(
    "[\x80-\x9f\ue000-\uf8ff\ufffd\uff61-\uff9f]|(?<=[^\\W\\d_])(?:[\xa6\xac\xb1\xb5\xb6]|[\xa1-\xbf](?=[^\\W\\d_]))|\xb6(?=[^\\W\\d_])"
)
"""Controls, private and broken characters, half-width kana, signs at an end of words or inside them."""
_PIECE = re.compile(rb'[^<>"]+')
_SAMPLE = 3000
_TOO_FEW = 6
_LATIN = {"mac-roman", *(f"cp{page}" for page in (1250, 1252, 1254, 1257, 1258))} | {
    f"iso8859-{part}" for part in (2, 3, 4, 10, 13, 14, 15, 16)
}
_MULTIBYTE = {"gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949"}
_GUESSED = ["cp1251", "koi8_u", "cp932", "euc_jp", "gb18030", "big5", "cp949"]
_GUESSED += ["cp1253", "cp1255", "cp1256", "iso8859_6", "cp874", "cp1250", "cp1254", "cp1252"]
_UNBELIEVABLE = 0.02
"""More broken characters than this share of the bytes above ASCII, and the label is not believed."""


def codec_of(label: str) -> str | None:
    """Python's codec for a WHATWG label; None for what the standard does not know, UTF-7 among it."""
    return _CODECS.get(label.strip().lower())


def to_utf8(body: bytes, content_type: str = "") -> bytes:
    """The text of a page in UTF-8.

    Args:
        body: as unpacked; it may be cut anywhere, also inside a character.
        content_type: the header, for its `charset`.
    """
    for bom, codec in _BOMS:
        if body.startswith(bom):
            return _recoded(body[len(bom) :], codec)
    header = _label(_HEADER_LABEL.search(content_type))
    if (wide := _wide(body, header)) is not None:
        return _recoded(body, wide)
    page = _label(_META_LABEL.search(body, 0, _META_WITHIN))
    ascii_only = body.isascii()
    if b"\x1b" in body and _JAPANESE_SHIFT.search(body) and ("iso2022_jp" in {header, page} or ascii_only):
        return _recoded(body, "iso2022_jp")
    if ascii_only:
        return body
    try:
        return _strict_utf8(body)
    except UnicodeDecodeError:
        return _recoded(body, _legacy(body, [codec for codec in (header, page) if codec]))


def _strict_utf8(body: bytes) -> bytes:
    """A body that is UTF-8, without a character that it was cut in; `UnicodeDecodeError` where it is something else.

    Piece by piece: most pieces of a page are ASCII, which is seen at once, and no text is made of all of it.
    """
    end = 0
    while piece := body[end : end + _UTF8_BYTES]:
        read = len(piece) if piece.isascii() else codecs.utf_8_decode(piece, "strict")[1]
        if not read:
            break  # what is left is the beginning of a character
        end += read
    return body[:end]


def _recoded(body: bytes, codec: str) -> bytes:
    if not codec.startswith("utf-16"):
        return body.decode(codec, "replace").encode("utf-8", "replace")
    try:
        return _WIDE[codec](body[:_WIDE_BYTES], "strict")[0].encode()  # not final: it may be cut in a character
    except UnicodeDecodeError:
        return body[:_BROKEN_BYTES].decode(codec, "replace").encode("utf-8", "replace")


def _label(found: re.Match[str] | re.Match[bytes] | None) -> str | None:
    if found is None:
        return None
    label = found[1]
    return codec_of(label if isinstance(label, str) else label.decode("ascii", "replace"))


def _wide(body: bytes, header: str | None) -> str | None:
    """UTF-16 without a byte order mark: every other byte of a tag is empty."""
    start = body[:64].lstrip(b" \r\n\t\x00")
    if header in {"utf-16-le", "utf-16-be"} and b"\x00" in start:
        return header
    if start.startswith(b"<\x00"):
        return "utf-16-le" if body[:1] != b"\x00" else "utf-16-be"
    return None


def _legacy(body: bytes, labels: list[str]) -> str:
    told = list(dict.fromkeys(codec for codec in labels if not codec.startswith("utf-16")))
    sample = _sample(body)
    language = _language(body)
    usual = _usual(sample, language)
    if usual and told == ["cp1252"]:
        told.insert(0, usual)  # servers write iso-8859-1 on everything
    told.sort(key="cp1252".__eq__)  # also on pages that know better
    for codec in (*told, usual):
        if codec and _bears_out(sample, codec) and not (usual and _speaks_for(sample, language, usual, codec)):
            return codec
    return _guess(sample) or usual or next((codec for codec in told if codec != "utf-8"), "cp1252")


def _language(body: bytes) -> str:
    """The language a page says it is in, if old sites in it had encodings of their own."""
    found = _LANGUAGE.search(body, 0, _META_WITHIN)
    language = found[1].decode().lower() if found else ""
    return language if language in _CODECS_OF_LANGUAGE else ""


def _usual(sample: bytes, language: str) -> str:
    """What old sites in a language were written in; of several, the one that makes the likeliest text."""
    usual = _CODECS_OF_LANGUAGE.get(language, ())
    if len(usual) == 1:
        return usual[0]
    return min(usual, key=lambda codec: _unlikely(sample.decode(codec, "replace"), language), default="")


def _speaks_for(sample: bytes, language: str, usual: str, label: str) -> bool:
    """Whether a label makes nonsense of the page's language where its usual encoding makes sense."""
    if usual == label or not _bears_out(sample, usual):
        return False
    nonsense = _unlikely(sample.decode(label, "replace"), language)
    enough = 0 if label in _CODECS_OF_LANGUAGE[language] else _TOO_FEW
    return nonsense > enough and nonsense > 4 * _unlikely(sample.decode(usual, "replace"), language)


def _unlikely(text: str, language: str) -> int:
    """How much of a text can't be one in its language: other letters, signs in words, capitals after small letters."""
    foreign = len(_FOREIGN[language].findall(text)) + len(_NO_TEXT.findall(text))
    # What is ASCII on both sides is the same in whatever encoding.
    turned = sum(
        after.isupper() and before.islower() and (after > "\x7f" or before > "\x7f") for before, after in pairwise(text)
    )
    return foreign + turned + abs(text.count("\xab") - text.count("\xbb"))


def _sample(body: bytes) -> bytes:
    """Some texts of the page that are not ASCII. `<`, `>` and `"` are never the second byte of a character."""
    pieces, size = [], 0
    for piece in _PIECE.finditer(body):
        if not (text := piece[0]).isascii():
            pieces.append(text[:_SAMPLE])
            size += len(text)
            if size > _SAMPLE:
                break
    return b" ".join(pieces)[: 2 * _SAMPLE]


def _bears_out(sample: bytes, codec: str) -> bool:
    """Whether the bytes look like what their label says."""
    high = sum(map(len, _HIGH_RUN.findall(sample)))
    text = sample.decode(codec, "replace")
    if text.count("\ufffd") > _UNBELIEVABLE * high + 1:
        return False
    if codec == "utf-8":
        return any("\x7f" < char != "\ufffd" for char in text)
    return high < _TOO_FEW or _runs_fit(sample, codec)


def _runs_fit(sample: bytes, codec: str) -> bool:
    # Latin letters with accents stand alone between ASCII; other scripts fill whole words with bytes above ASCII.
    runs = [len(run) for run in _HIGH_RUN.findall(sample)]
    long_share = sum(length for length in runs if length > 2) / sum(runs)
    if codec in _LATIN:
        return long_share < 0.5 and (codec != "cp1252" or not _ODD_WESTERN.search(sample.decode(codec, "replace")))
    if codec in _MULTIBYTE:
        return sum(length for length in runs if length > 1) > 0.5 * sum(runs)
    return long_share > 0.4 and _case_fits(sample.decode(codec, "replace"))


def _case_fits(text: str) -> bool:
    # Read in another Cyrillic encoding than its own, small letters turn into capitals or into signs.
    foreign = [char for char in text if char > "\x7f"]
    letters = [char for char in foreign if char.isalpha()]
    capitals = sum(char.isupper() for char in letters)
    return len(letters) > 0.6 * len(foreign) and capitals < 0.6 * len(letters)


def _guess(sample: bytes) -> str | None:
    best = from_bytes(sample, cp_isolation=_GUESSED).best() if sample else None
    if best is not None and best.encoding not in _LATIN:
        return best.encoding
    if _bears_out(sample, "cp1252"):
        return "cp1252" if best is not None else None
    if (best is None or best.encoding in {"cp1250", "cp1252"}) and sample and _runs_fit(sample, "cp1250"):
        return _usual(sample, "pl")
    return best.encoding if best is not None else None
