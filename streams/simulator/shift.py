"""One technician's day as it is lived: visits in their order, a break, a trip for parts, and home again."""

from collections.abc import Sequence
from math import exp

import msgspec
import numpy as np

from streams.simulator.agenda import Planned
from streams.simulator.diary import Diary
from streams.simulator.fleet import Technician
from streams.simulator.places import Places, Site
from streams.simulator.plane import Plane
from streams.simulator.quantities import Amount, Positive, Share
from streams.simulator.routing import crow_m
from streams.simulator.streets import Place
from streams.simulator.track import Track
from streams.simulator.travel import Roads, Traveller, sites_with_a_meaning
from streams.simulator.truth import Outcome, TrueJob, Truth
from streams.simulator.work import WorkParams, true_duration_s


class ShiftParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a day holds besides work."""

    device_on_before_s: Amount = 300.0
    device_on_after_s: Amount = 600.0
    max_start_delay_s: Amount = 600.0
    overtime_s: Amount = 3_600.0
    break_from_h: Amount = 11.5
    break_spread_h: Amount = 0.75
    break_place_share_of_days: Share = 0.7
    break_median_s: Positive = 2_400.0
    break_sigma: Amount = 0.15
    depot_trip_share_of_days: Share = 0.2
    depot_trip_min_s: Amount = 360.0
    depot_trip_max_s: Amount = 1_200.0
    parked_away_share_of_visits: Share = 0.01
    parked_away_min_m: Amount = 110.0
    parked_away_max_m: Amount = 180.0
    setup_max_s: Amount = 150.0
    paperwork_median_s: Positive = 120.0
    paperwork_sigma: Amount = 0.6
    engine_off_max_s: Amount = 60.0


def live(
    who: Technician,
    agenda: Sequence[Planned],
    roads: Roads,
    places: Places,
    plane: Plane,
    draw: np.random.Generator,
    params: ShiftParams,
    work: WorkParams,
) -> tuple[Track, Truth]:
    """Live through a technician's day. The same draws give the same day."""
    return _Shift(who, agenda, roads, places, plane, draw, params, work).live()


