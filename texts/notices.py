"""The versioned texts that a consent refers to. A changed word is a new version: the hash goes into every receipt."""

from collections.abc import Iterator, Mapping
from hashlib import sha256

from core.model import Notice
from texts.catalogue import LANGUAGES, Texts

MEMBER_NOTICE = "member-1"
MEMBER_NOTICES = "notice.member-"
"""What the text ids of all its versions begin with."""


def notice_text(texts: Texts, language: str) -> str:
    """What a member reads before saying yes."""
    return texts.speak(language).say(f"notice.{MEMBER_NOTICE}")


def notices(texts: Texts) -> Mapping[str, Notice]:
    """The member notice in force, by language, each with the SHA-256 of its exact text."""
    shown = every_notice(texts)
    return {language: shown[MEMBER_NOTICE, language] for language in LANGUAGES}


def every_notice(texts: Texts) -> Mapping[tuple[str, str], Notice]:
    """Every member notice that was ever in force, by id and language: old ones stay in the catalogues for receipts."""
    return {(notice.id, notice.language): notice for language in LANGUAGES for notice in _of(texts, language)}


def _of(texts: Texts, language: str) -> Iterator[Notice]:
    words = texts.speak(language)
    for text_id in words.texts:
        if text_id.startswith(MEMBER_NOTICES):
            digest = sha256(words.say(text_id).encode()).hexdigest()
            yield Notice(text_id.removeprefix("notice."), digest, language)
