"""A world's past days, as far as durations and travel times are learned from them: completed work and legs.

They are lived by the rules of `work.py` and `track.py`, but nobody plans them and no vehicle leaves a track:
visits follow one another, with a guess of the way between them; some legs are truly driven.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp

import numpy as np

from features.travel import Leg
from features.wire import Place as MapPlace
from models.dataset import History, PastJob
from streams.simulator.disruptions import REFERENCE_FLEET
from streams.simulator.fleet import Technician
from streams.simulator.places import Site
from streams.simulator.routing import crow_m
from streams.simulator.seeds import generator
from streams.simulator.streets import Place
from streams.simulator.track import drive
from streams.simulator.work import JobType, true_duration_s
from streams.simulator.world import World

DAYS = 40
LEGS = 1_600
"""Enough for a speed by the hour; each costs a search through the city."""
_AFIELD_SHARE = 0.15
"""Of visits: anywhere in the territory, as a change of plan brings them."""
_GUESS_MPS, _GUESS_S = 6.5, 330.0
"""Of the way from one visit to the next, as the crow flies; it only decides at which hours there is work."""
_AT_DOOR_S, _SET_UP_S, _TO_CAR_S = 5.0, 20.0, (3.0, 30.0)
"""What a visit and a departure take at least (`visit.py`)."""


def past(world: World, until: date, days: int = DAYS, legs: int = LEGS) -> History:
    """So many working days before `until`, oldest first, and about so many legs in all of them."""
    jobs: list[PastJob] = []
    ways: list[Leg] = []
    share = legs / (days * len(world.fleet) * world.params.agenda.max_visits)
    grounds = _Grounds(world)
    for day in _workdays(until, days):
        for who in world.fleet:
            lived = _PastDay(world, grounds, day, who)
            visits = list(lived.visits())
            jobs += [one.job for one in visits if one.job is not None]
            ways += lived.legs(visits, share)
    ways.sort(key=lambda leg: leg.left_ms)
    return History(tuple(jobs), tuple(ways), world.params.city.time_zone)


def _workdays(until: date, days: int) -> list[date]:
    """The last weekdays before `until`."""
    found: list[date] = []
    day = until
    while len(found) < days:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            found.append(day)
    return found[::-1]


@dataclass(frozen=True)
class _Visit:
    """From `start`, which the technician left at `left_h`, to a site; `job` where its work was completed."""

    start: Place
    begin: MapPlace
    site: Site
    left_h: float
    job: PastJob | None


class _Grounds:
    """The sites of each district and each territory."""

    def __init__(self, world: World) -> None:
        self._every = list(world.places.sites)
        self._district: dict[str, list[Site]] = {}
        self._territory: dict[str, list[Site]] = {}
        for site in self._every:
            self._district.setdefault(site.district, []).append(site)
        for district, sites in self._district.items():
            self._territory.setdefault(world.city.territory_of(district), []).extend(sites)

    def of(self, who: Technician) -> tuple[list[Site], list[Site]]:
        """Those of a technician's district, and those of the whole territory."""
        around = self._territory.get(who.territory, self._every)
        return self._district.get(who.district, around), around


