"""A hand-made morning whose people live by what reaches them: technicians by their log, a dispatcher by the plans.

It goes by event time in steps. Work takes as long as `WORK_MIN` says, whatever planning
reckons with: Ana's first appointment takes twice the time, and so those behind it are at risk.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import msgspec

from features.events import Assignment, Inbound, Life, Route, Status, Tick
from features.plan import Job, Shift
from features.plan_events import PlanOutbound, Proposed
from features.territory_events import (
    AcceptProposal,
    AppointmentCancelled,
    AppointmentRequested,
    RoutesPlanned,
    ShiftPlanned,
    TechnicianLost,
    TerritoryInbound,
)
from features.wire import Place
from streams import codec, day_codec
from streams.adapters.log import LogReader, LogWriter
from streams.ports import Message
from streams.settings import Settings
from streams.topics import Topics

NORTH = "north"
EIGHT_MS = 1_773_759_600_000
"""8:00 in Phoenix, 17 March 2026."""
ANSWER_MS = 30_000
"""Between what reaches a technician's app, its word of it, and the technician's."""
DRIVE_MIN, USUAL_MIN = 12.0, 35.0
WORK_MIN = {"a1": 120.0}
ROUTES = {"ana": ("a1", "a2", "a3"), "ben": ("b1", "b2"), "cy": ("c1", "c2"), "dan": ("d1",)}
WINDOWS = {
    "a1": (0, 60),
    "a2": (70, 100),
    "a3": (120, 180),
    "b1": (0, 60),
    "b2": (150, 230),
    "c1": (0, 90),
    "c2": (120, 200),
    "d1": (150, 240),
}
HOME = Place(33.45, -112.07)


def at(minutes: float) -> int:
    """So many minutes after eight."""
    return EIGHT_MS + round(minutes * 60_000)


def job(name: str, window: tuple[float, float], **more: object) -> Job:
    number = sum(ord(letter) for letter in name)
    place = Place(33.44 + number % 5 / 200, -112.08 + number % 3 / 200)
    return Job(
        appointment=name,
        place=place,
        window_start_ms=at(window[0]),
        window_end_ms=at(window[1]),
        title=f"Work at {name}",
        expected_s=USUAL_MIN * 60,
        **more,
    )


def office() -> list[TerritoryInbound]:
    """What the office says at eight."""
    shift = Shift(start_ms=at(0), end_ms=at(540), start=HOME, end=HOME)
    said: list[TerritoryInbound] = [
        ShiftPlanned(territory=NORTH, time_ms=at(0), technician=who, shift=shift, name=who.title())
        for who in ROUTES
    ]
    said += [
        AppointmentRequested(territory=NORTH, time_ms=at(0), job=job(name, window, priority=1))
        for name, window in WINDOWS.items()
    ]
    return [*said, RoutesPlanned(territory=NORTH, time_ms=at(0), routes=ROUTES)]


def trouble() -> list[TerritoryInbound]:
    """What else may happen on such a morning."""
    emergency = job("e1", (50, 130), emergency=True, priority=1)
    return [
        AppointmentRequested(territory=NORTH, time_ms=at(40), job=emergency),
        AppointmentCancelled(territory=NORTH, time_ms=at(65), appointment="c2"),
        TechnicianLost(territory=NORTH, time_ms=at(85), technician="dan", reason="a flat tyre"),
    ]


class Technician:
    """Acknowledges what they get, and serves the stops of the last route that they got, one after the other."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._route: Route | None = None
        self._answers: list[tuple[int, Life, str]] = []
        self._mine: set[str] = set()
        self._ended: set[str] = set()
        self._at: str | None = None
        self._steps: list[tuple[int, Life]] = []

    def hear(self, event: Assignment | Route, now_ms: int) -> None:
        if isinstance(event, Route):
            if self._route is None or event.plan_version >= self._route.plan_version:
                self._route = event
        elif event.withdrawn:
            self._mine.discard(event.appointment)
            if self._at == event.appointment:
                self._at, self._steps = None, []
        elif event.appointment not in self._mine:
            self._mine.add(event.appointment)
            self._answers.append((now_ms + ANSWER_MS, "delivered", event.appointment))
            self._answers.append((now_ms + 2 * ANSWER_MS, "acknowledged", event.appointment))

    def says(self, now_ms: int) -> Iterator[Status]:
        """What they tap by now."""
        for due_ms, life, name in [one for one in self._answers if one[0] <= now_ms]:
            self._answers.remove((due_ms, life, name))
            if name in self._mine and name not in self._ended and not (self._on_way and name == self._at):
                yield self._status(now_ms, life, name)
        if not self._on_way:
            self._choose(now_ms)
        while self._steps and self._steps[0][0] <= now_ms:
            assert self._at is not None
            _, life = self._steps.pop(0)
            yield self._status(now_ms, life, self._at)
            if life == "completed":
                self._ended.add(self._at)
                self._at = None

    @property
    def _on_way(self) -> bool:
        """To the next stop, or there already: before that, another route may name another."""
        return self._at is not None and len(self._steps) < 3

    def _choose(self, now_ms: int) -> None:
        self._at, self._steps = None, []
        stops = () if self._route is None else self._route.stops
        ahead = [name for name in stops if name in self._mine and name not in self._ended]
        if not ahead:
            return
        self._at = ahead[0]
        there_ms = max(now_ms + round(DRIVE_MIN * 60_000), at(WINDOWS.get(self._at, (0, 0))[0]))
        done_ms = there_ms + round(WORK_MIN.get(self._at, USUAL_MIN) * 60_000)
        self._steps = [
            (there_ms - round(DRIVE_MIN * 60_000), "en_route"),
            (there_ms, "in_progress"),
            (done_ms, "completed"),
        ]

    def _status(self, now_ms: int, life: Life, name: str) -> Status:
        return Status(technician=self.name, time_ms=now_ms, status=life, appointment=name)


