"""The versioned texts that a consent refers to. A changed word is a new version: the hash goes into every receipt."""

from collections.abc import Mapping
from hashlib import sha256

from core.model import Notice
from texts.catalogue import LANGUAGES, Texts

MEMBER_NOTICE = "member-1"


def notice_text(texts: Texts, language: str) -> str:
    """What a member reads before saying yes."""
    return texts.speak(language).say(f"notice.{MEMBER_NOTICE}")


def notices(texts: Texts) -> Mapping[str, Notice]:
    """The member notice in force, by language, each with the SHA-256 of its exact text."""
    return {
        language: Notice(MEMBER_NOTICE, sha256(notice_text(texts, language).encode()).hexdigest(), language)
        for language in LANGUAGES
    }
