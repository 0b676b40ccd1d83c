"""The playground's house closes after the page's questions, and none is cut off between two transactions."""

import asyncio
import socket

from config.demo import LOOPBACK, Questions, free_port


async def test_a_question_comes_to_its_end_though_who_asked_has_left_and_the_house_closes() -> None:
    questions, answer, answered = Questions(), asyncio.Event(), list[str]()

    async def stored(person: str) -> str:
        await answer.wait()
        answered.append(person)
        return person

    ask = questions.about(stored)
    stays, leaves = asyncio.ensure_future(ask("ada")), asyncio.ensure_future(ask("bruno"))
    leaves.cancel()  # the browser closed its tab
    closing = asyncio.create_task(questions.answered())
    await asyncio.sleep(0)
    assert not closing.done()
    answer.set()
    await closing
    assert sorted(answered) == ["ada", "bruno"]
    assert await stays == "ada"
    await questions.answered()  # none is open


def test_a_port_that_was_just_closed_is_free_and_one_that_is_listened_on_is_not() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        assert free_port(port) != port
        with socket.create_connection((LOOPBACK, port)):
            server.accept()[0].close()  # the server's side closes first, and its port lingers
    assert free_port(port) == port
