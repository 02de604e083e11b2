"""The dispatch role on real Kafka and Redis, killed again and again: nobody is told two things by one name."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from features.acknowledgement import AcknowledgementState
from features.acknowledgement_fold import fold
from features.dispatching import DispatchState
from features.events import Assignment, Cause, Reminder, Route, Signal
from features.plan_events import PlanChanged
from features.territory_events import AcknowledgementChanged
from streams import bootstrap, topics
from streams.adapters.log import LogReader, behind
from streams.codec import decode, encode
from streams.day_codec import decode_territory, key_of
from streams.ports import Message
from streams.settings import Kafka, Redis, Settings
from streams.topics import Topics
from tests.support.asking import PARAMS, said, sent, shift, ticks
from tests.support.chaos import Supervised, publish, until
from tests.support.plans import changed, given, route

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.redis, pytest.mark.timeout(300)]

SEED, VERSIONS, MINUTES, KILLS = 5, 60, 400, 5
TERRITORIES = ("north", "south", "east")
Told = Assignment | Route


@pytest.fixture
def settings(kafka: str, redis_url: str, namespace: str) -> Settings:
    made = Settings(namespace=namespace, kafka=Kafka(bootstrap=kafka), redis=Redis(url=redis_url))
    topics.ensure(made, history=True)
    return made


@pytest.fixture
def worker(settings: Settings, tmp_path: Path) -> Iterator[Supervised]:
    chance = random.Random(SEED)
    worker = Supervised(settings, tmp_path / "dispatch.log", lambda: chance.randint(5, 60), "dispatch")
    yield worker
    worker.end()


def plans() -> list[PlanChanged]:
    """Three territories' plans change in turn, each version in two parts: appointments go round among four."""
    made = []
    for version in range(1, VERSIONS + 1):
        for number, territory in enumerate(TERRITORIES):
            who = [f"{territory}-{n}" for n in range(4)]
            before, after = who[version % 4], who[(version + 1) % 4]
            name, minute = f"{territory}-job", 500.0 + version
            loses = given(before, name, version, minute=minute, withdrawn=True, territory=territory)
            gains = given(after, name, version, minute=minute, territory=territory)
            for index, (one, stops) in enumerate([(loses, ()), (gains, (name,))]):
                order = route(one.technician, version, *stops, minute=minute, territory=territory)
                cause = Cause("x.territories", number, version, index)
                made.append(changed(version, one, routes=[order], territory=territory, cause=cause))
    return made


def signals(partition: int) -> list[Signal]:
    """A day of one partition: every few minutes somebody is sent something, and some answer it."""
    chance = random.Random(f"{SEED}-{partition}")
    who = [f"p{partition}-{n}" for n in range(6)]
    events = [shift(0, begin=30, who=one) for one in who]
    for minute in range(0, MINUTES, 2):
        one, job = chance.choice(who), f"job-{chance.randint(0, 9)}"
        events.append(sent(minute, job, start=minute + chance.choice((20, 300)), who=one))
        for life, share in (("delivered", 0.8), ("acknowledged", 0.5), ("declined", 0.1)):
            if chance.random() < share:
                events.append(said(minute + chance.random(), life, job, who=one))
        events += ticks(minute + 1, minute + 2)
    causes = [Cause("x.technicians", partition, number, 0) for number in range(len(events))]
    return [
        Signal(id=f"{partition}-{cause.offset}", cause=cause, event=event)
        for cause, event in zip(causes, events, strict=True)
    ]


def inputs(settings: Settings) -> list[Message]:
    """Everything, mixed."""
    names, parts = Topics.of(settings), range(settings.kafka.partitions)
    logs = [[Message(names.plans, key_of(plan), encode(plan), None, plan.time_ms) for plan in plans()]] + [
        [Message(names.signals, None, encode(one), part, one.event.time_ms) for one in signals(part)]
        for part in parts
    ]
    turns = [
        (number / len(log), name, log[number]) for name, log in enumerate(logs) for number in range(len(log))
    ]
    return [message for _, _, message in sorted(turns, key=lambda turn: turn[:2])]


async def killed_again_and_again(worker: Supervised, chance: random.Random) -> None:
    for _ in range(KILLS):
        await until(worker.at_work, "the worker has partitions")
        await asyncio.sleep(chance.uniform(0.0, 1.5))
        worker.kill()
        worker.restart()


async def done(settings: Settings, worker: Supervised) -> None:
    """Returns when both logs are folded and stored."""
    names = Topics.of(settings)
    kept = (
        (names.plans, "dispatch", DispatchState),
        (names.signals, "acknowledgements", AcknowledgementState),
    )
    for topic, name, state_type in kept:
        store = bootstrap.open_keyed(settings, name, state_type)
        with LogReader(settings, topic) as reader:
            ends = reader.ends()
        while behind(ends, await store.positions(ends)):
            worker.check()
            await asyncio.sleep(0.1)
        await store.close()


def read(settings: Settings, topic: str) -> list[tuple[int, bytes | None, bytes]]:
    """All of a topic as (partition, key, value)."""
    with LogReader(settings, topic) as reader:
        return [(record.partition, record.key, record.value) for record in reader.to_end()]


def once(records: Sequence[tuple[int, bytes | None, bytes]]) -> list[tuple[int, bytes | None, bytes]]:
    """Without what came a second time."""
    return list(dict.fromkeys(records))


async def test_whatever_dies_all_are_told_the_whole_plan_and_no_two_of_them(
    settings: Settings, worker: Supervised
) -> None:
    names = Topics.of(settings)
    publishing = asyncio.ensure_future(publish(settings, inputs(settings), batch=20, pause_s=0.12))
    await killed_again_and_again(worker, random.Random(SEED))
    await publishing
    await asyncio.wait_for(done(settings, worker), 120)
    assert worker.stop() == 0

    heard = once(read(settings, names.technicians))
    events = [(partition, decode(value, key)) for partition, key, value in heard]
    # Each says which plan it is of; all else is as the plan has it.
    told = [replace(event, cause=None) for _, event in events if isinstance(event, Assignment | Route)]
    expected = [one for plan in plans() for one in (*plan.assignments, *plan.routes)]
    assert sorted(map(encode, told)) == sorted(map(encode, expected))
    for who in {one.technician for one in told}:
        versions = [one.plan_version for one in told if one.technician == who]
        assert versions == sorted(versions)

    news = [decode_territory(value, key) for _, key, value in once(read(settings, names.territories))]
    for partition in range(settings.kafka.partitions):
        placed = [
            (Cause(names.signals, partition, offset, 0), one.event)
            for offset, one in enumerate(signals(partition))
        ]
        _, out = fold({}, placed, PARAMS)
        assert len(out) > MINUTES / 2
        reminders = [event for part, event in events if part == partition and isinstance(event, Reminder)]
        assert reminders == [one for _, one in out if isinstance(one, Reminder)]
        changes = [
            one
            for one in news
            if isinstance(one, AcknowledgementChanged) and one.cause.partition == partition
        ]
        assert changes == [one for _, one in out if isinstance(one, AcknowledgementChanged)]
    assert read(settings, names.dead_letters) == []
