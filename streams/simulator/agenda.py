"""A day's appointments: who visits which site, in which order, when the customer expects them."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec
import numpy as np

from streams.simulator.fleet import Technician
from streams.simulator.places import Places, Site
from streams.simulator.quantities import Amount, Count, Share
from streams.simulator.routing import Router, crow_m
from streams.simulator.seeds import generator
from streams.simulator.streets import Place
from streams.simulator.work import JobType, WorkParams


class AgendaParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How full a day is and what is promised to customers. `full_share` of the shift may be planned.

    Assignments go out `dispatched_before_s` before the first shift of all begins.
    """

    min_visits: Count = 8
    max_visits: Count = 10
    full_share: Share = 1.0
    window_widths_min: tuple[int, ...] = (60, 120, 240)
    window_width_shares: tuple[float, ...] = (0.25, 0.5, 0.25)
    window_lead_share: Share = 0.35
    window_grid_min: Count = 15
    planned_stop_s: Amount = 240.0
    planned_break_s: Amount = 2_700.0
    break_from_h: Amount = 11.5
    high_priority_share: Share = 0.1
    dispatched_before_s: Amount = 600.0


class Appointment(msgspec.Struct, frozen=True):
    """One visit as planning promised it. Times are Unix milliseconds; `priority` 1 is the highest.

    `technician` is who was to serve it when the day began, "" for one that came up since. `expected_s` is the
    work planning expects, `depart_by_ms` the latest departure from the place before that still arrives within
    the window.
    """

    appointment: str
    title: str
    technician: str
    territory: str
    fence: str
    lat: float
    lon: float
    district: str
    job_type: str
    skills: tuple[str, ...]
    priority: int
    expected_s: float
    planned_start_ms: int
    window_start_ms: int
    window_end_ms: int
    depart_by_ms: int
    emergency: bool = False

    @property
    def hard(self) -> bool:
        """Whoever pays for the highest priority has an SLA that may not be missed; emergencies come as they come."""
        return self.priority == 1 and not self.emergency


class Planned(msgspec.Struct, frozen=True):
    """An appointment with its site and its kind of work, for those who live through the day."""

    appointment: Appointment
    site: Site
    job: JobType


def plan(
    seed: int,
    day: date,
    midnight_ms: int,
    fleet: Sequence[Technician],
    places: Places,
    router: Router,
    params: AgendaParams,
    work: WorkParams,
    degrees: dict[str, tuple[float, float]],
) -> dict[str, tuple[Planned, ...]]:
    """Each technician's appointments in order. No site is visited twice a day.

    `midnight_ms` is the local midnight that begins the day, `degrees` the (lat, lon) of each site's fence.
    """
    free = _sites_by_district(seed, day, places)
    planner = _Planner(seed, day, midnight_ms, router, params, work, degrees)
    return {who.technician: tuple(planner.agenda(who, free[who.district])) for who in fleet}


def _sites_by_district(seed: int, day: date, places: Places) -> dict[str, list[Site]]:
    """Sites in a new order each day, to be taken from the end."""
    found: dict[str, list[Site]] = {}
    order = generator(seed, day, "sites").permutation(len(places.sites))
    for n in order.tolist():
        found.setdefault(places.sites[n].district, []).append(places.sites[n])
    return found


def title(site: Site, job: JobType) -> str:
    """What people call an appointment: `Meter exchange · Customer 12`."""
    return f"{job.job_type.replace('_', ' ').capitalize()} · {site.name}"


class _Planner:
    def __init__(
        self,
        seed: int,
        day: date,
        midnight_ms: int,
        router: Router,
        params: AgendaParams,
        work: WorkParams,
        degrees: dict[str, tuple[float, float]],
    ) -> None:
        self._seed, self._day, self._midnight_ms = seed, day, midnight_ms
        self._router, self._params, self._work, self._degrees = router, params, work, degrees

    def agenda(self, who: Technician, free: list[Site]) -> Iterator[Planned]:
        """Takes its sites out of `free`."""
        draw = generator(self._seed, self._day, who.technician, "agenda")
        count = int(draw.integers(self._params.min_visits, self._params.max_visits + 1))
        chosen = [free.pop() for _ in range(min(count, len(free)))]
        jobs = self._jobs(who, draw, len(chosen))
        at, now_h, rested = who.base, who.shift_start_h, False
        for n, (site, job) in enumerate(zip(_tour(who.base, chosen), jobs, strict=True)):
            travel_s = self._router.expected_s(at, site.parking, now_h)
            start_h = now_h + (travel_s + self._params.planned_stop_s) / 3600
            if start_h + job.mean_min / 60 > self._planned_end_h(who):
                break
            number = f"{self._day:%Y%m%d}-{who.technician.removeprefix('tech-')}{n + 1:02d}"
            yield Planned(self._appointment(number, who, site, job, start_h, travel_s, draw), site, job)
            at, now_h = site.parking, start_h + job.mean_min / 60
            if not rested and now_h > self._params.break_from_h:
                now_h, rested = now_h + self._params.planned_break_s / 3600, True

    def _planned_end_h(self, who: Technician) -> float:
        return who.shift_start_h + self._params.full_share * (who.shift_end_h - who.shift_start_h)

    def _jobs(self, who: Technician, draw: np.random.Generator, count: int) -> list[JobType]:
        able = [job for job in self._work.job_types if job.skill in who.skills]
        shares = np.array([job.share for job in able])
        return [able[n] for n in draw.choice(len(able), count, p=shares / shares.sum()).tolist()]

    def _appointment(
        self,
        number: str,
        who: Technician,
        site: Site,
        job: JobType,
        start_h: float,
        travel_s: float,
        draw: np.random.Generator,
    ) -> Appointment:
        window_start_ms, window_end_ms = self._window(start_h, draw)
        lat, lon = self._degrees[site.fence]
        return Appointment(
            appointment=f"job-{number}",
            title=title(site, job),
            technician=who.technician,
            territory=who.territory,
            fence=site.fence,
            lat=lat,
            lon=lon,
            district=site.district,
            job_type=job.job_type,
            skills=(job.skill,),
            priority=1 if draw.random() < self._params.high_priority_share else 3,
            expected_s=job.mean_min * 60,
            planned_start_ms=self._ms(start_h),
            window_start_ms=window_start_ms,
            window_end_ms=window_end_ms,
            depart_by_ms=window_end_ms - round(travel_s * 1000),
        )

    def _window(self, start_h: float, draw: np.random.Generator) -> tuple[int, int]:
        params = self._params
        width_min = int(draw.choice(params.window_widths_min, p=params.window_width_shares))
        lead_min = width_min * params.window_lead_share * float(draw.uniform(0.5, 1.5))
        begin_min = (start_h * 60 - lead_min) // params.window_grid_min * params.window_grid_min
        return self._ms(begin_min / 60), self._ms((begin_min + width_min) / 60)

    def _ms(self, hour: float) -> int:
        return self._midnight_ms + round(hour * 3_600_000)


def _tour(base: Place, sites: list[Site]) -> Iterator[Site]:
    """The morning's sites and then the afternoon's, as customers asked for them, each nearest first."""
    half = len(sites) // 2
    morning = list(_nearest_first(base, sites[:half]))
    yield from morning
    yield from _nearest_first(morning[-1].parking if morning else base, sites[half:])


def _nearest_first(base: Place, sites: list[Site]) -> Iterator[Site]:
    at, left = base, list(sites)
    while left:
        site = min(left, key=lambda site: crow_m(at, site.parking))
        left.remove(site)
        yield site
        at = site.parking
