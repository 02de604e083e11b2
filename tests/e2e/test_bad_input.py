"""Bad messages in between good ones, through real parts: each becomes one dead letter, and nothing stops."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest

from features.events import Dropped, Ping, Profile, Tick
from streams import topics
from streams.codec import encode
from streams.dead_letters import DeadLetter
from streams.driving import Driver, driver
from streams.ports import Message
from streams.settings import Kafka, Redis, Settings
from streams.system import workers
from streams.topics import Topics
from tests.support.bad_messages import BadMessage, bad_messages
from tests.support.outcomes import letters

pytestmark = [pytest.mark.kafka, pytest.mark.redis]

NOW_MS = 1_700_000_000_000
GOOD = ("ada", "grace", "edsger", "barbara", "niklaus")
STRANGER = "T-bad-stranger"


@pytest.fixture
def settings(kafka: str, redis_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Small chunks: what a status is refused for may have come in an earlier one."""
    made = Settings(namespace=namespace, kafka=Kafka(bootstrap=kafka), redis=Redis(url=redis_url))
    for name, value in (("KAFKA", kafka), ("REDIS", redis_url), ("NAMESPACE", namespace)):
        monkeypatch.setenv(f"HEADWAY_{name}", value)
    monkeypatch.setenv("HEADWAY_WORKER__CHUNK_RECORDS", "3")
    monkeypatch.setenv("HEADWAY_TELEMETRY__REQUIRE_ROSTER", "true")
    topics.ensure(made, history=True)
    return made


@pytest.fixture
def driving(settings: Settings) -> Iterator[Driver]:
    """A system of one worker, which must be alive and content in the end."""
    with workers(settings, ("telemetry",), ticks=False) as system, driver(system) as made:
        yield made
        system.check()
        assert system.troubles() == []


def log_of(settings: Settings, bad: list[BadMessage]) -> Iterator[Message]:
    """Everybody's roster entry but the stranger's, then a bad message and a good one in turn, then silence."""
    topic = Topics.of(settings).technicians
    named = {one.key for one in bad if one.by_fold and not one.with_roster} | {name.encode() for name in GOOD}
    for key in sorted(key for key in named if key):
        profile = Profile(technician=key.decode(), time_ms=NOW_MS - 3_600_000)
        yield Message(topic, key, encode(profile), None, NOW_MS - 3_600_000)
    for number, one in enumerate(bad):
        for value in one.before:
            yield Message(topic, one.key, value, None, NOW_MS)
        yield Message(topic, one.key, one.value, None, NOW_MS)
        yield from (good_ping(topic, name, number, len(bad)) for name in GOOD)
    yield from ticks(settings, NOW_MS + 10_000)


def good_ping(topic: str, technician: str, number: int, of: int) -> Message:
    time_ms = NOW_MS - 10_000 * (of - number)
    ping = Ping(technician=technician, time_ms=time_ms, lat=30.2 + number * 1e-3, lon=-97.7, accuracy_m=5.0)
    return Message(topic, technician.encode(), encode(ping), None, time_ms)


def ticks(settings: Settings, time_ms: int) -> Iterator[Message]:
    value, topic = encode(Tick(time_ms=time_ms)), Topics.of(settings).technicians
    for partition in range(settings.kafka.partitions):
        yield Message(topic, None, value, partition, time_ms)


def publish(driving: Driver, messages: Iterator[Message]) -> None:
    driving.publish(messages, lambda _: None)
    driving.drain()


def told(letter: DeadLetter) -> tuple[object, ...]:
    return letter.reason, letter.received_ms, letter.key, letter.value


def headway(*words: str) -> str:
    command = [sys.executable, "-m", "streams.cli", *words]
    done = subprocess.run(command, capture_output=True, check=False, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_bad_message_becomes_one_letter_and_no_good_one_is_lost(
    settings: Settings, driving: Driver
) -> None:
    bad = bad_messages(NOW_MS)
    publish(driving, log_of(settings, bad))
    found = letters(settings)
    wanted = [(one.reason, NOW_MS, one.key, one.value) for one in bad]
    assert sorted(map(told, found), key=repr) == sorted(wanted, key=repr)
    for one in bad:
        details = [letter.detail for letter in found if (letter.key, letter.value) == (one.key, one.value)]
        assert [one.says in detail for detail in details] == [True], one.name
    assert {letter.source.topic for letter in found} == {Topics.of(settings).technicians}
    counts = driving.counts()
    assert counts["kept"] == len(bad) * len(GOOD)
    rejected = {name: count for name, count in counts.items() if name.startswith("rejected.")}
    assert rejected == Counter(f"rejected.{one.reason}" for one in bad)
    states = {state.technician: state for state in driving.technicians()}
    assert all(states[name].fix is not None for name in GOOD)


def test_letters_that_are_replayed_unmended_come_back_as_they_were(
    settings: Settings, driving: Driver
) -> None:
    bad = bad_messages(NOW_MS)
    publish(driving, log_of(settings, bad))
    assert f"{len(bad)} dead letters sent back" in headway("dead-letters", "replay", "--all")
    publish(driving, ticks(settings, NOW_MS + 20_000))
    first, again = (
        [letter for letter in letters(settings) if letter.replayed is replayed] for replayed in (False, True)
    )
    assert sorted(map(told, again), key=repr) == sorted(map(told, first), key=repr)
    assert {letter.source.partition for letter in again} == {letter.source.partition for letter in first}
    assert len({letter.source for letter in [*first, *again]}) == 2 * len(bad)


def test_a_letter_whose_cause_is_mended_is_replayed_into_the_state(
    settings: Settings, driving: Driver
) -> None:
    topic = Topics.of(settings).technicians
    publish(driving, iter([good_ping(topic, STRANGER, 0, 1)]))
    (letter,) = letters(settings)
    assert letter.reason == "unknown_technician"
    profile = Profile(technician=STRANGER, time_ms=NOW_MS)
    publish(driving, iter([Message(topic, STRANGER.encode(), encode(profile), None, NOW_MS)]))
    assert "1 dead letter sent back" in headway(
        "dead-letters", "replay", f"{letter.partition}:{letter.offset}"
    )
    publish(driving, ticks(settings, NOW_MS + 10_000))
    assert letters(settings) == [letter]
    (state,) = driving.technicians()
    assert state.fix is not None
    assert state.fix.time_ms == msgspec.json.decode(letter.value or b"", type=Ping).time_ms
    assert not [s for s in driving.heard.conclusions() if isinstance(s.event, Dropped)]
    assert driving.counts()["kept"] == 1
