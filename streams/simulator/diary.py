"""What a technician's day leaves behind while it is lived: the vehicle's track and the truth about it."""

from dataclasses import dataclass

from streams.simulator.fleet import Technician
from streams.simulator.plane import Plane
from streams.simulator.track import Journal, Track
from streams.simulator.truth import Act, TrueJob, TrueLeg, TrueStop, TrueStopKind, TrueVisit, Truth


@dataclass(frozen=True)
class _Standing:
    """Where the vehicle stands, and since when."""

    kind: TrueStopKind
    begin_ms: int
    fence: str | None
    appointment: str | None


class Diary:
    """Writes track and truth side by side; `now_ms` is the moment that the day has come to."""

    def __init__(self, who: Technician, plane: Plane, begin_ms: float) -> None:
        self.technician = who.technician
        self.journal = Journal(who.base.x, who.base.y, begin_ms)
        self.pieces: list[Track] = []
        self._plane = plane
        self._standing: _Standing | None = None
        self._new_acts: list[Act] = []
        self._visits: list[TrueVisit] = []
        self._stops: list[TrueStop] = []
        self._legs: list[TrueLeg] = []
        self._jobs: list[TrueJob] = []
        self._acts: list[Act] = []

    @property
    def now_ms(self) -> int:
        return round(self.journal.now_ms)

    @property
    def stands(self) -> bool:
        """Whether the vehicle stands for a reason."""
        return self._standing is not None

    def act(self, status: str, appointment: str | None = None) -> None:
        self._new_acts.append(Act(self.technician, self.now_ms, status, appointment))

    def arrived(self, kind: TrueStopKind, fence: str | None = None, appointment: str | None = None) -> None:
        """The vehicle stands from now on, for this reason, until it has `left`."""
        self._standing = _Standing(kind, self.now_ms, fence, appointment)

    def left(self) -> None:
        """The vehicle goes on now; the stop, and the visit if it was one, are over."""
        standing, self._standing = self._standing, None
        if standing is None:
            return
        self.stopped(standing.kind, standing.begin_ms, standing.fence, standing.appointment)
        if standing.appointment is not None and standing.fence is not None:
            visit = TrueVisit(
                self.technician, standing.appointment, standing.fence, standing.begin_ms, self.now_ms
            )
            self._visits.append(visit)

    def stopped(
        self, kind: TrueStopKind, begin_ms: int, fence: str | None = None, appointment: str | None = None
    ) -> None:
        """A stop that began at `begin_ms` ends now."""
        lat, lon = self._plane.point(self.journal.x, self.journal.y)
        stop = TrueStop(self.technician, kind, begin_ms, self.now_ms, lat, lon, fence, appointment)
        self._stops.append(stop)

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

    def acts(self) -> list[Act]:
        """Those since the last call."""
        new, self._new_acts = self._new_acts, []
        self._acts += new
        return new

    def piece(self) -> Track:
        """The track since the last call."""
        piece = self.journal.piece()
        self.pieces.append(piece)
        return piece

    def truth(self) -> Truth:
        return Truth(
            visits=tuple(self._visits),
            stops=tuple(self._stops),
            legs=tuple(self._legs),
            jobs=tuple(self._jobs),
            acts=tuple(self._acts),
        )
