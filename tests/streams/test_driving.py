"""Driving a log through a running system."""

from collections.abc import Iterator

import msgspec
import pytest

from features.events import Ping, Status, StatusChanged, Tick
from streams import driving, topics
from streams.adapters.log import write_all
from streams.codec import encode, key_of
from streams.driving import AHEAD, BATCH, driver, falling
from streams.errors import HeadwayError
from streams.ports import Message
from streams.settings import Settings
from streams.system import System, servers, workers
from streams.topics import Topics

BEGAN_MS = 1_750_000_000_000
PEOPLE = 20


@pytest.fixture(scope="module")
def served() -> Iterator[Settings]:
    with servers(Settings(namespace="driving"), {}) as (settings, _):
        yield settings


@pytest.fixture
def settings(served: Settings, namespace: str) -> Settings:
    made = msgspec.structs.replace(served, namespace=namespace)
    topics.ensure(made)
    return made


@pytest.fixture
def system(settings: Settings) -> Iterator[System]:
    with workers(settings, ("telemetry",), ticks=False) as running:
        yield running


def told(settings: Settings, event: Ping | Status, received_ms: int) -> Message:
    return Message(Topics.of(settings).technicians, key_of(event), encode(event), None, received_ms)


def ticks(settings: Settings, now_ms: int) -> list[Message]:
    value, topic = encode(Tick(time_ms=now_ms)), Topics.of(settings).technicians
    return [Message(topic, None, value, n, now_ms) for n in range(settings.kafka.partitions)]


def shift(settings: Settings, pings: int) -> Iterator[Message]:
    """Everybody says that they are on shift, and stands still for so many pings in all."""
    people = [f"t{n}" for n in range(PEOPLE)]
    for name in people:
        yield told(settings, Status(technician=name, time_ms=BEGAN_MS, status="on_shift"), BEGAN_MS)
    for n in range(pings):
        at_ms = BEGAN_MS + 1000 + n * 1000
        yield told(settings, Ping(technician=people[n % PEOPLE], time_ms=at_ms, lat=30.2, lon=-97.7), at_ms)
    yield Message(Topics.of(settings).technicians, people[0].encode(), b"junk", None, BEGAN_MS)
    yield from ticks(settings, BEGAN_MS + pings * 1000 + 60_000)


def test_all_that_is_published_is_folded_and_all_that_it_makes_is_heard_once(
    settings: Settings, system: System
) -> None:
    pings, progress = AHEAD + 11 * BATCH, []
    # That a letter was sent back stands among the letters, and is none.
    write_all(
        settings, [Message(Topics.of(settings).dead_letters, b"k", b"", headers=(("sent_back", b"0:1"),))]
    )
    with driver(system) as driven:
        sent = driven.publish(shift(settings, pings), progress.append)
        heard = driven.drain()
        assert driven.left() == 0
        again = driven.drain()
        counts, people = driven.counts(), driven.technicians()
    assert sent == PEOPLE + pings + 1 + settings.kafka.partitions
    assert progress[-1] == sent
    assert progress == sorted(progress)
    assert counts["kept"] == pings
    assert len(people) == PEOPLE
    duties = [one.event.after for one in heard.conclusions() if isinstance(one.event, StatusChanged)]
    assert duties == ["on_shift"] * PEOPLE
    assert [letter.value for letter in heard.letters] == [b"junk"]
    assert (len(again.signals), len(again.letters)) == (len(heard.signals), 1)
    assert [one.cause for one in heard.conclusions()] == sorted(one.cause for one in heard.conclusions())
    assert system.troubles() == []


def test_what_is_sent_live_is_heard_soon(settings: Settings, system: System) -> None:
    with driver(system) as driven:
        driven.send(shift(settings, PEOPLE))
        heard = []
        while len(heard) < PEOPLE:
            system.check()
            heard += [one for one in driven.listen(50) if isinstance(one.event, StatusChanged)]
    assert {one.event.technician for one in heard} == {f"t{n}" for n in range(PEOPLE)}


def test_a_worker_that_has_died_ends_the_wait(settings: Settings, system: System) -> None:
    with driver(system) as driven:
        system.workers[0].process.kill()
        driven.publish(shift(settings, 10), lambda _: None)
        with pytest.raises(HeadwayError, match="the telemetry worker was ended by SIGKILL"):
            driven.drain()


def test_without_a_worker_it_says_that_nothing_moves(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driving, "STUCK_AFTER_S", 0.5)
    with driver(System(settings, [])) as driven:
        driven.publish(shift(settings, 10), lambda _: None)
        with pytest.raises(HeadwayError, match="have not moved for 0 s with 35 records left; is a telemetry"):
            driven.drain()


def test_falling_goes_on_as_long_as_less_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(0, 1000, 40))
    monkeypatch.setattr(driving.time, "monotonic", lambda: next(now))
    left = iter([5, 4, 3, 2, 1, 0])
    assert list(falling(lambda: next(left), 1)) == [5, 4, 3, 2]
    with pytest.raises(HeadwayError, match="have not moved for 60 s with 7 records left"):
        list(falling(lambda: 7, 0))
