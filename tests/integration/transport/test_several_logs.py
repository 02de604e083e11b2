"""A worker that reads several logs: side by side, and all of them or none."""

import pytest

from streams.chunks import Chunk
from tests.support.transport import Reader, make_topic, options, publish, running, until

pytestmark = pytest.mark.kafka


class Failing(Reader):
    """Has a bug that shows with the first chunk."""

    async def process(self, chunk: Chunk) -> None:
        raise ZeroDivisionError("a bug")


@pytest.fixture
def topics(kafka: str, namespace: str) -> tuple[str, str]:
    names = f"{namespace}.one", f"{namespace}.other"
    for name in names:
        make_topic(kafka, name)
    return names


async def test_each_agent_gets_its_own_log(kafka: str, topics: tuple[str, str]) -> None:
    one, other = Reader(), Reader()
    publish(kafka, topics[0], range(400))
    publish(kafka, topics[1], range(1_000, 1_800))
    more = options(kafka, topics[1]), other
    async with running(options(kafka, topics[0]), one, more) as run:
        await until(lambda: len(one.numbers()) >= 400 and len(other.numbers()) >= 800, "both are read")
        assert await run.stop() == 0
    assert sorted(one.numbers()) == list(range(400))
    assert sorted(other.numbers()) == list(range(1_000, 1_800))
    assert "revoked [0, 1, 2, 3]" in one.calls
    assert "revoked [0, 1, 2, 3]" in other.calls


async def test_where_one_fails_all_stop_with_its_exit_code(
    kafka: str, topics: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    fine = Reader()
    publish(kafka, topics[1], range(4))
    more = options(kafka, topics[1]), Failing()
    async with running(options(kafka, topics[0]), fine, more) as run:
        assert await run.ended() == 1
    assert caplog.text.count("ZeroDivisionError: a bug") == 1


async def test_a_users_mistake_about_one_ends_all(kafka: str, topics: tuple[str, str]) -> None:
    more = options(kafka, f"{topics[0]}-missing"), Reader()
    async with running(options(kafka, topics[0]), Reader(), more) as run:
        assert await run.ended() == 2
