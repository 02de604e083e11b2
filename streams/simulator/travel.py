"""Going from place to place, with what happens on the way: errands, calls taken with the engine running,
waiting in front of a customer who is not expecting anybody yet, breaks at the roadside."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, hypot

import msgspec
import numpy as np

from streams.simulator.diary import Diary
from streams.simulator.fleet import Technician
from streams.simulator.places import DEPOT_HALF_WIDTH_M, Places, Site
from streams.simulator.quantities import Amount, Share
from streams.simulator.routing import Route, Router
from streams.simulator.streets import Place
from streams.simulator.track import DrivingParams, drive
from streams.simulator.truth import TrueStopKind


class TravelParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happens on the way. Shares are of legs; early means before the customer's window."""

    careless_share: Share = 0.06
    errand_share: Share = 0.05
    errand_min_s: Amount = 180.0
    errand_max_s: Amount = 900.0
    idling_share: Share = 0.05
    idling_min_s: Amount = 240.0
    idling_max_s: Amount = 900.0
    early_after_s: Amount = 240.0
    early_outside_share: Share = 0.6
    early_idling_max_s: Amount = 900.0
    early_distance_m: Amount = 260.0
    clear_of_fences_m: Amount = 70.0
    engine_off_after_s: Amount = 15.0


@dataclass(frozen=True)
class Pause:
    """A stop on the way, `at_m` from the start of the leg."""

    kind: TrueStopKind
    at_m: float
    seconds: float
    engine_on: bool


@dataclass(frozen=True)
class Roads:
    """What everybody drives on that day. `day_factor` slows all of them."""

    router: Router
    day_factor: float
    midnight_ms: int
    driving: DrivingParams
    travel: TravelParams


@dataclass(frozen=True, eq=False)
class Chances:
    """What is by chance on one leg, and the sites whose fences stops on the way keep out of."""

    draw: np.random.Generator
    clear: Sequence[Site]

    def is_clear(self, route: Route, at_m: float, margin_m: float) -> bool:
        if not 1 < at_m < route.length_m - 1:
            return False
        x, y = route.cut(at_m)[0].points[-1].tolist()
        return all(
            hypot(x - site.x, y - site.y) > max(site.radius_m, DEPOT_HALF_WIDTH_M) + margin_m
            for site in self.clear
        )


class Traveller:
    """One technician on the road. `at` is where they were last bound for."""

    def __init__(self, who: Technician, roads: Roads, diary: Diary) -> None:
        self.at = who.base
        self._who, self._roads, self._diary = who, roads, diary
        self._tail: Route | None = None

    @property
    def hour(self) -> float:
        return (self._diary.now_ms - self._roads.midnight_ms) / 3_600_000

    def expected_s(self, to: Place, arrive_ms: float) -> float:
        """What the router says of the way from here, for who wants to be there at about that time."""
        hour = (arrive_ms - self._roads.midnight_ms) / 3_600_000
        return self._roads.router.expected_s(self.at, to, hour)

    def go(
        self,
        to: Place,
        chances: Chances,
        appointment: str | None = None,
        *,
        not_before_ms: int | None = None,
        rest_s: float | None = None,
        short_of_m: float = 0.0,
    ) -> None:
        """Drive to a place and stand there with the engine on.

        `rest_s` asks for a break at the roadside, `short_of_m` parks that far before the place.
        """
        route = self._route(to, chances)
        factor = self._roads.day_factor * self._who.driving_factor
        factor *= exp(self._roads.driving.leg_sigma * float(chances.draw.standard_normal()))
        depart_ms = self._diary.now_ms
        pause = self._pause(route, route.expected_s * factor, chances, not_before_ms, rest_s)
        self.at, self._tail = to, None
        driven = route
        if 0 < short_of_m < route.length_m - (pause.at_m if pause else 0) - 1:
            driven, self._tail = route.cut(route.length_m - short_of_m)
        driving_s = self._drive(driven, factor, pause, chances.draw)
        self._diary.drove(appointment, depart_ms, driven.length_m, driving_s, route.expected_s)

    def _route(self, to: Place, chances: Chances) -> Route:
        careless = bool(chances.draw.random() < self._roads.travel.careless_share)
        route = self._roads.router.route(self.at, to, self.hour, careless=careless)
        return self._tail.joined(route) if self._tail else route

    def _drive(self, route: Route, factor: float, pause: Pause | None, draw: np.random.Generator) -> float:
        """Returns the seconds of driving."""
        first, *others = route.cut(pause.at_m) if pause else (route,)
        driving_s = self._drive_on(first, factor, draw)
        for rest in others:
            self._stand(pause, draw)
            driving_s += self._drive_on(rest, factor, draw)
        return driving_s

    def _drive_on(self, route: Route, factor: float, draw: np.random.Generator) -> float:
        driven = drive(route, draw, factor, self._roads.driving)
        self._diary.journal.drive(driven)
        return driven.duration_s

    def _stand(self, pause: Pause | None, draw: np.random.Generator) -> None:
        if pause is None:
            return
        diary, journal = self._diary, self._diary.journal
        begin_ms = diary.now_ms
        off_after_s = float(draw.uniform(1, self._roads.travel.engine_off_after_s))
        if pause.kind == "BREAK":
            diary.act("on_break")
        if pause.engine_on:
            journal.stand(pause.seconds)
        else:
            journal.stand(off_after_s)
            journal.ignition(False)
            journal.stand(pause.seconds - 2 * off_after_s)
            journal.ignition(True)
            journal.stand(off_after_s)
        if pause.kind == "BREAK":
            diary.act("on_shift")
        diary.stopped(pause.kind, begin_ms)

    def _pause(
        self, route: Route, eta_s: float, chances: Chances, not_before_ms: int | None, rest_s: float | None
    ) -> Pause | None:
        """At most one stop a leg, at a spot clear of the fences that would give it another meaning."""
        travel, draw = self._roads.travel, chances.draw
        at_m, lot = float(draw.uniform(0.2, 0.8)) * route.length_m, float(draw.random())
        early_s = (not_before_ms - self._diary.now_ms) / 1000 - eta_s if not_before_ms else 0.0
        long = float(draw.random())
        outside = bool(draw.random() < travel.early_outside_share)
        if rest_s is not None:
            pause = Pause("BREAK", at_m, rest_s, False)
        elif early_s > travel.early_after_s and outside:
            idles = early_s <= travel.early_idling_max_s
            pause = Pause(
                "IDLE" if idles else "PARKED", route.length_m - travel.early_distance_m, early_s, idles
            )
        elif lot < travel.errand_share:
            pause = Pause("PARKED", at_m, _between(travel.errand_min_s, travel.errand_max_s, long), False)
        elif lot < travel.errand_share + travel.idling_share:
            pause = Pause("IDLE", at_m, _between(travel.idling_min_s, travel.idling_max_s, long), True)
        else:
            return None
        return pause if chances.is_clear(route, pause.at_m, travel.clear_of_fences_m) else None


def _between(low: float, high: float, share: float) -> float:
    return low + share * (high - low)


def sites_with_a_meaning(own: Sequence[Site], places: Places) -> list[Site]:
    """The sites in which a stop of this technician means a visit, a depot or a break."""
    return [*own, *places.depots, *places.break_places]
