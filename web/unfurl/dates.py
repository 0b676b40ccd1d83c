"""Dates as pages write them, into dates (pure). The day is the one printed: no time zone moves it."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_month_names

_EARLIEST, _LATEST = 1900, 2100
_BEFORE_THE_WEB = 1994
"""A text that names an earlier year tells of something else; a script that does, of a zero."""
_BUDDHIST = 543
"""Years that the Thai calendar is ahead."""
_WITHIN = 160

_ISO = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?:T?\d{4,6}Z?)?(?!\d)")
_EPOCH = re.compile(r"\s*(\d{10})(?:\d{3})?(?:\.\d+)?\s*")
_CJK = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})")
_VIETNAMESE = re.compile(r"(\d{1,2})\s*(?:tháng|thg)\s*(\d{1,2})\s*,?\s*(?:năm\s*)?(\d{4})", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
_NAMED = re.compile(r"(?<!\d)(?P<number>\d{1,4})(?!\d)|(?P<word>[^\W\d_][^\s\d,./:()–—-]+)")
_IN_PATH = re.compile(r"/((?:19[89]|20\d)\d)([/-])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_IN_SECTION = re.compile(r"/(20\d\d)/[a-zA-Z_-]{2,24}/(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_IN_NAME = re.compile(r"[/_-]((?:19[89]|20[0-4])\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_VERBS = (b"publi", b"posted ", b"created", b"pubdate", b"pubtime", b"ffentlicht ", b"wurde am ")
"""Few: each is looked for in the whole page. As in datePublished, publié, publicado, created_at, dateCreated."""
_PUB = b"pub"
"""Where this stands nowhere, the words that begin with it don't either."""
_SCRIPTED = re.compile(
    rb"[a-z_]{6,24}\\{0,3}[\"']?\s{0,4}[:=,]\s{0,4}(?:new date\()?"
    rb"(?:\\{0,3}[\"']([^\"'<>\\]{6,40})\\{0,3}[\"']|(\d{10}(?:\d{3})?)(?!\d))"
)
"""A name and its value, in a script in a script too, or as a Unix time."""
_MADE, _NAMED_BY = b"created", 24
"""In a script in a script it is anything's day: a visitor's account, a picture."""
_BEYOND = re.compile(rb"[\"={]")
_TAGS = re.compile(r"<[^>]*>?")
_TOLD = 12
_COMMON = ("pt", "it", "es", "nl", "fr", "de", "en")
"""No month of one of them is another month of another."""
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?=\D|$)(?!\.\d{4})")
_WORD = r"[^\W\d_][^\s\d,./:()–—-]{1,14}"
"""A month's name in any script: the vowel signs of India and Thailand are no letters to `re`."""
_IN_TEXT = re.compile(
    r"(?<!\d)(?:\d{4}([-/.])\d{1,2}\1\d{1,2}(?!\d)|\d{1,2}([./-])\s?\d{1,2}\2\s?\d{4}(?!\d)|\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}"
    r"|\d{1,2}\s(?:tháng|thg)\s\d{1,2},?\s(?:năm\s)?\d{4}(?!\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s(?:de\s|of\s|d['’])?(?:{_WORD}|(?:[ก-๛]{{1,3}}\.){{2}})\.?,?\s(?:de\s|del\s)?\d{{4}}(?!\d)"
    r"|\d{1,2}-[^\W\d_]{3,9}-\d{4}(?!\d)|\d{4}-[^\W\d_]{3,9}-\d{1,2}(?!\d)"
    rf"|\d{{4}}\.\sgada\s\d{{1,2}}\.\s{_WORD}|\d{{4}}\.?\s(?:m\.\s)?{_WORD}\s\d{{1,2}}(?!\d))"
    rf"|\b{_WORD}\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}(?!\d)"
)
_FOUR_FIGURES = re.compile(r"\d\d\d\d")
"""In every full date; far cheaper to look for than one."""
_FIGURE = re.compile(r"\d")
_THAI_DOT = re.compile(r"(?<=[ก-๛])\.")
_LINE_BESIDE = 40
"""Letters that may stand on a line beside its date: more are a sentence of the text."""
_TITLE = 14
"""Letters besides its day that make the text of a link a title, a letter of East Asia for two; fewer are a weekday."""
_LATIN = "\u2e7f"
_A_YEAR = re.compile(r"(?:19|20)\d\d")
_PARTS = ("|", "•", "·")
"""What a line beside a headline is parted by."""
_CHANGED = re.compile(
    r"modif|updat|expir|event|valid|accept|comment|[aá]ktuali|mise? à jour|a[ct]tualiz|aggiorn|bijgewerkt|gewijzigd"
    r"|oppdater|uppdater|opdater|ändrad|endret|päivite|muokattu|zmien|změn|обновл|измен|оновл|güncel|更新|수정"
)
_PUBLISHED = re.compile(
    r"publi|posted|released|veröffentlicht|erschienen|geplaatst|julkais|opublik|vydán|опублик|yayın|発表|公開|発行|게시|입력|发布"
    r"|發布|發佈|投稿|掲載|등록|δημοσ|megjelen|közzé|udgivet|publisert|diterbitkan|เผยแพร่|đăng|प्रकाशित|نشر|פורסם"
)
_NOW = re.compile(
    r"currently|current time|member since|joined|last visit|aktuelle zeit|nous sommes le|fecha actual|oggi è|teraz jest"
    r"|текущее время|сейчас|今日は|現在時刻|当前时间|현재 시간"
)
"""What forums and mastheads write before today's date, or a member's."""
_DATELINE = re.compile(r"\s*(?:\([^)]{2,24}\)\s*)?(?:--|[—–-])\s")
_BEFORE_DATELINE = 40
_MOMENT = re.compile(r"\s*\d{4}-\d\d-\d\d(?!\d)")
_SHORT = re.compile(
    r"(?<![\d./-])(?:(?P<first>\d{1,2})(?P<by>[./])(?P<second>\d{1,2})(?P=by)|(?P<day>\d{1,2})[\s-](?P<name>[^\W\d_]{3,12})\.?[\s-])"
    r"'?(?P<year>[0-3]\d)(?=\s*(?:$|[|,;·•()–—-]|\d{1,2}[:.h]\d\d))"
)
"""A day whose year has two figures, as `12 jan 23 | 5h27`."""
_DOTTED = frozenset(
    re.findall(r"\w+", "de cs sk sl hr sr pl hu ro bg ru uk be fi et lv lt da nb no nn sv is tr el hy ka az kk")
)
"""Languages that write days as `8.5.12`; in others that is a version."""
_YEARLESS = re.compile(r"(?<![\d./-])(\d{1,2})(?:[./-]|\s?[月월]\s?)(\d{1,2})(?![./-]?\d{4}|\d)")
_IN_UTC = re.compile(r"\d[T ](\d{2}):\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:Z|[+-]00:?00)\s*")
_WESTERN, _EASTERN = 12, 10
"""Hours: before the first one of UTC it is yesterday in the west, from the second one on tomorrow in the east."""
_MONTH_FIRST = frozenset({"en-us", "en_us", "en"})


