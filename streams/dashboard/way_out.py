"""Until when a decision still helps an appointment that is at risk."""

from features.geo import distance_m
from features.plan_events import Move
from features.wire import Place
from streams.dashboard.day import Day

DETOUR = 1.35
SPEED_MPS = 9.0
"""Of driving through a town, door to door: enough to tell a quarter of an hour from half an hour."""


def decide_by_ms(day: Day, appointment: str) -> int | None:
    """The latest moment at which the best known way out still works; None where nobody could go.

    Where a proposal gives it to somebody, they have to set out so early that they arrive before its window
    closes; without one, the nearest of those who have the skills. What a proposal moves for the sake of
    another works as long as that one's does.
    """
    planned, move = day.appointment(appointment), _move(day, appointment)
    if planned is None:
        return None
    if move is not None and move.after_technician == planned.technician:
        others = (one for one in _handed_over(day) if one != appointment)
        return min((by for one in others if (by := decide_by_ms(day, one)) is not None), default=None)
    takers = _able(day, appointment)
    if move is not None and move.after_technician in day.territory.roster:
        takers = [move.after_technician]
    drives = [_drive_ms(_from(day, one), planned.job.place) for one in takers]
    return max(day.now_ms, planned.job.window_end_ms - min(drives)) if drives else None


def _move(day: Day, appointment: str) -> Move | None:
    moves = day.proposal.moves if day.proposal is not None else ()
    return next((move for move in moves if move.appointment == appointment), None)


def _handed_over(day: Day) -> list[str]:
    """What the proposal gives to another technician."""
    moves = day.proposal.moves if day.proposal is not None else ()
    return [move.appointment for move in moves if move.after_technician != move.before_technician]


def _able(day: Day, appointment: str) -> list[str]:
    """Who could take it over."""
    planned = day.territory.appointments[appointment]
    wanted = set(planned.job.skills)
    return [
        technician
        for technician, rostered in day.territory.roster.items()
        if technician != planned.technician
        and rostered.lost_ms is None
        and wanted.issubset(rostered.skills)
        and rostered.shift.end_ms > day.now_ms
    ]


def _from(day: Day, technician: str) -> Place:
    """Where somebody is; while that is not known, where their shift begins."""
    return day.place(technician) or day.territory.roster[technician].shift.start


def _drive_ms(start: Place, end: Place) -> int:
    return round(1000 * DETOUR * distance_m(start.lat, start.lon, end.lat, end.lon) / SPEED_MPS)
