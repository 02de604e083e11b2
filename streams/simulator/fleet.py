"""Technicians: who they are, what they can, when they work, where they start, what they drive."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np

from streams.simulator.city import City, territory_id
from streams.simulator.places import Places, Site
from streams.simulator.quantities import Amount, Count, Positive, Share
from streams.simulator.seeds import generator
from streams.simulator.streets import Place
from streams.simulator.work import WorkParams


class FleetParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The roster. Shares are of technicians; `from_depot_share` of those whose district has a depot."""

    technicians: Count = 24
    early_shift_start_h: Amount = 7.0
    late_shift_start_h: Amount = 8.5
    shift_length_h: Positive = 9.0
    from_depot_share: Share = 0.6
    second_skill_share: Share = 0.6
    no_ignition_share: Share = 0.1
    no_sequence_share: Share = 0.1
    no_accuracy_share: Share = 0.1
    driving_sigma: Amount = 0.08


FIRST_NAMES = (
    *("Ada", "Bruno", "Carmen", "Dario", "Elif", "Femi", "Greta", "Hana", "Ivo", "Jonas", "Kemal", "Lena"),
    *("Mira", "Nils", "Oona", "Pavel", "Rosa", "Sami", "Tove", "Umar", "Vera", "Wanda", "Yara", "Zeno"),
)
LAST_NAMES = (
    *("Abara", "Bergmann", "Castillo", "Duarte", "Eriksen", "Fontana", "Grabowski", "Haddad", "Ilves"),
    *("Jansen", "Keller", "Lindqvist", "Moreau", "Novak", "Okafor", "Petrov", "Quintero", "Rossi", "Silva"),
)


@dataclass(frozen=True)
class Technician:
    """`territory` is where they work, `district` the part of it in which they begin.

    `depot` is where they start and end, None for those who start at home; `base` is the place either way.
    `work_factor` and `driving_factor` stretch their jobs and legs. The `has_` fields tell what their
    device reports.
    """

    technician: str
    name: str
    territory: str
    district: str
    skills: tuple[str, ...]
    groups: tuple[str, ...]
    shift_start_h: float
    shift_end_h: float
    base: Place
    depot: Site | None
    work_factor: float
    driving_factor: float
    has_ignition: bool
    has_sequence: bool
    has_accuracy: bool


def build(
    seed: int, city: City, places: Places, params: FleetParams, work: WorkParams
) -> tuple[Technician, ...]:
    """The roster of a seed. Another technician more leaves the others as they are."""
    return tuple(_technician(seed, n, city, places, params, work) for n in range(params.technicians))


def _technician(
    seed: int, n: int, city: City, places: Places, params: FleetParams, work: WorkParams
) -> Technician:
    draw = generator(seed, "technician", n)
    part = city.districts[n % len(city.districts)]
    district = part.district
    skills = tuple(_skills(draw, n, params, work))
    start_h = params.early_shift_start_h if draw.random() < 0.7 else params.late_shift_start_h
    base, depot = _base(draw, city, places, params, district)
    device = draw.random(3) >= [params.no_ignition_share, params.no_sequence_share, params.no_accuracy_share]
    # Power take-off is told by the truck itself, so the truck's ignition is known as well.
    has_ignition = bool(device[0]) or any(job.pto and job.skill in skills for job in work.job_types)
    return Technician(
        technician=f"tech-{n + 1:02d}",
        name=_name(seed, n),
        territory=territory_id(part.side),
        district=district,
        skills=skills,
        groups=(part.side, district, "depot" if depot else "home"),
        shift_start_h=start_h,
        shift_end_h=start_h + params.shift_length_h,
        base=base,
        depot=depot,
        work_factor=float(np.exp(work.technician_sigma * draw.standard_normal())),
        driving_factor=float(np.exp(params.driving_sigma * draw.standard_normal())),
        has_ignition=has_ignition,
        has_sequence=bool(device[1]),
        has_accuracy=bool(device[2]),
    )


def _name(seed: int, n: int) -> str:
    """No two alike among the first few hundred."""
    first, last = (n * 7 + seed) % len(FIRST_NAMES), (n * 5 + seed) % len(LAST_NAMES)
    return f"{FIRST_NAMES[first]} {LAST_NAMES[last]}"


def _skills(draw: np.random.Generator, n: int, params: FleetParams, work: WorkParams) -> Iterator[str]:
    """The commonest skill for everybody, others in turn, so that each district has nearly all of them."""
    known = list(dict.fromkeys(job.skill for job in work.job_types))
    yield known[0]
    yield known[1 + n % (len(known) - 1)]
    if draw.random() < params.second_skill_share:
        yield known[1 + (n + 1) % (len(known) - 1)]


def _base(
    draw: np.random.Generator, city: City, places: Places, params: FleetParams, district: str
) -> tuple[Place, Site | None]:
    depot = next((site for site in places.depots if site.district == district), None)
    if depot and draw.random() < params.from_depot_share:
        return depot.parking, depot
    edge = int(draw.choice(places.home_edges[district]))
    return city.streets.beside(edge, 0.5, 10.0), None