class _PastDay:
    """One technician's."""

    def __init__(self, world: World, grounds: _Grounds, day: date, who: Technician) -> None:
        self._world, self._grounds, self._who = world, grounds, who
        self._midnight_ms = world.midnight_ms(day)
        work, driving = world.params.work, world.params.driving
        shift = generator(world.seed, day, who.technician, "shift")
        self._slow = who.work_factor * exp(work.slow_day_sigma * float(shift.standard_normal()))
        roads = generator(world.seed, day, "roads")
        self._roads = who.driving_factor * exp(driving.day_sigma * float(roads.standard_normal()))
        self._draw = generator(world.seed, day, who.technician, "past")

    def visits(self) -> Iterator[_Visit]:
        """In order, until the shift ends."""
        params, who = self._world.params.shift, self._who
        at, begin, rested = who.base, self._point(who.base.x, who.base.y), False
        now_h = who.shift_start_h + float(self._draw.uniform(30, params.max_start_delay_s)) / 3600
        for site, job in self._chosen():
            start_h = now_h + (crow_m(at, site.parking) / _GUESS_MPS + _GUESS_S) / 3600
            if start_h > who.shift_end_h:
                return
            done, spent_s = self._work(job, start_h)
            yield _Visit(at, begin, site, now_h, done)
            at, begin, now_h = site.parking, self._point(site.x, site.y), start_h + spent_s / 3600
            if not rested and now_h > params.break_from_h:
                now_h, rested = now_h + params.break_median_s / 3600, True

    def legs(self, visits: Sequence[_Visit], share: float) -> Iterator[Leg]:
        """Some of the ways, as they are truly driven."""
        for visit in visits:
            if self._draw.random() < share:
                yield self._leg(visit)

    def _chosen(self) -> Iterator[tuple[Site, JobType]]:
        """As many visits as a day may have, at random sites, each with work that the technician can do."""
        world, draw = self._world, self._draw
        count = world.params.agenda.max_visits
        able = [job for job in world.params.work.job_types if job.skill in self._who.skills]
        shares = np.array([job.share for job in able])
        kinds = draw.choice(len(able), count, p=shares / shares.sum()).tolist()
        for site, kind in zip(self._sites(count), kinds, strict=False):
            yield site, able[kind]

    def _sites(self, count: int) -> Iterator[Site]:
        """Sites of the own district, morning and afternoon each nearest first; now and then one farther away."""
        who, draw = self._who, self._draw
        own, around = self._grounds.of(who)
        at = who.base
        for half in np.array_split(draw.permutation(len(own))[:count], 2):
            left = [own[n] for n in half.tolist()]
            while left:
                site = min(left, key=lambda one, at=at: crow_m(at, one.parking))
                left.remove(site)
                if draw.random() < _AFIELD_SHARE:
                    site = around[int(draw.integers(len(around)))]
                yield site
                at = site.parking

    def _work(self, job: JobType, hour: float) -> tuple[PastJob | None, float]:
        """The work where it was completed, and the seconds spent in any case."""
        world, draw = self._world, self._draw
        work = world.params.work
        urgent, lot = draw.random(2)
        taken_s = true_duration_s(job, work, draw, self._slow * self._overrun(hour), hour)
        if lot < work.no_access_share:
            return None, work.no_access_wait_s
        if lot < work.no_access_share + work.incomplete_share:
            return None, taken_s / 2
        done = PastJob(
            technician=self._who.technician,
            job_type=job.job_type,
            priority=1 if urgent < world.params.agenda.high_priority_share else 3,
            expected_s=job.mean_min * 60,
            started_ms=self._ms(hour),
            duration_s=round(taken_s, 1),
        )
        return done, taken_s

    def _overrun(self, hour: float) -> float:
        """What a disruption makes of work, as often as `disruptions.py` says."""
        params, draw = self._world.params.disruptions, self._draw
        lot, factor = draw.random(), draw.uniform(params.overrun_min_factor, params.overrun_max_factor)
        span_h = params.until_h - params.from_h
        jobs = (
            self._world.params.agenda.max_visits * span_h / (self._who.shift_end_h - self._who.shift_start_h)
        )
        happens = params.from_h <= hour < params.until_h and lot < params.overruns / REFERENCE_FLEET / jobs
        return float(factor) if happens else 1.0

    def _leg(self, visit: _Visit) -> Leg:
        """Paperwork, the drive with what may happen on the way, setting up."""
        world, draw = self._world, self._draw
        shift, driving = world.params.shift, world.params.driving
        leaving_s = float(draw.uniform(*_TO_CAR_S))
        if visit.start != self._who.base:
            leaving_s += shift.paperwork_median_s * exp(shift.paperwork_sigma * float(draw.standard_normal()))
        careless = bool(draw.random() < world.params.travel.careless_share)
        hour = visit.left_h + leaving_s / 3600
        route = world.router.route(visit.start, visit.site.parking, hour, careless=careless)
        factor = self._roads * exp(driving.leg_sigma * float(draw.standard_normal()))
        way_s = drive(route, draw, factor, driving).duration_s + self._pause_s()
        way_s += float(
            draw.uniform(_AT_DOOR_S, shift.engine_off_max_s) + draw.uniform(_SET_UP_S, shift.setup_max_s)
        )
        end = self._point(visit.site.x, visit.site.y)
        left_ms = self._ms(visit.left_h)
        return Leg(visit.begin, end, left_ms, round(leaving_s, 1), round(way_s, 1), round(route.length_m))

    def _pause_s(self) -> float:
        """An errand or a call on the way, now and then (`travel.py`)."""
        travel, draw = self._world.params.travel, self._draw
        lot, long = draw.random(2).tolist()
        if lot < travel.errand_share:
            return float(travel.errand_min_s + long * (travel.errand_max_s - travel.errand_min_s))
        if lot < travel.errand_share + travel.idling_share:
            return float(travel.idling_min_s + long * (travel.idling_max_s - travel.idling_min_s))
        return 0.0

    def _point(self, x: float, y: float) -> MapPlace:
        return MapPlace(*self._world.city.plane.point(x, y))

    def _ms(self, hour: float) -> int:
        return self._midnight_ms + round(hour * 3_600_000)
