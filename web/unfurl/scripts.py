"""A language, where a page does not say which, told by its letters, or by its commonest words (pure)."""

import re
from collections import Counter

_SCRIPTS = (  # the first that a text has letters of; Unicode blocks
    (re.compile(r"[\u3040-\u30ff]"), "ja"),
    (re.compile(r"[\uac00-\ud7af]"), "ko"),
    (re.compile(r"[\u4e00-\u9fff]"), "zh"),
    (re.compile(r"[\u0370-\u03ff]"), "el"),
    (re.compile(r"[\u0590-\u05ff]"), "he"),
    (re.compile(r"[\u0e00-\u0e7f]"), "th"),
    (re.compile(r"[\u0900-\u097f]"), "hi"),
    (re.compile(r"[\u0980-\u09ff]"), "bn"),
    (re.compile(r"[\u0b80-\u0bff]"), "ta"),
    (re.compile(r"[\u10a0-\u10ff]"), "ka"),
    (re.compile(r"[\u0530-\u058f]"), "hy"),
    (re.compile(r"[پچژگ]"), "fa"),
    (re.compile(r"[\u0600-\u06ff]"), "ar"),
    (re.compile(r"[іїєґІЇЄҐ]"), "uk"),
    (re.compile(r"[\u0400-\u04ff]"), "ru"),
)


def language_of(text: str) -> str | None:
    """The language that a text in this script is most likely in; None for Latin letters, which tell too little."""
    return next((language for letters, language in _SCRIPTS if letters.search(text)), None)


_COMMON = {  # words that stand in nearly every paragraph of one language, and are rare in the others
    language: words.split()
    for language, words in {
        "en": "the and of is that with for was are this have from by not but which you they",
        "de": "der die und das ist nicht mit ein eine auf dem den zu von sich für auch werden wird",
        "fr": "le les des est une dans qui pour pas sur du au avec sont cette ses plus aux",
        "es": "el los las una que del por con para está como pero más sus esta son fue",
        "it": "il che di è una della per non gli sono con nel alla anche dei delle più",
        "pt": "o os uma não que do da para com em foi mais são dos das pelo também",
        "nl": "het een van en niet dat op voor zijn met ook aan wordt naar bij deze zij",
        "sv": "och att det som är på för med inte av till har den ett från",
        "da": "og det at er på for med ikke af til har den et fra blev som",
        "fi": "ja on että ei se oli mutta ovat kun myös tai joka hän sekä",
        "pl": "i w na się nie jest do że z to oraz jak przez dla został po",
        "cs": "a je se na v že to s z do jsou pro ale byl podle která také",
        "tr": "ve bir bu için ile da de çok olarak daha olan gibi sonra kadar",
        "ro": "și în de la cu pe este nu care din pentru mai sunt că au",
        "hu": "a az és hogy nem is egy van meg volt csak már mint ezt",
    }.items()
}
_LANGUAGES_OF = {
    word: [language for language, words in _COMMON.items() if word in words]
    for word in {word for words in _COMMON.values() for word in words}
}
_WORD = re.compile(r"[^\W\d_]+")
_WORDS_READ = 400
_ENOUGH = 6
"""Common words, before any language is named by them."""
_AHEAD = 1.5
"""Times as many as of the next language."""


def language_by_words(text: str) -> str | None:
    """The language whose commonest words a text is made of; None for too short a text, or one of several."""
    words = (word.casefold() for word in _WORD.findall(text)[:_WORDS_READ])
    found = Counter(language for word in words for language in _LANGUAGES_OF.get(word, ())).most_common(2)
    if not found or found[0][1] < _ENOUGH or (len(found) > 1 and found[0][1] < _AHEAD * found[1][1]):
        return None
    return found[0][0]