def read(raw: object, language: str | None = None) -> date | None:
    """The date in a text of a page.

    Args:
        raw: ISO 8601, RFC 5322, a Unix time, or words and figures as people write them.
        language: of the page, for the names of months and for the order of `03/04/2024`.
    """
    if isinstance(raw, int):
        raw = str(raw)
    if not isinstance(raw, str) or not (text := raw.strip()[:_WITHIN]) or not any(map(str.isdecimal, text)):
        return None
    if found := _ISO.search(text):
        return _made(found[1], found[3], found[4])
    if found := _EPOCH.fullmatch(text):
        return _between((datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(found[1]))).date())
    return _figures(text, language) or _named(text, language)


def in_text(text: str, language: str | None = None) -> date | None:
    """The first full date in a running text."""
    if _FOUR_FIGURES.search(text) is None:
        return None
    for found in _IN_TEXT.finditer(text):
        if (day := read(found[0], language)) is not None and day.year > _BEFORE_THE_WEB:
            return day
    return None


def in_lines(text: str, language: str | None = None) -> date | None:
    """The first full date that has a line nearly to itself, as bylines have it; not the one of a change."""
    for line in _lines_with(_FOUR_FIGURES, text):
        if len(line) >= _WITHIN or _IN_TEXT.search(line) is None:
            continue
        own = _of_publishing(line)
        found = _full(own)
        if found is None or _NOW.search(own.lower()):
            continue
        parted = found.start() if own[: found.start()].rstrip().endswith(_PARTS) else 0
        if len(own) - parted - len(found[0]) > _LINE_BESIDE:
            continue
        if (day := in_text(own, language)) is not None:
            return day
    return None


