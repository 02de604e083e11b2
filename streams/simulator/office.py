"""What the office says: who works and what was promised, and what happens to it during the day."""

from collections.abc import Iterator, Mapping
from math import inf

from features.events import Assignment, Profile
from features.plan import Job, Shift
from features.territory_events import (
    AppointmentCancelled,
    AppointmentRequested,
    RoutesPlanned,
    ShiftPlanned,
    TechnicianLost,
    TerritoryEvent,
    TerritoryInbound,
)
from features.wire import Place
from streams.simulator.agenda import Appointment
from streams.simulator.fleet import Technician
from streams.simulator.stream import TERRITORIES, TOPIC, Delivery
from streams.simulator.today import Today
from streams.simulator.truth import TrueJob


def profile(who: Technician, time_ms: int) -> Profile:
    return Profile(
        technician=who.technician,
        time_ms=time_ms,
        name=who.name,
        territory=who.territory,
        skills=who.skills,
        groups=who.groups,
    )


def assignment(
    appointment: Appointment, technician: str, time_ms: int, *, withdrawn: bool = False
) -> Assignment:
    """What a technician is told of an appointment that is theirs, or is theirs no more."""
    return Assignment(
        technician=technician,
        time_ms=time_ms,
        appointment=appointment.appointment,
        fence=appointment.fence,
        lat=appointment.lat,
        lon=appointment.lon,
        window_start_ms=appointment.window_start_ms,
        window_end_ms=appointment.window_end_ms,
        depart_by_ms=appointment.depart_by_ms,
        withdrawn=withdrawn,
        territory=appointment.territory,
        planned_start_ms=appointment.planned_start_ms,
        job_type=appointment.job_type,
        title=appointment.title,
        skills=appointment.skills,
        priority=appointment.priority,
        hard=appointment.hard,
        emergency=appointment.emergency,
        expected_s=appointment.expected_s,
    )


def requested(appointment: Appointment, time_ms: int) -> AppointmentRequested:
    job = Job(
        appointment=appointment.appointment,
        place=Place(appointment.lat, appointment.lon),
        window_start_ms=appointment.window_start_ms,
        window_end_ms=appointment.window_end_ms,
        job_type=appointment.job_type,
        title=appointment.title,
        fence=appointment.fence,
        skills=appointment.skills,
        priority=appointment.priority,
        hard=appointment.hard,
        emergency=appointment.emergency,
        expected_s=appointment.expected_s,
    )
    return AppointmentRequested(territory=appointment.territory, time_ms=time_ms, job=job)


def unserved(appointment: Appointment, today: Today) -> TrueJob:
    """What became of an appointment that nobody has come for."""
    called_off = today.called_off(appointment.appointment, inf)
    return TrueJob(
        technician=appointment.technician,
        appointment=appointment.appointment,
        fence=appointment.fence,
        job_type=appointment.job_type,
        outcome="cancelled" if called_off else "unserved",
        expected_s=appointment.expected_s,
    )


class Office:
    """Speaks on `technicians` and `territories`."""

    def __init__(self, today: Today) -> None:
        self._today = today
        self._emergencies = list(today.disruptions.emergencies)
        self._cancelled = sorted(today.disruptions.cancelled.items(), key=lambda one: (one[1], one[0]))

    def opening(self) -> Iterator[Delivery]:
        """The roster, the shifts, all that customers were promised, and the routes that the day begins with."""
        at_ms = self._today.dispatch_ms
        fleet = self._today.world.fleet
        for who in fleet:
            yield Delivery(at_ms, TOPIC, who.technician, profile(who, at_ms))
        for who in fleet:
            yield _said(self._shift(who, at_ms))
        for agenda in self._today.agenda.values():
            for planned in agenda:
                yield _said(requested(planned.appointment, at_ms))
        for territory in sorted({who.territory for who in fleet}):
            yield _said(RoutesPlanned(territory=territory, time_ms=at_ms, routes=self._routes(territory)))

    def called(self, until_ms: float) -> Iterator[Delivery]:
        """Emergencies, and what customers call off before anybody has come. Each once."""
        while self._emergencies and self._emergencies[0][0] <= until_ms:
            called_ms, planned = self._emergencies.pop(0)
            yield _said(requested(planned.appointment, called_ms))
        while self._cancelled and self._cancelled[0][1] <= until_ms:
            name, cancelled_ms = self._cancelled.pop(0)
            if self._today.begun.get(name, cancelled_ms + 1) > cancelled_ms:
                territory = self._today.planned[name].appointment.territory
                yield _said(AppointmentCancelled(territory=territory, time_ms=cancelled_ms, appointment=name))

    def lost(self, who: Technician, time_ms: int) -> Delivery:
        return _said(
            TechnicianLost(
                territory=who.territory, time_ms=time_ms, technician=who.technician, reason="unwell"
            )
        )

    def _shift(self, who: Technician, time_ms: int) -> ShiftPlanned:
        today, agenda = self._today, self._today.world.params.agenda
        base = Place(*today.world.city.plane.point(who.base.x, who.base.y))
        shift = Shift(
            start_ms=today.at_ms(who.shift_start_h),
            end_ms=today.at_ms(who.shift_end_h),
            start=base,
            end=base,
            break_from_ms=today.at_ms(agenda.break_from_h),
            break_s=agenda.planned_break_s,
        )
        return ShiftPlanned(
            territory=who.territory,
            time_ms=time_ms,
            technician=who.technician,
            shift=shift,
            name=who.name,
            skills=who.skills,
        )

    def _routes(self, territory: str) -> Mapping[str, tuple[str, ...]]:
        return {
            who.technician: tuple(
                planned.appointment.appointment for planned in self._today.agenda[who.technician]
            )
            for who in self._today.world.fleet
            if who.territory == territory
        }


def _said(event: TerritoryInbound) -> Delivery:
    assert isinstance(event, TerritoryEvent)
    return Delivery(event.time_ms, TERRITORIES, event.territory, event)
