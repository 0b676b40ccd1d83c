"""Links of which nobody can tell whether they are somebody's key: left alone, and their poster is asked."""

import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotALink
from core.links_in import examine
from core.model import Aside, Card, DropReason, GroupId, Preview
from core.opaque import is_opaque
from tests.core.corpus_words import ordinary
from tests.fakes.house import GROUP, MEMBER, RULES, House
from tests.fakes.unfurler import FakeUnfurler

OPAQUE = "https://files.example/d/Xk29dkfjW93kdkfj2Qm7"
NEWS = "https://news.example/a"

MIXED = string.ascii_letters + string.digits
tokens = st.text(MIXED, min_size=20, max_size=60).filter(
    lambda token: any(map(str.isdigit, token)) and any(char in string.ascii_letters[6:26] for char in token)
)
words = st.lists(st.sampled_from(["taxes", "river", "what", "the", "covid19", "2024"]), min_size=2, max_size=8)


# What is one ---------------------------------------------------------------------------------------------------------


@given(tokens, st.sampled_from(["{}", "s/{}", "d/{}/", "x/y/{}", "view?id={}", "view.php?d={}&z=1", "{}.html"]))
def test_a_long_token_with_nothing_beside_it_is_opaque(token: str, way: str) -> None:
    assert is_opaque(f"https://files.example/{way.format(token)}")


@given(st.uuids())
def test_a_uuid_alone_is_opaque(uuid: UUID) -> None:
    told = str(uuid)
    assert is_opaque(f"https://files.example/{told}") == any(char in "abcdef" for char in told)


def test_three_in_a_thousand_ordinary_links_at_most_are_asked_about() -> None:
    asked = 0
    for url in ordinary():
        clean = examine(url, RULES.urls, RULES.sensitive).clean
        asked += clean is not None and is_opaque(clean.display)
    assert asked <= 0.003 * len(ordinary())


@given(words, tokens, st.sampled_from("-_"))
def test_words_beside_a_token_tell_what_it_is(slug: list[str], token: str, joint: str) -> None:
    assert not is_opaque(f"https://news.example/{joint.join(slug)}")
    assert not is_opaque(f"https://news.example/{joint.join(slug)}/{token}")
    assert not is_opaque(f"https://news.example/x?title={joint.join(slug)}&id={token}")


@given(tokens)
def test_a_word_that_says_published_is_enough(token: str) -> None:
    assert not is_opaque(f"https://news.example/article/{token}")
    assert not is_opaque(f"https://open.spotify.com/x/{token}")


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/",
        "https://news.example/Xk29dkfj",
        "https://news.example/x/5f3d0a1b2c3d4e5f6a7b8c9d",  # a row's number, 24 hexadecimal digits
        "https://news.example/20241123202411232024",
        "https://news.example/somethingverylongwithoutanynumber",
        "https://news.example/2024/11/23/x/Xk29dkfjW93kdkfj2Qm7",
        "https://news.example/x?q=what+was+it&id=Xk29dkfjW93kdkfj2Qm7",
        "https://news.example/x?a=Xk29dkfjW93kdkfj2Qm7&b=Yk29dkfjW93kdkfj2Qm7",
        "https://bit.ly/3xYz12Q",
    ],
)
def test_other_structures_are_not(url: str) -> None:
    assert not is_opaque(url)


@given(st.text(max_size=80))
def test_any_tail_gets_an_answer(tail: str) -> None:
    assert is_opaque(f"https://a.example/{tail}") in {True, False}


def test_what_is_no_link_is_named_so() -> None:
    with pytest.raises(NotALink):
        is_opaque("mailto:a@b.example")


# What happens to it --------------------------------------------------------------------------------------------------


async def ready() -> House:
    house = House()
    await house.switch_on()
    await house.opt_in()
    return house


def asides(house: House) -> list[Aside]:
    return [posting for _, posting, _ in house.messenger.posted if isinstance(posting, Aside)]


async def test_an_opaque_link_is_left_as_it_is_and_its_poster_alone_is_asked() -> None:
    house = await ready()
    assert not await house.post(OPAQUE)
    await house.work()
    assert house.unfurler.asked == []
    assert not house.storage.state.links
    assert not house.storage.state.shares
    assert asides(house) == [Aside(MEMBER, "m1", "telegram.opaque", "en")]
    assert house.drops[DropReason.OPAQUE] == 1


async def test_the_other_links_of_the_message_go_their_way() -> None:
    house = await ready()
    await house.post(OPAQUE, NEWS)
    await house.work()
    assert house.unfurler.asked == [NEWS]
    assert len(asides(house)) == 1


@pytest.mark.parametrize("beside", [(), (NEWS,)])
async def test_who_posts_an_opaque_link_that_is_listed_is_told_that_once_and_no_way_to_share_it(
    beside: tuple[str, ...],
) -> None:
    house = await ready()
    async with house.storage.transaction() as records:
        await records.listed.replace({OPAQUE, NEWS})
    await house.post(OPAQUE, *beside)
    await house.work()
    assert asides(house) == [Aside(MEMBER, "m1", "listed.aside", "en")]
    assert house.unfurler.asked == []
    assert await house.services.shares.cleaned(OPAQUE) is None
    await house.post(OPAQUE, event="command", deliberate=True)
    await house.work()
    assert not house.storage.state.links


async def test_an_edit_or_a_second_delivery_does_not_ask_again() -> None:
    house = await ready()
    await house.post(OPAQUE)
    await house.post(OPAQUE)
    house.later(minutes=1)
    await house.post(OPAQUE, edited_at=house.now())
    await house.work()
    assert len(asides(house)) == 1


@pytest.mark.parametrize("beside", [(), (NEWS,)])
async def test_what_is_handed_over_deliberately_is_shared_also_after_the_rest_of_its_message(
    beside: tuple[str, ...],
) -> None:
    house = await ready()
    await house.post(OPAQUE, *beside)
    await house.work()
    house.later(seconds=20)
    await house.post(OPAQUE, *beside, event="command", deliberate=True)
    await house.work()
    cards = [posting for _, posting, _ in house.messenger.posted if isinstance(posting, Card)]
    assert [link.url for link in cards[-1].links] == [OPAQUE]
    assert len(house.storage.state.shares) == 1 + len(beside)
    assert len(asides(house)) == 1


async def test_who_hands_a_link_over_before_a_group_is_known_gets_it_clean_unless_it_is_never_touched() -> None:
    shares = (await ready()).services.shares
    clean = await shares.cleaned(f"{OPAQUE}?utm_source=mail")
    assert clean is not None
    assert clean.display == OPAQUE
    assert await shares.cleaned("mailto:a@b.example") is None


async def test_a_yes_taken_back_while_the_page_is_asked_for_leaves_nothing() -> None:
    house = await ready()

    class Slow(FakeUnfurler):
        async def unfurl(self, url: str, group: GroupId) -> Preview | None:
            await house.services.consent.withdraw(GROUP, MEMBER)
            return None

    house.unfurler = Slow()
    house.services = house.build()
    await house.post(NEWS)
    await house.work()
    assert not house.storage.state.shares
    assert not house.storage.state.links