def _lines_with(figures: re.Pattern[str], text: str) -> Iterator[str]:
    """The lines of a text in which some figures stand: dates are looked for in no others."""
    position = 0
    while (found := figures.search(text, position)) is not None:
        start = text.rfind("\n", position, found.start()) + 1 or position
        end = text.find("\n", found.end())
        position = end if end >= 0 else len(text)
        yield text[start:position]


def _full(text: str) -> re.Match[str] | None:
    """The first full date in a text, as it stands there."""
    return _IN_TEXT.search(text) if _FOUR_FIGURES.search(text) is not None else None


def _of_publishing(line: str) -> str:
    """The part of a line that is not about a change, as of `Published 3 March, updated 4 March`, in either order."""
    lower = line.lower()
    if (changed := _CHANGED.search(lower)) is None:
        return line
    before, behind = line[: changed.start()], line[changed.end() :]
    if _full(before) is not None and any(map(str.isdigit, behind)):
        return before
    published = _PUBLISHED.search(lower, changed.end())
    return line[published.start() :] if published is not None else ""


def in_short(text: str, language: str | None = None) -> date | None:
    """The first day of two figures for the year, on a line nearly its own."""
    for line in _lines_with(_FIGURE, text):
        found = _SHORT.search(line) if len(line) < _WITHIN else None
        if found is None or len(line) - len(found[0]) > _LINE_BESIDE or tells_of_change(line):
            continue
        if found["by"] == "." and (language or "")[:2].lower() not in _DOTTED:
            continue
        if (day := read(f"{found[0][:-2]}20{found['year']}".replace("'", ""), language)) is not None:
            return day
    return None


def shown(text: str, day: date) -> bool:
    """Whether a line says a day's month and figure without the year, and nothing of a change."""
    for line in text.split("\n"):
        if len(line) <= _LINE_BESIDE and not tells_of_change(line):
            for found in _YEARLESS.finditer(line):
                if (day.month, day.day) in {(int(found[1]), int(found[2])), (int(found[2]), int(found[1]))}:
                    return True
    return False


def in_datelines(text: str, language: str | None = None) -> date | None:
    """The date that a text begins with, as in `March 4, 2023 (ABC) - …`, or that a line says it was published.

    A day in the middle of a sentence is of what the sentence is about.
    """
    for line in _lines_with(_FOUR_FIGURES, text):
        if _full(line[:_WITHIN]) is None:
            continue
        own = _of_publishing(line[: 2 * _WITHIN])
        if (found := _full(own)) is None:
            continue
        leads = found.start() < _BEFORE_DATELINE and _DATELINE.match(own, found.end()) is not None
        if (leads or tells_of_publishing(own[: found.start()])) and (day := in_text(own, language)) is not None:
            return day
    return None


def days_elsewhere(raw: object, day: date) -> tuple[date, ...]:
    """The days that a moment of UTC may be elsewhere, besides its own; none of a moment with a zone of its own."""
    found = _IN_UTC.search(raw) if isinstance(raw, str) else None
    if found is None:
        return ()
    hour = int(found[1])
    west = [day - timedelta(days=1)] if hour < _WESTERN else []
    east = [day + timedelta(days=1)] if hour >= _EASTERN else []
    return (*west, *east)


def only_one(lines: Iterable[str], language: str | None = None) -> date | None:
    """The day that a page prints, if it prints one alone on lines of its own; none of several, which are of others."""
    found = None
    for line in lines:
        day = in_lines(line, language)
        if day is None or day == found:
            continue
        if found is not None:
            return None
        found = day
    return found


def moment(text: str) -> date | None:
    """The day of a moment as machines write it, of nothing else."""
    return read(text) if _MOMENT.match(text) or _EPOCH.fullmatch(text) else None


def tells_of_change(text: str) -> bool:
    """Whether words, or the name of a class, are about a change, a comment or an event."""
    return _CHANGED.search(text.lower()) is not None


