"""What a technician's day leaves behind while it is lived: the vehicle's track and the truth about it."""

from streams.simulator.fleet import Technician
from streams.simulator.plane import Plane
from streams.simulator.track import Journal, Track
from streams.simulator.truth import (
    Act,
    TrueJob,
    TrueLeg,
    TrueStop,
    TrueStopKind,
    TrueVisit,
    Truth,
)


class Diary:
    """Writes track and truth side by side; `now_ms` is the moment that the day has come to."""

    def __init__(self, who: Technician, plane: Plane, begin_ms: float) -> None:
        self.technician = who.technician
        self.journal = Journal(who.base.x, who.base.y, begin_ms)
        self._plane = plane
        self._visits: list[TrueVisit] = []
        self._stops: list[TrueStop] = []
        self._legs: list[TrueLeg] = []
        self._jobs: list[TrueJob] = []
        self._acts: list[Act] = []

    @property
    def now_ms(self) -> int:
        return round(self.journal.now_ms)

    def act(self, status: str, appointment: str | None = None) -> None:
        self._acts.append(Act(self.technician, self.now_ms, status, appointment))

    def stopped(
        self, kind: TrueStopKind, begin_ms: int, fence: str | None = None, appointment: str | None = None
    ) -> None:
        """A stop that began at `begin_ms` ends now."""
        lat, lon = self._plane.point(self.journal.x, self.journal.y)
        stop = TrueStop(self.technician, kind, begin_ms, self.now_ms, lat, lon, fence, appointment)
        self._stops.append(stop)

    def visited(self, appointment: str, fence: str, arrive_ms: int) -> None:
        """A visit that began at `arrive_ms` ends now."""
        self._visits.append(TrueVisit(self.technician, appointment, fence, arrive_ms, self.now_ms))

    def drove(
        self, appointment: str | None, depart_ms: int, length_m: float, driving_s: float, expected_s: float
    ) -> None:
        """A leg that began at `depart_ms` ends now."""
        leg = TrueLeg(
            technician=self.technician,
            appointment=appointment,
            depart_ms=depart_ms,
            arrive_ms=self.now_ms,
            length_m=round(length_m, 1),
            driving_s=round(driving_s, 1),
            expected_s=round(expected_s, 1),
        )
        self._legs.append(leg)

    def worked(self, job: TrueJob) -> None:
        self._jobs.append(job)

    def closed(self) -> tuple[Track, Truth]:
        truth = Truth(
            visits=tuple(self._visits),
            stops=tuple(self._stops),
            legs=tuple(self._legs),
            jobs=tuple(self._jobs),
            acts=tuple(self._acts),
        )
        return self.journal.track(), truth
