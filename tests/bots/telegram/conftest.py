import ssl
from collections.abc import AsyncIterator, Iterator

import pytest

from core.model import Preview
from tests.bots.telegram.staging import ARTICLE, Stage, TelegramHouse, staged
from texts.catalogue import Texts


@pytest.fixture(scope="session", autouse=True)
def certificates() -> Iterator[None]:
    """Read once: every client of the library reads them anew, which takes longer than most of these stories."""
    read_once = ssl.create_default_context()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", lambda **_: read_once)
        yield


@pytest.fixture(autouse=True)
def waits_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch that opening the application sets, also for tests which use the library's errors and open none."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def texts() -> Texts:
    return Texts.load()


@pytest.fixture
def house() -> TelegramHouse:
    house = TelegramHouse()
    house.unfurler.pages[ARTICLE] = Preview(ARTICLE, "news.example", title="A <b>bold</b> claim", description="Words.")
    return house


@pytest.fixture
async def stage(house: TelegramHouse, texts: Texts) -> AsyncIterator[Stage]:
    """The bot on a webhook: an act of a person is over when the bot has handled it."""
    async with staged(house, texts) as stage:
        await stage.connection.open()
        await stage.webhook.set_up("http://penumbra.test")
        yield stage
