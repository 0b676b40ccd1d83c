"""A link that is itself a key leaves this house as it came: byte for byte where its member put it, and nowhere else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.links_in import examine
from core.model import Card, DropReason, Preview
from tests.core.corpus_words import sensitive
from tests.fakes.house import RULES, House

KEYS = [url for _, url in sensitive()]
NEWS = "https://news.example/a"
WRAPPED = "https://www.google.com/url?q=https%3A%2F%2Fshop.example%2Freset-password%3Ftoken%3D4f1c9d2e8b7a6c5d4e3f"


@given(st.sampled_from([*KEYS, WRAPPED]))
def test_there_is_no_other_spelling_of_a_key(url: str) -> None:
    """What is not made can't be shown, followed or kept: the member's own message stays all there is."""
    assert examine(url, RULES.urls, RULES.sensitive).clean is None


@settings(max_examples=40)
@given(st.lists(st.sampled_from([*KEYS, WRAPPED]), min_size=1, max_size=5, unique=True))
async def test_of_a_message_with_keys_and_a_page_only_the_page_is_known(keys: list[str]) -> None:
    house = House()
    await house.switch_on()
    await house.opt_in()
    await house.post(*keys, NEWS)
    await house.work()
    assert house.unfurler.asked == [NEWS]
    [(_, card, _)] = house.messenger.posted
    assert isinstance(card, Card)
    assert [link.url for link in card.links] == [NEWS]
    assert house.drops[DropReason.SENSITIVE] == len(keys)
    known = repr(house.storage.state) + repr(house.messenger.posted)
    assert not any(url in known for url in keys)


async def test_the_member_s_own_address_is_kept_in_its_order_case_and_encoding() -> None:
    house = House()
    await house.switch_on()
    await house.opt_in()
    written = "https://news.example/Caf%c3%A9/%7Eana?b=2&a=%20&&c#Part"
    house.unfurler.pages[written] = Preview("https://elsewhere.example/", "elsewhere.example", "Title")
    await house.post(written)
    await house.work()
    [(_, card, _)] = house.messenger.posted
    assert isinstance(card, Card)
    assert [link.url for link in card.links] == [written]
