"""The first pass over a batch: every record is taken in, and what becomes of it is sorted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from features import cleaning, clock, intake
from features.cleaning import Kept
from features.clock import Clock
from features.events import (
    Assignment,
    Conclusion,
    Dropped,
    Flagged,
    Ping,
    Profile,
    Reminder,
    Route,
    Status,
    Tick,
    Ticked,
)
from features.intake import Arriving, Intake, Outcome
from features.moment import Cleaned, Record
from features.ordering import Turned
from features.params import TelemetryParams
from features.rejection import Rejection
from features.repeats import is_new
from features.technician import PartitionState, TechnicianState
from features.waiting import ping_of

_NEW = Intake()
_OURS = (Assignment, Route, Reminder)
_COUNTED_AS = {Status: "statuses", Assignment: "assignments", Route: "routes", Profile: "profiles"}


class Reception:
    """What a batch has brought so far. Lives for one batch; `intakes` has whoever was touched.

    `cleaned` is (releasing offset, technician, what) in the order of release, `rejections` (releasing
    offset, refused offset, why), `conclusions` what is known already, by releasing offset. `ticked` has the
    ticks that advanced the clock, which are told after everything that they released.
    """

    def __init__(
        self, technicians: Mapping[str, TechnicianState], before: PartitionState, params: TelemetryParams
    ) -> None:
        self.clock = Clock(before.clock_ms, before.received_ms, before.held_ticks)
        self.intakes: dict[str, Intake] = {}
        self.cleaned: list[tuple[int, str, Cleaned]] = []
        self.conclusions: dict[int, list[Conclusion]] = {}
        self.rejections: list[tuple[int, int, Rejection]] = []
        self.ticked: list[tuple[int, Ticked]] = []
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.seen = dict(before.seen)
        self._technicians, self._params = technicians, params

    def take_in(self, records: Iterable[Record]) -> None:
        for record in records:
            event = record.event
            if type(event) is Tick:
                self._tick(record, event)
                continue
            self.clock = clock.heard(self.clock, record.received_ms)
            if isinstance(event, _OURS) and self._repeats(record, event):
                self.counts["repeated"] += 1
            elif type(event) is Reminder:
                # For the technician's app; here it changes nothing.
                self.counts["reminders"] += 1
            elif type(event) is Rejection:
                self.reject(record.offset, record.offset, event)
            else:
                self._arrive(record, event)

    def _repeats(self, record: Record, event: Assignment | Route | Reminder) -> bool:
        """Whether one of our agents has sent this before, and sent it again after a crash."""
        if event.cause is None or record.sent_back:
            return False
        return not is_new(self.seen, str(event.__struct_config__.tag), event.cause)

    def conclude(self, offset: int, conclusion: Conclusion) -> None:
        self.conclusions.setdefault(offset, []).append(conclusion)

    def reject(self, offset: int, refused: int, rejection: Rejection) -> None:
        self.counts[f"rejected.{rejection.reason}"] += 1
        self.rejections.append((offset, refused, rejection))

    def _arrive(self, record: Record, event: Arriving) -> None:
        name = event.technician
        before = self.intakes.get(name) or self._stored(name)
        after, outcomes = intake.advance(before, record, event, self._params)
        if after is not before:
            self.intakes[name] = after
        self.counts["pings" if type(event) is Ping else _COUNTED_AS[type(event)]] += 1
        for outcome in outcomes:
            if type(outcome) is Rejection and type(event) is Ping:
                self.counts["rejected_pings"] += 1
            self._sort(record.offset, name, outcome)

    def _tick(self, record: Record, tick: Tick) -> None:
        self.counts["ticks"] += 1
        time_ms = cleaning.believable_ms(tick.time_ms, record.received_ms, self._params.cleaning)
        if time_ms is None:
            self.reject(record.offset, record.offset, intake.from_the_future(tick, record))
            return
        self.clock, passes = clock.advance(self.clock, time_ms, self._params.clock)
        if passes:
            for name in sorted(self._due(time_ms)):
                self._pass_time(record.offset, name, time_ms)
            self.ticked.append((record.offset, Ticked(time_ms)))

    def _due(self, time_ms: int) -> Iterable[str]:
        for name, one in self.intakes.items():
            due_ms = intake.due_ms(one, self._params)
            if due_ms is not None and due_ms <= time_ms:
                yield name
        for name, state in self._technicians.items():
            if state.due_ms is not None and state.due_ms <= time_ms and name not in self.intakes:
                yield name

    def _pass_time(self, offset: int, name: str, time_ms: int) -> None:
        before = self.intakes.get(name) or self._stored(name)
        self.intakes[name], outcomes = intake.tick(before, time_ms, self._params)
        for outcome in outcomes:
            self._sort(offset, name, outcome)

    def _stored(self, name: str) -> Intake:
        state = self._technicians.get(name)
        return _NEW if state is None else intake.opened(state.intake, state.fix)

    def _sort(self, offset: int, name: str, outcome: Outcome) -> None:
        if type(outcome) is Kept:
            self.counts["kept"] += 1
            self.cleaned.append((offset, name, outcome))
        elif type(outcome) is Turned:
            self._drop(offset, name, outcome)
        elif type(outcome) is Rejection:
            self.reject(offset, offset, outcome)
        elif type(outcome) is Flagged:
            self.conclude(offset, outcome)
        else:
            self.cleaned.append((offset, name, outcome))

    def _drop(self, offset: int, name: str, turned: Turned) -> None:
        self.counts[f"dropped.{turned.reason}"] += 1
        if turned.reason == "duplicate":
            # What says nothing new is worth a count, but no message.
            return
        ping = turned.item.heard
        assert ping is not None, "only pings are dropped"
        self.conclude(offset, Dropped(name, turned.item.time_ms, turned.reason, ping_of(name, ping)))
