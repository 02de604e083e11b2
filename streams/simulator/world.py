"""A world from a seed: the same seed and parameters give the same city, fleet and days, byte for byte."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from math import ceil, sqrt

import msgspec

from features.fence_events import Circle, Fence
from streams.errors import BadInput
from streams.simulator import agenda, city, fleet, places
from streams.simulator.agenda import AgendaParams, Appointment, Planned, title
from streams.simulator.app import AppParams
from streams.simulator.city import CityParams
from streams.simulator.delivery import DeliveryParams
from streams.simulator.dispatcher import DispatcherParams
from streams.simulator.disruptions import DisruptionParams, Disruptions, Disruptor
from streams.simulator.fleet import FleetParams
from streams.simulator.habits import ShiftParams
from streams.simulator.noise import NoiseParams
from streams.simulator.places import PlacesParams, Site
from streams.simulator.routing import Router, RoutingParams
from streams.simulator.seeds import generator
from streams.simulator.taps import TapParams
from streams.simulator.track import DrivingParams
from streams.simulator.travel import TravelParams
from streams.simulator.work import JobType, WorkParams


class SimulatorParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`configs/simulator.toml`, a section for each part."""

    city: CityParams = CityParams()
    places: PlacesParams = PlacesParams()
    routing: RoutingParams = RoutingParams()
    fleet: FleetParams = FleetParams()
    work: WorkParams = WorkParams()
    agenda: AgendaParams = AgendaParams()
    driving: DrivingParams = DrivingParams()
    travel: TravelParams = TravelParams()
    shift: ShiftParams = ShiftParams()
    taps: TapParams = TapParams()
    noise: NoiseParams = NoiseParams()
    delivery: DeliveryParams = DeliveryParams()
    app: AppParams = AppParams()
    disruptions: DisruptionParams = DisruptionParams()
    dispatcher: DispatcherParams = DispatcherParams()


MOST_TECHNICIANS = 300
SITES_PER_TECHNICIAN = 17.5


def sized(params: SimulatorParams, technicians: int) -> SimulatorParams:
    """The same world for a fleet of another size: more sites, closer together, where the fleet needs them.

    Raises `BadInput` for more technicians than the city has room for.
    """
    if not 1 <= technicians <= MOST_TECHNICIANS:
        raise BadInput(
            f"{technicians} technicians: the simulated city has room for 1 to {MOST_TECHNICIANS}; "
            "`make bench` makes the load of larger fleets"
        )
    sites = max(params.places.sites, ceil(SITES_PER_TECHNICIAN * technicians))
    apart_m = params.places.site_apart_m * sqrt(params.places.sites / sites)
    return msgspec.structs.replace(
        params,
        fleet=msgspec.structs.replace(params.fleet, technicians=technicians),
        places=msgspec.structs.replace(params.places, sites=sites, site_apart_m=apart_m),
    )


class World:
    """What stays from day to day: `city`, `places`, `fleet`, and `router` over the city's streets."""

    def __init__(self, seed: int, params: SimulatorParams | None = None) -> None:
        """Raises ValueError where the parameters leave no room for the places they ask for."""
        self.seed = seed
        self.params = params or SimulatorParams()
        self.city = city.build(seed, self.params.city)
        self.places = places.build(seed, self.city, self.params.places)
        self.router = Router(self.city.streets, self.params.routing, self.places.closed)
        self.fleet = fleet.build(seed, self.city, self.places, self.params.fleet, self.params.work)

    @property
    def fences(self) -> tuple[Fence, ...]:
        """All fences: customer sites, depots, break places, territories, a no-go area."""
        return self.places.fences

    def midnight_ms(self, day: date) -> int:
        """The moment at which a local day begins."""
        zone = timezone(timedelta(hours=self.params.city.utc_offset_h))
        return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)

    def agenda(self, day: date) -> dict[str, tuple[Planned, ...]]:
        """Each technician's planned appointments of a day, in order."""
        return agenda.plan(
            self.seed,
            day,
            self.midnight_ms(day),
            self.fleet,
            self.places,
            self.router,
            self.params.agenda,
            self.params.work,
            self._degrees,
        )

    def disruptions(self, day: date, plan: Mapping[str, Sequence[Planned]]) -> Disruptions:
        """What will go wrong on a day that is planned like this."""
        planned = [one for own in plan.values() for one in own]
        visited = {one.site.fence for one in planned}
        disruptor = Disruptor(
            self.midnight_ms(day),
            self.fleet,
            planned,
            self.params.disruptions,
            lambda name: generator(self.seed, day, "disruptions", name),
        )
        return disruptor.disruptions(
            [site for site in self.places.sites if site.fence not in visited],
            self.params.work.job_types,
            lambda called_ms, site, job: self._emergency(day, called_ms, site, job),
        )

    @cached_property
    def _degrees(self) -> dict[str, tuple[float, float]]:
        """Where the sites are, (lat, lon) by fence."""
        return {
            fence.fence: (fence.geometry.lat, fence.geometry.lon)
            for fence in self.fences
            if isinstance(fence.geometry, Circle)
        }

    def _emergency(self, day: date, called_ms: int, site: Site, job: JobType) -> Appointment:
        lat, lon = self._degrees[site.fence]
        end_ms = called_ms + self.params.disruptions.emergency_window_min * 60_000
        return Appointment(
            appointment=f"job-{day:%Y%m%d}-e{site.fence.removeprefix('site-')}",
            title=title(site, job),
            technician="",
            territory=self.city.territory_of(site.district),
            fence=site.fence,
            lat=lat,
            lon=lon,
            district=site.district,
            job_type=job.job_type,
            skills=(job.skill,),
            priority=1,
            expected_s=job.mean_min * 60,
            planned_start_ms=called_ms,
            window_start_ms=called_ms,
            window_end_ms=end_ms,
            depart_by_ms=end_ms,
            emergency=True,
        )