def tells_of_another(link: str) -> bool:
    """Whether the text of a link is the title of another page, with a day in it."""
    if _A_YEAR.search(link) is None or (found := _IN_TEXT.search(link[:_WITHIN])) is None:
        return False
    others = link[: found.start()] + link[found.end() :]
    letters = sum(1 + (letter > _LATIN) for letter in others if letter.isalpha())
    return letters > _TITLE and not tells_of_publishing(link)


def tells_of_publishing(text: str) -> bool:
    """Whether words are about publishing."""
    return _PUBLISHED.search(text.lower()) is not None


def told(lower: bytes, language: str | None = None) -> Iterator[str]:
    """What stands behind the words that say when a page was published, in its scripts or in a sentence, as ISO 8601.

    Args:
        lower: the page in small letters.
        language: of the page.
    """
    for place in _places(lower):
        behind = lower[place : place + _WITHIN]
        if behind.startswith(_MADE) and b"\\" in behind[:_NAMED_BY]:
            continue
        if (scripted := _SCRIPTED.match(behind)) is not None:
            day = read((scripted[1] or scripted[2]).decode("utf-8", "replace"), language)
        else:
            said = _BEYOND.split(behind, maxsplit=1)[0].decode("utf-8", "replace")
            day = in_text(" ".join(_TAGS.sub(" ", said).split()), language)
        if day is not None and day.year > _BEFORE_THE_WEB:
            yield day.isoformat()


def _places(lower: bytes) -> Iterator[int]:
    some = _VERBS if _PUB in lower else [word for word in _VERBS if not word.startswith(_PUB)]
    for word in some:
        place = -1
        for _ in range(_TOLD):
            if (place := lower.find(word, place + 1)) < 0:
                break
            yield place


def in_address(path: str) -> date | None:
    """The day in the path of an address, as in `/2024/03/01/title` or `/2024/politics/03/01/title`."""
    found = _IN_PATH.search(path)
    if found:
        return _made(found[1], found[3], found[4])
    found = _IN_SECTION.search(path) or _IN_NAME.search(path)
    return _made(*found.groups()) if found else None


def _figures(text: str, language: str | None) -> date | None:
    if found := _CJK.search(text) or _COMPACT.search(text):
        return _made(*found.groups())
    if found := _VIETNAMESE.search(text):
        return _made(found[3], found[2], found[1])
    if found := _DAY_FIRST.search(text):
        first, separator, second, year = found.groups()
        american = separator == "/" and (language or "en").lower() in _MONTH_FIRST
        day, month = (second, first) if american or int(second) > 12 else (first, second)
        if int(month) > 12:
            day, month = month, day
        return _made(f"20{year}" if len(year) == 2 else year, month, day)
    return None


def _named(text: str, language: str | None) -> date | None:
    names = months((language or "en")[:2].lower())
    month, numbers = 0, []
    for found in _NAMED.finditer(_THAI_DOT.sub("", _CLOCK.sub(" ", text))):
        if found["number"]:
            numbers.append(found["number"])
        elif not month:
            word = found["word"].casefold()
            month = names.get(word) or names.get(word[1:], 0)  # Hebrew writes "in" and the month as one word
    day = next((number for number in numbers if 0 < int(number) <= 31 and len(number) <= 2), None)
    year = next((number for number in numbers if len(number) == 4), None)
    return _made(year, str(month), day) if month and day and year else None


@cache
def months(language: str) -> dict[str, int]:
    """The names of months as CLDR writes them, folded; each to its number.

    Those of the language go before those of some others, which pages are written in without saying so.
    """
    names = dict(pair for each in _COMMON for pair in _names(each))
    if language.isalpha() and language.isascii() and len(language) == 2:
        names |= dict(_names(language))
    return names


def _names(language: str) -> Iterator[tuple[str, int]]:
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return
    for width in ("abbreviated", "wide"):
        for context in ("format", "stand-alone"):
            for number, name in get_month_names(width, context, locale).items():
                words = [word["word"] for word in _NAMED.finditer(_THAI_DOT.sub("", name)) if word["word"]]
                if words:  # the longest: Catalan writes "de" before each
                    yield max(words, key=len).casefold(), number


def _made(year: str, month: str, day: str) -> date | None:
    number = int(year)
    number -= _BUDDHIST if number > _LATEST + 300 else 0
    try:
        return _between(date(number, int(month), int(day)))
    except ValueError:
        return None


def _between(day: date) -> date | None:
    return day if _EARLIEST < day.year < _LATEST else None
