"""Small builders of technicians' states and steps."""

from collections.abc import Iterable

from features.fix import Fix
from features.geo import cell_of
from features.geofence import Phase, Visit
from features.technician import PartitionState, TechnicianState
from streams.ports import Step

AUSTIN = (30.2672, -97.7431)
TIME_MS = 1_700_000_000_000


def technician(
    name: str,
    at: tuple[float, float] | None = None,
    *,
    territory: str | None = None,
    skills: Iterable[str] = (),
    fences: Iterable[str] = (),
    **fields: object,
) -> TechnicianState:
    """A technician at (latitude, longitude), inside some fences."""
    return TechnicianState(
        technician=name,
        fix=None if at is None else Fix(TIME_MS, at[0], at[1], accuracy_m=8.0),
        cell=None if at is None else cell_of(at[0], at[1], 9),
        territory=territory,
        skills=tuple(skills),
        visits={fence: Visit(Phase.INSIDE, entered_ms=TIME_MS) for fence in fences},
        **fields,
    )


def step(
    expected: int | None,
    position: int,
    *states: TechnicianState,
    partition: int = 0,
    partition_state: PartitionState | None = None,
) -> Step:
    """A step of some technicians' states."""
    return Step(
        partition,
        expected,
        position,
        partition_state or PartitionState(),
        {state.technician: state for state in states},
    )
