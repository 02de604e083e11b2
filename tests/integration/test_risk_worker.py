"""Pings and statuses through real workers of telemetry and risk, until a risk stands on `territories`."""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import redis

from features.events import Assignment, Cause, Ping, Route, Signal, Status, Tick
from features.plan import Shift
from features.territory_events import ArrivalPredicted, LifeChanged, RiskChanged, TerritoryInbound
from features.wire import Event
from models import watching
from models.registry import load_or_baseline
from streams import topics
from streams.adapters.log import LogReader, behind, write_all
from streams.adapters.redis_partitions import keys_of
from streams.bootstrap import open_risks
from streams.codec import decode_signal, encode
from streams.day_codec import decode_territory
from streams.ports import Message
from streams.settings import Kafka, Redis, Settings
from streams.system import System, workers
from streams.topics import Topics
from tests.support.day_plans import HOME, at
from tests.support.routes import east

pytestmark = [pytest.mark.kafka, pytest.mark.redis]
WITHIN_S = 90.0
OVERRUN_H = (8.2, 10.8)
"""From when to when the first job goes on; the second was promised for between ten and eleven."""


@pytest.fixture
def settings(kafka: str, redis_url: str, namespace: str) -> Settings:
    made = Settings(namespace=namespace, kafka=Kafka(bootstrap=kafka), redis=Redis(url=redis_url))
    topics.ensure(made, history=True)
    return made


def assignment(technician: str, name: str, window: tuple[int, int], km: float) -> Assignment:
    place = east(km)
    return Assignment(
        technician=technician,
        time_ms=at(7),
        appointment=name,
        lat=place.lat,
        lon=place.lon,
        window_start_ms=at(window[0]),
        window_end_ms=at(window[1]),
        territory=territory(technician),
        expected_s=3600,
    )


def territory(technician: str) -> str:
    return f"home of {technician}"


def morning(technician: str) -> Iterator[Event]:
    """A job that takes long, and another that waits for it."""
    first, second = f"{technician}-1", f"{technician}-2"
    shift = Shift(start_ms=at(8), end_ms=at(17), start=HOME, end=HOME)
    yield assignment(technician, first, (8, 9), 0.0)
    yield assignment(technician, second, (10, 11), 5.0)
    yield Route(
        technician=technician,
        time_ms=at(7),
        territory=territory(technician),
        plan_version=1,
        stops=(first, second),
        shift=shift,
    )
    yield Status(technician=technician, time_ms=at(8), status="on_shift")
    yield Status(technician=technician, time_ms=at(OVERRUN_H[0]), status="in_progress", appointment=first)
    yield Status(technician=technician, time_ms=at(OVERRUN_H[1]), status="completed", appointment=first)


def log(settings: Settings, technicians: list[str]) -> list[Message]:
    """Everything at its time: a fix every two minutes and a tick every minute on each partition."""
    topic, events = Topics.of(settings).technicians, list[Event]()
    for technician in technicians:
        events += morning(technician)
        events += [
            Ping(technician=technician, time_ms=at(8 + n / 30), lat=HOME.lat, lon=HOME.lon, accuracy_m=8)
            for n in range(88)
        ]
    ticks = [Tick(time_ms=at(7) + n * 60_000) for n in range(240)]
    ordered = sorted([*events, *ticks], key=lambda one: one.time_ms)
    return [message for event in ordered for message in messages(settings, topic, event)]


def messages(settings: Settings, topic: str, event: Event) -> list[Message]:
    if isinstance(event, Tick):
        partitions = range(settings.kafka.partitions)
        return [Message(topic, None, encode(event), number, event.time_ms) for number in partitions]
    return [Message(topic, event.technician.encode(), encode(event), None, event.time_ms)]


def heard(settings: Settings, system: System, done: set[str]) -> list[tuple[bytes | None, TerritoryInbound]]:
    """What stands on `territories` by the time that every appointment of `done` is told to be over."""
    found, left, deadline = [], set(done), time.monotonic() + WITHIN_S
    with LogReader(settings, Topics.of(settings).territories) as reader:
        while left:
            system.check()
            assert time.monotonic() < deadline, (left, found[-3:])
            for record in reader.poll():
                event = decode_territory(record.value, record.key)
                assert isinstance(event, RiskChanged | ArrivalPredicted | LifeChanged)
                found.append((record.key, event))
                if isinstance(event, LifeChanged) and event.life == "completed":
                    left.discard(event.appointment)
    return found


