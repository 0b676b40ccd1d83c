"""The page stands in both languages, is well-formed, and brings no script but its own."""

import json
import re
from pathlib import Path

import pytest

from playground.page.words import LANGUAGES, preferred, words
from playground.people import CAST, OWNER, SECOND_ADMIN
from tests.playground.outline import outline

STATIC = Path(__file__).parents[3] / "playground" / "page" / "static"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_is_well_formed_in_every_language(browser, language):
    answer = await browser.get("/", params={"lang": language})
    read = outline(answer.text)
    assert (read.wrong, read.open) == ([], [])
    assert read.language == language
    assert len(read.ids) == len(set(read.ids))
    assert set(read.pointers) <= set(read.ids) | {"modal-title", "confirm-text"}
    assert {"tg-composer", "tg-send", "slack-composer", "slack-send", "tg-messages", "slack-messages"} <= set(
        read.testids
    )
    assert {"clock-hour", "clock-tomorrow", "clock-monday"} <= set(read.testids)
    assert "<noscript>" in answer.text


async def test_the_policy_lets_in_nothing_from_elsewhere(browser):
    policy = (await browser.get("/")).headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http://*.localhost:8790" in policy


async def test_the_language_is_the_one_asked_for_or_accepted(browser):
    accepted = {"accept-language": "fr-CH, fr;q=0.9, en;q=0.8"}
    assert 'lang="fr"' in (await browser.get("/", headers=accepted)).text.partition("<head>")[0]
    asked = await browser.get("/", params={"lang": "en"}, headers=accepted)
    assert 'lang="en"' in asked.text.partition("<head>")[0]
    assert preferred("xx", "de, es") == "en"


def test_every_word_exists_in_both_languages_with_the_same_places():
    english, french = words("en"), words("fr")
    assert english.keys() == french.keys()
    for key, text in english.items():
        assert text.strip()
        assert french[key].strip()
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", french[key])), key


def test_french_spaces_do_not_break():
    loose = [key for key, text in words("fr").items() if re.search(r" [:;!?»]|« ", text)]
    assert loose == []


def test_every_word_is_used_and_every_used_word_exists():
    known = words("en")
    template = (STATIC.parent / "index.html").read_text("utf-8")
    source = template + "".join(path.read_text("utf-8") for path in STATIC.glob("*.js"))
    rooms = {key.partition(".")[0] for key in known}
    spoken = {key for key in re.findall(r'"([a-z]+(?:\.[a-z_]+)+)"', source) if key.partition(".")[0] in rooms}
    assert {key for key in spoken if key not in known and f"{key}.other" not in known} == set()
    made_up = ("platform.", "guide.", "finale.", "clock.", "link.", "you.", "traffic.", "stored.", "faults.kind.")
    unused = {key for key in known if key.removesuffix(".one").removesuffix(".other") not in spoken}
    assert {key for key in unused if not key.startswith(made_up)} == set()


async def test_every_suggested_link_has_a_name(browser):
    scenery = (await browser.get("/play/scenery")).json()
    assert {f"link.{link['key']}" for link in scenery["links"]} == {
        key for key in words("en") if key.startswith("link.")
    }


async def test_foremost_on_the_page_are_an_admin_and_a_member_who_read_its_language(browser):
    scenery = (await browser.get("/play/scenery")).json()
    speak = {one["key"]: one["language"] for one in scenery["people"]}
    for language in LANGUAGES:
        admin, member, *others = scenery["foreground"][language]
        assert admin in {OWNER, SECOND_ADMIN}
        assert (speak[admin], speak[member]) == (language, language)
        assert set(others) <= speak.keys()
        for step, person in (("enable", admin), ("opt_in", member)):
            assert CAST[person].name in words(language)[f"guide.{step}"]


async def test_words_scripts_and_styles_are_served(browser):
    assert (await browser.get("/play/words/fr")).json() == dict(words("fr"))
    assert (await browser.get("/play/words/xx")).status_code == 404
    for path in STATIC.iterdir():
        answer = await browser.get(f"/static/{path.name}")
        assert answer.status_code == 200
        assert answer.content == path.read_bytes()


def test_scripts_import_only_each_other_and_reach_nowhere_else():
    for path in STATIC.glob("*.js"):
        source = path.read_text("utf-8")
        imported = re.findall(r'from "([^"]+)"', source)
        assert all((STATIC / name).is_file() for name in imported)
        assert not re.search(r"\beval\b|new Function|insertAdjacentHTML|document\.write", source)
        assert source.count("innerHTML") == (path.name == "dom.js")
        assert not re.search(r"https?://", re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL))


def _luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(first, second):
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _tokens(css, start):
    block = css[css.index(start) :]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[: block.index("}")]))


def test_words_can_be_read_in_light_and_in_dark():
    page, chat = ((STATIC / name).read_text("utf-8") for name in ("page.css", "chat.css"))
    dark_chat = chat[chat.index("@media (prefers-color-scheme: dark)") :]
    for scheme, own in (
        (_tokens(page, ":root"), chat),
        (_tokens(page, "@media (prefers-color-scheme: dark)"), dark_chat),
    ):
        pairs = [
            (ink, ground)
            for ink in ("ink", "quiet", "accent", "good", "bad")
            for ground in ("paper", "panel", "raised")
        ]
        pairs += [
            ("ink", "tint"),
            ("quiet", "tint"),
            ("amber-ink", "amber-tint"),
            ("on-accent", "accent"),
            ("ink", "amber-tint"),
        ]
        for ink, ground in pairs:
            assert _contrast(scheme[ink], scheme[ground]) >= 4.5, (ink, ground)
        for platform in ("telegram", "slack"):
            colours = dict(
                re.findall(r"--(own|mine): (#[0-9a-f]{6})", own[own.index(f"[data-platform={platform}] {{") :][:120])
            )
            for ground in (scheme["panel"], scheme["raised"], colours["mine"]):
                assert _contrast(colours["own"], ground) >= 4.5, (platform, ground)
            assert _contrast(scheme["quiet"], colours["mine"]) >= 4.5
            assert _contrast(scheme["ink"], colours["mine"]) >= 4.5


def test_the_words_are_plain_json_without_markup():
    for language in LANGUAGES:
        assert "<" not in json.dumps(dict(words(language)))