class Morning:
    """Steps through the morning; `script` is what happens to the territory when its time comes."""

    def __init__(
        self,
        settings: Settings,
        script: Sequence[TerritoryInbound],
        *,
        step_s: int = 30,
        pause_s: float = 0.05,
    ) -> None:
        self._settings, self._topics = settings, Topics.of(settings)
        self._script, self._step_ms, self._pause_s = list(script), step_s * 1000, pause_s
        self._people = {who: Technician(who) for who in ROUTES}
        self._writer = LogWriter(settings)
        self._plans = LogReader(settings, self._topics.plans)
        self._technicians = LogReader(settings, self._topics.technicians)
        self._answered: set[str] = set()
        self.now_ms = at(0)
        self.plans: list[PlanOutbound] = []
        self._say([Status(technician=who, time_ms=self.now_ms, status="on_shift") for who in ROUTES])

    def step(self) -> None:
        """Some time passes, with what everybody says in it."""
        self.now_ms += self._step_ms
        due = [one for one in self._script if one.time_ms <= self.now_ms]
        self._script = [one for one in self._script if one.time_ms > self.now_ms]
        self._say([*due, *self._heard()])
        self._say([status for person in self._people.values() for status in person.says(self.now_ms)])
        self._tick()
        self._writer.flush()
        time.sleep(self._pause_s)

    def until(self, holds: Callable[[], bool], what: str, minutes: float = 180.0) -> None:
        """Step until it holds, at most to so many minutes after eight."""
        while not holds():
            assert self.now_ms < at(minutes), f"not within {minutes:.0f} minutes: {what}"
            self.step()

    def close(self) -> None:
        self._writer.close()
        self._plans.close()
        self._technicians.close()

    def _heard(self) -> Iterator[TerritoryInbound]:
        """Technicians hear their log; the dispatcher accepts each proposal as soon as it is seen."""
        for record in self._technicians.poll(20):
            event = codec.decode(record.value, record.key)
            if isinstance(event, Assignment | Route):
                self._people[event.technician].hear(event, self.now_ms)
        for record in self._plans.poll(20):
            plan = day_codec.decode_plan(record.value)
            assert not hasattr(plan, "detail"), plan
            self.plans.append(plan)
            if isinstance(plan, Proposed) and plan.proposal.proposal not in self._answered:
                self._answered.add(plan.proposal.proposal)
                yield AcceptProposal(
                    territory=NORTH, time_ms=self.now_ms, proposal=plan.proposal.proposal, by="dora"
                )

    def _say(self, events: Sequence[TerritoryInbound | Inbound]) -> None:
        for event in events:
            territory = getattr(event, "territory", None)
            topic = self._topics.technicians if isinstance(event, Status) else self._topics.territories
            key = event.technician.encode() if isinstance(event, Status) else str(territory).encode()
            self._writer.send(Message(topic, key, codec.encode(event), None, self.now_ms))

    def _tick(self) -> None:
        value = codec.encode(Tick(time_ms=self.now_ms))
        for topic in (self._topics.technicians, self._topics.territories):
            for partition in range(self._settings.kafka.partitions):
                self._writer.send(Message(topic, None, value, partition, self.now_ms))


class Told(msgspec.Struct):
    """What stands on a log: each once, where repetitions say the very same."""

    assignments: dict[tuple[str, int, str], Assignment]
    routes: dict[tuple[str, int], Route]
    last: dict[tuple[str, str], Assignment]


def told_technicians(settings: Settings) -> Told:
    """All assignments and routes on `technicians`. Fails where two of one version say different things."""
    assignments: dict[tuple[str, int, str], Assignment] = {}
    routes: dict[tuple[str, int], Route] = {}
    last: dict[tuple[str, str], Assignment] = {}
    with LogReader(settings, Topics.of(settings).technicians) as reader:
        for record in reader.to_end():
            event = codec.decode(record.value, record.key)
            if isinstance(event, Assignment):
                known = assignments.setdefault(
                    (event.technician, event.plan_version, event.appointment), event
                )
                assert known == event, "an assignment was sent twice with another content"
                last[event.technician, event.appointment] = event
            elif isinstance(event, Route):
                known_route = routes.setdefault((event.technician, event.plan_version), event)
                assert known_route == event, "a route was sent twice with another content"
    return Told(assignments, routes, last)


def plans(settings: Settings) -> list[PlanOutbound]:
    """All of `plans` once, in order. Fails where a repetition says something else."""
    found: dict[str, PlanOutbound] = {}
    causes: dict[object, str] = defaultdict(str)
    with LogReader(settings, Topics.of(settings).plans) as reader:
        for record in reader.to_end():
            plan = day_codec.decode_plan(record.value)
            assert found.setdefault(plan.id, plan) == plan, "a plan was sent twice with another content"
            assert causes.setdefault(plan.cause, plan.id) == plan.id
    return list(found.values())
