"""Programs follow links too; only people are counted."""

from pathlib import Path
from time import process_time
from timeit import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import crawlers
from core.crawlers import LONGEST_AGENT, CrawlerRules, is_crawler
from core.urls import table

CORPUS = Path(__file__).parent / "corpus" / "agents"
RULES = CrawlerRules.load()
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4"
)
MESSAGES = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 "
    "Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
)


def agents(name: str) -> list[str]:
    lines = (CORPUS / f"{name}.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_previewers_and_scanners_are_found():
    previewers = agents("previewers")
    assert len(previewers) >= 200
    assert [agent for agent in previewers if not is_crawler(agent)] == []


def test_people_are_not_taken_for_crawlers_in_apps_on_desktops_and_on_phones_of_long_ago():
    browsers = agents("browsers")
    assert len(browsers) >= 500
    taken = [agent for agent in browsers if is_crawler(agent)]
    assert len(taken) <= len(browsers) // 100, taken


@pytest.mark.parametrize("agent", ["", " ", "\t", '""', "-"])
def test_a_visit_that_does_not_say_who_it_is_is_a_programs(agent):
    assert is_crawler(agent)


@pytest.mark.parametrize(
    "agent",
    [
        f"{SAFARI} Mobile/15E148 Safari/604.1 [FBAN/FBIOS;FBAV/458.0.0.34.69]",
        f"{SAFARI} Mobile/15E148 Instagram 335.0.0.28.94",
        f"{SAFARI} Mobile/15E148 Safari Line/14.5.0",
        f"{SAFARI} Mobile/15E148 WhatsApp/2.24.9.78",
        f"{SAFARI} Mobile/15E148 Safari/604.1 Telegram-iOS/10.11",
        f"{SAFARI} Mobile/15E148 Safari/604.1 (Ecosia ios@11.0.2.2268)",
    ],
)
def test_an_apps_own_browser_is_a_persons_though_the_apps_previewer_is_not(agent):
    assert not is_crawler(agent)


@pytest.mark.parametrize("agent", ["WhatsApp/2.24.9.78 i", MESSAGES, "TelegramBot (like TwitterBot)"])
def test_a_previewer_is_found_though_it_pretends_to_be_a_browser_or_another_previewer(agent):
    assert is_crawler(agent)


@given(st.sampled_from(agents("previewers")))
def test_case_does_not_matter(agent):
    assert is_crawler(agent.upper()) is is_crawler(agent.lower()) is True


@given(st.text())
def test_whatever_an_agent_says_there_is_an_answer(agent):
    assert is_crawler(agent) is RULES.is_crawler(agent)


@given(st.sampled_from(agents("browsers")), st.integers(1, 60))
def test_nothing_beyond_the_longest_agent_is_looked_at(agent, times):
    padded = agent.ljust(LONGEST_AGENT)
    assert is_crawler(padded + " Googlebot" * times) is is_crawler(padded)


def test_an_agent_made_to_be_slow_is_judged_quickly():
    hostile = [
        "compatible;" * 90,
        "compatible" + " " * 1000,
        "Mozilla/5.0 " + "@-" * 500,
        "bot" * 340,
        "; bot w+ " * 110,
    ]
    slowest = max(
        min(repeat(lambda each=each: RULES.is_crawler(each), timer=process_time, number=5, repeat=5)) / 5
        for each in hostile
    )
    assert slowest < 0.02, f"{slowest * 1e3:.1f} ms"


def test_a_known_agent_is_not_judged_twice(monkeypatch):
    known = is_crawler(SAFARI)
    monkeypatch.setattr(crawlers, "_rules", None)
    assert is_crawler(SAFARI) is known


def test_each_name_has_a_source_and_stands_in_lower_case():
    data = table("crawlers")
    for entry in (*data["crawler"], *data["opening"]):
        names = [*entry.get("names", ()), *entry.get("inside", ())]
        assert entry["source"]
        assert names == [name.lower() for name in names]
        assert len(names) == len(set(names))