def test_an_overrun_is_a_risk_on_the_log_of_its_territory(settings: Settings) -> None:
    people = [f"t-{n}" for n in range(6)]
    with workers(settings, ("telemetry", "risk"), ticks=False) as system:
        write_all(settings, log(settings, people))
        events = heard(settings, system, {f"{technician}-1" for technician in people})
    for technician in people:
        risks = [
            event
            for key, event in events
            if isinstance(event, RiskChanged) and key == territory(technician).encode()
        ]
        assert {(risk.technician, risk.appointment) for risk in risks} == {(technician, f"{technician}-2")}
        assert risks[0].time_ms < at(11)
        assert "AT_RISK" in {risk.level for risk in risks}
        causes = [risk.cause for risk in risks]
        assert causes == sorted(set(causes))


def test_what_is_expected_can_be_read_from_redis(settings: Settings) -> None:
    with workers(settings, ("telemetry", "risk"), ticks=False) as system:
        write_all(settings, log(settings, ["ana"]))
        heard(settings, system, {"ana-1"})

    async def reading() -> None:
        risks = open_risks(settings)
        state = await risks.one("ana")
        assert state is not None
        assert state.route.order == ("ana-2",)
        assert state.route.territory == territory("ana")
        assert set(await risks.every()) == {"ana"}
        await risks.close()

    asyncio.run(reading())


def test_kills_leave_on_the_log_what_the_signals_make_and_nothing_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same is made of the signals here, by the fold alone; repetitions are the very same bytes."""
    monkeypatch.setenv("HEADWAY_WORKER__CHUNK_RECORDS", "10")
    with workers(settings, ("telemetry",), ticks=False) as system:
        write_all(settings, log(settings, [f"t-{n}" for n in range(6)]))
        until_folded(settings, system, "technicians", "technicians")
    chance = random.Random(5)
    for share in sorted(chance.uniform(0.1, 0.9) for _ in range(3)):
        with workers(settings, ("risk",), ticks=False) as system:
            until_folded(settings, system, "risk", "signals", share)
            system.workers[0].process.kill()
    with workers(settings, ("risk",), ticks=False) as system:
        until_folded(settings, system, "risk", "signals")
    said = territory_records(settings)
    assert {cause: len(values) for cause, values in said.items() if len(values) > 1} == {}
    assert {cause: values.pop() for cause, values in said.items()} == made_here(settings)


def until_folded(settings: Settings, system: System, name: str, topic: str, share: float = 1.0) -> None:
    """Wait until an agent has stored that it is through with this share of a log."""
    client = redis.Redis.from_url(settings.redis.url)
    with LogReader(settings, getattr(Topics.of(settings), topic)) as reader:
        ends, deadline = reader.ends(), time.monotonic() + WITHIN_S
    keys = {number: keys_of(settings.namespace, name, number).position for number in ends}
    while True:
        stored = {number: int(client.hget(key, "position") or 0) for number, key in keys.items()}
        if behind(ends, stored) <= (1 - share) * sum(ends.values()):
            break
        system.check()
        assert time.monotonic() < deadline, (stored, ends)
        time.sleep(0.005)
    client.close()


def territory_records(settings: Settings) -> dict[Cause, set[bytes]]:
    """What was sent, by cause."""
    found: dict[Cause, set[bytes]] = {}
    with LogReader(settings, Topics.of(settings).territories) as reader:
        for record in reader.to_end():
            event = decode_territory(record.value, record.key)
            assert isinstance(event, RiskChanged | ArrivalPredicted | LifeChanged)
            found.setdefault(event.cause, set()).add(record.value)
    return found


def made_here(settings: Settings) -> Mapping[Cause, bytes]:
    signals: dict[int, list[tuple[Cause, Signal]]] = {}
    topic = Topics.of(settings).signals
    with LogReader(settings, topic) as reader:
        for record in reader.to_end():
            cause = Cause(topic, record.partition, record.offset, 0)
            signals.setdefault(record.partition, []).append((cause, decode_signal(record.value)))
    models = load_or_baseline(Path(settings.decisions.models.folder))
    zone, params = settings.decisions.time_zone, settings.decisions.risk
    folded = [
        watching.fold({}, [(cause, signal.event) for cause, signal in heard], models, zone, params)
        for heard in signals.values()
    ]
    return {one.cause: encode(one) for each in folded for one in each.made}
