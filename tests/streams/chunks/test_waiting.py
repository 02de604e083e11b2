"""Waiting for what is away."""

import asyncio
import logging
from itertools import islice

import pytest

from streams.chunks.waiting import pauses, retrying
from streams.errors import BrokerUnavailable, Fenced, StoreUnavailable


class Flaky:
    """Raises its errors one after the other, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    async def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


async def test_a_call_that_succeeds_is_made_once_and_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert await retrying(Flaky()) == "answer"
    assert caplog.records == []


async def test_it_says_when_it_begins_to_wait_and_when_it_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    flaky = Flaky(*[StoreUnavailable("Redis is away")] * 5, BrokerUnavailable("Kafka is away"))
    assert await retrying(flaky, doing="loading", longest_s=0.001) == "answer"
    first, last = caplog.records
    assert first.getMessage() == "waiting (loading): Redis is away"
    assert last.getMessage().startswith("going on (loading) after ")
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


async def test_an_error_of_another_kind_is_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Fenced):
        await retrying(
            Flaky(StoreUnavailable("Redis is away"), Fenced("the position has moved")), longest_s=0.001
        )
    waiting, going = (record.getMessage() for record in caplog.records)
    assert waiting == "waiting: Redis is away"
    assert going.startswith("going on after ")


def test_pauses_grow_to_a_limit_and_vary() -> None:
    taken = list(islice(pauses(2.0), 20))
    assert all(0.05 <= pause <= 2.0 for pause in taken)
    assert all(pause >= 1.0 for pause in taken[5:])
    assert len(set(taken)) == 20


async def test_other_errors_are_not_waited_out() -> None:
    with pytest.raises(Fenced):
        await retrying(Flaky(Fenced()))


async def test_it_ends_when_it_is_cancelled() -> None:
    task = asyncio.create_task(retrying(Flaky(*[StoreUnavailable()] * 1_000)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
