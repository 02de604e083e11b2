"""What the demo has learned of its day so far, in numbers and in words."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence

from features.events import Assignment, AssignmentPassed, Conclusion, Profile, StatusChanged
from features.fence_events import Fence
from features.plan_events import PlanOutbound, ProposalClosed, Proposed
from features.territory_events import AppointmentRequested, Level, RiskChanged, RoutesPlanned
from streams.commands import words
from streams.simulator.stream import Delivery

REMEMBERED = 200
ENDS = ("completed", "incomplete", "no_access", "cancelled")
TOLD: tuple[Level, ...] = ("AT_RISK", "CRITICAL", "LATE")
Told = list[tuple[int, str]]
"""When something happened, and what."""


class Watch:
    """`plan` is what was said before the day; `address` is where the dispatcher's page is, "" without one."""

    def __init__(
        self, title: str, fences: Iterable[Fence], plan: Sequence[Delivery], address: str = ""
    ) -> None:
        self.title, self.address = title, address
        self.names: dict[str, str] = {fence.fence: fence.name for fence in fences}
        self.done: Counter[str] = Counter()
        self.feed: deque[tuple[int, str]] = deque(maxlen=REMEMBERED)
        self.risks: dict[str, Level] = {}
        self.waiting: dict[str, str] = {}
        self.accepted = 0
        self._serves: dict[str, str] = {}
        for one in plan:
            self._begin(one.value)

    @property
    def planned(self) -> Counter[str]:
        """How many appointments everybody has or had."""
        return Counter(self._serves.values())

    @property
    def at_risk(self) -> int:
        return sum(level in TOLD for level in self.risks.values())

    def hear(self, events: Iterable[Conclusion]) -> Told:
        """Take events in; those that somebody wants to read, as time and text."""
        said = []
        for event in events:
            if isinstance(event, StatusChanged) and event.appointment and event.after in ENDS:
                self.done[event.technician] += 1
            elif isinstance(event, AssignmentPassed):
                self._pass(event.assignment)
            told = words.tell(event, self.names)
            if told is not None:
                said.append((event.time_ms, told))
        self.feed.extend(said)
        return said

    def hear_of_plans(self, plans: Iterable[PlanOutbound], risks: Iterable[RiskChanged]) -> Told:
        """The same of what is proposed and decided, and of appointments that turn risky."""
        said = [told for one in risks if (told := self._risk(one)) is not None]
        said += [told for one in plans if (told := self._plan(one)) is not None]
        self.feed.extend(said)
        return said

    def _begin(self, event: object) -> None:
        if isinstance(event, Profile):
            self.names[event.technician] = event.name
        elif isinstance(event, AppointmentRequested):
            self.names[event.job.appointment] = event.job.title
        elif isinstance(event, RoutesPlanned):
            self._serves |= {name: who for who, stops in event.routes.items() for name in stops}

    def _pass(self, given: Assignment) -> None:
        if given.title:
            self.names.setdefault(given.appointment, given.title)
        if not given.withdrawn:
            self._serves[given.appointment] = given.technician
        elif self._serves.get(given.appointment) == given.technician:
            del self._serves[given.appointment]

    def _risk(self, event: RiskChanged) -> tuple[int, str] | None:
        before, of = self.risks.get(event.appointment), self._name(event.appointment)
        if event.level is None:
            self.risks.pop(event.appointment, None)
            return (event.time_ms, f"{of} is safe again") if before in TOLD else None
        self.risks[event.appointment] = event.level
        if event.level not in TOLD or event.level == event.before:
            return None
        why = f" ({event.reasons[0].kind.replace('_', ' ')})" if event.reasons else ""
        return event.time_ms, f"{of} is {event.level.replace('_', ' ').lower()}{why}"

    def _plan(self, event: PlanOutbound) -> tuple[int, str] | None:
        if isinstance(event, Proposed):
            self.waiting[event.proposal.proposal] = event.proposal.summary
            return event.time_ms, f"proposed: {event.proposal.summary}"
        if isinstance(event, ProposalClosed):
            self.waiting.pop(event.proposal, None)
            self.accepted += event.outcome == "accepted"
            by = f" by {event.by}" if event.by else ""
            return event.time_ms, f"a proposal was {event.outcome}{by}"
        return None

    def _name(self, appointment: str) -> str:
        return self.names.get(appointment) or appointment
