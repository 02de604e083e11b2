"""Ask VROOM. Call it in a process of its own that can be killed: it holds the GIL, and no limit interrupts it.

Of pyvroom 1.15.2 some private names are used, because the public ones lose what is needed: `_solve` takes
how many searches and how deep, `_routes` has ids as they are. Where they are gone, the public `solve` at
level 1 stands in for the first, and nothing for the second: then there is no answer.
"""

import numpy as np
import vroom
from numpy.typing import NDArray
from vroom import _vroom

from models.rebalancing.vroom_input import VroomInput, VroomJob, VroomRoutes, VroomVehicle

_PUBLIC_LEVEL = 1


def solve(asked: VroomInput) -> VroomRoutes | None:
    """Routes for all vehicles, the same for the same input; None where VROOM refuses it.

    A warm start that VROOM refuses is tried again cold.
    """
    if not asked.jobs or not asked.vehicles or not usable():
        return None
    for warm in (True, False) if asked.warm else (False,):
        try:
            return _answer(asked, _solved(_model(asked, warm), asked))
        except (_vroom.VroomInputException, _vroom.VroomInternalException):
            continue
    return None


def usable() -> bool:
    """Whether this pyvroom has the private names without which no answer can be read."""
    return hasattr(_vroom.Solution, "_routes") and hasattr(_vroom.Step, "_id")


def _solved(model: vroom.Input, asked: VroomInput) -> _vroom.Solution:
    try:
        return model._solve(
            nb_searches=asked.searches, depth=asked.depth, nb_threads=max(1, asked.threads), timeout=None
        )
    except (AttributeError, TypeError):
        return model.solve(exploration_level=_PUBLIC_LEVEL, nb_threads=max(1, asked.threads))


def _model(asked: VroomInput, warm: bool) -> vroom.Input:
    model = vroom.Input()
    for vehicle in asked.vehicles:
        profile = str(vehicle.id)
        # A fresh array for each: VROOM's own matrices must not be used twice.
        model.set_durations_matrix(profile, asked.travel_s.copy())
        model.set_costs_matrix(profile, _costs(asked, vehicle))
        model.add_vehicle(_vehicle(vehicle, profile, warm))
    model.add_job([_job(job) for job in asked.jobs])
    return model


def _costs(asked: VroomInput, vehicle: VroomVehicle) -> NDArray[np.uint32]:
    """Driving, and a bonus for one's own jobs: coming to any other costs more."""
    others = [job.place for job in asked.jobs if job.id not in vehicle.own]
    costs = asked.travel_s.copy()
    costs[:, others] += np.uint32(asked.bonus_s)
    # No way leads from a place to itself.
    np.fill_diagonal(costs, 0)
    return np.ascontiguousarray(costs, dtype=np.uint32)


def _job(job: VroomJob) -> vroom.Job:
    return vroom.Job(
        job.id,
        location=job.place,
        default_service=job.service_s,
        skills={job.skill},
        priority=job.priority,
        time_windows=[vroom.TimeWindow(job.opens_s, job.closes_s)],
    )


def _vehicle(vehicle: VroomVehicle, profile: str, warm: bool) -> vroom.Vehicle:
    breaks = []
    if vehicle.rest is not None:
        number, opens_s, closes_s, service_s = vehicle.rest
        breaks = [vroom.Break(number, [vroom.TimeWindow(opens_s, closes_s)], service=service_s)]
    steps = [vroom.VehicleStep("single", job) for job in vehicle.steps] if warm else []
    return vroom.Vehicle(
        vehicle.id,
        start=vehicle.start,
        end=vehicle.end,
        profile=profile,
        skills=set(vehicle.skills),
        time_window=vroom.TimeWindow(vehicle.free_s, vehicle.latest_end_s),
        breaks=breaks,
        steps=[vroom.VehicleStep("start"), *steps, vroom.VehicleStep("end")] if steps else [],
    )


def _answer(asked: VroomInput, solution: _vroom.Solution) -> VroomRoutes:
    jobs = {job.id for job in asked.jobs}
    routes = {
        route.vehicle: tuple(step._id for step in route.steps if step._id in jobs)
        for route in solution._routes
    }
    return VroomRoutes({vehicle.id: routes.get(vehicle.id, ()) for vehicle in asked.vehicles})