class _Shift:
    def __init__(
        self,
        who: Technician,
        agenda: Sequence[Planned],
        roads: Roads,
        places: Places,
        plane: Plane,
        draw: np.random.Generator,
        params: ShiftParams,
        work: WorkParams,
    ) -> None:
        self._who, self._agenda, self._places = who, agenda, places
        self._draw, self._params, self._work = draw, params, work
        self._start_ms = roads.midnight_ms + round(who.shift_start_h * 3_600_000)
        self._end_ms = roads.midnight_ms + round(who.shift_end_h * 3_600_000)
        self._diary = Diary(who, plane, self._start_ms - params.device_on_before_s * 1000)
        own = [planned.site for planned in agenda]
        self._road = Traveller(who, roads, self._diary, draw, sites_with_a_meaning(own, places))
        self._factor = who.work_factor * exp(work.slow_day_sigma * float(draw.standard_normal()))
        self._break_h = params.break_from_h + params.break_spread_h * float(draw.random())
        self._rest_s = params.break_median_s * exp(params.break_sigma * float(draw.standard_normal()))
        self._break_place = bool(draw.random() < params.break_place_share_of_days)
        self._roadside_rest_s: float | None = None
        self._rested = False
        trip = draw.random() < params.depot_trip_share_of_days
        self._trip_before = int(draw.integers(1, 8)) if trip else None

    def live(self) -> tuple[Track, Truth]:
        self._begin()
        for n, planned in enumerate(self._agenda):
            self._rest_if_due()
            if n == self._trip_before:
                self._fetch_parts()
            self._serve(planned)
        self._go_home()
        return self._diary.closed()

    def _begin(self) -> None:
        diary, params = self._diary, self._params
        begin_ms = diary.now_ms
        diary.journal.stand(params.device_on_before_s)
        diary.act("on_shift")
        diary.journal.stand(float(self._draw.uniform(30, params.max_start_delay_s)))
        self._engine_on()
        self._stopped_at_base(begin_ms)

    def _stopped_at_base(self, begin_ms: int) -> None:
        depot = self._who.depot
        self._diary.stopped("DEPOT" if depot else "PARKED", begin_ms, depot.fence if depot else None)

    def _rest_if_due(self) -> None:
        if self._rested or self._road.hour < self._break_h:
            return
        self._rested = True
        if not self._break_place:
            self._roadside_rest_s = self._rest_s
            return
        place = self._nearest(self._places.break_places)
        self._road.go(place.parking)
        begin_ms = self._diary.now_ms
        self._diary.act("on_break")
        self._engine_off_for(self._rest_s)
        self._diary.act("on_shift")
        self._diary.stopped("BREAK", begin_ms, place.fence)

    def _fetch_parts(self) -> None:
        depot = self._nearest(self._places.depots)
        self._road.go(depot.parking)
        begin_ms = self._diary.now_ms
        low, high = self._params.depot_trip_min_s, self._params.depot_trip_max_s
        self._engine_off_for(float(self._draw.uniform(low, high)))
        self._diary.stopped("DEPOT", begin_ms, depot.fence)

    def _nearest(self, sites: Sequence[Site]) -> Site:
        here = Place(self._diary.journal.x, self._diary.journal.y, 0, 0.0)
        return min(sites, key=lambda site: crow_m(here, site.parking))

    def _serve(self, planned: Planned) -> None:
        appointment, now_ms = planned.appointment, self._diary.now_ms
        if appointment.cancelled_ms is not None and appointment.cancelled_ms <= now_ms:
            self._close(planned, "cancelled")
        elif now_ms > self._end_ms + self._params.overtime_s * 1000:
            self._close(planned, "unserved")
        else:
            self._diary.act("en_route", appointment.appointment)
            self._travel_to(planned)
            self._visit(planned)

    def _travel_to(self, planned: Planned) -> None:
        params, appointment = self._params, planned.appointment
        away = bool(self._draw.random() < params.parked_away_share_of_visits)
        away_m = float(self._draw.uniform(params.parked_away_min_m, params.parked_away_max_m))
        rest_s, self._roadside_rest_s = self._roadside_rest_s, None
        self._road.go(
            planned.site.parking,
            appointment.appointment,
            not_before_ms=appointment.window_start_ms,
            rest_s=rest_s,
            short_of_m=away_m if away else 0.0,
        )

    def _visit(self, planned: Planned) -> None:
        diary, appointment = self._diary, planned.appointment
        arrive_ms = diary.now_ms
        diary.act("on_site", appointment.appointment)
        runs_on = bool(self._draw.random() < planned.job.engine_on)
        diary.journal.stand(float(self._draw.uniform(5, self._params.engine_off_max_s)))
        if not runs_on:
            diary.journal.ignition(False)
        diary.journal.stand(float(self._draw.uniform(20, self._params.setup_max_s)))
        diary.journal.stand((appointment.window_start_ms - diary.now_ms) / 1000)
        self._work_on(planned)
        self._paperwork()
        if not runs_on:
            self._engine_on()
        diary.visited(appointment.appointment, planned.site.fence, arrive_ms)
        diary.stopped("ON_SITE", arrive_ms, planned.site.fence, appointment.appointment)

    def _work_on(self, planned: Planned) -> None:
        diary, work, name = self._diary, self._work, planned.appointment.appointment
        duration_s = true_duration_s(planned.job, work, self._draw, self._factor, self._road.hour)
        lot = float(self._draw.random())
        if lot < work.no_access_share:
            diary.journal.stand(work.no_access_wait_s)
            diary.act("no_access", name)
            self._close(planned, "no_access")
            return
        incomplete = lot < work.no_access_share + work.incomplete_share
        start_ms = diary.now_ms
        diary.act("in_progress", name)
        if planned.job.pto:
            diary.journal.pto(True)
        diary.journal.stand(duration_s / 2 if incomplete else duration_s)
        if planned.job.pto:
            diary.journal.pto(False)
        outcome: Outcome = "incomplete" if incomplete else "completed"
        diary.act(outcome, name)
        self._close(planned, outcome, start_ms)

    def _close(self, planned: Planned, outcome: Outcome, start_ms: int | None = None) -> None:
        appointment = planned.appointment
        job = TrueJob(
            technician=self._who.technician,
            appointment=appointment.appointment,
            fence=appointment.fence,
            job_type=appointment.job_type,
            outcome=outcome,
            expected_s=appointment.expected_s,
            start_ms=start_ms,
            end_ms=None if start_ms is None else self._diary.now_ms,
        )
        self._diary.worked(job)

    def _paperwork(self) -> None:
        spread = self._params.paperwork_sigma * float(self._draw.standard_normal())
        self._diary.journal.stand(self._params.paperwork_median_s * exp(spread))

    def _engine_off_for(self, seconds: float) -> None:
        """Stand `seconds`, with the engine off but at the ends."""
        self._diary.journal.stand(float(self._draw.uniform(5, self._params.engine_off_max_s)))
        self._diary.journal.ignition(False)
        self._diary.journal.stand(seconds)
        self._engine_on()

    def _engine_on(self) -> None:
        self._diary.journal.ignition(True)
        self._diary.journal.stand(float(self._draw.uniform(3, 30)))

    def _go_home(self) -> None:
        diary = self._diary
        self._road.go(self._who.base)
        begin_ms = diary.now_ms
        diary.journal.stand(float(self._draw.uniform(5, self._params.engine_off_max_s)))
        diary.journal.ignition(False)
        diary.act("off_shift")
        diary.journal.stand(self._params.device_on_after_s)
        self._stopped_at_base(begin_ms)
