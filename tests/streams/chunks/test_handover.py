"""From the stream to the agent, without a broker."""

import asyncio
from types import SimpleNamespace

import pytest

from streams.chunks import Chunk
from streams.chunks.handover import Handover
from streams.errors import BadInput, Fenced
from tests.support.transport import Reader


def chunk(handover: Handover, first: int, last: int, partition: int = 0) -> Chunk:
    """As it would be fetched now."""
    records = [
        SimpleNamespace(offset=offset, value=str(offset).encode()) for offset in range(first, last + 1)
    ]
    return Chunk("technicians", partition, records, handover.readings().get(partition, 0))


class Slow(Reader):
    """Works on each chunk until `opened`, and fails with `error` then."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = asyncio.Event()
        self.error: Exception | None = None

    async def process(self, chunk: Chunk) -> None:
        await super().process(chunk)
        await self.opened.wait()
        if self.error is not None:
            raise self.error


async def placed(agent: Reader, *partitions: int) -> Handover:
    handover = Handover(agent, "technicians")
    await handover.take_over(set(partitions))
    for partition in partitions:
        handover.begin(partition)
    return handover


async def test_what_the_agent_has_finished_is_done() -> None:
    handover = await placed(Reader(), 0, 1)
    await handover.take(chunk(handover, 5, 9))
    await handover.take(chunk(handover, 2, 2, partition=1))
    assert handover.done == {0: 10, 1: 3}


async def test_a_chunk_from_before_a_seek_never_reaches_the_agent() -> None:
    agent = Reader()
    handover = await placed(agent, 0)
    stale = chunk(handover, 5, 9)
    handover.begin(0)
    await handover.take(stale)
    await handover.take(chunk(handover, 3, 4))
    assert agent.numbers() == [3, 4]


async def test_a_chunk_of_a_partition_that_is_not_ours_never_reaches_the_agent() -> None:
    agent = Reader()
    handover = await placed(agent, 0)
    await handover.take(chunk(handover, 0, 4, partition=7))
    assert agent.chunks == []


async def test_a_chunk_at_hand_is_awaited_before_partitions_go() -> None:
    agent = Slow()
    handover = await placed(agent, 0)
    taking = asyncio.create_task(handover.take(chunk(handover, 0, 4)))
    await asyncio.sleep(0)
    settling = asyncio.create_task(handover.settle(60.0))
    await asyncio.sleep(0)
    agent.opened.set()
    await asyncio.gather(taking, settling)
    assert handover.done == {0: 5}
    await handover.release_all()
    assert agent.calls == ["assigned [0]", "revoked [0]"]


async def test_one_that_takes_too_long_is_abandoned_and_not_done() -> None:
    agent = Slow()
    handover = await placed(agent, 0)
    taking = asyncio.create_task(handover.take(chunk(handover, 0, 4)))
    await asyncio.sleep(0)
    await handover.settle(0.01)
    await taking
    assert handover.done == {}
    assert not handover.failure.done()


async def test_after_a_failure_nothing_is_given_to_the_agent(caplog: pytest.LogCaptureFixture) -> None:
    agent = Slow()
    agent.error = ZeroDivisionError("a bug")
    agent.opened.set()
    handover = await placed(agent, 0)
    await handover.take(chunk(handover, 0, 4))
    await handover.take(chunk(handover, 5, 9))
    assert agent.numbers() == [0, 1, 2, 3, 4]
    assert handover.done == {}
    assert handover.failure.result() is agent.error
    assert caplog.text.count("Traceback") == 1


async def test_a_users_mistake_is_said_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    agent = Slow()
    agent.error = BadInput("the fence depot-3 has no area")
    agent.opened.set()
    handover = await placed(agent, 0)
    await handover.take(chunk(handover, 0, 4))
    assert "the fence depot-3 has no area" in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_fenced_partition_is_given_back_and_taken_over_anew() -> None:
    agent, fenced = Slow(), list[int]()
    agent.error = Fenced("the position has moved")
    agent.opened.set()
    handover = await placed(agent, 0, 1)
    handover.on_fenced = fenced.append
    await handover.take(chunk(handover, 0, 4))
    assert (fenced, handover.done, handover.failure.done()) == ([0], {}, False)
    agent.stored = {0: 7}
    assert await handover.take_over({0}) == {0: 7}
    assert agent.calls == ["assigned [0, 1]", "revoked [0]", "assigned [0]"]


async def test_without_stored_positions_reading_goes_on_behind_what_is_done() -> None:
    handover = await placed(Reader(), 0)
    await handover.take(chunk(handover, 0, 4))
    assert await handover.take_over({0}) == {0: 5}
