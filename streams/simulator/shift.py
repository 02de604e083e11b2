"""One technician's day as it is lived: one decision after another, by what their app shows at that moment.

At each decision they commit themselves to one thing: a leg, a visit, a break, a trip for parts, the way home.
What is heard meanwhile counts at the next decision. Who has nothing to do waits where they are, with the
engine off, until there is work or the shift ends.

Chance belongs to what it is about: the work of an appointment is the same whoever does it and whenever, a leg
to it the same for a technician wherever it begins. So two days that were decided differently have the same luck.
"""

from collections.abc import Iterator, Sequence
from math import exp

from streams.simulator.agenda import Planned
from streams.simulator.app import App
from streams.simulator.diary import Diary
from streams.simulator.fleet import Technician
from streams.simulator.places import Site
from streams.simulator.routing import crow_m
from streams.simulator.streets import Place
from streams.simulator.today import Today
from streams.simulator.travel import Chances, Traveller, sites_with_a_meaning
from streams.simulator.visit import Visitor


class Shift:
    """`lost_ms` is when the technician stopped for the day, where something made them; `over` when all is done."""

    def __init__(self, who: Technician, today: Today, app: App) -> None:
        params = today.world.params.shift
        self.over = False
        self.lost_ms: int | None = None
        self._who, self._today, self._app, self._params = who, today, app, params
        self._start_ms, self._end_ms = today.at_ms(who.shift_start_h), today.at_ms(who.shift_end_h)
        self.diary = Diary(who, today.world.city.plane, self._start_ms - params.device_on_before_s * 1000)
        self._road = Traveller(who, today.roads, self.diary)
        self._draw = draw = today.draw(who.technician, "shift")
        slow_day = exp(today.world.params.work.slow_day_sigma * float(draw.standard_normal()))
        self._visitor = Visitor(who, today, self.diary, who.work_factor * slow_day)
        self._break_ms = today.at_ms(params.break_from_h + params.break_spread_h * float(draw.random()))
        self._rest_s = params.break_median_s * exp(params.break_sigma * float(draw.standard_normal()))
        self._break_place = bool(draw.random() < params.break_place_share_of_days)
        trip = draw.random() < params.depot_trip_share_of_days
        self._trip_before = int(draw.integers(1, 8)) if trip else None
        self._begun = self._rested = False
        self._bound: Planned | None = None
        self._served = 0

    def live(self, until_ms: float) -> None:
        """Take every decision that is due before `until_ms`. What was committed to may go on after it."""
        while not self.over and self.diary.journal.now_ms < until_ms:
            self._decide(until_ms)

    def _decide(self, until_ms: float) -> None:
        if not self._begun:
            self._begin()
        elif self._bound is not None:
            self._arrive(self._bound)
        elif self._stops_for_today():
            self._go_home()
        elif not self._rested and self._break_place and self.diary.journal.now_ms >= self._break_ms:
            self._rest()
        else:
            self._go_on(until_ms)

    def _go_on(self, until_ms: float) -> None:
        planned = self._next()
        wake_ms = self._end_ms if planned is None else self._departs_ms(planned)
        if wake_ms > self.diary.journal.now_ms:
            self._wait(min(wake_ms, until_ms, *self._interruptions_ms()))
        elif planned is None:
            self._go_home()
        elif self._served == self._trip_before:
            self._fetch_parts()
        else:
            self._set_out(planned)

    def _interruptions_ms(self) -> Iterator[float]:
        """What ends a wait before there is work."""
        if not self._rested and self._break_place:
            yield self._break_ms
        out_ms = self._today.disruptions.out.get(self._who.technician)
        if out_ms is not None:
            yield out_ms

    def _next(self) -> Planned | None:
        for one in self._app.ahead(self.diary.journal.now_ms):
            if one.appointment in self._today.planned:
                return self._today.planned[one.appointment]
        return None

    def _departs_ms(self, planned: Planned) -> float:
        """When it is time to go; those who would be much too early wait where they are, but not beyond the shift."""
        there_ms = planned.appointment.window_start_ms - self._params.early_at_most_s * 1000
        if there_ms <= self.diary.journal.now_ms:
            return 0.0
        return min(there_ms - self._road.expected_s(planned.site.parking, there_ms) * 1000, self._end_ms)

    def _stops_for_today(self) -> bool:
        out_ms = self._today.disruptions.out.get(self._who.technician)
        if out_ms is not None and out_ms <= self.diary.now_ms:
            self.lost_ms = self.diary.now_ms
            return True
        return self.diary.now_ms > self._end_ms + self._params.overtime_s * 1000

    def _begin(self) -> None:
        self._begun = True
        self.diary.arrived("DEPOT" if self._who.depot else "PARKED", self._base_fence())
        self.diary.journal.stand(self._params.device_on_before_s)
        self.diary.act("on_shift")
        self.diary.journal.stand(float(self._draw.uniform(30, self._params.max_start_delay_s)))

    def _wait(self, until_ms: float) -> None:
        self._visitor.engine_off()
        if not self.diary.stands:
            self.diary.arrived("PARKED")
        self.diary.journal.stand_until(until_ms)

    def _set_out(self, planned: Planned) -> None:
        name, params = planned.appointment.appointment, self._params
        self._app.takes(name, self.diary.now_ms)
        self._leave()
        self.diary.act("en_route", name)
        chances = self._chances(name, planned.site)
        away = bool(chances.draw.random() < params.parked_away_share_of_visits)
        away_m = float(chances.draw.uniform(params.parked_away_min_m, params.parked_away_max_m))
        rests = not self._rested and self.diary.journal.now_ms >= self._break_ms
        self._rested |= rests
        self._road.go(
            planned.site.parking,
            chances,
            name,
            not_before_ms=planned.appointment.window_start_ms,
            rest_s=self._rest_s if rests else None,
            short_of_m=away_m if away else 0.0,
        )
        self._bound = planned

    def _arrive(self, planned: Planned) -> None:
        """At the door: it may have been given to somebody else or called off while they were on the road."""
        name = planned.appointment.appointment
        self._bound = None
        if not self._app.holds(name, self.diary.journal.now_ms):
            return
        self._app.done(name)
        self._served += 1
        if name in self._today.begun or self._today.called_off(name, self.diary.now_ms):
            self.diary.act("cancelled", name)
            return
        self._today.begun[name] = self.diary.now_ms
        self._visitor.visit(planned)

    def _rest(self) -> None:
        self._rested = True
        place = self._nearest(self._today.world.places.break_places)
        self._leave()
        self._road.go(place.parking, self._chances("the break"))
        self.diary.arrived("BREAK", place.fence)
        self.diary.act("on_break")
        self._stand_with_engine_off(self._rest_s)
        self.diary.act("on_shift")

    def _fetch_parts(self) -> None:
        self._trip_before = None
        depot = self._nearest(self._today.world.places.depots)
        self._leave()
        chances = self._chances("the parts")
        self._road.go(depot.parking, chances)
        self.diary.arrived("DEPOT", depot.fence)
        low, high = self._params.depot_trip_min_s, self._params.depot_trip_max_s
        self._stand_with_engine_off(float(chances.draw.uniform(low, high)))

    def _nearest(self, sites: Sequence[Site]) -> Site:
        here = Place(self.diary.journal.x, self.diary.journal.y, 0, 0.0)
        return min(sites, key=lambda site: crow_m(here, site.parking))

    def _chances(self, what: str, *bound_for: Site) -> Chances:
        known = [self._today.planned.get(one.appointment) for one in self._app.ahead(self.diary.now_ms)]
        own = [one.site for one in known if one is not None]
        clear = sites_with_a_meaning([*own, *bound_for], self._today.world.places)
        return Chances(self._today.draw(self._who.technician, "leg", what), clear)

    def _leave(self) -> None:
        self._visitor.engine_on()
        self.diary.left()

    def _stand_with_engine_off(self, seconds: float) -> None:
        self.diary.journal.stand(float(self._draw.uniform(5, self._params.engine_off_max_s)))
        self._visitor.engine_off()
        self.diary.journal.stand(seconds)

    def _go_home(self) -> None:
        diary, fence = self.diary, self._base_fence()
        if self.lost_ms is not None:
            diary.act("off_shift")
        if self._road.at != self._who.base:
            self._leave()
            self._road.go(self._who.base, self._chances("home"))
            diary.arrived("DEPOT" if fence else "PARKED", fence)
        self._stand_with_engine_off(0.0)
        if self.lost_ms is None:
            diary.act("off_shift")
        diary.journal.stand(self._params.device_on_after_s)
        diary.left()
        self.over = True

    def _base_fence(self) -> str | None:
        return self._who.depot.fence if self._who.depot else None
